"""Silence, low level, direct current, dead and inverted channels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.audio.faults.problem import TINY, Problem, Samples, runs

SILENT_DB = -75.0
_MIN_SILENCE_S = 1.0
_LOW_LUFS = -50.0
_OFFSET = 0.02
JUDGED_S = 1.0
"""Level and offset of less than a second say nothing."""
_SIDES = ("left", "right")


def levels(samples: Samples, sample_rate: int) -> NDArray[np.float64]:
    """RMS in dBFS of every 10 ms, loudest channel."""
    step = max(1, sample_rate // 100)
    count = max(1, samples.shape[1] // step)
    cut = samples[:, : count * step]
    if cut.shape[1] < count * step:
        cut = np.pad(cut, ((0, 0), (0, count * step - cut.shape[1])))
    shaped = cut.reshape(cut.shape[0], count, step)
    power = (np.einsum("cns,cns->cn", shaped, shaped) / step).max(axis=0)
    return np.asarray(10 * np.log10(power.astype(np.float64) + TINY))


def silences(level: NDArray[np.float64], seconds: float) -> list[Problem]:
    """`level` as from levels(), of the whole file."""
    quiet = np.asarray(level <= SILENT_DB)
    if quiet.all():
        return [Problem("silence", 0.0, seconds, "The whole file is silent.")]
    step = seconds / level.size
    found = []
    for first, last in runs(quiet):
        start, end = float(first) * step, float(last) * step
        if end - start < _MIN_SILENCE_S:
            continue
        kind, place = ("silence_lead", "at the start") if first == 0 else ("silence_gap", "in the middle")
        if last == level.size:
            kind, place, end = "silence_trail", "at the end", seconds
        found.append(Problem(kind, start, end, f"{end - start:.1f} s of silence {place}."))
    return found


def low_level(lufs: float | None, seconds: float) -> list[Problem]:
    if lufs is None or lufs >= _LOW_LUFS or seconds < JUDGED_S:
        return []
    return [Problem("low_level", 0.0, seconds, f"Very quiet: {lufs:.1f} LUFS.")]


def channels(samples: Samples, seconds: float) -> list[Problem]:
    if samples.shape[0] != 2:
        return []
    left, right = samples
    frames = max(1, samples.shape[1])
    power = np.asarray([np.dot(left, left), np.dot(right, right)], dtype=np.float64) / frames
    db = 10 * np.log10(power + TINY)
    if db.min() < -90 and db.max() > -60:
        return [Problem("dead_channel", 0.0, seconds, f"The {_SIDES[int(db.argmin())]} channel is silent.")]
    if db.min() > -70:
        alike = float(np.dot(left, right)) / frames / float(np.sqrt(power.prod() + TINY**2))
        if alike < -0.95:
            detail = "Left and right cancel each other: one channel is inverted and vanishes in mono."
            return [Problem("inverted_polarity", 0.0, seconds, detail)]
    return []


def offset(samples: Samples, seconds: float) -> list[Problem]:
    if seconds < JUDGED_S:
        return []
    # Median of eighths, not the mean of all: one long asymmetric note is no offset.
    mean = samples.mean(axis=1, dtype=np.float64)
    worst = float(mean[np.abs(mean).argmax()])
    if abs(worst) < _OFFSET:
        return []
    parts = [part.mean(axis=1, dtype=np.float64) for part in np.array_split(samples, 8, axis=1) if part.shape[1]]
    steady = np.median(parts, axis=0)
    if np.abs(steady).max() < 0.8 * abs(worst):
        return []
    return [Problem("dc_offset", 0.0, seconds, f"The wave is shifted by {worst:+.3f} of full scale.")]
