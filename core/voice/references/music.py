"""Is there music under the voice? Told from what sounds between the words and from tones that hold.

A voice glides, so in a window of 0.37 s its harmonics above 500 Hz smear, while a held note stands as a line. Drums have
no lines: they show as unsteady, bright or low sound in the pauses. A logistic regression over eight such figures, fitted
by tests/bench/reference_fit.py on the tuning half.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.audio.effects import resample
from core.voice.references.hearing import PAUSING, Frames, Heard
from core.voice.references.noise import snr_db

_RATE, _WINDOW, _HOP = 11025, 4096, 1102
_LINES_HZ = (500.0, 3000.0)
_SURROUNDINGS = 41
_HIGHEST = 10
_LINE_DB, _HELD = 10.0, 5
_LEAST_S, _LEAST_SPEECH = 2.5, 30
_AT_ONCE = 64

# Means, spreads and weights of the figures of measured(), in their order.
MEANS = np.asarray([11.8458, -1.5996, 9.866, -18.7605, 26.3113, 1.1078, -30.3296, 4.9494])
SPREADS = np.asarray([5.503, 1.7064, 2.8513, 12.2788, 13.8145, 0.5188, 11.8994, 3.8637])
WEIGHTS = np.asarray([3.1329, 2.1311, -1.9349, 3.1719, -0.5519, 2.68, -0.0437, 0.9974])
BIAS = -2.0255


def likelihood(heard: Heard) -> float | None:
    """0 to 1; None where there is too little to tell."""
    found = measured(heard)
    return None if found is None else float(1 / (1 + np.exp(-((found - MEANS) / SPREADS @ WEIGHTS + BIAS))))


def measured(heard: Heard) -> Frames | None:
    """(8,): lines in the pauses, lines held, lines in the smoothest moments, bass against voice, SNR, and how much the
    sound between the words moves, how bright it is and how unsteady."""
    snr = snr_db(heard)
    if heard.seconds < _LEAST_S or snr is None:
        return None
    lines = _lines(heard)
    loud = lines.max_db > np.percentile(lines.max_db, 95) - 60
    highest = np.sort(lines.heights, axis=1)[:, -_HIGHEST:].mean(axis=1)
    at = np.arange(highest.size) * _HOP / _RATE * 100
    resting = np.interp(at, np.arange(heard.activity.size), heard.activity) < PAUSING
    smooth = float(np.percentile(highest[loud], 20))
    full = heard.power(80, 8000)
    between = heard.activity < 0.5
    if between.sum() < _LEAST_SPEECH:
        between = full < np.percentile(full, 25)
    voice = float(np.percentile(heard.power(150, 4000), 90))
    top = float(np.percentile(full, 90))
    bands = np.maximum(heard.spectrum.mel_db, heard.spectrum.mel_db.max() - 70)
    pauses = heard.pausing if heard.pausing.sum() > 20 else between
    return np.asarray([
        float(highest[resting].mean()) if resting.sum() >= 2 else smooth,
        float(np.log(lines.held[loud].mean() + 0.05)),
        smooth,
        _db(float(np.percentile(heard.power(30, 90), 90)), voice),
        snr,
        float(np.abs(np.diff(bands, axis=1))[:, between[1:]].mean()),
        _db(float(heard.power(5000, 8000)[between].mean()), top),
        float((10 * np.log10(full[pauses] + 1e-9)).std()),
    ])  # fmt: skip


def _db(power: float, reference: float) -> float:
    return float(np.clip(10 * np.log10((power + 1e-12) / (reference + 1e-12)), -60, 60))


class _Lines:
    def __init__(self, heights: NDArray[np.float32], max_db: NDArray[np.float32]) -> None:
        self.heights = heights
        """(n, bins) dB over the surroundings at local tops, 0 elsewhere; ten frames a second."""
        self.max_db = max_db
        """(n,)"""
        here = heights > _LINE_DB
        near = here.copy()
        near[:, 1:] |= here[:, :-1]
        near[:, :-1] |= here[:, 1:]
        held = here.copy()
        for step in range(1, _HELD):
            later = np.zeros_like(here)
            later[:-step] = near[step:]
            held &= later
        self.held = held.sum(axis=1)
        """(n,) lines that go on for half a second."""


def _lines(heard: Heard) -> _Lines:
    from scipy.ndimage import median_filter

    low = resample(heard.mono[None], heard.sample_rate, _RATE)[0]
    runs = np.lib.stride_tricks.sliding_window_view(np.pad(low, (_WINDOW // 2, _WINDOW)), _WINDOW)[::_HOP]
    window = np.hanning(_WINDOW).astype(np.float32)
    window /= window.sum()
    hertz = np.fft.rfftfreq(_WINDOW, 1 / _RATE)
    band = (hertz > _LINES_HZ[0]) & (hertz < _LINES_HZ[1])
    heights, tops = [], []
    for first in range(0, runs.shape[0], _AT_ONCE):
        level = 20 * np.log10(np.abs(np.fft.rfft(runs[first : first + _AT_ONCE] * window, axis=1))[:, band] + 1e-7)
        over = level - median_filter(level, size=(1, _SURROUNDINGS))
        peak = (over[:, 1:-1] >= over[:, :-2]) & (over[:, 1:-1] > over[:, 2:])
        heights.append(np.where(peak, over[:, 1:-1], 0.0).astype(np.float32))
        tops.append(level.max(axis=1).astype(np.float32))
    return _Lines(np.concatenate(heights), np.concatenate(tops))
