"""Attempts: one row per try at a provider, written before it is made. What a crash leaves here decides what is safe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Integer, String, Table, UniqueConstraint, insert, select, update
from sqlalchemy.engine import Connection

from core.kit.clock import now
from core.store.db import Utc, metadata

RESERVED, INTENDED, STARTED, SUCCEEDED, FAILED, UNKNOWN = (
    "reserved", "intended", "started", "succeeded", "failed", "unknown",
)  # fmt: skip
OPEN = (RESERVED, INTENDED, STARTED)

table = Table(
    "attempts",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("job_id", String(60), nullable=False, index=True),
    Column("step", String(40), nullable=False),
    Column("number", Integer, nullable=False),
    Column("provider", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("model", String(80), nullable=False),
    Column("form", String(10), nullable=False),
    Column("status", String(12), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("remote_id", String(200)),
    Column("result", JSON),
    Column("error", JSON),
    Column("created_at", Utc, nullable=False),
    Column("finished_at", Utc),
    Column("updated_at", Utc, nullable=False, index=True),
    UniqueConstraint("job_id", "step", "number"),
)


@dataclass(frozen=True)
class Attempt:
    id: str
    job_id: str
    step: str
    number: int
    provider: str
    kind: str
    model: str
    form: str
    status: str
    epoch: int
    remote_id: str | None
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    created_at: datetime
    finished_at: datetime | None
    updated_at: datetime


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    connection.execute(insert(table).values(**row, updated_at=now()))


def add_many(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    moment = now()
    connection.execute(insert(table), [{**row, "updated_at": moment} for row in rows])


def find(connection: Connection, attempt_id: str) -> Attempt | None:
    row = connection.execute(select(table).where(table.c.id == attempt_id)).mappings().first()
    return None if row is None else Attempt(**row)


def change(connection: Connection, attempt_id: str, **values: Any) -> None:
    connection.execute(update(table).where(table.c.id == attempt_id).values(**values, updated_at=now()))


def of_job(connection: Connection, job_id: str, step: str | None = None) -> list[Attempt]:
    where = [table.c.job_id == job_id] + ([table.c.step == step] if step is not None else [])
    rows = connection.execute(select(table).where(*where).order_by(table.c.number))
    return [Attempt(**row) for row in rows.mappings()]
