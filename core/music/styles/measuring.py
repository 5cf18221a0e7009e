"""What is measured on one track of a style, in a child process: the studio's full report, made small, and how much begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from core.kit.children import Progress

ENERGY_POINTS = 8
"""Of the energy curve: so many stretches of equal length, loudest 0 dB."""
_CURVE_FLOOR_DB = -40.0


@dataclass(frozen=True)
class TrackToMeasure:
    path: Path
    bpm: float | None
    """As the library has it: it decides between a tempo and its half or double."""


def measure_track(track: TrackToMeasure, progress: Progress) -> dict[str, Any]:
    """The child's side; essentia runs in here. None stands for what cannot be told of this track."""
    from core.audio.analysis import analyse_file
    from core.audio.tempo import STEADY

    found = analyse_file(
        {"path": str(track.path), "expected_bpm": track.bpm, "full": True},
        lambda stage, fraction: progress(stage, 0.9 * fraction),
    ).as_dict()
    progress("Counting onsets", 0.9)
    steady = found["bpm"] is not None and found["bpm_confidence"] >= STEADY
    image = found["stereo"] or {}
    return {
        "seconds": round(found["duration_s"], 2),
        "bpm": found["bpm"] if steady else None,
        "beats_per_bar": found["beats_per_bar"],
        "key": found["key"],
        "key_confidence": found["key_confidence"],
        "minor_chords": _minor(found["chords"]),
        "section_s": _mean([each["end_s"] - each["start_s"] for each in found["sections"]]),
        "sections": len(found["sections"]),
        "lufs": found["lufs"],
        "range_lu": found["dynamics"]["range_lu"],
        "crest_db": found["dynamics"]["crest_db"],
        "centroid_hz": found["spectrum"]["centroid_hz"],
        "octaves_db": octaves(found["spectrum"]),
        "width": image.get("width"),
        "energy": found["energy"],
        "energy_curve": _curve(found["curves"]["energy_dbfs"]["values"]),
        "onsets_per_s": onsets_per_second(track.path),
    }


def octaves(spectrum: Mapping[str, Any]) -> list[float]:
    """dB of the octaves around 63 Hz … 8 kHz over their mean, as the references of core.music.quality have them."""
    from core.music.quality.image import OCTAVES_HZ, shape_of

    shape = shape_of(spectrum["bands_hz"], spectrum["bands_db"])
    assert shape.size == len(OCTAVES_HZ)
    return [round(float(level), 1) for level in shape]


def onsets_per_second(path: Path) -> float | None:
    """Events a second by the peaks of the spectral flux; None for a recording too long to be held in memory."""
    from scipy.signal import find_peaks

    from core.audio import spectrum, streaming, tempo
    from core.audio.files import decode
    from core.audio.mono import heard

    if streaming.is_long(str(path))[0]:
        return None
    audio = decode(path)
    curve = tempo.onset_curve(spectrum.measure(heard(audio.samples), audio.sample_rate).flux)
    if curve.size == 0:
        return 0.0
    peaks, _ = find_peaks(curve, height=0.5 * float(curve.std()), distance=5)
    seconds = float(audio.samples.shape[1]) / audio.sample_rate
    return round(len(peaks) / seconds, 2)


def _minor(chords: list[dict[str, Any]]) -> float | None:
    """Share of the chords' time that is minor."""
    heard = [each for each in chords if each["chord"] != "N"]
    whole = float(sum(each["end_s"] - each["start_s"] for each in heard))
    minor = float(sum(each["end_s"] - each["start_s"] for each in heard if each["chord"].endswith("m")))
    return round(minor / whole, 3) if whole > 0 else None


def _mean(values: list[float]) -> float | None:
    return round(sum(values) / len(values), 2) if values else None


def _curve(values: list[float]) -> list[float]:
    """The level of each eighth under the loudest one, in dB."""
    if len(values) < ENERGY_POINTS:
        return []
    edges = np.arange(ENERGY_POINTS + 1) * len(values) // ENERGY_POINTS
    powers = 10 ** (np.asarray(values) / 10)
    levels = 10 * np.log10(np.asarray([powers[first:past].mean() for first, past in pairwise(edges)]) + 1e-12)
    return [round(float(level), 1) for level in np.maximum(levels - levels.max(), _CURVE_FLOOR_DB)]
