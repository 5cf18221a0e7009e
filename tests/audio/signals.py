"""Signals with known properties, (channels, frames) float32."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.kit.paths import ROOT

Samples = NDArray[np.float32]
RATE = 44100
MEDIA = ROOT / "tests" / "media"
COLLECTION = ROOT.parent / "shared" / "media"
"""A larger collection that may lie beside the repository; what needs it is skipped without it."""


def sine(hertz: float, seconds: float, dbfs: float = -6.0, rate: int = RATE, channels: int = 1) -> Samples:
    wave = 10 ** (dbfs / 20) * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
    return np.repeat(wave[None].astype(np.float32), channels, axis=0)


def noise(seconds: float, level: float = 0.1, channels: int = 2, seed: int = 1, rate: int = RATE) -> Samples:
    random = np.random.default_rng(seed)
    return (random.standard_normal((channels, round(seconds * rate))) * level).astype(np.float32)


def piece(seconds: float = 12.0, bpm: float = 120.0) -> Samples:
    """Chords and a beat with some noise: enough like music to be mastered."""
    count = round(seconds * RATE)
    t = np.arange(count) / RATE
    chord = sum(np.sin(2 * np.pi * f * t) for f in (220.0, 261.63, 329.63)) * 0.08
    beat = np.exp(-((t * bpm / 60) % 1) * 18)
    drum = beat * np.sin(2 * np.pi * 60 * t) * 0.5
    hiss = np.random.default_rng(7).standard_normal((2, count)) * 0.05 * beat
    return (np.stack([chord, chord]) + drum + hiss).astype(np.float32)


def metronome(bpm: float, seconds: float = 20.0) -> Samples:
    count = round(seconds * RATE)
    track = np.zeros(count, dtype=np.float32)
    t = np.arange(round(0.05 * RATE)) / RATE
    click = (np.exp(-t * 80) * np.sin(2 * np.pi * 1000 * t)).astype(np.float32)
    for beat in range(int(seconds * bpm / 60)):
        start = round(beat * 60 / bpm * RATE)
        part = track[start : start + click.size]
        part += click[: part.size] * (0.9 if beat % 4 == 0 else 0.6)
    return track[None]


def db(power_ratio: float) -> float:
    return float(10 * np.log10(power_ratio + 1e-30))


def write(path: Path, samples: Samples, rate: int = RATE, subtype: str = "FLOAT") -> Path:
    import soundfile

    soundfile.write(path, samples.T, rate, subtype=subtype, format="WAV")
    return path
