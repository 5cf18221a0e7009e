"""My Audio Library beside a generation tab: find, hear, open, bring in, and take into the mix."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from ui_gradio.errors import door
from ui_gradio.parts import PLAY, part
from ui_gradio.parts.rows import asset_row

SHOWN = 24


def panel(studio: Studio, kind: str) -> gr.HTML:
    def find(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        wanted = str(data.get("kind", ""))
        found, total = studio.library.search(
            actor, words=str(data.get("words", ""))[:200], kinds=[wanted] if wanted else [], limit=SHOWN
        )
        return {"rows": [asset_row(asset) for asset in found], "total": total}

    with gr.Column(elem_classes="card libpanel", min_width=0):
        return part(
        f"""<div class="hd"><h2>My Audio Library</h2><div class="acts"><button type="button" class="tb" data-act="new" title="Start with an empty page">New</button>
<button type="button" class="tb" data-act="upload">Upload</button></div></div>
<div class="lp"><input class="inp" type="search" placeholder="Search your audio" aria-label="Search your audio">
<div class="fs" role="group" aria-label="Kind"><button type="button" data-kind="" aria-pressed="true">All</button><button type="button" data-kind="voiceover" aria-pressed="false">Voice</button><button type="button" data-kind="music" aria-pressed="false">Music</button><button type="button" data-kind="mix" aria-pressed="false">Mixes</button></div></div>
<div class="pgrid" role="list" aria-label="My audio">{{{{#each value}}}}<article role="listitem" class="pc1" data-asset="{{{{this.id}}}}">
<button type="button" class="play small" data-play="{{{{this.url}}}}" data-id="{{{{this.id}}}}" data-title="{{{{this.name}}}}" data-sub="{{{{this.meta}}}}" data-d="{{{{this.d}}}}" data-len="{{{{this.seconds}}}}" data-mixable="1" aria-pressed="false" aria-label="Play {{{{this.name}}}}">{PLAY}</button>
<button type="button" class="body" data-act="open" data-id="{{{{this.id}}}}" aria-label="Details of {{{{this.name}}}}"><b>{{{{this.name}}}}</b><small>{{{{this.kind}}}} · {{{{this.dur}}}} · {{{{this.licence}}}}</small></button>
<button type="button" class="tb" data-act="add" data-id="{{{{this.id}}}}" data-title="{{{{this.name}}}}" aria-label="Add {{{{this.name}}}} to the mix" title="Add to mix">+ Mix</button></article>{{{{/each}}}}</div>
<p class="none" hidden></p>""",
        script="panel", value=[], functions=[door(studio, find)], kind=kind,
    )  # fmt: skip
