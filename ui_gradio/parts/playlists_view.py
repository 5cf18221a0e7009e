"""What one keeps: favourites, playlists in their order, and smart ones that rules fill; heard one after the other."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.licensing.catalogue import KIND
from core.licensing.playlists.exporting import FORMS
from core.licensing.playlists.rules import DATES, FIELDS
from core.licensing.playlists.types import LIBRARY, MOST_ENTRIES, NAME_LENGTH, NOTES_LENGTH
from core.store.playlists import NOUN
from ui_gradio.errors import door
from ui_gradio.parts import PLAY, part
from ui_gradio.parts.catalogue_search import ORDERS, options

_TITLES = {
    "id": "Track’s id", "isrc": "ISRC", "duration_s": "Length (seconds)", "bpm": "BPM", "price_usd": "Price ($)",
    "page_url": "Page’s address", "preview_url": "Preview’s address", "image_url": "Picture’s address",
    "preview_only": "Only a preview", "vocals": "Has vocals", "provider": "Catalogue", "terms.kind": "Kind of licence",
    "terms.id": "Licence’s id", "terms.title": "Licence’s name", "terms.url": "Licence’s address",
    "terms.commercial": "Commercial use", "terms.derivatives": "May be mixed", "terms.attribution": "Credit line",
    "favourite": "Is a favourite", "licensed": "Is licensed, in the library", "my_tags": "Your tags", "my_notes": "Your notes",
}  # fmt: skip
_OWN = ("favourite", "licensed", "my_tags", "my_notes")
_FORMS = {"json": "Everything (JSON)", "csv": "Table (CSV)", "m3u8": "For a player (M3U8)"}
_SCOPES = (("all", "All"), ("mine", "Yours"), ("team", "Your teams’"), ("public", "Public"))
_SOURCES = (
    ("catalogues", "Synced catalogues"),
    ("favourites", "Your favourites"),
    ("licensed", "Licensed music of the library"),
)


def title_of(field: str) -> str:
    return _TITLES.get(field) or field.removeprefix("terms.").replace("_", " ").capitalize()


def _fields() -> str:
    def group(label: str, names: list[str]) -> str:
        return f'<optgroup label="{label}">{options((name, title_of(name)) for name in names)}</optgroup>'

    terms = [name for name in FIELDS if name.startswith("terms.")]
    track = [name for name in FIELDS if name not in terms and name not in _OWN]
    return (
        group("Track", track) + group("Licence", terms) + group("Yours", list(_OWN))
        + '<option value="facts">What only its catalogue says…</option>'
    )  # fmt: skip


def playlists_view(studio: Studio) -> gr.HTML:
    """Over REST, but for the teams. Hears `st:playlists` and `st:hearts`."""

    def pl_teams(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """The teams one may share with, and which of them have this playlist."""
        given: set[str] = set()
        if playlist_id := str(data.get("id") or ""):
            given = {team.id for team in studio.access.sharing.teams_of(actor, NOUN, playlist_id)}
        teams = studio.access.teams.list(actor)
        return {"teams": [{"id": team.id, "name": team.name, "on": team.id in given} for team in teams]}

    assert set(_FORMS) == set(FORMS)
    catalogues = {each.info.name: each.info.title for each in studio.registry.readiness(KIND)} | {LIBRARY: "Library"}
    sources = "".join(
        f'<label class="check"><input type="checkbox" name="sources" value="{name}" checked> {title}</label>'
        for name, title in _SOURCES
    )
    return part(
        f"""<div class="pv"><section class="card pv-side"><div class="hd"><h2>Kept</h2><div class="acts"><button type="button" class="tb" data-act="new">New playlist</button><button type="button" class="tb" data-act="smart">New smart playlist</button></div></div>
