"""Favourites and playlists of licensed music over REST, under the music-licensing document's paths and names."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from core.api.bodies import Asked
from core.api.submitting import TheStudio, Who
from core.kit.errors import UserError
from core.licensing.playlists.types import (
    LIBRARY,
    MOST_ENTRIES,
    Added,
    Changes,
    Entry,
    Favourite,
    Opened,
    Play,
    Playlist,
    Ref,
)
from core.licensing.types import Track

router = APIRouter(prefix="/api/music-licensing", tags=["music licensing"])
Id = Annotated[str, Path(max_length=60)]
Limit = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]


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


class TrackOut(Camel):
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
    def of(cls, track: Track) -> TrackOut:
        return cls(**track.as_dict())


class FavouriteOut(Camel):
    id: str
    provider: str
    track_id: str
    asset_id: str = Field(description="of what lies in the library, licensed tracks too")
    track: TrackOut
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
            track=TrackOut.of(one.track), play=PlayOut.of(one.play), gone=one.gone, notes=one.notes, tags=one.tags,
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
    track: TrackOut
    play: PlayOut
    gone: bool
    notes: str
    added_by: str
    added_at: datetime | None

    @classmethod
    def of(cls, one: Entry) -> EntryOut:
        return cls(
            id=one.id, track=TrackOut.of(one.track), play=PlayOut.of(one.play), gone=one.gone, notes=one.notes,
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


@router.post(
    "/favorites", status_code=201, responses={200: {"model": FavouriteOut, "description": "it was one already"}}
)
def like(body: NewFavourite, actor: Who, studio: TheStudio, response: Response) -> FavouriteOut:
    """One a track: of one that is there already, notes and tags that are sent take the old ones' place."""
    one, new = studio.playlists.favourites.add(
        actor, *body.key, notes=body.notes, tags=body.tags, title=body.title
    )  # fmt: skip
    response.status_code = 201 if new else 200
    return FavouriteOut.of(one)


@router.get("/favorites")
def favourites(
    actor: Who, studio: TheStudio, tag: Annotated[str, Query(max_length=60)] = "",
    search: Annotated[str, Query(max_length=200)] = "", limit: Limit = 100, offset: Offset = 0,
) -> Favourites:  # fmt: skip
    """Your own, the newest first."""
    found, total = studio.playlists.favourites.listed(actor, tag=tag, search=search, limit=limit, offset=offset)
    return Favourites(favorites=[FavouriteOut.of(one) for one in found], total=total, limit=limit, offset=offset)


@router.delete("/favorites/{favourite_id}", status_code=204)
def unlike(favourite_id: Id, actor: Who, studio: TheStudio) -> Response:
    studio.playlists.favourites.remove(actor, favourite_id)
    return Response(status_code=204)


@router.post("/playlists", status_code=201)
def create(body: NewPlaylist, actor: Who, studio: TheStudio) -> PlaylistChanged:
    """A list of tracks, or, with `rules`, a smart one that finds them."""
    _few(body.tracks)
    made, added = studio.playlists.create(
        actor, name=body.name, description=body.description, rules=body.rules, tracks=[one.ref for one in body.tracks]
    )
    wanted = _visibility(body.visibility, body.is_public)
    if wanted not in (None, "private"):
        try:
            made = studio.playlists.share(actor, made.id, wanted or "", body.team_ids)
        except BaseException:
            studio.playlists.delete(actor, made.id)  # whoever asks for both gets both, or neither
            raise
    return PlaylistChanged(**PlaylistOut.of(made).model_dump(), tracks=AddedOut.of(added))


@router.get("/playlists")
def listing(
    actor: Who, studio: TheStudio, scope: Literal["all", "mine", "team", "public"] = "all",
    search: Annotated[str, Query(max_length=200)] = "", limit: Limit = 200, offset: Offset = 0,
) -> Playlists:  # fmt: skip
    """Your own, your teams' and public ones; what changed last comes first."""
    found = studio.playlists.listed(actor, scope, search)
    return Playlists(playlists=[PlaylistOut.of(one) for one in found[offset : offset + limit]], total=len(found))


