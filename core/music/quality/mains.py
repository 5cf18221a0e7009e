"""Mains hum under music that never pauses, where the detector of core.audio.faults.noise, which waits for quiet moments,
hears nothing: over half a minute hum is a line a thirtieth of a hertz wide, which stands above everything beside it.

Notes do not lie there: none comes within a hertz of a multiple of 50 or 60 Hz. What repeats by the beat has lines too, but
each is like the next, at most 3.4 Hz away (up to 200 BPM).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_RATE = 2000
_LONGEST_S = 30.0
_SHORTEST_S = 8.0
_MAINS = (50.0, 60.0)
_HARMONICS = (1, 2, 3, 4, 5, 6)
_LINES = 3
_OFF_HZ = 0.1
"""How far the mains may be off, at the fundamental."""
_BESIDE_HZ = (0.45, 3.4)
_ABOVE_DB = 6.0
_FLOOR_DB = -80.0


def lines(mono: NDArray[np.float32], sample_rate: int) -> tuple[float, ...]:
    """The multiples of 50 or 60 Hz that stand as lines, three at least; empty: no hum, or too short to tell."""
    from core.audio.effects import resample

    low = resample(mono[None, : round(_LONGEST_S * sample_rate)], sample_rate, _RATE)[0].astype(np.float64)
    if low.size < _SHORTEST_S * _RATE:
        return ()
    window = np.hanning(low.size)
    db = 20 * np.log10(np.abs(np.fft.rfft(low * window)) / (window.sum() / 2) + 1e-12)
    hertz = np.arange(db.size, dtype=np.float64) * _RATE / low.size
    for mains in _MAINS:
        found = tuple(mains * times for times in _HARMONICS if _stands(db, hertz, mains, times))
        if len(found) >= _LINES:
            return found
    return ()


def _stands(db: NDArray[np.float64], hertz: NDArray[np.float64], mains: float, times: int) -> bool:
    away = np.abs(hertz - mains * times)
    here = float(db[away <= _OFF_HZ * min(times, 3)].max(initial=-200.0))
    beside = float(db[(away >= _BESIDE_HZ[0]) & (away <= _BESIDE_HZ[1])].max(initial=-200.0))
    return here - beside > _ABOVE_DB and here > _FLOOR_DB
