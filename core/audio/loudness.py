"""Bringing a piece to a loudness target, and keeping it there through a lossy export.

Mastering here is one linear gain and one limiter curve, both in `Mastered.gain_curve`: whoever multiplies stems by that
same curve gets stems that null against the master.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.audio.limiter import gain_from, limit, reduction_db
from core.audio.meters import (
    PEAK_BLOCK,
    gated,
    integrated_lufs,
    oversampled_peaks,
    short_term_lufs,
    true_peak_dbtp,
    weighted_power,
)
from core.kit.errors import UserError
from core.kit.paths import reference

__all__ = [
    "Exported",
    "LoudnessTarget",
    "Mastered",
    "encode_to_target",
    "integrated_lufs",
    "limit",
    "normalise",
    "short_term_lufs",
    "target",
    "targets",
    "true_peak_dbtp",
]

Samples = NDArray[np.float32]

DEFAULT_TARGET = "streaming"
CLOSE_LU = 0.05
GUARD_DB = 0.03
LOW_RATE_GUARD_DB = 0.35  # speech at 16 kHz is bright up to its band edge, where meters differ by this much
_MAX_REDUCTION_DB = 18.0  # beyond this a limiter only crushes; the piece then stays quieter than the target
_EXPORT_TRIES = 8
_EXPORT_CLOSE_LU = 0.2


@dataclass(frozen=True)
class LoudnessTarget:
    name: str
    lufs: float
    dbtp: float
    title: str = ""
    source: str = ""


@dataclass(frozen=True)
class Mastered:
    samples: Samples
    gain_db: float
    """The constant part of the gain."""
    gain_curve: NDArray[np.float32]
    """The whole gain, constant part included, per frame: samples = input × gain_curve."""
    lufs: float | None
    dbtp: float | None
    target: LoudnessTarget

    @property
    def on_target(self) -> bool:
        """False for silence, and for sound so spiky that its peaks forbid the loudness (single clicks)."""
        return self.lufs is not None and abs(self.lufs - self.target.lufs) <= 0.1


@dataclass(frozen=True)
class Exported:
    """Figures of the file as a listener decodes it."""

    path: Path
    format: str
    sample_rate: int
    lufs: float | None
    dbtp: float | None
    gain_db: float
    tries: int


def targets() -> dict[str, LoudnessTarget]:
    return {
        name: LoudnessTarget(name, float(row["lufs"]), float(row["dbtp"]), row["title"], row["source"])
        for name, row in reference("loudness")["targets"].items()
    }


def target(name: str = DEFAULT_TARGET) -> LoudnessTarget:
    found = targets().get(name)
    if found is None:
        raise UserError(f"There is no loudness target “{name}”.", f"Targets: {', '.join(targets())}.")
    return found


def normalise(samples: Samples, sample_rate: int, target: LoudnessTarget) -> Mastered:
    """To the target's loudness within 0.1 LU, never above its ceiling; silence is left alone.

    The search for the gain runs on powers and peaks per block of 32 frames, measured once; only its result is
    applied and measured in full. Sound that is on target already comes back bit for bit.
    """
    frames = samples.shape[1]
    power = weighted_power(samples, sample_rate)
    blocks = _per_block(power)
    del power
    measured = gated(windows(blocks, sample_rate))
    if measured is None:
        dbtp = true_peak_dbtp(samples, sample_rate)
        return Mastered(samples, 0.0, np.ones(frames, dtype=np.float32), None, dbtp, target)
    # What stays under the ceiling even with 3 dB more gain than the plain difference need not be oversampled.
    peaks = oversampled_peaks(samples, float(10 ** ((target.dbtp - max(0.0, target.lufs - measured) - 3) / 20)))
    highest = peak_db(peaks)
    if abs(measured - target.lufs) <= CLOSE_LU and highest <= target.dbtp:
        exact = integrated_lufs(samples, sample_rate)
        dbtp = true_peak_dbtp(samples, sample_rate)
        return Mastered(samples, 0.0, np.ones(frames, dtype=np.float32), exact, dbtp, target)
    aim_lufs, ceiling = target.lufs, target.dbtp - (GUARD_DB if sample_rate >= 32000 else LOW_RATE_GUARD_DB)
    before: float | None = None
    for _ in range(4):
        gain_db, reduction = find_gain(blocks, peaks, sample_rate, aim_lufs, ceiling)
        curve = gain_from(reduction, frames, gain_db)
        mastered = samples * curve
        lufs, dbtp = integrated_lufs(mastered, sample_rate), true_peak_dbtp(mastered, sample_rate)
        over = 0.0 if dbtp is None else max(0.0, dbtp - target.dbtp)
        off = 0.0 if lufs is None else lufs - target.lufs
        if over == 0 and (abs(off) <= CLOSE_LU or gain_db == before):
            break
        before = gain_db
        ceiling -= over + (GUARD_DB if over else 0.0)
        aim_lufs -= off
    return Mastered(mastered, gain_db, curve, lufs, dbtp, target)


def find_gain(
    blocks: NDArray[np.float64], peaks: NDArray[np.float32], sample_rate: int, lufs: float, ceiling: float
) -> tuple[float, NDArray[np.float64]]:
    """The constant gain which, limited to the ceiling, gives the loudness; and the limiter's reduction for it."""
    most = ceiling - peak_db(peaks) + _MAX_REDUCTION_DB
    before = gated(windows(blocks, sample_rate))
    gain_db = min(lufs - (before if before is not None else lufs), most)
    last: tuple[float, float] | None = None
    for _ in range(16):
        reduction = reduction_db(peaks, sample_rate, ceiling - gain_db)
        factor = (gain_db - reduction) / 10
        np.power(10.0, factor, out=factor)
        power = factor[:-1] + factor[1:]
        del factor
        power *= blocks
        power /= 2
        reached = gated(windows(power, sample_rate))
        del power
        if reached is None or abs(reached - lufs) < 0.01:
            break
        step = lufs - reached
        if last is not None and abs(gain_db - last[0]) > 1e-6:
            slope = (reached - last[1]) / (gain_db - last[0])
            step /= min(max(slope, 0.2), 1.0)
        last = (gain_db, reached)
        if step > 0 and gain_db >= most:
            break
        gain_db = min(gain_db + step, most)
    return gain_db, reduction


