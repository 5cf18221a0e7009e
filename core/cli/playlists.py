"""studio playlists: what one keeps of licensed music, in which order, and as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli.answers import Deleted
from core.cli.playlist_answers import AddedLine, EntryLine, Exported, FavouriteLine, PlaylistLine, PlaylistWhole
from core.cli.session import ACTOR, folder, say, studio
from core.kit.errors import UserError
from core.licensing.playlists.types import LIBRARY, Changes, Ref

playlists = typer.Typer(help="Playlists and favourites of licensed music.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="print the answer as JSON")]
Playlist = Annotated[str, typer.Argument(help="id of a playlist; studio playlists list shows them")]
Tracks = Annotated[
    list[str],
    typer.Argument(help="PROVIDER:ID of a catalogue's track, or the id of a piece of the library; many at once"),
]


@playlists.command("list")
def listing(
    scope: Annotated[str, typer.Option(help="all, mine, team or public")] = "all",
    search: Annotated[str, typer.Option(help="words of the name or the description")] = "",
    as_json: Json = False,
) -> None:
    """List playlists; what changed last comes first."""
    with studio() as opened:
        lines = [PlaylistLine.of(one) for one in opened.playlists.listed(ACTOR, scope, search)]
    shown = [
        f"{line.id}  {line.name:30} {'smart' if line.smart else f'{line.count} tracks':12} {line.visibility}"
        for line in lines
    ]
    say(list(lines), as_json, "\n".join(shown) or "No playlist yet. Make one: studio playlists create NAME")


@playlists.command("show")
def show(
    playlist: Playlist,
    limit: Annotated[int, typer.Option(help="show at most so many", min=1, max=10_000)] = 200,
    as_json: Json = False,
) -> None:
    """Show what is in a playlist; of a smart one, what its rules find now."""
    with studio() as opened:
        whole = opened.playlists.open(ACTOR, playlist, limit=limit)
    lines = [EntryLine.of(number, one) for number, one in enumerate(whole.entries, 1)]
    answer = PlaylistWhole(**PlaylistLine.of(whole.playlist).model_dump(), total=whole.total, tracks=lines)
    shown = [f"{answer.name}  {answer.total} tracks, {answer.visibility}", answer.description]
    shown += [
        f"  {line.position:4}  {line.title[:40]:40} {line.artist[:24]:24} {line.sound:8} {line.why} {line.entry_id}".rstrip()
        for line in lines
    ]
    say(answer, as_json, "\n".join(line for line in shown if line))


@playlists.command("create")
def create(
    name: Annotated[str, typer.Argument(help="its name")],
    tracks: Annotated[list[str] | None, typer.Argument(help="PROVIDER:ID, or ids of pieces of the library")] = None,
    description: Annotated[str, typer.Option(help="what it is for")] = "",
    rules: Annotated[str, typer.Option(help="of a smart playlist: a JSON file, or JSON itself")] = "",
    as_json: Json = False,
) -> None:
    """Make a playlist, or, with rules, a smart one."""
    with studio() as opened:
        made, added = opened.playlists.create(
            ACTOR,
            name=name,
            description=description,
            rules=_rules(rules) if rules else None,
            tracks=_refs(tracks or []),
        )
    say(
        PlaylistLine.of(made),
        as_json,
        f"{made.id}  {made.name}  {_told(AddedLine.of(added)) if tracks else ''}".rstrip(),
    )


@playlists.command("add")
def add(playlist: Playlist, tracks: Tracks, as_json: Json = False) -> None:
    """Put tracks behind the last; those that are in it already stay where they are."""
    with studio() as opened:
        line = AddedLine.of(opened.playlists.add(ACTOR, playlist, _refs(tracks)))
    say(line, as_json, _told(line))


@playlists.command("move")
def move(
    playlist: Playlist,
    entry: Annotated[str, typer.Argument(help="id of an entry; studio playlists show tells them")],
    after: Annotated[str, typer.Option(help="the entry it comes to stand behind; to the top without")] = "",
    as_json: Json = False,
) -> None:
    """Put an entry behind another, or to the top."""
    with studio() as opened:
        changed, _ = opened.playlists.change(ACTOR, playlist, Changes(move=[(entry, after)]))
    say(PlaylistLine.of(changed), as_json, "moved")


@playlists.command("remove")
def remove(
    playlist: Playlist,
    entries: Annotated[list[str], typer.Argument(help="ids of entries; studio playlists show tells them")],
    as_json: Json = False,
) -> None:
    """Take entries out."""
    with studio() as opened:
        changed, _ = opened.playlists.change(ACTOR, playlist, Changes(remove=entries))
    say(PlaylistLine.of(changed), as_json, f"{changed.count} tracks are left")


@playlists.command("share")
def share(
    playlist: Playlist,
    visibility: Annotated[str, typer.Argument(help="private, team or public")],
    team: Annotated[list[str] | None, typer.Option(help="id of a team; may be repeated")] = None,
    as_json: Json = False,
) -> None:
    """Say who may hear it; editors of a team it is shared with may change it."""
    with studio() as opened:
        line = PlaylistLine.of(opened.playlists.share(ACTOR, playlist, visibility, team or []))
    say(line, as_json, line.visibility)


@playlists.command("export")
def export(
    playlist: Playlist,
    out: Annotated[Path, typer.Argument(help="a .json, .csv or .m3u8 file to write; - for standard output")],
    form: Annotated[str, typer.Option("--format", help="json, csv or m3u8; the file's ending otherwise")] = "",
    as_json: Json = False,
) -> None:
    """Write a playlist to a file."""
    chosen = form or out.suffix.removeprefix(".").lower() or "json"
    with studio() as opened:
        file = opened.playlists.export(ACTOR, playlist, chosen)
    if str(out) == "-":
        say(Exported(path="-", text=file.text), as_json, file.text.removesuffix("\n"))
        return
    folder(out.parent)
    try:
        out.write_text(file.text, encoding="utf-8", newline="")
    except OSError as error:
        raise UserError(f"{str(out)!r} cannot be written: {error.strerror}.", "Choose another file.") from None
    say(Exported(path=str(out), text=""), as_json, str(out))


@playlists.command("delete")
def delete(playlist: Playlist, as_json: Json = False) -> None:
    """Delete a playlist; its tracks stay where they are."""
    with studio() as opened:
        opened.playlists.delete(ACTOR, playlist)
    say(Deleted(id=playlist), as_json, "deleted")


@playlists.command("favourites")
def favourites(
    tag: Annotated[str, typer.Option(help="only those with this tag")] = "",
    search: Annotated[str, typer.Option(help="words that have to occur")] = "",
    limit: Annotated[int, typer.Option(help="show at most so many", min=1, max=10_000)] = 200,
    as_json: Json = False,
) -> None:
    """List your favourites, the newest first."""
    with studio() as opened:
        found, _ = opened.playlists.favourites.listed(ACTOR, tag=tag, search=search, limit=limit)
    lines = [FavouriteLine.of(one) for one in found]
    shown = [f"{line.id}  {line.title[:40]:40} {line.artist[:24]:24} {', '.join(line.tags)}".rstrip() for line in lines]
    say(list(lines), as_json, "\n".join(shown) or "No favourite yet. Mark one: studio playlists like PROVIDER:ID")


@playlists.command("like")
def like(
    track: Annotated[str, typer.Argument(help="PROVIDER:ID, or the id of a piece of the library")],
    notes: Annotated[str | None, typer.Option(help="why")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="may be repeated")] = None,
    as_json: Json = False,
) -> None:
    """Mark a track as a favourite; once more changes its notes and tags."""
    ref = _refs([track])[0]
    with studio() as opened:
        one, _ = opened.playlists.favourites.add(ACTOR, ref.provider, ref.id, notes=notes, tags=tag)
    line = FavouriteLine.of(one)
    say(line, as_json, f"{line.id}  {line.title}")


@playlists.command("unlike")
def unlike(
    favourite: Annotated[str, typer.Argument(help="id of a favourite; studio playlists favourites shows them")],
    as_json: Json = False,
) -> None:
    """No favourite any more."""
    with studio() as opened:
        opened.playlists.favourites.remove(ACTOR, favourite)
    say(Deleted(id=favourite), as_json, "removed")


def _refs(given: list[str]) -> list[Ref]:
    found = []
    for one in given:
        provider, colon, track_id = one.partition(":")
        found.append(Ref(provider, track_id) if colon else Ref(LIBRARY, one))
    return found


def _rules(given: str) -> Any:
    text = given
    if not given.lstrip().startswith("{"):
        try:
            text = Path(given).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UserError(f"{given[:100]!r} cannot be read: {error}.", "Give a JSON file, or JSON itself.") from None
    try:
        return json.loads(text)
    except ValueError as error:
        raise UserError(f"These rules are no JSON: {error}.", 'Such as {"rules": [{"field": "bpm", …}]}') from None


def _told(line: AddedLine) -> str:
    parts = [f"{line.added} added"]
    if line.already:
        parts.append(f"{line.already} in it already")
    if line.unknown:
        parts.append(f"unknown: {', '.join(line.unknown[:5])}{' …' if len(line.unknown) > 5 else ''}")
    return ", ".join(parts)
