"""The log of the automations: a row for each time something happened, and the jobs that were made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Connection

from core.kit.clock import new_id, now
from core.store import assets, automations, charges, clips, jobs
from core.store.db import Usd, Utc, metadata

CLAIMED, SCENES, SUBMITTED = "claimed", "scenes", "submitted"
REFUSED, SKIPPED, FAILED = "refused", "skipped", "failed"
WANTED, SAVED = "wanted", "saved"
"""Of what a job made: to be put into the export folder, and put there. FAILED: it could not be."""
UNTOUCHED = timedelta(seconds=60)
"""Whoever took a run and says nothing for so long is taken for gone; the jobs' idempotency keys keep a late one from
making a second."""

runs = Table(
    "automation_runs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("automation_id", ForeignKey("automations.id", ondelete="CASCADE"), nullable=False),
    Column("subject", String(120), nullable=False),  # the clip, or the bytes of a file: once for each
    Column("name", String(200), nullable=False),
    Column("clip_id", String(60)),
    Column("asset_id", String(40)),
    Column("file", String(1000)),  # its path under the watched folder
    Column("file_size", BigInteger),
    Column("file_mtime_ns", BigInteger),
    Column("sha256", String(64)),
    Column("manual", Boolean, nullable=False),  # "run now"
    Column("outcome", String(10), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("note", String(300), nullable=False),
    Column("error", JSON(none_as_null=True)),
    Column("allotted_usd", Usd),  # the most that was foreseen for its jobs; None where no budget limits them
    Column("taken_at", Utc),
    Column("started_at", Utc),
    Column("created_at", Utc, nullable=False),
    UniqueConstraint("automation_id", "subject"),
    Index("ix_automation_runs_outcome", "outcome", "taken_at"),
    Index("ix_automation_runs_log", "automation_id", "created_at"),
)

made = Table(
    "automation_jobs",
    metadata,
    Column("run_id", ForeignKey("automation_runs.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),  # 0 is the taking apart, 1 the first action
    Column("action", String(40), nullable=False),
    Column("job_id", String(60), nullable=False, index=True),
    Column("saving", String(10), nullable=False),  # "" where nothing is to be saved
    Column("files", JSON, nullable=False),
    Column("error", JSON(none_as_null=True)),
    Column("taken_at", Utc),
    Index("ix_automation_jobs_saving", "saving"),
)


@dataclass(frozen=True)
class Made:
    """A job of a run."""

    run_id: str
    number: int
    action: str
    job_id: str
    saving: str
    files: list[str]
    error: dict[str, Any] | None
    taken_at: datetime | None
    job_status: str | None = None
    job_error: dict[str, Any] | None = None
    job_result: dict[str, Any] | None = None

    @property
    def trouble(self) -> dict[str, Any] | None:
        """What went wrong in it: of a batch, with its first piece that did."""
        if self.job_error or self.error:
            return self.job_error or self.error
        children = (self.job_result or {}).get("children") or ()
        return next((each["error"] for each in children if each.get("error")), None)


@dataclass(frozen=True)
class Run:
    id: str
    automation_id: str
    subject: str
    name: str
    clip_id: str | None
    asset_id: str | None
    file: str | None
    file_size: int | None
    file_mtime_ns: int | None
    sha256: str | None
    manual: bool
    outcome: str
    tries: int
    note: str
    error: dict[str, Any] | None
    allotted_usd: Decimal | None
    taken_at: datetime | None
    started_at: datetime | None
    created_at: datetime
    jobs: tuple[Made, ...] = ()

    @property
    def came_to(self) -> str:
        """In one word: how it was left, or what its jobs came to. `partly`: some of what it was to make is there."""
        if self.outcome != SUBMITTED:
            return self.outcome
        states = [each.job_status for each in self.jobs]
        for state in (jobs.RUNNING, jobs.WAITING, jobs.UNKNOWN):
            if state in states:
                return state
        fine = [each.job_status == jobs.DONE and each.trouble is None for each in self.jobs]
        if all(fine):
            return jobs.DONE
        if jobs.DONE in states:
            return "partly"
        return jobs.CANCELLED if set(states) == {jobs.CANCELLED} else FAILED

    @property
    def why(self) -> dict[str, Any] | None:
        return self.error or next((each.trouble for each in self.jobs if each.trouble), None)


@dataclass(frozen=True)
class Happened:
    """A clip of somebody's was taken apart after a rule of his was switched on."""

    automation_id: str
    clip_id: str
    asset_id: str
    name: str


