"""Speech heard while it is made: a listener follows a speech job and hears every sentence as soon as it is there.

A stream is no second way to make speech. The job is an ordinary one whose script is cut by the sentence: each sentence
is a metered call of its own, and at the end the same file is kept, with captions, licence and cost. What is heard before
differs from that file in level alone (core.voice.stream_level). A listener who is too slow, comes late, or sits on a
machine that does not have the sentences hears the rest from the finished file, at the place where he was.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from core.audio.stream_encoding import StreamFormat, Wave
from core.audio.stream_reading import Stream
from core.calls import attempts as past
from core.jobs.service import Jobs
from core.kit.actor import Actor
from core.kit.children import Children
from core.kit.errors import Cancelled, ProviderError, StudioError
from core.providers.base import Made
from core.store import attempts, charges, jobs
from core.store.assets import Asset
from core.store.attempts import SUCCEEDED
from core.store.charges import SETTLED
from core.store.jobs import CANCELLED, DONE, Job
from core.store.store import Store
from core.voice.buying import step_of
from core.voice.joining import EDGE_MS, Samples, Take, piece, piece_in_child
from core.voice.pacing import PACED, taken
from core.voice.pieces import Piece
from core.voice.piecewise import take_of
from core.voice.stream_level import StreamLevel

_FIRST_LOOK_S, _SLOWEST_LOOK_S = 0.01, 0.1
_BLOCK_S = 5.0
_STRETCH_TIMEOUT_S = 120.0


class Listening:
    """The sound of one speech job, in order, as it comes. Used by one thread; `stop` may be set by another."""

    def __init__(
        self,
        store: Store,
        service: Jobs,
        children: Children,
        actor: Actor,
        job: Job,
        pieces: Sequence[Piece],
        volume_db: float,
        *,
        shared: bool,
    ) -> None:
        """`pieces`: as the job asks for them; none where only the finished file can be heard. `shared`: pieces made on
        another machine can be had from the storage."""
        self._store = store
        self._service = service
        self._children = children
        self._actor = actor
        self._job = job
        self._pieces = pieces
        self._shared = shared
        self._level = StreamLevel(volume_db)
        self.stop = threading.Event()

    def waves(self) -> Iterator[Wave]:
        """ProviderError, MoneyError …: what the job failed with. All waves have the rate of the first."""
        rate, heard_s = 0, 0.0
        for index, each in enumerate(self._pieces):
            found = self._piece(index, each, rate)
            if found is None:
                break
            (samples, rate), voice = found
            if index == 0:
                yield _silence(rate), rate
                heard_s = EDGE_MS / 1000
            yield self._level.levelled(voice, samples, rate), rate
            heard_s += samples.shape[1] / rate
            if self._job.request.get(PACED) and index + 1 < len(self._pieces):
                taken(self._store, self._job.id, index + 1)
        else:
            if rate:
                yield _silence(rate), rate
                return
        self._made({})
        if not self.stop.is_set():
            yield from self._finished(heard_s, rate)

    def _piece(self, index: int, each: Piece, rate: int) -> tuple[tuple[Samples, int], str] | None:
        """The sound, and whose voice it is. None: it is not there any more, or never was in reach, and the job is done."""
        found = self._made({step_of(index, one): one for one in each.anyone})
        if found is None:
            return None
        take = take_of(*found)
        try:
            if take.speed == 1.0 and take.pitch == 0.0:
                return piece(take, rate), found[0].voice.id
            return self._stretched(take, rate), found[0].voice.id
        except ProviderError:
            # The job ended in this moment and its folder is gone, or the sound is bad, which fails the job as well.
            if self._status().status == DONE or not take.path.exists():
                return None
            raise

    def _stretched(self, take: Take, rate: int) -> tuple[Samples, int]:
        found: tuple[Samples, int] = self._children.run(
            piece_in_child, (take, rate), cancelled=self.stop.is_set, timeout_s=_STRETCH_TIMEOUT_S
        )
        return found

    def _made(self, steps: Mapping[str, Piece]) -> tuple[Piece, Made] | None:
        """What one of these steps made, as soon as it is there: another engine's where the first could not. None once the
        job is done without it, or nobody listens."""
        pause = _FIRST_LOOK_S
        while not self.stop.is_set():
            with self._store.db.read() as connection:
                job = jobs.get(connection, self._actor, self._job.id)
                tries = [each for step in steps for each in attempts.of_job(connection, self._job.id, step)]
            if done := [each for each in tries if each.status == SUCCEEDED]:
                made = past.unpack(done[-1].result or {})
                if self._shared and not made.outputs[0].path.exists():
                    past.fetch(done, self._store.blobs)
                if made.outputs[0].path.exists():
                    return steps[done[-1].step], made
            if job.status == DONE:
                return None
            if job.ended:
                raise self._failure(job)
            self.stop.wait(pause)
            pause = min(_SLOWEST_LOOK_S, pause * 1.2)
        return None

    def usage(self) -> dict[str, int]:
        with self._store.db.read() as connection:
            billed = [charge.units for charge in charges.of_job(connection, self._job.id) if charge.status == SETTLED]
        spoken = sum(len(each.utterance.text) for each in self._pieces) or len(str(self._job.request.get("text", "")))
        tokens = sum(int(Decimal(units.get("text_tokens", 0))) for units in billed)
        heard = sum(int(Decimal(units.get("audio_tokens", 0))) for units in billed)
        return {"input_tokens": tokens or spoken, "output_tokens": heard, "total_tokens": (tokens or spoken) + heard}

    def _status(self) -> Job:
        return self._service.show(self._actor, self._job.id)

    def _failure(self, job: Job) -> StudioError:
        if job.status == CANCELLED:
            return Cancelled()
        return self._service.failure(job) or StudioError(f"Job {job.id} is {job.status}.", "Retry it.")

    def _finished(self, from_s: float, rate: int) -> Iterator[Wave]:
        """The rest of the kept file, in blocks, so that two hours of it take no memory."""
        import soundfile

        from core.audio.effects import resample

        asset = next((each for each in self._service.assets(self._actor, self._job.id) if each.role == "primary"), None)
        if asset is None:
            raise StudioError("The finished speech was deleted.", "Make it again.", "gone")
        with soundfile.SoundFile(self._file(asset)) as file:
            own = int(file.samplerate)
            file.seek(min(file.frames, round(from_s * own)))
            frames = round(_BLOCK_S * own) if rate in (0, own) else -1  # a seam at every block would be heard
            while not self.stop.is_set():
                samples: Samples = file.read(frames, dtype="float32", always_2d=True).T
                if samples.shape[1] == 0:
                    return
                yield (samples, own) if rate in (0, own) else (resample(samples, own, rate), rate)

    def _file(self, asset: Asset) -> Path:
        return self._store.blobs.path(asset.sha256)


class SpokenStream(Stream):
    """Of a speech job. Closed before the end, the work stops within the sentence it is at; what was made until then is
    settled."""

    def __init__(self, job: Job, listening: Listening, format: StreamFormat, ended: Callable[[bool], None]) -> None:
        super().__init__(job.id, listening, format, ended)
        self._listening = listening

    def usage(self) -> dict[str, int]:
        """In OpenAI's terms: tokens where the engine bills tokens; otherwise what goes in are characters."""
        return self._listening.usage()


def _silence(rate: int) -> Samples:
    import numpy as np

    return np.zeros((1, round(EDGE_MS * rate / 1000)), dtype=np.float32)
