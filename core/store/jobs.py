"""Jobs: the truth for status, order and position. dbos executes; these rows say what happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
    bindparam,
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
from core.store import events, history
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
    Index("ix_jobs_position", "position"),
    Index("ix_jobs_status_user", "status", "user_id"),
    Index("ix_jobs_resource_queue", "status", "resource", "priority", "position"),
    Index("ix_jobs_kind_created", "kind", "created_at"),
    Index("ix_jobs_created", "created_at"),
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
    """One's own, and their children, which carry the same user. A job is never shared: what it made can be."""
    return true() if actor.is_admin else table.c.user_id == actor.user_id


# Built once: SQLAlchemy takes longer to build a statement over 31 columns than SQLite to answer it, and these are on
# every job's way.
_ADD = insert(table).returning(table)
_FIND = select(table).where(table.c.id == bindparam("job_id"))
_FIND_AND_HOLD = _FIND.with_for_update()
_STATUS = select(table.c.status).where(table.c.id == bindparam("job_id"))
_LAST_POSITION = select(func.coalesce(func.max(table.c.position), 0.0))
_TYPICAL = (
    select(table.c.started_at, table.c.finished_at)
    .where(table.c.kind == bindparam("kind"), table.c.status == DONE, table.c.started_at.is_not(None))
    .order_by(table.c.created_at.desc())
    .limit(bindparam("last"))
)


def add(connection: Connection, row: Mapping[str, Any]) -> Job:
    added = of_row(connection.execute(_ADD, row).mappings().one())
    history.note(connection, row)
    return added


def find(connection: Connection, job_id: str, *, hold: bool = False) -> Job | None:
    """With `hold` nobody else changes the row until this transaction ends (on SQLite a write transaction does that)."""
    row = connection.execute(_FIND_AND_HOLD if hold else _FIND, {"job_id": job_id}).mappings().first()
    return None if row is None else of_row(row)


def status_of(connection: Connection, job_id: str) -> str | None:
    """For whoever waits for an end and has asked get() whether he may."""
    status: str | None = connection.execute(_STATUS, {"job_id": job_id}).scalar_one_or_none()
    return status


def get(connection: Connection, actor: Actor, job_id: str) -> Job:
    row = find(connection, job_id)
    if row is None or not (actor.is_admin or row.user_id == actor.user_id):
        raise NotFound(f"There is no job {job_id!r}.", "List jobs with: studio jobs list")
    return row


def by_idempotency_key(connection: Connection, user_id: str, key: str) -> Job | None:
    found = select(table).where(table.c.user_id == user_id, table.c.idempotency_key == key)
    row = connection.execute(found).mappings().first()
    return None if row is None else of_row(row)


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
    if roots_only:
        where.append(table.c.parent_id.is_(None))
    # One query a part, each along an index: sorting everything at once would touch every job there ever was.
    parts: tuple[tuple[tuple[str, ...], tuple[Any, ...]], ...] = (
        ((RUNNING,), (table.c.priority, table.c.position, table.c.id)),
        ((WAITING,), (table.c.priority, table.c.position, table.c.id)),
        (ENDED, (table.c.created_at.desc(), table.c.id.desc())),
    )
    found: list[Job] = []
    for states, order in parts:
        wanted = [status for status in states if not statuses or status in statuses]
        if not wanted or len(found) >= limit:
            continue
        here = [*where, table.c.status.in_(wanted)]
        rows = connection.execute(
            select(table).where(*here).order_by(*order).limit(limit - len(found)).offset(offset)
        ).mappings()
        jobs = [of_row(row) for row in rows]
        found += jobs
        if jobs:
            offset = 0
        elif offset:
            offset -= connection.execute(select(func.count()).select_from(table).where(*here)).scalar_one()
    return found


def children(connection: Connection, parent_id: str) -> list[Job]:
    rows = connection.execute(
        select(table).where(table.c.parent_id == parent_id).order_by(table.c.created_at, table.c.id)
    )
    return [of_row(row) for row in rows.mappings()]


_STATES = select(table.c.id, table.c.status, table.c.fraction, table.c.attempt).where(
    table.c.parent_id == bindparam("parent_id")
)
_LEASE = select(table.c.epoch, table.c.cancel_requested, table.c.started_at, table.c.updated_at, table.c.eta_s).where(
    table.c.id == bindparam("job_id")
)
_LEASE_HELD = _LEASE.with_for_update()
_CAP = select(table.c.cap_usd).where(table.c.id == bindparam("job_id"))


@dataclass(frozen=True)
class State:
    """How far a child is: as much of its row as a parent of a thousand may read several times a second."""

    status: str
    fraction: float
    attempt: int

    @property
    def ended(self) -> bool:
        return self.status in ENDED


@dataclass(frozen=True)
class Lease:
    """Whose a running job is, without its request, which of a batch is a megabyte."""

    epoch: int
    cancel_requested: bool
    started_at: datetime | None
    updated_at: datetime
    eta_s: float | None


