"""A style's profile: how what was measured on its tracks is distributed. Plain JSON, so that it can be kept and read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean, median
from typing import Any

import numpy as np

VERSION = 1
FIGURES = (
    "bpm", "section_s", "lufs", "range_lu", "crest_db", "centroid_hz", "width", "energy", "onsets_per_s", "minor_chords",
)  # fmt: skip
"""Numbers of which median and spread are told."""
_SURE_OF_KEY = 0.4
_CLOSEST_DB, _CLEARLY_DB = 5.0, 1.5
"""A spectrum is taken for a genre's when it lies on average nearer than that to its reference, and by so much nearer than
to the next. One recording stands for each family, so anything looser would be a guess."""


def profile(tracks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`tracks`: measure_track's answers, each with asset_id, name, genre, mood, intensity and instruments as the library
    had them (None or [] where it had none)."""
    keys = [str(one["key"]) for one in tracks if one["key"] and one["key_confidence"] >= _SURE_OF_KEY]
    shapes = [one["octaves_db"] for one in tracks if one["octaves_db"]]
    curves = [one["energy_curve"] for one in tracks if one["energy_curve"]]
    shape = _medians(shapes)
    genre, why = _genre(tracks, shape)
    return {
        "version": VERSION,
        "tracks": [dict(one) for one in tracks],
        "figures": {name: spread for name in FIGURES if (spread := _spread([one[name] for one in tracks]))},
        "keys": dict(Counter(keys)),
        "minor": round(fmean(key.endswith("minor") for key in keys), 3) if keys else None,
        "beats_per_bar": dict(Counter(str(one["beats_per_bar"]) for one in tracks if one["beats_per_bar"])),
        "octaves_db": shape,
        "energy_curve": _medians(curves),
        "genre": genre,
        "genre_why": why,
        "mood": _agreed([one["mood"] for one in tracks]),
        "intensity": _agreed([one["intensity"] for one in tracks]),
        "instruments": _shares([one["instruments"] for one in tracks]),
    }


def _spread(values: Sequence[float | None]) -> dict[str, Any]:
    """Median, and the 10th and 90th percentile; {} where nothing was measured."""
    found = sorted(float(value) for value in values if value is not None)
    if not found:
        return {}
    low, high = np.percentile(found, [10, 90])
    return {
        "median": round(median(found), 3), "low": round(float(low), 3), "high": round(float(high), 3), "tracks": len(found),
    }  # fmt: skip


def _medians(rows: Sequence[Sequence[float]]) -> list[float]:
    return [round(float(value), 1) for value in np.median(np.asarray(rows), axis=0)] if rows else []


def _agreed(names: Sequence[str | None]) -> str | None:
    """What more than half of all tracks are."""
    named = Counter(name for name in names if name)
    best, count = named.most_common(1)[0] if named else (None, 0)
    return best if count * 2 > len(names) else None


def _shares(lists: Sequence[Sequence[str]]) -> dict[str, float]:
    """Instrument to the share of the tracks that have it."""
    counted = Counter(name for names in lists for name in set(names))
    return {name: round(count / len(lists), 3) for name, count in counted.most_common()}


def _genre(tracks: Sequence[Mapping[str, Any]], shape: Sequence[float]) -> tuple[str | None, str]:
    """What the library says of the tracks; else the reference recording whose spectrum is clearly the nearest."""
    said = _agreed([one["genre"] for one in tracks])
    if said:
        return said, f"most of its tracks are {said} in the library"
    from core.music.quality.rules import rules

    if not shape:
        return None, ""
    table = rules()
    away = sorted(
        (float(np.abs(np.asarray(shape) - np.asarray(row["octaves_db"])).mean()), name)
        for name, row in table["references"].items()
    )
    if len(away) < 2 or away[0][0] > _CLOSEST_DB or away[1][0] - away[0][0] < _CLEARLY_DB:
        return None, ""
    genre = next((name for name, family in table["families"].items() if family == away[0][1]), None)
    title = table["references"][away[0][1]]["title"]
    return genre, f"high and low lie as in {title}, {away[0][0]:.1f} dB away on average"
