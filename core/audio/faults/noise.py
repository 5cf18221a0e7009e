"""Mains hum and hiss."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.audio.effects import resample
from core.audio.faults.problem import TINY, Problem
from core.audio.spectrum import Spectrum, mel_edges

_HUM_RATE = 2000
_HUM_WINDOW = 4096  # 2 s
_MAINS = (50, 60)
_HARMONICS = (1, 2, 3, 4, 5, 6)
_LINES = 3
_LINE_DB = 8.0
_LINE_FLOOR_DB = -85.0


def hum(mono: NDArray[np.float32], sample_rate: int) -> list[Problem]:
    """Thin lines at three or more of the first six multiples of 50 or 60 Hz, there even in the quietest moments.

    Three notes of music that lie so are rare (49 Hz misses 100 by 2), and none of them sounds without a rest.
    """
    seconds = mono.size / sample_rate
    low = resample(mono[None], sample_rate, _HUM_RATE)[0]
    if low.size < 3 * _HUM_WINDOW:
        return []
    runs = np.lib.stride_tricks.sliding_window_view(low, _HUM_WINDOW)[:: _HUM_WINDOW // 4]
    window = np.blackman(_HUM_WINDOW).astype(np.float32)
    most = round(320 * _HUM_WINDOW / _HUM_RATE)
    spectra = np.abs(np.fft.rfft(runs * (window / window.sum()), axis=1)[:, :most])
    steady = 20 * np.log10(np.percentile(spectra, 20, axis=0) + TINY)
    for mains in _MAINS:
        lines = [h for h in _HARMONICS if _is_line(steady, mains * h, _HUM_RATE / _HUM_WINDOW)]
        if len(lines) >= _LINES:
            places = ", ".join(str(mains * h) for h in lines)
            return [Problem("hum", 0.0, seconds, f"Steady lines at {places} Hz.")]
    return []


def _is_line(steady: NDArray[np.float64], frequency: float, per_bin: float) -> bool:
    centre = round(frequency / per_bin)
    reach, near = round(12 / per_bin), round(2.5 / per_bin)
    if centre - reach < 1 or centre + reach >= steady.size:
        return False
    around = steady[centre - reach : centre + reach + 1]
    here = float(around[reach - 1 : reach + 2].max())
    floor = np.concatenate((around[: reach - near], around[reach + near + 1 :]))
    beside = float(around[reach - near : reach + near + 1].max())
    return here >= beside and here - float(np.percentile(floor, 75)) > _LINE_DB and here > _LINE_FLOOR_DB


_HISS_FROM_HZ = 1500.0
_HISS_UNDER_DB = (7.0, 40.0)  # nearer than that the noise is the programme
_HISS_SMOOTH = 5
_STAY_DB, _STAY_SHARE = 3.0, 0.2
_TIGHT_DB = (0.3, 2.5)
_SMOOTH_DB = 4.5
_HEARD_DB = -48.0
"""A programme softer than this is all noise, and silence is another fault."""


def hiss(seconds: float, spectrum: Spectrum) -> list[Problem]:
    """A floor of noise above 1.5 kHz, 7 to 40 dB under the programme: the band levels come down to it again and
    again, stay there, and stay within the few decibels by which noise sways; and it has no lines."""
    hertz = mel_edges(spectrum.sample_rate)[1:-1]
    bands = hertz > _HISS_FROM_HZ
    if seconds < 2 or bands.sum() < 8:
        return []
    power = 10 ** (spectrum.mel_db.astype(np.float64) / 10)
    loud = float(np.percentile(10 * np.log10(power.sum(axis=0) + TINY), 90))
    if loud < _HEARD_DB:
        return []
    total = np.cumsum(np.pad(power[bands], ((0, 0), (1, 0))), axis=1)
    levels = 10 * np.log10((total[:, _HISS_SMOOTH:] - total[:, :-_HISS_SMOOTH]) / _HISS_SMOOTH + TINY)
    lowest, third, tenth = np.percentile(levels, [1, 3, 10], axis=1)
    under = loud - 10 * float(np.log10((10 ** (third / 10)).sum()))
    stays = float(np.median((levels < third[:, None] + _STAY_DB).mean(axis=1)))
    sway = float(np.median(tenth - lowest))
    uneven = 10 * float(np.log10((10 ** (third / 10)).mean())) - float(third.mean())
    steady = stays > _STAY_SHARE and _TIGHT_DB[0] < sway < _TIGHT_DB[1]
    if not _HISS_UNDER_DB[0] < under < _HISS_UNDER_DB[1] or not steady or uneven > _SMOOTH_DB:
        return []
    return [Problem("hiss", 0.0, seconds, f"Steady noise, {under:.0f} dB under the programme.")]
