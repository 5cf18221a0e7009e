"""What a running job sees of the studio: its request, a folder, progress, cancel, metered calls and children."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Connection

from core.calls.asking import Ask, Bought, Fenced
from core.calls.metered import Metered
from core.kit.actor import Actor
from core.kit.errors import Cancelled
from core.kit.patience import if_there, patiently
from core.store import attempts, jobs
from core.store.jobs import Job, State
from core.store.store import Store

if TYPE_CHECKING:
    from core.jobs.service import Jobs

_REPORT_EVERY_S = 0.2
_SAME_EVERY_S = 0.5
"""Of what was told already: only the time that is left changes."""
_LOOK_EVERY_S = 0.2
_LOOK_PER_CHILD_S = 0.0005
"""A parent of a thousand looks every half second: reading their states then costs it under one percent."""


@dataclass
class Work:
    """Used by one thread. `progress` and `cancelled` also notice when the job was taken over, and stop it."""

    job: Job
    actor: Actor
    folder: Path
    store: Store
    calls: Metered
    service: Jobs
    _reported: float = 0.0
    _looked: float = 0.0
    _cancelled: bool = False
    _told: tuple[str, float] | None = None
    _untold: tuple[str, float] | None = None

    def progress(self, stage: str, fraction: float) -> None:
        """Stage in words and the overall fraction, 0 to 1. Cheap to call often: what comes sooner than the next report
        is kept for it, or for the next question whether to stop. Each report is a transaction on the disk."""
        told = stage, min(1.0, max(0.0, fraction))
        every = _SAME_EVERY_S if told == self._told else _REPORT_EVERY_S
        if time.monotonic() - self._reported < every:
            self._untold = None if told == self._told else told
        else:
            self._report(told)

    def _report(self, told: tuple[str, float]) -> None:
        self._reported = time.monotonic()
        self._told, self._untold = told, None
        stage, fraction = told
        with if_there(), self.store.db.write() as connection:
            row = jobs.lease(connection, self.job.id, hold=True)
            if row is None or row.epoch != self.job.epoch:
                raise Fenced(self.job.id)
            elapsed = (row.updated_at - row.started_at).total_seconds() if row.started_at else 0.0
            eta = elapsed * (1 - fraction) / fraction if fraction > 0.05 and elapsed > 0.5 else row.eta_s
            jobs.change(connection, self.job.id, stage=stage, fraction=fraction, eta_s=eta)
            self._cancelled, self._looked = self._cancelled or row.cancel_requested, self._reported

    def still_ours(self, connection: Connection) -> Job:
        """First in every transaction of a job's own: Fenced when another worker has taken it over."""
        row = jobs.find(connection, self.job.id, hold=True)
        if row is None or row.epoch != self.job.epoch:
            raise Fenced(self.job.id)
        return row

    def cancelled(self) -> bool:
        """Seen within a fifth of a second of the request. Also true for a job whose parent was cancelled, since cancel
        cascades to its rows."""
        moment = time.monotonic()
        if self._untold is not None and moment - self._reported >= _REPORT_EVERY_S:
            self._report(self._untold)
        if not self._cancelled and moment - self._looked >= _LOOK_EVERY_S:
            self._looked = moment
            with if_there():
                with self.store.db.read() as connection:
                    row = jobs.lease(connection, self.job.id)
                if row is None or row.epoch != self.job.epoch:
                    raise Fenced(self.job.id)
                self._cancelled = row.cancel_requested
        return self._cancelled

    def stop_if_cancelled(self) -> None:
        if self.cancelled():
            raise Cancelled

    def abandon(self) -> None:
        """Close the books of a cancelled job: calls it had open when its last worker died."""
        self.calls.abandon(
            Ask(job_id=self.job.id, root_job_id=self.job.root_id, epoch=self.job.epoch, actor=self.actor, kind="",
                request=None, folder=self.folder)
        )  # fmt: skip

    def buy(
        self,
        kind: str,
        request: Any,
        *,
        provider: str | None = None,
        engines: tuple[str, ...] = (),
        step: str = "main",
        model: str = "default",
        share: tuple[float, float] = (0.0, 1.0),
    ) -> Bought:
        """A metered call on behalf of this job. `engines`: who may be asked, in this order. `share`: from where to where it
        brings the job's progress."""
        low, high = share
        return self.calls.buy(
            Ask(
                job_id=self.job.id, root_job_id=self.job.root_id, epoch=self.job.epoch, actor=self.actor, kind=kind,
                request=request, folder=self.folder, step=step, provider=provider, engines=engines, model=model,
                cancelled=self.cancelled,
                progress=lambda stage, fraction: self.progress(stage, low + (high - low) * fraction),
            )
        )  # fmt: skip

    def begun(self, step: str = "main") -> bool:
        """Whether something was tried for this step already, by this run or one before it."""
        with self.store.db.read() as connection:
            return bool(attempts.of_job(connection, self.job.id, step))

    def had(self, kind: str, request: Any, *, provider: str, model: str, note: str, step: str = "main") -> None:
        """What would have been bought is there already: a row of $0 beside those of the purchases."""
        self.calls.had(
            Ask(
                job_id=self.job.id, root_job_id=self.job.root_id, epoch=self.job.epoch, actor=self.actor, kind=kind,
                request=request, folder=self.folder, step=step, provider=provider, model=model,
            ),
            note,
        )  # fmt: skip

    def _children(self) -> list[Job]:
        with self.store.db.read() as connection:
            return jobs.children(connection, self.job.id)

    def states(self) -> dict[str, State]:
        """How far every child is, by id; little enough of each to be read often, however many there are."""

        def read() -> dict[str, State]:
            with self.store.db.read() as connection:
                return jobs.states(connection, self.job.id)

        return patiently(read)

    def rows(self, ids: Sequence[str]) -> list[Job]:
        """The whole rows of these children, in this order: for few of them, or once."""
        found = {row.id: row for row in patiently(self._children)}
        return [found[child_id] for child_id in ids if child_id in found]

    def gathered(self, ids: Sequence[str]) -> list[Job]:
        """As rows(), once all have ended; Cancelled where that is why they did."""
        self._looked = 0.0  # whoever cancelled the parent ended its waiting children in the same moment
        self.stop_if_cancelled()
        return self.rows(ids)

    def stop_children_if_cancelled(self) -> None:
        if self.cancelled():
            self.service.cancel(self.actor, self.job.id)
            raise Cancelled

    def child_again(self, number: int) -> None:
        """A child that failed or was cancelled waits once more, as part of this run of its parent."""
        self.service.child_again(self.job, self.actor, number)

    def child(self, number: int, kind: str, request: dict[str, Any], title: str) -> Job:
        """Submit child `{parent}/{number}`, or find it when a restart comes by here again."""
        return self.service.submit_child(self.job, self.actor, number, kind, request, title)

    def wait(
        self, children: list[Job], poll_s: float = 0.1, told: Callable[[list[Job]], tuple[str, float]] | None = None
    ) -> list[Job]:
        """Until every child has ended, whatever its end. Cancelling the parent cancels them first. `told`: stage and
        fraction by the state of the children, in their order."""
        ids = [child.id for child in children]
        while True:
            self.stop_children_if_cancelled()
            if told:
                rows = self.rows(ids)
                over = sum(row.ended for row in rows)
                self.progress(*told(rows))
            else:
                states = self.states()
                here = [states[child_id] for child_id in ids if child_id in states]
                over = sum(state.ended for state in here)
                self.progress(*progress_of(here, len(ids)))
            if over == len(ids):
                return self.gathered(ids)
            time.sleep(max(poll_s, len(ids) * _LOOK_PER_CHILD_S))


def progress_of(states: Sequence[State], of: int) -> tuple[str, float]:
    """Stage and fraction of a parent by how far its children are."""
    over = sum(state.ended for state in states)
    return f"{over} of {of} done", sum(1.0 if state.ended else state.fraction for state in states) / max(1, of)
