"""The library's grid: find, filter, choose several, open one."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.store.assets import KINDS as ALL_KINDS
from ui_gradio.errors import door
from ui_gradio.parts import PLAY, part
from ui_gradio.parts.rows import asset_row

PAGE = 60
FILTERS = (
    ("", "All"), ("voiceover", "Voice"), ("music", "Music"), ("mix", "Mixes"), ("sound_effect", "Effects"),
    ("stem", "Stems"), ("midi", "MIDI"), ("captions", "Captions"),
    ("video", "Films"),
)  # fmt: skip
ORDERS = (("new", "Newest"), ("name", "Name"), ("rating", "Best rated"), ("duration", "Longest"))


def grid(studio: Studio) -> gr.HTML:
    def find(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        kind = str(data.get("kind", ""))
        found, total = studio.library.search(
            actor, words=str(data.get("words", ""))[:200], kinds=[kind] if kind in ALL_KINDS else [],
            folder=str(data["folder"]) if data.get("folder") else None, binned=bool(data.get("binned")),
            favourite=True if data.get("favourite") else None, order=str(data.get("order", "new")),
            tag=str(data["tag"]) if data.get("tag") else None,
            limit=PAGE, offset=max(0, int(data.get("offset") or 0)),
        )  # fmt: skip
        rows = [asset_row(asset) for asset in found]
        return {"rows": rows, "total": total, "folders": studio.library.folders(actor)}

    kinds = "".join(
        f'<button type="button" data-kind="{kind}" aria-pressed="{str(not kind).lower()}">{title}</button>'
        for kind, title in FILTERS
    )
    orders = "".join(f'<option value="{name}">{title}</option>' for name, title in ORDERS)
    return part(
        f"""<div class="gbar"><input class="inp" type="search" placeholder="Search names, tags, words, moods, keys…" aria-label="Search the library">
<select class="inp folder" aria-label="Folder"><option value="">All folders</option></select><select class="inp order" aria-label="Order">{orders}</select></div>
<div class="gbar two"><div class="fs" role="group" aria-label="Kind">{kinds}</div><div class="fs" role="group" aria-label="Show"><button type="button" data-flag="favourite" aria-pressed="false">Favourites</button><button type="button" data-flag="binned" aria-pressed="false">Bin</button></div></div>
<div class="bulk" hidden role="region" aria-label="Selected"><b></b><button type="button" class="tb" data-bulk="add">Add to mix</button><button type="button" class="tb" data-bulk="file">Move to folder…</button><button type="button" class="tb bad" data-bulk="bin">Move to bin</button><button type="button" class="tb" data-bulk="restore">Restore</button><button type="button" class="tb bad" data-bulk="purge">Delete for good</button><button type="button" class="tb" data-bulk="clear">Clear</button></div>
<div class="ag" role="list" aria-label="Library">{{{{#each value}}}}<article role="listitem" class="ac" data-asset="{{{{this.id}}}}"><label class="ck"><input type="checkbox" value="{{{{this.id}}}}" aria-label="Select {{{{this.name}}}}"></label>{{{{#if this.favourite}}}}<span class="fav" role="img" aria-label="Favourite">♥</span>{{{{/if}}}}
{{{{#if this.audio}}}}<button type="button" class="th" data-play="{{{{this.url}}}}" data-id="{{{{this.id}}}}" data-title="{{{{this.name}}}}" data-sub="{{{{this.meta}}}}" data-d="{{{{this.d}}}}" data-len="{{{{this.seconds}}}}" {{{{#if this.mixable}}}}data-mixable="1"{{{{/if}}}} aria-pressed="false" aria-label="Play {{{{this.name}}}}"><svg class="wf" viewBox="0 0 192 40" preserveAspectRatio="none" aria-hidden="true"><path d="{{{{this.small}}}}"/></svg><span class="pb">{PLAY}</span></button>{{{{else}}}}<div class="th still">{{{{this.kind}}}}</div>{{{{/if}}}}
<button type="button" class="am" data-act="open" data-id="{{{{this.id}}}}" aria-label="Details of {{{{this.name}}}}"><b>{{{{this.name}}}}</b><small>{{{{this.kind}}}}{{{{#if this.dur}}}} · {{{{this.dur}}}}{{{{/if}}}} · {{{{this.age}}}}</small><span class="bd"><em>{{{{this.licence}}}}</em><em>{{{{this.cost}}}}</em>{{{{#if this.warning}}}}<em class="w">{{{{this.warning}}}}</em>{{{{/if}}}}{{{{#each this.tags}}}}<em>#{{{{this}}}}</em>{{{{/each}}}}</span></button></article>{{{{/each}}}}</div>
<p class="none" hidden></p><div class="morebox"><button type="button" class="tb" data-act="more" hidden>Show more</button></div>""",
        script="grid", value=[], functions=[door(studio, find)], elem_id="grid",
    )  # fmt: skip
