"""What an engine handed over, measured: a service says little about its own sound, and what it says is not believed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.audio.analysis import Analysis, analyse
from core.audio.tempo import STEADY
from core.kit.children import Children
from core.music.types import MusicRequest
from core.providers.base import Output

KEY_SURE = 0.5
"""Strength under which a key is not put down as the piece's own."""
OFF_BY_S = 1.0
"""A piece further from the length that was asked for says so."""


def received(
    output: Output, request: MusicRequest, children: Children, cancelled: Callable[[], bool] | None = None
) -> Output:
    """The output with the facts of a library asset. What its maker measured itself (the composer) stays."""
    if "peaks" in output.facts:
        return output
    found = analyse(output.path, children, expected_bpm=request.bpm, cancelled=cancelled)
    return replace(output, facts={**_facts(found, request), **output.facts})


def _facts(found: Analysis, request: MusicRequest) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "duration_s": found.duration_s, "sample_rate": found.sample_rate, "channels": found.channels, "lufs": found.lufs,
        "true_peak_dbtp": found.true_peak_dbtp, "peaks": list(found.waveform), "genre": request.genre, "mood": request.mood,
        "intensity": request.intensity,
        "bpm": found.bpm if found.bpm is not None and found.bpm_confidence >= STEADY else None,
        "key": found.key if found.key_confidence >= KEY_SURE else None,
    }  # fmt: skip
    notes = list(found.warnings)
    if abs(found.duration_s - request.seconds) > OFF_BY_S:
        notes.append(f"{request.seconds:g} s were asked for, {found.duration_s:.1f} s came.")
    return facts | ({"config": {"warnings": notes}} if notes else {})
