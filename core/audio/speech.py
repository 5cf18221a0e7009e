"""Is it speech? Told from how the spectrum moves, second by second, without a neural model.

Speech comes in syllables, four or five a second, with pauses; its spectrum swings between vowels and consonants and its
loud moments lie between 300 and 3,400 Hz. A logistic regression over ten such figures of two-second windows; how it
scores on files it was not fitted on stands in data/reference/analysis_card.json under "speech".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.audio.spectrum import FRAMES_PER_SECOND, Spectrum, mel_edges

WINDOW_S, HOP_S = 2.0, 0.5
_SILENT_DB = -65.0
_EPS = 1e-9

# Fitted by tests/bench/speech_fit.py on the tuning half: means, spreads and weights of the features, in their order.
MEANS = np.asarray([0.3708, 0.4392, 0.1231, 4.5717, 0.0584, -0.5221, -0.6808, -2.9986, 0.7317, 0.7717])
SPREADS = np.asarray([0.1956, 0.2086, 0.1145, 3.3945, 0.1382, 0.3663, 0.91, 0.9703, 0.4046, 0.217])
WEIGHTS = np.asarray([-0.3578, -0.3146, 0.4864, 1.2275, 0.1453, 3.5782, 0.3961, 0.0139, 1.8308, 0.328])
BIAS = -2.095


def windows(spectrum: Spectrum) -> NDArray[np.float64]:
    """Probability of speech of every window, 0 where it is silent. Files under 0.5 s have no window."""
    features, silent = measured(spectrum)
    if features.shape[0] == 0:
        return np.zeros(0)
    return np.where(silent, 0.0, 1 / (1 + np.exp(-((features - MEANS) / SPREADS @ WEIGHTS + BIAS))))


def share_of(spectrum: Spectrum) -> float:
    """0 to 1: the part of the windows that is speech."""
    told = windows(spectrum)
    return float((told > 0.5).mean()) if told.size else 0.0


def measured(spectrum: Spectrum) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """((n, 10) features, (n,) silent)."""
    count = spectrum.frames
    size = min(count, round(WINDOW_S * FRAMES_PER_SECOND))
    if size < FRAMES_PER_SECOND // 2:
        return np.zeros((0, 10)), np.zeros(0, dtype=bool)
    starts = np.arange(0, count - size + 1, round(HOP_S * FRAMES_PER_SECOND))
    hertz = mel_edges(spectrum.sample_rate)[1:-1]
    power = 10 ** (spectrum.mel_db / 10)
    level = 10 * np.log10(power.sum(axis=0) + _EPS)
    voice = (hertz > 300) & (hertz < 3400)
    low, high = hertz < 200, hertz > 5000
    coarse = np.maximum(spectrum.mel_db, -80).reshape(10, -1, count).mean(axis=1)
    shape = coarse - coarse.mean(axis=0)
    rows, silent = [], []
    hann = np.hanning(size)
    rates = np.fft.rfftfreq(size, 1 / FRAMES_PER_SECOND)
    syllables, slow, quick = (rates >= 2.5) & (rates <= 8), (rates > 0) & (rates < 2.5), rates > 8
    for start in starts:
        here = slice(start, start + size)
        loud = level[here]
        silent.append(bool(np.percentile(loud, 90) < _SILENT_DB))
        top = float(np.percentile(loud, 90))
        near = np.maximum(loud, top - 40)
        swing = np.square(np.abs(np.fft.rfft((near - near.mean()) * hann)))
        whole = float(swing.sum()) + _EPS
        part = power[:, here].sum(axis=1) + _EPS
        moved = np.abs(np.diff(shape[:, here], axis=1))
        bright = np.log2(np.maximum(spectrum.centroid_hz[here], 50))
        rows.append([
            float(swing[syllables].sum() / whole), float(swing[slow].sum() / whole), float(swing[quick].sum() / whole),
            float(near.std()), float((loud < top - 20).mean()),
            float(np.log10(part[voice].sum() / part.sum())), float(np.log10(part[low].sum() / part.sum() + 1e-6)),
            float(np.log10((part[high].sum() if high.any() else 0.0) / part.sum() + 1e-6)),
            float(bright[loud > top - 30].std()), float(moved.mean()),
        ])  # fmt: skip
    return np.asarray(rows), np.asarray(silent)
