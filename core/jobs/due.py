"""What is due is run, once: a worker's chore.

Two steps, so that a crash between them loses and doubles nothing. First a due moment is claimed: one transaction writes
it into the log and moves the schedule on, so that of several workers one gets it. Then what is claimed is submitted,
under an idempotency key made of schedule and moment: whoever comes by again after a crash finds the job that is there.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from core.jobs.submitters import Submitters
from core.jobs.timing import Due, Timing, due_until, next_after
from core.kit.actor import LOCAL, Actor
from core.kit.errors import AccessError, MoneyError, RateLimited, StudioError, Unavailable
from core.kit.patience import AWAY
from core.kit.secrecy import hide
from core.store import jobs, schedules
from core.store.db import moment_of
from core.store.jobs import Job
from core.store.schedules import (
    ENDED,
    FAILED,
    MISSED,
    PAUSED,
    REFUSED,
    SKIPPED,
    SUBMITTED,
    UNTOUCHED,
    Run,
    Schedule,
)
from core.store.store import Store

ON_TIME = timedelta(minutes=10)
"""Later than this a run counts as missed: the studio was off, not merely busy."""
KEEP_LOG = timedelta(days=90)
MOST_TRIES = 10
"""Of a run whose submission fails for a passing reason (a database, a disk, a service away), a minute apart."""
_SUBJECT = "schedules"


class Runs:
    def __init__(
        self, store: Store, submitters: Submitters, owner: Callable[[str], Actor | None], errors_log: Path
    ) -> None:
        """`owner`: the actor a user is at this moment; None when he may not come in any more."""
        self._store = store
        self._submitters = submitters
        self._owner = owner
        self._errors_log = errors_log
        self.clock: Callable[[Connection], datetime] = moment_of

    def tick(self) -> int:
        """Answers how many jobs it submitted."""
        with self._store.db.read() as connection:
            found = schedules.due(connection, self.clock(connection))
        for schedule_id in found:
            self._claim(schedule_id)
        with self._store.db.read() as connection:
            waiting = schedules.waiting_runs(connection, self.clock(connection) - UNTOUCHED)
        return sum(self._take(run) for run in waiting if not self._holds_back(run))

    def submit_now(self, run: Run) -> None:
        """For a person who does not wait for the chore."""
        self._take(run)

    def _claim(self, schedule_id: str) -> None:
        try:
            with self._store.db.exclusive(_SUBJECT) as connection:
                schedule = schedules.find(connection, schedule_id, hold=True)
                moment = self.clock(connection)
                # Paused, deleted, or claimed by another worker since.
                if schedule is None or schedule.state != schedules.ACTIVE or schedule.next_at is None:
                    return
                if schedule.next_at <= moment:
                    _move_on(connection, schedule, moment)
        except StudioError as error:
            if error.code in AWAY:
                raise
            # A zone that is no longer in this machine's table: said on the schedule, and in nobody's way.
            with self._store.db.write() as connection:
                schedules.change(connection, schedule_id, state=PAUSED, reason=error.message[:300])

    def _holds_back(self, run: Run) -> bool:
        """Made-up runs go one after another, however many there are."""
        if not run.late:
            return False
        with self._store.db.read() as connection:
            schedule = schedules.find(connection, run.schedule_id)
            return schedule is not None and schedule.overlap == "skip" and schedules.busy(connection, schedule.id)

    def _take(self, run: Run) -> bool:
        with self._store.db.write() as connection:
            moment = self.clock(connection)
            if not schedules.take_run(connection, run.id, moment, moment - UNTOUCHED):
                return False
            schedule = schedules.find(connection, run.schedule_id)
            if schedule is None:
                return False
            key = f"schedule:{schedule.id}:{run.due.isoformat()}"
            known = jobs.by_idempotency_key(connection, schedule.user_id, key)
            working = schedules.busy(connection, schedule.id)
            left = _left(connection, schedule, moment)
        actor = LOCAL if schedule.user_id == LOCAL.user_id else self._owner(schedule.user_id)
        if known is not None:  # submitted before a crash
            return self._submitted(run, known, moment)
        if actor is None:
            reason = "Its owner may not come in any more."
            return self._over(run, REFUSED, note=reason, pause=reason)
        if schedule.state == PAUSED and not run.manual:
            return self._over(run, SKIPPED, note="The schedule was paused before it could start.")
        if working and schedule.overlap == "skip" and not run.manual and not run.late:
            return self._over(run, SKIPPED, note="The run before it was still working.")
        if left is not None and left <= 0 < (schedule.month_usd or 0):
            spent = MoneyError(
                f"The month's budget of this schedule (${schedule.month_usd:.2f}) is used up.",
                "It runs again next month, or raise the budget.",
            )
            return self._over(run, REFUSED, error=spent)
        return self._submit(run, schedule, actor, key, left, moment)

    def _submit(
        self, run: Run, schedule: Schedule, actor: Actor, key: str, left: Decimal | None, moment: datetime
    ) -> bool:
        caps = [cap for cap in (schedule.cap_usd, left) if cap is not None]
        try:
            submitter = self._submitters.get(schedule.kind)
            job = submitter.submit(
                actor, dict(schedule.request), idempotency_key=key, cap_usd=min(caps) if caps else None,
                title=schedule.title,
            )  # fmt: skip
        except StudioError as error:
            passing = error.code in AWAY or isinstance(error, Unavailable | RateLimited)
            if passing and run.tries + 1 < MOST_TRIES:
                note = f"Tried {run.tries + 1} times: {error.message}"[:300]
                with self._store.db.write() as connection:
                    schedules.change_run(connection, run.id, note=note)
                return False
            if isinstance(error, AccessError) and not error.code.startswith("quota_"):
                return self._over(run, REFUSED, error=error, pause=error.message)
            refused = isinstance(error, AccessError | MoneyError)
            return self._over(run, REFUSED if refused else FAILED, error=error)
        except Exception as error:
            with self._errors_log.open("a") as log:
                log.write(f"schedule {schedule.id}\n{hide(traceback.format_exc())}\n")
            told = StudioError(f"An unexpected error stopped this run: {error}", f"Report {run.id}.", "defect")
            return self._over(run, FAILED, error=told)
        return self._submitted(run, job, moment)

    def _submitted(self, run: Run, job: Job, moment: datetime) -> bool:
        with self._store.db.write() as connection:
            schedules.change_run(connection, run.id, outcome=SUBMITTED, job_id=job.id, note="", started_at=moment)
        return True

    def _over(
        self, run: Run, outcome: str, *, note: str = "", error: StudioError | None = None, pause: str = ""
    ) -> bool:
        told: dict[str, Any] = {} if error is None else {"error": error.as_dict()}
        with self._store.db.write() as connection:
            schedules.change_run(connection, run.id, outcome=outcome, note=note[:300], **told)
            if pause:
                schedules.change(connection, run.schedule_id, state=PAUSED, reason=hide(pause)[:300])
        return False


def timing_of(schedule: Schedule) -> Timing:
    return Timing(schedule.zone, schedule.cron, schedule.once)


def _move_on(connection: Connection, schedule: Schedule, moment: datetime) -> None:
    """Inside the claiming transaction: what was due goes into the log, by the rule for missed runs, and the schedule to
    its next moment."""
    assert schedule.next_at is not None
    timing = timing_of(schedule)
    last = moment if schedule.until is None else min(moment, schedule.until)
    due = due_until(timing, schedule.next_at, last)
    chosen = _chosen(schedule, due, moment)
    for each in chosen:
        # Of several at once none is in time: they go one after another.
        schedules.add_run(connection, schedule.id, each, late=len(chosen) > 1 or moment - each > ON_TIME)
    if due.count > len(chosen):
        left_out = next((each for each in due.moments if each not in chosen), schedule.next_at)
        count = due.count - len(chosen)
        note = "The studio was not running." if count == 1 else f"The studio was not running {count:,} times."
        schedules.add_run(connection, schedule.id, left_out, outcome=MISSED, count=count, note=note)
    claimed = schedule.claimed + len(chosen)
    coming = next_after(timing, moment)
    over = (
        coming is None
        or (schedule.until is not None and coming > schedule.until)
        or (schedule.times is not None and claimed >= schedule.times)
    )
    ends: dict[str, Any] = {"state": ENDED, "next_at": None, "reason": "Its last run is over."} if over else {}
    schedules.change(connection, schedule.id, **{"next_at": coming, "claimed": claimed, **ends})
    schedules.forget_runs(connection, schedule.id, moment - KEEP_LOG)


def _chosen(schedule: Schedule, due: Due, moment: datetime) -> tuple[datetime, ...]:
    on_time = moment - due.moments[-1] <= ON_TIME
    match schedule.missed:
        case "all":
            chosen = due.moments
        case "once":
            chosen = due.moments[-1:]
        case _:
            chosen = due.moments[-1:] if on_time else ()
    left = len(chosen) if schedule.times is None else max(0, schedule.times - schedule.claimed)
    return chosen[len(chosen) - left :] if left < len(chosen) else chosen


def _left(connection: Connection, schedule: Schedule, moment: datetime) -> Decimal | None:
    """Of the schedule's own budget for this month (UTC, as all money); None where it has none."""
    if schedule.month_usd is None:
        return None
    first = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return max(Decimal(0), schedule.month_usd - schedules.spent(connection, schedule.id, first))
