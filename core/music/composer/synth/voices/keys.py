"""Keyboards. Every voice is (pitch, strength 0..1, frames, rng) -> (frames,) or (2, frames)."""

from __future__ import annotations

import numpy as np

from core.music.composer.synth import waves
from core.music.composer.synth.modes import ring
from core.music.composer.synth.shape import (
    Sound,
    biquad,
    burst,
    filtered,
    pitch_hz,
    rise,
    saturate,
    spread,
    times,
)


def _piano(pitch: int, strength: float, frames: int, rng: np.random.Generator, *, felt: bool) -> Sound:
    f0 = pitch_hz(pitch)
    # String stiffness by key, after published tunings of grands: least around C3, steep towards the top.
    stiffness = 3.2e-4 * 2 ** ((pitch - 60) / 9.5) if pitch > 45 else 1.1e-4 * 2 ** ((45 - pitch) / 18)
    n = np.arange(1, max(2, min(70, int(15_000 / f0))) + 1, dtype=np.float64)
    hz = n * f0 * np.sqrt((1 + stiffness * n * n) / (1 + stiffness))
    hammer_hz = (420 if felt else 900) * (0.6 + 2.6 * strength) * 2 ** ((pitch - 60) / 30)
    level = np.abs(np.sin(np.pi * n * 0.122)) / n**0.65
    level *= 1 / (1 + (hz / hammer_hz) ** (2.0 if felt else 1.55))
    level *= 10 ** (rng.normal(0, 1.4, n.size) / 20)
    body = 1 + waves.formants(hz, (120, 90, 0.5), (400, 300, 0.35), (1100, 900, 0.45), (2600, 1800, 0.5))
    level *= body
    t60 = np.clip(17.0 * 2 ** (-(pitch - 36) / 19), 0.7, 22) / (1 + 0.045 * n + (hz / 3300) ** 1.3)
    if felt:
        t60 *= 0.7
    # Three strings a key, a fraction of a cent apart: the beating and the two-stage decay of a real note.
    detune = np.array([-0.55, 0.05, 0.6]) * (1 + rng.normal(0, 0.15)) * (1.0 if pitch > 40 else 0.4)
    freqs, amps, decays = [], [], []
    for string, share, length in zip(detune, (0.5, 0.32, 0.18), (0.42, 1.0, 1.9), strict=True):
        freqs.append(hz * 2 ** (string / 1200))
        amps.append(level * share)
        decays.append(t60 * length)
    place = np.clip((pitch - 62) / 60, -0.5, 0.5)
    side = np.clip(place + rng.normal(0, 0.22, n.size), -0.8, 0.8)
    pan = np.stack([np.sqrt(1 - side), np.sqrt(1 + side)])
    sound = ring(
        np.concatenate(freqs), np.concatenate(amps) * np.tile(pan, 3), np.concatenate(decays), frames,
        np.tile(rng.random(n.size) * 0.12, 3),
    )  # fmt: skip
    # The hammer: a knock through the soundboard, and a little felt against steel above it.
    thump = burst(rng, frames, 0.16, biquad("band", 95, 1.2), channels=2)
    knock = burst(rng, frames, 0.045, biquad("band", min(2600, f0 * 6), 0.6), channels=2)
    sound /= np.abs(sound).max() + 1e-9
    sound += thump * (0.9 if felt else 0.5) * (0.5 + strength) * 0.5 + knock * (0.035 if felt else 0.06) * strength
    if felt:
        sound = filtered(sound, biquad("low", 3600), biquad("peak", 260, 0.8, 2.0))
    return sound * rise(frames, 0.004 if felt else 0.0015)


