"""The frequency scale on which two voices are compared: bands even in hearing (ERB rate), so that a formant counts alike
wherever it lies."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np

from core.voice.matching.world import Frames, hertz

BANDS = 64
LOWEST_HZ, HIGHEST_HZ = 100.0, 10_500.0
LEVEL_HZ = (300.0, 3400.0)
"""Where a spectrum's level is taken: any recording holds it."""
BREATH_HZ = (0.0, 1000.0, 2000.0, 3500.0, 5500.0, 8000.0)
"""Edges of the bands of aperiodicity; the last goes on to the top."""
_TINY = 1e-16


def erb(frequency: Frames) -> Frames:
    """ERB rate (Glasberg and Moore 1990)."""
    return np.asarray(21.4 * np.log10(1 + 0.00437 * frequency))


def centres() -> Frames:
    """(BANDS,) Hz."""
    low, high = erb(np.asarray([LOWEST_HZ, HIGHEST_HZ]))
    return np.asarray((10 ** (np.linspace(low, high, BANDS) / 21.4) - 1) / 0.00437)


@cache
def _matrix() -> Frames:
    """(bins, BANDS): triangles that reach to the neighbours, one bin wide at least."""
    middle = centres()
    edges = np.concatenate([[2 * middle[0] - middle[1]], middle, [2 * middle[-1] - middle[-2]]])
    bins = hertz()
    left, right = edges[:-2, None], edges[2:, None]
    width = bins[1]
    rise = (bins - left) / np.maximum(middle[:, None] - left, width)
    fall = (right - bins) / np.maximum(right - middle[:, None], width)
    matrix = np.maximum(0.0, np.minimum(rise, fall))
    for band in np.flatnonzero(matrix.sum(axis=1) < 1e-3):
        matrix[band, round(middle[band] / width)] = 1.0
    return np.ascontiguousarray((matrix / matrix.sum(axis=1, keepdims=True)).T)


def banded_db(envelope: Frames) -> Frames:
    """(n, BANDS) dB of an envelope (n, bins)."""
    return np.asarray(10 * np.log10(envelope @ _matrix() + _TINY))


def levelled(bands_db: Frames) -> Frames:
    """(…, BANDS) without its level."""
    middle = centres()
    inside = (middle >= LEVEL_HZ[0]) & (middle <= LEVEL_HZ[1])
    return np.asarray(bands_db - bands_db[..., inside].mean(axis=-1, keepdims=True))


def on_bins(bands: Frames) -> Frames:
    """(bins,): a curve over the bands as one over the frequencies of an envelope, flat beyond the ends."""
    return np.asarray(np.interp(erb(hertz()), erb(centres()), bands))


def breath_db(aperiodicity: Frames) -> Frames:
    """(n, len(BREATH_HZ)) mean level of the noise share by band, 0 dB where all is noise."""
    edges = [int(np.searchsorted(hertz(), edge)) for edge in BREATH_HZ] + [hertz().size]
    rows = [aperiodicity[:, first:last].mean(axis=1) for first, last in pairwise(edges)]
    return np.asarray(20 * np.log10(np.maximum(np.stack(rows, axis=1), 1e-3)))
