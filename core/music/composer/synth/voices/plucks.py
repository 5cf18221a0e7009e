"""Plucked strings: modes of an ideal string, plucked at a point, heard through a body or a pickup."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.music.composer.synth import waves
from core.music.composer.synth.modes import lowpass_gain, ring, swept
from core.music.composer.synth.shape import (
    SAMPLE_RATE,
    Section,
    Sound,
    band,
    biquad,
    burst,
    decay,
    filtered,
    high,
    noise,
    pitch_hz,
    rise,
    spread,
)


def string(
    pitch: float, strength: float, frames: int, rng: np.random.Generator, *, point: float, bright_hz: float, t60: float,
    damping: float, stiffness: float = 4e-5, slope: float = 0.75, pickup: float = 0.0, partials: int = 60,
) -> Sound:  # fmt: skip
    """`point` and `pickup` are places along the string (0 to 0.5) that silence the harmonics with a node there;
    `damping` says how much faster high partials die. Two polarisations give the slow second decay."""
    f0 = pitch_hz(pitch)
    n = np.arange(1, max(2, min(partials, int(16_000 / f0))) + 1, dtype=np.float64)
    hz = n * f0 * np.sqrt((1 + stiffness * n * n) / (1 + stiffness))
    level = np.abs(np.sin(np.pi * n * (point + rng.normal(0, 0.006)))) / n**slope
    level *= lowpass_gain(hz, bright_hz * (0.55 + 0.9 * strength), 1.0)
    if pickup:
        level *= 0.25 + np.abs(np.sin(np.pi * n * pickup))
    level *= 10 ** (rng.normal(0, 1.0, n.size) / 20)
    base = t60 * 2 ** (-(pitch - 52) / 22)
    lengths = base / (1 + damping * n + (hz / 5000) ** 1.5)
    apart = 2 ** (rng.normal(0.0, 0.25) / 1200 + 0.4 / 1200)
    tone = ring(
        np.concatenate([hz, hz * apart]), np.concatenate([0.7 * level, 0.3 * level]),
        np.concatenate([lengths * 0.75, lengths * 1.8]), frames, np.tile(rng.random(n.size) * 0.1, 2),
    )  # fmt: skip
    return tone / np.float32(np.abs(tone).max() + 1e-9)


def _body(sound: Sound, rng: np.random.Generator, frames: int, strength: float, *, thump: float, pick: float,
          pick_hz: float, wood: tuple[Section, ...]) -> Sound:  # fmt: skip
    box = ring([98, 196, 232, 385], np.array([0.5, 0.8, 0.4, 0.3]) * thump, [0.22, 0.16, 0.14, 0.1], frames)
    nail = high(band(noise(rng, frames), pick_hz, 0.7), 900) * decay(frames, 0.02) * np.float32(pick * (0.4 + strength))
    return filtered(sound + box + nail, *wood)


def nylon_guitar(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    tone = string(pitch, strength, frames, rng, point=0.21, bright_hz=1500, t60=4.2, damping=0.10, slope=0.9)
    wood = (biquad("peak", 105, 1.5, 3.0), biquad("peak", 210, 2.0, 3.5), biquad("peak", 2500, 0.8, 4.0))
    sound = _body(tone, rng, frames, strength, thump=0.07, pick=0.08, pick_hz=2200, wood=wood)
    return spread(sound * rise(frames, 0.0015), rng, 0.22)


def steel_guitar(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    tone = string(pitch, strength, frames, rng, point=0.14, bright_hz=3400, t60=6.5, damping=0.05, slope=0.62)
    wood = (biquad("peak", 115, 1.4, 2.0), biquad("peak", 230, 2.0, 2.0), biquad("peak", 3200, 0.7, 5.0),
            biquad("high_shelf", 7000, 0.7, 3.0))  # fmt: skip
    sound = _body(tone, rng, frames, strength, thump=0.04, pick=0.13, pick_hz=4200, wood=wood)
    return spread(sound * rise(frames, 0.0008), rng, 0.25)


def clean_guitar(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    tone = string(
        pitch, strength, frames, rng, point=0.17, bright_hz=2600, t60=6.0, damping=0.06, slope=0.6, pickup=0.24
    )
    amp = (biquad("peak", 420, 0.8, -2.5), biquad("peak", 2400, 0.9, 5.0), biquad("low", 5600), biquad("high", 85))
    sound = _body(tone, rng, frames, strength, thump=0.0, pick=0.09, pick_hz=3000, wood=amp)
    return spread(sound * rise(frames, 0.001), rng, 0.3)


def muted_guitar(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    """Palm on the bridge: the same string, dead within a third of a second."""
    tone = string(
        pitch, strength, frames, rng, point=0.12, bright_hz=2100, t60=0.42, damping=0.11, slope=0.55, pickup=0.2
    )
    amp = (biquad("peak", 160, 1.0, 3.0), biquad("peak", 2000, 0.9, 4.0), biquad("low", 5200), biquad("high", 80))
    sound = _body(tone, rng, frames, strength, thump=0.03, pick=0.16, pick_hz=2600, wood=amp)
    return spread(sound * rise(frames, 0.001), rng, 0.2)


def distorted_guitar(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    """Two takes of the string, left and right and 5 cents apart, before the amplifier: the amplifier belongs to the whole part, since
    the growl of a power chord is its notes distorted together (see bus.amplifier)."""
    takes = []
    for side in (0, 1):
        tone = string(
            pitch + (side - 0.5) * 0.05, strength, frames, rng, point=0.13 + 0.03 * side, bright_hz=3200, t60=9.0, damping=0.035,
            slope=0.55, pickup=0.13 + 0.05 * side,
        )  # fmt: skip
        scrape = burst(rng, frames, 0.025, biquad("high", 1500)) * np.float32(0.12)
        late = int(side * 0.004 * SAMPLE_RATE)
        line = np.zeros(frames, np.float32)
        line[late:] = (tone + scrape)[: max(0, frames - late)]
        takes.append(line)
    return np.stack(takes) * rise(frames, 0.001)


def harp(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    tone = string(pitch, strength, frames, rng, point=0.38, bright_hz=1900, t60=6.5, damping=0.07, slope=0.95)
    wood = (biquad("peak", 180, 1.0, 2.0), biquad("peak", 1700, 0.7, 3.0), biquad("high_shelf", 6000, 0.7, 2.0))
    sound = _body(tone, rng, frames, strength, thump=0.03, pick=0.05, pick_hz=2600, wood=wood)
    return spread(sound * rise(frames, 0.002), rng, 0.35)


def pluck_synth(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    """Saws behind a filter that snaps shut, three voices a side."""
    f0 = pitch_hz(pitch)
    n = waves.harmonics(f0, 90)
    level = 1 / n
    shut = level * lowpass_gain(n * f0, 420 + f0 * 1.2, 1.6, 0.6)
    wide = level * lowpass_gain(n * f0, (2600 + 5500 * strength) + f0, 1.4, 0.4)
    out: list[Sound] = []
    for cents in ((-9.0, 0.0, 6.0), (-5.0, 1.0, 10.0)):
        hz = np.concatenate([n * f0 * 2 ** (c / 1200) for c in cents])
        # A filter closing over 0.12 s and a level that falls over 0.7 s.
        phase = np.repeat(rng.random(3) * 0.5, n.size) * np.tile(n, 3)
        out.append(swept(hz, np.tile(wide, 3), np.tile(shut, 3), 0.11, frames, phase))
    body: NDArray[np.float32] = np.stack(out)
    return body * decay(frames, 1.5) * rise(frames, 0.002)
