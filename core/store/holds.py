"""Holds: while a backup reads, bytes that lose their last row stay where they are. A hold expires by itself, so that a
backup that was killed stops nobody for long."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection

from core.kit.clock import now
from core.store import preferences

NAME = "blobs_held"
LASTING = timedelta(minutes=10)


def hold(connection: Connection, holder: str) -> None:
    """Take or renew. Call inside an exclusive transaction on store.BLOBS: whoever removes bytes then looks."""
    preferences.write(connection, NAME, (now() + LASTING).isoformat(), user_id=holder)


def let_go(connection: Connection, holder: str) -> None:
    table = preferences.table
    connection.execute(delete(table).where(table.c.name == NAME, table.c.user_id == holder))


def held(connection: Connection) -> bool:
    """Whether bytes have to stay for now; the sweep takes them later."""
    rows = connection.execute(select(preferences.table.c.value).where(preferences.table.c.name == NAME)).scalars()
    return any(datetime.fromisoformat(value) > now() for value in rows)
