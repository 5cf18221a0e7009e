"""Skins and hands: kicks, snares, toms, claps and small percussion, each a transient, a body and a tail."""

from __future__ import annotations

import numpy as np

from core.music.composer.synth.modes import ring
from core.music.composer.synth.shape import (
    SAMPLE_RATE,
    Sound,
    biquad,
    burst,
    decay,
    filtered,
    frames_of,
    low,
    noise,
    rise,
    saturate,
    spread,
    times,
)

Rng = np.random.Generator


def _drop(frames: int, from_hz: float, to_hz: float, settle_s: float) -> Sound:
    """A sine falling from one frequency to another; starts at its zero crossing."""
    t = times(frames).astype(np.float64)
    phase = to_hz * t + (from_hz - to_hz) * settle_s * (1 - np.exp(-t / settle_s))
    return np.sin(2 * np.pi * phase).astype(np.float32)


def kick(
    strength: float, rng: Rng, *, hz: float, start_hz: float, drop_s: float, t60: float, click: float, click_hz: float,
    shell: float, drive: float, seconds: float,
) -> Sound:  # fmt: skip
    frames = frames_of(seconds)
    tune = 1 + rng.normal(0, 0.004)
    body = _drop(frames, start_hz * (0.8 + 0.4 * strength), hz * tune, drop_s) * decay(frames, t60)
    knock = _drop(frames, start_hz * 9, start_hz * 2.2, 0.006) * decay(frames, 0.035) * np.float32(click * 0.8)
    beater = burst(rng, frames, 0.022, biquad("band", click_hz, 0.8)) * np.float32(click * (0.3 + strength))
    wood = ring(
        np.array([hz * 2.3, hz * 3.6, hz * 5.2]),
        np.array([0.5, 0.3, 0.2]) * shell,
        [t60 * 0.4, t60 * 0.3, 0.12],
        frames,
    )
    room = burst(rng, frames, t60 * 0.6, biquad("band", 420, 0.6)) * np.float32(shell * 0.12)
    sound = saturate((body + wood + room) * np.float32(0.85), drive) + knock + beater
    return np.asarray(sound * rise(frames, 0.0006), np.float32)


def snare(
    strength: float, rng: Rng, *, hz: float, ring_t60: float, wires: float, wires_t60: float, wires_hz: float,
    crack: float, seconds: float, body: float = 1.0,
) -> Sound:  # fmt: skip
    frames = frames_of(seconds)
    tune = hz * (1 + rng.normal(0, 0.006))
    bend = 1 + 0.35 * strength
    skin = _drop(frames, tune * bend, tune, 0.012) * decay(frames, ring_t60)
    skin += 0.55 * _drop(frames, tune * 1.62 * bend, tune * 1.62, 0.012) * decay(frames, ring_t60 * 0.7)
    modes = np.array([2.14, 2.65, 3.16, 3.6, 4.3])
    skin += ring(tune * modes, 0.12 / modes, ring_t60 / modes * 1.6, frames, rng.random(5) * 0.2)
    hiss = filtered(
        noise(rng, frames, 2),
        biquad("high", wires_hz * 0.32),
        biquad("peak", wires_hz, 0.7, 5.0),
        biquad("low", 10_500),
    )
    # Wires rattle twice: at once with the stroke, and a little longer as the lower head moves against them.
    snap = decay(frames, wires_t60 * 0.45) + 0.45 * decay(frames, wires_t60) * rise(frames, 0.006)
    tick = burst(rng, frames, 0.009, biquad("high", 2800)) * np.float32(crack * (0.3 + strength))
    sound = np.float32(body) * skin + hiss * snap * np.float32(wires * 0.42) + tick
    return saturate(sound * np.float32(0.7), 1.3) * rise(frames, 0.0004)


def rim(strength: float, rng: Rng, *, hz: float = 1650.0) -> Sound:
    frames = frames_of(0.25)
    modes = np.array([0.29, 1.0, 1.47, 2.42, 3.31])
    tone = ring(hz * modes, [0.35, 1.0, 0.5, 0.4, 0.25], [0.09, 0.06, 0.05, 0.035, 0.03], frames)
    tick = burst(rng, frames, 0.012, biquad("high", 1800)) * np.float32(0.4 + 0.3 * strength)
    return spread((tone + tick) * rise(frames, 0.0004), rng, 0.15)


def clap(strength: float, rng: Rng, *, hz: float = 1300.0, tail: float = 0.35) -> Sound:
    frames = frames_of(0.6)
    hiss = filtered(noise(rng, frames, 2), biquad("band", hz, 0.9), biquad("high", 450))
    hiss += filtered(noise(rng, frames, 2), biquad("band", hz * 2.4, 0.8)) * np.float32(0.5)
    env = np.zeros(frames, np.float32)
    for n, level in enumerate((0.8, 0.9, 0.85, 1.0)):
        start = frames_of(0.0105 * n + rng.random() * 0.002)
        env[start:] = np.maximum(env[start:], level * decay(frames - start, 0.045 if n < 3 else tail))
    return hiss * env * np.float32(0.8 + 0.3 * strength)


