"""Sums of decaying sinusoids, the way struck and plucked things sound, as one matrix product.

exp(s(kB + m)) = exp(skB) · exp(sm): a block matrix times a sample matrix gives all partials at once, some 1 ms for 80
partials over 3 s, exact in tune and free of aliasing. A partial whose level moves from one value to another
exponentially is two such modes, so filter envelopes come for the same price.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.music.composer.synth.shape import SAMPLE_RATE, Sound

_TOP_HZ = 19_000.0
_BLOCK = 512
_TILE, _DEPTH = 32, 240


def ring(frequency_hz: ArrayLike, amplitude: ArrayLike, t60_s: ArrayLike, frames: int, phase: ArrayLike = 0.0) -> Sound:
    """Decaying sines. `amplitude` is (partials,) for one channel or (2, partials) for two; `t60_s` may be inf;
    `phase` is in cycles, 0 starting a sine at zero. Returns (frames,) or (2, frames)."""
    hz = np.atleast_1d(np.asarray(frequency_hz, np.float64))
    amp = np.asarray(amplitude, np.float64)
    mono = amp.ndim < 2
    amp = np.broadcast_to(np.atleast_2d(amp), (1 if mono else 2, hz.size))
    rate = 6.9078 / np.broadcast_to(np.asarray(t60_s, np.float64), hz.shape)
    start = np.broadcast_to(np.asarray(phase, np.float64), hz.shape)
    audible = (hz < _TOP_HZ) & (np.abs(amp).max(axis=0) > 1e-5 * max(1e-12, float(np.abs(amp).max())))
    hz, amp, rate, start = hz[audible], amp[:, audible], rate[audible], start[audible]
    if not hz.size:
        return np.zeros(frames if mono else (2, frames), np.float32)
    # High partials die early: what has fallen by 75 dB need not be computed to the end.
    needed = np.minimum(frames, 7.5 / 6.0 * 6.9078 / np.maximum(rate, 1e-9) * SAMPLE_RATE)
    out = np.zeros((amp.shape[0], frames), np.float32)
    shorter = 0.0
    for share in (1 / 8, 1 / 3, 1.0):
        now = (needed > shorter * frames) & (needed <= share * frames)
        shorter = share
        if now.any():
            length = math.ceil(share * frames)
            out[:, :length] += _product(hz[now], amp[:, now], rate[now], start[now], length)
    return out[0] if mono else out


def _product(
    hz: NDArray[np.float64],
    amp: NDArray[np.float64],
    rate: NDArray[np.float64],
    start: NDArray[np.float64],
    frames: int,
) -> Sound:
    """(channels, frames): the sum as a product of a matrix over blocks and one over the samples of a block."""
    blocks = math.ceil(frames / _BLOCK)
    coarse_t = np.arange(blocks, dtype=np.float64)[:, None] * (_BLOCK / SAMPLE_RATE)
    fine_t = np.arange(_BLOCK, dtype=np.float64)[None, :] / SAMPLE_RATE
    cos_k, sin_k = _turn(coarse_t * hz + (start - 0.25))
    fade = np.exp(-coarse_t * rate).astype(np.float32)
    level = amp[:, None, :].astype(np.float32) * fade
    left = np.concatenate([level * cos_k, -level * sin_k], axis=-1)
    cos_m, sin_m = _turn(fine_t * hz[:, None])
    fine_fade = np.exp(-fine_t * rate[:, None]).astype(np.float32)
    right = np.concatenate([fine_fade * cos_m, fine_fade * sin_m], axis=0)
    product = _tiled(left.reshape(-1, left.shape[-1]), right)
    return np.asarray(product.reshape(amp.shape[0], blocks * _BLOCK)[:, :frames], np.float32)


def _tiled(left: Sound, right: Sound) -> Sound:
    """left @ right in tiles too small for the linear algebra library to share out among its threads: the sum's
    rounding then does not depend on the number of cores, and several notes rendered at once do not wait for one
    another."""
    rows, depth = left.shape
    full = np.zeros((-(-rows // _TILE) * _TILE, depth), np.float32)
    full[:rows] = left
    columns = right.shape[1] // _TILE
    total = np.zeros((full.shape[0] // _TILE, columns, _TILE, _TILE), np.float32)
    for start in range(0, depth, _DEPTH):
        deep = slice(start, start + _DEPTH)
        tall = np.ascontiguousarray(full[:, deep]).reshape(-1, 1, _TILE, min(_DEPTH, depth - start))
        wide = np.ascontiguousarray(right[deep].reshape(-1, columns, _TILE).transpose(1, 0, 2))
        total += tall @ wide
    return total.transpose(0, 2, 1, 3).reshape(-1, right.shape[1])[:rows]


def _turn(cycles: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    angle = ((cycles - np.floor(cycles)) * (2 * np.pi)).astype(np.float32)
    return np.cos(angle), np.sin(angle)


def swept(
    frequency_hz: ArrayLike,
    first: ArrayLike,
    last: ArrayLike,
    settle_s: float,
    frames: int,
    phase: ArrayLike = 0.0,
) -> Sound:
    """Steady sines whose levels move from `first` to `last` with the time constant `settle_s`: an additive sound
    under a filter envelope."""
    hz = np.atleast_1d(np.asarray(frequency_hz, np.float64))
    end, begin = np.asarray(last, np.float64), np.asarray(first, np.float64)
    t60 = np.concatenate([np.full(hz.shape, np.inf), np.full(hz.shape, settle_s * 6.9078)])
    starts = np.broadcast_to(np.asarray(phase, np.float64), hz.shape)
    return ring(
        np.concatenate([hz, hz]),
        np.concatenate([end, begin - end], axis=-1),
        t60,
        frames,
        np.concatenate([starts, starts]),
    )


def lowpass_gain(hz: ArrayLike, cutoff_hz: float, order: float = 2.0, peak: float = 0.0) -> NDArray[np.float64]:
    """Level of each partial behind a low-pass; `peak` lifts those near the cutoff, as resonance does."""
    ratio = np.asarray(hz, np.float64) / cutoff_hz
    gain = 1.0 / np.sqrt(1.0 + ratio ** (2 * order))
    return np.asarray(gain * (1.0 + peak * np.exp(-((np.log2(np.maximum(ratio, 1e-6)) / 0.35) ** 2))))
