"""Transitions and textures. Only the riser listens to `pitch`; their length is the note's."""
# ruff: noqa: ARG001 -- every voice has the same four arguments

from __future__ import annotations

import numpy as np

from core.music.composer.synth.modes import ring
from core.music.composer.synth.shape import (
    SAMPLE_RATE,
    Sound,
    band,
    biquad,
    burst,
    decay,
    filtered,
    high,
    low,
    noise,
    pitch_hz,
    rise,
    times,
)


def _opening(hiss: Sound, frames: int, first_hz: float, last_hz: float) -> Sound:
    """Noise through a band that climbs: five fixed bands, cross-faded in turn."""
    steps = 5
    place = np.linspace(0, steps - 1, frames, dtype=np.float32)
    out = np.zeros_like(hiss)
    for step in range(steps):
        hz = first_hz * (last_hz / first_hz) ** (step / (steps - 1))
        out += band(hiss, hz, 0.8) * np.clip(1 - np.abs(place - step), 0, 1)
    return out


def riser(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    sweep = _opening(noise(rng, frames, 2), frames, 350, 6500)
    t = np.linspace(0, 1, frames, dtype=np.float64)
    phase = np.cumsum(pitch_hz(48 + pitch % 12) * 2 ** (2 * t**1.5)) / SAMPLE_RATE
    tone = np.zeros(frames, np.float32)
    for k in (1, 2, 3, 5):
        tone += (np.sin(2 * np.pi * k * phase) / k).astype(np.float32)
    grow = (t**1.8).astype(np.float32)
    return (sweep + tone * np.float32(0.12 + 0.1 * strength)) * grow


def noise_swell(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    """A cymbal-like breath that grows and lets go."""
    t = np.linspace(0, 1, frames, dtype=np.float32)
    hiss = filtered(noise(rng, frames, 2), biquad("high", 900), biquad("low", 9000 + 2000 * strength))
    shimmer = high(low(noise(rng, frames, 2), 12_500), 4500) * t
    return np.asarray((hiss * np.float32(0.6) + shimmer) * t**2.2, np.float32)


def impact(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    """A low boom with a falling pitch, a crack in front and dust behind."""
    t = times(frames).astype(np.float64)
    phase = np.cumsum(36 + 60 * np.exp(-t / 0.09)) / SAMPLE_RATE
    boom = np.sin(2 * np.pi * phase).astype(np.float32) * decay(frames, 3.2)
    skin = ring([58, 91, 133, 187, 260], [0.5, 0.4, 0.3, 0.2, 0.15], [2.0, 1.4, 1.0, 0.7, 0.5], frames)
    crack = burst(rng, frames, 0.25, biquad("low", 5200), channels=2) * np.float32(0.35)
    dust = burst(rng, frames, 2.4, biquad("band", 700, 0.5), channels=2) * np.float32(0.12)
    return np.asarray((boom + skin + crack * np.float32(0.5 + strength) + dust) * rise(frames, 0.002), np.float32)


def vinyl_noise(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    """Surface hiss, sparse crackle, a few pops, a trace of rumble."""
    hiss = filtered(noise(rng, frames, 2), biquad("band", 3200, 0.4), biquad("low", 9000)) * np.float32(0.05)
    ticks = np.zeros((2, frames), np.float32)
    for count, size in ((int(frames / SAMPLE_RATE * 22), 0.35), (int(frames / SAMPLE_RATE * 1.5), 1.4)):
        at = rng.integers(0, frames, count)
        loud = (rng.standard_normal(count) * size * rng.random(count) ** 2).astype(np.float32)
        side = rng.random(count).astype(np.float32)
        np.add.at(ticks[0], at, loud * side)
        np.add.at(ticks[1], at, loud * (1 - side))
    crackle = filtered(ticks, biquad("high", 700), biquad("low", 7000))
    rumble = low(noise(rng, frames), 45) * np.float32(0.25)
    return hiss + crackle + rumble
