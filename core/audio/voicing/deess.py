"""A split-band de-esser: where the band of the s stands out of the voice, that band alone is turned down, for as long.

The band is cut out without delay (the filter runs forwards and backwards), so that what is not turned down comes out bit
for bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.audio.voicing.levels import VoiceLevel, voice_level

Samples = NDArray[np.float32]

BAND_HZ = (4500.0, 9000.0)
_STEPS_PER_SECOND = 400
_LEAST_RATE_HZ = 12_000
_TINY = 1e-12


@dataclass(frozen=True)
class DeessSettings:
    ratio_db: float = -8.0
    """Band over whole: a vowel has it at -20 to -40 dB, an s near 0."""
    level_db: float = -16.0
    """Band over the speaking voice: a soft s stays as it is."""
    ratio: float = 3.0
    most_db: float = 8.0
    """More than this, and it lisps."""
    attack_ms: float = 2.5
    release_ms: float = 40.0


def deess(
    samples: Samples, sample_rate: int, settings: DeessSettings | None = None, level: VoiceLevel | None = None
) -> Samples:
    """`level`: of the whole, where these samples are a stretch of it. Untouched below 12 kHz, where there is no such
    band."""
    chosen = settings or DeessSettings()
    known = level or voice_level(samples, sample_rate)
    if known is None or sample_rate < _LEAST_RATE_HZ or samples.shape[1] < sample_rate // 20:
        return samples
    sibilants = band(samples, sample_rate)
    reduction = reduction_db(samples, sibilants, sample_rate, known.speech_db, chosen)
    if not reduction.any():
        return samples
    at = (np.arange(reduction.size) + 0.5) * (samples.shape[1] / reduction.size)
    gain = 10 ** (-np.interp(np.arange(samples.shape[1]), at, reduction) / 20)
    return np.asarray(samples - sibilants * (1 - gain).astype(np.float32), dtype=np.float32)


def band(samples: Samples, sample_rate: int) -> Samples:
    """4.5 to 9 kHz, in phase with the whole."""
    from scipy.signal import butter, sosfiltfilt

    high = min(BAND_HZ[1], 0.45 * sample_rate)
    sections = butter(2, (BAND_HZ[0], high), btype="bandpass", fs=sample_rate, output="sos")
    return np.asarray(sosfiltfilt(sections, samples, axis=1), dtype=np.float32)


def reduction_db(
    samples: Samples, sibilants: Samples, sample_rate: int, speech_db: float, settings: DeessSettings
) -> NDArray[np.float64]:
    """What the band loses in every 2.5 ms, 0 or more; the same for all channels."""
    band_db, whole_db = _power_db(sibilants, sample_rate), _power_db(samples, sample_rate)
    over = np.minimum(band_db - whole_db - settings.ratio_db, band_db - speech_db - settings.level_db)
    wanted = np.clip(over * (1 - 1 / settings.ratio), 0, settings.most_db)
    index = np.arange(wanted.size)
    # Straight lines up before the s and down after it: a running maximum of the tilted curve from either side.
    down = settings.most_db / max(1.0, settings.release_ms * _STEPS_PER_SECOND / 1000)
    rise = settings.most_db / max(1.0, settings.attack_ms * _STEPS_PER_SECOND / 1000)
    after = np.maximum.accumulate(wanted + index * down) - index * down
    return np.asarray(np.maximum.accumulate((after - index * rise)[::-1])[::-1] + index * rise)


def _power_db(samples: Samples, sample_rate: int) -> NDArray[np.float64]:
    from scipy.ndimage import uniform_filter1d

    count = max(1, samples.shape[1] * _STEPS_PER_SECOND // sample_rate)
    edges = np.arange(count) * samples.shape[1] // count
    power = np.add.reduceat(np.square(samples, dtype=np.float64).mean(axis=0), edges)
    power /= np.diff([*edges.tolist(), samples.shape[1]])
    return np.asarray(10 * np.log10(uniform_filter1d(power, 3, mode="nearest") + _TINY))
