"""How recordings sound, measured once for each file: what lies beside its tempo, key and loudness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import JSON, Column, String, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from core.kit.clock import now
from core.store import assets
from core.store.db import Utc, metadata

table = Table(
    "sound_features",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("facts", JSON, nullable=False),
    Column("created_at", Utc, nullable=False),
)


def of(connection: Connection, hashes: Sequence[str]) -> dict[str, dict[str, Any]]:
    """By hash, of those that were measured."""
    found = select(table.c.sha256, table.c.facts).where(table.c.sha256.in_(hashes))
    return {str(row.sha256): dict(row.facts) for row in connection.execute(found)}


def put(connection: Connection, measured: Mapping[str, Mapping[str, Any]]) -> None:
    """Two may measure the same file at once; they measure the same."""
    upsert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    for sha256, facts in measured.items():
        row = {"sha256": sha256, "facts": dict(facts), "created_at": now()}
        connection.execute(upsert(table).values(row).on_conflict_do_nothing())


def forget(connection: Connection) -> int:
    """Those of files that nobody has any more."""
    left = select(assets.table.c.sha256)
    return connection.execute(delete(table).where(table.c.sha256.not_in(left))).rowcount
