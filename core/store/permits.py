"""Permits: how many calls a provider takes at once and per minute, counted over every worker, expiring by themselves."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Column, String, Table, delete, func, insert, select, update
from sqlalchemy.engine import Connection

from core.store.db import Utc, metadata, moment_of

table = Table(
    "permits",
    metadata,
    Column("attempt_id", String(60), primary_key=True),
    Column("provider", String(40), nullable=False, index=True),
    Column("taken_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("returned_at", Utc),
)


def take(
    connection: Connection,
    provider: str,
    attempt_id: str,
    *,
    concurrency: int | None,
    per_minute: int | None,
    lasting: timedelta,
) -> float:
    """Take a permit and answer 0, or answer how many seconds to wait before asking again. Call inside an exclusive
    transaction on the provider. A try that goes on after a crash finds the permit it had, and does not wait for itself."""
    moment = moment_of(connection)
    minute_ago = moment - timedelta(minutes=1)
    # Returned permits stay for a minute, since the rate counts them; expired ones belong to workers that died.
    connection.execute(
        delete(table).where(table.c.provider == provider, table.c.taken_at < minute_ago,
                            (table.c.returned_at.is_not(None)) | (table.c.expires_at < moment))
    )  # fmt: skip
    mine = table.c.provider == provider
    # A stamp ahead of the clock: it was set back. It counts from now, or everybody would wait until the clock is there.
    connection.execute(update(table).where(mine, table.c.taken_at > moment).values(taken_at=moment))
    if concurrency is not None:
        held = connection.execute(
            select(func.count())
            .select_from(table)
            .where(mine, table.c.returned_at.is_(None), table.c.expires_at > moment, table.c.attempt_id != attempt_id)
        ).scalar_one()
        if held >= concurrency:
            return 0.25
    if per_minute is not None:
        taken = connection.execute(
            select(func.count(), func.min(table.c.taken_at)).where(mine, table.c.taken_at > minute_ago)
        ).one()
        if taken[0] >= per_minute:
            return max(0.25, float((taken[1] - minute_ago) / timedelta(seconds=1)))
    connection.execute(delete(table).where(table.c.attempt_id == attempt_id))
    connection.execute(
        insert(table).values(attempt_id=attempt_id, provider=provider, taken_at=moment, expires_at=moment + lasting)
    )
    return 0.0


def extend(connection: Connection, attempt_id: str, lasting: timedelta) -> None:
    connection.execute(
        update(table).where(table.c.attempt_id == attempt_id).values(expires_at=moment_of(connection) + lasting)
    )


def give_back(connection: Connection, attempt_id: str) -> None:
    connection.execute(update(table).where(table.c.attempt_id == attempt_id).values(returned_at=moment_of(connection)))
