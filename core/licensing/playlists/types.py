"""The nouns of the shelf: a favourite, a playlist, an entry of one, and what plays when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from core.licensing.types import Track
from core.store.favourite_tracks import LIBRARY

MOST_ENTRIES = 10_000
MOST_PLAYLISTS = 500
MOST_FAVOURITES = 10_000
NAME_LENGTH = 120
NOTES_LENGTH = 2000
MOST_TAGS = 30
TAG_LENGTH = 60

Visibility = Literal["private", "team", "public"]
Sound = Literal["file", "preview", "none"]


@dataclass(frozen=True)
class Ref:
    """A track of a catalogue, or an asset of the library (provider "library")."""

    provider: str
    id: str
    notes: str | None = None
    """Of an entry. None: as it is."""
    title: str = ""
    """What to show where nobody knows the track: told by whoever adds it."""

    @property
    def key(self) -> tuple[str, str]:
        return self.provider, self.id


@dataclass(frozen=True)
class Play:
    """How a track can be heard by whoever asks."""

    sound: Sound
    url: str = ""
    asset_id: str = ""
    why: str = ""
    """Of what cannot be heard: the reason, as a sentence."""


@dataclass(frozen=True)
class Favourite:
    id: str
    track: Track
    play: Play
    gone: bool
    notes: str
    tags: list[str]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Entry:
    id: str
    """Of a smart playlist "": what it finds is no row."""
    track: Track
    play: Play
    gone: bool
    notes: str = ""
    added_by: str = ""
    added_at: datetime | None = None


@dataclass(frozen=True)
class Playlist:
    id: str
    name: str
    description: str
    rules: dict[str, Any] | None
    visibility: Visibility
    owner: str
    mine: bool
    may_edit: bool
    count: int | None
    """None of a smart one: it is counted when it is looked at."""
    created_at: datetime
    updated_at: datetime

    @property
    def smart(self) -> bool:
        return self.rules is not None


@dataclass(frozen=True)
class Opened:
    """A playlist with a stretch of what is in it."""

    playlist: Playlist
    entries: list[Entry]
    total: int
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Added:
    """What became of many that were added at once."""

    added: int = 0
    already: int = 0
    """Were in it before, or came twice."""
    unknown: list[str] = field(default_factory=list)
    """References that their catalogue says it does not have: left out."""


@dataclass(frozen=True)
class Changes:
    """Of a playlist; None stays. Done in this order, in one transaction: tracks, remove, add, notes, move."""

    name: str | None = None
    description: str | None = None
    rules: dict[str, Any] | None = None
    tracks: list[Ref] | None = None
    """All of them, in their order: takes the place of what was in it. Notes and dates of those that stay are kept."""
    add: list[Ref] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)
    """Ids of entries."""
    notes: dict[str, str] = field(default_factory=dict)
    """Id of an entry to what is noted of it."""
    move: list[tuple[str, str]] = field(default_factory=list)
    """(entry, the entry it comes to stand behind; "" for the top)."""

    @property
    def of_entries(self) -> bool:
        return self.tracks is not None or bool(self.add or self.remove or self.notes or self.move)


__all__ = ["LIBRARY", "Added", "Changes", "Entry", "Favourite", "Opened", "Play", "Playlist", "Ref"]
