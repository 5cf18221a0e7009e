"""Music heard while it is made: a listener follows an ordinary music job and hears what is there of it.

Nothing is made another way: the engine hands its sound over window by window beside the work (core.music.spool), and keeps
the file it would have kept anyway. What is heard before differs from that file by the master alone
(core.music.composer.synth.aloud); MusicGen's is the same. After a worker's death the next attempt makes the same sound again,
and the listener goes on in it where he was. Who comes late, or sits on a machine that does not have the folder, hears the
rest from the finished file, at the place where he was.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.audio.stream_encoding import Wave, stream_format
from core.audio.stream_reading import Stream
from core.jobs.keep import folder_of
from core.jobs.service import Jobs
from core.kit.actor import Actor
from core.kit.errors import Cancelled, RateLimited, StudioError, UserError
from core.music.engine import KIND
from core.music.spool import NAME, Plan, Spooled
from core.store import attempts
from core.store.jobs import CANCELLED, DONE, Job
from core.store.store import Store

STREAMS_AT_ONCE = 64
"""In one process: each holds an encoder and two threads."""
_FIRST_LOOK_S, _SLOWEST_LOOK_S = 0.02, 0.2
_BLOCK_S = 0.5


@dataclass(frozen=True)
class Heard:
    """How far a piece is that is heard while it is made."""

    seconds: float
    """Of the whole; 0 where nothing has come."""
    ready_s: float
    sections: tuple[dict[str, Any], ...]
    """name, start_s, end_s"""


class Listening:
    """The sound of one music job, in order, as it comes. Used by one thread; `stop` may be set by another."""

    def __init__(self, store: Store, service: Jobs, work: Path, actor: Actor, job: Job) -> None:
        self._store = store
        self._service = service
        self._folder = folder_of(work, job.id)
        self._actor = actor
        self._job = job
        self._file: Spooled | None = None
        self._attempt = ""
        self.stop = threading.Event()

    def waves(self) -> Iterator[Wave]:
        """ProviderError, MoneyError …: what the job failed with. All waves have the rate and channels of the first."""
        at, plan = 0, None
        try:
            pause = _FIRST_LOOK_S
            while not self.stop.is_set():
                job = self._service.show(self._actor, self._job.id)
                self._newest(plan)
                file = self._file
                if file is not None:
                    plan = file.plan
                    while (block := file.read(at, round(_BLOCK_S * plan.rate))).shape[1]:
                        yield block, plan.rate
                        at += block.shape[1]
                        pause = _FIRST_LOOK_S
                        if self.stop.is_set():
                            return
                if job.ended:
                    if job.status != DONE:
                        raise failure_of(self._service, job)
                    if plan is None or at < plan.frames:
                        yield from self._finished(at, plan)
                    return
                self.stop.wait(pause)
                pause = min(_SLOWEST_LOOK_S, pause * 1.2)
        finally:
            if self._file is not None:
                self._file.close()

    def _newest(self, plan: Plan | None) -> None:
        """Opens what the last attempt hands over, once it is there. Another piece than the one begun (another engine's) is
        left alone."""
        with self._store.db.read() as connection:
            tries = attempts.of_job(connection, self._job.id, "main")
        if not tries or tries[-1].id == self._attempt:
            return
        try:
            found = Spooled(self._folder / tries[-1].id / NAME)
        except OSError:
            return
        if plan is not None and found.plan != plan:
            found.close()
            return
        if self._file is not None:
            self._file.close()
        self._file, self._attempt = found, tries[-1].id

    def _finished(self, at: int, plan: Plan | None) -> Iterator[Wave]:
        """The rest of the kept file, in blocks, at the rate that was begun with."""
        import soundfile

        from core.audio.effects import resample

        asset = next((each for each in self._service.assets(self._actor, self._job.id) if each.role == "primary"), None)
        if asset is None:
            raise StudioError("The finished piece was deleted.", "Make it again.", "gone")
        with soundfile.SoundFile(self._store.blobs.path(asset.sha256)) as file:
            own, rate = int(file.samplerate), plan.rate if plan else int(file.samplerate)
            channels = plan.channels if plan else file.channels
            file.seek(min(file.frames, round(at / rate * own)))
            frames = round(_BLOCK_S * own) if rate == own else -1  # a seam at every block would be heard
            while not self.stop.is_set():
                samples = file.read(frames, dtype="float32", always_2d=True).T
                if samples.shape[1] == 0:
                    return
                if len(samples) != channels:
                    samples = samples.mean(axis=0, keepdims=True).repeat(channels, axis=0)
                yield (samples if rate == own else resample(samples, own, rate)), rate


class Listeners:
    """Who is listening to music that is being made: a place each, given back when they leave."""

    def __init__(self, store: Store, jobs: Jobs, work: Path) -> None:
        self._store = store
        self._jobs = jobs
        self._work = work
        self._places = threading.BoundedSemaphore(STREAMS_AT_ONCE)

    def listen(self, actor: Actor, job_id: str, format: str) -> Stream:
        """A music job from its beginning, made or being made; it goes on when the listener leaves."""
        chosen = stream_format(format)
        job = self._job(actor, job_id)
        if not self._places.acquire(blocking=False):
            raise RateLimited(f"{STREAMS_AT_ONCE} people are listening already.", "Try again in a moment.", wait_s=2.0)
        try:
            listening = Listening(self._store, self._jobs, self._work, actor, job)
            return Stream(job.id, listening, chosen, lambda whole: self._places.release())
        except BaseException:
            self._places.release()
            raise

    def heard(self, actor: Actor, job_id: str) -> Heard:
        """How much of it can be heard by now."""
        job = self._job(actor, job_id)
        with self._store.db.read() as connection:
            tries = attempts.of_job(connection, job.id, "main")
        try:
            file = Spooled(folder_of(self._work, job.id) / tries[-1].id / NAME)
        except (OSError, IndexError):
            return Heard(0.0, 0.0, ())
        try:
            sections = tuple(dict(each) for each in file.plan.sections)
            return Heard(file.plan.seconds, file.there / file.plan.rate, sections)
        finally:
            file.close()

    def _job(self, actor: Actor, job_id: str) -> Job:
        job = self._jobs.show(actor, job_id)
        if job.kind != KIND:
            raise UserError(f"Job {job_id} makes no music.", "Only music is heard here while it is made.", "not_music")
        return job


def failure_of(service: Jobs, job: Job) -> StudioError:
    if job.status == CANCELLED:
        return Cancelled()
    return service.failure(job) or StudioError(f"Job {job.id} is {job.status}.", "Retry it.")
