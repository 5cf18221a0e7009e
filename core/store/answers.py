"""Cached answers of queries, with the moment after which they are stale. Stale ones stay: better than none on error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, String, Table, delete, insert, select
from sqlalchemy.engine import Connection

from core.kit.clock import now
from core.store.db import Utc, metadata

table = Table(
    "cached_answers",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("provider", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("value", JSON, nullable=False),
    Column("made_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
)


@dataclass(frozen=True)
class CachedAnswer:
    key: str
    provider: str
    kind: str
    value: Any
    made_at: datetime
    expires_at: datetime

    @property
    def fresh(self) -> bool:
        return self.expires_at > now()


def find(connection: Connection, key: str) -> CachedAnswer | None:
    row = connection.execute(select(table).where(table.c.key == key)).mappings().first()
    return None if row is None else CachedAnswer(**row)


def put(connection: Connection, answer: CachedAnswer) -> None:
    connection.execute(delete(table).where(table.c.key == answer.key))
    connection.execute(insert(table).values(**answer.__dict__))
