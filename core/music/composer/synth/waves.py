"""Steady periodic sounds: wavetables read with vibrato, and broad ensemble spectra turned into loops."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.music.composer.synth.shape import SAMPLE_RATE, Sound, times

_TABLE = 4096
_LOOP = 1 << 18
"""Frames of an ensemble loop: 5.9 s, long enough that its repetition is not heard as one."""
_TOP_HZ = 17_000.0


def harmonics(f0_hz: float, most: int = 200) -> NDArray[np.float64]:
    return np.arange(1, max(2, min(most, int(_TOP_HZ / f0_hz)) + 1), dtype=np.float64)


def formants(hz: ArrayLike, *peaks: tuple[float, float, float]) -> NDArray[np.float64]:
    """Level by frequency of resonances (centre Hz, bandwidth Hz, level)."""
    f = np.asarray(hz, np.float64)
    total = np.zeros_like(f)
    for centre, width, level in peaks:
        total += level / (1.0 + ((f - centre) / (width / 2)) ** 2)
    return total


def table(levels: ArrayLike, phases: ArrayLike | None = None) -> Sound:
    """One cycle with these harmonic levels (the first is the fundamental); phases in radians, sines by default."""
    level = np.asarray(levels, np.float64)[: _TABLE // 4]
    spectrum = np.zeros(_TABLE // 2 + 1, np.complex128)
    turn = np.zeros(level.size) if phases is None else np.asarray(phases, np.float64)[: level.size]
    spectrum[1 : level.size + 1] = level * np.exp(1j * (turn - np.pi / 2)) * (_TABLE / 2)
    cycle = np.fft.irfft(spectrum, _TABLE)
    return np.append(cycle, cycle[0]).astype(np.float32)


def read(cycle: Sound, phase: NDArray[np.float64]) -> Sound:
    """The table at these phases (in cycles), linearly interpolated."""
    position = (phase - np.floor(phase)) * _TABLE
    index = position.astype(np.int32)
    np.minimum(index, _TABLE - 1, out=index)
    fraction = (position - index).astype(np.float32)
    here = cycle[index]
    return here + (cycle[index + 1] - here) * fraction


def phase_of(
    f0_hz: float,
    frames: int,
    rng: np.random.Generator,
    *,
    vibrato_cents: float = 0.0,
    rate_hz: float = 5.3,
    onset_s: float = 0.4,
    scoop_cents: float = 0.0,
) -> NDArray[np.float64]:
    """Running phase in cycles with a vibrato that grows in after `onset_s` and an optional rise from below."""
    t = times(frames).astype(np.float64)
    cents = np.zeros(frames)
    if vibrato_cents:
        depth = vibrato_cents * np.clip((t - onset_s) / 0.5, 0.0, 1.0)
        wander = 0.25 * np.sin(2 * np.pi * (0.41 * t + rng.random()))
        cents += depth * np.sin(2 * np.pi * (rate_hz * t + rng.random()) + wander)
    if scoop_cents:
        cents -= scoop_cents * np.exp(-t / 0.035)
    step = f0_hz / SAMPLE_RATE * np.exp2(cents / 1200.0)
    return np.concatenate([[0.0], np.cumsum(step)[:-1]])


def ensemble(
    f0_hz: float,
    layers: Sequence[ArrayLike],
    cents: float,
    frames: int,
    rng: np.random.Generator,
    width: float = 0.7,
) -> Sound:
    """Many players at once: every harmonic spread to a band `cents` wide with random phases (Nasca's PADsynth).

    (layers, 2, frames): each layer is the same players with other harmonic levels, ready to be cross-faded. Below
    180 Hz both channels agree; above, they part by `width`, so the sound is wide and folds to mono.
    """
    from scipy.fft import irfft

    levels = np.asarray(layers, np.float64)
    size = _LOOP if frames > _LOOP // 2 else 1 << max(15, (frames - 1).bit_length())
    bin_hz = SAMPLE_RATE / size
    magnitude = np.zeros((levels.shape[0], size // 2 + 1), np.float32)
    for n, amplitude in enumerate(levels.T, start=1):
        centre = n * f0_hz
        if centre > _TOP_HZ or amplitude.max() < 1e-5:
            continue
        sigma = max(centre * (2 ** (cents / 1200.0) - 1.0) * 0.5, 0.35, bin_hz * 0.6)
        lo = max(1, int((centre - 3.5 * sigma) / bin_hz))
        hi = min(magnitude.shape[1] - 1, int((centre + 3.5 * sigma) / bin_hz) + 2)
        offset = (np.arange(lo, hi) * bin_hz - centre) / sigma
        profile = np.exp(-0.5 * offset * offset)
        magnitude[:, lo:hi] += amplitude[:, None] * (profile / np.sqrt((profile**2).sum() + 1e-12))
    used = np.flatnonzero(magnitude.max(axis=0))
    phases = rng.random(used.size, dtype=np.float32) * np.float32(2 * np.pi)
    apart = rng.standard_normal(used.size, dtype=np.float32) * np.float32(width * 1.2)
    apart *= np.clip((used * bin_hz - 180.0) / 300.0, 0.0, 1.0).astype(np.float32)
    spectrum = np.zeros((levels.shape[0], 2, magnitude.shape[1]), np.complex64)
    for side, angle in enumerate((phases + apart, phases - apart)):
        turn = np.cos(angle) + 1j * np.sin(angle)
        spectrum[:, side, used] = magnitude[:, used] * turn
    loop = irfft(spectrum, size, axis=-1) * np.float32(size / 2**1.5)
    repeats = -(-frames // size)
    return np.ascontiguousarray(np.tile(loop, (1, 1, repeats))[..., :frames] if repeats > 1 else loop[..., :frames])
