"""The mix on a timeline: voice over music, as they sound in it, with what was measured."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from ui_gradio.errors import door
from ui_gradio.parts import PLAY, part
from ui_gradio.parts.rows import asset_row, wave

BARS = 160


def timeline(studio: Studio) -> gr.HTML:
    def lanes(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        asset = studio.library.get(actor, str(data.get("id", "")))
        if asset.kind != "mix":
            return {}
        stems = [one for one in studio.library.beside(actor, asset.id) if one.kind == "stem"]
        rows = [{"name": one.role.partition(":")[2], "d": wave(one.peaks, BARS), "id": one.id} for one in stems]
        rows.sort(key=lambda row: row["name"] != "voice")
        master = asset.generation_config.get("master", {})
        facts = [
            ("Loudness", f"{asset.lufs:.1f} LUFS" if asset.lufs is not None else ""),
            ("True peak", f"{asset.true_peak_dbtp:.1f} dBTP" if asset.true_peak_dbtp is not None else ""),
            ("Ducked", f"{master['ducked_s']:.1f} s" if master.get("ducked_s") is not None else ""),
            ("Target", str(master.get("target", "")).replace("_", " ").capitalize()),
            ("Limiter", f"{master['limiter_db']:.1f} dB" if master.get("limiter_db") else ""),
        ]
        return {
            "mix": asset_row(asset) | {"d": wave(asset.peaks, BARS)}, "lanes": rows,
            "facts": [{"name": name, "value": value} for name, value in facts if value],
        }  # fmt: skip

    return part(
        f"""{{{{#if value.mix}}}}<div class="hd tlh"><div class="tlt"><button type="button" class="play" data-play="{{{{value.mix.url}}}}" data-id="{{{{value.mix.id}}}}" data-title="{{{{value.mix.name}}}}" data-sub="{{{{value.mix.meta}}}}" data-d="{{{{value.mix.d}}}}" data-len="{{{{value.mix.seconds}}}}" aria-pressed="false" aria-label="Play {{{{value.mix.name}}}}">{PLAY}</button><div><h2>{{{{value.mix.name}}}}</h2><p>{{{{value.mix.dur}}}} · {{{{value.mix.licence}}}}</p></div></div>
<div class="acts"><button type="button" class="tb ink" data-act="open" data-id="{{{{value.mix.id}}}}">Export with rights</button></div></div>
<div class="tl" role="slider" tabindex="0" aria-label="Timeline" aria-valuemin="0" aria-valuemax="{{{{value.mix.seconds}}}}" aria-valuenow="0"><i class="head"></i>{{{{#each value.lanes}}}}<div class="lane {{{{this.name}}}}"><b>{{{{this.name}}}}</b><svg class="wf" viewBox="0 0 {BARS * 4} 40" preserveAspectRatio="none" aria-hidden="true"><path d="{{{{this.d}}}}"/></svg></div>{{{{/each}}}}</div>
<div class="meters">{{{{#each value.facts}}}}<div><small>{{{{this.name}}}}</small><b>{{{{this.value}}}}</b></div>{{{{/each}}}}</div>
{{{{else}}}}<div class="hd"><h2>Result</h2></div><p class="none">Both lanes and the measured loudness appear here after the first render.</p>{{{{/if}}}}""",
        script="timeline", value={}, functions=[door(studio, lanes)],
    )  # fmt: skip
