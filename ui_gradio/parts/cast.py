"""Who speaks in the script, and with which voice: a row for every name that begins lines."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import StudioError
from core.voice.gallery import curated, default_voice
from core.voice.languages import script_language
from core.voice.scripts.casting import Role, roles
from core.voice.speakers import folded
from core.voice.types import Voice
from ui_gradio.parts import part

NOT_A_SPEAKER = "-"
_LONGEST = 20_000


def cast() -> gr.HTML:
    """The choices live in the browser (studio-cast), by name, so that a reload and the next script keep them. `recast`
    tells that one was made; st.cast() gives them all."""
    return part(
        """<div class="cast" {{#if value.none}}hidden{{/if}}><div class="dr"><b>Cast</b><small>{{value.said}}</small></div>
<div class="roles">{{#each value.roles}}<label class="role"><span><b>{{this.name}}</b><small>{{this.lines}}</small></span><select class="inp" data-name="{{this.name}}" data-voice="{{this.voice}}" aria-label="Voice of {{this.name}}"></select></label>{{/each}}</div></div>""",
        script="cast", value=_EMPTY,
    )  # fmt: skip


_EMPTY: dict[str, Any] = {"none": True, "said": "", "roles": [], "voices": []}


def speakers(studio: Studio, actor: Actor, text: str, voice: str, chosen: str) -> dict[str, str]:
    """As a speech request takes them: what was chosen, and what is suggested where nothing was."""
    found = _cast(studio, actor, text, voice, chosen)
    return {role.name: role.voice for role in found if role.voice != NOT_A_SPEAKER}


def shown(studio: Studio, actor: Actor, text: str, voice: str, chosen: str) -> dict[str, Any]:
    found = _cast(studio, actor, text, voice, chosen)
    if not found:
        return _EMPTY
    return {
        "none": False, "said": f"{len(found)} name{'s' if len(found) > 1 else ''} at the beginning of lines; names are not spoken",
        "roles": [
            {"name": role.name, "lines": f"{role.lines} line{'s' if role.lines != 1 else ''}", "voice": role.voice}
            for role in found
        ],
        "voices": _offered(studio, actor, {role.voice for role in found}),
    }  # fmt: skip


def _cast(studio: Studio, actor: Actor, text: str, voice: str, chosen: str) -> list[Role]:
    try:
        narrator = studio.voice.book.find(actor, voice) if voice else default_voice(script_language(text))
    except StudioError:  # a voice that is no more
        narrator = default_voice()
    return roles(text, narrator=narrator, chosen=_choices(chosen))


def _choices(chosen: str) -> dict[str, str]:
    """Voices by folded name, as the browser sent them; nothing where that cannot be read."""
    try:
        read = json.loads(chosen) if len(chosen) <= _LONGEST else {}
    except ValueError:
        read = {}
    pairs = read.items() if isinstance(read, dict) else ()
    return {folded(name): voice_id[:200] for name, voice_id in pairs if isinstance(voice_id, str)}


def _offered(studio: Studio, actor: Actor, used: set[str]) -> list[dict[str, str]]:
    """Voices to choose from: those chosen by hand, those of services, and whichever is in use."""
    listed: list[Voice] = [*curated(), *studio.voice.book.others(actor)]
    known = {voice.id for voice in listed}
    for voice_id in sorted(used - known - {"", NOT_A_SPEAKER}):
        try:
            listed.append(studio.voice.book.find(actor, voice_id))
        except StudioError:
            continue
    return [
        {"id": voice.id, "name": voice.name, "about": voice.accent or voice.style, "language": voice.language_name}
        for voice in listed
    ]
