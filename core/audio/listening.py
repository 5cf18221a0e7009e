"""Everything that is measured on the way through a file, block by block; a short file is one block.

What is kept of a block is small: powers per 10 ms, a few curves, a coarse mel picture. Only the block around the middle is
kept as sound, because tempo and key are found there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.audio import defects, peaks, r128, spectrum, speech, stereo
from core.audio.faults import level
from core.audio.faults.problem import Problem
from core.audio.files import Samples
from core.audio.mono import heard as heard_mono
from core.audio.spectrum import FRAMES_PER_SECOND, Spectrum

Floats = NDArray[np.float32]

PICTURE_PER_SECOND = 10
_STEP = FRAMES_PER_SECOND // PICTURE_PER_SECOND


@dataclass
class Listening:
    sample_rate: int
    channels: int
    middle_s: float | None
    """Which block to keep for tempo and key; None: the second, or the first if that is longer."""
    full: bool
    seconds: float = 0.0
    energy: float = 0.0
    """Sum of the squares of all samples."""
    highest: float = 0.0
    powers: r128.Powers = field(init=False)
    peak: peaks.TruePeak = field(default_factory=peaks.TruePeak)
    levels: list[NDArray[np.float64]] = field(default_factory=list)
    tops: list[Floats] = field(default_factory=list)
    flux: list[Floats] = field(default_factory=list)
    bass_flux: list[Floats] = field(default_factory=list)
    centroid: list[Floats] = field(default_factory=list)
    mel: list[Floats] = field(default_factory=list)
    chroma: list[Floats] = field(default_factory=list)
    sums: list[stereo.Sums] = field(default_factory=list)
    spoken: list[NDArray[np.float64]] = field(default_factory=list)
    faults: list[tuple[float, list[Problem]]] = field(default_factory=list)
    longest: tuple[float, Spectrum] | None = None
    mono: Floats | None = None
    """Of the block kept for tempo and key, with its onsets in `mono_flux`."""
    mono_flux: Floats | None = None
    _power: NDArray[np.float64] | None = None
    _weight: float = 0.0
    _blocks: int = 0

    def __post_init__(self) -> None:
        self.powers = r128.Powers(self.sample_rate)

    def feed(self, samples: Samples) -> None:
        start, seconds = self.seconds, samples.shape[1] / self.sample_rate
        self.seconds += seconds
        self._blocks += 1
        self.powers.feed(samples)
        self.peak.feed(samples)
        self.energy += float(np.einsum("cn,cn->", samples, samples, dtype=np.float64)) / samples.shape[0]
        self.levels.append(level.levels(samples, self.sample_rate))
        self.tops.append(peaks.tops(samples, self.sample_rate, FRAMES_PER_SECOND))
        self.highest = max(self.highest, float(self.tops[-1].max(initial=0.0)))
        mono = heard_mono(samples)
        heard = spectrum.measure(mono, self.sample_rate)
        self._add(heard, seconds)
        told = speech.windows(heard)
        self.spoken.append(told)
        share = float((told > 0.5).mean()) if told.size else 0.0
        self.faults.append((start, defects.find_local(samples, self.sample_rate, mono, heard, share)))
        sums = stereo.measure(samples, self.sample_rate)
        if sums is not None:
            self.sums.append(sums)
        if self.full:
            self.chroma.append(spectrum.chroma(mono, self.sample_rate))
        if self.middle_s is None:
            chosen = self._blocks <= 2 and (self.mono is None or mono.size >= self.mono.size)
        else:
            chosen = start <= self.middle_s
        if chosen or self.mono is None:
            self.mono, self.mono_flux = mono, heard.flux

    def _add(self, heard: Spectrum, seconds: float) -> None:
        self.flux.append(heard.flux)
        self.bass_flux.append(heard.bass_flux)
        self.centroid.append(heard.centroid_hz)
        edges = np.arange(0, heard.frames, _STEP)
        # The mean of decibels: a picture shows levels, not powers.
        self.mel.append(np.add.reduceat(heard.mel_db, edges, axis=1) / np.diff([*edges.tolist(), heard.frames]))
        self._power = heard.power * seconds + (0.0 if self._power is None else self._power)
        self._weight += seconds
        self._hertz = heard.hertz

    @property
    def average(self) -> Spectrum:
        """The long-term spectrum of the whole file; its curves are empty."""
        nothing = np.zeros(0, dtype=np.float32)
        power = np.zeros(1) if self._power is None else self._power / max(self._weight, 1e-9)
        return Spectrum(self.sample_rate, nothing[None], nothing, nothing, nothing, power, self._hertz)

    def problems(self, lufs: float | None) -> tuple[Problem, ...]:
        levels = np.concatenate(self.levels)
        if lufs is None and not (levels > level.SILENT_DB).any():
            return tuple(level.silences(levels, self.seconds))
        found = [*level.silences(levels, self.seconds), *level.low_level(lufs, self.seconds)]
        return defects.ordered([*found, *defects.joined(self.faults)])
