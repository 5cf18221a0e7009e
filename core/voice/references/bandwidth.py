"""Up to which frequency the recording holds anything: a file upsampled from 8 kHz is empty above 4 kHz whatever its rate
says."""

from __future__ import annotations

import numpy as np

from core.audio.spectrum import mel_edges
from core.voice.references.hearing import Heard

_LEAST_SPEECH = 30
_EMPTY_DB = 58.0
"""Under the loudest band; fricatives reach 20 to 45 dB under it, the floor of an upsampled file 65 and more."""
_LOUD_MOMENTS = 97


def bandwidth_hz(heard: Heard) -> float | None:
    """The highest frequency that is not empty in the brightest moments; None without speech."""
    if heard.speaking.sum() < _LEAST_SPEECH:
        return None
    levels = np.percentile(heard.spectrum.mel_db[:, heard.speaking], _LOUD_MOMENTS, axis=1)
    full = np.flatnonzero(levels > levels.max() - _EMPTY_DB)
    return float(min(mel_edges(heard.spectrum.sample_rate)[1:-1][full[-1]], heard.sample_rate / 2))
