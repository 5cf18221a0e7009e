"""Jobs as everyone sees them: submit, look, cancel, pause, reorder, retry. No dbos here: only a worker runs it."""

from __future__ import annotations

import builtins
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from core.jobs.registry import JobKinds
from core.kit.actor import Actor
from core.kit.clock import new_id, now
from core.kit.errors import AccessError, NotFound, ProviderError, StudioError, UserError, error_from
from core.kit.words import one_line
from core.money.ledger import Ledger
from core.money.prices import Quote
from core.money.quotas import Quotas
from core.store import assets, attempts, charges, jobs, preferences
from core.store.assets import Asset
from core.store.attempts import Attempt
from core.store.charges import Charge
from core.store.db import ChangeWatch
from core.store.jobs import CANCELLED, ENDED, FAILED, LIVE, PRIORITIES, RUNNING, UNKNOWN, WAITING, Job
from core.store.store import Store

MAX_WAITING_PER_USER = 20_000
AGAIN = (FAILED, CANCELLED)
"""What may be made once more. An unknown outcome waits for a person."""
_FRESH: dict[str, Any] = {
    "status": WAITING, "error": None, "cancel_requested": False, "stage": "Waiting", "fraction": 0.0, "started_at": None,
    "finished_at": None, "worker_id": None, "paused": False,
}  # fmt: skip


