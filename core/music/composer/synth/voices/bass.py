"""Basses. Their lows are mono: what lies under 150 Hz is the same in both channels."""

from __future__ import annotations

import numpy as np

from core.music.composer.synth import waves
from core.music.composer.synth.modes import lowpass_gain, ring, swept
from core.music.composer.synth.shape import (
    Sound,
    biquad,
    burst,
    decay,
    filtered,
    high,
    low,
    pitch_hz,
    rise,
    saturate,
    times,
)
from core.music.composer.synth.voices.plucks import string


def upright_bass(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    tone = string(
        pitch, strength, frames, rng, point=0.31, bright_hz=780, t60=3.4, damping=0.08, stiffness=9e-5, slope=0.7
    )
    wood = (biquad("peak", 95, 1.2, 3.5), biquad("peak", 210, 1.4, 2.0), biquad("peak", 850, 0.9, 4.0))
    finger = burst(rng, frames, 0.035, biquad("band", 1100, 0.7)) * np.float32(0.10 * (0.5 + strength))
    thump = ring([62, 118], [0.14, 0.1], [0.12, 0.09], frames)
    return filtered(tone + finger + thump, *wood) * rise(frames, 0.004)


def electric_bass(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    tone = string(
        pitch, strength, frames, rng, point=0.19, bright_hz=1500, t60=6.5, damping=0.07, stiffness=6e-5, slope=0.6,
        pickup=0.11,
    )  # fmt: skip
    finger = burst(rng, frames, 0.022, biquad("band", 1700, 0.7)) * np.float32(0.09 * (0.4 + strength))
    amp = (biquad("peak", 95, 0.9, 2.5), biquad("peak", 380, 0.8, -2.0), biquad("peak", 1300, 0.8, 4.0))
    driven = saturate(filtered(tone + finger, *amp) * np.float32(0.8), 1.5 + 0.8 * strength, 0.06)
    return low(driven, 5200) * rise(frames, 0.002)


def synth_bass(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    """Saw and square an octave apart behind a resonant filter that closes, over a steady sine."""
    f0 = pitch_hz(pitch)
    n = waves.harmonics(f0, 120)
    wave = 1 / n + 0.6 * np.where(n % 2 == 1, 1 / n, 0.0)
    opened = wave * lowpass_gain(n * f0, 1500 + 3200 * strength, 1.8, 0.9)
    closed = wave * lowpass_gain(n * f0, 330 + f0, 1.8, 0.7)
    turns = rng.random() * n * 0.2
    tone = swept(
        np.concatenate([n * f0, n * f0 * 2 ** (4 / 1200)]),
        np.concatenate([opened, 0.7 * opened]) * (np.tile(n, 2) > 1),
        np.concatenate([closed, 0.7 * closed]) * (np.tile(n, 2) > 1),
        0.13, frames, np.tile(turns, 2),
    )  # fmt: skip
    sub = ring([f0], [1.25], np.inf, frames)
    return saturate((tone * np.float32(0.8) + sub) * np.float32(0.45), 1.6) * rise(frames, 0.004)


def sub_bass(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    """A sine with enough second and third harmonic to be heard on small speakers."""
    f0 = pitch_hz(pitch)
    drop = np.exp(-times(frames) / np.float32(0.018)).astype(np.float64)
    phase = np.cumsum(f0 * (1 + 0.7 * drop * (0.4 + strength))) / 44_100
    tone = np.sin(2 * np.pi * phase).astype(np.float32)
    warm = saturate(tone * np.float32(0.9), 1.5 + 1.4 * strength, 0.18)
    click = burst(rng, frames, 0.008, biquad("high", 900)) * np.float32(0.03)
    return (low(warm, 900) + click) * rise(frames, 0.005) * (0.75 + 0.25 * decay(frames, 2.5))


def reese_bass(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    """Detuned saws beating under a slowly opening filter; the sub stays single and in the middle."""
    f0 = pitch_hz(pitch)
    n = waves.harmonics(f0, 110)
    level = 1 / n
    first = level * lowpass_gain(n * f0, 420 + f0, 1.7, 0.8) * (n > 1)
    last = level * lowpass_gain(n * f0, 950 + 1500 * strength, 1.7, 0.8) * (n > 1)
    sides = []
    for cents in ((-14.0, -3.0, 8.0), (-8.0, 3.0, 14.0)):
        hz = np.concatenate([n * f0 * 2 ** (c / 1200) for c in cents])
        sides.append(
            swept(
                hz, np.tile(first, 3), np.tile(last, 3), 0.5, frames, np.repeat(rng.random(3), n.size) * np.tile(n, 3)
            )
        )
    wide = saturate(np.stack(sides) * np.float32(0.3), 1.4)
    side = high(high((wide[0] - wide[1]) * np.float32(0.5), 170), 170)
    middle = wide.mean(axis=0) + ring([f0], [0.5], np.inf, frames)
    return np.stack([middle + side, middle - side]) * rise(frames, 0.012)
