"""Loudness, cut peaks and silence, by the meters and detectors of core.audio."""

from __future__ import annotations

import numpy as np

from core.audio.faults.clipping import clipping
from core.audio.faults.level import levels, silences
from core.audio.r128 import integrated, powers
from core.voice.references.hearing import Heard, Samples


def loudness_lufs(heard: Heard) -> float | None:
    """Of the loudest channel, so that channels which cancel each other are not taken for a soft voice. None for silence."""
    loudest = int(np.square(heard.samples, dtype=np.float64).sum(axis=1).argmax())
    return integrated(powers(heard.samples[loudest : loudest + 1], heard.sample_rate))


def clipped_s(samples: Samples, sample_rate: int) -> float:
    """Seconds in which peaks are cut off flat, told as long as no codec came after the cut."""
    return float(sum(problem.end_s - problem.start_s + 0.001 for problem in clipping(samples, sample_rate)))


def silent_s(samples: Samples, sample_rate: int) -> float:
    """Seconds of stretches of a second and more under -75 dBFS: nothing was recorded there, not even a room."""
    seconds = samples.shape[1] / sample_rate
    return float(sum(problem.end_s - problem.start_s for problem in silences(levels(samples, sample_rate), seconds)))


def empty(samples: Samples) -> bool:
    return not np.any(np.abs(samples) > 10 ** (-75 / 20))
