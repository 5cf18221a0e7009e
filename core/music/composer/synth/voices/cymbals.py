"""Cymbals and hats: dense inharmonic modes, since flat noise is what makes synthetic metal sound cheap."""

from __future__ import annotations

import numpy as np

from core.music.composer.synth.modes import ring
from core.music.composer.synth.shape import (
    Sound,
    biquad,
    burst,
    filtered,
    frames_of,
    high,
    low,
    rise,
)

Rng = np.random.Generator


def _plate(
    rng: Rng, frames: int, *, count: int, low_hz: float, high_hz: float, t60: float, damping_hz: float, tilt: float
) -> Sound:
    """Modes of a thin plate: nearly even density, highs dying faster, each with its own place in the image."""
    spaced = np.linspace(0, 1, count) ** 1.15
    hz = low_hz + (high_hz - low_hz) * spaced + rng.normal(0, (high_hz - low_hz) / count * 0.6, count)
    hz = np.abs(hz) + 60
    level = rng.rayleigh(1.0, count) * (hz / low_hz) ** tilt
    lengths = t60 * rng.uniform(0.6, 1.3, count) / (1 + (hz / damping_hz) ** 2)
    side = rng.uniform(-0.55, 0.55, count)
    sound = ring(hz, level * np.stack([1 - side, 1 + side]), lengths, frames, rng.random(count))
    return sound / np.float32(np.sqrt(count))


def hat(
    strength: float, rng: Rng, *, t60: float, bright: float = 1.0, synthetic: float = 0.0, seconds: float = 0.4
) -> Sound:
    """`t60` short: closed; long: open. `synthetic` mixes in the six square waves of early drum machines."""
    frames = frames_of(seconds)
    fixed = np.random.default_rng(5)  # one pair of hats: every stroke has the same metal, struck anew
    metal = _plate(fixed, frames, count=280, low_hz=2300, high_hz=16_500, t60=t60 * 1.3, damping_hz=13_000, tilt=-0.15)
    fizz = burst(rng, frames, t60 * 0.8, biquad("high", 5200), biquad("low", 14_000), channels=2)
    stick = burst(rng, frames, 0.011, biquad("band", 4300, 0.8))
    sound = metal * np.float32(0.9 - 0.5 * synthetic) + fizz * np.float32(0.4) + stick * np.float32(0.5 * strength)
    if synthetic:
        base = np.array([205.3, 304.4, 369.6, 522.7, 540.0, 800.0]) * (1 + rng.normal(0, 0.002))
        odd = np.arange(1, 40, 2)
        hz = np.outer(base, odd).ravel()
        square = ring(hz, np.tile(1 / odd, 6), t60, frames, rng.random(hz.size))
        sound = sound + high(high(square, 6800), 6800) * np.float32(1.6 * synthetic)
    tone = filtered(
        sound, biquad("high", 2800), biquad("high_shelf", 8500, 0.7, 4.0 * (bright - 1) - 3.0 * (1 - strength))
    )
    return tone * rise(frames, 0.0005)


def pedal(strength: float, rng: Rng) -> Sound:
    """The foot: two plates meeting, duller than the stick."""
    return low(hat(strength * 0.6, rng, t60=0.07, seconds=0.22), 7500)


def crash(strength: float, rng: Rng, *, t60: float = 3.2, dark: float = 0.0) -> Sound:
    frames = frames_of(min(4.0, t60 * 1.1))
    metal = _plate(
        rng, frames, count=480, low_hz=320, high_hz=15_500, t60=t60, damping_hz=7000 - 2500 * dark, tilt=0.12
    )
    # Energy climbs from the stick's low modes to the highs within some 40 ms, then the highs go first.
    wash = burst(rng, frames, t60 * 0.5, biquad("band", 5200 - 1800 * dark, 0.45), channels=2)
    bloom = rise(frames, 0.03)
    stroke = burst(rng, frames, 0.03, biquad("band", 2600, 0.6)) * np.float32(0.5 * strength)
    sound = (metal * np.float32(0.9) + wash * np.float32(0.3)) * (np.float32(0.35) + np.float32(0.65) * bloom) + stroke
    return filtered(sound, biquad("high", 260), biquad("high_shelf", 9000, 0.7, -2.0 - 4 * dark)) * rise(frames, 0.001)


def ride(strength: float, rng: Rng, *, bell: bool = False) -> Sound:
    """A ping that stays clear over a low wash; on the bell, a few strong partials."""
    frames = frames_of(2.2)
    fixed = np.random.default_rng(9)
    wash = _plate(fixed, frames, count=300, low_hz=420, high_hz=14_000, t60=2.6, damping_hz=8000, tilt=0.0)
    strong = np.array([640, 1010, 1490, 2350, 3210, 4480, 5390]) * (1 + rng.normal(0, 0.001))
    levels = np.array([0.9, 1.0, 0.8, 0.9, 0.6, 0.5, 0.3]) if bell else np.array([0.08, 0.1, 0.14, 0.3, 0.4, 0.4, 0.3])
    ping = ring(strong, levels, [1.6, 1.5, 1.3, 1.1, 0.9, 0.7, 0.5], frames, rng.random(7))
    tip = burst(rng, frames, 0.016, biquad("high", 3200)) * np.float32(0.45 + 0.4 * strength)
    sound = wash * np.float32(0.16 + 0.3 * strength) + ping * np.float32(0.22) + tip
    return filtered(sound, biquad("high", 380), biquad("high_shelf", 9000, 0.7, -1.5)) * rise(frames, 0.0006)
