"""Hiss under music that never pauses, where the detector of core.audio.faults.noise, which waits for quiet moments, hears
nothing: minimum statistics above 9 kHz.

What music has up there comes and goes, and falls with the frequency; noise stays, and is as strong at 15 kHz as at 9. So the
least that each band ever has is the noise's own, if there is any: level from band to band, and hardly less than what the
band often has. Looked for in the middle and in the side, where music leaves more room.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Samples = NDArray[np.float32]

_WINDOW_S = 0.0464
_MOST, _AT_ONCE = 4000, 256
"""Windows looked at, spread over the piece; and at one time."""
_EDGES_HZ = (9000.0, 10_500.0, 12_000.0, 13_500.0, 15_000.0)
_PERCENTILES = (1, 5, 20)
_LEVEL_DB = 2.5
"""From the strongest to the weakest band. Clean music of the tuning half: 4.2 and more, with hiss up to 1.2."""
_STEADY_DB = 3.2
"""From the 1st to the 20th percentile in time. Clean: 4.4 and more, with hiss up to 2.3; white noise alone: 1."""
_UNDER_DB = (6.0, 40.0)
"""As loud as the noise may be against the whole; softer is not heard."""
_SOUNDS_DB = -110.0
"""Of a window in these bands: digital silence tells nothing."""


def under_db(samples: Samples, sample_rate: int) -> float | None:
    """How far under the programme steady noise lies that reaches over all frequencies; None: none is heard, or the rate
    leaves no room to tell."""
    if sample_rate < 2 * _EDGES_HZ[-1] or samples.shape[1] < 2 * sample_rate:
        return None
    programme = float(np.square(samples, dtype=np.float64).mean())
    signals = [samples.mean(axis=0)]
    if samples.shape[0] == 2:
        signals.append((samples[0] - samples[1]) / 2)  # what lies in the middle and in the side adds up to the whole
    noise = sum(_steady(signal, sample_rate) for signal in signals)
    under = 10 * float(np.log10((programme + 1e-12) / noise)) if noise else 0.0
    return under if _UNDER_DB[0] < under < _UNDER_DB[1] else None


def _steady(signal: Samples, sample_rate: int) -> float:
    """Power of the steady noise; 0 where what lies there is none."""
    levels = _bands_db(np.ascontiguousarray(signal), sample_rate)
    levels = levels[:, levels.max(axis=0) > _SOUNDS_DB]
    if levels.shape[1] < 20:
        return 0.0
    least, low, often = np.percentile(levels, _PERCENTILES, axis=1)
    level = float(low.max() - low.min()) <= _LEVEL_DB
    steady = float((often - least).mean()) <= _STEADY_DB
    return float((10 ** (low / 10)).mean()) if level and steady else 0.0


def _bands_db(signal: Samples, sample_rate: int) -> NDArray[np.float64]:
    """(bands, windows): the level a noise would have over all frequencies that is as strong as the band."""
    size = int(2 ** round(np.log2(_WINDOW_S * sample_rate)))
    window = np.hanning(size).astype(np.float32)
    window /= np.sqrt(np.square(window).sum())
    runs = sliding_window_view(signal, size)[:: max(size // 2, signal.size // _MOST)]
    edges = np.searchsorted(np.fft.rfftfreq(size, 1 / sample_rate), _EDGES_HZ)
    blocks = []
    for first in range(0, runs.shape[0], _AT_ONCE):
        power = np.square(np.abs(np.fft.rfft(runs[first : first + _AT_ONCE] * window, axis=1)[:, edges[0] : edges[-1]]))
        sums = np.add.reduceat(power, edges[:-1] - edges[0], axis=1)
        blocks.append((sums / np.diff(edges)).T)
    return np.asarray(10 * np.log10(np.concatenate(blocks, axis=1, dtype=np.float64) + 1e-16))
