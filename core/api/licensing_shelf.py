"""Favourites and playlists of licensed music over REST, under the music-licensing document's paths and names."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from core.api.licensing_shelf_shapes import (
    AddedOut,
    EntryOut,
    FavouriteOut,
    Favourites,
    NewFavourite,
    NewPlaylist,
    PlaylistChanged,
    PlaylistEdit,
    PlaylistOpened,
    PlaylistOut,
    Playlists,
    PlaylistTrack,
    RulesFound,
    RulesTried,
    Step,
    Through,
)
from core.api.submitting import TheStudio, Who
from core.kit.errors import UserError
from core.licensing.playlists.types import MOST_ENTRIES, Changes

router = APIRouter(prefix="/api/music-licensing", tags=["music licensing"])
Id = Annotated[str, Path(max_length=60)]
Limit = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]


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
    opened = studio.playlists.open(actor, playlist_id, limit=None)
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