def _per_block(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums of PEAK_BLOCK frames; the last block may hold fewer."""
    padded = np.pad(power, (0, -power.size % PEAK_BLOCK))
    return np.asarray(padded.reshape(-1, PEAK_BLOCK).sum(axis=1))


def windows(blocks: NDArray[np.float64], sample_rate: int) -> NDArray[np.float64]:
    """Mean power of 400 ms windows, from sums per block: the edges lie up to half a block off, which is no matter."""
    total = np.zeros(blocks.size + 1)
    np.cumsum(blocks, out=total[1:])
    step = sample_rate / 10
    count = int(blocks.size * PEAK_BLOCK / step)
    if count < 4:
        return np.asarray([total[-1] / max(1, blocks.size * PEAK_BLOCK)])
    edges = np.minimum(np.rint(np.arange(count + 1) * step / PEAK_BLOCK).astype(int), blocks.size)
    return np.asarray((total[edges[4:]] - total[edges[:-4]]) / ((edges[4:] - edges[:-4]) * PEAK_BLOCK))


def peak_db(peaks: NDArray[np.float32]) -> float:
    return 20 * float(np.log10(max(float(peaks.max()), 1e-9)))


def encode_to_target(
    path: str | Path, samples: Samples, sample_rate: int, format: str, target: LoudnessTarget
) -> Exported:
    """Master, encode, decode again and measure; a codec that overshoots gets a lower ceiling and another try.

    The figures are those of the decoded file. After the last try they may still miss the target: they say so.
    """
    from core.audio.files import decode, encode, file_format

    chosen = file_format(format)
    rate = chosen.rate_for(sample_rate)
    if rate != sample_rate:
        from core.audio.effects import resample

        samples = resample(samples, sample_rate, rate)

    def attempt(aim: LoudnessTarget, trim_db: float) -> Attempt:
        mastered = normalise(samples, rate, aim)
        written = encode(path, mastered.samples * np.float32(10 ** (trim_db / 20)), rate, chosen.name)
        heard = decode(written)
        return Attempt(
            mastered.on_target, mastered.gain_db, heard.sample_rate,
            integrated_lufs(heard.samples, heard.sample_rate), true_peak_dbtp(heard.samples, heard.sample_rate),
        )  # fmt: skip

    return approached(Path(path), chosen.name, target, attempt)


@dataclass(frozen=True)
class Attempt:
    """What became of one encoding."""

    on_target: bool
    gain_db: float
    sample_rate: int
    lufs: float | None
    dbtp: float | None


def approached(
    path: Path, format: str, target: LoudnessTarget, attempt: Callable[[LoudnessTarget, float], Attempt]
) -> Exported:
    """Encoded again, with a lower ceiling or level, until what a listener decodes is on target."""
    lufs, ceiling, tries, trim_db = target.lufs, target.dbtp, 0, 0.0
    while True:
        tries += 1
        made = attempt(LoudnessTarget(target.name, lufs, ceiling), trim_db)
        over = 0.0 if made.dbtp is None else made.dbtp - target.dbtp
        drift = 0.0 if made.lufs is None or not made.on_target else made.lufs - target.lufs
        if tries == _EXPORT_TRIES or (over <= 0 and abs(drift) <= _EXPORT_CLOSE_LU):
            break
        if over > 0 and tries <= 3:
            ceiling -= over + 0.1
        elif over > 0:
            # A lower ceiling reshapes the peaks and the codec overshoots anew; turning it all down a little does not.
            trim_db -= over + 0.05
        if abs(drift) > _EXPORT_CLOSE_LU:
            lufs -= drift
    return Exported(path, format, made.sample_rate, made.lufs, made.dbtp, made.gain_db + trim_db, tries)
