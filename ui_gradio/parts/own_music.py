"""One's own licensed files: brought in with their papers, each field beside the words it was read from, confirmed by a person."""

from __future__ import annotations

import json
from html import escape
from typing import Any

import gradio as gr

from core.app import Studio
from core.flows.own_folder import FOLDER
from core.kit.actor import Actor
from core.licensing.entries import PLATFORMS
from core.licensing.importing_own import PAPER_ENDINGS
from ui_gradio.errors import door
from ui_gradio.parts import PLAY, part
from ui_gradio.parts.catalogue_search import options

_STATES = (("", "All"), ("proposed", "To confirm"), ("no paper", "Without a paper"), ("confirmed", "Licensed"))
_PROJECTS = 200


def own_music(studio: Studio) -> gr.HTML:
    """Over REST, but for the watched folder and the names of projects. Tells `st:licences` when one is confirmed."""

    def own_about(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """Where one may put files to have them proposed, and the projects a paper may be for."""
        folders = studio.automations.folders
        projects = [{"id": row.id, "name": row.name} for row in studio.projects.list(actor, limit=_PROJECTS)]
        if not folders.watching:
            return {"watching": False, "projects": projects}
        folder = folders.watched(actor, FOLDER, make=data.get("make") is True)
        # Where others sign in, where this machine keeps its folders is not theirs to know.
        shown = FOLDER if studio.settings.sign_in_required else str(folder)
        return {"watching": True, "folder": shown, "there": folder.is_dir(), "projects": projects}

    endings = ",".join(sorted(PAPER_ENDINGS))
    platforms = escape(json.dumps([[name, name.capitalize()] for name in PLATFORMS]), quote=True)
    return part(
        f"""<div class="om" data-platforms="{platforms}"><section class="card om-in"><div class="hd"><h2>Bring your own licensed music in</h2><p>With the papers that license it. Nothing counts before you confirm it.</p></div>
<form class="om-f" aria-label="Bring music in"><label class="drop" tabindex="-1"><input type="file" name="files" multiple accept="audio/*,video/*,application/pdf,{endings}" aria-label="Sounds and papers"><b>Choose sounds and their papers, or drop them here</b><span>Papers: PDF, text, or a CSV sheet with a row for each track. Up to {studio.settings.max_upload_mb} MB each.</span></label>
<ul class="om-chosen" aria-label="Chosen files"></ul><div class="pg" hidden role="progressbar" aria-label="Upload"><i></i></div>
<div class="drow"><button type="button" class="tb" data-act="drop" hidden>Clear</button><button class="tb ink" type="submit" disabled>Bring them in</button></div></form>
<div class="om-said" role="status" hidden></div><p class="said om-folder"></p></section>
<section class="card"><div class="hd"><h2>Your music</h2><p class="om-count"></p><select class="inp mini" name="state" aria-label="Show your music">{options(_STATES)}</select></div>
<div class="om-list" role="list" aria-label="Your licensed files"></div><p class="none" hidden></p><div class="morebox"><button type="button" class="tb" data-act="more" hidden>Show more</button></div></section>
<input type="file" class="vh om-paper" accept="application/pdf,{endings}" tabindex="-1" aria-label="Its paper"></div><template class="playing">{PLAY}</template>""",
        script="own_paper own_music", elem_id="own-music", endings=sorted(PAPER_ENDINGS), functions=[door(studio, own_about)],
    )  # fmt: skip