@router.post("/playlists/try")
def try_rules(body: RulesTried, actor: Who, studio: TheStudio) -> RulesFound:
    """What rules would find now: the first 50, and how many in all. Nothing is made."""
    found, total = studio.playlists.try_rules(actor, body.rules)
    return RulesFound(tracks=[EntryOut.of(one) for one in found], total=total)


@router.get("/playlists/{playlist_id}")
def show(playlist_id: Id, actor: Who, studio: TheStudio, limit: Limit = 200, offset: Offset = 0) -> PlaylistOpened:
    opened = studio.playlists.open(actor, playlist_id, limit=limit, offset=offset)
    return PlaylistOpened(
        **PlaylistOut.of(opened.playlist).model_dump(), tracks=[EntryOut.of(one) for one in opened.entries],
        total=opened.total, limit=limit, offset=offset,
    )  # fmt: skip


@router.put("/playlists/{playlist_id}")
def change(playlist_id: Id, body: PlaylistEdit, actor: Who, studio: TheStudio) -> PlaylistChanged:
    """Editors of a team it is shared with may change it; who sees it is its owner's alone to say."""
    for tracks in (body.tracks, body.add):
        _few(tracks or [])
    changes = Changes(
        name=body.name, description=body.description, rules=body.rules,
        tracks=None if body.tracks is None else [one.ref for one in body.tracks], add=[one.ref for one in body.add],
        remove=body.remove, notes=body.notes, move=[(one.entry_id, one.after) for one in body.move],
    )  # fmt: skip
    changed, added = studio.playlists.change(actor, playlist_id, changes)
    wanted = _visibility(body.visibility, body.is_public)
    if wanted is not None:
        changed = studio.playlists.share(actor, playlist_id, wanted, body.team_ids)
    return PlaylistChanged(**PlaylistOut.of(changed).model_dump(), tracks=AddedOut.of(added))


@router.delete("/playlists/{playlist_id}", status_code=204)
def delete(playlist_id: Id, actor: Who, studio: TheStudio) -> Response:
    """The tracks stay where they are."""
    studio.playlists.delete(actor, playlist_id)
    return Response(status_code=204)


@router.get("/playlists/{playlist_id}/play")
def play(playlist_id: Id, actor: Who, studio: TheStudio) -> Through:
    """The whole of it, for a player that goes from one to the next."""
    opened: Opened = studio.playlists.open(actor, playlist_id, limit=None)
    steps = [
        Step(
            position=number, entry_id=one.id, provider=one.track.provider, track_id=one.track.id, title=one.track.title,
            artist=one.track.artist, duration_s=one.track.duration_s, sound=one.play.sound, url=one.play.url,
            why=one.play.why,
        )
        for number, one in enumerate(opened.entries, 1)
    ]  # fmt: skip
    heard = [one for one in steps if one.sound != "none"]
    seconds = sum(one.duration_s or 0.0 for one in heard)
    return Through(name=opened.playlist.name, steps=steps, playable=len(heard), seconds=seconds)


@router.get(
    "/playlists/{playlist_id}/export", response_class=Response,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}, "text/csv": {}, "application/vnd.apple.mpegurl": {}}}},
)  # fmt: skip
def export(
    playlist_id: Id, request: Request, actor: Who, studio: TheStudio,
    form: Annotated[Literal["json", "csv", "m3u8"], Query(alias="format")] = "json",
) -> Response:  # fmt: skip
    file = studio.playlists.export(actor, playlist_id, form, str(request.base_url))
    named = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.text.encode(), media_type=f"{file.media_type}; charset=utf-8", headers=named)


def _visibility(visibility: str | None, is_public: bool | None) -> str | None:
    if is_public is None:
        return visibility
    return "public" if is_public else visibility if visibility == "team" else "private"


def _few(tracks: list[PlaylistTrack]) -> None:
    if len(tracks) > MOST_ENTRIES:
        raise UserError(
            f"A playlist holds {MOST_ENTRIES:,} tracks, and {len(tracks):,} were sent.",
            "Put the rest into another playlist.", "playlist_full",
        )  # fmt: skip
