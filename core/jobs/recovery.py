"""Whose jobs are whose after a crash, a freeze or a takeover."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta

import psutil
from sqlalchemy.engine import Connection

from core.kit.clock import now
from core.kit.errors import SetupError
from core.store import jobs, workers
from core.store.jobs import RUNNING, Job
from core.store.workers import Worker


def this_process(worker_id: str) -> Worker:
    process = psutil.Process()
    born = datetime.fromtimestamp(process.create_time(), UTC)
    return Worker(worker_id, socket.gethostname(), process.pid, born, now())


def gone(worker: Worker) -> bool:
    """Provably dead: on this machine, and its process is no more (or its pid belongs to a younger one)."""
    if worker.host != socket.gethostname():
        return False
    try:
        process = psutil.Process(worker.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return True
        return abs(process.create_time() - worker.born_at.timestamp()) > 2.0
    except psutil.NoSuchProcess:
        return True


def silent(worker: Worker, lease: timedelta) -> bool:
    return now() - worker.seen_at > lease


def enter(connection: Connection, me: Worker, lease: timedelta, *, alone: bool) -> list[Job]:
    """Take a place among the workers and take over what the dead and the silent left running. With `alone` (SQLite)
    a living worker keeps everybody else out. Answers the jobs taken over, under their current epoch."""
    taken: list[Job] = []
    for worker in workers.everyone(connection):
        dead = gone(worker)
        if not dead and not silent(worker, lease):
            if alone and worker.id != me.id:
                raise SetupError(
                    f"A studio already runs on this data folder (process {worker.pid} on {worker.host}).",
                    "Use that one, stop it first, or set STUDIO_HOME to another folder.",
                    "already_running",
                )
            continue
        for job in jobs.running_on(connection, [worker.id]):
            # The dead cannot come back, so the same epoch goes on where it stopped. The silent may thaw: they are
            # fenced off by a higher epoch and stop at their next step.
            epoch = job.epoch if dead else job.epoch + 1
            jobs.change(connection, job.id, only=[RUNNING], worker_id=me.id, epoch=epoch, stage="Resuming")
            row = jobs.find(connection, job.id)
            assert row is not None
            taken.append(row)
        workers.leave(connection, worker.id)
    workers.enter(connection, me)
    return taken


def alive(connection: Connection, lease: timedelta) -> list[Worker]:
    return [worker for worker in workers.everyone(connection) if not gone(worker) and not silent(worker, lease)]
