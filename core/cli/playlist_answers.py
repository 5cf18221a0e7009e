"""What `studio playlists … --json` prints."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from core.licensing.playlists.types import Added, Entry, Favourite, Playlist


class PlaylistLine(BaseModel):
    id: str
    name: str
    description: str
    smart: bool
    rules: dict[str, Any] | None
    visibility: str
    owner: str
    may_edit: bool
    count: int | None
    updated_at: datetime

    @classmethod
    def of(cls, one: Playlist) -> PlaylistLine:
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class EntryLine(BaseModel):
    position: int
    entry_id: str
    provider: str
    track_id: str
    title: str
    artist: str
    duration_s: float | None
    sound: str
    url: str
    why: str
    gone: bool
    notes: str

    @classmethod
    def of(cls, position: int, one: Entry) -> EntryLine:
        track = one.track
        return cls(
            position=position, entry_id=one.id, provider=track.provider, track_id=track.id, title=track.title,
            artist=track.artist, duration_s=track.duration_s, sound=one.play.sound, url=one.play.url, why=one.play.why,
            gone=one.gone, notes=one.notes,
        )  # fmt: skip


class PlaylistWhole(PlaylistLine):
    total: int
    tracks: list[EntryLine]


class AddedLine(BaseModel):
    added: int
    already: int
    unknown: list[str]

    @classmethod
    def of(cls, one: Added) -> AddedLine:
        return cls(**one.__dict__)


class FavouriteLine(BaseModel):
    id: str
    provider: str
    track_id: str
    title: str
    artist: str
    notes: str
    tags: list[str]
    gone: bool
    created_at: datetime

    @classmethod
    def of(cls, one: Favourite) -> FavouriteLine:
        return cls(
            id=one.id, provider=one.track.provider, track_id=one.track.id, title=one.track.title, artist=one.track.artist,
            notes=one.notes, tags=one.tags, gone=one.gone, created_at=one.created_at,
        )  # fmt: skip


class Exported(BaseModel):
    path: str
    text: str
