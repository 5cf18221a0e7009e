"""Sound on disk while it is worked on: raw samples that are read again wherever they are needed, a few seconds at a time.
Hours of many parts take no more memory than minutes of one."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.audio import streaming
from core.audio.metering import Whole, block_frames
from core.kit.errors import SetupError

Samples = NDArray[np.float32]

_READ_S = 3.0


@dataclass(frozen=True)
class Tape:
    path: Path
    channels: int
    sample_rate: int
    frames: int
    lufs: float | None = None

    def read(self, start: int, count: int) -> Samples:
        """(channels, frames): fewer where it ends."""
        count = max(0, min(count, self.frames - start))
        flat = np.fromfile(self.path, np.float32, count * self.channels, offset=4 * self.channels * start)
        return np.ascontiguousarray(flat.reshape(-1, self.channels).T)

    def blocks(self, start: int = 0, end: int | None = None) -> Iterator[Samples]:
        """All of metering.block_frames(), but for the last."""
        last, size = self.frames if end is None else min(end, self.frames), block_frames(self.sample_rate)
        for at in range(start, last, size):
            yield self.read(at, min(size, last - at))

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)


class Recorder:
    """Writes a tape; `measured`: and its loudness on the way."""

    def __init__(self, path: Path, sample_rate: int, *, measured: bool = False) -> None:
        self._path = path
        self._rate = sample_rate
        self._frames = self._channels = 0
        self._loudness = Whole(sample_rate) if measured else None
        self._file = writable(path)

    def feed(self, samples: Samples) -> None:
        self._channels = samples.shape[0]
        with room_for(self._path):
            self._file.write(np.ascontiguousarray(samples.T, np.float32).tobytes())
        self._frames += samples.shape[1]
        if self._loudness is not None:
            self._loudness.feed(samples)

    def close(self) -> Tape:
        with room_for(self._path):
            self._file.close()
        lufs = None if self._loudness is None else self._loudness.close().lufs
        return Tape(self._path, self._channels, self._rate, self._frames, lufs)


def record(source: str | Path, out: Path, *, measured: bool = False) -> Tape:
    """A file's sound, whatever it is. UserError as files.decode() raises it."""
    recorder: Recorder | None = None

    def take(block: Samples, sample_rate: int) -> None:
        nonlocal recorder
        recorder = recorder or Recorder(out, sample_rate, measured=measured)
        recorder.feed(block)

    streaming.stream(source, take, block_s=_READ_S)
    assert recorder is not None  # a file without sound was refused
    return recorder.close()


def changed(tape: Tape, out: Path, change: Callable[[Samples], Samples], *, measured: bool = False) -> Tape:
    """Another tape of what `change` makes of every block, in order."""
    recorder = Recorder(out, tape.sample_rate, measured=measured)
    for block in tape.blocks():
        recorder.feed(change(block))
    return recorder.close()


def resampled(tape: Tape, new_rate: int, out: Path, start: int, end: int) -> Tape:
    """A stretch of it at another rate: sample for sample what effects.resample() makes of it."""
    import soxr

    stream = soxr.ResampleStream(tape.sample_rate, new_rate, tape.channels, dtype="float32", quality="HQ")
    recorder = Recorder(out, new_rate)

    def take(block: Samples, *, last: bool) -> None:
        made = stream.resample_chunk(np.ascontiguousarray(block.T), last=last)
        recorder.feed(np.asarray(made, np.float32).reshape(-1, tape.channels).T)

    for block in tape.blocks(start, end):
        take(block, last=False)
    take(np.zeros((tape.channels, 0), np.float32), last=True)
    return recorder.close()


def writable(path: Path) -> Any:
    with room_for(path):
        return path.open("wb")


@contextmanager
def room_for(path: Path) -> Iterator[None]:
    """Turns a full disk into the words for it."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full() from error
        raise OSError(error.errno, error.strerror, str(path)) from error


def disk_full() -> SetupError:
    return SetupError(
        "The disk is full: the sound could not be written.",
        "Make room, then retry the job: what was made for it is kept.", "disk_full",
    )  # fmt: skip
