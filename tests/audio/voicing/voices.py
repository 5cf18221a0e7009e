"""Signals that behave like a voice as far as a gate or a de-esser can tell, with every part known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
RATE = 44_100


def noise(seconds: float, db: float, seed: int = 1, rate: int = RATE) -> NDArray[np.float64]:
    return np.random.default_rng(seed).standard_normal(round(seconds * rate)) * 10 ** (db / 20)


def vowel(seconds: float, db: float = -20.0, rate: int = RATE) -> NDArray[np.float64]:
    """Harmonics of 120 Hz that fall by 12 dB an octave."""
    time = np.arange(round(seconds * rate)) / rate
    wave = sum(np.sin(2 * np.pi * 120 * n * time + n) / n**2 for n in range(1, 30))
    wave = np.asarray(wave / np.sqrt(np.mean(np.square(wave))))
    return wave * 10 ** (db / 20)


def hiss(seconds: float, db: float, seed: int = 2, rate: int = RATE) -> NDArray[np.float64]:
    """An s: noise between 5 and 8 kHz."""
    from scipy.signal import butter, sosfilt

    sections = butter(4, (5000, 8000), btype="bandpass", fs=rate, output="sos")
    wave = sosfilt(sections, noise(seconds, 0.0, seed, rate))
    return np.asarray(wave / np.sqrt(np.mean(np.square(wave))) * 10 ** (db / 20))


def words(count: int = 6, word_s: float = 0.5, pause_s: float = 0.7, floor_db: float = -60.0) -> Samples:
    """Pause, word, pause, word … pause, over a steady noise floor; every word begins softly, 15 dB down for 60 ms."""
    pieces = [np.zeros(round(pause_s * RATE))]
    for _ in range(count):
        word = vowel(word_s)
        word[: round(0.06 * RATE)] *= 10 ** (-15 / 20)
        pieces += [word, np.zeros(round(pause_s * RATE))]
    whole = np.concatenate(pieces)
    return np.asarray(whole + noise(whole.size / RATE, floor_db)[: whole.size], dtype=np.float32)[None]


def rms_db(samples: NDArray[np.floating]) -> float:
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-15))


def between(samples: Samples, start_s: float, end_s: float, rate: int = RATE) -> Samples:
    return samples[:, round(start_s * rate) : round(end_s * rate)]
