"""The worker: the only process part that launches dbos. It claims jobs, runs them, renews its lease, and tidies up."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection

from core.calls.metered import Metered
from core.jobs import recovery
from core.jobs.admission import admit
from core.jobs.registry import JobKinds
from core.jobs.service import Jobs
from core.kit.clock import new_id
from core.kit.errors import SetupError
from core.kit.patience import AWAY, if_there
from core.kit.secrecy import hide
from core.kit.settings import Settings
from core.store import claims, jobs, workers
from core.store.db import ChangeWatch
from core.store.jobs import Job
from core.store.store import Store

if TYPE_CHECKING:
    from core.jobs.execution import Execution  # brings dbos along, which only a worker may load

BUSY_S = 0.05
"""Most commits are no new jobs, and on SQLite they all look alike: while others come in one after another, so seldom."""
NOTICE_S = 0.01
"""A new row is noticed within this: SQLite is asked for its change counter (about 4 microseconds a look), PostgreSQL
sends a notification."""

CHORE_S = 10.0
"""How long a worker that leaves waits for a chore to end."""
CHORE_REST = 20.0
"""While jobs run, a chore that took so long of a processor rests so many times as long: they come first, and as long as
they do there is always something new for it."""
LONGEST_REST_S = 60.0


class Worker:
    def __init__(
        self,
        settings: Settings,
        store: Store,
        kinds: JobKinds,
        calls: Metered,
        service: Jobs,
        chores: Sequence[tuple[float, Callable[[], None]]] = (),
        clocked: Sequence[tuple[float, Callable[[], None]]] = (),
    ) -> None:
        """`chores` are (seconds between runs, function), run in a thread of their own when something has changed;
        `clocked` ones go by the clock, whether or not anything did."""
        self.id = new_id("worker")
        self.ready = threading.Event()
        self.fenced = False
        self._settings = settings
        self._store = store
        self._kinds = kinds
        self._calls = calls
        self._service = service
        self._chores = chores
        self._clocked = clocked
        self._stop = threading.Event()
        self._busy: dict[str, str] = {}
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._lease = timedelta(seconds=settings.lease_seconds)
        self._steady_since = time.monotonic()

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
            ended=self._ended, alone=alone,
        )  # fmt: skip
        threads = [threading.Thread(target=self._renew, daemon=True)]
        chores = [*self._chores, (3600.0, execution.forget)]
        threads += [threading.Thread(target=self._chore, args=chore, daemon=True) for chore in chores]
        threads += [threading.Thread(target=self._chore, args=(*each, True), daemon=True) for each in self._clocked]
        for thread in threads:
            thread.start()
        self._busy = {job.id: job.resource for job in taken}
        try:
            execution.launch()
            with if_there():
                self._go_on(execution, taken)
            self.ready.set()
            self._loop(execution, me)
        finally:
            self._stop.set()
            execution.close()
            # A thread that is inside a C++ library when the interpreter ends takes the process down with it (SIGABRT).
            for thread in threads:
                thread.join(timeout=CHORE_S)
            if not self.fenced:
                # Without its database the lease simply runs out.
                with suppress(SetupError), self._store.db.write() as connection:
                    workers.leave(connection, self.id)

    def stop(self) -> None:
        self._stop.set()
        self._wake.set()

    def _go_on(self, execution: Execution, taken: list[Job]) -> None:
        for index, job in enumerate(taken):
            try:
                if not execution.resumes(job):
                    execution.start(self._again(job))
            except SetupError:
                # A frozen worker's transactions may hold this row for some seconds more. It, and those after it, are
                # ours by their rows alone, so the next look finds them.
                with self._lock:
                    for left in taken[index:]:
                        self._busy.pop(left.id, None)
                raise

    def _loop(self, execution: Execution, me: workers.Worker) -> None:
        watch = ChangeWatch(self._store.db, listen=True)
        looked = 0.0
        changed = False
        reclaimed = time.monotonic()
        self._service.tell(self._wake.set)
        try:
            while not self._stop.is_set():
                moment = time.monotonic()
                woken = self._wake.is_set()
                self._wake.clear()
                try:
                    changed = watch.changed() or changed
                    if woken or moment - looked > (BUSY_S if changed else 1.0):
                        looked, changed = moment, False
                        for job in self._claim():
                            execution.start(job)
                    if moment - max(reclaimed, self._steady_since) > self._settings.lease_seconds:
                        reclaimed = moment
                        self._go_on(execution, self._left_behind(me))
                except SetupError as error:
                    if error.code not in AWAY:
                        raise
                    self._steady_since = time.monotonic()
                    self._stop.wait(0.5)
                if watch.listens:
                    watch.pause(NOTICE_S)
                else:
                    self._wake.wait(NOTICE_S)
        finally:
            watch.close()

    def _left_behind(self, me: workers.Worker) -> list[Job]:
        """Jobs of the dead and the silent, and what is ours by its row but not by our own account: claimed just when
        the connection was lost, or dropped by dbos."""
        with self._lock:
            known = set(self._busy)
        with self._store.db.exclusive("workers") as connection:
            if not self._renewed(connection) or time.monotonic() - self._steady_since <= self._settings.lease_seconds:
                return []
            recovery.reclaim(connection, me, self._lease)
            running = {job.id: job for job in jobs.running_on(connection, [self.id])}
        taken = [job for job in running.values() if job.id not in known]
        with self._lock:
            for ended in known - running.keys():
                self._busy.pop(ended, None)
            self._busy |= {job.id: job.resource for job in taken}
        return taken

    def _claim(self) -> list[Job]:
        with self._lock:
            busy = dict(self._busy)
        used = list(busy.values())
        limits = {"cpu": self._settings.cpu_jobs, "net": self._settings.net_jobs, "flow": self._settings.flow_jobs}
        free = {resource: limit - used.count(resource) for resource, limit in limits.items()}
        with self._store.db.read() as connection:
            wanted = claims.waiting_for(connection, [resource for resource, room in free.items() if room > 0])
        if not wanted:
            return []
        with self._store.db.exclusive("admission") as connection:
            claimed = admit(connection, self.id, {resource: free[resource] for resource in wanted}, busy)
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
            try:
                with self._store.db.write() as connection:
                    renewed = self._renewed(connection)
            except SetupError as error:
                if error.code not in AWAY:
                    raise
                continue
            if not renewed:
                # Frozen or cut off for longer than the lease: another worker has our jobs. Stop, touch nothing.
                self.fenced = True
                self.stop()
                return

    def _renewed(self, connection: Connection) -> bool:
        """Renews the lease; False when another worker took over. Who was late itself (a machine that slept, a database
        that hung) says nothing of others: nobody is taken for silent until all had a whole lease to renew theirs."""
        since = workers.renew(connection, self.id)
        if since is not None and since > self._lease / 2:
            self._steady_since = time.monotonic()
        return since is not None

    def _chore(self, every_s: float, chore: Callable[[], None], by_the_clock: bool = False) -> None:
        watch = ChangeWatch(self._store.db)
        rested_at = 0.0
        while not self._stop.wait(every_s):
            if self._busy and time.monotonic() < rested_at:
                continue
            begun = time.thread_time()
            try:
                if by_the_clock or watch.changed():
                    chore()
            except Exception as error:
                # A chore that fails is tried again at its next turn; jobs must not suffer for it.
                with suppress(OSError), (self._settings.home / "errors.log").open("a") as log:
                    log.write(f"chore {chore!r}: {hide(repr(error))}\n")
            rested_at = time.monotonic() + min(LONGEST_REST_S, CHORE_REST * (time.thread_time() - begun))
        watch.close()


def run_process(worker: Worker) -> int:
    """For a process that is nothing but a worker. Leaves at once at the end: threads may hang in provider calls."""
    import signal

    for name in (signal.SIGTERM, signal.SIGINT):
        # In a thread of its own: the handler runs on the main one, which may hold the very lock that waking it takes.
        signal.signal(name, lambda *_: threading.Thread(target=worker.stop, daemon=True).start())
    worker.run()
    os._exit(75 if worker.fenced else 0)