def states(connection: Connection, parent_id: str) -> dict[str, State]:
    """Of every child, by id."""
    rows = connection.execute(_STATES, {"parent_id": parent_id})
    return {child_id: State(status, fraction, attempt) for child_id, status, fraction, attempt in rows}


def lease(connection: Connection, job_id: str, *, hold: bool = False) -> Lease | None:
    row = connection.execute(_LEASE_HELD if hold else _LEASE, {"job_id": job_id}).first()
    return None if row is None else Lease(*row)


def cap_of(connection: Connection, job_id: str) -> Decimal | None:
    """The most a job may cost; None for no limit of its own."""
    cap: Decimal | None = connection.execute(_CAP, {"job_id": job_id}).scalar_one_or_none()
    return cap


def neighbour(connection: Connection, priority: int, *, before: float | None, but: str) -> float | None:
    """Position of the waiting job right before a position, or, without one, of the very first of a priority."""
    here = [table.c.status == WAITING, table.c.priority == priority, table.c.id != but]
    if before is None:
        found = select(func.min(table.c.position)).where(*here)
    else:
        found = select(func.max(table.c.position)).where(*here, table.c.position < before)
    position: float | None = connection.execute(found).scalar_one()
    return position


def pending(connection: Connection, actor: Actor) -> Iterator[Job]:
    """Every waiting root job of this user, in order."""
    rows = connection.execute(
        select(table)
        .where(table.c.status == WAITING, table.c.user_id == actor.user_id, table.c.parent_id.is_(None))
        .order_by(table.c.priority, table.c.position, table.c.id)
    )
    for row in rows.mappings():
        yield of_row(row)


def cancel_pending(connection: Connection, actor: Actor) -> list[str]:
    """Ends every waiting job of this user at once; answers their ids."""
    mine = select(table.c.id).where(table.c.status == WAITING, table.c.user_id == actor.user_id)
    ends: dict[str, Any] = {
        "status": CANCELLED,
        "cancel_requested": True,
        "stage": "Cancelled",
        "eta_s": None,
        "finished_at": now(),
    }
    return [
        job_id
        for job_id in connection.execute(mine).scalars().all()
        if change(connection, job_id, only=[WAITING], **ends)
    ]


def counts(connection: Connection) -> dict[str, int]:
    rows = connection.execute(select(table.c.status, func.count()).group_by(table.c.status))
    return {str(status): int(count) for status, count in rows}


def live_by_kind(connection: Connection, actor: Actor) -> list[tuple[str, str, int]]:
    """(kind, status, how many) of what waits or runs."""
    rows = connection.execute(
        select(table.c.kind, table.c.status, func.count())
        .where(visible(actor), table.c.status.in_(LIVE))
        .group_by(table.c.kind, table.c.status)
        .order_by(table.c.kind, table.c.status)
    )
    return [(str(kind), str(status), int(count)) for kind, status, count in rows]


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
    return float(connection.execute(_LAST_POSITION).scalar_one())


def change(
    connection: Connection, job_id: str, *, only: Sequence[str] = (), if_epoch: int | None = None, **values: Any
) -> bool:
    """Update one job; with `only` just when its status is one of these, with `if_epoch` just when nobody took it over."""
    where: list[ColumnElement[bool]] = [table.c.id == job_id]
    if only:
        where.append(table.c.status.in_(only))
    if if_epoch is not None:
        where.append(table.c.epoch == if_epoch)
    changed = connection.execute(update(table).where(*where).values(**values, updated_at=now())).rowcount == 1
    if changed and values.get("status", RUNNING) != RUNNING:
        history.moved(connection, job_id, values)
    if changed and values.get("status") in ENDED and events.wanted(connection):
        events.job_ended(
            connection, dict(connection.execute(select(table).where(table.c.id == job_id)).mappings().one())
        )
    return changed


def running_on(connection: Connection, worker_ids: Sequence[str]) -> list[Job]:
    rows = connection.execute(select(table).where(table.c.status == RUNNING, table.c.worker_id.in_(worker_ids)))
    return [of_row(row) for row in rows.mappings()]


def running_elsewhere(connection: Connection, alive: Sequence[str]) -> list[Job]:
    """Running jobs whose worker is not among the living."""
    orphaned = or_(table.c.worker_id.is_(None), table.c.worker_id.not_in(alive))
    rows = connection.execute(select(table).where(table.c.status == RUNNING, orphaned))
    return [of_row(row) for row in rows.mappings()]


def typical_seconds(connection: Connection, kind: str, last: int = 9) -> float | None:
    """Median run time of the last finished jobs of a kind, for the first estimate of a new one."""
    rows = connection.execute(_TYPICAL, {"kind": kind, "last": last})
    spans = sorted((row.finished_at - row.started_at) / timedelta(seconds=1) for row in rows)
    return spans[len(spans) // 2] if spans else None


def of_row(row: RowMapping) -> Job:
    return Job(**row)
