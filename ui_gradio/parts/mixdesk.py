"""What is on the desk: the voices in order, the bed under them, and the project they belong to."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import NotFound
from core.sound.types import Document
from ui_gradio.errors import door
from ui_gradio.parts import PLAY, part
from ui_gradio.parts.rows import ago, asset_row


def desk(studio: Studio) -> gr.HTML:
    """The choice lives in the browser (studio-desk); event `opened` with the settings of an earlier version."""

    def parts(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """What is still there of the chosen ids, as cards; and what could be chosen."""
        kept = {}
        for asset_id in [str(one) for one in data.get("ids") or []][:50]:
            try:
                asset = studio.library.get(actor, asset_id)
            except NotFound:
                continue
            if asset.deleted_at is None:
                kept[asset_id] = asset_row(asset)
        voices, _ = studio.library.search(actor, kinds=["voiceover", "sound_effect"], limit=40)
        beds, _ = studio.library.search(actor, kinds=["music"], limit=40)
        return {"kept": kept, "voices": [asset_row(one) for one in voices], "beds": [asset_row(one) for one in beds]}

    def projects(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        rows = [
            {"id": row.id, "name": row.name, "version": row.version, "age": ago(row.updated_at)}
            for row in studio.projects.list(actor)[:12]
        ]
        chosen = str(data.get("id") or "")
        versions = []
        if chosen in {row["id"] for row in rows}:
            versions = [
                {"version": one["version"], "message": one["message"], "age": ago(one["created_at"])}
                for one in studio.projects.history(actor, chosen)
            ]
        return {"projects": rows, "versions": versions}

    def reopen(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        row, document = studio.projects.open(actor, str(data.get("id", "")), int(data["version"]))
        return {"id": row.id, "name": row.name, "version": row.version, **chosen(document)}

    return part(
        f"""<div class="deskgrid"><div><h3>Voices and effects, in order</h3><div class="slots voices"></div>
<select class="inp pickv" aria-label="Add a voice"></select></div>
<div><h3>Music under them</h3><div class="slots bed"></div><select class="inp pickm" aria-label="Choose the music"></select></div></div>
<details class="proj"><summary>Project versions</summary><div class="plist"></div></details><template>{PLAY}</template>""",
        script="desk", elem_id="desk", functions=[door(studio, each) for each in (parts, projects, reopen)],
    )  # fmt: skip


def chosen(document: Document) -> dict[str, Any]:
    """A stored document back into the desk's terms: ids and the form's settings."""
    voice = next((track for track in document.tracks if track.role == "voice"), None)
    music = next((track for track in document.tracks if track.role == "music"), None)
    bed = music.clips[0] if music and music.clips else None
    # Voices and effects stand on two tracks and in one row of the desk.
    turns = sorted(
        (clip.start_s, clip.asset_id)
        for track in document.tracks
        if track.role in ("voice", "effects")
        for clip in track.clips
    )
    first = voice or next((track for track in document.tracks if track.role == "effects"), None)
    duck = music.duck if music else None
    settings = {
        "voice_gain_db": first.gain_db if first else 0.0, "voice_pan": voice.pan if voice else 0.0,
        "music_gain_db": music.gain_db if music else -6.0, "music_pan": music.pan if music else 0.0,
        "duck_db": duck.depth_db if duck else 0.0, "attack_s": duck.attack_s if duck else 0.25,
        "release_s": duck.release_s if duck else 0.8, "fade_in_s": bed.fade_in_s if bed else 0.5,
        "fade_out_s": bed.fade_out_s if bed else 2.0, "intro_s": turns[0][0] if turns and bed else 1.5,
        "polish_voice": bool(voice and voice.effects), "target": document.loudness,
    }  # fmt: skip
    return {
        "voices": [asset_id for _, asset_id in turns], "bed": bed.asset_id if bed else "",
        "settings": settings,
    }  # fmt: skip
