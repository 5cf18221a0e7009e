"""Providers that said for how long nobody here shall ask them (a 429 with its Retry-After)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Column, String, Table, delete, insert, select
from sqlalchemy.engine import Connection

from core.store.db import Utc, metadata, moment_of

table = Table(
    "provider_pauses",
    metadata,
    Column("provider", String(40), primary_key=True),
    Column("said_at", Utc, nullable=False),
    Column("until", Utc, nullable=False),
)


def left_s(connection: Connection, provider: str) -> float:
    """Seconds until it may be asked again; 0: now."""
    row = connection.execute(select(table).where(table.c.provider == provider)).mappings().first()
    if row is None:
        return 0.0
    moment = moment_of(connection)
    if moment < row["said_at"]:
        return 0.0  # the clock was set back: whoever asks too early is told so again
    return max(0.0, float((row["until"] - moment) / timedelta(seconds=1)))


def say(connection: Connection, provider: str, seconds: float) -> None:
    """Call inside an exclusive transaction on the provider's permits. The longer of two pauses holds."""
    if left_s(connection, provider) >= seconds:
        return
    moment = moment_of(connection)
    connection.execute(delete(table).where(table.c.provider == provider))
    connection.execute(
        insert(table).values(provider=provider, said_at=moment, until=moment + timedelta(seconds=seconds))
    )


def lift(connection: Connection, provider: str) -> None:
    connection.execute(delete(table).where(table.c.provider == provider))
