"""Tracks somebody wants to find again: one row a user and track, with its facts as they were, so that it stays readable
when its catalogue forgets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    String,
    Table,
    UniqueConstraint,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.kit.clock import new_id, now
from core.kit.errors import NotFound
from core.store.db import Utc, metadata

LIBRARY = "library"
"""The provider of what lies in the library: its track id is the asset's."""

table = Table(
    "favourite_tracks",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("provider", String(40), nullable=False),
    Column("track_id", String(200), nullable=False),
    Column("title", String(300), nullable=False),
    Column("track", JSON, nullable=False),
    Column("notes", String(2000), nullable=False),
    Column("tags", JSON, nullable=False),
    Column("user_id", String(60), nullable=False),
    Column("organisation_id", String(60), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    UniqueConstraint("user_id", "provider", "track_id"),
)


@dataclass(frozen=True)
class FavouriteRow:
    id: str
    provider: str
    track_id: str
    title: str
    track: dict[str, Any]
    """As core.licensing.types.Track writes itself."""
    notes: str
    tags: list[str]
    user_id: str
    created_at: datetime
    updated_at: datetime


def own(actor: Actor) -> ColumnElement[bool]:
    """What one likes is nobody else's to see, an administrator's neither."""
    return table.c.user_id == actor.user_id


def put(
    connection: Connection,
    actor: Actor,
    provider: str,
    track_id: str,
    track: Mapping[str, Any],
    notes: str | None,
    tags: list[str] | None,
) -> tuple[str, bool]:
    """Its id, and whether it is new. Notes and tags of None stay as they were."""
    moment = now()
    facts = {"track": dict(track), "title": str(track.get("title", ""))[:300], "updated_at": moment}
    where = (own(actor), table.c.provider == provider, table.c.track_id == track_id)
    found = connection.execute(select(table.c.id).where(*where)).scalar()
    if found is not None:
        said = {name: value for name, value in (("notes", notes), ("tags", tags)) if value is not None}
        connection.execute(update(table).where(table.c.id == found).values(**facts, **said))
        return str(found), False
    row = facts | {
        "id": new_id("favourite"), "provider": provider, "track_id": track_id, "notes": notes or "", "tags": tags or [],
        "user_id": actor.user_id, "organisation_id": actor.organisation_id, "created_at": moment,
    }  # fmt: skip
    connection.execute(insert(table).values(**row))
    return str(row["id"]), True


def get(connection: Connection, actor: Actor, favourite_id: str) -> FavouriteRow:
    row = connection.execute(select(table).where(table.c.id == favourite_id, own(actor))).mappings().first()
    if row is None:
        raise NotFound(
            f"There is no favourite {favourite_id[:60]!r}.",
            "List them with: studio playlists favourites",
            "no_favourite",
        )
    return _row(row)


def listing(
    connection: Connection, actor: Actor, *, tag: str = "", words: str = "", limit: int | None = 100, offset: int = 0
) -> tuple[list[FavouriteRow], int]:
    """A page of them, the newest first, and how many there are in all. `limit` None: all."""
    where: list[ColumnElement[bool]] = [own(actor)]
    if tag:
        where.append(func.lower(table.c.tags.cast(String)).contains(f'"{tag.lower()}"', autoescape=True))
    for word in words.lower().split():
        told = [table.c.title, table.c.notes, table.c.tags.cast(String), table.c.track.cast(String)]
        where.append(or_(*(func.lower(each).contains(word, autoescape=True) for each in told)))
    total = connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one()
    page = (
        select(table).where(*where).order_by(table.c.created_at.desc(), table.c.id.desc()).limit(limit).offset(offset)
    )
    return [_row(row) for row in connection.execute(page).mappings()], int(total)


def count(connection: Connection, actor: Actor) -> int:
    return int(connection.execute(select(func.count()).select_from(table).where(own(actor))).scalar_one())


def remove(connection: Connection, favourite_id: str) -> None:
    connection.execute(delete(table).where(table.c.id == favourite_id))


def _row(row: Mapping[Any, Any]) -> FavouriteRow:
    return FavouriteRow(**{name: row[name] for name in FavouriteRow.__dataclass_fields__})
