"""Jobs: the truth for status, order and position. dbos executes; these rows say what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Float,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    and_,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.engine import Connection, RowMapping

from core.kit.actor import Actor
from core.kit.clock import now
from core.kit.errors import NotFound
from core.store.db import Usd, Utc, metadata

PRIORITIES: dict[str, int] = {"urgent": 0, "normal": 10, "low": 20}
WAITING, RUNNING, DONE, FAILED, CANCELLED, UNKNOWN = "waiting", "running", "done", "failed", "cancelled", "unknown"
ENDED = (DONE, FAILED, CANCELLED, UNKNOWN)
LIVE = (WAITING, RUNNING)

table = Table(
    "jobs",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("title", String(200), nullable=False),
    Column("status", String(12), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("position", Float, nullable=False),
    Column("resource", String(10), nullable=False),
    Column("request", JSON, nullable=False),
    Column("result", JSON),
    Column("error", JSON),
    Column("parent_id", String(60), index=True),
    Column("root_id", String(60), nullable=False, index=True),
    Column("idempotency_key", String(200)),
    Column("user_id", String(60), nullable=False),
    Column("organisation_id", String(60), nullable=False),
    Column("visibility", String(20), nullable=False),
    Column("actor", JSON, nullable=False),
    Column("cap_usd", Usd),
    Column("paused", Boolean, nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    Column("stage", String(60), nullable=False),
    Column("fraction", Float, nullable=False),
    Column("eta_s", Float),
    Column("attempt", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("worker_id", String(80)),
    Column("provider", String(40)),
    Column("created_at", Utc, nullable=False),
    Column("started_at", Utc),
    Column("finished_at", Utc),
    Column("updated_at", Utc, nullable=False, index=True),
    UniqueConstraint("user_id", "idempotency_key"),
    Index("ix_jobs_queue", "status", "priority", "position"),
    Index("ix_jobs_user_created", "user_id", "created_at"),
)


@dataclass(frozen=True)
class Job:
    id: str
    kind: str
    title: str
    status: str
    priority: int
    position: float
    resource: str
    request: dict[str, Any]
    result: dict[str, Any] | None
    error: dict[str, Any] | None
    parent_id: str | None
    root_id: str
    idempotency_key: str | None
    user_id: str
    organisation_id: str
    visibility: str
    actor: dict[str, Any]
    cap_usd: Decimal | None
    paused: bool
    cancel_requested: bool
    stage: str
    fraction: float
    eta_s: float | None
    attempt: int
    epoch: int
    """Raised each time the job changes hands; whoever holds an older one may not buy, keep or settle."""
    worker_id: str | None
    provider: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    updated_at: datetime

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    def asked_by(self) -> Actor:
        return Actor(**self.actor | {"teams": tuple(self.actor.get("teams", ()))})


def visible(actor: Actor) -> ColumnElement[bool]:
    return true() if actor.is_admin else table.c.user_id == actor.user_id


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    connection.execute(insert(table).values(**row))


def find(connection: Connection, job_id: str) -> Job | None:
    row = connection.execute(select(table).where(table.c.id == job_id)).mappings().first()
    return None if row is None else _job(row)


def get(connection: Connection, actor: Actor, job_id: str) -> Job:
    row = connection.execute(select(table).where(table.c.id == job_id, visible(actor))).mappings().first()
    if row is None:
        raise NotFound(f"There is no job {job_id!r}.", "List jobs with: studio jobs list")
    return _job(row)


def by_idempotency_key(connection: Connection, user_id: str, key: str) -> Job | None:
    found = select(table).where(table.c.user_id == user_id, table.c.idempotency_key == key)
    row = connection.execute(found).mappings().first()
    return None if row is None else _job(row)


def listing(
    connection: Connection,
    actor: Actor,
    *,
    statuses: Sequence[str] = (),
    limit: int = 100,
    offset: int = 0,
    roots_only: bool = False,
) -> list[Job]:
    """Live jobs in the order they will run, then ended ones, newest first."""
    where: list[ColumnElement[bool]] = [visible(actor)]
    if statuses:
        where.append(table.c.status.in_(statuses))
    if roots_only:
        where.append(table.c.parent_id.is_(None))
    live = table.c.status.in_(LIVE)
    in_queue = live.cast(Integer)  # only live jobs sort by their place; for ended ones it counts as 0
    rows = connection.execute(
        select(table)
        .where(*where)
        .order_by(
            live.desc(),
            (table.c.status == RUNNING).desc(),
            table.c.priority * in_queue,
            table.c.position * in_queue,
            table.c.created_at.desc(),
        )
        .limit(limit)
        .offset(offset)
    )
    return [_job(row) for row in rows.mappings()]


def children(connection: Connection, parent_id: str) -> list[Job]:
    rows = connection.execute(
        select(table).where(table.c.parent_id == parent_id).order_by(table.c.created_at, table.c.id)
    )
    return [_job(row) for row in rows.mappings()]


def waiting(connection: Connection, limit: int = 500) -> list[Job]:
    rows = connection.execute(
        select(table)
        .where(table.c.status == WAITING, table.c.paused.is_(False))
        .order_by(table.c.priority, table.c.position)
        .limit(limit)
    )
    return [_job(row) for row in rows.mappings()]


def counts(connection: Connection) -> dict[str, int]:
    rows = connection.execute(select(table.c.status, func.count()).group_by(table.c.status))
    return {str(status): int(count) for status, count in rows}


def running_by_user(connection: Connection) -> dict[str, int]:
    rows = connection.execute(
        select(table.c.user_id, func.count()).where(table.c.status == RUNNING).group_by(table.c.user_id)
    )
    return {str(user): int(count) for user, count in rows}


def place(connection: Connection, job: Job) -> int:
    """How many jobs run before this waiting one, in the stored order (fairness may still let another user pass)."""
    ahead = or_(
        table.c.priority < job.priority,
        and_(table.c.priority == job.priority, table.c.position < job.position),
    )
    return int(
        connection.execute(
            select(func.count()).select_from(table).where(table.c.status == WAITING, table.c.paused.is_(False), ahead)
        ).scalar_one()
    )


def last_position(connection: Connection) -> float:
    return float(connection.execute(select(func.coalesce(func.max(table.c.position), 0.0))).scalar_one())


def change(
    connection: Connection, job_id: str, *, only: Sequence[str] = (), if_epoch: int | None = None, **values: Any
) -> bool:
    """Update one job; with `only` just when its status is one of these, with `if_epoch` just when nobody took it over."""
    where: list[ColumnElement[bool]] = [table.c.id == job_id]
    if only:
        where.append(table.c.status.in_(only))
    if if_epoch is not None:
        where.append(table.c.epoch == if_epoch)
    return connection.execute(update(table).where(*where).values(**values, updated_at=now())).rowcount == 1


def running_on(connection: Connection, worker_ids: Sequence[str]) -> list[Job]:
    rows = connection.execute(select(table).where(table.c.status == RUNNING, table.c.worker_id.in_(worker_ids)))
    return [_job(row) for row in rows.mappings()]


def running_elsewhere(connection: Connection, alive: Sequence[str]) -> list[Job]:
    """Running jobs whose worker is not among the living."""
    orphaned = or_(table.c.worker_id.is_(None), table.c.worker_id.not_in(alive))
    rows = connection.execute(select(table).where(table.c.status == RUNNING, orphaned))
    return [_job(row) for row in rows.mappings()]


def typical_seconds(connection: Connection, kind: str, last: int = 20) -> float | None:
    """Median run time of the last finished jobs of a kind, for the first estimate of a new one."""
    rows = connection.execute(
        select(table.c.started_at, table.c.finished_at)
        .where(table.c.kind == kind, table.c.status == DONE, table.c.started_at.is_not(None))
        .order_by(table.c.created_at.desc())
        .limit(last)
    )
    spans = sorted((row.finished_at - row.started_at) / timedelta(seconds=1) for row in rows)
    return spans[len(spans) // 2] if spans else None


def _job(row: RowMapping) -> Job:
    return Job(**row)
