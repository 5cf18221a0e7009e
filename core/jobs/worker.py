"""The worker: the only process part that launches dbos. It claims jobs, runs them, renews its lease, and tidies up."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from core.calls.metered import Metered
from core.jobs import recovery
from core.jobs.admission import admit
from core.jobs.registry import JobKinds
from core.jobs.service import Jobs
from core.kit.clock import new_id
from core.kit.settings import Settings
from core.store import jobs, workers
from core.store.db import ChangeWatch
from core.store.jobs import Job
from core.store.store import Store

if TYPE_CHECKING:
    from core.jobs.execution import Execution  # brings dbos along, which only a worker may load

NOTICE_S = 0.005
"""A new row is noticed within this, by asking SQLite for its change counter: about 4 microseconds a look."""


class Worker:
    def __init__(
        self,
        settings: Settings,
        store: Store,
        kinds: JobKinds,
        calls: Metered,
        service: Jobs,
        chores: Sequence[tuple[float, Callable[[], None]]] = (),
    ) -> None:
        """`chores` are (seconds between runs, function), run in a thread of their own when something has changed."""
        self.id = new_id("worker")
        self.ready = threading.Event()
        self.fenced = False
        self._settings = settings
        self._store = store
        self._kinds = kinds
        self._calls = calls
        self._service = service
        self._chores = chores
        self._stop = threading.Event()
        self._busy: dict[str, str] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._lease = timedelta(seconds=settings.lease_seconds)

    def run(self) -> None:
        """Blocks until stop(). Raises SetupError when another worker owns this data folder."""
        from core.jobs.execution import Execution

        alone = self._store.db.is_sqlite
        me = recovery.this_process(self.id)
        with self._store.db.exclusive("workers") as connection:
            taken = recovery.enter(connection, me, self._lease, alone=alone)
        execution = Execution(
            self._settings, self._store, self._kinds, self._calls, self._service,
            # One name on SQLite, where there is one worker: dbos then recovers what its predecessor left.
            executor_id="studio" if alone else self.id,
            ended=self._ended,
        )  # fmt: skip
        threads = [threading.Thread(target=self._renew, daemon=True)]
        chores = [*self._chores, (3600.0, execution.forget)]
        threads += [threading.Thread(target=self._chore, args=chore, daemon=True) for chore in chores]
        for thread in threads:
            thread.start()
        try:
            execution.launch()
            self._go_on(execution, taken)
            self.ready.set()
            self._loop(execution, me)
        finally:
            self._stop.set()
            execution.close()
            if not self.fenced:
                with self._store.db.write() as connection:
                    workers.leave(connection, self.id)

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()

    def _go_on(self, execution: Execution, taken: list[Job]) -> None:
        with self._lock:
            self._busy |= {job.id: job.resource for job in taken}
        for job in taken:
            if not execution.resumes(job):
                execution.start(self._again(job))

    def _loop(self, execution: Execution, me: workers.Worker) -> None:
        watch = ChangeWatch(self._store.db)
        pace = NOTICE_S if self._store.db.is_sqlite else 0.1
        looked = 0.0
        reclaimed = time.monotonic()
        try:
            while not self._stop.is_set():
                moment = time.monotonic()
                freed = self._wake.is_set()
                self._wake.clear()
                if watch.changed() or freed or moment - looked > 1.0:
                    looked = moment
                    for job in self._claim():
                        execution.start(job)
                if moment - reclaimed > self._settings.lease_seconds:
                    reclaimed = moment
                    with self._store.db.exclusive("workers") as connection:
                        left_behind = recovery.reclaim(connection, me, self._lease)
                    self._go_on(execution, left_behind)
                self._wake.wait(pace)
        finally:
            watch.close()

    def _claim(self) -> list[Job]:
        with self._lock:
            used = list(self._busy.values())
        limits = {"cpu": self._settings.cpu_jobs, "net": self._settings.net_jobs, "flow": self._settings.flow_jobs}
        free = {resource: limit - used.count(resource) for resource, limit in limits.items()}
        with self._store.db.read() as connection:
            if not jobs.waiting(connection, limit=1):
                return []
        with self._store.db.exclusive("admission") as connection:
            claimed = admit(connection, self.id, free)
        with self._lock:
            self._busy |= {job.id: job.resource for job in claimed}
        return claimed

    def _again(self, job: Job) -> Job:
        """Under a new epoch, since dbos starts a workflow of one name only once."""
        with self._store.db.write() as connection:
            jobs.change(connection, job.id, epoch=job.epoch + 1)
            row = jobs.find(connection, job.id)
        assert row is not None
        return row

    def _ended(self, job_id: str) -> None:
        with self._lock:
            self._busy.pop(job_id, None)
        self._wake.set()

    def _renew(self) -> None:
        while not self._stop.wait(self._settings.lease_seconds / 5):
            with self._store.db.write() as connection:
                if not workers.renew(connection, self.id):
                    # Frozen or cut off for longer than the lease: another worker has our jobs. Stop, touch nothing.
                    self.fenced = True
                    self.stop()
                    return

    def _chore(self, every_s: float, chore: Callable[[], None]) -> None:
        watch = ChangeWatch(self._store.db)
        while not self._stop.wait(every_s):
            if watch.changed():
                try:
                    chore()
                except Exception as error:
                    # A chore that fails is tried again at its next turn; jobs must not suffer for it.
                    with (self._settings.home / "errors.log").open("a") as log:
                        log.write(f"chore {chore!r}: {error!r}\n")
        watch.close()


def run_process(worker: Worker) -> int:
    """For a process that is nothing but a worker. Leaves at once at the end: threads may hang in provider calls."""
    import signal

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: worker.stop())
    worker.run()
    os._exit(75 if worker.fenced else 0)
