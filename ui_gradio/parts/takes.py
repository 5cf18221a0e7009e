"""Takes: the newest pieces of one kind, side by side, to hear, make again, keep and take out."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.audio.encoding import FORMATS
from core.kit.actor import Actor
from ui_gradio.again import again
from ui_gradio.errors import door
from ui_gradio.parts import PLAY, part
from ui_gradio.parts.rows import asset_row

SHOWN = 8
QUICK = ("wav24", "flac", "mp3", "ogg", "m4a")


def formats_menu(field: str = "this.id") -> str:
    links = "".join(
        f'<a href="/export/{{{{{field}}}}}?format={name}&amp;pack=false" download role="menuitem">{FORMATS[name].label}</a>'
        for name in QUICK
    )
    whole = f'<a href="/export/{{{{{field}}}}}?pack=false" download role="menuitem">The book, with chapters</a>'
    links = f"{{{{#if this.chapters}}}}{whole}{{{{/if}}}}{links}"
    return (
        '<details class="menu"><summary class="tb" aria-label="Download {{this.name}}">Download</summary>'
        f'<div role="menu">{links}<button type="button" role="menuitem" data-act="open" data-id="{{{{{field}}}}}">'
        "With rights sheet…</button></div></details>"
    )


def takes(studio: Studio, kind: str, empty: str, *, letters: bool = False) -> gr.HTML:
    """`letters` names the pieces of one request A, B, C."""

    def newest(actor: Actor, _data: dict[str, Any]) -> dict[str, Any]:
        found, _ = studio.library.search(actor, kinds=[kind], limit=SHOWN * 3)
        made = [asset for asset in found if asset.role == "primary" and asset.source != "uploaded"]
        return {"rows": [asset_row(asset) | {"config": _key(asset.generation_config)} for asset in made[:SHOWN]]}

    def repeat(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        asset = studio.library.get(actor, str(data.get("id", "")))
        return {"job": again(studio, actor, asset, fresh=True).id}

    return part(
        f"""<div class="tk" role="list" aria-label="Takes">{{{{#each value}}}}<div role="listitem" class="tr" data-asset="{{{{this.id}}}}">
<button type="button" class="play" data-play="{{{{this.url}}}}" data-id="{{{{this.id}}}}" data-title="{{{{this.name}}}}" data-sub="{{{{this.meta}}}}" data-d="{{{{this.d}}}}" data-len="{{{{this.seconds}}}}" data-mixable="1" aria-pressed="false" aria-label="Play {{{{this.name}}}}">{PLAY}</button>
<div class="ti"><b>{{{{#if this.letter}}}}<span class="letter">{{{{this.letter}}}}</span> {{{{/if}}}}{{{{this.name}}}}</b><small>{{{{#if this.doubt}}}}<em class="pill warn" title="{{{{this.doubt_why}}}}">{{{{this.doubt}}}}</em> {{{{/if}}}}{{{{#if this.example}}}}Example · {{{{/if}}}}{{{{this.meta}}}}</small></div>
<svg class="wf" viewBox="0 0 384 40" preserveAspectRatio="none" aria-hidden="true"><path d="{{{{this.d}}}}"/></svg><span class="dur">{{{{this.dur}}}}</span>
<span class="acts"><button type="button" class="tb" data-act="again" data-id="{{{{this.id}}}}" title="Make it again" aria-label="Make {{{{this.name}}}} again">Again</button>{{{{#if this.spoken}}}}<button type="button" class="tb" data-act="retake" data-id="{{{{this.id}}}}" title="Speak single sentences anew" aria-label="Takes of {{{{this.name}}}}">Takes</button>{{{{/if}}}}<button type="button" class="tb" data-act="open" data-id="{{{{this.id}}}}" data-at="save" aria-label="Save {{{{this.name}}}}: name, folder, tags">Save</button>{formats_menu()}</span></div>{{{{/each}}}}</div><p class="none">{empty}</p>""",
        script="takes", value=[], functions=[door(studio, newest), door(studio, repeat)], letters=letters, kind=kind,
    )  # fmt: skip


def _key(config: dict[str, Any]) -> str:
    """Equal for variants of one request: all but the seed."""
    return repr((config.get("prompt"), sorted((config.get("settings") or {}).items(), key=str)))