def happened(connection: Connection, event: str, limit: int = 100) -> list[Happened]:
    """What no run stands for yet, oldest first. Read from the jobs that ended, so nothing is missed while nobody looked."""
    rules = automations.table
    stands = exists().where(runs.c.automation_id == rules.c.id, runs.c.subject == clips.table.c.id)
    joined = rules.join(clips.table, clips.table.c.user_id == rules.c.user_id)
    joined = joined.join(jobs.table, jobs.table.c.id == clips.table.c.job_id)
    found = (
        select(rules.c.id, clips.table.c.id, clips.table.c.asset_id, clips.table.c.name)
        .select_from(joined)
        .where(
            rules.c.state == automations.ON, rules.c.event == event, jobs.table.c.status == jobs.DONE,
            jobs.table.c.finished_at >= rules.c.since, ~stands,
        )
        .order_by(jobs.table.c.finished_at, clips.table.c.id)
        .limit(limit)
    )  # fmt: skip
    return [Happened(*row) for row in connection.execute(found)]


def add_run(connection: Connection, automation_id: str, subject: str, name: str, **values: Any) -> Run | None:
    """None where this stands in the log already: it is nobody's to do again."""
    known = select(runs.c.id).where(runs.c.automation_id == automation_id, runs.c.subject == subject)
    if connection.execute(known).first():
        return None
    row = {
        "id": new_id("run"), "automation_id": automation_id, "subject": subject, "name": name[:200], "manual": False,
        "outcome": CLAIMED, "tries": 0, "note": "", "created_at": now(), **values,
    }  # fmt: skip
    return Run(**connection.execute(insert(runs).values(row).returning(runs)).mappings().one())


def run_of(connection: Connection, run_id: str) -> Run | None:
    row = connection.execute(select(runs).where(runs.c.id == run_id)).mappings().first()
    return None if row is None else _with_jobs(connection, [Run(**row)])[0]


def file_known(connection: Connection, automation_id: str, file: str, size: int, mtime_ns: int) -> bool:
    """Whether this file was taken, or found wanting, as it lies there."""
    same = (runs.c.file == file, runs.c.file_size == size, runs.c.file_mtime_ns == mtime_ns)
    found = select(runs.c.id).where(runs.c.automation_id == automation_id, *same)
    return connection.execute(found.limit(1)).first() is not None


def _free(column: Any, untouched_since: datetime) -> ColumnElement[bool]:
    return or_(column.is_(None), column < untouched_since)


def waiting(connection: Connection, untouched_since: datetime, limit: int = 100) -> list[Run]:
    """Claimed, and in nobody's hands since that moment; in the order in which it happened."""
    found = select(runs).where(runs.c.outcome == CLAIMED, _free(runs.c.taken_at, untouched_since))
    found = found.order_by(runs.c.created_at, runs.c.id).limit(limit)
    return [Run(**row) for row in connection.execute(found).mappings()]


def take(connection: Connection, run_id: str, moment: datetime, untouched_since: datetime) -> bool:
    """Compared and set: of several workers one gets it."""
    taken = update(runs).where(runs.c.id == run_id, runs.c.outcome == CLAIMED, _free(runs.c.taken_at, untouched_since))
    return connection.execute(taken.values(taken_at=moment, tries=runs.c.tries + 1)).rowcount == 1


def change_run(connection: Connection, run_id: str, *, only: Sequence[str] = (), **values: Any) -> bool:
    wanted = [runs.c.id == run_id, *([runs.c.outcome.in_(only)] if only else [])]
    return connection.execute(update(runs).where(*wanted).values(**values)).rowcount == 1


def looked_into(connection: Connection, limit: int = 100) -> list[tuple[str, jobs.Job]]:
    """Runs whose clip was taken apart meanwhile, or could not be, each with that job."""
    joined = runs.join(made, made.c.run_id == runs.c.id).join(jobs.table, jobs.table.c.id == made.c.job_id)
    found = select(runs.c.id.label("run_id"), *[column.label(f"job_{column.name}") for column in jobs.table.c])
    ended = found.select_from(joined).where(
        runs.c.outcome == SCENES, made.c.number == 0, jobs.table.c.status.in_(jobs.ENDED)
    )
    rows = connection.execute(ended.limit(limit)).mappings()
    return [
        (row["run_id"], jobs.Job(**{column.name: row[f"job_{column.name}"] for column in jobs.table.c})) for row in rows
    ]


def put_job(connection: Connection, run_id: str, number: int, action: str, job_id: str, *, save: bool) -> None:
    """Said twice after a crash, written once."""
    known = select(made.c.job_id).where(made.c.run_id == run_id, made.c.number == number)
    if connection.execute(known).first() is None:
        row = {"run_id": run_id, "number": number, "action": action, "job_id": job_id, "files": []}
        connection.execute(insert(made).values({**row, "saving": WANTED if save else ""}))


