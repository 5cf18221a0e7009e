"""Reverberation on speech. In music it is a choice, so only what is spoken is judged."""

from __future__ import annotations

import numpy as np

from core.audio.faults.problem import TINY, Problem
from core.audio.spectrum import FRAMES_PER_SECOND, Spectrum, mel_edges

_BAND_HZ = (300.0, 4000.0)
_FALL_DB = 12.0
_LONGEST_S = 0.6
_SLOW_S = 0.115
_STEEP_DB = 9.5
_STEP = 5
_SPOKEN = 0.75
_LEAST_PEAKS = 8


def reverb(spectrum: Spectrum, speech: float) -> list[Problem]:
    """How long the voice takes to fall by 12 dB after its peaks: 40 to 90 ms in a dry room, since syllables end; twice as
    long where a room goes on ringing. `speech` is the share of it that is speech."""
    if speech < _SPOKEN or spectrum.frames < 2 * FRAMES_PER_SECOND:
        return []
    hertz = mel_edges(spectrum.sample_rate)[1:-1]
    band = (hertz > _BAND_HZ[0]) & (hertz < _BAND_HZ[1])
    level = 10 * np.log10((10 ** (spectrum.mel_db[band].astype(np.float64) / 10)).sum(axis=0) + TINY)
    loud = float(np.percentile(level, 95)) - 15
    peaks = np.flatnonzero((level[1:-1] >= level[:-2]) & (level[1:-1] > level[2:]) & (level[1:-1] > loud)) + 1
    if peaks.size < _LEAST_PEAKS:
        return []
    reach = round(_LONGEST_S * FRAMES_PER_SECOND)
    after = np.pad(level, (0, reach), constant_values=-200.0)[peaks[:, None] + np.arange(reach)]
    fallen = after < level[peaks, None] - _FALL_DB
    times = np.where(fallen.any(axis=1), fallen.argmax(axis=1), reach) / FRAMES_PER_SECOND
    quick = float(np.percentile(times, 20))
    drops = (level[:-_STEP] - level[_STEP:])[level[:-_STEP] > loud]
    if quick < _SLOW_S or float(np.percentile(drops, 90)) > _STEEP_DB:
        return []
    rings = quick * 60 / _FALL_DB
    detail = f"The room rings on after the voice, for about {rings:.1f} s."
    return [Problem("reverb", 0.0, spectrum.frames / FRAMES_PER_SECOND, detail)]
