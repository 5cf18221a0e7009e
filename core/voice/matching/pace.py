"""How fast somebody speaks: peaks of loudness a second while speaking, which are about the syllables."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.voice.matching.world import FRAMES_PER_SECOND, Analysed, hertz

_BAND_HZ = (300.0, 2500.0)
_SMOOTH_S = 0.05
_RISE_DB = 2.0
_UNDER_TOP_DB = 25.0
_LONGEST_GAP_S = 0.25
"""A longer rest is a pause, and no time in which somebody speaks."""


def peaks_per_second(found: Analysed) -> float:
    """0 where nobody speaks for a second."""
    from scipy.ndimage import gaussian_filter1d
    from scipy.signal import find_peaks

    band = (hertz() > _BAND_HZ[0]) & (hertz() < _BAND_HZ[1])
    level = 10 * np.log10(gaussian_filter1d(found.envelope[:, band].mean(axis=1), 2) + 1e-12)
    level = gaussian_filter1d(level, _SMOOTH_S * FRAMES_PER_SECOND / 2)
    if not found.voiced.any():
        return 0.0
    top = float(np.percentile(level[found.voiced], 95))
    at, _ = find_peaks(np.maximum(level, top - 40), height=top - _UNDER_TOP_DB, prominence=_RISE_DB)
    near = found.voiced[np.minimum(at, found.voiced.size - 1)]
    seconds = speaking(found.voiced).sum() / FRAMES_PER_SECOND
    return float(near.sum() / seconds) if seconds >= 1.0 else 0.0


def speaking(voiced: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """From the first voiced frame to the last, without pauses."""
    at = np.flatnonzero(voiced)
    told = np.zeros(voiced.size, dtype=bool)
    if at.size == 0:
        return told
    cuts = np.flatnonzero(np.diff(at) > _LONGEST_GAP_S * FRAMES_PER_SECOND) + 1
    for run in np.split(at, cuts):
        told[run[0] : run[-1] + 1] = True
    return told
