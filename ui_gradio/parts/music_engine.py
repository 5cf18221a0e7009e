"""Who makes the music, on the Music page: a quality or an engine, the controls that engine knows, the price before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import StudioError
from core.music.engines import EMBEDDED, EngineLine
from ui_gradio.parts import PLAY, part
from ui_gradio.parts.rows import asset_row

_QUALITIES = (
    ("The engine I choose", ""), ("Draft: free, at once", "draft"), ("Standard: the best without cash", "standard"),
    ("Premium: the best within the caps", "premium"),
)  # fmt: skip
_MELODIES = 60
SAMPLING = ("negative_prompt", "temperature", "top_k", "top_p", "guidance", "steps", "strength")
"""Controls that only some engines know; empty means the engine's own value."""
_SHOWN = {"ending", "loopable", "instruments", "key", "bpm", "intensity", "seed"}
_NAMES = {"seconds": "length", "loopable": "loops", "bpm": "tempo"}
EMPTY: dict[str, Any] = {"price": "$0.00", "where": "on this machine", "wrong": "", "told": [], "near": []}


@dataclass(frozen=True)
class Controls:
    quality: gr.Dropdown
    engine: gr.Dropdown
    model: gr.Dropdown
    melody: gr.Dropdown
    numbers: Mapping[str, Any]
    soundfont: gr.Dropdown
    best_of: gr.Dropdown
    fresh: gr.Checkbox
    fold: gr.Accordion

    @property
    def all(self) -> list[Any]:
        return [
            self.quality,
            self.engine,
            self.model,
            self.melody,
            *self.numbers.values(),
            self.soundfont,
            self.best_of,
            self.fresh,
        ]


def controls(studio: Studio) -> Controls:
    lines = studio.music.engines.listing()
    quality = gr.Dropdown(list(_QUALITIES), value="", label="Quality", interactive=True, elem_id="music-quality")
    engine = gr.Dropdown(
        [(_title(line), line.name) for line in lines], value=EMBEDDED, label="Engine", interactive=True, elem_id="music-engine"
    )  # fmt: skip
    model = gr.Dropdown([], label="Model", interactive=True, visible=False, elem_id="music-model")
    with gr.Accordion("What this engine can be told besides", open=True, elem_classes="flat", visible=False) as fold:
        melody = gr.Dropdown([("none", "")], value="", label="Take up the tune of", interactive=True, visible=False,
                             elem_id="music-melody")  # fmt: skip
        numbers = {
            "negative_prompt": gr.Textbox("", label="Not to be heard", max_length=500, visible=False, interactive=True),
            "temperature": gr.Textbox("", label="Temperature", placeholder="1.0", max_length=6, visible=False, interactive=True),
            "top_k": gr.Textbox("", label="Top k", placeholder="250", max_length=6, visible=False, interactive=True),
            "top_p": gr.Textbox("", label="Top p", placeholder="0: not used", max_length=6, visible=False, interactive=True),
            "guidance": gr.Textbox("", label="Guidance", placeholder="the engine's own", max_length=6, visible=False,
                                   interactive=True),
            "steps": gr.Textbox("", label="Steps", placeholder="the engine's own", max_length=6, visible=False, interactive=True),
            "strength": gr.Textbox("", label="How far from the tune (0.01 to 1)", placeholder="1", max_length=6, visible=False,
                                   interactive=True),
        }  # fmt: skip
    soundfont = gr.Dropdown([("the studio's own", "")], value="", label="Instruments from", interactive=True, visible=False,
                            elem_id="music-soundfont")  # fmt: skip
    best_of = gr.Dropdown(
        [("Once", "1"), *((f"Up to {n} times, until it scores well", str(n)) for n in (2, 3, 4))], value="1", label="Make it",
        interactive=True, elem_id="music-best-of",
    )  # fmt: skip
    fresh = gr.Checkbox(False, label="Buy anew even if the library has it", visible=False, interactive=True,
                        elem_id="music-fresh")  # fmt: skip
    return Controls(quality, engine, model, melody, numbers, soundfont, best_of, fresh, fold)


def fitting(studio: Studio, actor: Actor, name: str, quality: str) -> list[Any]:
    """Updates of engine, model, melody, the numbers, SoundFont, fresh and the fold: what the chosen engine knows is shown."""
    line = line_of(studio, name)
    knows = set(line.obeys) if line and not quality else set()
    models = list(line.models) if line and not quality else []
    several = len(models) > 1
    tunes: list[tuple[str, str]] = [("none", "")]
    if "melody" in knows:
        found, _ = studio.library.search(actor, kinds=["music", "mix", "voiceover"], limit=_MELODIES)
        tunes += [(asset.name, asset.id) for asset in found]
    fonts = [("the studio's own", "")]
    if "soundfont" in knows:
        found, _ = studio.library.search(actor, kinds=["soundfont"], limit=_MELODIES)
        fonts += [(asset.name, asset.id) for asset in found]
    shown = [gr.update(visible=each in knows) for each in SAMPLING]
    return [
        gr.update(visible=not quality),
        gr.update(
            choices=models if several else [], value=line.default_model if line and several else None, visible=several
        ),
        gr.update(choices=tunes, value="", visible="melody" in knows),
        *shown,
        gr.update(choices=fonts, value="", visible=len(fonts) > 1),
        gr.update(visible=bool(line and line.paid) or quality == "premium"),
        gr.update(visible=bool(knows & {"melody", *SAMPLING})),
    ]


