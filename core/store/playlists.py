"""Playlists: an order of tracks that somebody keeps, or rules that find them; and who else may look or edit.

Places in the order have gaps between them, so that moving one track writes one row. Where a gap is used up, the whole
order is numbered anew, once in some thirty moves to the same spot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.kit.clock import new_id, now
from core.kit.errors import AccessError, NotFound
from core.store import reach, teams
from core.store.db import Utc, metadata

NOUN = "playlist"
PRIVATE, PUBLIC = "private", "public"
GAP = 2**32
_AT_ONCE = 500

table = Table(
    "playlists",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("description", String(2000), nullable=False),
    Column("rules", JSON(none_as_null=True)),  # of a smart one; others have entries
    Column("visibility", String(20), nullable=False, index=True),
    Column("user_id", String(60), nullable=False, index=True),
    Column("organisation_id", String(60), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
)

entries = Table(
    "playlist_entries",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("playlist_id", ForeignKey("playlists.id", ondelete="CASCADE"), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("provider", String(40), nullable=False),
    Column("track_id", String(200), nullable=False),
    Column("track", JSON, nullable=False),
    Column("notes", String(2000), nullable=False),
    Column("added_by", String(60), nullable=False),
    Column("added_at", Utc, nullable=False),
    UniqueConstraint("playlist_id", "provider", "track_id"),
    Index("ix_playlist_entries_order", "playlist_id", "position"),
)

CONTENT = ("name", "description", "rules")


@dataclass(frozen=True)
class PlaylistRow:
    id: str
    name: str
    description: str
    rules: dict[str, Any] | None
    visibility: str
    user_id: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class EntryRow:
    id: str
    position: int
    provider: str
    track_id: str
    track: dict[str, Any]
    """As core.licensing.types.Track writes itself, at the time it was added."""
    notes: str
    added_by: str
    added_at: datetime


def visible(actor: Actor) -> ColumnElement[bool]:
    """One's own, what is public, and what was shared with one's teams. Administrators see all."""
    return reach.visible(actor, table, NOUN, reach.public(table))


def editable(actor: Actor) -> ColumnElement[bool]:
    """One's own, and what was shared with a team one may edit in. A public one is its owner's alone."""
    return reach.editable(actor, table, NOUN)


def add(connection: Connection, actor: Actor, content: Mapping[str, Any]) -> str:
    moment = now()
    row = {name: content[name] for name in CONTENT} | {
        "id": new_id("playlist"), "visibility": PRIVATE, "user_id": actor.user_id,
        "organisation_id": actor.organisation_id, "created_at": moment, "updated_at": moment,
    }  # fmt: skip
    connection.execute(insert(table).values(**row))
    return str(row["id"])


def get(connection: Connection, actor: Actor, playlist_id: str) -> PlaylistRow:
    row = connection.execute(select(table).where(table.c.id == playlist_id, visible(actor))).mappings().first()
    if row is None:
        raise NotFound(
            f"There is no playlist {playlist_id[:60]!r}.", "List them with: studio playlists list", "no_playlist"
        )
    return _row(row)


def owned(connection: Connection, actor: Actor, playlist_id: str) -> PlaylistRow:
    """AccessError for one that is somebody else's and visible."""
    row = get(connection, actor, playlist_id)
    if row.user_id != actor.user_id and not actor.is_admin:
        raise AccessError(f"Only its owner may do that with {row.name!r}.", "Copy its tracks into one of your own.")
    return row


def to_edit(connection: Connection, actor: Actor, playlist_id: str) -> PlaylistRow:
    """AccessError for one that the actor may hear, not change."""
    row = get(connection, actor, playlist_id)
    if connection.execute(select(table.c.id).where(table.c.id == playlist_id, editable(actor))).first() is None:
        raise AccessError(
            f"You may hear {row.name!r}, not change it.",
            "Copy its tracks into one of your own, or ask an owner of the team for the role of an editor.",
        )
    return row


def listing(connection: Connection, actor: Actor, scope: str = "") -> list[PlaylistRow]:
    """Newest change first. `scope`: mine, team (shared with a team of the actor's), public; "" all that he sees."""
    where = [visible(actor)]
    if scope == "mine":
        where.append(table.c.user_id == actor.user_id)
    elif scope == "team":
        where.append(teams.shared_with(actor, NOUN, table.c.id))
    elif scope == "public":
        where.append(table.c.visibility == PUBLIC)
    rows = connection.execute(select(table).where(*where).order_by(table.c.updated_at.desc(), table.c.id))
    return [_row(row) for row in rows.mappings()]


def editable_among(connection: Connection, actor: Actor) -> set[str]:
    return set(connection.execute(select(table.c.id).where(editable(actor))).scalars())


def shared_ids(connection: Connection) -> set[str]:
    """Those that some team was given."""
    found = select(teams.shares.c.subject_id).where(teams.shares.c.noun == NOUN).distinct()
    return set(connection.execute(found).scalars())


def owned_by(connection: Connection, user_id: str) -> int:
    found = select(func.count()).select_from(table).where(table.c.user_id == user_id)
    return int(connection.execute(found).scalar_one())


