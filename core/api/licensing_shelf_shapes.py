"""What favourites and playlists are asked and answer with over REST: camelCase, as in the music-licensing document."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from core.api.bodies import Asked
from core.licensing.playlists.types import LIBRARY, MOST_ENTRIES, Added, Entry, Favourite, Play, Playlist, Ref
from core.licensing.types import Track


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Given(Asked):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", allow_inf_nan=False)


class TrackRef(Given):
    """A track of a catalogue (`provider`, `trackId`) or a piece of the library (`assetId`)."""

    provider: str = Field(default="", max_length=40, examples=["openverse"])
    track_id: str = Field(default="", max_length=200)
    asset_id: str = Field(default="", max_length=60)
    title: str = Field(default="", max_length=200, description="shown where its catalogue cannot be asked now")

    @model_validator(mode="after")
    def _one(self) -> TrackRef:
        if bool(self.asset_id) == bool(self.provider and self.track_id):
            raise ValueError("give either provider and trackId, or assetId")
        return self

    @property
    def key(self) -> tuple[str, str]:
        return (LIBRARY, self.asset_id) if self.asset_id else (self.provider, self.track_id)


class PlaylistTrack(TrackRef):
    notes: str | None = Field(default=None, max_length=2000)

    @property
    def ref(self) -> Ref:
        return Ref(*self.key, notes=self.notes, title=self.title)


class NewFavourite(TrackRef):
    notes: str | None = Field(default=None, max_length=2000)
    tags: list[str] | None = Field(default=None, max_length=30, examples=[["intro", "calm"]])


class PlayOut(Camel):
    sound: Literal["file", "preview", "none"] = Field(
        description="file: it lies in the library; preview: its catalogue's"
    )
    url: str
    asset_id: str
    why: str = Field(description="of what cannot be heard: the reason")

    @classmethod
    def of(cls, play: Play) -> PlayOut:
        return cls(**play.__dict__)


class KeptTrack(Camel):
    """A track as it is kept; `facts` is what only its catalogue knows."""

    provider: str
    id: str
    title: str
    artist: str
    album: str
    composer: str
    publisher: str
    isrc: str
    duration_s: float | None
    bpm: float | None
    key: str
    genres: list[str]
    moods: list[str]
    instruments: list[str]
    tags: list[str]
    vocals: bool | None
    explicit: bool | None
    popularity: float | None
    released: str
    page_url: str
    preview_url: str
    image_url: str
    price_usd: str | None
    terms: dict[str, Any]
    preview_only: bool
    facts: dict[str, Any]

    @classmethod
    def of(cls, track: Track) -> KeptTrack:
        return cls(**track.as_dict())


class FavouriteOut(Camel):
    id: str
    provider: str
    track_id: str
    asset_id: str = Field(description="of what lies in the library, licensed tracks too")
    track: KeptTrack
    play: PlayOut
    gone: bool = Field(description="its catalogue or the library no longer has it: what is shown was written down")
    notes: str
    tags: list[str]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, one: Favourite) -> FavouriteOut:
        return cls(
            id=one.id, provider=one.track.provider, track_id=one.track.id, asset_id=one.play.asset_id,
            track=KeptTrack.of(one.track), play=PlayOut.of(one.play), gone=one.gone, notes=one.notes, tags=one.tags,
            created_at=one.created_at, updated_at=one.updated_at,
        )  # fmt: skip


class Favourites(Camel):
    favorites: list[FavouriteOut]
    total: int
    limit: int
    offset: int


class PlaylistOut(Camel):
    id: str
    name: str
    description: str
    smart: bool
    rules: dict[str, Any] | None
    visibility: Literal["private", "team", "public"]
    is_public: bool
    owner: str
    mine: bool
    may_edit: bool
    count: int | None = Field(description="tracks in it; null of a smart one, which is counted when it is opened")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, one: Playlist) -> PlaylistOut:
        own = ("smart", "is_public")
        fields = {name: getattr(one, name) for name in cls.model_fields if name not in own}
        return cls(**fields, smart=one.smart, is_public=one.visibility == "public")


class AddedOut(Camel):
    added: int
    already: int = Field(description="were in it before, or came twice")
    unknown: list[str] = Field(description="their catalogue says it has no such track: left out")

    @classmethod
    def of(cls, one: Added) -> AddedOut:
        return cls(**one.__dict__)


class PlaylistChanged(PlaylistOut):
    tracks: AddedOut | None = None


class Playlists(Camel):
    playlists: list[PlaylistOut]
    total: int


class EntryOut(Camel):
    id: str = Field(description="of the entry, for moving and removing it; empty in a smart playlist")
    track: KeptTrack
    play: PlayOut
    gone: bool
    notes: str
    added_by: str
    added_at: datetime | None

    @classmethod
    def of(cls, one: Entry) -> EntryOut:
        return cls(
            id=one.id, track=KeptTrack.of(one.track), play=PlayOut.of(one.play), gone=one.gone, notes=one.notes,
            added_by=one.added_by, added_at=one.added_at,
        )  # fmt: skip


class PlaylistOpened(PlaylistOut):
    tracks: list[EntryOut]
    total: int
    limit: int
    offset: int


class Step(Camel):
    position: int
    entry_id: str
    provider: str
    track_id: str
    title: str
    artist: str
    duration_s: float | None
    sound: Literal["file", "preview", "none"]
    url: str
    why: str


class Through(Camel):
    """In their order, with what can be heard of each and why the rest cannot."""

    name: str
    steps: list[Step]
    playable: int
    seconds: float


class NewPlaylist(Given):
    name: str = Field(max_length=200, examples=["Harbour film"])
    description: str = Field(default="", max_length=2000)
    tracks: list[PlaylistTrack] = Field(default=[])
    rules: dict[str, Any] | None = Field(
        default=None, description="of a smart playlist: match (all, any), rules [{field, op, value, not}], sources, sort, limit",
        examples=[{"match": "all", "rules": [{"field": "bpm", "op": "between", "value": [90, 110]}]}],
    )  # fmt: skip
    visibility: Literal["private", "team", "public"] = "private"
    is_public: bool | None = Field(default=None, description="the document's name for visibility public or private")
    team_ids: list[str] = Field(default=[], max_length=50)


class Move(Given):
    entry_id: str = Field(max_length=60)
    after: str = Field(default="", max_length=60, description="the entry it comes to stand behind; empty: to the top")


class PlaylistEdit(Given):
    """What is not sent stays. Done in this order, all or nothing: tracks, remove, add, notes, move; then sharing."""

    name: str | None = Field(default=None, max_length=200)
    description: str | None = Field(default=None, max_length=2000)
    rules: dict[str, Any] | None = None
    tracks: list[PlaylistTrack] | None = Field(default=None, description="all of them, in their order")
    add: list[PlaylistTrack] = Field(default=[])
    remove: list[str] = Field(default=[], max_length=MOST_ENTRIES, description="ids of entries")
    notes: dict[str, str] = Field(default={}, max_length=1000, description="id of an entry to its note")
    move: list[Move] = Field(default=[], max_length=1000)
    visibility: Literal["private", "team", "public"] | None = None
    is_public: bool | None = None
    team_ids: list[str] = Field(default=[], max_length=50)


class RulesTried(Given):
    rules: dict[str, Any]


class RulesFound(Camel):
    tracks: list[EntryOut]
    total: int
