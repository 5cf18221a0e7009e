"""How loud the voice is and how loud the room: what a gate and a de-esser measure themselves against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

FRAMES_PER_SECOND = 100
DIGITAL_SILENCE_DB = -90.0
_FLOOR_PERCENTILE = 5
_FLOOR_BIAS_DB = 2.0
"""The softest twentieth of a noise lies so far under its mean, with frames of 10 ms."""
_TOP_PERCENTILE = 95
_SPEECH_UNDER_TOP_DB = 25.0
_SPEECH_ABOVE_FLOOR_DB = 6.0
_TINY = 1e-12


@dataclass(frozen=True)
class VoiceLevel:
    """In dBFS, RMS."""

    floor_db: float
    """Of the pauses; DIGITAL_SILENCE_DB or less: there is nothing to hear in them."""
    speech_db: float
    """Of the frames in which somebody speaks."""

    @property
    def snr_db(self) -> float:
        return self.speech_db - self.floor_db


def levels_db(samples: Samples, sample_rate: int) -> NDArray[np.float64]:
    """RMS in dBFS of every hundredth of a second, over all channels. Exactly a hundred a second at any rate, so that
    frames of an hour still say when they were (core.audio.faults.level rounds to whole samples)."""
    frames = samples.shape[1]
    if frames == 0:
        return np.zeros(0)
    count = max(1, frames * FRAMES_PER_SECOND // sample_rate)
    edges = np.arange(count) * frames // count
    power = np.add.reduceat(np.square(samples, dtype=np.float64).mean(axis=0), edges)
    return np.asarray(10 * np.log10(power / np.diff([*edges.tolist(), frames]) + _TINY))


def voice_level(samples: Samples, sample_rate: int) -> VoiceLevel | None:
    """None for silence."""
    return of_frames(levels_db(samples, sample_rate))


def of_frames(frames_db: NDArray[np.float64]) -> VoiceLevel | None:
    """`frames_db`: RMS of every 10 ms, as levels_db() gives it, of the whole sound."""
    spoken = speaking(frames_db)
    if not spoken.any():
        return None
    floor = float(np.percentile(frames_db, _FLOOR_PERCENTILE)) + _FLOOR_BIAS_DB
    speech = 10 * float(np.log10(np.mean(10 ** (frames_db[spoken] / 10))))
    return VoiceLevel(min(floor, speech), speech)


def speaking(frames_db: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Frames within 25 dB of the loudest, and well above the floor."""
    if frames_db.size == 0 or float(frames_db.max()) < DIGITAL_SILENCE_DB:
        return np.zeros(frames_db.size, dtype=np.bool_)
    heard = frames_db[frames_db > DIGITAL_SILENCE_DB]
    top = float(np.percentile(heard, _TOP_PERCENTILE))
    floor = float(np.percentile(frames_db, _FLOOR_PERCENTILE))
    least = top - _SPEECH_UNDER_TOP_DB
    if top - floor > 2 * _SPEECH_ABOVE_FLOOR_DB:
        least = max(least, floor + _SPEECH_ABOVE_FLOOR_DB)
    return np.asarray(frames_db >= least)
