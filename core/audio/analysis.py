"""What a file is: length, tempo, key, loudness, peaks and faults, found out in a process that can be killed.

essentia holds the interpreter lock and hangs on NaN, so it never runs where pages are served. The decoder refuses NaN
before it gets there, and tempo and key are asked only of what can be heard.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.audio import defects, tempo
from core.audio.defects import Problem
from core.audio.files import decode, to_mono
from core.audio.loudness import integrated_lufs, true_peak_dbtp
from core.kit.children import Children, Progress
from core.kit.errors import UserError

__all__ = ["Analysis", "Problem", "analyse", "analyse_samples"]

Samples = NDArray[np.float32]

MUSICAL_SECONDS = 300.0
"""Tempo and key are found in the middle five minutes of longer files."""
_MIN_KEY_SECONDS = 1.0
_CAMELOT = {
    "major": ("8B", "3B", "10B", "5B", "12B", "7B", "2B", "9B", "4B", "11B", "6B", "1B"),
    "minor": ("5A", "12A", "7A", "2A", "9A", "4A", "11A", "6A", "1A", "8A", "3A", "10A"),
}
_NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_FLATS = {"Db": "C#", "Eb": "D#", "Gb": "F#", "Ab": "G#", "Bb": "A#"}


@dataclass(frozen=True)
class Analysis:
    """None: not to be told. Silence has no loudness, tempo or key; a second of sound has no tempo."""

    duration_s: float
    sample_rate: int
    channels: int
    lufs: float | None
    true_peak_dbtp: float | None
    bpm: float | None
    bpm_candidates: tuple[float, ...]
    bpm_confidence: float
    """Under 0.25: no steady beat (speech, rubato, pads)."""
    key: str | None
    camelot: str | None
    key_confidence: float
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "bpm_candidates": list(self.bpm_candidates), "warnings": list(self.warnings)} | {
            "problems": [asdict(problem) for problem in self.problems]
        }


def analyse(
    path: str | Path,
    children: Children,
    *,
    expected_bpm: float | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    timeout_s: float = 300.0,
) -> Analysis:
    """Raises UserError for what decode() refuses, Cancelled, and ProviderError past the time limit."""
    if expected_bpm is not None and not 20 <= expected_bpm <= 300:
        raise UserError(f"A tempo of {expected_bpm:g} BPM cannot be checked.", "Give 20 to 300 BPM.")
    request = {"path": str(Path(path).absolute()), "expected_bpm": expected_bpm}
    answer = children.run(analyse_file, request, progress=progress, cancelled=cancelled, timeout_s=timeout_s)
    assert isinstance(answer, Analysis)
    return answer


def analyse_file(request: dict[str, Any], progress: Progress) -> Analysis:
    """The child's side of analyse()."""
    progress("Reading", 0.0)
    audio = decode(request["path"])
    found = analyse_samples(audio.samples, audio.sample_rate, request["expected_bpm"], progress)
    return replace(found, warnings=audio.warnings)


def analyse_samples(
    samples: Samples, sample_rate: int, expected_bpm: float | None = None, progress: Progress | None = None
) -> Analysis:
    """For a child process: essentia runs in here."""
    if not np.isfinite(samples).all():
        raise UserError("The sound holds values that are not numbers.", "Render it again.", "not_finite")
    tell = progress or (lambda stage, fraction: None)
    seconds = samples.shape[1] / sample_rate
    tell("Measuring loudness", 0.1)
    lufs = integrated_lufs(samples, sample_rate)
    peak = true_peak_dbtp(samples, sample_rate)
    tell("Looking for faults", 0.3)
    problems = defects.find(samples, sample_rate, lufs)
    beat: tempo.Tempo | None = None
    key, confidence = None, 0.0
    if lufs is not None:
        mono = _musical_part(samples, sample_rate)
        tell("Finding the tempo", 0.5)
        beat = tempo.estimate(mono, expected_bpm)
        tell("Finding the key", 0.9)
        key, confidence = _key(mono)
    tell("Finding the key", 1.0)
    return Analysis(
        duration_s=seconds,
        sample_rate=sample_rate,
        channels=int(samples.shape[0]),
        lufs=lufs,
        true_peak_dbtp=peak,
        bpm=round(beat.bpm, 2) if beat else None,
        bpm_candidates=tuple(round(bpm, 2) for bpm in beat.candidates) if beat else (),
        bpm_confidence=round(beat.confidence, 3) if beat else 0.0,
        key=key,
        camelot=camelot(key) if key else None,
        key_confidence=round(confidence, 3),
        problems=problems,
    )


def camelot(key: str) -> str:
    """The DJ's wheel: 'A minor' is 8A, 'C major' 8B."""
    note, _, mode = key.partition(" ")
    return _CAMELOT[mode][_NOTES.index(_FLATS.get(note, note))]


def _musical_part(samples: Samples, sample_rate: int) -> NDArray[np.float32]:
    """Mono at 44.1 kHz. Where the channels cancel each other the left one stands for both."""
    from core.audio.effects import resample

    longest = round(MUSICAL_SECONDS * sample_rate)
    start = max(0, (samples.shape[1] - longest) // 2)
    part = samples[:, start : start + longest]
    mono = to_mono(part)
    if np.square(mono).mean() < 0.01 * np.square(part).mean():
        mono = part[int(np.square(part).mean(axis=1).argmax())][None]
    return np.ascontiguousarray(resample(mono, sample_rate, tempo.SAMPLE_RATE)[0])


def _key(mono: NDArray[np.float32]) -> tuple[str | None, float]:
    """'D minor' and a strength of 0 to 1; None for less than a second."""
    if mono.size < _MIN_KEY_SECONDS * tempo.SAMPLE_RATE or not mono.any():
        return None, 0.0
    extractor = tempo.essentia_standard().KeyExtractor(profileType="bgate", sampleRate=float(tempo.SAMPLE_RATE))
    note, mode, strength = extractor(mono)
    if not np.isfinite(strength) or strength <= 0:
        return None, 0.0
    return f"{_FLATS.get(note, note)} {mode}", float(min(strength, 1.0))