def change(connection: Connection, playlist_id: str, **values: Any) -> None:
    """Also without values: its entries changed."""
    connection.execute(update(table).where(table.c.id == playlist_id).values(**values, updated_at=now()))


def remove(connection: Connection, playlist_id: str) -> None:
    """With its entries and shares."""
    teams.unshare(connection, NOUN, [playlist_id])
    connection.execute(delete(entries).where(entries.c.playlist_id == playlist_id))
    connection.execute(delete(table).where(table.c.id == playlist_id))


def sizes(connection: Connection, playlist_ids: Sequence[str]) -> dict[str, int]:
    """How many entries; those without any are left out."""
    found = select(entries.c.playlist_id, func.count()).where(entries.c.playlist_id.in_(playlist_ids))
    return {str(of): int(count) for of, count in connection.execute(found.group_by(entries.c.playlist_id))}


def page(connection: Connection, playlist_id: str, *, limit: int | None = None, offset: int = 0) -> list[EntryRow]:
    """In their order; without a limit all of them."""
    columns = [entries.c[name] for name in EntryRow.__dataclass_fields__]
    found = select(*columns).where(entries.c.playlist_id == playlist_id).order_by(entries.c.position, entries.c.id)
    return [EntryRow(**row) for row in connection.execute(found.limit(limit).offset(offset)).mappings()]


def refs(connection: Connection, playlist_id: str) -> dict[tuple[str, str], str]:
    """(provider, track id) to the id of the entry."""
    found = select(entries.c.provider, entries.c.track_id, entries.c.id).where(entries.c.playlist_id == playlist_id)
    return {(str(one.provider), str(one.track_id)): str(one.id) for one in connection.execute(found)}


def append(
    connection: Connection, actor: Actor, playlist_id: str, tracks: Iterable[tuple[Mapping[str, Any], str]]
) -> list[str]:
    """(track, notes) after the last; answers the ids of the new entries. None of them may be in it already."""
    last = connection.execute(select(func.max(entries.c.position)).where(entries.c.playlist_id == playlist_id)).scalar()
    moment = now()
    rows = [
        {"id": new_id("entry"), "playlist_id": playlist_id, "position": (last or 0) + GAP * number,
         "provider": str(track["provider"]), "track_id": str(track["id"]), "track": dict(track), "notes": notes,
         "added_by": actor.user_id, "added_at": moment}
        for number, (track, notes) in enumerate(tracks, 1)
    ]  # fmt: skip
    if rows:
        connection.execute(insert(entries), rows)
    return [str(row["id"]) for row in rows]


def take_out(connection: Connection, playlist_id: str, entry_ids: Sequence[str]) -> int:
    gone = 0
    for start in range(0, len(entry_ids), _AT_ONCE):
        some = entries.c.id.in_(entry_ids[start : start + _AT_ONCE])
        gone += connection.execute(delete(entries).where(entries.c.playlist_id == playlist_id, some)).rowcount
    return gone


def note(connection: Connection, playlist_id: str, entry_id: str, notes: str) -> bool:
    where = (entries.c.playlist_id == playlist_id, entries.c.id == entry_id)
    return connection.execute(update(entries).where(*where).values(notes=notes)).rowcount == 1


def move(connection: Connection, playlist_id: str, entry_id: str, after: str) -> bool:
    """Behind the entry `after`, "" to the top. False where one of the two is not in it."""
    spot = _between(connection, playlist_id, entry_id, after)
    if spot is not None and spot[1] - spot[0] < 2:
        spread(connection, playlist_id)
        spot = _between(connection, playlist_id, entry_id, after)
    if spot is None:
        return False
    where = (entries.c.playlist_id == playlist_id, entries.c.id == entry_id)
    middle = (spot[0] + spot[1]) // 2
    return connection.execute(update(entries).where(*where).values(position=middle)).rowcount == 1


def _between(connection: Connection, playlist_id: str, entry_id: str, after: str) -> tuple[int, int] | None:
    """Places of those that will stand before and behind it."""
    before = 0
    mine = entries.c.playlist_id == playlist_id
    if after:
        place = connection.execute(select(entries.c.position).where(mine, entries.c.id == after)).scalar()
        if place is None:
            return None
        before = int(place)
    others = select(func.min(entries.c.position)).where(mine, entries.c.id != entry_id, entries.c.position > before)
    behind = connection.execute(others).scalar()
    return before, before + 2 * GAP if behind is None else int(behind)


def spread(connection: Connection, playlist_id: str) -> None:
    """Number the whole order anew, with gaps."""
    found = select(entries.c.id).where(entries.c.playlist_id == playlist_id)
    order(connection, connection.execute(found.order_by(entries.c.position, entries.c.id)).scalars().all())


def order(connection: Connection, entry_ids: Sequence[str]) -> None:
    """All entries of a playlist, as they are to stand."""
    if entry_ids:
        numbered = update(entries).where(entries.c.id == bindparam("entry")).values(position=bindparam("place"))
        rows = [{"entry": entry_id, "place": GAP * number} for number, entry_id in enumerate(entry_ids, 1)]
        connection.execute(numbered, rows)


def _row(row: Mapping[Any, Any]) -> PlaylistRow:
    return PlaylistRow(**{name: row[name] for name in PlaylistRow.__dataclass_fields__})
