"""One piece of music taken apart: its form, and its stems running together with mute and solo."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from ui_gradio.errors import door
from ui_gradio.parts import PLAY, part
from ui_gradio.parts.rows import asset_row
from ui_gradio.parts.score import markup, view


def piece(studio: Studio) -> gr.HTML:
    def apart(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        asset = studio.library.get(actor, str(data.get("id", "")))
        if asset.source != "ai_music":
            return {}
        beside = studio.library.beside(actor, asset.id)
        stems = [asset_row(one) | {"label": one.role.partition(":")[2]} for one in beside if one.kind == "stem"]
        midi = next((one.id for one in beside if one.kind == "midi"), "")
        config = asset.generation_config
        sections = [
            {"name": str(one["name"]).capitalize(), "start": one["start_s"], "end": one["end_s"],
             "energy": one["energy"], "chords": " ".join(map(str, one.get("chords", [])))}
            for one in config.get("sections", [])
        ]  # fmt: skip
        return {
            "piece": asset_row(asset),
            "stems": stems,
            "midi": midi,
            "sections": sections,
            "quality": view(config.get("quality")),
        }

    return part(
        f"""{{{{#if value.piece}}}}<div class="hd"><h2>{{{{value.piece.name}}}}</h2><p>{{{{value.piece.meta}}}}</p></div>
<div class="sm" role="group" aria-label="Sections">{{{{#each value.sections}}}}<button type="button" data-act="jump" data-start="{{{{this.start}}}}" data-end="{{{{this.end}}}}" style="--a:{{{{this.energy}}}}" title="{{{{this.chords}}}}" aria-label="Play from {{{{this.name}}}}"><b>{{{{this.name}}}}</b><small>{{{{this.chords}}}}</small></button>{{{{/each}}}}</div>
{{{{#if value.stems}}}}<div class="hd stemhead"><h2>Stems</h2><div class="acts"><button type="button" class="tb" data-act="stems">Play stems</button>{{{{#if value.midi}}}}<a class="tb" href="/export/{{{{value.midi}}}}?pack=false" download>MIDI</a>{{{{/if}}}}</div></div>{{{{/if}}}}
<div class="tk" role="list" aria-label="Stems">{{{{#each value.stems}}}}<div role="listitem" class="tr st" data-stem="{{{{this.label}}}}"><b class="sn">{{{{this.label}}}}</b>
<svg class="wf" viewBox="0 0 384 40" preserveAspectRatio="none" aria-hidden="true"><path d="{{{{this.d}}}}"/></svg>
<button type="button" class="tb sq" data-act="mute" data-stem="{{{{this.label}}}}" aria-pressed="false" aria-label="Mute {{{{this.label}}}}">M</button><button type="button" class="tb sq" data-act="solo" data-stem="{{{{this.label}}}}" aria-pressed="false" aria-label="Solo {{{{this.label}}}}">S</button>
<a class="tb" href="/export/{{{{this.id}}}}?pack=false" download aria-label="Download the {{{{this.label}}}} stem">WAV</a></div>{{{{/each}}}}</div>
{{{{#if value.quality.rows}}}}<details class="ql"><summary>Quality <span class="pill {{{{value.quality.mood}}}}">{{{{value.quality.total}}}} of 100</span> <small>{{{{value.quality.about}}}}</small></summary>{markup("value.quality")}</details>{{{{/if}}}}
{{{{else}}}}<div class="hd"><h2>Sections and stems</h2></div><p class="none">The form of the piece and its stems appear here, with mute and solo.</p>{{{{/if}}}}<span hidden>{PLAY}</span>""",
        script="piece", value={}, functions=[door(studio, apart)],
    )  # fmt: skip
