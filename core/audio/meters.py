"""Loudness and true peak, as ITU-R BS.1770 and EBU R 128 measure them. None stands for silence: it has no loudness."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

Samples = NDArray[np.float32]

ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
_SURROUND_WEIGHTS = {5: (1.0, 1.0, 1.0, 1.41, 1.41), 6: (1.0, 1.0, 1.0, 0.0, 1.41, 1.41)}

PEAK_BLOCK = 32
"""Frames per block of `oversampled_peaks`; the limiter works at this rate too."""
_PHASES = 4
_TAPS = 96
_BETA = 6.0
_GROWTH = 2.0  # a peak between samples stands at most 6 dB above those around it, short of made-up signals
_BAND = 0.957  # of the rate: the middle of the filter's slope
_AT_ONCE = 2048
_HIGHEST = 0.49  # of the rate: a filter that turns over above half of it would swing up for ever (rates under 3.4 kHz)


def weights(channels: int) -> NDArray[np.float64]:
    return np.asarray(_SURROUND_WEIGHTS.get(channels, (1.0,) * channels), dtype=np.float64)


@cache
def k_weighting(sample_rate: int) -> NDArray[np.float64]:
    """BS.1770's two filters for any rate, by the analogue prototypes of its 48 kHz coefficients (De Man 2014)."""
    sections = []
    frequency, quality, db = 1681.9744509555319, 0.7071752369554196, 3.999843853973347
    k = np.tan(np.pi * min(frequency / sample_rate, _HIGHEST))
    high = 10 ** (db / 20)
    band = high**0.4996667741545416
    norm = 1 + k / quality + k * k
    b = (high + band * k / quality + k * k, 2 * (k * k - high), high - band * k / quality + k * k)
    sections.append([*(value / norm for value in b), 1.0, 2 * (k * k - 1) / norm, (1 - k / quality + k * k) / norm])
    frequency, quality = 38.13547087602444, 0.5003270373238773
    k = np.tan(np.pi * min(frequency / sample_rate, _HIGHEST))
    norm = 1 + k / quality + k * k
    sections.append([1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / norm, (1 - k / quality + k * k) / norm])
    return np.asarray(sections)


def weighted_power(samples: Samples, sample_rate: int) -> NDArray[np.float64]:
    """K-weighted power per frame, summed over the channels with their weights: (frames,)."""
    from scipy.signal import sosfilt

    power = np.zeros(samples.shape[1])
    for channel, weight in zip(samples, weights(samples.shape[0]), strict=True):
        if weight:
            filtered = sosfilt(k_weighting(sample_rate), channel.astype(np.float64))
            np.square(filtered, out=filtered)
            if weight != 1:
                filtered *= weight
            power += filtered
    return power


def _lufs(power: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(power, 1e-30)))


def gated(block_powers: NDArray[np.float64]) -> float | None:
    """Integrated loudness of the mean powers of 400 ms blocks."""
    loud = block_powers[_lufs(block_powers) > ABSOLUTE_GATE_LUFS]
    if loud.size == 0:
        return None
    relative = float(_lufs(loud.mean())) + RELATIVE_GATE_LU
    return float(_lufs(loud[_lufs(loud) > relative].mean()))


def _block_powers(samples: Samples, sample_rate: int, *, steps: int) -> NDArray[np.float64]:
    """Mean power of windows of `steps` tenths of a second, one every tenth; shorter sound is one window."""
    if samples.shape[1] == 0:
        return np.zeros(0)
    power = weighted_power(samples, sample_rate)
    step = max(1, round(sample_rate / 10))
    count = power.size // step
    if count < steps:
        return np.asarray([power.mean()])
    tenths = power[: count * step].reshape(count, step).mean(axis=1)
    return np.convolve(tenths, np.full(steps, 1 / steps), mode="valid")


def integrated_lufs(samples: Samples, sample_rate: int) -> float | None:
    """Integrated loudness. Sound shorter than 400 ms counts as one block; None below -70 LUFS."""
    return gated(_block_powers(samples, sample_rate, steps=4))


def short_term_lufs(samples: Samples, sample_rate: int) -> NDArray[np.float64]:
    """Loudness of 3 s windows, ten a second (EBU Tech 3341)."""
    return _lufs(_block_powers(samples, sample_rate, steps=30))


@cache
def _interpolator() -> NDArray[np.float32]:
    """A matrix that turns a run of frames into a block at four times the rate.

    The band edge is that of soxr's best settings (flat to 0.457 of the rate, nothing above 0.5), because cutting off
    what lies there moves the peaks of bright noise by up to 1 dB: meters that resample see those.
    """
    centre = _TAPS // 2 - 1
    taps = np.arange(_TAPS) - centre
    matrix = np.zeros((PEAK_BLOCK + _TAPS - 1, _PHASES * PEAK_BLOCK), dtype=np.float32)
    for phase in range(_PHASES):
        distance = taps - phase / _PHASES
        window = np.i0(_BETA * np.sqrt(np.maximum(0.0, 1 - (distance / (_TAPS / 2)) ** 2))) / np.i0(_BETA)
        kernel = np.sinc(_BAND * distance) * window
        kernel /= kernel.sum()
        for frame in range(PEAK_BLOCK):
            matrix[frame : frame + _TAPS, phase * PEAK_BLOCK + frame] = kernel
    return matrix


def oversampled_peaks(samples: Samples, above: float = 0.0) -> NDArray[np.float32]:
    """The highest magnitude in each block of PEAK_BLOCK frames over all channels, between the samples too.

    Blocks that cannot come above `above` are read at their samples only: that saves most of the work.
    """
    from scipy.ndimage import maximum_filter1d

    frames = samples.shape[1]
    blocks = -(-frames // PEAK_BLOCK)
    highest = np.zeros(blocks, dtype=np.float32)
    matrix = _interpolator()
    before = _TAPS // 2 - 1
    for channel in samples:
        padded = np.zeros((blocks + 2) * PEAK_BLOCK + _TAPS, dtype=np.float32)
        padded[before : before + frames] = channel
        runs = as_strided(padded, (blocks, PEAK_BLOCK + _TAPS - 1), (4 * PEAK_BLOCK, 4), writeable=False)
        own = np.abs(padded[before : before + blocks * PEAK_BLOCK]).reshape(blocks, PEAK_BLOCK).max(axis=1)
        np.maximum(highest, own, out=highest)
        reach = maximum_filter1d(own, 2 * -(-_TAPS // (2 * PEAK_BLOCK)) + 1, mode="constant")
        wanted = np.flatnonzero(reach * _GROWTH > above)
        for start in range(0, wanted.size, _AT_ONCE):
            chosen = wanted[start : start + _AT_ONCE]
            between = runs[chosen] @ matrix
            loudest = np.maximum(between.max(axis=1), -between.min(axis=1))
            highest[chosen] = np.maximum(highest[chosen], loudest)
    return highest


def true_peak_dbtp(samples: Samples, sample_rate: int) -> float | None:
    """Highest level of the reconstructed wave, 4x oversampled, in dB of full scale; None for digital silence.

    `sample_rate` is not needed for the figure; it is here because every meter takes the same two arguments.
    """
    del sample_rate
    at_samples = float(np.abs(samples).max(initial=0.0))
    highest = float(oversampled_peaks(samples, at_samples).max(initial=0.0))
    return 20 * float(np.log10(highest)) if highest > 0 else None
