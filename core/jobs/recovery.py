"""Whose jobs are whose after a crash, a freeze or a takeover."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta

import psutil
from sqlalchemy.engine import Connection

from core.kit.clock import now
from core.kit.errors import SetupError
from core.store import jobs, workers
from core.store.db import moment_of
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


def silent(worker: Worker, lease: timedelta, moment: datetime) -> bool:
    """`moment` by the clock that stamps leases: the database's."""
    return moment - worker.seen_at > lease


def enter(connection: Connection, me: Worker, lease: timedelta, *, alone: bool) -> list[Job]:
    """Take a place among the workers and take over what is left behind. With `alone` (SQLite) a living worker keeps
    everybody else out."""
    moment = moment_of(connection)
    for worker in workers.everyone(connection):
        if alone and worker.id != me.id and not gone(worker) and not silent(worker, lease, moment):
            raise SetupError(
                f"A studio already runs on this data folder (process {worker.pid} on {worker.host}).",
                "Use that one, stop it first, or set STUDIO_HOME to another folder.",
                "already_running",
            )
    workers.enter(connection, me)
    return reclaim(connection, me, lease)


def reclaim(connection: Connection, me: Worker, lease: timedelta) -> list[Job]:
    """Running jobs whose worker is dead, silent or has left, now ours. Answers them under their current epoch."""
    taken: list[Job] = []
    present: list[str] = []
    moment = moment_of(connection)
    for worker in workers.everyone(connection):
        if worker.id == me.id or not (gone(worker) or silent(worker, lease, moment)):
            present.append(worker.id)
            continue
        for job in jobs.running_on(connection, [worker.id]):
            # The dead cannot come back, so the same epoch goes on where it stopped. The silent may thaw: they are
            # fenced off by a higher epoch and stop at their next step.
            taken.append(_take(connection, me, job, job.epoch if gone(worker) else job.epoch + 1))
        workers.leave(connection, worker.id)
    for job in jobs.running_elsewhere(connection, present):
        # Its worker said goodbye with the job unfinished; threads of that process may still be at it.
        taken.append(_take(connection, me, job, job.epoch + 1))
    return taken


def _take(connection: Connection, me: Worker, job: Job, epoch: int) -> Job:
    jobs.change(connection, job.id, only=[RUNNING], worker_id=me.id, epoch=epoch, stage="Resuming")
    row = jobs.find(connection, job.id)
    assert row is not None
    return row


def alive(connection: Connection, lease: timedelta) -> list[Worker]:
    moment = moment_of(connection)
    return [worker for worker in workers.everyone(connection) if not gone(worker) and not silent(worker, lease, moment)]
