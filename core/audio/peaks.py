"""Peaks of a sound that comes in blocks: between the samples as BS.1770-5 means them, and as a waveform to look at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.audio.meters import PEAK_BLOCK, oversampled_peaks

Floats = NDArray[np.float32]

_EDGE_BLOCKS = 2
"""Of PEAK_BLOCK frames: what the interpolation filter reads on either side. Nearer to a cut it sees a step that is not
in the sound, and would read up to 0.8 dB too much."""
_EDGE = _EDGE_BLOCKS * PEAK_BLOCK


class TruePeak:
    """What meters.true_peak_dbtp() finds in the whole, whatever the blocks are."""

    def __init__(self) -> None:
        self._highest = 0.0
        self._tail: Floats | None = None
        self._known = 0  # blocks at the start of the tail that are there only for the filter to see

    def feed(self, samples: Floats) -> None:
        self._highest = max(self._highest, float(samples.max(initial=0.0)), -float(samples.min(initial=0.0)))
        joined = samples if self._tail is None else np.concatenate([self._tail, samples], axis=1)
        whole = joined.shape[1] // PEAK_BLOCK - _EDGE_BLOCKS
        if whole <= _EDGE_BLOCKS:
            self._tail = joined.copy()
            return
        self._highest = max(self._highest, self._between(joined, whole))
        self._tail = joined[:, whole * PEAK_BLOCK - _EDGE :].copy()
        self._known = _EDGE_BLOCKS

    def _between(self, samples: Floats, end: int | None = None) -> float:
        """Over the blocks that were not measured before, up to `end`; nothing is measured that cannot be the highest."""
        return float(oversampled_peaks(samples, self._highest)[self._known : end].max(initial=0.0))

    @property
    def dbtp(self) -> float | None:
        """None for digital silence."""
        last = 0.0 if self._tail is None else self._between(self._tail)
        highest = max(self._highest, last)
        return 20 * float(np.log10(highest)) if highest > 0 else None


def tops(samples: Floats, sample_rate: int, per_second: int) -> Floats:
    """The loudest magnitude over all channels, so many times a second."""
    count = max(1, samples.shape[1] * per_second // sample_rate)
    edges = np.arange(count) * samples.shape[1] // count
    high, low = np.maximum.reduceat(samples, edges, axis=1), np.minimum.reduceat(samples, edges, axis=1)
    return np.asarray(np.maximum(high.max(axis=0), -low.min(axis=0)), dtype=np.float32)
