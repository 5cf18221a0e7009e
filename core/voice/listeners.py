"""Who is listening to speech that is being made: a place each, given back when they leave."""

from __future__ import annotations

import threading
from collections.abc import Callable

from core.audio.stream_encoding import stream_format
from core.jobs.service import Jobs
from core.kit.actor import Actor
from core.kit.children import Children
from core.kit.errors import RateLimited, UserError
from core.kit.settings import Settings
from core.store.jobs import CANCELLED, Job
from core.store.store import Store
from core.voice.pieces import KIND, Piece
from core.voice.streaming import Listening, SpokenStream

STREAMS_AT_ONCE = 64
"""In one process: each holds an encoder and two threads."""


class Streams:
    def __init__(
        self, settings: Settings, store: Store, jobs: Jobs, children: Children,
        pieces: Callable[[Actor, Job], list[Piece]],
    ) -> None:  # fmt: skip
        """`pieces`: of a job that is being made, as it asks for them."""
        self._settings = settings
        self._store = store
        self._jobs = jobs
        self._children = children
        self._pieces = pieces
        self._places = threading.BoundedSemaphore(STREAMS_AT_ONCE)

    def begin(self, actor: Actor, format: str, make: Callable[[], Job]) -> SpokenStream:
        """Hears the job that `make` submits; who leaves before its end cancels it."""
        stream_format(format)
        # The place first: whoever is turned away has bought nothing.
        self._take_place()
        try:
            job = make()
            if job.status == CANCELLED:  # an earlier try under the same key, whose reader left
                job = self._jobs.retry(actor, job.id)
        except BaseException:
            self._places.release()
            raise
        try:
            return self._heard(actor, job, format, owning=True)
        except BaseException:
            self._jobs.cancel(actor, job.id)
            raise

    def listen(self, actor: Actor, job_id: str, format: str) -> SpokenStream:
        stream_format(format)
        job = self._jobs.show(actor, job_id)
        if job.kind != KIND:
            raise UserError(f"Job {job_id} makes no speech.", "Only speech is heard while it is made.", "not_speech")
        self._take_place()
        return self._heard(actor, job, format, owning=False)

    def _take_place(self) -> None:
        if not self._places.acquire(blocking=False):
            raise RateLimited(f"{STREAMS_AT_ONCE} people are listening already.", "Try again in a moment.", wait_s=2.0)

    def _heard(self, actor: Actor, job: Job, format: str, *, owning: bool) -> SpokenStream:
        """Gives the place back at the end, or now where it fails."""
        try:
            chosen = stream_format(format)
            # A sound preset changes level, length and beginning: such a speech is heard when it has it.
            finished = job.ended or bool(job.request.get("sound"))
            pieces = [] if finished else self._pieces(actor, job)
            listening = Listening(
                self._store, self._jobs, self._children, actor, job, pieces, float(job.request.get("volume_db", 0.0)),
                shared=bool(self._settings.storage_url),
            )  # fmt: skip

            def ended(whole: bool) -> None:
                self._places.release()
                if owning and not whole:
                    self._jobs.cancel(actor, job.id)

            return SpokenStream(job, listening, chosen, ended)
        except BaseException:
            self._places.release()
            raise
