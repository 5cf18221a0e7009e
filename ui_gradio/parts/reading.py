"""How the prompt is understood, word by word: chips to correct, and the words that mean nothing to the composer."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.music.types import Reading
from ui_gradio.parts import part

EMPTY: dict[str, Any] = {"chips": [], "unknown": "", "excluded": "", "empty": True}


def reading() -> gr.HTML:
    """A click on a chip puts its value into the form, where it can be changed: event `use` with field and value."""
    return part(
        """<div class="read" role="status" aria-label="How this is understood">{{#if value.empty}}<small>Say what it should feel like: mood, genre, instruments, tempo, key, length. English or French.</small>{{/if}}
{{#each value.chips}}<button type="button" class="rc {{#if this.auto}}auto{{/if}}" data-act="use" data-field="{{this.field}}" data-value="{{this.value}}" title="{{this.title}}"><small>{{this.label}}</small>{{this.text}}</button>{{/each}}
{{#if value.excluded}}<small class="rx">Left out: {{value.excluded}}</small>{{/if}}{{#if value.unknown}}<small class="ru">Not understood: {{value.unknown}}</small>{{/if}}</div>""",
        script="reading", value=EMPTY,
    )  # fmt: skip


def shown(found: Reading) -> dict[str, Any]:
    def chip(field: str, label: str, value: Any, text: str = "") -> dict[str, Any]:
        known = value not in (None, "")
        return {
            "field": field, "label": label, "value": str(value) if known else "", "auto": not known,
            "text": (text or str(value)) if known else "open",
            "title": "Take this into the form, to change it" if known else "The composer chooses; set it in the form",
        }  # fmt: skip

    chips = [
        chip("mood", "Mood", found.mood), chip("genre", "Genre", found.genre),
        chip("bpm", "Tempo", found.bpm, f"{found.bpm:g} BPM" if found.bpm else ""), chip("key", "Key", found.key),
        chip("intensity", "Intensity", found.intensity),
        *[chip("instruments", "Instrument", name, name.replace("_", " ")) for name in found.instruments],
    ]  # fmt: skip
    if found.seconds:
        chips.append(chip("seconds", "Length", found.seconds, f"{found.seconds:g} s"))
    return {
        "chips": chips, "unknown": ", ".join(found.not_understood), "empty": False,
        "excluded": ", ".join(name.replace("_", " ") for name in found.excluded),
    }  # fmt: skip
