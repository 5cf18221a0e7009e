"""One box over every catalogue: what was found, how each catalogue did, a preview of each track in the one player."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.licensing.bringing import FULL, PREVIEW
from core.licensing.catalogue import KIND
from ui_gradio import limits
from ui_gradio.errors import door
from ui_gradio.parts import PLAY, part
from ui_gradio.parts.rows import first_sound, job_row
from ui_gradio.parts.voices import HEART

LICENCES = (
    ("cc", "Creative Commons, any"), ("cc0-1.0", "CC0"), ("cc-by-4.0", "CC BY 4.0"), ("per-track", "For one track"),
    ("per-project", "For one project"), ("subscription", "By subscription"), ("own", "Own files"),
)  # fmt: skip
ORDERS = (
    ("relevance", "Best match"), ("title", "Title"), ("duration", "Length"), ("bpm", "BPM"), ("newest", "Newest"),
    ("popular", "Most heard"),
)  # fmt: skip


def catalogue_search(studio: Studio) -> gr.HTML:
    """Finds over REST; `st:license` opens a track's licence."""

    def lic_preview(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """The preview, or the full file, into the library."""
        limits.may_submit(studio, actor)
        form = FULL if data.get("form") == FULL else PREVIEW
        return {"job": studio.bringing.submit(actor, str(data.get("provider", "")), str(data.get("id", "")), form).id}

    def lic_heard(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        job = studio.jobs.show(actor, str(data.get("job", "")))
        row = job_row(studio, job)
        return {
            "live": row["live"], "pct": row["pct"], "cause": row["cause"], "remedy": row["remedy"],
            "sound": None if row["live"] else first_sound(studio, actor, job),
        }  # fmt: skip

    def field(name: str, title: str, more: str = "") -> str:
        return f'<label class="field"><span>{title}</span><input class="inp" name="{name}" {more}></label>'

    def choice(name: str, title: str, options: str) -> str:
        return f'<label class="field"><span>{title}</span><select class="inp" name="{name}">{options}</select></label>'

    catalogues = [(info.name, info.title) for info in (each.info for each in studio.registry.readiness(KIND))]
    number = 'inputmode="decimal" type="number" min="0" step="any"'
    return part(
        f"""<form class="lcf" role="search" aria-label="Search licensed music">
<div class="lc-box"><input class="inp" type="search" name="query" maxlength="200" placeholder="Search every catalogue: calm piano, city at night" aria-label="Search licensed music"><button class="tb ink big" type="submit">Search</button></div>
<details class="lc-more" open><summary>Filters</summary><div class="lc-filters">
{field("genre", "Genre", 'maxlength="80" placeholder="any"')}{field("mood", "Mood", 'maxlength="80" placeholder="any"')}
{field("bpmMin", "BPM from", number + ' max="400"')}{field("bpmMax", "BPM to", number + ' max="400"')}
{field("durationMin", "Seconds from", number)}{field("durationMax", "Seconds to", number)}
{choice("vocals", "Vocals", '<option value="any">Any</option><option value="instrumental">Instrumental</option><option value="vocal">With vocals</option>')}
{choice("license", "Licence", '<option value="">Any</option>' + options(LICENCES))}
{choice("provider", "Catalogue", '<option value="">All that are ready</option>' + options(catalogues))}
{choice("sort", "Order", options(ORDERS))}
<label class="check"><input type="checkbox" name="commercial" value="true"> Commercial use only</label>
<label class="check"><input type="checkbox" name="toPicture" value="true"> May be put to picture</label>
<button type="button" class="tb" data-act="clear">Clear filters</button></div></details></form>
<div class="lc-sources" aria-label="Catalogues"></div><div class="lc-facets" aria-label="Narrow the search"></div>
<p class="said lc-said" role="status">Search for a title, a mood or an instrument.</p>
<div class="lc-sel" role="group" aria-label="Selected tracks" hidden><b></b><span class="acts"><button type="button" class="tb" data-act="pickall">All that are shown</button><button type="button" class="tb" data-act="keepall">Add them to a playlist</button><button type="button" class="tb ink" data-act="compare">Compare under a clip</button><button type="button" class="tb" data-act="unpick">Clear selection</button></span></div>
<div class="tk lc-list" role="list" aria-label="Tracks found"></div>
<div class="morebox"><button type="button" class="tb" data-act="next" hidden>More results</button></div>
<template class="playing">{PLAY}</template><template class="heart">{HEART}</template>""",
        script="catalogue_search", elem_id="catalogue-search", titles=dict(catalogues),
        functions=[door(studio, each) for each in (lic_preview, lic_heard)],
    )  # fmt: skip


def options(pairs: Any) -> str:
    return "".join(f'<option value="{escape(value)}">{escape(title)}</option>' for value, title in pairs)
