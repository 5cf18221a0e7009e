"""A look-ahead true-peak limiter that answers with its gain: one curve for all channels and, if need be, all stems.

It works on blocks of 32 frames (0.7 ms): the highest oversampled magnitude of a block says how far the gain must have
come down there; between blocks the gain runs straight. Because only the gain is computed, a mix and its stems stay
sums of each other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.audio.meters import PEAK_BLOCK, oversampled_peaks

Samples = NDArray[np.float32]
Curve = NDArray[np.float32]

LOOK_AHEAD_S = 0.005
RELEASE_DB_PER_S = 200.0
SUSTAIN_S = 0.12
_GUARD_DB = 0.03  # a moving gain shifts the points between samples by a hair
_ATTEMPTS = 5


def reduction_db(peaks: NDArray[np.float32], sample_rate: int, ceiling_dbtp: float) -> NDArray[np.float64]:
    """Gain reduction in dB (0 or more) at the edges of the blocks, one more than there are blocks.

    It begins LOOK_AHEAD_S before a peak and moves along a raised cosine. After a single hit it comes back quickly, at
    RELEASE_DB_PER_S, so that drums keep their loudness; where peaks follow each other it stays near its mean over
    SUSTAIN_S, so that low notes are not bent.
    """
    from scipy.ndimage import convolve1d, maximum_filter1d, uniform_filter1d

    # In place where it can be: of an hour each of these curves is 40 MB.
    needed = np.maximum(peaks.astype(np.float64), 1e-9)
    np.log10(needed, out=needed)
    needed *= 20
    needed -= ceiling_dbtp
    np.maximum(needed, 0.0, out=needed)
    edges = np.zeros(needed.size + 1)
    if not needed.any():
        return edges
    edges[:-1] = needed
    np.maximum(edges[1:], needed, out=edges[1:])
    del needed
    reach = max(1, round(LOOK_AHEAD_S * sample_rate / PEAK_BLOCK))
    released = maximum_filter1d(edges, 2 * reach + 1, mode="nearest")
    del edges
    # Falling by a constant slope from every earlier maximum, as one running maximum of the tilted curve.
    slope = np.arange(released.size) * (RELEASE_DB_PER_S * PEAK_BLOCK / sample_rate)
    released += slope
    np.maximum.accumulate(released, out=released)
    released -= slope
    del slope
    span = max(1, round(SUSTAIN_S * sample_rate / PEAK_BLOCK))
    behind = uniform_filter1d(released, span, mode="constant", origin=(span - 1) // 2)
    np.maximum(released, behind, out=released)
    del behind
    kernel = np.hanning(2 * reach + 3)[1:-1]
    return np.asarray(convolve1d(released, kernel / kernel.sum(), mode="nearest"))


def gain_from(reduction: NDArray[np.float64], frames: int, gain_db: float = 0.0) -> Curve:
    """The reduction as a factor for every frame, times a constant gain."""
    edges: Curve = (10 ** ((gain_db - reduction) / 20)).astype(np.float32)
    if edges.size < 2 or not reduction.any():
        return np.full(frames, edges[0] if edges.size else 1.0, dtype=np.float32)
    ramp = np.arange(PEAK_BLOCK, dtype=np.float32) / PEAK_BLOCK
    curve = edges[:-1, None] + np.diff(edges)[:, None] * ramp
    return np.asarray(curve.reshape(-1)[:frames], dtype=np.float32)


def limit(samples: Samples, sample_rate: int, ceiling_dbtp: float) -> tuple[Samples, Curve]:
    """(samples × curve, curve): no true peak above the ceiling. Where nothing is too loud the curve is exactly 1."""
    frames = samples.shape[1]
    aim = ceiling_dbtp
    most = 10 ** (ceiling_dbtp / 20)
    peaks = oversampled_peaks(samples, 0.9 * most)  # a little lower: the aim may sink below
    if peaks.max(initial=0.0) <= most:
        return samples, np.ones(frames, dtype=np.float32)
    for _ in range(_ATTEMPTS):
        curve = gain_from(reduction_db(peaks, sample_rate, aim - _GUARD_DB), frames)
        limited = samples * curve
        over = 20 * float(np.log10(oversampled_peaks(limited, most).max())) - ceiling_dbtp
        if over <= 0:
            break
        aim -= over + _GUARD_DB
    return limited, curve
