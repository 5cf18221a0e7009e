"""Admission: which waiting jobs start now. Priority first, then fairness between users, then the order of the queue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence

from sqlalchemy.engine import Connection

from core.store import claims, preferences
from core.store.claims import Candidate
from core.store.jobs import Job


def choose(
    waiting: Sequence[Candidate], free: Mapping[str, int], running_by_user: Mapping[str, int]
) -> list[Candidate]:
    """Pure: the jobs to start, in order. Within a priority the user with the fewest running jobs goes first, so one
    person's ten thousand jobs do not shut out another's one."""
    room = Counter(dict(free))
    busy = Counter(dict(running_by_user))
    queues: dict[tuple[str, str], list[Candidate]] = {}
    for job in sorted(waiting, key=lambda job: (job.priority, job.position, job.id), reverse=True):
        queues.setdefault((job.user_id, job.resource), []).append(job)
    chosen: list[Candidate] = []
    while True:
        fitting = [queue[-1] for (_, resource), queue in queues.items() if queue and room[resource] > 0]
        if not fitting:
            return chosen
        job = min(fitting, key=lambda job: (job.priority, busy[job.user_id], job.position, job.id))
        chosen.append(queues[job.user_id, job.resource].pop())
        room[job.resource] -= 1
        busy[job.user_id] += 1


def admit(
    connection: Connection, worker_id: str, free: Mapping[str, int], unfinished: Container[str] = ()
) -> list[Job]:
    """`free`: places for each resource that jobs wait for. Claim jobs for this worker: the row says running, whose it is, and a new epoch, before anything starts.
    `unfinished`: jobs whose earlier run still tidies up, though its row says ended; a retry of one waits for that."""
    if not any(free.values()) or preferences.read(connection, "queue_paused", False):
        return []
    claimed: list[Job] = []
    found = [job for resource, room in free.items() if room > 0 for job in claims.candidates(connection, resource)]
    waiting = [job for job in found if job.id not in unfinished]
    # With one job to choose from there is nothing to be fair about.
    running = claims.running_by_user(connection) if len(waiting) > 1 else {}
    for job in choose(waiting, free, running):
        row = claims.claim(connection, job.id, worker_id, job.epoch + 1)
        if row is not None:
            claimed.append(row)
    return claimed
