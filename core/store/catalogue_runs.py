"""The history of the syncs: a row for each run, with how far it is. A run that broke off is gone on with at its cursor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Index, Integer, String, Table, Text, case, func, insert, select, update
from sqlalchemy.engine import Connection

from core.kit.clock import new_id, now
from core.store import jobs
from core.store.db import Utc, metadata

RUNNING, DONE, FAILED, CANCELLED = "running", "done", "failed", "cancelled"
MOST_ERRORS = 50

table = Table(
    "catalogue_runs",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("chain", String(60), nullable=False),  # id of the first of the runs that went on with each other
    Column("provider", String(40), nullable=False),
    Column("job_id", String(120), nullable=False, unique=True),
    Column("state", String(10), nullable=False),
    Column("request", JSON, nullable=False),
    Column("whole", Boolean, nullable=False),  # what it does not meet is gone
    Column("cursor", Text, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("carried", Integer, nullable=False),  # tracks that the earlier runs of its chain saw
    Column("new", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("gone", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("odd", Integer, nullable=False),  # rows that were no tracks
    Column("errors", JSON, nullable=False),
    Column("user_id", String(60), nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc),
    Index("ix_catalogue_runs_provider_started_at", "provider", "started_at"),
)


@dataclass(frozen=True)
class Run:
    id: str
    chain: str
    provider: str
    job_id: str
    state: str
    request: dict[str, Any]
    whole: bool
    cursor: str
    pages: int
    carried: int
    new: int
    changed: int
    gone: int
    unchanged: int
    odd: int
    errors: list[dict[str, Any]]
    user_id: str
    started_at: datetime
    ended_at: datetime | None

    @property
    def seen(self) -> int:
        """Tracks this run has met."""
        return self.new + self.changed + self.unchanged


def of_job(connection: Connection, job_id: str) -> Run | None:
    row = connection.execute(select(table).where(table.c.job_id == job_id)).first()
    return None if row is None else Run(**row._mapping)


def add(connection: Connection, **values: Any) -> Run:
    run_id = new_id("sync")
    row: dict[str, Any] = {
        "id": run_id, "chain": run_id, "state": RUNNING, "cursor": "", "pages": 0, "carried": 0, "new": 0, "changed": 0, "gone": 0,
        "unchanged": 0, "odd": 0, "errors": [], "started_at": now(), "ended_at": None,
    } | values  # fmt: skip
    connection.execute(insert(table).values(**row))
    return Run(**row)


def change(connection: Connection, run: Run, **values: Any) -> Run:
    connection.execute(update(table).where(table.c.id == run.id).values(**values))
    return Run(**run.__dict__ | values)


def broken_off(connection: Connection, provider: str, request: dict[str, Any], since: datetime) -> Run | None:
    """The latest run of the catalogue, if it asked the same and stopped in the middle since then."""
    latest = select(table).where(table.c.provider == provider).order_by(table.c.started_at.desc(), table.c.id.desc())
    row = connection.execute(latest.limit(1)).first()
    if row is None:
        return None
    run = Run(**row._mapping)
    stopped = run.state in (FAILED, CANCELLED) and bool(run.cursor)
    return run if stopped and run.request == request and run.started_at >= since else None


def listing(connection: Connection, provider: str | None, limit: int) -> list[Run]:
    """Newest first. One whose job ended without a word of its own has its job's end."""
    job = jobs.table
    lost = (table.c.state == RUNNING) & job.c.status.in_((jobs.FAILED, jobs.CANCELLED, jobs.UNKNOWN))
    state = case((lost, case((job.c.status == jobs.CANCELLED, CANCELLED), else_=FAILED)), else_=table.c.state)
    columns = [state.label("state") if column.name == "state" else column for column in table.c]
    found = select(*columns).outerjoin(job, job.c.id == table.c.job_id)
    if provider is not None:
        found = found.where(table.c.provider == provider)
    found = found.order_by(table.c.started_at.desc(), table.c.id.desc()).limit(limit)
    return [Run(**row._mapping) for row in connection.execute(found)]


def ends(connection: Connection, since: datetime) -> dict[str, int]:
    """How many runs ended how."""
    found = select(table.c.state, func.count()).where(table.c.ended_at >= since).group_by(table.c.state)
    return {str(state): int(count) for state, count in connection.execute(found)}


def copies(connection: Connection) -> dict[str, datetime]:
    """By catalogue: when its last whole sync ended well."""
    found = (
        select(table.c.provider, func.max(table.c.ended_at))
        .where(table.c.state == DONE, table.c.whole.is_(True))
        .group_by(table.c.provider)
    )
    return {str(provider): ended for provider, ended in connection.execute(found)}
