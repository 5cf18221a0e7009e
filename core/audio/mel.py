"""What a recogniser of the last century looked at: mel bands every 10 ms, and their cepstra.

core/audio/spectrum.py has a mel picture too, but its window of 46 ms blurs a consonant over its neighbours. Here the
window is 25 ms, and the bands end where the narrower of two recordings ends, so that they can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float32]

FRAMES_PER_SECOND = 100
BANDS = 26
CEPSTRA = 13
LOWEST_HZ, HIGHEST_HZ = 100.0, 7000.0
_WINDOW_S = 0.025
_AT_ONCE = 4096
_REACH = 2
"""Frames to either side that a slope is taken over."""
DEPTH_DB = 45.0
"""What lies further below the loudest speech than this is not looked at."""
SHORTEST_REST = 6
_SILENT_DB = -70.0
_SURELY_QUIET, _SPEECH, _SURELY_SPEECH = 0.15, 0.25, 0.5
"""Of the way, in dB, from a recording's ground to its loudest."""
_DECAY = 0.15


def top_hz(sample_rate: int) -> float:
    """The upper end of the highest band that a recording of this rate can fill."""
    return min(HIGHEST_HZ, 0.45 * sample_rate)


@cache
def _matrix(sample_rate: int, size: int, top: float, stretch: float) -> Floats:
    """(bins, BANDS): triangles, even on the mel scale; one too narrow for a bin takes its nearest."""
    low, high = 2595 * np.log10(1 + np.asarray([LOWEST_HZ, top]) / 700)
    edges = 700 * (10 ** (np.linspace(low, high, BANDS + 2) / 2595) - 1) * stretch
    hertz = np.fft.rfftfreq(size, 1 / sample_rate)
    left, middle, right = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    matrix = np.maximum(0.0, np.minimum((hertz - left) / (middle - left), (right - hertz) / (right - middle)))
    for band in np.flatnonzero(matrix.sum(axis=1) < 0.5):
        matrix[band, round(edges[band + 1] / (sample_rate / size))] = 1.0
    return np.ascontiguousarray((matrix / matrix.sum(axis=1, keepdims=True)).T, dtype=np.float32)


def bands(mono: Floats, sample_rate: int, top: float, stretches: Sequence[float] = (1.0,)) -> list[Floats]:
    """For each stretch (n, BANDS) mean power per band up to `top` Hz. Frame k is centred at k / 100 s; `mono` is (frames,),
    finite. A stretch above 1 moves the bands up: so a shorter throat is made comparable to a longer one."""
    from scipy import fft

    width = round(_WINDOW_S * sample_rate)
    size = int(2 ** np.ceil(np.log2(max(width, sample_rate / 60))))  # bins of 60 Hz at most
    window = np.hamming(width).astype(np.float32)
    window /= np.float32(np.sqrt(np.square(window).sum()))
    matrices = [_matrix(sample_rate, size, top, stretch) for stretch in stretches]
    # Louder high tones: speech falls by 6 dB an octave, and the fall would fill the first cepstrum.
    bright = np.append(mono[:1], mono[1:] - np.float32(0.97) * mono[:-1]) if mono.size else mono
    runs = sliding_window_view(np.pad(bright, (width // 2, width)), width)
    count = max(1, int(mono.size * FRAMES_PER_SECOND / sample_rate))
    starts = np.rint(np.arange(count) * sample_rate / FRAMES_PER_SECOND).astype(int)
    found = [np.empty((count, BANDS), dtype=np.float32) for _ in stretches]
    for first in range(0, count, _AT_ONCE):
        spectra = fft.rfft(runs[starts[first : first + _AT_ONCE]] * window, size, axis=1)
        power = np.square(spectra.real) + np.square(spectra.imag)
        for table, matrix in zip(found, matrices, strict=True):
            table[first : first + _AT_ONCE] = power @ matrix
    return found


def cepstra(powers: Floats, floor: float) -> Floats:
    """(n, CEPSTRA): the cosine transform of the bands in dB, none below `floor` (a power); the first is the level."""
    from scipy import fft

    decibels = 10 * np.log10(np.maximum(powers, max(floor, 1e-12)))
    return np.asarray(fft.dct(decibels, axis=1, norm="ortho")[:, :CEPSTRA], dtype=np.float32)


def slopes(features: Floats) -> Floats:
    """(n, d): how fast each feature changes, a regression over ±_REACH frames."""
    padded = np.pad(features, ((_REACH, _REACH), (0, 0)), mode="edge")
    count = features.shape[0]
    total = np.zeros_like(features)
    for away in range(1, _REACH + 1):
        total += away * (padded[_REACH + away : _REACH + away + count] - padded[_REACH - away : _REACH - away + count])
    return total / np.float32(2 * sum(away * away for away in range(1, _REACH + 1)))


@dataclass(frozen=True)
class Activity:
    level_db: Floats
    """(n,)"""
    quiet: Floats
    """(n,), 0 to 1: how far below speech the frame is. A breath is somewhere between."""
    active: NDArray[np.bool_]
    """(n,): somebody speaks. Rests shorter than SHORTEST_REST, such as the closure of a p, belong to the speech."""


def activity(powers: Floats) -> Activity:
    """By level alone, between the recording's own ground and its own loudest: speech, or whatever sounds."""
    level = np.asarray(10 * np.log10(powers.mean(axis=1) + 1e-12), dtype=np.float32)
    loud = float(np.percentile(level, 95))
    if loud < _SILENT_DB:
        return Activity(level, np.ones(level.size, dtype=np.float32), np.zeros(level.size, dtype=bool))
    ground = max(float(np.percentile(level, 3)), loud - DEPTH_DB)
    height = (level - ground) / max(loud - ground, 1e-3)
    quiet = np.clip((_SURELY_SPEECH - height) / (_SURELY_SPEECH - _SURELY_QUIET), 0, 1)
    return Activity(level, np.asarray(quiet, dtype=np.float32), ~_runs(height <= _SPEECH, SHORTEST_REST))


def _runs(flags: NDArray[np.bool_], shortest: int) -> NDArray[np.bool_]:
    """The flags without runs shorter than that."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    kept = np.zeros(flags.size, dtype=bool)
    for first, last in edges.reshape(-1, 2):
        kept[first:last] = last - first >= shortest
    return kept


def features(powers: Floats, active: NDArray[np.bool_], floor: float) -> Floats:
    """(n, 2 * CEPSTRA): cepstra and their slopes, of mean 0 and the same deviation for every recording where it is
    active, so that neither the voice's colour nor the microphone's counts. Their mean square is about 1."""
    found = cepstra(powers, floor)
    both = np.concatenate([found, slopes(found)], axis=1)
    spoken = both[active] if active.any() else both
    scaled = (both - spoken.mean(axis=0)) / np.maximum(spoken.std(axis=0), 1e-3)
    return np.asarray(scaled * _weights(), dtype=np.float32)


@cache
def _weights() -> Floats:
    """High cepstra tell voices apart rather than vowels: less of them."""
    order = np.maximum(np.arange(CEPSTRA) - 1, 0)
    weights = np.tile(np.exp(-_DECAY * order), 2)
    return np.asarray(weights / np.sqrt(np.square(weights).mean()), dtype=np.float32)