def tom(strength: float, rng: Rng, *, hz: float, t60: float, drive: float = 1.2, stick: float = 0.3) -> Sound:
    frames = frames_of(min(2.5, t60 * 1.1))
    tune = hz * (1 + rng.normal(0, 0.004))
    body = _drop(frames, tune * (1.3 + 0.5 * strength), tune, 0.03) * decay(frames, t60)
    modes = np.array([1.59, 2.14, 2.30, 2.65, 2.92, 3.5])
    skin = ring(tune * modes, 0.5 / modes**1.4, t60 * 0.55 / modes, frames, rng.random(6) * 0.3)
    air = burst(rng, frames, t60 * 0.35, biquad("band", hz * 3, 0.7)) * np.float32(0.12)
    tap = burst(rng, frames, 0.016, biquad("band", 3200, 0.7)) * np.float32(stick * (0.4 + strength))
    return saturate((body + skin + air) * np.float32(0.8), drive) * rise(frames, 0.0006) + tap


def brush(strength: float, rng: Rng, *, sweep: bool) -> Sound:
    """A wire brush on a coated head: a tap, or a stir that swells and goes."""
    frames = frames_of(0.55 if sweep else 0.35)
    hiss = filtered(noise(rng, frames, 2), biquad("high", 900), biquad("peak", 3600, 0.7, 5.0), biquad("low", 9500))
    grain = np.abs(low(noise(rng, frames), 90)) * np.float32(9.0)
    if sweep:
        t = times(frames)
        env = np.clip(np.sin(np.pi * np.minimum(t / np.float32(0.42), 1)), 0, 1) ** 1.5 * np.float32(0.55)
        return np.asarray(hiss * env * (np.float32(0.6) + grain), np.float32)
    skin = _drop(frames, 230, 195, 0.015) * decay(frames, 0.16) * np.float32(0.5)
    return np.asarray(
        hiss * decay(frames, 0.14 + 0.1 * strength) * (np.float32(0.8) + grain * np.float32(0.3)) + skin, np.float32
    )


def shaker(strength: float, rng: Rng) -> Sound:
    """Many grains in a can: a rush forward, a smaller one back."""
    frames = frames_of(0.22)
    t = times(frames)
    env = np.exp(-(((t - 0.035) / 0.02) ** 2)) + np.float32(0.35) * np.exp(-(((t - 0.085) / 0.03) ** 2))
    grains = (rng.random(frames) < 0.12).astype(np.float32) * noise(rng, frames) * np.float32(2.5)
    tone = filtered(grains, biquad("band", 6200, 1.1), biquad("low", 12_000))
    tone += filtered(grains, biquad("band", 3300, 2.0)) * np.float32(0.4)
    return spread(tone * env * np.float32(0.7 + 0.4 * strength), rng, 0.3)


def tambourine(strength: float, rng: Rng) -> Sound:
    """Loose jingles: bright pairs of modes struck again and again as they settle."""
    frames = frames_of(0.5)
    out = np.zeros((2, frames), np.float32)
    for n in range(9):
        start = int(rng.random() ** 2 * 0.045 * SAMPLE_RATE) + n * 40
        hz = rng.uniform(3600, 10_500, 5)
        pan = rng.uniform(0.3, 0.7)
        jingle = ring(hz, rng.uniform(0.3, 1.0, 5), rng.uniform(0.1, 0.32, 5), frames - start)
        out[0, start:] += np.float32(1 - pan) * jingle
        out[1, start:] += np.float32(pan) * jingle
    skin = burst(rng, frames, 0.05, biquad("band", 900, 0.9)) * np.float32(0.4)
    return out * np.float32(0.35) + skin * np.float32(0.5 + strength * 0.5)


def claves(strength: float, rng: Rng, *, hz: float = 2480.0) -> Sound:
    frames = frames_of(0.3)
    tone = ring([hz, hz * 1.006, hz * 2.71], [0.7, 0.3, 0.14 * (0.5 + strength)], [0.14, 0.1, 0.05], frames)
    tick = burst(rng, frames, 0.004, biquad("high", 3000)) * np.float32(0.2)
    return spread((tone + tick) * rise(frames, 0.0003), rng, 0.12)


def conga(strength: float, rng: Rng, *, hz: float, slap: float = 0.0) -> Sound:
    frames = frames_of(0.6)
    body = _drop(frames, hz * 1.12, hz, 0.02) * decay(frames, 0.42 * (1 - 0.6 * slap))
    skin = ring(hz * np.array([1.9, 2.5, 3.4]), [0.2, 0.14, 0.1], [0.15, 0.1, 0.07], frames)
    palm = burst(rng, frames, 0.03 + 0.05 * slap, biquad("band", 1900 + 1600 * slap, 0.8))
    return (body + skin) * rise(frames, 0.001) + palm * np.float32(0.2 + 0.7 * slap) * np.float32(0.5 + strength)


def taiko(strength: float, rng: Rng, *, hz: float, t60: float) -> Sound:
    """A large low drum in a hall: slow skin, hard sticks, a wide wash."""
    frames = frames_of(min(3.0, t60 * 1.2))
    body = tom(strength, rng, hz=hz, t60=t60, drive=1.8, stick=0.5)
    out = np.zeros((2, frames), np.float32)
    n = min(frames, body.shape[-1])
    out[:, :n] += body[:n]
    wash = filtered(noise(rng, frames, 2), biquad("band", 240, 0.5), biquad("low", 2600))
    return out + wash * decay(frames, t60 * 0.7) * np.float32(0.22) * np.float32(0.4 + strength)
