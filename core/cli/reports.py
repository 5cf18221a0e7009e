"""The report of `studio analyse`: what --json prints, and the same for a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict


class ProblemLine(BaseModel):
    kind: str
    start_s: float
    end_s: float
    detail: str
    remedy: str


class UnprovenLine(BaseModel):
    """What a detector says whose precision on unseen files is under 0.8, with its figures."""

    kind: str
    precision: float | None
    recall: float | None
    faulty: int | None
    clean: int | None
    found: list[ProblemLine]


class LoudnessLine(BaseModel):
    integrated_lufs: float | None
    range_lu: float | None
    momentary_max_lufs: float | None
    short_term_max_lufs: float | None


class DynamicsLine(BaseModel):
    rms_dbfs: float | None
    peak_dbfs: float | None
    crest_db: float | None
    plr_lu: float | None
    range_lu: float | None


class SpectrumLine(BaseModel):
    centroid_hz: float
    rolloff_hz: float
    bands_hz: list[float]
    bands_db: list[float]


class ChordLine(BaseModel):
    bar: int
    start_s: float
    end_s: float
    chord: str
    confidence: float


class SectionLine(BaseModel):
    start_s: float
    end_s: float
    label: str


class CurveLine(BaseModel):
    """A value stands for the time start_s + n * step_s."""

    start_s: float
    step_s: float
    values: list[float]


class StereoLine(BaseModel):
    correlation: float
    width: float
    balance_db: float
    curves: dict[str, CurveLine]


class Report(BaseModel):
    """Fields after `report` are None in a quick one."""

    model_config = ConfigDict(extra="forbid")

    duration_s: float
    sample_rate: int
    channels: int
    lufs: float | None
    true_peak_dbtp: float | None
    bpm: float | None
    bpm_candidates: list[float]
    bpm_alternatives: dict[str, float] | None
    bpm_confidence: float
    key: str | None
    camelot: str | None
    key_confidence: float
    problems: list[ProblemLine]
    unproven: list[UnprovenLine]
    warnings: list[str]
    loudness: LoudnessLine
    dynamics: DynamicsLine
    spectrum: SpectrumLine
    energy: float
    waveform: list[int]
    report: str
    beats: list[float] | None = None
    bars: list[float] | None = None
    beats_per_bar: int | None = None
    chords: list[ChordLine] | None = None
    sections: list[SectionLine] | None = None
    speech_share: float | None = None
    curves: dict[str, CurveLine] | None = None
    stereo: StereoLine | None = None
    mel_png: str | None = None


def told(found: Report) -> Iterator[str]:
    """Line by line, for a terminal."""
    yield _line("Length", f"{found.duration_s:.2f} s, {found.sample_rate} Hz, {found.channels} channels")
    sure = "no steady beat" if found.bpm_confidence < 0.25 else f"confidence {found.bpm_confidence:.2f}"
    others = ", ".join(f"{bpm:g}" for bpm in found.bpm_candidates[1:])
    yield _line(
        "Tempo", f"{_figure(found.bpm, 'BPM')} ({sure}{f'; or {others}' if others else ''})" if found.bpm else "-"
    )
    yield _line("Key", f"{found.key} ({found.camelot}, confidence {found.key_confidence:.2f})" if found.key else "-")
    wide = found.loudness
    yield _line("Loudness", f"{_figure(found.lufs, 'LUFS')}, range {_figure(wide.range_lu, 'LU')}, "
                f"short-term at most {_figure(wide.short_term_max_lufs, 'LUFS')}")  # fmt: skip
    yield _line("True peak", _figure(found.true_peak_dbtp, "dBTP"))
    yield _line(
        "Dynamics", f"crest {_figure(found.dynamics.crest_db, 'dB')}, PLR {_figure(found.dynamics.plr_lu, 'LU')}"
    )
    yield _line(
        "Spectrum", f"centroid {found.spectrum.centroid_hz:.0f} Hz, 85 % under {found.spectrum.rolloff_hz:.0f} Hz"
    )
    yield _line("Energy", f"{found.energy:.2f}")
    if found.sections is not None:
        yield _line("Sections", " ".join(f"{one.label} {_clock(one.start_s)}" for one in found.sections) or "-")
        yield _line("Chords", " ".join(one.chord for one in (found.chords or [])[:32]) or "-")
        yield _line("Beats", f"{len(found.beats or [])}, {found.beats_per_bar or '-'} to a bar")
        yield _line("Speech", "-" if found.speech_share is None else f"{found.speech_share:.0%}")
    if found.stereo is not None:
        image = found.stereo
        yield _line(
            "Stereo",
            f"correlation {image.correlation:+.2f}, width {image.width:.2f}, balance {image.balance_db:+.1f} dB",
        )
    for problem in found.problems:
        yield _line("Problem", f"{_clock(problem.start_s)} {problem.kind}: {problem.detail} {problem.remedy}")
    if not found.problems:
        yield _line("Problems", "none found")
    for row in found.unproven:
        figures = "not measured" if row.precision is None else f"right in {row.precision:.0%} of its findings"
        yield _line("Unproven", f"{row.kind}, {len(row.found)} times ({figures})")
    for warning in found.warnings:
        yield _line("Warning", warning)


def _line(name: str, value: Any) -> str:
    return f"{name:<10} {value}"


def _figure(value: float | None, unit: str) -> str:
    return "-" if value is None else f"{value:.1f} {unit}"


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"
