"""Admission: which waiting jobs start now. Priority first, then fairness between users, then the order of the queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from sqlalchemy.engine import Connection

from core.kit.clock import now
from core.store import jobs, preferences
from core.store.jobs import RUNNING, WAITING, Job


def choose(waiting: list[Job], free: Mapping[str, int], running_by_user: Mapping[str, int]) -> list[Job]:
    """Pure: the jobs to start, in order. Within a priority the user with the fewest running jobs goes first, so one
    person's ten thousand jobs do not shut out another's one."""
    room = Counter(dict(free))
    busy = Counter(dict(running_by_user))
    queue = list(waiting)
    chosen: list[Job] = []
    while True:
        fitting = [job for job in queue if room[job.resource] > 0]
        if not fitting:
            return chosen
        job = min(fitting, key=lambda job: (job.priority, busy[job.user_id], job.position))
        chosen.append(job)
        queue.remove(job)
        room[job.resource] -= 1
        busy[job.user_id] += 1


def admit(connection: Connection, worker_id: str, free: Mapping[str, int]) -> list[Job]:
    """Claim jobs for this worker: the row says running, whose it is, and a new epoch, before anything starts."""
    if not any(free.values()) or preferences.read(connection, "queue_paused", False):
        return []
    claimed: list[Job] = []
    for job in choose(jobs.waiting(connection), free, jobs.running_by_user(connection)):
        if jobs.change(
            connection, job.id, only=[WAITING], status=RUNNING, worker_id=worker_id, epoch=job.epoch + 1,
            started_at=now(), stage="Starting",
        ):  # fmt: skip
            row = jobs.find(connection, job.id)
            assert row is not None
            claimed.append(row)
    return claimed
