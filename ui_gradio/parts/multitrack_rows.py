"""A project as the timeline draws it: tracks, clips, what their sounds are, markers."""

from __future__ import annotations

import base64
from typing import Any

from core.app import Studio
from core.kit.actor import Actor
from core.sound.projects import silent
from core.sound.snapping import Beats
from core.sound.timelines import Opened
from core.sound.types import Clip, Track
from core.store.assets import Asset

PICTURES = 120
"""Scenes of one film that are shown with a picture."""


def view(studio: Studio, actor: Actor, opened: Opened) -> dict[str, Any]:
    document = opened.document
    found = studio.timelines.assets(actor, document)
    beats = studio.timelines.beats(actor, found.values())
    return {
        "id": opened.row.id, "name": opened.row.name, "version": opened.row.version, "undo": opened.undo,
        "redo": opened.redo, "loudness": document.loudness, "length": document.length_s,
        "plan": None if document.planned_use is None else document.planned_use.model_dump(mode="json"),
        "cleared": None if opened.clearance is None else {
            "ok": opened.clearance.allowed, "reasons": opened.clearance.reasons, "steps": opened.clearance.steps,
        },
        "tracks": [_track(track) for track in document.tracks],
        "assets": {asset.id: _asset(asset, beats.get(asset.id)) for asset in found.values()},
        "markers": [
            {"id": each.id, "kind": each.kind, "at": each.at_s, "label": each.label} for each in document.markers
        ],
    }  # fmt: skip


def _track(track: Track) -> dict[str, Any]:
    duck = track.duck
    return {
        "id": track.id, "name": track.name, "role": track.role, "gain": track.gain_db, "pan": track.pan,
        "mute": track.mute, "solo": track.solo, "level": track.level_lufs,
        "duck": None if duck is None else {
            "db": duck.depth_db, "attack": duck.attack_s, "release": duck.release_s,
            "under": [[span.start_s, span.end_s] for span in duck.under],
        },
        "clips": [_clip(clip) for clip in track.clips],
    }  # fmt: skip


def _clip(clip: Clip) -> dict[str, Any]:
    return {
        "id": clip.id, "asset": clip.asset_id, "start": clip.start_s, "offset": clip.offset_s, "length": clip.duration_s,
        "gain": clip.gain_db, "pan": clip.pan, "mute": clip.mute, "loop": clip.loop, "fin": clip.fade_in_s,
        "fout": clip.fade_out_s,
    }  # fmt: skip


def _asset(asset: Asset, beats: Beats | None) -> dict[str, Any]:
    return {
        "name": asset.name, "kind": asset.kind, "seconds": asset.duration_s or 0.0, "peaks": asset.peaks,
        "url": f"/media/{asset.id}", "lufs": asset.lufs, "film": asset.kind == "video", "silent": silent(asset),
        "binned": asset.deleted_at is not None, "bpm": asset.bpm,
        "beats": list(beats.at_s) if beats else None, "bars": sorted(beats.bars) if beats else [],
    }  # fmt: skip


def pictures(studio: Studio, actor: Actor, asset_id: str) -> list[dict[str, Any]]:
    """The scenes of a film, each with a small picture; none where it was not taken apart."""
    asset = studio.library.get(actor, asset_id)
    found = studio.video.of_film(actor, asset.id) if asset.kind == "video" else None
    if found is None:
        return []
    return [
        {
            "from": scene.start_s, "to": scene.end_s, "label": f"Scene {scene.number}: {scene.type.replace('_', ' ')}",
            "picture": "data:image/jpeg;base64," + base64.b64encode(studio.video.picture(actor, scene.id)).decode(),
        }
        for scene in found[1].scenes[:PICTURES]
    ]  # fmt: skip
