"""The licences that are held: by their end, entered by a form, revoked; and a planned use checked against them."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.licensing.catalogue import KIND
from core.licensing.entries import PLATFORMS
from ui_gradio.errors import door
from ui_gradio.parts import part
from ui_gradio.parts.catalogue_search import options

_KINDS = (
    ("per-track", "For one track"), ("per-project", "For one project"), ("subscription", "Subscription"),
    ("cc", "Creative Commons"), ("own", "Own music"), ("other", "Another kind"),
)  # fmt: skip
_PIECES = ("mix", "music", "video", "voiceover")
_MOST = 60


def licence_table(studio: Studio) -> gr.HTML:
    def lic_pieces(actor: Actor, _data: dict[str, Any]) -> dict[str, Any]:
        """What may be checked beside the tracks: the newest of the library, and the projects."""
        found, _ = studio.library.search(actor, kinds=_PIECES, drafts=True, limit=_MOST)
        return {
            "pieces": [{"id": each.id, "name": each.name + (" (preview)" if each.draft else "")} for each in found],
            "projects": [{"id": each.id, "name": each.name} for each in studio.projects.list(actor, limit=_MOST)],
        }

    catalogues = [("own", "Own music")]
    catalogues += [
        (each.info.name, each.info.title) for each in studio.registry.readiness(KIND) if each.info.name != "own"
    ]
    platforms = options((name, name.capitalize()) for name in PLATFORMS)
    boxes = "".join(
        f'<label class="check"><input type="checkbox" name="platforms" value="{name}"> {name.capitalize()}</label>'
        for name in PLATFORMS
    )
    return part(
        f"""<div class="lt-all"><section class="card"><div class="hd"><h2>May it be published?</h2><p>Checked against the licences that are held, before anything leaves the studio.</p></div>
<form class="lv" aria-label="Check a planned use"><label class="field"><span>Piece, project or track</span><select class="inp" name="what"></select></label>
<label class="field"><span>Platform</span><select class="inp" name="platform">{platforms}</select></label>
<label class="field"><span>Territory</span><input class="inp" name="territory" maxlength="40" value="worldwide"></label>
<label class="check"><input type="checkbox" name="commercial" checked> Commercial</label><button class="tb ink" type="submit">Check</button></form>
<div class="lv-out" role="status"></div></section>
<section class="card flush"><div class="hd lt-head"><h2>Licences</h2><div class="acts"><select class="inp mini" name="status" aria-label="Show"><option value="">All</option>{options((name, name.capitalize()) for name in ("valid", "expiring", "expired", "upcoming", "revoked", "unknown"))}</select><button type="button" class="tb" data-act="new" aria-expanded="false">Enter a licence</button></div></div>
<form class="lf" aria-label="Enter a licence" hidden><div class="lf-f"><label class="field"><span>Catalogue</span><select class="inp" name="provider">{options(catalogues)}</select></label>
<label class="field"><span>Track’s id, or * for all</span><input class="inp" name="track_id" required maxlength="200"></label>
<label class="field"><span>Title</span><input class="inp" name="title" maxlength="200"></label><label class="field"><span>Artist</span><input class="inp" name="artist" maxlength="200"></label>
<label class="field"><span>Kind</span><select class="inp" name="kind">{options(_KINDS)}</select></label>
<label class="field"><span>From</span><input class="inp" name="starts_on" type="date"></label><label class="field"><span>Until, empty for ever</span><input class="inp" name="ends_on" type="date"></label>
<label class="field"><span>Whose days: time zone</span><input class="inp" name="zone" maxlength="40" placeholder="UTC" list="lf-zones"></label>
<label class="field"><span>Price ($)</span><input class="inp" name="price_usd" inputmode="decimal" placeholder="0.00"></label>
<label class="field"><span>Certificate</span><input class="inp" name="certificate" maxlength="200"></label><label class="field"><span>Code for the platform</span><input class="inp" name="code" maxlength="100"></label>
<label class="field"><span>Territories, by comma; empty for all</span><input class="inp" name="territories" maxlength="400"></label><label class="field"><span>Channels, by comma; empty for all</span><input class="inp" name="channels" maxlength="400"></label>
<label class="field wide"><span>Credit line</span><input class="inp" name="attribution" maxlength="1000"></label></div>
<fieldset><legend>Only on these platforms; none ticked: on all</legend><div class="lf-c">{boxes}</div></fieldset>
<fieldset><legend>It allows</legend><div class="lf-c"><label class="check"><input type="checkbox" name="commercial" checked> Commercial use</label><label class="check"><input type="checkbox" name="derivatives" checked> Mixing and use to picture</label>
<label class="check"><input type="checkbox" name="single_use"> One published piece only</label><label class="check"><input type="checkbox" name="keeps_published"> What was published stays covered</label></div></fieldset>
<div class="drow"><button type="button" class="tb" data-act="close">Cancel</button><button class="tb ink" type="submit">Enter it</button></div></form>
<table class="qt lt"><caption class="vh">Licences, the nearest end first</caption><thead><tr><th scope="col">Track</th><th scope="col">Covers</th><th scope="col">Ends</th><th scope="col">Status</th><th scope="col"><span class="vh">Actions</span></th></tr></thead><tbody></tbody></table>
<p class="none" hidden>No licence is entered. License a track under Search, or enter one that you hold.</p></section></div>""",
        script="licence_table", elem_id="licence-table", titles=dict(catalogues), functions=[door(studio, lic_pieces)],
    )  # fmt: skip
