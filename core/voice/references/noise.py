"""How far the voice stands above what is left when it pauses, and whether that is mains hum."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.audio.effects import resample
from core.voice.references.hearing import Frames, Heard

_BAND_HZ = (80.0, 8000.0)
"""Good recordings have rumble lower down too; it is cut away before a voice is learnt."""
_TYPICAL = 60
"""Percentile of the pauses: breaths and the ends of words are in them too."""
_LEAST_PAUSE = 20
_LEAST_SPEECH = 30
_MOST_DB = 60.0
_FLOOR_PERCENTILE, _FLOOR_BIAS_DB = 5, 2.5
_LOUDEST = 80
_LEAST_S = 3.0


def snr_db(heard: Heard) -> float | None:
    """Power while speaking over power while pausing. Where nobody pauses, the softest moments of every band stand for the pauses; where the noise hides the voice, the loudest fifth of
    the file stands for the voice. None for silence and for less than 3 s. At most 60."""
    speaking, pausing = heard.speaking, heard.pausing
    power = heard.power(*_BAND_HZ)
    if float(power.max(initial=0.0)) < 1e-9:
        return None
    if heard.seconds < _LEAST_S:
        return None
    if speaking.sum() < _LEAST_SPEECH:
        speaking = power >= np.percentile(power, _LOUDEST)
        pausing = power < np.percentile(power, 100 - _LOUDEST)
    noise = float(np.percentile(power[pausing], _TYPICAL)) if pausing.sum() >= _LEAST_PAUSE else _softest(heard)
    both = float(power[speaking].mean())
    return float(np.clip(10 * np.log10(max(both - noise, 1e-3 * both) / max(noise, 1e-12)), -10, _MOST_DB))


def _softest(heard: Heard) -> float:
    edges = np.geomspace(_BAND_HZ[0], _BAND_HZ[1], 9)
    bands: list[Frames] = [heard.power(low, high) for low, high in pairwise(edges)]
    return float(sum(np.percentile(band, _FLOOR_PERCENTILE) for band in bands)) * 10 ** (_FLOOR_BIAS_DB / 10)


_HUM_RATE, _HUM_WINDOW, _HUM_HOP = 1000, 2000, 100
_SOFT = 10
"""Percentile over time: a voice's own low notes come and go, mains never rests."""
_HARMONICS = (1, 2, 3, 4, 5, 6)
_NEAR_HZ, _BESIDE_HZ = 1.0, (6.0, 18.0)
_LINES = 3
_INAUDIBLE = 1e-5


def hum_db(heard: Heard) -> tuple[float | None, str]:
    """How far the third highest of the first six multiples of 50 or of 60 Hz stands above its surroundings in the soft
    moments, in dB; and at which mains frequency. Three lines, because one may be a fan's or a voice's."""
    low = resample(heard.mono[None], heard.sample_rate, _HUM_RATE)[0]
    if low.size < _LEAST_S * _HUM_RATE or not low.any():
        return None, ""
    runs = np.lib.stride_tricks.sliding_window_view(low, _HUM_WINDOW)[::_HUM_HOP]
    window = np.hanning(_HUM_WINDOW)
    size = 2 * _HUM_WINDOW
    soft = 20 * np.log10(
        np.percentile(np.abs(np.fft.rfft(runs * window, size, axis=1)), _SOFT, axis=0) / window.sum() + _INAUDIBLE
    )
    per_hz = size / _HUM_RATE
    heights = {mains: sorted((_above(soft, mains * h, per_hz) for h in _HARMONICS), reverse=True) for mains in (50, 60)}
    mains = max(heights, key=lambda each: heights[each][_LINES - 1])
    return float(heights[mains][_LINES - 1]), f"{mains} Hz"


def _above(soft: NDArray[np.float64], hertz: float, per_hz: float) -> float:
    centre = hertz * per_hz
    here = soft[round(centre - _NEAR_HZ * per_hz) : round(centre + _NEAR_HZ * per_hz) + 1].max()
    near, far = (round(away * per_hz) for away in _BESIDE_HZ)
    at = round(centre)
    beside = np.concatenate([soft[at - far : at - near], soft[at + near : at + far]])
    return float(here - np.percentile(beside, 75))
