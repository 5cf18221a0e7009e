"""Voices whose training ended with no worker at hand to say so: cancelled, or given up, while none ran."""

from __future__ import annotations

from typing import Any

from core.store import jobs, voices
from core.store.jobs import CANCELLED, FAILED, UNKNOWN, Job
from core.store.store import Store
from core.store.voices import VoiceRow

_OVER = (CANCELLED, FAILED, UNKNOWN)
"""Ends that leave nothing learned. A job that is done has said so of its voice itself."""


def let_go(store: Store) -> int:
    """Each back to what it was before, with the reason its job ended. Reads first, since there are hardly ever any."""
    with store.db.read() as connection:
        if not any(_over(connection, row) for row in voices.in_training(connection)):
            return 0
    mended = 0
    with store.db.write() as connection:
        for found in voices.in_training(connection):
            row = voices.find(connection, found.id, hold=True)
            job = _over(connection, row) if row is not None and row.status == voices.TRAINING else None
            if row is not None and job is not None:
                voices.change(connection, row.id, status=before(row, job.status == CANCELLED), error=job.error)
                mended += 1
    return mended


def before(row: VoiceRow, cancelled: bool) -> str:
    """The status of a voice whose lesson came to nothing: what was learned before still holds."""
    return voices.TRAINED if row.engines else voices.PENDING if cancelled else voices.FAILED


def _over(connection: Any, row: VoiceRow) -> Job | None:
    job = jobs.find(connection, row.training_job_id or "")
    return job if job is not None and job.status in _OVER else None
