"""What is wrong between the channels, in dB. Mono has neither fault."""

from __future__ import annotations

import numpy as np

from core.audio.files import to_mono
from core.voice.references.hearing import Samples

_TINY = 1e-10
MOST_DB = 90.0


def softer_side_db(samples: Samples) -> float | None:
    """How far the softer of two channels lies under the louder. None for mono, silence, and surround, whose channels may
    rest."""
    if samples.shape[0] != 2 or not samples.any():
        return None
    power = np.square(samples, dtype=np.float64).mean(axis=1) + _TINY
    return float(min(MOST_DB, 10 * np.log10(power.max() / power.min())))


def lost_in_mono_db(samples: Samples) -> float | None:
    """How much softer the mono sum is than the channels are: 0 where they are alike, 3 where they have nothing in common,
    without end where one is the other upside down. One empty side loses 3 dB too: that is not cancelling."""
    if samples.shape[0] < 2 or not samples.any():
        return None
    if samples.shape[0] > 8:
        mixed = samples.mean(axis=0, keepdims=True)
        return _under(np.square(samples, dtype=np.float64).mean(), np.square(mixed, dtype=np.float64).mean())
    mono = to_mono(samples)
    gain = float(np.square(to_mono(np.eye(samples.shape[0], dtype=np.float32))).sum())
    power = float(np.square(samples, dtype=np.float64).mean(axis=1).max())
    return _under(power * max(gain, _TINY) * samples.shape[0] / 2, float(np.square(mono, dtype=np.float64).mean()))


def _under(power: float, mixed: float) -> float:
    return float(np.clip(10 * np.log10((power + _TINY) / (mixed + _TINY)), 0.0, MOST_DB))