def to_save(connection: Connection, untouched_since: datetime, limit: int = 20) -> list[tuple[str, Made]]:
    """(id of the automation, job) of what has ended and is to be put into the export folder."""
    joined = made.join(jobs.table, jobs.table.c.id == made.c.job_id).join(runs, runs.c.id == made.c.run_id)
    free = _free(made.c.taken_at, untouched_since)
    found = select(runs.c.automation_id, *made.c, jobs.table.c.status.label("job_status")).select_from(joined)
    ended = found.where(made.c.saving == WANTED, free, jobs.table.c.status.in_(jobs.ENDED))
    rows = connection.execute(ended.limit(limit)).mappings()
    return [
        (row["automation_id"], Made(**{name: value for name, value in row.items() if name != "automation_id"}))
        for row in rows
    ]


def take_saving(connection: Connection, each: Made, moment: datetime, untouched_since: datetime) -> bool:
    mine = (made.c.run_id == each.run_id, made.c.number == each.number, made.c.saving == WANTED)
    taken = update(made).where(*mine, _free(made.c.taken_at, untouched_since)).values(taken_at=moment)
    return connection.execute(taken).rowcount == 1


def saved(connection: Connection, each: Made, **values: Any) -> None:
    mine = (made.c.run_id == each.run_id, made.c.number == each.number)
    connection.execute(update(made).where(*mine).values(**values))


def _with_jobs(connection: Connection, found: list[Run]) -> list[Run]:
    of: dict[str, list[Made]] = {run.id: [] for run in found}
    joined = made.outerjoin(jobs.table, jobs.table.c.id == made.c.job_id)
    rows = select(
        *made.c, jobs.table.c.status.label("job_status"), jobs.table.c.error.label("job_error"),
        jobs.table.c.result.label("job_result"),
    ).select_from(joined)  # fmt: skip
    for row in connection.execute(rows.where(made.c.run_id.in_(of)).order_by(made.c.number)).mappings():
        of[row["run_id"]].append(Made(**row))
    return [replace(run, jobs=tuple(of[run.id])) for run in found]


def log(connection: Connection, automation_id: str, limit: int = 50) -> list[Run]:
    """Newest first."""
    found = select(runs).where(runs.c.automation_id == automation_id)
    rows = connection.execute(found.order_by(runs.c.created_at.desc(), runs.c.id.desc()).limit(limit))
    return _with_jobs(connection, [Run(**row) for row in rows.mappings()])


def count(connection: Connection, automation_id: str) -> int:
    found = select(func.count()).select_from(runs).where(runs.c.automation_id == automation_id)
    return int(connection.execute(found).scalar_one())


def last_run(connection: Connection, automation_id: str) -> Run | None:
    return next(iter(log(connection, automation_id, 1)), None)


def spent(connection: Connection, automation_id: str, since: datetime, *, but: str = "") -> Decimal:
    """Dollars of its runs since a moment: what its ended jobs cost, and of what is under way the most it may. `but`: a
    run that is not counted."""
    mine = (
        runs.c.automation_id == automation_id, runs.c.created_at >= since, runs.c.id != but,
        runs.c.outcome.in_((CLAIMED, SUBMITTED, FAILED)),
    )  # fmt: skip
    joined = runs.outerjoin(made, made.c.run_id == runs.c.id).outerjoin(jobs.table, jobs.table.c.id == made.c.job_id)
    rows = select(runs.c.id, runs.c.outcome, runs.c.allotted_usd, made.c.job_id, jobs.table.c.status)
    ids = select(made.c.job_id).select_from(made.join(runs, runs.c.id == made.c.run_id)).where(*mine)
    bills = charges.held_under(connection, ids)
    held: dict[str, Decimal] = {}
    most: dict[str, Decimal] = {}
    for run_id, outcome, allotted, job_id, status in connection.execute(rows.select_from(joined).where(*mine)):
        held[run_id] = held.get(run_id, Decimal(0)) + bills.get(job_id or "", Decimal(0))
        if allotted is not None and (outcome == CLAIMED or status in jobs.LIVE):
            most[run_id] = allotted
    return sum((max(usd, most.get(run_id, usd)) for run_id, usd in held.items()), Decimal(0))


def remove(connection: Connection, automation_id: str) -> None:
    """The whole log of one automation."""
    mine = select(runs.c.id).where(runs.c.automation_id == automation_id)
    connection.execute(delete(made).where(made.c.run_id.in_(mine)))
    connection.execute(delete(runs).where(runs.c.automation_id == automation_id))


def own_film(connection: Connection, user_id: str, sha256: str) -> str | None:
    """Id of a film of this user's with these bytes: brought in before, by hand or by a run that was cut off."""
    table = assets.table
    mine = (table.c.user_id == user_id, table.c.sha256 == sha256, table.c.kind == "video", table.c.deleted_at.is_(None))
    found: str | None = (
        connection.execute(select(table.c.id).where(*mine).order_by(table.c.created_at)).scalars().first()
    )
    return found


def drop(connection: Connection, run_id: str) -> None:
    """Of a file that was gone before anything was made of it: as if it had not been seen."""
    connection.execute(delete(runs).where(runs.c.id == run_id, runs.c.outcome == CLAIMED))
