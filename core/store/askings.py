"""Who is asking a question right now, over all processes: the others wait for the answer instead of asking it again.

A row is a claim that expires by itself. It also says whether the answer may still be kept: who forgets cached answers
takes away the claims on them too, so that what was asked before is not kept afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Column, String, Table, delete, insert, select, update
from sqlalchemy.engine import Connection

from core.store.db import Utc, metadata, moment_of

table = Table(
    "askings",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("asker", String(60), nullable=False),
    Column("provider", String(40), nullable=False),
    Column("cache_class", String(20), nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("error", JSON(none_as_null=True)),  # how it ended, for those who waited
)


@dataclass(frozen=True)
class Asking:
    key: str
    asker: str
    provider: str
    cache_class: str
    expires_at: datetime
    error: dict[str, Any] | None


def find(connection: Connection, key: str) -> Asking | None:
    row = connection.execute(select(table).where(table.c.key == key)).mappings().first()
    return None if row is None else Asking(**row)


def take(
    connection: Connection, key: str, asker: str, provider: str, cache_class: str, lasting: timedelta
) -> Asking | None:
    """None: it is ours to ask. Otherwise who asks. Call inside an exclusive transaction on the key."""
    moment = moment_of(connection)
    other = find(connection, key)
    # A claim that ends later than any can: the clock was set back.
    if other is not None and other.error is None and moment < other.expires_at <= moment + 2 * lasting:
        return other
    connection.execute(delete(table).where(table.c.key == key))
    connection.execute(
        insert(table).values(
            key=key, asker=asker, provider=provider, cache_class=cache_class, expires_at=moment + lasting
        )
    )
    return None


def extend(connection: Connection, key: str, asker: str, lasting: timedelta) -> None:
    ends = moment_of(connection) + lasting
    connection.execute(update(table).where(table.c.key == key, table.c.asker == asker).values(expires_at=ends))


def over(connection: Connection, asking: Asking) -> bool:
    """Whether nobody works on it any more."""
    return asking.expires_at <= moment_of(connection)


def release(connection: Connection, key: str, asker: str) -> bool:
    """Whether it still was ours, and the answer may be kept."""
    return connection.execute(delete(table).where(table.c.key == key, table.c.asker == asker)).rowcount == 1


def fail(connection: Connection, key: str, asker: str, error: dict[str, Any]) -> None:
    connection.execute(update(table).where(table.c.key == key, table.c.asker == asker).values(error=error))


def forget(
    connection: Connection, *, provider: str | None = None, cache_class: str | None = None, key: str | None = None
) -> None:
    given = {"provider": provider, "cache_class": cache_class, "key": key}
    connection.execute(delete(table).where(*(table.c[name] == is_ for name, is_ in given.items() if is_ is not None)))


def purge(connection: Connection, before: datetime) -> int:
    """Failures nobody asked about again, and claims of processes that died."""
    return connection.execute(delete(table).where(table.c.expires_at < before)).rowcount
