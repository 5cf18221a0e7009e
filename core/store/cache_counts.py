"""What the cache did, by provider, class and day: how often it had the answer, and what that saved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Column, Date, Integer, String, Table, insert, select, update
from sqlalchemy.engine import Connection

from core.kit.clock import now
from core.store.db import Usd, Utc, metadata

table = Table(
    "cache_counts",
    metadata,
    Column("provider", String(40), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("cache_class", String(20), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("hits", Integer, nullable=False),
    Column(
        "joined", Integer, nullable=False
    ),  # of the hits: asked in the same moment as another, and shared its answer
    Column("misses", Integer, nullable=False),
    Column("stale", Integer, nullable=False),
    Column("saved_usd", Usd, nullable=False),
    Column("updated_at", Utc, nullable=False),
)

SUBJECT = "cache_counts"


@dataclass(frozen=True)
class Count:
    provider: str
    kind: str
    cache_class: str
    day: date
    hits: int = 0
    joined: int = 0
    misses: int = 0
    stale: int = 0
    saved_usd: Decimal = Decimal(0)

    @property
    def key(self) -> tuple[str, str, str, date]:
        return self.provider, self.kind, self.cache_class, self.day

    def plus(self, other: Count) -> Count:
        return Count(
            *self.key, self.hits + other.hits, self.joined + other.joined, self.misses + other.misses,
            self.stale + other.stale, self.saved_usd + other.saved_usd,
        )  # fmt: skip


def add(connection: Connection, counts: Iterable[Count]) -> None:
    """Call inside an exclusive transaction on SUBJECT."""
    for each in counts:
        mine = (
            table.c.provider == each.provider, table.c.kind == each.kind, table.c.cache_class == each.cache_class,
            table.c.day == each.day,
        )  # fmt: skip
        more = update(table).where(*mine).values(
            hits=table.c.hits + each.hits, joined=table.c.joined + each.joined, misses=table.c.misses + each.misses,
            stale=table.c.stale + each.stale, saved_usd=table.c.saved_usd + each.saved_usd, updated_at=now(),
        )  # fmt: skip
        if connection.execute(more).rowcount == 0:
            connection.execute(insert(table).values(**each.__dict__, updated_at=now()))


def since(connection: Connection, first: date, last: date | None = None) -> list[Count]:
    where = [table.c.day >= first] + ([table.c.day <= last] if last is not None else [])
    rows = connection.execute(select(table).where(*where).order_by(table.c.day, table.c.provider)).mappings()
    return [Count(**{name: row[name] for name in Count.__dataclass_fields__}) for row in rows]
