"""The meters of core.audio.meters for sound that comes in blocks: the same figures, whatever the blocks are."""

from __future__ import annotations

from math import lcm

import numpy as np
from numpy.typing import NDArray

from core.audio import meters
from core.audio.meters import PEAK_BLOCK, oversampled_peaks

Samples = NDArray[np.float32]
Curve = NDArray[np.float64]

_FRAMES = 1 << 17
_EDGE_BLOCKS = 2
"""Of PEAK_BLOCK frames: what the interpolation filter sees on either side."""


def block_frames(sample_rate: int) -> int:
    """About three seconds, in whole blocks of the limiter and whole hundredths of a second."""
    unit = lcm(PEAK_BLOCK, max(1, round(sample_rate / 100)))
    return unit * max(1, _FRAMES // unit)


class Loudness:
    """Fed with blocks of whole PEAK_BLOCKs, but for the last."""

    def __init__(self, sample_rate: int, *, sums: bool = False) -> None:
        """`sums`: keep them too."""
        self._keeps = sums
        self._sections = meters.k_weighting(sample_rate)
        self._step = max(1, round(sample_rate / 10))
        self._state: NDArray[np.float64] | None = None
        self._left: Curve = np.zeros(0)
        self._tenths: list[Curve] = []
        self._sums: list[Curve] = []
        self._whole, self._frames = 0.0, 0

    def feed(self, samples: Samples) -> None:
        from scipy.signal import sosfilt

        if self._state is None:
            self._state = np.zeros((samples.shape[0], len(self._sections), 2))
        power = np.zeros(samples.shape[1])
        for number, weight in enumerate(meters.weights(samples.shape[0])):
            if weight:
                heard, self._state[number] = sosfilt(
                    self._sections, samples[number].astype(np.float64), zi=self._state[number]
                )
                np.square(heard, out=heard)
                power += heard if weight == 1 else heard * weight
        self._whole, self._frames = self._whole + float(power.sum()), self._frames + power.size
        if self._keeps:
            padded = np.pad(power, (0, -power.size % PEAK_BLOCK))
            self._sums.append(padded.reshape(-1, PEAK_BLOCK).sum(axis=1))
        joined = np.concatenate([self._left, power])
        count = joined.size // self._step
        self._tenths.append(joined[: count * self._step].reshape(count, self._step).mean(axis=1))
        self._left = joined[count * self._step :].copy()

    def taken(self) -> Curve:
        """Power per PEAK_BLOCK, once."""
        sums, self._sums = self._sums, []
        return np.concatenate(sums) if sums else np.zeros(0)

    @property
    def lufs(self) -> float | None:
        """As meters.integrated_lufs()."""
        tenths = np.concatenate(self._tenths) if self._tenths else np.zeros(0)
        if tenths.size < 4:
            return meters.gated(np.asarray([self._whole / self._frames])) if self._frames else None
        return meters.gated(np.convolve(tenths, np.full(4, 0.25), mode="valid"))


class Whole:
    """Loudness of sound that comes in blocks of any length."""

    def __init__(self, sample_rate: int) -> None:
        self._loudness = Loudness(sample_rate)
        self._size = block_frames(sample_rate)
        self._held: list[Samples] = []

    def feed(self, samples: Samples) -> None:
        self._held.append(samples)
        if sum(each.shape[1] for each in self._held) >= self._size:
            joined = np.concatenate(self._held, axis=1)
            whole = joined.shape[1] // self._size * self._size
            self._loudness.feed(joined[:, :whole])
            self._held = [joined[:, whole:].copy()]

    def close(self) -> Loudness:
        if self._held:
            self._loudness.feed(np.concatenate(self._held, axis=1))
            self._held = []
        return self._loudness


class BlockPeaks:
    """What meters.oversampled_peaks() finds in the whole."""

    def __init__(self, above: float = 0.0) -> None:
        self._above = above
        self._found: list[NDArray[np.float32]] = []
        self._tail: Samples | None = None
        self._known = 0

    def feed(self, samples: Samples) -> None:
        joined = samples if self._tail is None else np.concatenate([self._tail, samples], axis=1)
        whole = joined.shape[1] // PEAK_BLOCK - _EDGE_BLOCKS
        if whole <= _EDGE_BLOCKS:
            self._tail = joined.copy()
            return
        self._found.append(oversampled_peaks(joined, self._above)[self._known : whole])
        self._tail = joined[:, (whole - _EDGE_BLOCKS) * PEAK_BLOCK :].copy()
        self._known = _EDGE_BLOCKS

    def close(self) -> NDArray[np.float32]:
        if self._tail is not None:
            self._found.append(oversampled_peaks(self._tail, self._above)[self._known :])
            self._tail = None
        return np.concatenate(self._found) if self._found else np.zeros(0, np.float32)


class Columns:
    """files.peaks() of so many frames."""

    def __init__(self, frames: int, count: int) -> None:
        self._edges = np.minimum(np.arange(count) * frames // max(1, count), max(0, frames - 1))
        self._highest = np.zeros(count, np.float32)
        self._seen = 0

    def feed(self, samples: Samples) -> None:
        loudest = np.abs(samples).max(axis=0)
        last = self._seen + loudest.size
        first = max(0, int(np.searchsorted(self._edges, self._seen, "right")) - 1)
        behind = int(np.searchsorted(self._edges, last, "left"))
        if behind > first:
            starts = np.maximum(self._edges[first:behind] - self._seen, 0)
            found = np.maximum.reduceat(loudest, starts)
            self._highest[first:behind] = np.maximum(self._highest[first:behind], found)
        self._seen = last

    @property
    def columns(self) -> list[int]:
        return [int(value) for value in np.rint(np.clip(np.nan_to_num(self._highest), 0.0, 1.0) * 100)]
