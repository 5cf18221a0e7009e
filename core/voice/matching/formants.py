"""How long the throat is: from the mean distance of the first four formants, as zoologists size a deer by its roar.

Formants are the poles of a linear prediction from WORLD's envelope, which the pitch does not disturb. The length comes
from the spacing of a uniform tube (Reby and McComb 2003): right within a centimetre or so, better between two voices that
are measured alike.
"""

from __future__ import annotations

import numpy as np

from core.voice.matching.world import Frames, hertz

FORMANTS = 4
_TOP_HZ = 5200.0
_SOUND_CM_S = 35_000.0
_WIDEST_HZ, _LOWEST_HZ = 500.0, 180.0
_EMPHASIS = 0.97
_LEAST = 40


def formants_hz(envelope: Frames, top_hz: float) -> Frames | None:
    """(FORMANTS,) medians over the voiced frames (n, bins) of an envelope that is real up to `top_hz`. None where too few
    frames show four."""
    top = min(_TOP_HZ, top_hz)
    bins = int(np.searchsorted(hertz(), top))
    rate = 2 * float(hertz()[bins - 1])
    order = 2 * round(top / 1000) + 2
    angle = np.linspace(0, np.pi, bins)
    bright = envelope[:, :bins] * np.square(np.abs(1 - _EMPHASIS * np.exp(-1j * angle)))
    poles = _poles(_prediction(np.fft.irfft(bright, axis=1)[:, : order + 1]))
    rows = []
    for both in poles:
        row = both[both.imag > 1e-6]
        at = np.angle(row) * rate / (2 * np.pi)
        wide = -np.log(np.maximum(np.abs(row), 1e-9)) * rate / np.pi
        found = np.sort(at[(wide < _WIDEST_HZ) & (at > _LOWEST_HZ) & (at < 0.97 * top)])
        if found.size >= FORMANTS:
            rows.append(found[:FORMANTS])
    return np.asarray(np.median(rows, axis=0)) if len(rows) >= _LEAST else None


def tract_cm(formants: Frames | None) -> float:
    """0 where it is not known."""
    if formants is None:
        return 0.0
    odd = np.arange(FORMANTS) + 0.5
    spacing_hz = float((formants * odd).sum() / np.square(odd).sum())
    return _SOUND_CM_S / (2 * spacing_hz)


def _prediction(correlation: Frames) -> Frames:
    """(n, order + 1) predictors by Levinson's recursion, all frames at once."""
    count, size = correlation.shape
    found = np.zeros((count, size))
    found[:, 0] = 1.0
    error = correlation[:, 0] * (1 + 1e-6) + 1e-20
    for step in range(1, size):
        reached = (found[:, :step] * correlation[:, step:0:-1]).sum(axis=1)
        reflected = -reached / error
        found[:, 1 : step + 1] += reflected[:, None] * found[:, step - 1 :: -1][:, :step]
        error = error * (1 - np.square(reflected))
    return found


def _poles(predictors: Frames) -> np.ndarray[tuple[int, int], np.dtype[np.complex128]]:
    count, size = predictors.shape
    companion = np.zeros((count, size - 1, size - 1))
    companion[:, 0] = -predictors[:, 1:]
    companion[:, np.arange(1, size - 1), np.arange(size - 2)] = 1.0
    found: np.ndarray[tuple[int, int], np.dtype[np.complex128]] = np.linalg.eigvals(companion).astype(np.complex128)
    return found
