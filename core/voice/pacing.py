"""What costs money is not made long before it is heard, so that a listener who leaves has paid for little more.

The listener writes down in the job's row how many sentences he has taken; the worker stays a few ahead of him. A listener
who stands still for a minute holds a worker no longer: then the rest is made, and he hears it when he goes on.
"""

from __future__ import annotations

import time

from core.jobs.work import Work
from core.kit.patience import if_there
from core.store import jobs
from core.store.jobs import RUNNING
from core.store.store import Store

AHEAD = 4
"""Sentences: with what waits in the pipes of a stream, half a minute of sound."""
STANDS_STILL_S = 60.0
_LOOK_S = 0.1
PACED = "paced"
"""In the request of a job whose listener is waited for."""


def taken(store: Store, job_id: str, sentences: int) -> None:
    with if_there(), store.db.write() as connection:
        jobs.change(connection, job_id, only=[RUNNING], result={"heard": sentences})


class Pace:
    def __init__(self, work: Work) -> None:
        self._work = work
        self._waits = bool(work.job.request.get(PACED))

    def wait(self, index: int) -> None:
        """Before buying sentence `index`, from 0. Cancelled when the listener left."""
        heard, since = -1, time.monotonic()
        while self._waits:
            self._work.stop_if_cancelled()
            now = self._heard()
            if index < now + AHEAD:
                return
            if now != heard:
                heard, since = now, time.monotonic()
            self._waits = time.monotonic() - since < STANDS_STILL_S
            time.sleep(_LOOK_S)

    def _heard(self) -> int:
        with self._work.store.db.read() as connection:
            job = jobs.find(connection, self._work.job.id)
        return int((job.result or {}).get("heard", 0)) if job is not None else 0
