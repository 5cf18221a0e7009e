"""core.audio.loudness for sound that is too long to hold: the same gain and the same limiter, found and applied in blocks.

What is kept of the whole is its power and its peaks per PEAK_BLOCK; the sound itself is read again for every measurement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.audio import encoding, loudness, streaming
from core.audio.limiter import gain_from
from core.audio.loudness import Attempt, Exported, LoudnessTarget
from core.audio.metering import BlockPeaks, Loudness, Whole
from core.audio.meters import PEAK_BLOCK, gated
from core.audio.peaks import TruePeak
from core.audio.tape import Tape, resampled
from core.kit.errors import StudioError

Samples = NDArray[np.float32]
Read = Callable[[], Iterator[Samples]]
"""Begins anew each time: blocks of metering.block_frames(), but for the last."""


@dataclass(frozen=True)
class Gain:
    """What is done to a piece: a constant gain, and the limiter's reduction in dB at the edges of its blocks."""

    gain_db: float
    reduction: NDArray[np.float64] | None
    """None where nothing is done at all."""
    lufs: float | None
    dbtp: float | None
    target: LoudnessTarget

    @property
    def on_target(self) -> bool:
        return self.lufs is not None and abs(self.lufs - self.target.lufs) <= 0.1

    @property
    def limiter_db(self) -> float:
        """The most that is taken away beside the constant gain."""
        return 0.0 if self.reduction is None else max(0.0, float(self.reduction.max(initial=0.0)))

    def curve(self, start: int, count: int) -> NDArray[np.float32]:
        """The factors of `count` frames from `start` on, which is a multiple of PEAK_BLOCK."""
        if self.reduction is None:
            return np.ones(count, dtype=np.float32)
        first = start // PEAK_BLOCK
        edges = self.reduction[first : first + -(-count // PEAK_BLOCK) + 1]
        return gain_from(edges, count, self.gain_db)


def master(read: Read, sample_rate: int, target: LoudnessTarget) -> Gain:
    """As loudness.normalise(), step for step."""
    before, peak = _measured(read, sample_rate, None)
    sums = before.taken()
    measured = gated(loudness.windows(sums, sample_rate))
    if measured is None:
        return Gain(0.0, None, None, peak, target)
    wanted = BlockPeaks(float(10 ** ((target.dbtp - max(0.0, target.lufs - measured) - 3) / 20)))
    for block in read():
        wanted.feed(block)
    peaks = wanted.close()
    if abs(measured - target.lufs) <= loudness.CLOSE_LU and loudness.peak_db(peaks) <= target.dbtp:
        return Gain(0.0, None, before.lufs, peak, target)
    guard_db = loudness.GUARD_DB if sample_rate >= 32000 else loudness.LOW_RATE_GUARD_DB
    aim_lufs, ceiling = target.lufs, target.dbtp - guard_db
    last: float | None = None
    for _ in range(4):
        gain_db, reduction = loudness.find_gain(sums, peaks, sample_rate, aim_lufs, ceiling)
        after, dbtp = _measured(read, sample_rate, Gain(gain_db, reduction, None, None, target))
        over = 0.0 if dbtp is None else max(0.0, dbtp - target.dbtp)
        off = 0.0 if after.lufs is None else after.lufs - target.lufs
        if over == 0 and (abs(off) <= loudness.CLOSE_LU or gain_db == last):
            break
        last = gain_db
        ceiling -= over + (loudness.GUARD_DB if over else 0.0)
        aim_lufs -= off
    return Gain(gain_db, reduction, after.lufs, dbtp, target)


def _measured(read: Read, sample_rate: int, gain: Gain | None) -> tuple[Loudness, float | None]:
    heard, peak, at = Loudness(sample_rate, sums=gain is None), TruePeak(), 0
    for block in read():
        sound = block if gain is None else block * gain.curve(at, block.shape[1])
        heard.feed(sound)
        peak.feed(sound)
        at += block.shape[1]
    return heard, peak.dbtp


def encode_to_target(path: str | Path, tape: Tape, format: str, target: LoudnessTarget) -> Exported:
    """As loudness.encode_to_target(), of a tape. Beside `path` lies what is worked on meanwhile."""
    chosen = encoding.file_format(format)
    rate = chosen.rate_for(tape.sample_rate)
    source, scratch = tape, Path(path).with_name(f".{Path(path).name}.rate")
    if rate != tape.sample_rate:
        source = resampled(tape, rate, scratch, 0, tape.frames)

    def attempt(aim: LoudnessTarget, trim_db: float) -> Attempt:
        gain = master(source.blocks, rate, aim)
        trim = np.float32(10 ** (trim_db / 20))

        def mastered() -> Iterator[Samples]:
            at = 0
            for block in source.blocks():
                sound = block * gain.curve(at, block.shape[1]) * trim
                if not np.isfinite(sound).all():
                    raise StudioError("The sound to write holds values that are not numbers.", "Report this.")
                yield sound
                at += block.shape[1]

        written = encoding.encode_blocks(path, mastered(), rate, tape.channels, chosen.name)
        return Attempt(gain.on_target, gain.gain_db, *_heard(written))

    try:
        return loudness.approached(Path(path), chosen.name, target, attempt)
    finally:
        scratch.unlink(missing_ok=True)


def _heard(path: Path) -> tuple[int, float | None, float | None]:
    """(sample rate, LUFS, dBTP) of a file as it decodes."""
    heard: list[Whole] = []
    peak, rate = TruePeak(), 0

    def take(block: Samples, sample_rate: int) -> None:
        nonlocal rate
        rate = sample_rate
        heard[:] = heard or [Whole(sample_rate)]
        heard[0].feed(block)
        peak.feed(block)

    streaming.stream(path, take, block_s=3.0)
    return rate, heard[0].close().lufs, peak.dbtp
