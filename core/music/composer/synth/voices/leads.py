"""Leads and solo winds: one voice in front, with vibrato that comes late."""

from __future__ import annotations

import numpy as np

from core.music.composer.synth import waves
from core.music.composer.synth.modes import lowpass_gain, swept
from core.music.composer.synth.shape import (
    Sound,
    band,
    biquad,
    decay,
    filtered,
    noise,
    pitch_hz,
    rise,
    spread,
    swell,
    times,
)


def saw_lead(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    """Seven saws, four a side with the centre shared, under a filter that opens and settles."""
    f0 = pitch_hz(pitch)
    n = waves.harmonics(f0, 80)
    level = 1 / n
    first = level * lowpass_gain(n * f0, 5200 + 5500 * strength, 1.2, 0.2)
    last = level * lowpass_gain(n * f0, 2100 + 2600 * strength + f0, 1.2, 0.3)
    sides = []
    for cents in ((-11.0, 0.0, 4.0, 7.0), (-7.0, -4.0, 0.0, 11.0)):
        hz = np.concatenate([n * f0 * 2 ** (c / 1200) for c in cents])
        turns = np.repeat(rng.random(4), n.size) * np.tile(n, 4)
        sides.append(swept(hz, np.tile(first, 4), np.tile(last, 4), 0.25, frames, turns))
    return np.stack(sides) * rise(frames, 0.008)


def square_lead(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    """Two pulses whose widths drift, softly filtered."""
    f0 = pitch_hz(pitch)
    n = waves.harmonics(f0, 70)
    soften = lowpass_gain(n * f0, 2600 + 4200 * strength + f0, 1.1, 0.2)
    phase = waves.phase_of(f0, frames, rng, vibrato_cents=11, rate_hz=5.6, onset_s=0.3)
    half = waves.read(waves.table(soften * np.abs(np.sin(np.pi * n * 0.5)) / n), phase * 0.9989)
    third = waves.read(waves.table(soften * np.abs(np.sin(np.pi * n * 0.34)) / n), phase * 1.0011)
    lfo = np.sin(2 * np.pi * (0.35 * times(frames) + rng.random())).astype(np.float32) * np.float32(0.3)
    return spread((half + third * (0.6 + lfo)) * swell(frames, 0.006, 0.4, 0.75), rng, 0.3)


def soft_lead(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    f0 = pitch_hz(pitch)
    n = waves.harmonics(f0, 24)
    level = np.where(n % 2 == 1, 1 / n**1.9, 0.12 / n) * lowpass_gain(n * f0, 2200 + 2400 * strength + f0, 1.1)
    phase = waves.phase_of(f0, frames, rng, vibrato_cents=12, rate_hz=5.1, onset_s=0.35, scoop_cents=18)
    tone = waves.read(waves.table(level), phase)
    air = band(noise(rng, frames), min(9000, f0 * 5), 1.2) * np.float32(0.02)
    return spread((tone + air) * swell(frames, 0.028, 0.8, 0.8), rng, 0.35)


def flute(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    f0 = pitch_hz(pitch)
    levels = np.array(
        [1.0, 0.42 + 0.25 * strength, 0.2 + 0.25 * strength, 0.06, 0.05 * strength, 0.03 * strength, 0.015]
    )
    phase = waves.phase_of(f0, frames, rng, vibrato_cents=9, rate_hz=5.0, onset_s=0.3, scoop_cents=25)
    tone = waves.read(waves.table(levels[: max(2, int(15_000 / f0))]), phase)
    pulse = 1 + 0.13 * np.sin(2 * np.pi * 5.0 * times(frames)).astype(np.float32) * swell(frames, 0.6, 9.0, 1.0)
    hiss = noise(rng, frames)
    breath = filtered(hiss, biquad("band", min(f0 * 2, 6000), 4)) * np.float32(0.16)
    breath += filtered(hiss, biquad("band", 4200, 0.7)) * np.float32(0.025)
    chiff = filtered(hiss, biquad("band", min(f0 * 3, 7000), 1.5)) * decay(frames, 0.09) * np.float32(0.35 * strength)
    return spread((tone * pulse + breath) * swell(frames, 0.055, 0.5, 0.9) + chiff * rise(frames, 0.01), rng, 0.2)


def whistle(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    f0 = pitch_hz(pitch)
    phase = waves.phase_of(f0, frames, rng, vibrato_cents=13, rate_hz=5.7, onset_s=0.25, scoop_cents=60)
    tone = waves.read(waves.table([1.0, 0.05 + 0.05 * strength, 0.02]), phase)
    breath = band(noise(rng, frames), min(f0, 9000), 3.0) * np.float32(0.14)
    return spread((tone + breath) * swell(frames, 0.04, 0.6, 0.85), rng, 0.2)


def trumpet_muted(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    """A harmon mute: thin lows, a nasal peak near 1.6 kHz, buzz above."""
    f0 = pitch_hz(pitch)
    n = waves.harmonics(f0, 50)
    hz = n * f0
    mute = 0.10 + waves.formants(hz, (900, 500, 0.35), (1650, 700, 1.0), (3200, 1400, 0.55), (5600, 2200, 0.25))
    level = mute / n**0.55 * lowpass_gain(hz, 3500 + 4500 * strength, 1.0)
    level[0] = max(level[0], 0.35 * level.max())
    phase = waves.phase_of(f0, frames, rng, vibrato_cents=10, rate_hz=5.2, onset_s=0.35, scoop_cents=30)
    turns = np.random.default_rng(11).random(n.size) * 1.5
    bright = waves.read(waves.table(level, turns), phase)
    dull = waves.read(waves.table(level * lowpass_gain(hz, 1100 + f0, 1.3), turns), phase)
    open_ = swell(frames, 0.045, 0.35, 0.6)
    air = band(noise(rng, frames), 2400, 0.8) * np.float32(0.02) * np.float32(np.abs(level).max())
    return spread((dull + (bright - dull) * open_ + air) * rise(frames, 0.018), rng, 0.18)
