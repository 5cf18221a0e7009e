"""Does the voice change on the way? The timbre of two seconds of voiced speech wanders less within one speaker than from
one speaker to the next.

Told of people who speak in turn. Two who speak at the same time sound like one strange voice to this, and pass.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.audio.effects import resample
from core.voice.references.hearing import Frames, Heard

_RATE, _WINDOW, _HOP = 8000, 512, 80
_LAGS = (20, 130)  # 400 to 62 Hz
_VOICED, _LOUD = 0.6, 10**-2.5
_COEFFICIENTS = slice(1, 15)
_RANGE_DB = 60.0
_SPAN, _EVERY, _LEAST_SPEAKING, _LEAST_VOICED = 150, 50, 60, 25
_LEAST_SPANS = 5
_INDEPENDENT = 10  # voiced frames of a span that are worth one of their own
_OCTAVE_SPREAD = 0.08
_MIDDLE, _NORMAL_WIDTH = (15, 85), 2.073
"""One odd span, a laugh or a breath, is no other speaker: the middle 70 % of the spans tell the variance."""


def wandering(heard: Heard) -> float | None:
    """Variance, from the middle of the spans, of timbre and pitch from span to span, summed over the coefficients, each in units of what chance alone
    would do within a span. None under about 4 s of speech."""
    from scipy.fft import dct

    levels = np.maximum(heard.spectrum.mel_db, heard.spectrum.mel_db.max() - _RANGE_DB).T
    timbre = dct(levels.astype(np.float64), axis=1, norm="ortho")[:, _COEFFICIENTS]
    hertz, voicing = _pitch(heard)
    count = min(hertz.size, timbre.shape[0])
    timbre, hertz = timbre[:count], hertz[:count]
    speaking = heard.speaking[:count]
    power = heard.power(150, 4000)[:count]
    loud = power > np.percentile(power[speaking], 90) * _LOUD if speaking.any() else speaking
    voiced = speaking & (voicing[:count] > _VOICED) & loud
    spans = []
    for start in range(0, count - _SPAN + 1, _EVERY):
        here = np.arange(start, start + _SPAN)
        sung = here[voiced[here]]
        if speaking[here].sum() >= _LEAST_SPEAKING and sung.size >= _LEAST_VOICED:
            spans.append(np.append(timbre[sung].mean(axis=0), np.median(np.log2(hertz[sung]))))
    if len(spans) < _LEAST_SPANS:
        return None
    chance = np.append(timbre[voiced].std(axis=0) / _INDEPENDENT**0.5, _OCTAVE_SPREAD)
    low, high = np.percentile(np.asarray(spans) / np.maximum(chance, 1e-6), _MIDDLE, axis=0)
    return float(np.square((high - low) / _NORMAL_WIDTH).sum())


def _pitch(heard: Heard) -> tuple[Frames, Frames]:
    """(Hz, how periodic from 0 to 1) of every hundredth of a second, by autocorrelation."""
    low = resample(heard.mono[None], heard.sample_rate, _RATE)[0]
    runs = np.lib.stride_tricks.sliding_window_view(np.pad(low, (_WINDOW // 2, _WINDOW)), _WINDOW)[::_HOP]
    hann = np.hanning(_WINDOW).astype(np.float32)
    own = _correlation(hann[None])[0]
    found = _correlation(runs[: heard.activity.size] * hann)
    ratio = found / (own / own[0] + 1e-3) / (found[:, :1] + 1e-9)
    best = ratio[:, _LAGS[0] : _LAGS[1]].argmax(axis=1) + _LAGS[0]
    return _RATE / best, ratio[np.arange(best.size), best]


def _correlation(runs: NDArray[np.float32]) -> Frames:
    power = np.square(np.abs(np.fft.rfft(runs, 2 * _WINDOW, axis=1)))
    return np.asarray(np.fft.irfft(power)[:, :_WINDOW], dtype=np.float64)
