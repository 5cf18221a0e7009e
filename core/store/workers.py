"""Workers: who is alive. A lease that is not renewed is a worker that is dead, frozen or cut off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Column, Integer, String, Table, delete, insert, select, update
from sqlalchemy.engine import Connection

from core.store.db import Utc, metadata, moment_of

table = Table(
    "workers",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("host", String(200), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("born_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),
)


@dataclass(frozen=True)
class Worker:
    id: str
    host: str
    pid: int
    born_at: datetime
    """When the process started, so that a reused pid is not mistaken for it."""
    seen_at: datetime


def everyone(connection: Connection) -> list[Worker]:
    return [Worker(**row) for row in connection.execute(select(table)).mappings()]


def enter(connection: Connection, worker: Worker) -> None:
    leave(connection, worker.id)
    connection.execute(insert(table).values(**worker.__dict__ | {"seen_at": moment_of(connection)}))


def renew(connection: Connection, worker_id: str) -> timedelta | None:
    """How long ago it was last renewed. None when the row is gone: another worker took over, and this one must stop."""
    mine = table.c.id == worker_id
    seen_at: datetime | None = connection.execute(
        select(table.c.seen_at).where(mine).with_for_update()
    ).scalar_one_or_none()
    if seen_at is None:
        return None
    moment = moment_of(connection)
    connection.execute(update(table).where(mine).values(seen_at=moment))
    return moment - seen_at


def leave(connection: Connection, worker_id: str) -> None:
    connection.execute(delete(table).where(table.c.id == worker_id))
