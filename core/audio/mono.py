"""One channel to listen to, whatever the layout."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.audio.files import Samples, to_mono


def heard(samples: Samples) -> NDArray[np.float32]:
    """(frames,): the mean of left and right; where the channels cancel each other the louder one stands for both."""
    if samples.shape[0] == 1:
        return np.asarray(samples[0])
    if samples.shape[0] > 8:
        return np.ascontiguousarray(samples.mean(axis=0, dtype=np.float32))
    mono = to_mono(samples)[0]
    power = np.einsum("cn,cn->c", samples, samples, dtype=np.float64)
    if float(np.dot(mono, mono)) < 0.01 * power.sum() / samples.shape[0]:
        mono = samples[int(power.argmax())]
    return np.ascontiguousarray(mono)
