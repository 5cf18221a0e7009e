"""The synced copy: what catalogues of licensed music told of their tracks, a row each, kept for searching without them.

Beside it stands an index of words (`catalogue_words`: FTS5 on SQLite, a tsvector with GIN on PostgreSQL), which the
database's own triggers keep in step (migration 0018). What vanished from a catalogue leaves the index and keeps its row:
licences and uses still name it.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from core.kit.clock import now
from core.store.db import Utc, metadata

WORDS = "catalogue_words"
SHADOWS = frozenset({WORDS, *(f"{WORDS}_{part}" for part in ("data", "idx", "docsize", "config", "content"))})
"""Of the index of words: made from the rows, and in no backup."""

_COUNTING = zlib.crc32(b"catalogue_tracks")

table = Table(
    "catalogue_tracks",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # counted here: a backup carries no sequences
    Column("provider", String(40), nullable=False),
    Column("track_id", String(200), nullable=False),
    Column("title", String(300), nullable=False),  # folded: for order
    Column("heading", Text, nullable=False),  # title, artist, album, folded
    Column("words", Text, nullable=False),  # all else that is looked for
    Column("marks", Text, nullable=False),  # genres, moods, licence, …, one made-up word each
    Column("sorts", Text, nullable=False),  # the same for people, a line each: "genres:lo-fi"
    Column("duration_s", Float),
    Column("bpm", Float),
    Column("price", Float),  # dollars; 0 where nothing is paid
    Column("popularity", Float),
    Column("released", String(10), nullable=False),
    Column("document", JSON, nullable=False),
    Column("row_hash", String(64), nullable=False),
    Column("seen_run", String(60), nullable=False),
    Column("first_seen_at", Utc, nullable=False),
    Column("changed_at", Utc, nullable=False),
    Column("gone_at", Utc),
    UniqueConstraint("provider", "track_id"),
    Index("ix_catalogue_tracks_seen", "provider", "seen_run"),
)


@dataclass(frozen=True)
class CopyRow:
    provider: str
    track_id: str
    document: dict[str, Any]
    """The track as plain data."""
    row_hash: str
    first_seen_at: datetime
    changed_at: datetime
    gone_at: datetime | None


@dataclass(frozen=True)
class Counts:
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    again: int = 0
    """Seen before in the same run."""


_SHOWN = [table.c[name] for name in CopyRow.__dataclass_fields__]


def find(connection: Connection, provider: str, track_id: str) -> CopyRow | None:
    """Also one that is gone."""
    row = connection.execute(select(*_SHOWN).where(table.c.provider == provider, table.c.track_id == track_id)).first()
    return None if row is None else CopyRow(**row._mapping)


def put(
    connection: Connection, provider: str, rows: Sequence[Mapping[str, Any]], run: str, *, update_existing: bool
) -> Counts:
    """A page of rows of one catalogue, each with its `track_id` and `row_hash`. What is unchanged is only marked as seen."""
    rows = list({row["track_id"]: row for row in rows}.values())
    there = {
        row.track_id: row
        for row in connection.execute(
            select(table.c.id, table.c.track_id, table.c.row_hash, table.c.seen_run, table.c.gone_at).where(
                table.c.provider == provider, table.c.track_id.in_([row["track_id"] for row in rows])
            )
        )
    }
    moment = now()
    fresh = [row for row in rows if row["track_id"] not in there]
    old = [(there[row["track_id"]], row) for row in rows if row["track_id"] in there]
    changed = [
        (was, row) for was, row in old
        if was.gone_at is not None or (update_existing and was.row_hash != row["row_hash"])
    ]  # fmt: skip
    if fresh:
        if connection.dialect.name != "sqlite":  # where writers are not alone
            connection.execute(select(func.pg_advisory_xact_lock(_COUNTING)))
        last = connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
        make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        first = {"provider": provider, "seen_run": run, "first_seen_at": moment, "changed_at": moment}
        connection.execute(
            make(table).on_conflict_do_nothing(index_elements=["provider", "track_id"]),
            [dict(row) | first | {"id": last + number, "gone_at": None} for number, row in enumerate(fresh, 1)],
        )
    for was, row in changed:
        values = dict(row) | {"changed_at": moment, "gone_at": None}
        connection.execute(update(table).where(table.c.id == was.id).values(**values))
    unseen = [was.id for was, _ in old if was.seen_run != run]
    if unseen:
        connection.execute(update(table).where(table.c.id.in_(unseen)).values(seen_run=run))
    first_time = {was.id for was, _ in changed if was.seen_run != run}
    return Counts(len(fresh), len(first_time), len(unseen) - len(first_time), len(old) - len(unseen))


def known(connection: Connection, provider: str) -> int:
    """How many there are, without those that are gone."""
    found = select(func.count()).select_from(table).where(table.c.provider == provider, table.c.gone_at.is_(None))
    return int(connection.execute(found).scalar_one())


def unseen(connection: Connection, provider: str, run: str) -> int:
    found = select(func.count()).select_from(table).where(*_unseen(provider, run))
    return int(connection.execute(found).scalar_one())


def drop_unseen(connection: Connection, provider: str, run: str) -> int:
    """What a whole run did not meet is gone from its catalogue."""
    return connection.execute(update(table).where(*_unseen(provider, run)).values(gone_at=now())).rowcount


def drop(connection: Connection, provider: str, track_ids: Collection[str]) -> int:
    """What its catalogue says it does not have any more."""
    here = table.c.provider == provider, table.c.track_id.in_(track_ids), table.c.gone_at.is_(None)
    return connection.execute(update(table).where(*here).values(gone_at=now())).rowcount


def forget(connection: Connection, provider: str) -> int:
    """The whole copy of a catalogue."""
    return connection.execute(delete(table).where(table.c.provider == provider)).rowcount


def _unseen(provider: str, run: str) -> list[Any]:
    return [table.c.provider == provider, table.c.gone_at.is_(None), table.c.seen_run != run]
