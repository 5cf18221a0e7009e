"""Signal primitives of the voices: filters, envelopes, noise, saturation. Arrays are (channels, frames) or (frames,)."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 44_100

Sound = NDArray[np.float32]
Section = tuple[float, float, float, float, float, float]
Kind = Literal["low", "high", "band", "peak", "low_shelf", "high_shelf"]


def frames_of(seconds: float) -> int:
    return max(1, round(seconds * SAMPLE_RATE))


def times(frames: int) -> NDArray[np.float32]:
    """Seconds since the onset, one value a sample."""
    return np.arange(frames, dtype=np.float32) / np.float32(SAMPLE_RATE)


def pitch_hz(pitch: float) -> float:
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


@lru_cache(maxsize=1024)
def biquad(kind: Kind, hz: float, q: float = 0.7071, db: float = 0.0) -> Section:
    """One second-order section after R. Bristow-Johnson's Audio EQ Cookbook."""
    hz = min(max(hz, 10.0), SAMPLE_RATE * 0.47)
    w = 2 * math.pi * hz / SAMPLE_RATE
    cos, alpha, a = math.cos(w), math.sin(w) / (2 * q), 10 ** (db / 40)
    if kind == "low":
        b, d = ((1 - cos) / 2, 1 - cos, (1 - cos) / 2), (1 + alpha, -2 * cos, 1 - alpha)
    elif kind == "high":
        b, d = ((1 + cos) / 2, -1 - cos, (1 + cos) / 2), (1 + alpha, -2 * cos, 1 - alpha)
    elif kind == "band":
        b, d = (alpha, 0.0, -alpha), (1 + alpha, -2 * cos, 1 - alpha)
    elif kind == "peak":
        b, d = (1 + alpha * a, -2 * cos, 1 - alpha * a), (1 + alpha / a, -2 * cos, 1 - alpha / a)
    else:
        sign = 1 if kind == "low_shelf" else -1
        root = 2 * math.sqrt(a) * alpha
        b = (
            a * ((a + 1) - sign * (a - 1) * cos + root),
            sign * 2 * a * ((a - 1) - sign * (a + 1) * cos),
            a * ((a + 1) - sign * (a - 1) * cos - root),
        )
        d = (
            (a + 1) + sign * (a - 1) * cos + root,
            -sign * 2 * ((a - 1) + sign * (a + 1) * cos),
            (a + 1) + sign * (a - 1) * cos - root,
        )
    return (b[0] / d[0], b[1] / d[0], b[2] / d[0], 1.0, d[1] / d[0], d[2] / d[0])


def filtered(sound: Sound, *sections: Section) -> Sound:
    from scipy.signal import sosfilt

    return np.asarray(sosfilt(np.array(sections), sound, axis=-1), np.float32)


class Filter:
    """The same filters, window after window: joined, the windows are sample for sample what filtered() makes of the whole."""

    def __init__(self, *sections: Section) -> None:
        self._sections = np.array(sections)
        self._state: NDArray[np.float64] | None = None

    def next(self, sound: Sound) -> Sound:
        from scipy.signal import sosfilt

        if self._state is None:
            self._state = np.zeros((len(self._sections), *sound.shape[:-1], 2))
        out, self._state = sosfilt(self._sections, sound, axis=-1, zi=self._state)
        return np.asarray(out, np.float32)


def low(sound: Sound, hz: float, q: float = 0.7071) -> Sound:
    return filtered(sound, biquad("low", hz, q))


def high(sound: Sound, hz: float, q: float = 0.7071) -> Sound:
    return filtered(sound, biquad("high", hz, q))


def band(sound: Sound, hz: float, q: float = 1.0) -> Sound:
    return filtered(sound, biquad("band", hz, q))


def noise(rng: np.random.Generator, frames: int, channels: int = 1) -> Sound:
    white = rng.standard_normal((channels, frames), dtype=np.float32)
    return white if channels > 1 else white[0]


def burst(rng: np.random.Generator, frames: int, t60_s: float, *sections: Section, channels: int = 1) -> Sound:
    """Filtered noise that dies away: clicks, knocks, breaths. Nothing is computed past its end."""
    n = min(frames, frames_of(t60_s * 1.35))
    sound = np.zeros((channels, frames), np.float32)
    sound[:, :n] = filtered(noise(rng, n, channels), *sections) * decay(n, t60_s)
    return sound if channels > 1 else sound[0]


def decay(frames: int, t60_s: float) -> Sound:
    """Falls by 60 dB in t60_s."""
    return np.asarray(np.exp(times(frames) * np.float32(-6.9078 / t60_s)), np.float32)


def rise(frames: int, seconds: float) -> Sound:
    """A raised-cosine onset, then one."""
    env = np.ones(frames, np.float32)
    n = min(frames, max(1, round(seconds * SAMPLE_RATE)))
    env[:n] = 0.5 - 0.5 * np.cos(np.pi * np.arange(n, dtype=np.float32) / np.float32(n))
    return env


def swell(frames: int, attack_s: float, settle_s: float, level: float) -> Sound:
    """A raised-cosine onset to one, then an exponential settling to `level`."""
    t = np.maximum(times(frames) - np.float32(attack_s), 0)
    env: Sound = np.float32(level) + np.float32(1 - level) * np.exp(-t / np.float32(settle_s))
    return env * rise(frames, attack_s)


def fall(sound: Sound, seconds: float) -> Sound:
    """The same array with its last `seconds` faded out (in place)."""
    n = min(sound.shape[-1], frames_of(seconds))
    sound[..., -n:] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(n, dtype=np.float32) / np.float32(n))
    return sound


def saturate(sound: Sound, drive: float, bias: float = 0.0) -> Sound:
    """tanh with unity small-signal gain removed: loud parts round off, `bias` adds even harmonics."""
    shaped: Sound = np.tanh(np.float32(drive) * sound + np.float32(bias)) - np.float32(math.tanh(bias))
    return shaped / np.float32(math.tanh(drive))


def spread(mono: Sound, rng: np.random.Generator, width: float) -> Sound:
    """A mono sound as (2, frames): lows stay in the middle, the rest gets a short decorrelated side signal.

    The side is an all-pass-like sparse echo added to one channel and taken from the other, so the mono sum is
    exactly the input.
    """
    side = np.zeros_like(mono)
    for _ in range(4):
        delay = int(rng.integers(90, 700))
        sign = 1.0 if rng.random() < 0.5 else -1.0
        side[delay:] += np.float32(sign * 0.5) * mono[: max(0, mono.shape[-1] - delay)]
    side = high(side, 350.0) * np.float32(width)
    return np.stack([mono + side, mono - side])
