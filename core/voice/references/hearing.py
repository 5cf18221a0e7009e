"""A reference recording heard once, for all checks: mono, spectrum, loudness, and where somebody speaks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.audio.mono import heard
from core.audio.spectrum import FRAMES_PER_SECOND, Spectrum, measure, mel_edges, window_of
from core.voice.references.activity import of_spectrum

Samples = NDArray[np.float32]
Frames = NDArray[np.float64]

SPEAKING, PAUSING = 0.5, 0.2
_BORDER = 4  # frames: a word's decay is neither speech nor pause
_TINY = 1e-12


@dataclass(frozen=True)
class Heard:
    samples: Samples
    sample_rate: int
    mono: NDArray[np.float32]
    spectrum: Spectrum
    activity: Frames
    """(n,), 100 a second, as core.voice.references.activity gives it."""

    @property
    def seconds(self) -> float:
        return float(self.samples.shape[1] / self.sample_rate)

    @property
    def speaking(self) -> NDArray[np.bool_]:
        return np.asarray(self.activity > SPEAKING)

    @property
    def pausing(self) -> NDArray[np.bool_]:
        """Pauses, 40 ms away from speech on both sides."""
        from scipy.ndimage import binary_erosion

        return np.asarray(binary_erosion(self.activity < PAUSING, iterations=_BORDER, border_value=1))

    @property
    def speech_s(self) -> float:
        return min(self.seconds, float(self.speaking.sum()) / FRAMES_PER_SECOND)

    def power(self, low_hz: float, high_hz: float) -> Frames:
        """(n,) mean square of every frame between the two frequencies."""
        edges = mel_edges(self.spectrum.sample_rate)
        band = (edges[1:-1] >= low_hz) & (edges[1:-1] < high_hz)
        # A Hann window of sum 2 (core.audio.spectrum) gives noise 3 rate / size times its power per hertz.
        wide = (edges[2:] - edges[:-2])[band, None] / 2 / (3 * self.sample_rate / window_of(self.sample_rate))
        return np.asarray((10 ** (self.spectrum.mel_db[band].astype(np.float64) / 10) * wide).sum(axis=0) + _TINY)


def hear(samples: Samples, sample_rate: int) -> Heard:
    mono = heard(samples)
    spectrum = measure(mono, sample_rate)
    return Heard(samples, sample_rate, mono, spectrum, of_spectrum(spectrum))
