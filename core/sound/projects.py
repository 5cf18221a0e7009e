"""Projects: open, change, go back. Every save is a new version; nothing is overwritten unseen."""

from __future__ import annotations

import inspect
from collections.abc import Container, Sequence
from typing import Any

from pydantic import ValidationError

from core.audio import loudness
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.sound.types import Document
from core.store import assets, projects
from core.store.assets import Asset
from core.store.projects import ProjectRow
from core.store.store import Store


class Projects:
    def __init__(self, store: Store) -> None:
        self._store = store

    def create(
        self, actor: Actor, name: str, document: Document, message: str = "Created", *, project_id: str | None = None
    ) -> ProjectRow:
        """`project_id`: for work that runs again after a crash. One that is there already is answered as it is."""
        with self._store.db.write() as connection:
            if project_id is not None and projects.exists(connection, project_id):
                return projects.get(connection, actor, project_id)
            self._check(connection, actor, document)
            data = document.model_dump(mode="json")
            project_id = projects.create(connection, actor, _name(name), data, message, project_id)
            return projects.get(connection, actor, project_id)

    def save(self, actor: Actor, project_id: str, based_on: int, document: Document, message: str = "") -> ProjectRow:
        with self._store.db.write() as connection:
            self._check(connection, actor, document, set(projects.sounds(connection, project_id)))
            projects.save(connection, actor, project_id, based_on, document.model_dump(mode="json"), message)
            return projects.get(connection, actor, project_id)

    def open(self, actor: Actor, project_id: str, version: int | None = None) -> tuple[ProjectRow, Document]:
        with self._store.db.read() as connection:
            row = projects.get(connection, actor, project_id)
            data = projects.document(connection, project_id, version or row.version)
        return row, Document.model_validate(data)

    def history(self, actor: Actor, project_id: str) -> list[dict[str, Any]]:
        with self._store.db.read() as connection:
            projects.get(connection, actor, project_id)
            return projects.history(connection, project_id)

    def list(self, actor: Actor, limit: int = 50, offset: int = 0) -> list[ProjectRow]:
        with self._store.db.read() as connection:
            return projects.listing(connection, actor, limit, offset)

    def delete(self, actor: Actor, project_id: str) -> None:
        """With every version; what was rendered from it stays in the library. Its owner's alone."""
        with self._store.db.write() as connection:
            projects.remove(connection, actor, project_id)

    def _check(self, connection: Any, actor: Actor, document: Document, known: Container[str] = frozenset()) -> None:
        """`known`: what stood in it before. A sound that was deleted since must not keep anybody from editing the rest."""
        loudness.target(document.loudness)
        for _, clip in document.clips():
            if clip.asset_id in known:
                continue
            asset = assets.get(connection, actor, clip.asset_id)
            if not asset.sounds or (silent(asset) and clip.type != "video"):
                raise UserError(f"{asset.name!r} has no sound to mix.", "Choose a voice, music or sound asset.")
            if asset.deleted_at is not None:
                raise UserError(f"{asset.name!r} is in the bin.", "Restore it first, or choose another.")


def silent(asset: Asset) -> bool:
    """A film without a sound: it can lie on the time line to be looked at."""
    return asset.kind == "video" and asset.sample_rate is None


def document(**values: Any) -> Document:
    """A Document from outside data, or one UserError naming what is wrong."""
    try:
        return Document.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "document"
        raise UserError(f"{where}: {first['msg']}.", "Correct that value.") from None


LEVEL_LUFS = -18.0
"""Every clip of a voice-over-music project is brought here first; the master decides the final loudness."""


POLISH = ({"kind": "low_cut", "settings": {"hz": 80.0}}, {"kind": "compressor"})
"""What a voice usually gets: rumble away, loud and soft words closer together."""


def voice_over_music(
    voices: Sequence[Asset],
    music: Asset | None,
    *,
    voice_gain_db: float = 0.0,
    music_gain_db: float = -6.0,
    voice_pan: float = 0.0,
    music_pan: float = 0.0,
    duck_db: float = 10.0,
    attack_s: float = 0.25,
    release_s: float = 0.8,
    fade_in_s: float = 0.5,
    fade_out_s: float = 2.0,
    gap_s: float = 0.6,
    intro_s: float = 1.5,
    tail_s: float = 2.5,
    polish_voice: bool = False,
    target: str = "streaming",
) -> Document:
    """The smallest project: voices and effects one after the other over a bed that is looped or trimmed, ducked and faded."""
    tracks: list[dict[str, Any]] = []
    lead_in = intro_s if music is not None else 0.0
    at = lead_in
    clips: list[dict[str, Any]] = []
    effects: list[dict[str, Any]] = []
    for voice in voices:
        # A sound effect takes its turn like a voice, on a track of its own: it is not polished and nothing ducks for it.
        turn = effects if voice.kind == "sound_effect" else clips
        turn.append({"asset_id": voice.id, "start_s": round(at, 3)})
        at += (voice.duration_s or 0.0) + gap_s
    if clips:
        tracks.append(
            {"name": "Voice", "role": "voice", "gain_db": voice_gain_db, "pan": voice_pan, "level_lufs": LEVEL_LUFS,
             "clips": clips, "effects": POLISH if polish_voice else []}
        )  # fmt: skip
    if effects:
        tracks.append(
            {"name": "Effects", "role": "effects", "gain_db": voice_gain_db, "level_lufs": LEVEL_LUFS, "clips": effects}
        )
    length_s = None
    if music is not None:
        bed = {"asset_id": music.id, "fade_in_s": fade_in_s, "fade_out_s": fade_out_s, "loop": bool(voices)}
        duck = {"depth_db": duck_db, "attack_s": attack_s, "release_s": release_s} if duck_db > 0 and clips else None
        tracks.append(
            {"name": "Music", "role": "music", "gain_db": music_gain_db, "pan": music_pan, "level_lufs": LEVEL_LUFS,
             "clips": [bed], "duck": duck}
        )  # fmt: skip
        if voices:
            length_s = round(at - gap_s + tail_s, 3)
    return document(tracks=tracks, loudness=target, length_s=length_s)


def settings_of_voice_over_music() -> frozenset[str]:
    return frozenset(inspect.signature(voice_over_music).parameters) - {"voices", "music"}


def _name(name: str) -> str:
    cleaned = " ".join(name.split())[:200]
    return cleaned or "Untitled"
