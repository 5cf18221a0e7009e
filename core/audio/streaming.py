"""A file in blocks, for what is too long to hold: two hours of stereo would fill 2.5 GB, from a file of one megabyte if
it is silence."""

from __future__ import annotations

from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import IO

import numpy as np

from core.audio import ffmpeg, files
from core.audio.files import Audio, Limits, Samples

BLOCK_S = 300.0
_BLOCK_BYTES = 256 * 1024**2
LONG_BYTES = 200 * 1024**2
"""Of decoded sound; the size of a file says nothing about it."""

Take = Callable[[Samples, int], None]


def is_long(path: str | Path) -> tuple[bool, float | None]:
    """Whether to read it in blocks, and how long it says it is. UserError when it holds no sound."""
    said = files.probe(path)
    seconds = said.duration_s
    return seconds is None or seconds * said.sample_rate * said.channels * 4 > LONG_BYTES, seconds


def block_frames(sample_rate: int, channels: int, block_s: float = BLOCK_S) -> int:
    """Whole seconds, so that meters see no seam; less only where a second does not fit."""
    frames = int(min(block_s * sample_rate, _BLOCK_BYTES // (4 * channels)))
    return frames // sample_rate * sample_rate or max(1, frames)


def stream(
    path: str | Path,
    take: Take,
    max_seconds: float = files.MAX_SECONDS,
    *,
    max_bytes: int = files.MAX_BYTES,
    block_s: float = BLOCK_S,
) -> Audio:
    """Gives every block to `take`; answers the facts and warnings, with no samples in it. Raises UserError as decode()
    does."""
    limits = Limits(files.name_of(path), max_seconds)
    shape: set[tuple[int, int]] = set()

    def checked(block: Samples, sample_rate: int) -> None:
        shape.add((block.shape[0], sample_rate))
        if len(shape) > 1:  # the two decoders disagree about what the file is
            raise files.unreadable(path, ffmpeg.Messages())
        files.check_samples(block, path)
        take(block, sample_rate)

    with files.open_file(path, max_bytes) as source:
        audio, given = _stream_plain(source, limits, checked, block_s)
        if audio is not None:
            return audio
        source.seek(0)
        reader = _Blocks(limits, checked, block_s, given)
        messages, late = ffmpeg.read_with(source, files.TO_FLOAT, reader.take, time_limit_s=30 + max_seconds / 10)
        if late:
            raise files.too_slow(path)
        if reader.channels == 0 or reader.frames == 0:
            raise files.unreadable(path, messages)
        warnings = files.damage(limits.name, reader.frames / reader.sample_rate, messages)
        return _facts(reader.channels, reader.sample_rate, messages.container, messages.codec, warnings)


def _facts(channels: int, sample_rate: int, container: str, codec: str, warnings: tuple[str, ...]) -> Audio:
    return Audio(np.zeros((channels, 0), np.float32), sample_rate, container, codec, warnings)


def _stream_plain(source: FileIO, limits: Limits, give: Take, block_s: float) -> tuple[Audio | None, int]:
    """By libsndfile. None where ffmpeg should go on, and after how many frames."""
    import soundfile

    plain = files.open_plain(source)
    if plain is None:
        return None, 0
    given = 0
    with plain:
        rate, channels, announced = plain.samplerate, plain.channels, plain.frames
        limits.check(announced, 0, rate)
        step = block_frames(rate, channels, block_s)
        try:
            while len(block := plain.read(step, dtype="float32", always_2d=True)):
                give(np.ascontiguousarray(block.T), rate)
                given += len(block)
        except soundfile.LibsndfileError:
            return None, given  # ffmpeg may save more of it
        if given == 0 or (given < announced and plain.format == "FLAC"):
            return None, given
        container, codec = plain.format.lower(), files.plain_codec(plain)
    warnings = files.wav_warnings(source, limits.name) if container in ("wav", "wavex") else ()
    return _facts(channels, rate, container, codec, warnings), given


class _Blocks(files.WavReader):
    """ffmpeg's pipe, handed on in blocks, after as many frames as were given before."""

    def __init__(self, limits: Limits, give: Take, block_s: float, skip: int) -> None:
        super().__init__(limits, header_only=True)
        self.give = give
        self.block_s = block_s
        self.skip = skip
        self.frames = 0

    def take(self, pipe: IO[bytes]) -> None:
        super().take(pipe)
        if self.channels == 0:
            return
        size = 4 * self.channels
        wanted = block_frames(self.sample_rate, self.channels, self.block_s) * size
        while data := pipe.read(wanted):
            count = len(data) // size
            if count == 0:
                break
            known = min(count, max(0, self.skip - self.frames))
            self.frames += count
            self.limits.check(self.frames, 0, self.sample_rate)
            block = np.frombuffer(data, dtype="<f4", count=count * self.channels).reshape(count, self.channels)
            if known < count:
                self.give(np.ascontiguousarray(block[known:].T), self.sample_rate)