def given(studio: Studio, values: tuple[Any, ...], number: Any) -> dict[str, Any]:
    """Values of these controls as a request has them; what the engine does not know is hidden, so it may not count."""
    quality, name, model, melody, *rest = values
    *numbers, soundfont, best_of, fresh = rest
    line = None if quality else line_of(studio, name)
    knows = set(line.obeys) if line else set()
    found: dict[str, Any] = {"quality": quality or "", "fresh": bool(fresh)}
    if not quality and name:
        found["provider"] = name
    if line and len(line.models) > 1 and model in line.models:
        found["model"] = model
    if soundfont and "soundfont" in knows:
        found["soundfont"] = soundfont
    if int(best_of or 1) > 1:
        found["best_of"] = int(best_of)
    if melody and "melody" in knows:
        found["melody"] = melody
    for field, value in zip(SAMPLING, numbers, strict=True):
        if field not in knows or value in (None, ""):
            continue
        found[field] = str(value) if field == "negative_prompt" else number(field, value)
    return {field: value for field, value in found.items() if value not in ("", False)}


def line_of(studio: Studio, name: str) -> EngineLine | None:
    return next((line for line in studio.music.engines.listing() if line.name == name), None)


def estimated() -> gr.HTML:
    return part(
        f"""<div class="me" role="status" aria-label="What it will take">{{{{#if value.wrong}}}}<p class="wrong">{{{{value.wrong}}}}</p>{{{{/if}}}}
<p class="mp"><b>{{{{value.price}}}}</b> <small>{{{{value.where}}}}</small></p>
{{{{#if value.route}}}}<p><small>{{{{value.route}}}}</small></p>{{{{/if}}}}
{{{{#if value.had}}}}<p class="had">The library has this already: pressing Generate takes it from there at $0.00.</p>{{{{/if}}}}
{{{{#if value.ignored}}}}<p><small>This engine does not know: {{{{value.ignored}}}}</small></p>{{{{/if}}}}
{{{{#if value.licence}}}}<p><small>{{{{value.licence}}}}</small></p>{{{{/if}}}}
{{{{#if value.told.length}}}}<details><summary>What it will be told</summary><dl>{{{{#each value.told}}}}<dt>{{{{this.name}}}}</dt><dd>{{{{this.value}}}}</dd>{{{{/each}}}}</dl></details>{{{{/if}}}}
{{{{#if value.near.length}}}}<div class="near"><b>Near to it in your library</b>{{{{#each value.near}}}}<div class="nr"><button type="button" class="play" data-play="{{{{this.url}}}}" data-id="{{{{this.id}}}}" data-title="{{{{this.name}}}}" data-sub="{{{{this.meta}}}}" data-d="{{{{this.d}}}}" data-len="{{{{this.seconds}}}}" data-mixable="1" aria-pressed="false" aria-label="Play {{{{this.name}}}}">{PLAY}</button><span>{{{{this.name}}}} <small>{{{{this.why}}}}</small></span></div>{{{{/each}}}}</div>{{{{/if}}}}</div>""",
        value=EMPTY, elem_id="music-estimate",
    )  # fmt: skip


def told(studio: Studio, actor: Actor, request: dict[str, Any]) -> dict[str, Any]:
    """Price, words and near pieces for a request as the form has it."""
    try:
        found = studio.music.estimate(actor, **request)
    except StudioError as error:
        return EMPTY | {"wrong": f"{error.message} {error.hint}", "price": "", "where": ""}
    line = line_of(studio, found.engine)
    paid = bool(line and line.paid)
    embedded = found.engine == EMBEDDED
    near = (
        studio.music.similar(actor, **{k: v for k, v in request.items() if k not in ("provider", "quality")})
        if paid
        else []
    )
    return {
        "price": f"up to ${found.usd:.4f}" if found.usd else "$0.00", "wrong": "", "route": found.route,
        "where": found.title if paid else "on this machine", "had": bool(found.had),
        "ignored": ", ".join(_NAMES.get(name, name.replace("_", " ")) for name in found.ignored),
        "licence": "" if embedded or line is None else f"{line.licence_title}: {'commercial use allowed' if line.commercial else 'no commercial use cleared'}",
        "told": [] if embedded else [{"name": name, "value": _plain(value)} for name, value in found.told.items() if value not in (None, "", [], {})],
        "near": [asset_row(each.asset) | {"why": ", ".join(each.why)} for each in near],
    }  # fmt: skip


def _plain(value: Any) -> str:
    text = ", ".join(str(each) for each in value) if isinstance(value, list | tuple) else str(value)
    return text if len(text) <= 300 else f"{text[:297]}…"


def _title(line: EngineLine) -> str:
    return line.title if line.ready else f"{line.title} (not ready)"
