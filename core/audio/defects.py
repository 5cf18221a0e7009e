"""Faults that a meter can be sure of. Each detector would rather miss a fault than cry wolf at a clean file.

Left out because they could not be trusted on music: clicks and discontinuities (fire on drums), noise and signal-to-noise
estimates (fire on pads and cymbals).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

_SILENT_DB = -75.0
_MIN_SILENCE_S = 1.0
_LOW_LUFS = -50.0
_OFFSET = 0.02
_JUDGED_S = 1.0  # level and offset of less than a second say nothing
_TINY = 1e-12


@dataclass(frozen=True)
class Problem:
    kind: str
    start_s: float
    end_s: float
    detail: str


def find(samples: Samples, sample_rate: int, lufs: float | None) -> tuple[Problem, ...]:
    """`samples` finite, (channels, frames); `lufs` as measured, None for silence."""
    seconds = samples.shape[1] / sample_rate
    level = _levels(samples, sample_rate)
    if lufs is None and not (level > _SILENT_DB).any():
        return (Problem("silence", 0.0, seconds, "The whole file is silent."),)
    found = [*_silences(level, seconds), *_channels(samples, seconds)]
    if seconds >= _JUDGED_S:
        found += _offset(samples, seconds)
    found += _clipping(samples, sample_rate)
    found += _dropouts(samples, sample_rate)
    found += _hum(samples, sample_rate)
    if lufs is not None and lufs < _LOW_LUFS and seconds >= _JUDGED_S:
        found.append(Problem("low_level", 0.0, seconds, f"Very quiet: {lufs:.1f} LUFS."))
    return tuple(sorted(found, key=lambda problem: (problem.start_s, problem.kind)))


def _levels(samples: Samples, sample_rate: int) -> NDArray[np.float64]:
    """RMS in dBFS of every 10 ms, loudest channel."""
    step = max(1, sample_rate // 100)
    count = max(1, samples.shape[1] // step)
    cut = samples[:, : count * step].astype(np.float64)
    power = np.square(cut).reshape(cut.shape[0], count, -1).mean(axis=2).max(axis=0)
    return np.asarray(10 * np.log10(power + _TINY))


def _runs(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(n, 2) first and one past the last index of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    return edges.reshape(-1, 2)


def _silences(level: NDArray[np.float64], seconds: float) -> list[Problem]:
    found = []
    for first, last in _runs(level <= _SILENT_DB):
        start, end = float(first) * 0.01, float(last) * 0.01
        if end - start < _MIN_SILENCE_S:
            continue
        kind, place = ("silence_lead", "at the start") if first == 0 else ("silence_gap", "in the middle")
        if last == level.size:
            kind, place, end = "silence_trail", "at the end", seconds
        found.append(Problem(kind, start, end, f"{end - start:.1f} s of silence {place}."))
    return found


def _channels(samples: Samples, seconds: float) -> list[Problem]:
    if samples.shape[0] != 2:
        return []
    power = np.square(samples, dtype=np.float64).mean(axis=1)
    db = 10 * np.log10(power + _TINY)
    names = ("left", "right")
    if db.min() < -90 and db.max() > -60:
        return [Problem("dead_channel", 0.0, seconds, f"The {names[int(db.argmin())]} channel is silent.")]
    if db.min() > -70:
        alike = float((samples[0].astype(np.float64) * samples[1]).mean() / np.sqrt(power.prod() + _TINY**2))
        if alike < -0.95:
            detail = "Left and right cancel each other: one channel is inverted and vanishes in mono."
            return [Problem("inverted_polarity", 0.0, seconds, detail)]
    return []


def _offset(samples: Samples, seconds: float) -> list[Problem]:
    # Median of seconds, not the mean of all: one long asymmetric note is no offset.
    offset = samples.mean(axis=1, dtype=np.float64)
    worst = float(offset[np.abs(offset).argmax()])
    if abs(worst) < _OFFSET:
        return []
    parts = [part.mean(axis=1, dtype=np.float64) for part in np.array_split(samples, 8, axis=1) if part.shape[1]]
    steady = np.median(parts, axis=0)
    if np.abs(steady).max() < 0.8 * abs(worst):
        return []
    return [Problem("dc_offset", 0.0, seconds, f"The wave is shifted by {worst:+.3f} of full scale.")]


def _clipping(samples: Samples, sample_rate: int) -> list[Problem]:
    """Flat tops: runs of three and more equal samples at the very highest level, with a corner at the edge.

    Works after the file has been turned down too, as long as it was not encoded in between: equal stays equal. The
    corner tells a cut wave from the round top of a low note, which is flat for a few samples as well.
    """
    spans: list[tuple[int, int]] = []
    flat = 0
    for channel in samples:
        for wave in (channel, -channel):
            top = float(wave.max(initial=0.0))
            if top < 0.01:
                continue
            runs = _runs(np.asarray(wave >= top * (1 - 3e-4)))
            runs = runs[(runs[:, 1] - runs[:, 0] >= 3) & (runs[:, 0] > 0)]
            runs = runs[top - wave[runs[:, 0] - 1] > 0.002 * top]
            if len(runs) >= 8:
                spans += [(int(start), int(end)) for start, end in runs]
                flat += int((runs[:, 1] - runs[:, 0]).sum())
    if not spans or flat > 0.4 * samples.size:  # a square wave is flat all the time, and meant to be
        return []
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    share = flat / samples.size
    detail = f"{len(spans)} peaks are cut off flat ({share:.2%} of the samples)."
    return [Problem("clipping", first / sample_rate, last / sample_rate, detail)]


def _dropouts(samples: Samples, sample_rate: int) -> list[Problem]:
    """Short stretches of exact zeros cut into running sound: about as loud right before as right after.

    Pauses between gated hits are not meant: those are longer, or fade before and start loud after.
    """
    zero = np.asarray(~samples.any(axis=0))
    runs = _runs(zero)
    length = (runs[:, 1] - runs[:, 0]) / sample_rate
    edge = max(4, sample_rate // 500)
    found = []
    for start, end in runs[(length >= 0.005) & (length <= 0.12)]:
        if start < edge or end + edge > samples.shape[1]:
            continue
        before, after = samples[:, start - edge : start], samples[:, end : end + edge]
        sides = [float(np.sqrt(np.square(side).mean(axis=1).max())) for side in (before, after)]
        if min(sides) > max(0.01, 0.25 * max(sides)):
            milliseconds = round((end - start) / sample_rate * 1000)
            detail = f"The sound drops out for {milliseconds} ms."
            found.append(Problem("dropout", float(start / sample_rate), float(end / sample_rate), detail))
    return found if len(found) >= 2 else []


def _hum(samples: Samples, sample_rate: int) -> list[Problem]:
    """Mains hum: thin lines at 50 or 60 Hz and at least two harmonics, there even in the quietest moments."""
    window = 2 ** round(np.log2(sample_rate * 2))
    if samples.shape[1] < 3 * window:
        return []
    from scipy.signal import stft

    mono = samples.mean(axis=0) if samples.shape[0] > 1 else samples[0]
    _, _, spectrum = stft(mono, sample_rate, window="hann", nperseg=window, noverlap=window // 2, boundary=None)
    steady = 20 * np.log10(np.percentile(np.abs(spectrum), 10, axis=1) + _TINY)
    per_bin = sample_rate / window
    for mains in (50, 60):
        lines = [h for h in (1, 2, 3, 4, 5) if _is_line(steady, mains * h, per_bin)]
        if 1 in lines and len(lines) >= 3:
            seconds = samples.shape[1] / sample_rate
            return [Problem("hum", 0.0, seconds, f"Mains hum at {mains} Hz and its harmonics {lines[1:]}.")]
    return []


def _is_line(steady: NDArray[np.float64], frequency: float, per_bin: float) -> bool:
    centre = round(frequency / per_bin)
    reach, near = round(12 / per_bin), round(3 / per_bin)
    if centre - reach < 1 or centre + reach >= steady.size:
        return False
    around = steady[centre - reach : centre + reach + 1]
    peak = int(around.argmax()) - reach
    floor = np.concatenate((around[: reach - near], around[reach + near + 1 :]))
    height = float(around.max() - np.percentile(floor, 75))
    return abs(peak) * per_bin <= 0.6 and height > 15 and float(around.max()) > -75
