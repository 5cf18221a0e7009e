"""How long the room rings after the voice. A voice rises and falls equally fast; a room delays only the fall.

core.audio.faults.reverb judges whole files of any kind and has to keep silent about much; here it is known to be speech.
"""

from __future__ import annotations

import numpy as np

from core.audio.spectrum import FRAMES_PER_SECOND
from core.voice.references.hearing import Frames, Heard

_BANDS_HZ = ((300.0, 700.0), (700.0, 1500.0), (1500.0, 3500.0))
_ALL_HZ = (300.0, 4000.0)
_STEP = 5
_FALL_DB, _LONGEST = 12.0, 60
_NEAR_TOP_DB, _PEAK_DB = 20.0, 15.0
_LEAST_PEAKS, _LEAST_SPEECH = 8, 150
_DRY_RATIO = 0.75
"""Falling over rising speed: 0.66 to 1 in dry rooms, 0.45 to 0.65 where it rings."""


def ring_s(heard: Heard) -> float | None:
    """Time to fall by 60 dB, as the quickest fifth of the falls after the peaks tells it; 0 where the voice falls as fast
    as it rises. None where there is too little speech."""
    if heard.speaking.sum() < _LEAST_SPEECH:
        return None
    levels = [10 * np.log10(heard.power(*band)) for band in _BANDS_HZ]
    if float(np.mean([_fall_over_rise(level) for level in levels])) > _DRY_RATIO:
        return 0.0
    level = 10 * np.log10(heard.power(*_ALL_HZ))
    top = float(np.percentile(level, 95)) - _PEAK_DB
    peaks = np.flatnonzero((level[1:-1] >= level[:-2]) & (level[1:-1] > level[2:]) & (level[1:-1] > top)) + 1
    if peaks.size < _LEAST_PEAKS:
        return None
    after = np.pad(level, (0, _LONGEST), constant_values=-200.0)[peaks[:, None] + np.arange(_LONGEST)]
    fallen = after < level[peaks, None] - _FALL_DB
    frames = np.where(fallen.any(axis=1), fallen.argmax(axis=1), _LONGEST)
    return float(np.percentile(frames, 20)) / FRAMES_PER_SECOND * 60 / _FALL_DB


def _fall_over_rise(level: Frames) -> float:
    moved = level[_STEP:] - level[:-_STEP]
    loud = np.maximum(level[_STEP:], level[:-_STEP]) > np.percentile(level, 95) - _NEAR_TOP_DB
    rise, fall = np.percentile(moved[loud], [95, 5])
    return float(-fall / max(rise, 0.1))
