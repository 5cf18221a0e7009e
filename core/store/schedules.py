"""Schedules: what is to be made when, and the log of what came of each time it was due."""

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
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.kit.clock import new_id, now
from core.kit.errors import NotFound
from core.store import charges, jobs
from core.store.db import Usd, Utc, metadata

ACTIVE, PAUSED, ENDED = "active", "paused", "ended"
CLAIMED, SUBMITTED, REFUSED, SKIPPED, MISSED, FAILED = "claimed", "submitted", "refused", "skipped", "missed", "failed"

table = Table(
    "schedules",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("title", String(200), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("request", JSON, nullable=False),
    Column("zone", String(60), nullable=False),
    Column("cron", String(200), nullable=False),  # "" where it is once
    Column("once", Utc),
    Column("until", Utc),
    Column("times", Integer),
    Column("claimed", Integer, nullable=False),  # how many of `times` are used up
    Column("cap_usd", Usd),
    Column("month_usd", Usd),
    Column("missed", String(10), nullable=False),
    Column("overlap", String(10), nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", String(300), nullable=False),  # why it is paused or ended
    Column("next_at", Utc),
    Column("user_id", String(60), nullable=False, index=True),
    Column("organisation_id", String(60), nullable=False),
    Column("visibility", String(20), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    Index("ix_schedules_state_next_at", "state", "next_at"),
)

runs = Table(
    "schedule_runs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("schedule_id", ForeignKey("schedules.id", ondelete="CASCADE"), nullable=False),
    Column("due", Utc, nullable=False),
    Column("late", Boolean, nullable=False),  # made up after it was missed
    Column("manual", Boolean, nullable=False),  # "run now"
    Column("outcome", String(10), nullable=False),
    Column("count", Integer, nullable=False),  # how many times a row of MISSED stands for
    Column("tries", Integer, nullable=False),
    Column("job_id", String(60), index=True),
    Column("note", String(300), nullable=False),
    Column("error", JSON(none_as_null=True)),
    Column("taken_at", Utc),
    Column("started_at", Utc),
    Column("created_at", Utc, nullable=False),
    UniqueConstraint("schedule_id", "due"),
    Index("ix_schedule_runs_outcome_due", "outcome", "due"),
)


@dataclass(frozen=True)
class Schedule:
    id: str
    title: str
    kind: str
    request: dict[str, Any]
    zone: str
    cron: str
    once: datetime | None
    until: datetime | None
    times: int | None
    claimed: int
    cap_usd: Decimal | None
    month_usd: Decimal | None
    missed: str
    overlap: str
    state: str
    reason: str
    next_at: datetime | None
    user_id: str
    organisation_id: str
    visibility: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Run:
    id: str
    schedule_id: str
    due: datetime
    late: bool
    manual: bool
    outcome: str
    count: int
    tries: int
    job_id: str | None
    note: str
    error: dict[str, Any] | None
    taken_at: datetime | None
    started_at: datetime | None
    created_at: datetime
    job_status: str | None = None
    job_error: dict[str, Any] | None = None

    @property
    def came_to(self) -> str:
        """The outcome in one word: of its job where there is one."""
        return self.job_status or self.outcome


def visible(actor: Actor) -> ColumnElement[bool]:
    """One's own. A schedule is never shared: what it makes can be."""
    return true() if actor.is_admin else table.c.user_id == actor.user_id


def add(connection: Connection, actor: Actor, row: Mapping[str, Any]) -> Schedule:
    moment = now()
    whole = {
        **row, "id": new_id("schedule"), "claimed": 0, "state": ACTIVE, "reason": "", "user_id": actor.user_id,
        "organisation_id": actor.organisation_id, "visibility": "private", "created_at": moment, "updated_at": moment,
    }  # fmt: skip
    return Schedule(**connection.execute(insert(table).values(whole).returning(table)).mappings().one())


def find(connection: Connection, schedule_id: str, *, hold: bool = False) -> Schedule | None:
    found = select(table).where(table.c.id == schedule_id)
    row = connection.execute(found.with_for_update() if hold else found).mappings().first()
    return None if row is None else Schedule(**row)


def get(connection: Connection, actor: Actor, schedule_id: str, *, hold: bool = False) -> Schedule:
    found = find(connection, schedule_id, hold=hold)
    if found is None or not (actor.is_admin or found.user_id == actor.user_id):
        raise NotFound(
            f"There is no schedule {schedule_id[:60]!r}.", "List yours with: studio schedules list", "no_schedule"
        )
    return found


def listing(connection: Connection, actor: Actor) -> list[Schedule]:
    """What comes next first; what is paused or ended after it."""
    order = (table.c.state != ACTIVE, table.c.next_at.is_(None), table.c.next_at, table.c.created_at.desc())
    found = select(table).where(visible(actor)).order_by(*order)
    return [Schedule(**row) for row in connection.execute(found).mappings()]


def count(connection: Connection, user_id: str) -> int:
    found = select(func.count()).select_from(table).where(table.c.user_id == user_id, table.c.state != ENDED)
    return int(connection.execute(found).scalar_one())


def change(connection: Connection, schedule_id: str, **values: Any) -> None:
    connection.execute(update(table).where(table.c.id == schedule_id).values(**values, updated_at=now()))


def remove(connection: Connection, schedule_id: str) -> None:
    """With its log; the jobs it made stay."""
    connection.execute(delete(runs).where(runs.c.schedule_id == schedule_id))
    connection.execute(delete(table).where(table.c.id == schedule_id))


def due(connection: Connection, moment: datetime, limit: int = 100) -> list[str]:
    found = select(table.c.id).where(table.c.state == ACTIVE, table.c.next_at <= moment)
    return list(connection.execute(found.order_by(table.c.next_at).limit(limit)).scalars())


def pause_all(connection: Connection, reason: str) -> int:
    values = {"state": PAUSED, "reason": reason, "updated_at": now()}
    return connection.execute(update(table).where(table.c.state == ACTIVE).values(**values)).rowcount


def add_run(connection: Connection, schedule_id: str, due: datetime, **values: Any) -> bool:
    """False where this moment stands in the log already: it is nobody's to run again."""
    if connection.execute(select(runs.c.id).where(runs.c.schedule_id == schedule_id, runs.c.due == due)).first():
        return False
    row = {
        "id": new_id("run"), "schedule_id": schedule_id, "due": due, "late": False, "manual": False, "outcome": CLAIMED,
        "count": 1, "tries": 0, "note": "", "created_at": now(),
    }  # fmt: skip
    connection.execute(insert(runs).values({**row, **values}))
    return True


def waiting_runs(connection: Connection, untouched_since: datetime, limit: int = 100) -> list[Run]:
    """Claimed, not yet submitted, and in nobody's hands since that moment; the order in which they were due."""
    free = or_(runs.c.taken_at.is_(None), runs.c.taken_at < untouched_since)
    found = select(runs).where(runs.c.outcome == CLAIMED, free).order_by(runs.c.due, runs.c.id).limit(limit)
    return [Run(**row) for row in connection.execute(found).mappings()]


def take_run(connection: Connection, run_id: str, moment: datetime, untouched_since: datetime) -> bool:
    """Compared and set: of several workers one gets it."""
    free = or_(runs.c.taken_at.is_(None), runs.c.taken_at < untouched_since)
    taken = update(runs).where(runs.c.id == run_id, runs.c.outcome == CLAIMED, free)
    return connection.execute(taken.values(taken_at=moment, tries=runs.c.tries + 1)).rowcount == 1


def change_run(connection: Connection, run_id: str, **values: Any) -> None:
    connection.execute(update(runs).where(runs.c.id == run_id).values(**values))


def _with_jobs() -> Any:
    joined = runs.outerjoin(jobs.table, jobs.table.c.id == runs.c.job_id)
    return select(runs, jobs.table.c.status.label("job_status"), jobs.table.c.error.label("job_error")).select_from(
        joined
    )


def log(connection: Connection, schedule_id: str, limit: int = 50) -> list[Run]:
    """Newest first."""
    found = _with_jobs().where(runs.c.schedule_id == schedule_id).order_by(runs.c.due.desc(), runs.c.id.desc())
    return [Run(**row) for row in connection.execute(found.limit(limit)).mappings()]


def last_runs(connection: Connection, schedule_ids: Sequence[str]) -> dict[str, Run]:
    """The latest of each that is over or under way."""
    latest = (
        select(runs.c.schedule_id, func.max(runs.c.due).label("due"))
        .where(runs.c.schedule_id.in_(schedule_ids))
        .group_by(runs.c.schedule_id)
        .subquery()
    )
    found = _with_jobs().join(latest, and_(latest.c.schedule_id == runs.c.schedule_id, latest.c.due == runs.c.due))
    return {row["schedule_id"]: Run(**row) for row in connection.execute(found).mappings()}


def busy(connection: Connection, schedule_id: str) -> bool:
    """Whether a job of an earlier run still waits or works."""
    joined = runs.join(jobs.table, jobs.table.c.id == runs.c.job_id)
    found = select(runs.c.id).select_from(joined)
    live = found.where(runs.c.schedule_id == schedule_id, jobs.table.c.status.in_(jobs.LIVE))
    return connection.execute(live.limit(1)).first() is not None


def spent(connection: Connection, schedule_id: str, since: datetime) -> Decimal:
    """Dollars of this schedule's runs since a moment: what its ended jobs cost, and of those under way the most they
    may."""
    joined = runs.join(jobs.table, jobs.table.c.id == runs.c.job_id)
    found = select(jobs.table.c.id, jobs.table.c.status, jobs.table.c.cap_usd).select_from(joined)
    rows = connection.execute(found.where(runs.c.schedule_id == schedule_id, runs.c.due >= since)).all()
    total = Decimal(0)
    for row in rows:
        held = charges.held(connection, root_job_id=row.id)
        total += max(held, row.cap_usd or held) if row.status in jobs.LIVE else held
    return total


def forget_runs(connection: Connection, schedule_id: str, before: datetime) -> None:
    """Lines of its log that are over; what still waits stays."""
    old = (runs.c.schedule_id == schedule_id, runs.c.outcome != CLAIMED, runs.c.due < before)
    connection.execute(delete(runs).where(*old))


UNTOUCHED = timedelta(seconds=60)
"""Whoever took a run and says nothing for so long is taken for gone; the job's idempotency key keeps a late one from
making a second."""
