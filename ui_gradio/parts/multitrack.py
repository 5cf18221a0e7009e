"""The timeline: a project's tracks and clips, to move, cut, fade, hear and render.

Any part opens a project here with the event `st:timeline` {id}; a link does with ?view=mix&project=ID.
"""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr

from core.app import Studio
from core.audio import loudness
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.sound.edits import edits
from core.sound.projects import document
from ui_gradio import limits
from ui_gradio.errors import door
from ui_gradio.parts import PLAY, part
from ui_gradio.parts.multitrack_rows import pictures, view
from ui_gradio.parts.rows import ago, asset_row

SCRIPTS = "multitrack multitrack_view multitrack_drag multitrack_sound multitrack_keys multitrack_panel"
_TRACKS = (("voice", "Voice", "voice"), ("music", "Music", "music"), ("effects", "Effects", "effects"))
_FOUND = 24
_FOR = {
    "private": "private use", "web": "the web", "youtube": "YouTube", "instagram": "Instagram", "tiktok": "TikTok",
    "podcast": "a podcast", "broadcast": "broadcast",
}  # fmt: skip


def multitrack(studio: Studio) -> gr.HTML:
    def timelines(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        rows = studio.projects.list(actor, limit=40, offset=int(data.get("offset") or 0))
        return {
            "projects": [{"id": r.id, "name": r.name, "version": r.version, "age": ago(r.updated_at)} for r in rows]
        }

    def timeline_open(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        return view(studio, actor, studio.timelines.open(actor, _id(data)))

    def timeline_new(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        tracks = [
            {"id": key, "name": name, "role": role, "duck": {} if role == "music" else None}
            for key, name, role in _TRACKS
        ]
        row = studio.projects.create(actor, str(data.get("name", ""))[:200], document(tracks=tracks))
        return view(studio, actor, studio.timelines.open(actor, row.id))

    def timeline_edit(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        opened = studio.timelines.edit(actor, _id(data), _number(data, "based_on"), edits(data.get("edits")))
        return view(studio, actor, opened)

    def timeline_step(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        step = studio.timelines.redo if data.get("step") == "redo" else studio.timelines.undo
        return view(studio, actor, step(actor, _id(data), _number(data, "based_on")))

    def timeline_copy(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        opened = studio.timelines.copy(actor, _id(data), _number(data, "based_on"), edits(data.get("edits")))
        return view(studio, actor, opened)

    def timeline_versions(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        rows = studio.projects.history(actor, _id(data))[:60]
        return {
            "versions": [{"version": r["version"], "message": r["message"], "age": ago(r["created_at"])} for r in rows]
        }

    def timeline_restore(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        found = studio.timelines.restore(actor, _id(data), _number(data, "based_on"), _number(data, "version"))
        return view(studio, actor, found)

    def timeline_pictures(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        return {"scenes": pictures(studio, actor, _id(data))}

    def timeline_beats(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        limits.may_submit(studio, actor)
        return {"job": studio.analysing.submit(actor, _id(data), full=True).id}

    def timeline_render(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        row, _ = studio.projects.open(actor, _id(data))
        limits.may_submit(studio, actor)
        draft = data.get("draft") is True
        job = studio.sound.render(actor, row.id, _number(data, "version"), name=row.name, draft=draft)
        return {"job": job.id}

    def timeline_make(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """A generator in place: music from a prompt, or a voice from a text."""
        words = str(data.get("words", "")).strip()
        if not words:
            raise UserError("There is nothing to make yet.", "Write what it should sound like, or what to say.")
        if data.get("kind") == "voice":
            job = studio.voice.speak(actor, **limits.speech(studio, actor, {"text": words}))
        else:
            values = {"prompt": words, "seconds": float(data.get("seconds") or 30), "stems": False}
            job = studio.music.compose(actor, **limits.music(studio, actor, values))
        return {"job": job.id}

    def find(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        wanted = str(data.get("kind", ""))
        found, total = studio.library.search(
            actor, words=str(data.get("words", ""))[:200], kinds=[wanted] if wanted else [], limit=_FOUND
        )
        return {"rows": [asset_row(asset) for asset in found if asset.sounds], "total": total}

    functions = (
        timelines, timeline_open, timeline_new, timeline_edit, timeline_step, timeline_copy, timeline_versions,
        timeline_restore, timeline_pictures, timeline_beats, timeline_render, timeline_make, find,
    )  # fmt: skip
    return part(
        _TEMPLATE, script=SCRIPTS, elem_id="multitrack", functions=[door(studio, each) for each in functions]
    )  # fmt: skip


def _id(data: dict[str, Any]) -> str:
    return str(data.get("id", ""))[:60]


def _number(data: dict[str, Any], name: str) -> int:
    try:
        return int(data.get(name) or 0)
    except (TypeError, ValueError, OverflowError):
        raise UserError(f"{name} is no number.", "Open the project again.") from None


def _button(act: str, name: str, text: str, key: str = "", extra: str = "") -> str:
    title = f"{name} ({key})" if key else name
    return (
        f'<button type="button" class="tb" data-do="{act}" aria-label="{name}" title="{title}"{extra}>{text}</button>'
    )


_PRESETS = "".join(
    f'<option value="{key}">{escape(one.title)} · {one.lufs:g} LUFS</option>' for key, one in loudness.targets().items()
)
_PLATFORMS = '<option value="">nothing planned</option>' + "".join(
    f'<option value="{name}">{title}</option>' for name, title in _FOR.items()
)
_TEMPLATE = f"""<section class="mt" aria-label="Timeline" data-empty>
<div class="mtt hd"><div class="mtn"><h2>Timeline</h2><p class="mts" role="status">No project is open</p></div>
<div class="acts">{_button("open", "Open a project", "Open…")}{_button("new", "New timeline", "New")}<span class="mto">{_button("versions", "Versions of this project", "Versions")}{_button("panel", "Audio panel", "Audio", extra=' aria-pressed="false"')}<button type="button" class="tb ink" data-do="render">Render</button></span></div></div>
<div class="mtl" hidden></div>
<div class="mtc" role="alert" hidden></div>
<div class="mtb" role="toolbar" aria-label="Edit"><button type="button" class="play small" data-do="play" aria-label="Play from the playhead" title="Play (Space)">{PLAY}</button><span class="dur mtp" aria-label="Playhead">0:00.0</span>
{_button("undo", "Undo", "↶", "Ctrl+Z")}{_button("redo", "Redo", "↷", "Ctrl+Shift+Z")}<i></i>
{_button("split", "Split at the playhead", "Split", "S")}{_button("mute", "Mute the clip", "Mute", "M")}{_button("duplicate", "Duplicate the clip", "Copy", "D")}{_button("delete", "Delete the clip", "Delete", "Delete")}<i></i>
{_button("snap", "Snap to scenes, beats and clips", "Snap", "N", ' aria-pressed="true"')}{_button("marker", "Add a marker at the playhead", "Marker", "K")}{_button("track", "Add a track", "+ Track")}<i></i>
{_button("out", "Zoom out", "−", "-")}{_button("in", "Zoom in", "+", "+")}{_button("fit", "Show all of it", "Fit", "0")}<span class="mtpiece"><label title="A final render is refused until all that is heard is cleared for it"><small>Made for</small><select class="inp" data-piece="for" aria-label="What the piece is made for">{_PLATFORMS}</select></label><label class="mtpaid" hidden><input type="checkbox" data-piece="commercial"><small>Commercial</small></label><label><small>Loudness</small><select class="inp" data-piece="loudness" aria-label="Loudness of the piece">{_PRESETS}</select></label><label title="Left empty: as long as its clips"><small>Length (s)</small><input class="inp" type="number" min="0" max="36000" step="any" placeholder="as its clips" data-piece="length" aria-label="Length of the piece in seconds"></label></span></div>
<div class="mtright" role="status" hidden></div>
<div class="mtg"><div class="mtm"><div class="mth"></div><div class="mtv" tabindex="-1"><div class="mtr" role="slider" tabindex="0" aria-label="Playhead position" aria-valuemin="0" aria-valuenow="0"></div><div class="mtk"></div></div></div>
<aside class="mta" aria-label="Audio panel" hidden></aside></div>
<div class="mti" aria-label="Chosen clip" hidden></div>
</section>"""
