"""Pads and ensembles: broad spectra that move, dark to bright, under slow envelopes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.music.composer.synth import waves
from core.music.composer.synth.modes import lowpass_gain
from core.music.composer.synth.shape import (
    SAMPLE_RATE,
    Sound,
    band,
    biquad,
    decay,
    filtered,
    high,
    noise,
    pitch_hz,
    rise,
    swell,
    times,
)


def _layers(
    f0: float, dark: NDArray[np.float64], bright: NDArray[np.float64], move: Sound, cents: float, frames: int,
    rng: np.random.Generator, width: float,
) -> Sound:  # fmt: skip
    """Two spectra with the same players, faded by `move` (0 dark, 1 bright)."""
    base, shine = waves.ensemble(f0, (dark, np.maximum(bright - dark, 0)), cents, frames, rng, width)
    out: Sound = base + shine * move
    return out


def _sway(frames: int, rng: np.random.Generator, hz: float, depth: float) -> Sound:
    lfo: Sound = 1 - depth / 2 + depth / 2 * np.sin(2 * np.pi * (hz * times(frames) + rng.random())).astype(np.float32)
    return lfo


def warm_pad(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    f0 = pitch_hz(pitch)
    n = waves.harmonics(f0, 60)
    saw = 1 / n
    dark = saw * lowpass_gain(n * f0, 620 + f0, 1.3)
    bright = saw * lowpass_gain(n * f0, 1700 + 2400 * strength + 1.5 * f0, 1.3, 0.3)
    move = swell(frames, 1.4, 2.5, 0.55) * _sway(frames, rng, 0.17, 0.45)
    sound = _layers(f0, dark, bright, move, 22, frames, rng, 0.75)
    air = high(noise(rng, frames, 2), 5200) * np.float32(0.012) * _sway(frames, rng, 0.11, 0.8)
    return (sound + air) * rise(frames, 0.38)


def air_pad(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    """Glassy octaves over breath."""
    f0 = pitch_hz(pitch)
    n = waves.harmonics(f0, 40)
    dark = np.zeros(n.size)
    for harmonic, level in ((1, 1.0), (2, 0.5), (3, 0.16), (4, 0.3), (6, 0.1), (8, 0.16)):
        if harmonic <= n.size:
            dark[harmonic - 1] = level
    bright = dark + 0.28 * lowpass_gain(n * f0, 3800 + 3000 * strength, 1.0) / n**0.8
    sound = _layers(f0, dark, bright, _sway(frames, rng, 0.13, 0.7) * rise(frames, 1.2), 16, frames, rng, 0.9)
    breath = filtered(noise(rng, frames, 2), biquad("high", 3200), biquad("low", 11_500))
    ring_hz = min(9000.0, f0 * 8)
    breath += 0.8 * filtered(noise(rng, frames, 2), biquad("band", ring_hz, 9))
    return (sound + breath * np.float32(0.045) * _sway(frames, rng, 0.23, 0.7)) * rise(frames, 0.55)


def dark_pad(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    f0 = pitch_hz(pitch)
    n = waves.harmonics(f0, 40)
    shape = (1 / n) * np.where(n % 2 == 1, 1.0, 0.45)
    dark = shape * lowpass_gain(n * f0, 260 + 0.8 * f0, 1.6, 0.3)
    bright = shape * lowpass_gain(n * f0, 700 + 900 * strength + f0, 1.6, 0.8)
    sound = _layers(f0, dark, bright, _sway(frames, rng, 0.09, 0.9) * rise(frames, 2.0), 26, frames, rng, 0.65)
    wind = filtered(noise(rng, frames, 2), biquad("band", 480, 1.5)) * np.float32(0.05)
    return (sound + wind * _sway(frames, rng, 0.07, 0.9)) * rise(frames, 0.6)


def _bowed(f0: float, n: NDArray[np.float64], strength: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    hz = n * f0
    body = 0.45 + waves.formants(
        hz, (285, 120, 0.6), (460, 160, 0.7), (700, 250, 0.45), (1150, 500, 0.5), (2500, 1300, 0.75), (4200, 1800, 0.3)
    )
    saw = body / n
    return saw * lowpass_gain(hz, 1500 + f0, 1.2), saw * lowpass_gain(hz, 3200 + 4200 * strength + f0, 1.1)


def string_section(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    f0 = pitch_hz(pitch)
    dark, bright = _bowed(f0, waves.harmonics(f0, 80), strength)
    # A section leans into the note: the bow's pressure, and with it the brightness, comes after the onset.
    sound = _layers(f0, dark, bright, swell(frames, 0.5, 1.5, 0.7), 19, frames, rng, 0.7)
    bow = filtered(noise(rng, frames, 2), biquad("band", 3300, 0.8)) * np.float32(0.03)
    return (sound + bow * swell(frames, 0.05, 0.2, 0.35)) * rise(frames, 0.16 - 0.08 * strength)


def string_staccato(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    f0 = pitch_hz(pitch)
    dark, bright = _bowed(f0, waves.harmonics(f0, 80), strength)
    bite = decay(frames, 0.5)
    sound = _layers(f0, dark, bright * 1.25, bite, 10, frames, rng, 0.65)
    bow = filtered(noise(rng, frames, 2), biquad("band", 2600, 0.7)) * np.float32(0.14)
    return (sound * decay(frames, 0.9) + bow * decay(frames, 0.09)) * rise(frames, 0.012)


def choir_pad(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    """From 'oo' towards 'ah' as the note opens; breath between."""
    f0 = pitch_hz(pitch)
    n = waves.harmonics(f0, 60)
    hz = n * f0
    glottis = 1 / n**0.75
    oo = glottis * (0.015 + waves.formants(hz, (340, 110, 1.0), (780, 140, 0.35), (2450, 300, 0.05), (3300, 400, 0.03)))
    ah = glottis * (0.02 + waves.formants(hz, (700, 150, 1.0), (1130, 170, 0.65), (2600, 320, 0.3), (3400, 450, 0.22)))
    oo[0] += 0.25 * oo.max()
    move = swell(frames, 1.3, 3.0, 0.7) * np.float32(0.35 + 0.6 * strength)
    closed, opened = waves.ensemble(f0, (oo / oo.max(), ah / ah.max()), 24, frames, rng, 0.8)
    breath = band(noise(rng, frames, 2), 2800, 0.6) * np.float32(0.022)
    return np.asarray((closed * (1 - move) + opened * move + breath) * rise(frames, 0.3), np.float32)


def brass_section(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    """Brightness follows the breath: the harder the attack, the higher the spectrum reaches."""
    f0 = pitch_hz(pitch)
    n = waves.harmonics(f0, 60)
    hz = n * f0
    tone = (0.5 + waves.formants(hz, (550, 400, 0.5), (1200, 700, 0.8), (2300, 1200, 0.4))) / n**0.7
    dark = tone * lowpass_gain(hz, 500 + f0, 1.4)
    bright = tone * lowpass_gain(hz, 1600 + 4200 * strength + f0, 1.3)
    move = swell(frames, 0.09, 0.5, 0.62)
    sound = _layers(f0, dark, bright, move, 10, frames, rng, 0.5)
    lip = band(noise(rng, frames, 2), 1500, 0.8) * np.float32(0.08) * decay(frames, 0.08)
    return (sound + lip) * rise(frames, 0.05)


def solo_cello(pitch: int, strength: float, frames: int, rng: np.random.Generator) -> Sound:
    f0 = pitch_hz(pitch)
    n = waves.harmonics(f0, 70)
    hz = n * f0
    body = 0.25 + waves.formants(
        hz, (105, 50, 0.5), (190, 70, 1.0), (310, 110, 0.7), (600, 260, 0.5), (1500, 700, 0.45), (2600, 900, 0.4)
    )
    level = body / n * lowpass_gain(hz, 2600 + 3200 * strength, 1.0)
    phase = waves.phase_of(f0, frames, rng, vibrato_cents=14, rate_hz=5.4, onset_s=0.35)
    turns = np.random.default_rng(int(f0)).random(n.size) * 2.0
    tone = waves.read(waves.table(level, turns), phase)
    soft = waves.read(waves.table(level * lowpass_gain(hz, 900 + f0, 1.2), turns), phase)
    lean = swell(frames, 0.45, 1.2, 0.75)
    line = soft + (tone - soft) * lean
    line *= 1 + 0.05 * np.sin(2 * np.pi * 5.4 * times(frames)).astype(np.float32) * lean
    rosin = band(noise(rng, frames), 2600, 0.7) * np.float32(0.05) * swell(frames, 0.04, 0.15, 0.4)
    echo = int(0.0007 * SAMPLE_RATE)
    both = np.stack([line, np.concatenate([np.zeros(echo, np.float32), line[:-echo]])]) if frames > echo else line
    return np.asarray((both + rosin) * rise(frames, 0.09), np.float32)
