"""The short-time spectrum, taken once and read by everybody: onsets, brightness, bands, a mel picture, chroma.

Frames come in blocks, so that an hour needs no more memory than a minute: what is kept is a few numbers a frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float32]

FRAMES_PER_SECOND = 100
MEL_BANDS = 80
_WINDOW_S = 0.0464  # 2048 at 44.1 kHz
_AT_ONCE = 512
_LOUD = 1000.0  # log(1 + 1000 a): a compression under which soft and loud onsets count alike
CHROMA_RATE = 11025
CHROMA_PER_SECOND = 10
_CHROMA_WINDOW = 4096
_FLOOR = 1e-10


@dataclass(frozen=True)
class Spectrum:
    """Of one mono signal. n is the number of frames, 100 a second."""

    sample_rate: int
    mel_db: Floats
    """(MEL_BANDS, n): power in dB, 0 dB about a full-scale sine."""
    flux: Floats
    """(n,): how much the log spectrum grew since the frame before, summed over frequency: onsets."""
    bass_flux: Floats
    """(n,): the same below 200 Hz: kicks and bass notes."""
    centroid_hz: Floats
    """(n,): 0 where there is nothing to weigh."""
    power: NDArray[np.float64]
    """(bins,): mean power per bin over the whole, a long-term average spectrum."""
    hertz: NDArray[np.float64]
    """(bins,)"""

    @property
    def frames(self) -> int:
        return int(self.flux.size)


def window_of(sample_rate: int) -> int:
    return int(2 ** max(6, round(np.log2(_WINDOW_S * sample_rate))))


@cache
def mel_edges(sample_rate: int) -> NDArray[np.float64]:
    """(MEL_BANDS + 2,) Hz: lower, middle and upper edges of the triangles, 30 Hz to 16 kHz or what the rate allows."""
    low, high = 2595 * np.log10(1 + np.asarray([30.0, min(16000.0, 0.499 * sample_rate)]) / 700)
    return np.asarray(700 * (10 ** (np.linspace(low, high, MEL_BANDS + 2) / 2595) - 1))


def _transform(light: bool) -> Any:
    if light:
        return np.fft.rfft
    from scipy import fft

    return fft.rfft


@cache
def _mel_matrix(sample_rate: int, size: int) -> Floats:
    """(bins, MEL_BANDS): triangles of mean one; narrow low ones take at least their nearest bin."""
    hertz = np.fft.rfftfreq(size, 1 / sample_rate)
    edges = mel_edges(sample_rate)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rise, fall = (hertz - low) / (middle - low), (high - hertz) / (high - middle)
    matrix = np.maximum(0.0, np.minimum(rise, fall))
    empty = np.flatnonzero(matrix.sum(axis=1) < 0.5)
    matrix[empty] = 0.0
    matrix[empty, np.rint(edges[empty + 1] / (sample_rate / size)).astype(int)] = 1.0
    return np.ascontiguousarray((matrix / matrix.sum(axis=1, keepdims=True)).T, dtype=np.float32)


def measure(mono: Floats, sample_rate: int, *, light: bool = False) -> Spectrum:
    """`mono` (frames,), finite. Frame k is centred at k / 100 s. `light`: by numpy's transform, which is half as fast as
    scipy's and needs no import of 0.4 s."""
    rfft = _transform(light)
    size = window_of(sample_rate)
    hop = sample_rate / FRAMES_PER_SECOND
    count = max(1, int(mono.size / hop))
    window = np.hanning(size).astype(np.float32)
    window /= window.sum() / 2  # a full-scale sine has magnitude 1
    padded = np.pad(mono, (size // 2, size))
    runs = sliding_window_view(padded, size)
    starts = np.rint(np.arange(count) * hop).astype(int)
    hertz = np.fft.rfftfreq(size, 1 / sample_rate)
    matrix = _mel_matrix(sample_rate, size)
    weigh = np.stack([np.ones(hertz.size), hertz], axis=1).astype(np.float32)
    bass = max(1, int(np.searchsorted(mel_edges(sample_rate)[1:-1], 200.0)))
    mel = np.empty((count, MEL_BANDS), dtype=np.float32)
    flux, bass_flux, centroid = (np.zeros(count, dtype=np.float32) for _ in range(3))
    total = np.zeros(hertz.size)
    before: Floats | None = None
    for first in range(0, count, _AT_ONCE):
        chosen = slice(first, min(count, first + _AT_ONCE))
        spectra = rfft(runs[starts[chosen]] * window, axis=1)
        power = np.square(spectra.real) + np.square(spectra.imag)
        total += power.sum(axis=0, dtype=np.float64)
        sums = power @ weigh
        centroid[chosen] = np.where(sums[:, 0] > _FLOOR, sums[:, 1] / np.maximum(sums[:, 0], _FLOOR), 0.0)
        bands = power @ matrix
        mel[chosen] = bands
        logs = np.log1p(_LOUD * np.sqrt(bands))
        joined = np.concatenate([logs[:1] if before is None else before, logs])
        grown = np.maximum(np.diff(joined, axis=0), 0)
        flux[chosen], bass_flux[chosen] = grown.sum(axis=1), grown[:, :bass].sum(axis=1)
        before = logs[-1:]
    mel_db = 10 * np.log10(np.maximum(mel.T, _FLOOR))
    average = np.asarray(total / count, dtype=np.float64)
    return Spectrum(
        sample_rate, mel_db.astype(np.float32), flux, bass_flux, centroid, average, np.asarray(hertz, dtype=np.float64)
    )


def bands(spectrum: Spectrum) -> tuple[list[float], list[float]]:
    """Third-octave bands from 25 Hz to 20 kHz, as far as the rate reaches: (centres in Hz, levels in dB)."""
    centres, levels = [], []
    per_bin = spectrum.hertz[1]
    for number in range(-16, 14):
        centre = 1000 * 2 ** (number / 3)
        low, high = centre * 2 ** (-1 / 6), centre * 2 ** (1 / 6)
        if centre > spectrum.hertz[-1]:
            break
        first = max(1, int(np.ceil(low / per_bin)))
        last = min(spectrum.hertz.size, max(first + 1, int(np.ceil(high / per_bin))))
        # A band narrower than a bin gets its share of that bin.
        power = spectrum.power[first:last].sum() * min(1.0, (high - low) / ((last - first) * per_bin))
        centres.append(round(centre, 1))
        levels.append(round(float(10 * np.log10(power + _FLOOR)), 1))
    return centres, levels


def centre_and_rolloff(spectrum: Spectrum, share: float = 0.85) -> tuple[float, float]:
    """Centroid of the long-term spectrum and the frequency under which `share` of its power lies, in Hz."""
    total = float(spectrum.power.sum())
    if total <= _FLOOR:
        return 0.0, 0.0
    middle = float((spectrum.power * spectrum.hertz).sum() / total)
    return middle, float(spectrum.hertz[int(np.searchsorted(np.cumsum(spectrum.power), share * total))])


@cache
def _chroma_matrix() -> Floats:
    """(bins, 12): which pitch classes a bin of the long window belongs to, 55 Hz to 2 kHz, softly, louder lower."""
    hertz = np.fft.rfftfreq(_CHROMA_WINDOW, 1 / CHROMA_RATE)
    pitch = 69 + 12 * np.log2(np.maximum(hertz, 1.0) / 440)
    away = (pitch[:, None] - np.arange(12) + 6) % 12 - 6
    matrix = np.exp(-0.5 * (away / 0.35) ** 2)
    matrix *= np.exp(-0.5 * ((pitch - 60) / 15) ** 2)[:, None]
    matrix[(hertz < 55) | (hertz > 2000)] = 0
    return np.asarray(matrix, dtype=np.float32)


def chroma(mono: Floats, sample_rate: int) -> Floats:
    """(12, n), 10 a second, C first, from a window of 0.37 s; each column adds up to 1, or is 0 in silence."""
    from scipy import fft

    from core.audio.effects import resample

    low = resample(mono[None], sample_rate, CHROMA_RATE)[0]
    hop = CHROMA_RATE / CHROMA_PER_SECOND
    count = max(1, int(low.size / hop))
    window = np.hanning(_CHROMA_WINDOW).astype(np.float32)
    runs = sliding_window_view(np.pad(low, (_CHROMA_WINDOW // 2, _CHROMA_WINDOW)), _CHROMA_WINDOW)
    starts = np.rint(np.arange(count) * hop).astype(int)
    found = np.empty((count, 12), dtype=np.float32)
    for first in range(0, count, _AT_ONCE):
        chosen = slice(first, min(count, first + _AT_ONCE))
        magnitude = np.abs(fft.rfft(runs[starts[chosen]] * window, axis=1))
        # Peaks only: the skirts of loud low notes would fall into their neighbours.
        peak = np.zeros_like(magnitude)
        inner = magnitude[:, 1:-1]
        peak[:, 1:-1] = np.where((inner > magnitude[:, :-2]) & (inner >= magnitude[:, 2:]), inner, 0)
        found[chosen] = np.sqrt(peak) @ _chroma_matrix()
    sums = found.sum(axis=1, keepdims=True)
    return np.asarray(np.where(sums > 1e-3, found / np.maximum(sums, 1e-9), 0.0).T, dtype=np.float32)
