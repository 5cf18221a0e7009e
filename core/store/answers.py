"""Cached answers of queries, with the moment after which they are stale. Stale ones stay: better than none on error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Index,
    String,
    Table,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.engine import Connection

from core.kit.clock import now
from core.store.db import Usd, Utc, metadata

table = Table(
    "cached_answers",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("provider", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("cache_class", String(20), nullable=False, server_default=""),
    Column("value", JSON, nullable=False),
    Column("cost_usd", Usd, nullable=False, server_default="0"),  # what it cost to ask: what every hit saves
    Column("made_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Index("ix_cached_answers_provider_class", "provider", "cache_class"),
)


@dataclass(frozen=True)
class CachedAnswer:
    key: str
    provider: str
    kind: str
    value: Any
    made_at: datetime
    expires_at: datetime
    cache_class: str = ""
    cost_usd: Decimal = Decimal(0)

    @property
    def fresh(self) -> bool:
        return self.expires_at > now()

    @property
    def age_s(self) -> float:
        return max(0.0, (now() - self.made_at).total_seconds())


@dataclass(frozen=True)
class Kept:
    """What is in the cache of one provider and class."""

    provider: str
    kind: str
    cache_class: str
    entries: int
    fresh: int
    oldest_at: datetime
    newest_at: datetime


_FIND = select(*(table.c[name] for name in CachedAnswer.__dataclass_fields__)).where(table.c.key == bindparam("of"))


def find(connection: Connection, key: str) -> CachedAnswer | None:
    row = connection.execute(_FIND, {"of": key}).first()
    return None if row is None else CachedAnswer(*row)


def put(connection: Connection, answer: CachedAnswer) -> None:
    connection.execute(delete(table).where(table.c.key == answer.key))
    connection.execute(insert(table).values(**answer.__dict__))


def forget(
    connection: Connection, *, provider: str | None = None, cache_class: str | None = None, key: str | None = None
) -> int:
    """All that match; without any condition, all."""
    return connection.execute(delete(table).where(*_matching(provider, cache_class, key))).rowcount


def shorten(connection: Connection, provider: str, cache_class: str, ttl_s: float) -> int:
    """Those kept under a longer time to live than this become stale when it says so; their number."""
    changed = 0
    where = (table.c.provider == provider, table.c.cache_class == cache_class)
    lasting = timedelta(seconds=ttl_s)
    # The sum is made here: date arithmetic is not the same SQL on both databases, and few answers share a moment.
    for made_at in connection.execute(select(table.c.made_at).where(*where).distinct()).scalars().all():
        ends = made_at + lasting
        changed += connection.execute(
            update(table).where(*where, table.c.made_at == made_at, table.c.expires_at > ends).values(expires_at=ends)
        ).rowcount
    return changed


def kept(connection: Connection) -> list[Kept]:
    fresh = func.sum(case((table.c.expires_at > now(), 1), else_=0))
    rows = connection.execute(
        select(
            table.c.provider, table.c.kind, table.c.cache_class, func.count(), fresh, func.min(table.c.made_at),
            func.max(table.c.made_at),
        ).group_by(table.c.provider, table.c.kind, table.c.cache_class)
    )  # fmt: skip
    return [Kept(*row) for row in rows]


def _matching(provider: str | None, cache_class: str | None, key: str | None) -> list[ColumnElement[bool]]:
    given = {"provider": provider, "cache_class": cache_class, "key": key}
    return [table.c[name] == value for name, value in given.items() if value is not None]