<div class="pv-find"><input class="inp" type="search" name="find" maxlength="200" placeholder="Find a playlist" aria-label="Find a playlist"><select class="inp" name="scope" aria-label="Whose playlists">{options(_SCOPES)}</select></div>
<ul class="pv-lists" aria-label="Favourites and playlists"></ul></section>
<section class="card pv-open" aria-label="What is in it"><div class="pv-head"></div>
<div class="pv-find pv-favs" hidden><input class="inp" type="search" name="fsearch" maxlength="200" placeholder="Find a favourite" aria-label="Find a favourite"><input class="inp" name="ftag" maxlength="60" placeholder="With the tag…" aria-label="With the tag"></div>
<div class="bulk pv-through" role="status" hidden></div><div class="bulk pv-bulk" role="group" aria-label="What is selected" hidden></div>
<div class="tk pv-rows" role="list" aria-label="Tracks"></div><p class="none" hidden></p>
<nav class="pv-pages" aria-label="Pages" hidden><button type="button" class="tb" data-act="earlier">Earlier</button><span class="num"></span><button type="button" class="tb" data-act="later">Later</button></nav></section></div>
<dialog class="box pv-about" aria-label="About the playlist"><form><h2></h2><label class="field"><span>Name</span><input class="inp" name="name" required maxlength="{NAME_LENGTH}"></label>
<label class="field"><span>Notes</span><textarea class="inp" name="description" rows="3" maxlength="{NOTES_LENGTH}"></textarea></label>
<fieldset class="pv-who"><legend>Who may hear it</legend><label class="check"><input type="radio" name="visibility" value="private"> You alone</label><label class="check"><input type="radio" name="visibility" value="team"> These teams; their editors may change it</label><div class="pv-teams"></div><label class="check"><input type="radio" name="visibility" value="public"> Everybody in this studio</label></fieldset>
<div class="drow"><button type="button" class="tb" data-close>Cancel</button><button class="tb ink" type="submit">Keep</button></div></form></dialog>
<dialog class="box pv-note" aria-label="Notes of a track"><form><h2></h2><label class="field"><span>Note</span><textarea class="inp" name="notes" rows="4" maxlength="{NOTES_LENGTH}"></textarea></label>
<label class="field" data-of="favourite"><span>Tags, by comma</span><input class="inp" name="tags" maxlength="1900"></label><label class="field" data-of="entry"><span>Place in the playlist</span><input class="inp" name="place" type="number" min="1"></label>
<div class="drow"><button type="button" class="tb" data-close>Cancel</button><button class="tb ink" type="submit">Keep</button></div></form></dialog>
<dialog class="box pv-paste" aria-label="Add many tracks"><form><h2>Add many tracks</h2><p>One a line: the catalogue and the track’s id, as in <code>openverse:8a1f…</code>, or the id of a piece of the library. At most {MOST_ENTRIES:,}.</p>
<label class="field"><span>Tracks</span><textarea class="inp" name="ids" rows="8" required></textarea></label><p class="pv-bad" role="alert" hidden></p>
<div class="drow"><button type="button" class="tb" data-close>Cancel</button><button class="tb ink" type="submit">Add them</button></div></form></dialog>
<dialog class="box pv-rules" aria-label="Smart playlist"><form><h2></h2><div class="pv-two"><label class="field"><span>Name</span><input class="inp" name="name" required maxlength="{NAME_LENGTH}"></label>
<label class="field"><span>Finds tracks that meet</span><select class="inp" name="match"><option value="all">all of these rules</option><option value="any">any of these rules</option></select></label></div>
<div class="pv-r" role="list" aria-label="Rules"></div><div><button type="button" class="tb" data-act="rule">Add a rule</button></div>
<fieldset><legend>Looks in</legend><div class="lf-c">{sources}</div></fieldset>
<div class="pv-two"><label class="field"><span>Order</span><select class="inp" name="sort">{options(ORDERS)}</select></label><label class="field"><span>At most</span><input class="inp" name="limit" type="number" min="1" max="{MOST_ENTRIES}" value="{MOST_ENTRIES}"></label></div>
<div class="pv-tried" role="status" hidden></div><div class="drow"><button type="button" class="tb" data-close>Cancel</button><button type="button" class="tb" data-act="try">Try it</button><button class="tb ink" type="submit">Keep</button></div></form></dialog>
<template class="playing">{PLAY}</template><template class="fields">{_fields()}</template>""",
        script="playlists_rules playlists_through playlists_view", elem_id="playlists-view", titles=catalogues,
        kinds={**FIELDS}, dates=list(DATES), forms=[[form, escape(words)] for form, words in _FORMS.items()],
        most=MOST_ENTRIES, functions=[door(studio, pl_teams)],
    )  # fmt: skip