def grand_piano(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    return _piano(pitch, strength, frames, rng, felt=False)


def felt_piano(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    return _piano(pitch, strength, frames, rng, felt=True)


def electric_piano(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    """A tine before a magnetic pickup: a nearly pure tone, bent by the pickup's field as it swings wider."""
    f0 = pitch_hz(pitch)
    t60 = float(np.clip(9.0 * 2 ** (-(pitch - 48) / 22), 1.5, 12))
    swing = ring([f0, f0 * 2 ** (0.6 / 1200)], [0.75, 0.25], [t60 * 0.7, t60 * 1.3], frames)
    tine = ring([f0 * 6.27, f0 * 9.1, f0 * 17.5], np.array([0.22, 0.1, 0.06]) * strength, [0.7, 0.3, 0.1], frames)
    drive = 0.7 + 2.2 * strength
    offset = 0.36
    position = drive * swing + np.float32(offset)
    voltage: Sound = position / (1 + position * position) - np.float32(offset / (1 + offset**2))
    voltage = voltage / (np.abs(voltage).max() + 1e-9)
    thud = burst(rng, frames, 0.05, biquad("band", 180, 0.9)) * np.float32(0.25)
    tone = filtered(voltage + tine + thud, biquad("low_shelf", 250, 0.7, -2.0), biquad("low", 7500))
    # Suitcase tremolo: the amplifier swings between its two sides.
    lfo = np.sin(2 * np.pi * (4.6 * times(frames) + rng.random())).astype(np.float32) * np.float32(0.16)
    return np.stack([tone * (1 + lfo), tone * (1 - lfo)]) * rise(frames, 0.0015)


def organ(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    """Drawbars with tonewheel leakage, key click and a rotating speaker."""
    f0 = pitch_hz(pitch)
    ratios = np.array([0.5, 1, 1.4983, 2, 2.9966, 4, 5.0397, 5.9932, 8])
    bars = np.array([0.62, 0.9, 0.38, 0.55, 0.24, 0.3, 0.07 + 0.1 * strength, 0.06 + 0.12 * strength, 0.18])
    hz = ratios * f0
    # The horn's turning shifts every partial's phase by a sine, which is a row of Bessel-weighted sidebands.
    from scipy.special import jv

    speed, start, order = 6.3, rng.random(), np.arange(-2, 3)
    depth = np.minimum(1.2, hz * 0.00035)
    lines = (hz[:, None] + order * speed).ravel()
    level = (bars[:, None] * jv(order, depth[:, None])).ravel()
    out = [
        ring(lines, level, np.inf, frames, np.tile(order * (start + side), hz.size))
        * (1 + 0.14 * np.sin(2 * np.pi * (speed * times(frames) + start + side))).astype(np.float32)
        for side in (0.0, 0.27)
    ]
    sound = saturate(np.stack(out) * np.float32(0.35), 1.1 + strength)
    click = burst(rng, frames, 0.012, biquad("high", 2200)) * np.float32(0.06)
    return (sound + click) * rise(frames, 0.004)


def music_box(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    """A steel comb: the tooth's tone, its clamped-bar overtones and the pin that plucks it."""
    f0 = pitch_hz(pitch)
    t60 = float(np.clip(3.6 * 2 ** (-(pitch - 72) / 20), 0.8, 6))
    tone = ring(
        [f0, f0 * 2 ** (1.1 / 1200), f0 * 2.01, f0 * 6.24, f0 * 17.1],
        np.array([0.7, 0.3, 0.07, 0.22 * (0.4 + strength), 0.05]),
        [t60, t60 * 1.5, t60 * 0.5, t60 * 0.22, 0.12],
        frames,
    )
    pin = burst(rng, frames, 0.02, biquad("high", 3500)) * np.float32(0.10)
    box = burst(rng, frames, 0.07, biquad("band", 620, 3.0)) * np.float32(0.12)
    return spread((tone + pin + box) * rise(frames, 0.0008), rng, 0.25)


def _bars(
    pitch: int, frames: int, rng: np.random.Generator, ratios: list[float], levels: list[float], t60: list[float],
    mallet_hz: float, mallet: float, width: float,
) -> Sound:  # fmt: skip
    f0 = pitch_hz(pitch)
    tone = ring(np.array(ratios) * f0, levels, t60, frames)
    tap = burst(rng, frames, 0.028, biquad("low", mallet_hz)) * np.float32(mallet)
    return spread((tone + tap) * rise(frames, 0.0012), rng, width)


def marimba(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    base = float(np.clip(1.9 * 2 ** (-(pitch - 48) / 15), 0.25, 3))
    return _bars(
        pitch, frames, rng, [1, 3.99, 9.85, 18.0], [1, 0.26 * (0.4 + strength), 0.09 * strength, 0.03 * strength],
        [base, base * 0.28, base * 0.1, 0.04], 1500 + 2500 * strength, 0.35, 0.3,
    )  # fmt: skip


def vibraphone(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    base = float(np.clip(8.0 * 2 ** (-(pitch - 60) / 20), 2, 11))
    tone = _bars(
        pitch, frames, rng, [1, 1.0006, 4.0, 10.4], [0.7, 0.3, 0.2 * (0.4 + strength), 0.06 * strength],
        [base, base, base * 0.3, base * 0.08], 1800, 0.12, 0.3,
    )  # fmt: skip
    # The motor opens and closes the resonator tubes.
    lfo = np.sin(2 * np.pi * (4.9 * times(frames) + rng.random())).astype(np.float32)
    return np.asarray(tone * (1 - 0.16 + 0.16 * lfo), np.float32)


def bell(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    """A bright struck plate, tuned so that its strike note is the written one."""
    base = float(np.clip(5.5 * 2 ** (-(pitch - 72) / 24), 1.5, 8))
    pairs = np.array([1, 1.0011, 2.0, 2.76, 3.0, 4.1, 5.4, 6.8, 8.93])
    levels = np.array([0.88, 0.12, 0.3, 0.34, 0.14, 0.12, 0.2, 0.05, 0.07]) * (pairs ** (0.35 * (strength - 0.6)))
    return _bars(pitch, frames, rng, list(pairs), list(levels), list(base / (0.6 + 0.4 * pairs)), 6000, 0.1, 0.35)
