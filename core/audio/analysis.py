"""What a file is: length, tempo, key, loudness, peaks and faults, found out in a process that can be killed.

essentia holds the interpreter lock and hangs on NaN, so it never runs where pages are served. The decoder refuses NaN
before it gets there, and tempo and key are asked only of what can be heard.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.audio import card, report, streaming, tempo
from core.audio.faults.problem import Problem
from core.audio.files import decode
from core.audio.listening import Listening
from core.audio.r128 import integrated
from core.kit.children import Children, Progress
from core.kit.errors import UserError

__all__ = ["Analysis", "Problem", "analyse", "analyse_samples"]

Samples = NDArray[np.float32]

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
    """Facts: from detectors that the accuracy card vouches for."""
    unproven: tuple[dict[str, Any], ...] = ()
    """What the other detectors say, with their figures."""
    warnings: tuple[str, ...] = ()
    loudness: dict[str, Any] = field(default_factory=dict)
    dynamics: dict[str, Any] = field(default_factory=dict)
    spectrum: dict[str, Any] = field(default_factory=dict)
    energy: float = 0.0
    waveform: tuple[int, ...] = ()
    details: dict[str, Any] | None = None
    """The full report has beats, chords, sections, curves, stereo, speech and a picture; the quick one None."""

    def as_dict(self) -> dict[str, Any]:
        """Flat, and JSON as it stands: no NaN, no infinity."""
        plain = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "details"}
        plain["problems"] = [problem.as_dict() for problem in self.problems]
        plain |= {name: list(value) for name, value in plain.items() if isinstance(value, tuple)}
        alternatives = None if self.bpm is None else {"half": round(self.bpm / 2, 2), "double": round(self.bpm * 2, 2)}
        plain |= {"report": "quick" if self.details is None else "full", "bpm_alternatives": alternatives}
        return plain | (self.details or {})


def analyse(
    path: str | Path,
    children: Children,
    *,
    full: bool = False,
    expected_bpm: float | None = None,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    timeout_s: float = 600.0,
) -> Analysis:
    """Raises UserError for what decode() refuses, Cancelled, and ProviderError past the time limit."""
    if expected_bpm is not None and not 20 <= expected_bpm <= 300:
        raise UserError(f"A tempo of {expected_bpm:g} BPM cannot be checked.", "Give 20 to 300 BPM.")
    request = {"path": str(Path(path).absolute()), "expected_bpm": expected_bpm, "full": full}
    answer = children.run(analyse_file, request, progress=progress, cancelled=cancelled, timeout_s=timeout_s)
    assert isinstance(answer, Analysis)
    return answer


def analyse_file(request: dict[str, Any], progress: Progress) -> Analysis:
    """The child's side of analyse(). Long files come in blocks."""
    path, full = request["path"], bool(request.get("full"))
    progress("Reading", 0.0)
    long, announced = streaming.is_long(path)
    if not long:
        audio = decode(path)
        found = analyse_samples(audio.samples, audio.sample_rate, request["expected_bpm"], progress, full=full)
        return replace(found, warnings=audio.warnings)
    heard: list[Listening] = []

    def take(block: Samples, sample_rate: int) -> None:
        if not heard:
            heard.append(_listening(block, sample_rate, announced, full))
        heard[0].feed(block)
        progress("Listening", 0.8 * min(1.0, heard[0].seconds / (announced or 7200.0)))

    audio = streaming.stream(path, take)
    return replace(_told(heard[0], request["expected_bpm"], progress), warnings=audio.warnings)


def analyse_samples(
    samples: Samples,
    sample_rate: int,
    expected_bpm: float | None = None,
    progress: Progress | None = None,
    *,
    full: bool = False,
) -> Analysis:
    """For a child process: essentia runs in here."""
    if not np.isfinite(samples).all():
        raise UserError("The sound holds values that are not numbers.", "Render it again.", "not_finite")
    tell = progress or (lambda stage, fraction: None)
    seconds = samples.shape[1] / sample_rate
    tell("Listening", 0.1)
    heard = _listening(samples, sample_rate, seconds, full)
    step = streaming.block_frames(sample_rate, samples.shape[0])
    for start in range(0, samples.shape[1], step):
        heard.feed(samples[:, start : start + step])
        tell("Listening", 0.1 + 0.4 * min(1.0, (start + step) / samples.shape[1]))
    return _told(heard, expected_bpm, tell)


def _listening(samples: Samples, sample_rate: int, seconds: float | None, full: bool) -> Listening:
    return Listening(sample_rate, int(samples.shape[0]), None if seconds is None else seconds / 2, full)


def _told(heard: Listening, expected_bpm: float | None, tell: Progress) -> Analysis:
    lufs = integrated(heard.powers.tens)
    beat: tempo.Tempo | None = None
    key, confidence = None, 0.0
    if lufs is not None and heard.mono is not None and heard.mono_flux is not None:
        from core.audio.effects import resample

        mono = np.ascontiguousarray(resample(heard.mono[None], heard.sample_rate, tempo.SAMPLE_RATE)[0])
        tell("Finding the tempo", 0.6)
        beat = tempo.estimate(mono, expected_bpm, tempo.onset_curve(heard.mono_flux))
        tell("Finding the key", 0.7)
        key, confidence = _key(mono)
    tell("Writing the report", 0.8)
    problems, unproven = card.judged(heard.problems(lufs))
    found = Analysis(
        duration_s=heard.seconds,
        sample_rate=heard.sample_rate,
        channels=heard.channels,
        lufs=lufs,
        true_peak_dbtp=heard.peak.dbtp,
        bpm=round(beat.bpm, 2) if beat else None,
        bpm_candidates=tuple(round(bpm, 2) for bpm in beat.candidates) if beat else (),
        bpm_confidence=round(beat.confidence, 3) if beat else 0.0,
        key=key,
        camelot=camelot(key) if key else None,
        key_confidence=round(confidence, 3),
        problems=problems,
        unproven=unproven,
        loudness=report.loudness(heard, lufs),
        dynamics=report.dynamics(heard, lufs),
        spectrum=report.long_term_spectrum(heard),
        energy=report.energy(heard, lufs),
        waveform=tuple(report.waveform(heard)),
        details=report.details(heard, beat, key) if heard.full else None,
    )
    tell("Writing the report", 1.0)
    return found


def camelot(key: str) -> str:
    """The DJ's wheel: 'A minor' is 8A, 'C major' 8B."""
    note, _, mode = key.partition(" ")
    return _CAMELOT[mode][_NOTES.index(_FLATS.get(note, note))]


def _key(mono: NDArray[np.float32]) -> tuple[str | None, float]:
    """'D minor' and a strength of 0 to 1; None for less than a second."""
    if mono.size < _MIN_KEY_SECONDS * tempo.SAMPLE_RATE or not mono.any():
        return None, 0.0
    extractor = tempo.essentia_standard().KeyExtractor(profileType="bgate", sampleRate=float(tempo.SAMPLE_RATE))
    note, mode, strength = extractor(mono)
    if not np.isfinite(strength) or strength <= 0:
        return None, 0.0
    return f"{_FLATS.get(note, note)} {mode}", float(min(strength, 1.0))