class Jobs:
    def __init__(self, store: Store, kinds: JobKinds, ledger: Ledger, quotas: Quotas) -> None:
        self._store = store
        self._kinds = kinds
        self._ledger = ledger
        self._quotas = quotas
        self._hear: builtins.list[Callable[[], object]] = []

    def submit(
        self,
        actor: Actor,
        kind: str,
        request: dict[str, Any],
        *,
        title: str,
        priority: str = "normal",
        idempotency_key: str | None = None,
        cap_usd: Decimal | None = None,
    ) -> Job:
        """Write the job's row; a worker notices it within 50 ms. The same idempotency key of the same user answers
        the job it already made, and never a second one."""
        self.before(actor, priority, None)
        job_id = new_id("job")
        row = self._row(actor, job_id, kind, request, title, PRIORITIES[priority], cap_usd)
        row["idempotency_key"] = idempotency_key
        try:
            with self._quotas.transaction(actor) as connection:
                if idempotency_key is not None:
                    existing = jobs.by_idempotency_key(connection, actor.user_id, idempotency_key)
                    if existing is not None:
                        return existing
                self._quotas.admit(connection, actor, row)
                job = self._insert(connection, row)
        except IntegrityError:
            # On PostgreSQL two submissions with one key may race to the insert; the loser reads the winner's job.
            with self._store.db.read() as connection:
                winner = jobs.by_idempotency_key(connection, actor.user_id, idempotency_key or "")
            if winner is None:
                raise
            return winner
        for hears in self._hear:
            hears()
        return job

    def tell(self, hears: Callable[[], object]) -> None:
        """Called at each submission in this process. Whoever sits in another looks at the database."""
        self._hear.append(hears)

    def before(self, actor: Actor, priority: str, idempotency_key: str | None) -> Job | None:
        """For services that prepare something first: refuses a bad priority, and answers the job that a repeated
        idempotency key already made."""
        if priority not in PRIORITIES:
            raise UserError(f"There is no priority {priority!r}.", f"Choose one of: {', '.join(PRIORITIES)}.")
        if idempotency_key is None:
            return None
        with self._store.db.read() as connection:
            return jobs.by_idempotency_key(connection, actor.user_id, idempotency_key)

    def submit_child(
        self, parent: Job, actor: Actor, number: int, kind: str, request: dict[str, Any], title: str
    ) -> Job:
        child_id = f"{parent.id}/{number}"
        with self._quotas.transaction(actor) as connection:
            existing = jobs.find(connection, child_id)
            if existing is not None:
                return existing
            row = self._row(actor, child_id, kind, request, title, parent.priority, None)
            row |= {"parent_id": parent.id, "root_id": parent.root_id, "attempt": parent.attempt}
            self._quotas.admit(connection, actor, row)
            return self._insert(connection, row)

    def child_again(self, parent: Job, actor: Actor, number: int) -> None:
        """A failed or cancelled child of an earlier run of the parent waits once more. As submit_child, it is refused
        where a quota has no room; then it stays as it is."""
        child_id = f"{parent.id}/{number}"
        with self._quotas.transaction(actor) as connection:
            child = jobs.find(connection, child_id)
            if child is None or child.status not in AGAIN or child.attempt >= parent.attempt:
                return
            self._quotas.admit(connection, actor, child.__dict__ | {"attempt": parent.attempt})
            jobs.change(connection, child_id, only=AGAIN, attempt=parent.attempt, **_FRESH)

    def again(self, actor: Actor, job_id: str, of: int) -> Job:
        """A flow of `of` children that has ended goes on: what failed, was cancelled, or was never begun is made once
        more, under the same numbers; what is done stays. UserError when there is nothing to do. Children whose outcome
        is unknown wait for a person."""
        with self._store.db.exclusive(Ledger.SUBJECT) as connection:
            job = jobs.get(connection, actor, job_id)
            if not job.ended or job.status == UNKNOWN:
                raise UserError(
                    f"Job {job.id} is {job.status}; there is nothing to resume yet.", "Wait until it ended."
                )
            states = jobs.states(connection, job_id).values()
            if len(states) >= of and not any(state.status in AGAIN for state in states):
                raise UserError(f"Everything in job {job.id} is made.", "Nothing is left to resume.", "nothing_left")
            attempt = 1 + max([job.attempt, *(state.attempt for state in states)])
            jobs.change(connection, job_id, only=ENDED, attempt=attempt, **_FRESH)
        for hears in self._hear:
            hears()
        return self.show(actor, job_id)

    def _row(
        self,
        actor: Actor,
        job_id: str,
        kind: str,
        request: dict[str, Any],
        title: str,
        priority: int,
        cap_usd: Decimal | None,
    ) -> dict[str, Any]:
        moment = now()
        return {
            "id": job_id, "kind": kind, "title": one_line(title) or kind, "status": WAITING, "priority": priority,
            "resource": self._kinds.get(kind).resource_of(request), "request": request, "parent_id": None, "root_id": job_id,
            "user_id": actor.user_id, "organisation_id": actor.organisation_id, "visibility": "private",
            "actor": dict(actor.__dict__), "cap_usd": cap_usd, "paused": False, "cancel_requested": False,
            "stage": "Waiting", "fraction": 0.0, "attempt": 1, "epoch": 0, "created_at": moment, "updated_at": moment,
        }  # fmt: skip

    def _insert(self, connection: Connection, row: dict[str, Any]) -> Job:
        row["position"] = jobs.last_position(connection) + 1.0
        row["eta_s"] = jobs.typical_seconds(connection, row["kind"])
        job = jobs.add(connection, row)
        self._kinds.get(job.kind).written(connection, job)
        return job

    def show(self, actor: Actor, job_id: str) -> Job:
        with self._store.db.read() as connection:
            return jobs.get(connection, actor, job_id)

    def list(self, actor: Actor, **filters: Any) -> list[Job]:
        with self._store.db.read() as connection:
            return jobs.listing(connection, actor, **filters)

    def live_by_kind(self, actor: Actor) -> builtins.list[tuple[str, str, int]]:
        """(kind, status, how many) of what waits or runs."""
        with self._store.db.read() as connection:
            return jobs.live_by_kind(connection, actor)

    def children(self, actor: Actor, job_id: str) -> builtins.list[Job]:
        with self._store.db.read() as connection:
            jobs.get(connection, actor, job_id)
            return jobs.children(connection, job_id)

    def position(self, actor: Actor, job_id: str) -> int | None:
        """0 is next; None when it is not waiting."""
        with self._store.db.read() as connection:
            job = jobs.get(connection, actor, job_id)
            return jobs.place(connection, job) if job.status == WAITING else None

    def assets(self, actor: Actor, job_id: str) -> builtins.list[Asset]:
        """What the job made, primary first; for a flow, what its children made."""
        with self._store.db.read() as connection:
            jobs.get(connection, actor, job_id)
            found = assets.of_job(connection, job_id)
            for child in jobs.children(connection, job_id):
                found += assets.of_job(connection, child.id)
            return found

    def attempts(self, actor: Actor, job_id: str) -> builtins.list[tuple[Attempt, Charge | None]]:
        """Every try at a provider in the order they were made, with its charge."""
        with self._store.db.read() as connection:
            jobs.get(connection, actor, job_id)
            bills = {charge.attempt_id: charge for charge in charges.of_job(connection, job_id)}
            made = sorted(attempts.of_job(connection, job_id), key=lambda each: (each.created_at, each.number))
        return [(each, bills.get(each.id)) for each in made]

    def cost(self, actor: Actor, job_id: str) -> Decimal:
        """Dollars settled for the job and everything under it."""
        with self._store.db.read() as connection:
            jobs.get(connection, actor, job_id)
            ids = [job_id] + [child.id for child in jobs.children(connection, job_id)]
            rows = [charge for each in ids for charge in charges.of_job(connection, each)]
        return sum((charge.settled_usd for charge in rows), Decimal(0))

    def wait(self, actor: Actor, job_id: str, timeout_s: float = 600.0) -> Job:
        """Until it has ended, or the time is up; the row either way."""
        deadline = time.monotonic() + timeout_s
        pause = 0.005 if self._store.db.is_sqlite else 0.02
        watch = ChangeWatch(self._store.db)
        try:
            job = self.show(actor, job_id)
            while not job.ended and time.monotonic() <= deadline:
                if watch.changed():
                    with self._store.db.read() as connection:
                        status = jobs.status_of(connection, job_id)
                    if status not in LIVE:
                        job = self.show(actor, job_id)
                        continue
                watch.pause(pause)
                pause = min(0.05, pause * 1.1)
            return job if job.ended else self.show(actor, job_id)
        finally:
            watch.close()

    def cancel(self, actor: Actor, job_id: str) -> Job:
        """Waiting jobs end at once, running ones as soon as they look (within a second); children go with them."""
        with self._store.db.write() as connection:
            job = jobs.get(connection, actor, job_id)
            if job.status in ENDED and not any(not child.ended for child in jobs.children(connection, job_id)):
                return job
            for each in [job, *jobs.children(connection, job_id)]:
                if not jobs.change(
                    connection, each.id, only=[WAITING], status=CANCELLED, cancel_requested=True, stage="Cancelled",
                    eta_s=None, finished_at=now(),
                ):  # fmt: skip
                    jobs.change(connection, each.id, only=[RUNNING], cancel_requested=True, stage="Cancelling")
        return self.show(actor, job_id)

    def pause(self, actor: Actor, job_id: str | None = None) -> None:
        """Hold one waiting job back, or, without an id, the whole queue. Running jobs run on."""
        self._set_paused(actor, job_id, paused=True)

    def resume(self, actor: Actor, job_id: str | None = None) -> None:
        self._set_paused(actor, job_id, paused=False)

    def _set_paused(self, actor: Actor, job_id: str | None, *, paused: bool) -> None:
        with self._store.db.write() as connection:
            if job_id is None:
                if not actor.is_admin:
                    raise AccessError(
                        "Only an administrator may pause the whole queue.", "Pause your own jobs instead."
                    )
                preferences.write(connection, "queue_paused", paused)
                return
            job = jobs.get(connection, actor, job_id)
            if not jobs.change(connection, job.id, only=[WAITING], paused=paused):
                act, hint = ("held", "Cancel it if it runs.") if paused else ("resumed", "Retry it if it failed.")
                raise UserError(f"Job {job.id} is {job.status}; only a waiting job can be {act}.", hint)

    def queue_paused(self) -> bool:
        with self._store.db.read() as connection:
            return bool(preferences.read(connection, "queue_paused", False))

    def reorder(self, actor: Actor, job_id: str, *, before: str | None = None, priority: str | None = None) -> Job:
        """Move a waiting job in front of another one (or to the very front), or to another priority."""
        with self._store.db.write() as connection:
            job = jobs.get(connection, actor, job_id)
            if job.status != WAITING:
                raise UserError(
                    f"Job {job.id} is {job.status}; only waiting jobs have a place.",
                    "List them with: studio jobs list --status waiting",
                )
            if priority is not None and priority not in PRIORITIES:
                raise UserError(f"There is no priority {priority!r}.", f"Choose one of: {', '.join(PRIORITIES)}.")
            level = job.priority if priority is None else PRIORITIES[priority]
            position = job.position
            if before is not None:
                target = jobs.find(connection, before)
                if target is None or target.id == job.id or target.status != WAITING:
                    raise NotFound(f"Job {before!r} is not waiting.", "Give the id of another waiting job.")
                level = target.priority if priority is None else level
                place = target.position
                if target.priority != level:  # moved to another priority, where that job is not: to its front
                    place = jobs.neighbour(connection, level, before=None, but=job.id) or position
                low = jobs.neighbour(connection, level, before=place, but=job.id)
                position = place - 1.0 if low is None else (low + place) / 2
            elif priority is None:
                first = jobs.neighbour(connection, level, before=None, but=job.id)
                position = position if first is None else first - 1.0
            jobs.change(connection, job.id, priority=level, position=position)
        return self.show(actor, job_id)

    def retry(self, actor: Actor, job_id: str) -> Job:
        """Once more. What was already paid for and kept in the attempts is used again, not bought again."""
        with self._store.db.exclusive(Ledger.SUBJECT) as connection:
            job = jobs.get(connection, actor, job_id)
            if job.status == UNKNOWN:
                raise ProviderError(
                    "It is not known whether this job was billed, so it is not repeated.",
                    f"Look at the provider's account, then: studio jobs resolve {job.id} --billed or --not-billed",
                    "outcome_unknown",
                )
            for each in [job, *jobs.children(connection, job_id)]:
                attempt = 1 + max(job.attempt, each.attempt)  # no child behind its parent: see child_again()
                if each.status in AGAIN:
                    self._quotas.admit(connection, each.asked_by(), each.__dict__ | {"attempt": attempt})
                jobs.change(connection, each.id, only=AGAIN, attempt=attempt, **_FRESH)
            if job.status not in AGAIN:
                raise UserError(
                    f"Job {job.id} is {job.status}; only failed or cancelled jobs can be retried.", "Submit it anew."
                )
        return self.show(actor, job_id)

    def resolve(self, actor: Actor, job_id: str, *, billed: bool) -> Job:
        """A person looked at the provider's account: book the maximum, or release it. The job may be retried then."""
        with self._store.db.exclusive(Ledger.SUBJECT) as connection:
            job = jobs.get(connection, actor, job_id)
            if job.status != UNKNOWN:
                raise UserError(
                    f"Job {job.id} is {job.status}; there is nothing to resolve.",
                    "Only jobs whose outcome is unknown need that.",
                )
            for attempt in attempts.of_job(connection, job_id):
                if attempt.status != attempts.UNKNOWN:
                    continue
                charge = charges.by_attempt(connection, attempt.id)
                if billed and charge is not None:
                    units = {unit: Decimal(quantity) for unit, quantity in charge.units.items()}
                    bill = Quote(charge.reserved_usd, tuple(charge.price.get("lines", ())))
                    self._ledger.settle(connection, attempt.id, actual=bill, units=units, note="billed, said a person")
                else:
                    self._ledger.release(connection, attempt.id)
                attempts.change(connection, attempt.id, status=attempts.FAILED)
            jobs.change(connection, job_id, status=FAILED)
        return self.show(actor, job_id)

    @staticmethod
    def failure(job: Job) -> StudioError | None:
        """The error a job ended with, as the exception its submitter would have got."""
        if job.status in (WAITING, RUNNING) or job.error is None:
            return None
        return error_from(job.error)
