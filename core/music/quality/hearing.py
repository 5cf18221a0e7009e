"""Everything the parts read, measured once. For a child process: essentia runs in here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.audio import analysis, spectrum, stereo, tempo
from core.audio.analysis import Analysis
from core.audio.faults import level
from core.audio.mono import heard as heard_mono
from core.audio.spectrum import Spectrum
from core.kit.children import Progress

Samples = NDArray[np.float32]
Curve = NDArray[np.float64]

LONGEST_S = 900.0
"""Longer pieces need more memory than a child should take; the service makes 600 s at most."""


@dataclass(frozen=True)
class Heard:
    samples: Samples
    rate: int
    found: Analysis
    """Tempo (looked for around the asked one, where one was asked), key, loudness, peaks, faults."""
    spectrum: Spectrum
    chroma: NDArray[np.float32]
    levels: Curve
    """RMS in dBFS of every 10 ms, the louder channel."""
    sums: stereo.Sums | None
    free_bpm: float | None
    """The tempo found without knowing the asked one; None where nobody needed it."""
    free_confidence: float

    @property
    def seconds(self) -> float:
        return float(self.samples.shape[1] / self.rate)

    @property
    def silent(self) -> bool:
        return self.found.lufs is None and not bool((self.levels > level.SILENT_DB).any())

    @property
    def programme_db(self) -> float:
        """How loud it is where it plays: the 80th percentile of the 10 ms levels."""
        return float(np.percentile(self.levels, 80))

    @property
    def bpm(self) -> float | None:
        """The tempo, where the beat is steady."""
        return self.found.bpm if self.found.bpm is not None and self.found.bpm_confidence >= tempo.STEADY else None


def hear(samples: Samples, rate: int, bpm: float | None, tell: Progress) -> Heard:
    """`bpm`: the asked one, if any."""
    window = bpm if bpm is not None and 20 <= bpm <= 300 else None

    def listening(stage: str, fraction: float) -> None:
        tell(stage, 0.7 * fraction)

    found = analysis.analyse_samples(samples, rate, window, listening)
    mono = heard_mono(samples)
    tell("Measuring", 0.75)
    whole = spectrum.measure(mono, rate)
    free, sure = None, 0.0
    if window is not None and found.lufs is not None and _elsewhere(found, window):
        other = tempo.estimate(_at_tempo_rate(mono, rate), None, tempo.onset_curve(whole.flux))
        if other is not None and other.confidence >= tempo.STEADY:
            free, sure = other.bpm, other.confidence
    tell("Measuring", 0.85)
    return Heard(
        samples, rate, found, whole, spectrum.chroma(mono, rate), level.levels(samples, rate),
        stereo.measure(samples, rate), free, sure,
    )  # fmt: skip


def _elsewhere(found: Analysis, window: float) -> bool:
    return found.bpm is None or found.bpm_confidence < tempo.STEADY or abs(found.bpm / window - 1) > 0.02


def _at_tempo_rate(mono: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    from core.audio.effects import resample

    return np.ascontiguousarray(resample(mono[None], rate, tempo.SAMPLE_RATE)[0])
