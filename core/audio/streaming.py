"""A file in blocks of a few minutes, for what is too long to hold: two hours of stereo would fill 2.5 GB."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np

from core.audio import ffmpeg, files
from core.audio.files import Audio, Samples

BLOCK_S = 300.0
_BLOCK_BYTES = 256 * 1024**2
LONG_S = 900.0
_SMALL_FILE = 5 * 1024**2

Take = Callable[[Samples, int], None]


def is_long(path: str | Path) -> tuple[bool, float | None]:
    """Whether to read it in blocks, and how long it says it is. Small files are not asked."""
    if not Path(path).is_file() or Path(path).stat().st_size < _SMALL_FILE:
        return False, None
    seconds = files.probe(path).duration_s
    return seconds is None or seconds > LONG_S, seconds


def block_frames(sample_rate: int, channels: int) -> int:
    """Whole hundredths of a second, so that meters see no seam."""
    frames = min(BLOCK_S * sample_rate, _BLOCK_BYTES / (4 * channels))
    return max(sample_rate, round(frames // sample_rate) * sample_rate)


def stream(path: str | Path, take: Take, max_seconds: float = files.MAX_SECONDS) -> Audio:
    """Gives every block to `take`; answers the facts, with no samples in it. Raises UserError as decode() does."""
    name = files.name_of(path)
    limits = files.Limits(name, max_seconds)

    def checked(block: Samples, sample_rate: int) -> None:
        files.check_samples(block, path)
        take(block, sample_rate)

    with files.open_file(path, files.MAX_BYTES) as source:
        plain = files.open_plain(source)
        if plain is not None:
            with plain:
                rate, channels = plain.samplerate, plain.channels
                limits.check(plain.frames, 0, rate)
                step = block_frames(rate, channels)
                while len(block := plain.read(step, dtype="float32", always_2d=True)):
                    checked(np.ascontiguousarray(block.T), rate)
                return Audio(
                    np.zeros((channels, 0), np.float32), rate, plain.format.lower(), str(plain.subtype).lower()
                )
        source.seek(0)
        reader = _Blocks(limits, checked)
        messages, late = ffmpeg.read_with(source, files.TO_FLOAT, reader.take, time_limit_s=30 + max_seconds / 10)
        if late or reader.channels == 0 or reader.frames == 0:
            raise files.unreadable(path, messages)
        codec = messages.codec
        return Audio(np.zeros((reader.channels, 0), np.float32), reader.sample_rate, messages.container, codec)


class _Blocks(files.WavReader):
    """ffmpeg's pipe, handed on in blocks."""

    def __init__(self, limits: Any, give: Take) -> None:
        super().__init__(limits, header_only=True)
        self.give = give
        self.frames = 0

    def take(self, pipe: IO[bytes]) -> None:
        super().take(pipe)
        if self.channels == 0:
            return
        size = 4 * self.channels
        wanted = block_frames(self.sample_rate, self.channels) * size
        while data := pipe.read(wanted):
            count = len(data) // size
            if count == 0:
                break
            self.frames += count
            self.limits.check(self.frames, 0, self.sample_rate)
            block = np.frombuffer(data, dtype="<f4", count=count * self.channels).reshape(count, self.channels)
            self.give(np.ascontiguousarray(block.T), self.sample_rate)
