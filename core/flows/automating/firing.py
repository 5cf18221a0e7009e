"""What happened is acted on, once: a worker's chore.

As with schedules (core/jobs/due.py), two steps that a crash between them neither loses nor doubles. First what happened
is claimed: one transaction writes the one row that a rule and a clip can have. Then its jobs are submitted, each under an
idempotency key made of rule, clip and action: whoever comes by again after a crash finds those that are there.
What happened is read from the jobs that ended since a rule was switched on, never from memory.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.flows.automating.doing import Doing, Planned
from core.flows.automating.types import APART, SCENES_PROCESSED, Rule, rule_of
from core.jobs.service import Jobs
from core.kit.actor import LOCAL, Actor
from core.kit.errors import AccessError, MoneyError, RateLimited, StudioError, Unavailable, UserError
from core.kit.patience import AWAY
from core.kit.secrecy import hide
from core.store import automation_runs as log
from core.store import automations, jobs
from core.store.automation_runs import CLAIMED, FAILED, REFUSED, SCENES, SKIPPED, SUBMITTED, UNTOUCHED, Run
from core.store.automations import OFF, SUBJECT, Automation
from core.store.db import moment_of
from core.store.jobs import DONE, Job
from core.store.store import Store
from core.video.service import Video

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

MOST_TRIES = 10
"""Of a run whose submission fails for a passing reason (a database, a disk, a service away), a minute apart."""
_TOUCH_S = 15.0


class Firing:
    def __init__(
        self, store: Store, owner: Callable[[str], Actor | None], video: Video, doing: Doing,
        bring_in: Callable[[Actor, Automation, Run], str | None], errors_log: Path,
    ) -> None:  # fmt: skip
        """`owner`: the actor a user is at this moment; None when he may not come in any more. `bring_in`: of a run for a
        file, the asset it becomes; None where the file is no longer the one that was found."""
        self._store = store
        self._owner = owner
        self._video = video
        self._doing = doing
        self._bring_in = bring_in
        self._errors_log = errors_log
        self.clock: Callable[[Connection], datetime] = moment_of

    def tick(self) -> int:
        """Answers how many runs it submitted."""
        with self._store.db.read() as connection:
            found = log.happened(connection, SCENES_PROCESSED)
            ended = log.looked_into(connection)
        for each in found:
            self._claim(each)
        for run_id, job in ended:
            self._scenes_known(run_id, job)
        with self._store.db.read() as connection:
            waiting = log.waiting(connection, self.clock(connection) - UNTOUCHED)
        return sum(self.take(run) for run in waiting)

    def _claim(self, each: log.Happened) -> None:
        with self._store.db.exclusive(SUBJECT) as connection:
            rule = automations.find(connection, each.automation_id, hold=True)
            if rule is not None and rule.on:  # switched off or deleted since
                log.add_run(
                    connection, rule.id, each.clip_id, each.name, clip_id=each.clip_id, asset_id=each.asset_id
                )  # another worker may have been quicker

    def _scenes_known(self, run_id: str, job: Job) -> None:
        with self._store.db.write() as connection:
            if job.status == DONE and job.result:
                clip_id = job.result.get("clip_id")
                log.change_run(
                    connection, run_id, only=(SCENES,), outcome=CLAIMED, clip_id=clip_id, taken_at=None, tries=0
                )
                return
        error = Jobs.failure(job) or UserError(f"Finding its scenes was {job.status}.", "Run it again on that film.")
        with self._store.db.write() as connection:
            log.change_run(connection, run_id, only=(SCENES,), outcome=FAILED, error=error.as_dict())

    def take(self, run: Run) -> bool:
        """A claimed run is carried out, by this worker alone."""
        with self._store.db.exclusive(SUBJECT) as connection:
            moment = self.clock(connection)
            if not log.take(connection, run.id, moment, moment - UNTOUCHED):
                return False
            rule = automations.find(connection, run.automation_id)
            held = log.run_of(connection, run.id)
        if rule is None or held is None:
            return False
        actor = LOCAL if rule.user_id == LOCAL.user_id else self._owner(rule.user_id)
        if actor is None:
            reason = "Its owner may not come in any more."
            return self._over(held, REFUSED, note=reason, switch_off=reason)
        try:
            with self._touched(held):
                return self._carry_out(held, rule, actor)
        except StudioError as error:
            return self._went_wrong(held, error)
        except Exception as error:
            with self._errors_log.open("a") as written:
                written.write(f"automation {rule.id}\n{hide(traceback.format_exc())}\n")
            told = StudioError(f"An unexpected error stopped this run: {error}", f"Report {run.id}.", "defect")
            return self._over(held, FAILED, error=told)

    def _carry_out(self, run: Run, rule: Automation, actor: Actor) -> bool:
        wanted = rule_of({"name": rule.name, "trigger": rule.trigger, "actions": rule.actions})
        known = self._known(run, rule, wanted)
        if not rule.on and not run.manual and not known:
            return self._over(run, SKIPPED, note="The rule was switched off before this could start.")
        if run.clip_id is None:
            return self._take_apart(run, rule, actor, wanted)
        missing = [number for number in range(1, len(wanted.making) + 1) if number not in known]
        if missing:
            planned = {n: self._doing.plan(actor, run.clip_id, wanted.making[n - 1]) for n in missing}
            caps = self._allotted(run, rule, planned)
            for number, each in planned.items():
                job = each.submit(key_of(rule, run, number), caps[number])
                self._note(run, number, wanted, job)
        with self._store.db.write() as connection:
            log.change_run(connection, run.id, outcome=SUBMITTED, note="", started_at=self.clock(connection))
        return True

    def _known(self, run: Run, rule: Automation, wanted: Rule) -> dict[int, Job]:
        """What was submitted before a crash, by number of its action; written into the log if the crash came before
        that."""
        found: dict[int, Job] = {}
        with self._store.db.read() as connection:
            for number in range(1, len(wanted.making) + 1):
                job = jobs.by_idempotency_key(connection, rule.user_id, key_of(rule, run, number))
                if job is not None:
                    found[number] = job
        for number, job in found.items():
            self._note(run, number, wanted, job)
        return found

    def _note(self, run: Run, number: int, wanted: Rule, job: Job) -> None:
        action = wanted.making[number - 1]
        with self._store.db.write() as connection:
            log.put_job(connection, run.id, number, action.type, job.id, save=action.config.auto_download)

    def _take_apart(self, run: Run, rule: Automation, actor: Actor, wanted: Rule) -> bool:
        asset_id = run.asset_id or self._bring_in(actor, rule, run)
        if asset_id is None:
            return False
        with self._store.db.write() as connection:
            log.change_run(connection, run.id, asset_id=asset_id)
        job = self._video.take_apart(actor, asset_id, idempotency_key=key_of(rule, run, 0))
        with self._store.db.write() as connection:
            log.put_job(connection, run.id, 0, APART, job.id, save=False)
            outcome = SCENES if wanted.making else SUBMITTED
            log.change_run(connection, run.id, outcome=outcome, note="", started_at=self.clock(connection))
        return True

    def _allotted(self, run: Run, rule: Automation, planned: dict[int, Planned]) -> dict[int, Decimal | None]:
        """The cap of each job. MoneyError where a run's cap or the month's budget has no room for all of them. What is
        allotted counts against the month until the jobs have ended, so two runs at once do not share one dollar."""
        if rule.cap_usd is None and rule.month_usd is None:
            return dict.fromkeys(planned)
        foreseen = sum((each.usd for each in planned.values()), Decimal(0))
        with self._store.db.exclusive(SUBJECT) as connection:
            left = month_left(connection, rule, self.clock(connection), but=run.id)
            if rule.cap_usd is not None and foreseen > rule.cap_usd:
                raise MoneyError(
                    f"This needs up to ${foreseen:f}, and a run of this automation may cost ${rule.cap_usd:f}.",
                    "Nothing was bought. Raise its cap for a run, or choose a cheaper or embedded engine.",
                    "automation_cap",
                )
            if left is not None and foreseen > left:
                raise MoneyError(
                    f"This needs up to ${foreseen:f}, and ${left:f} of the ${rule.month_usd:f} that this automation "
                    "may cost this month are left.",
                    "Nothing was bought. Raise its budget, choose an embedded engine, or wait for next month.",
                    "automation_month",
                )
            log.change_run(connection, run.id, allotted_usd=foreseen)
        return {number: each.usd for number, each in planned.items()}

    @contextmanager
    def _touched(self, run: Run) -> Iterator[None]:
        """Reading a large file takes longer than anybody may be silent."""
        over = threading.Event()

        def touch() -> None:
            while not over.wait(_TOUCH_S):
                with self._store.db.write() as connection:
                    log.change_run(connection, run.id, only=(CLAIMED,), taken_at=self.clock(connection))

        thread = threading.Thread(target=touch, daemon=True, name="automation-touch")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _went_wrong(self, run: Run, error: StudioError) -> bool:
        passing = error.code in AWAY or isinstance(error, Unavailable | RateLimited)
        if passing and run.tries < MOST_TRIES:
            with self._store.db.write() as connection:
                note = f"Tried {run.tries} time{'s' if run.tries > 1 else ''}: {error.message}"[:300]
                log.change_run(connection, run.id, note=note)
            return False
        if isinstance(error, AccessError) and not error.code.startswith("quota_"):
            return self._over(run, REFUSED, error=error, switch_off=error.message)
        return self._over(run, REFUSED if isinstance(error, AccessError | MoneyError) else FAILED, error=error)

    def _over(
        self, run: Run, outcome: str, *, note: str = "", error: StudioError | None = None, switch_off: str = ""
    ) -> bool:
        told: dict[str, Any] = {} if error is None else {"error": error.as_dict()}
        with self._store.db.write() as connection:
            log.change_run(connection, run.id, outcome=outcome, note=note[:300], **told)
            if switch_off:
                automations.change(connection, run.automation_id, state=OFF, reason=hide(switch_off)[:300])
        return False


def key_of(rule: Automation, run: Run, number: int) -> str:
    """`automation:{id}:{clip}` and the number of the action; 0 is the taking apart."""
    return f"automation:{rule.id}:{run.subject}:{number}"


def month_left(connection: Connection, rule: Automation, moment: datetime, *, but: str = "") -> Decimal | None:
    """Of the rule's own budget for this month (UTC, as all money); None where it has none."""
    if rule.month_usd is None:
        return None
    return max(Decimal(0), rule.month_usd - log.spent(connection, rule.id, month_of(moment), but=but))


def month_of(moment: datetime) -> datetime:
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
