"""Loudness over time, as EBU R 128 means it: momentary (400 ms), short-term (3 s), integrated, range.

Powers are kept per 10 ms, so that every window is a difference of two sums and an hour fits in a few megabytes. Sources:
ITU-R BS.1770-5, EBU Tech 3341 (meters) and Tech 3342 (loudness range).
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from core.audio import meters

Samples = NDArray[np.float32]
Curve = NDArray[np.float64]

STEPS_PER_SECOND = 100
_MOMENTARY = 40
_SHORT_TERM = 300
_RANGE_GATE_LU = -20.0
_QUIETEST = 1e-30
_SINGLE_MOST_HZ = 200_000
_AT_ONCE = 8


class Powers:
    """K-weighted power per 10 ms of a sound that comes in blocks; the filters carry over from one to the next."""

    def __init__(self, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        self._state: NDArray[np.float32 | np.float64] | None = None
        self._left: Curve = np.zeros(0)
        self._seen = 0
        self._parts: list[Curve] = []

    def feed(self, samples: Samples) -> None:
        self._take(self._weighted(samples))

    def _weighted(self, samples: Samples) -> NDArray[np.float32]:
        """K-weighted power of every frame, all channels together."""
        from scipy.signal import sosfilt

        # Single precision is three times as fast; measured against double it differs by 0.0004 LU. At rates where the
        # poles crowd the unit circle it drifts: 0.1 LU at 2 MHz, anything beyond.
        precise = np.float64 if self.sample_rate > _SINGLE_MOST_HZ else np.float32
        sections = meters.k_weighting(self.sample_rate).astype(precise)
        if self._state is None:
            self._state = np.zeros((samples.shape[0], len(sections), 2), dtype=precise)
        power = np.zeros(samples.shape[1], dtype=np.float32)
        for number, weight in enumerate(meters.weights(samples.shape[0])):
            if weight:
                heard, self._state[number] = sosfilt(sections, samples[number], zi=self._state[number])
                np.square(heard, out=heard)
                power += heard if weight == 1 else heard * np.float32(weight)
        return power

    def _take(self, power: NDArray[np.float32]) -> None:
        """Sums between the multiples of 10 ms; the rest waits for the next block."""
        joined = np.concatenate([self._left.astype(np.float32), power])
        first = len(self)
        edges = np.rint(np.arange(first, first + joined.size * STEPS_PER_SECOND // self.sample_rate + 2)
                        * self.sample_rate / STEPS_PER_SECOND).astype(np.int64) - self._seen  # fmt: skip
        edges = edges[edges <= joined.size]
        if edges.size > 1:
            sums = np.add.reduceat(joined[: edges[-1]], edges[:-1], dtype=np.float64)
            self._parts.append(sums / np.diff(edges))
            self._seen += int(edges[-1])
            joined = joined[edges[-1] :]
        self._left = joined.astype(np.float64)

    def __len__(self) -> int:
        return sum(part.size for part in self._parts)

    @property
    def tens(self) -> Curve:
        """Mean power of every 10 ms; what is shorter than that is one value."""
        if not self._parts:
            return np.asarray([self._left.mean()]) if self._left.size else np.zeros(0)
        return np.concatenate(self._parts)


class LightPowers(Powers):
    """The same without scipy, whose filters take 0.8 s of processor time to import, for who measures a few minutes in a
    process of its own: by spectra, twice as slow and no less exact. 0.1 s of the filters' answer is all of it: what comes
    after is under 1e-8."""

    _before: Samples | None = None

    def _weighted(self, samples: Samples) -> NDArray[np.float32]:
        reach, size, response = _k_response(self.sample_rate)
        frames = samples.shape[1]
        if self._before is None:
            self._before = np.zeros((samples.shape[0], reach), np.float32)
        joined = np.concatenate([self._before, samples], axis=1)
        self._before = joined[:, joined.shape[1] - reach :].copy()
        step = size - reach
        padded = np.pad(joined, ((0, 0), (0, -frames % step)))
        power = np.zeros(padded.shape[1] - reach, dtype=np.float32)
        for number, weight in enumerate(meters.weights(samples.shape[0])):
            if weight:
                runs = sliding_window_view(padded[number], size)[::step]
                for at in range(0, len(runs), _AT_ONCE):
                    spectra = np.fft.rfft(runs[at : at + _AT_ONCE], axis=1) * response
                    heard = np.fft.irfft(spectra, n=size, axis=1)[:, reach:].reshape(-1)
                    power[at * step : at * step + heard.size] += np.square(heard) * np.float32(weight)
        return power[:frames]


@cache
def _k_response(sample_rate: int) -> tuple[int, int, NDArray[np.complex64]]:
    """(frames the filters' answer is long, frames of a run, their response to each frequency of it)."""
    reach = max(256, sample_rate // 10)
    size = int(2 ** np.ceil(np.log2(4 * reach)))
    late = np.exp(-2j * np.pi * np.fft.rfftfreq(size))
    response = np.ones(late.size, np.complex128)
    for first, second, third, *back in meters.k_weighting(sample_rate):
        response *= (first + second * late + third * late**2) / (back[0] + back[1] * late + back[2] * late**2)
    return reach, size, response.astype(np.complex64)


def powers(samples: Samples, sample_rate: int) -> Curve:
    taken = Powers(sample_rate)
    taken.feed(samples)
    return taken.tens


def lufs(power: Curve) -> Curve:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(power, _QUIETEST)))


def _windows(tens: Curve, steps: int, every: int) -> Curve:
    if tens.size == 0:
        return np.zeros(0)
    if tens.size < steps:
        return np.asarray([tens.mean()])
    total = np.concatenate(([0.0], np.cumsum(tens)))
    starts = np.arange(0, tens.size - steps + 1, every)
    return np.asarray(np.maximum(total[starts + steps] - total[starts], 0.0) / steps)


def momentary(tens: Curve, every: int = 10) -> Curve:
    """LUFS of 400 ms windows, one every `every` hundredths of a second."""
    return lufs(_windows(tens, _MOMENTARY, every))


def short_term(tens: Curve, every: int = 10) -> Curve:
    """LUFS of 3 s windows."""
    return lufs(_windows(tens, _SHORT_TERM, every))


def integrated(tens: Curve) -> float | None:
    """LUFS through both gates; None for silence."""
    return meters.gated(_windows(tens, _MOMENTARY, 10))


def loudness_range(tens: Curve) -> float | None:
    """LRA in LU: from the 10th to the 95th percentile of what is louder than -70 LUFS and than 20 LU under the mean of
    that. None under 3 s, and for silence."""
    if tens.size < _SHORT_TERM:
        return None
    windows = _windows(tens, _SHORT_TERM, 10)
    loud = windows[lufs(windows) > meters.ABSOLUTE_GATE_LUFS]
    if loud.size == 0:
        return None
    kept = lufs(loud)
    kept = kept[kept > float(lufs(np.asarray(loud.mean()))) + _RANGE_GATE_LU]
    low, high = np.percentile(kept, [10, 95])
    return float(high - low)
