"""What a running job sees of the studio: its request, a folder, progress, cancel, metered calls and children."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import Connection

from core.calls.metered import Ask, Bought, Fenced, Metered
from core.kit.actor import Actor
from core.kit.errors import Cancelled
from core.kit.patience import if_there, patiently
from core.store import jobs
from core.store.jobs import Job
from core.store.store import Store

if TYPE_CHECKING:
    from core.jobs.service import Jobs

_REPORT_EVERY_S = 0.2
_LOOK_EVERY_S = 0.2


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
    _stage: str = field(default="")

    def progress(self, stage: str, fraction: float) -> None:
        """Stage in words and the overall fraction, 0 to 1. Cheap to call often."""
        moment = time.monotonic()
        if stage == self._stage and moment - self._reported < _REPORT_EVERY_S:
            return
        self._reported, self._stage = moment, stage
        fraction = min(1.0, max(0.0, fraction))
        with if_there(), self.store.db.write() as connection:
            row = self.still_ours(connection)
            elapsed = (row.updated_at - row.started_at).total_seconds() if row.started_at else 0.0
            eta = elapsed * (1 - fraction) / fraction if fraction > 0.05 and elapsed > 0.5 else row.eta_s
            jobs.change(connection, self.job.id, stage=stage, fraction=fraction, eta_s=eta)

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
        if not self._cancelled and moment - self._looked >= _LOOK_EVERY_S:
            self._looked = moment
            with if_there():
                with self.store.db.read() as connection:
                    row = jobs.find(connection, self.job.id)
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
        step: str = "main",
        model: str = "default",
        share: tuple[float, float] = (0.0, 1.0),
    ) -> Bought:
        """A metered call on behalf of this job. `share`: from where to where it brings the job's progress."""
        low, high = share
        return self.calls.buy(
            Ask(
                job_id=self.job.id, root_job_id=self.job.root_id, epoch=self.job.epoch, actor=self.actor, kind=kind,
                request=request, folder=self.folder, step=step, provider=provider, model=model,
                cancelled=self.cancelled,
                progress=lambda stage, fraction: self.progress(stage, low + (high - low) * fraction),
            )
        )  # fmt: skip

    def _children(self) -> list[Job]:
        with self.store.db.read() as connection:
            return jobs.children(connection, self.job.id)

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
            if self.cancelled():
                self.service.cancel(self.actor, self.job.id)
                raise Cancelled
            found = {row.id: row for row in patiently(self._children)}
            rows = [found[child_id] for child_id in ids if child_id in found]
            ended = sum(row.ended for row in rows)
            done = sum(1.0 if row.ended else row.fraction for row in rows)
            self.progress(*(told(rows) if told else (f"{ended} of {len(ids)} done", done / max(1, len(ids)))))
            if ended == len(ids):
                self._looked = 0.0  # whoever cancelled the parent ended its waiting children in the same moment
                if self.cancelled():
                    raise Cancelled
                return rows
            time.sleep(poll_s)
