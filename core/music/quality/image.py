"""Spectral balance and stereo against reference curves per genre; treble that is missing; what is lost in mono."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.audio import spectrum, stereo
from core.audio.spectrum import Spectrum
from core.music.quality.hearing import Heard
from core.music.quality.rules import graded, part, rule, rules, unmeasured
from core.music.quality.types import Asked, Part

Curve = NDArray[np.float64]

OCTAVES_HZ = (63, 125, 250, 500, 1000, 2000, 4000, 8000)
_NO_REFERENCE = "There is no reference for this genre."
_SILENT_DB = -95.0


def octave_levels(measured: Spectrum) -> Curve:
    """dB of each of OCTAVES_HZ over their mean: the shape of the long-term spectrum, whatever its level."""
    return shape_of(*spectrum.bands(measured))


def shape_of(centres: Sequence[float], levels: Sequence[float]) -> Curve:
    """The same from the third-octave bands of a report."""
    power = 10 ** (np.asarray(levels) / 10)
    found = []
    for centre in OCTAVES_HZ:
        inside = [n for n, hertz in enumerate(centres) if centre * 2**-0.5 <= hertz < centre * 2**0.5]
        found.append(10 * np.log10(power[inside].sum() + 1e-12) if inside else _SILENT_DB)
    shape = np.asarray(found)
    return np.asarray(shape - shape.mean())


def reference_for(genre: str | None) -> Mapping[str, Any] | None:
    name = rules()["families"].get(genre or "")
    return None if name is None else rules()["references"][name]


def balance(heard: Heard, asked: Asked) -> Part:
    row = rule("balance")
    if not asked.genre:
        return unmeasured("balance", "No genre was asked for.")
    told = reference_for(asked.genre)
    if told is None:
        return unmeasured("balance", _NO_REFERENCE)
    away = octave_levels(heard.spectrum) - np.asarray(told["octaves_db"])
    excess = np.maximum(np.abs(away) - row["free_db"], 0.0)
    mean = float(excess.mean())
    score = graded(mean, row["good_db"], row["bad_db"])
    expected = f"like {told['title']}, give or take {row['free_db']:g} dB an octave"
    worst = int(excess.argmax())
    more = "more" if away[worst] > 0 else "less"
    note = "High and low are balanced as in the reference." if score == 1 else (
        f"Around {OCTAVES_HZ[worst]} Hz there is {abs(away[worst]):.0f} dB {more} than in the reference."
    )  # fmt: skip
    return part("balance", round(mean, 1), expected, score, note)


def treble(heard: Heard, _asked: Asked) -> Part:
    """A wall in the spectrum: below it the piece has all its level, right above it nothing. Music that has little treble
    by nature slopes down."""
    row = rule("treble")
    expected = f"up to {row['good_hz'] / 1000:g} kHz or a gentle slope"
    if heard.rate / 2 < row["good_hz"]:
        wall = heard.rate / 2
        score = graded(wall, row["good_hz"], row["bad_hz"])
        note = f"At {heard.rate:,} samples a second nothing above {wall / 1000:.1f} kHz can be there."
        return part("treble", round(wall / 1000, 1), expected, score, note)
    found = _wall(heard.spectrum, row)
    if found is None:
        return part("treble", "whole", expected, 1.0, "The treble is not cut off.")
    score = graded(found, row["good_hz"], row["bad_hz"])
    note = f"Everything above {found / 1000:.1f} kHz is cut off."
    if score == 1:
        note = f"It is cut off above {found / 1000:.1f} kHz, where little is heard."
    return part("treble", round(found / 1000, 1), expected, score, note)


def _wall(measured: Spectrum, row: Mapping[str, Any]) -> float | None:
    """Hz of the lowest place where the level falls by `fall_db` within `within` of an octave and does not come back."""
    edges = np.geomspace(row["from_hz"], min(20000.0, measured.hertz[-1]), 96)
    power = np.concatenate(([0.0], np.cumsum(measured.power)))
    at = np.searchsorted(measured.hertz, edges)
    widths = np.maximum(np.diff(at), 1)
    db = 10 * np.log10((power[at[:-1] + widths] - power[at[:-1]]) / widths + 1e-20)
    step = float(np.log2(edges[1] / edges[0]))
    reach = max(1, round(row["within_octaves"] / step))
    wide = max(1, round(0.25 / step))
    for n in range(wide, db.size - reach):
        before, after = float(np.median(db[n - wide : n])), float(db[n + reach :].max())
        if before - after > row["fall_db"] and before > float(db.max()) - row["heard_db"]:
            return float(edges[n])
    return None


def width(heard: Heard, asked: Asked) -> Part:
    row = rule("width")
    if heard.sums is None:
        if heard.samples.shape[0] == 1:
            return part("width", 0.0, "stereo", row["mono_score"], "It has one channel only: it sounds from one point.")
        return unmeasured("width", "Only of two channels a width can be told.")
    share = 100 * float(stereo.image(heard.sums)["width"])
    if share < row["mono_percent"]:
        return part("width", round(share, 1), "stereo", row["mono_score"], "Both sides are the same: it is mono.")
    told = reference_for(asked.genre)
    if told is None or told.get("width_percent") is None:
        why = _NO_REFERENCE if asked.genre else "No genre was asked for."
        return unmeasured("width", f"It is stereo. {why}")
    usual = float(told["width_percent"])
    ratio = float(np.log2(share / usual))
    score = graded(abs(ratio), row["good_octaves"], row["bad_octaves"])
    often = 2 ** row["good_octaves"]
    expected = f"{usual / often:.1f} to {usual * often:.0f} %, around {told['title']}"
    note = "It is as wide as the reference, roughly." if score == 1 else (
        f"It is much {'wider' if ratio > 0 else 'narrower'} than the reference."
    )  # fmt: skip
    return part("width", round(share, 1), expected, score, note)


def fold_down(heard: Heard, _asked: Asked) -> Part:
    row = rule("fold_down")
    expected = f"at most {row['good_db']:g} dB lost"
    if heard.sums is None:
        return unmeasured("fold_down", "It has no two channels that could cancel each other.", expected)
    left, right, both = (float(values.sum()) for values in (heard.sums.left, heard.sums.right, heard.sums.both))
    whole, middle = (left + right) / 2, (left + right + 2 * both) / 4
    lost = float(np.clip(10 * np.log10((whole + 1e-12) / (max(middle, 0.0) + 1e-12)), 0.0, 60.0))
    score = graded(lost, row["good_db"], row["bad_db"])
    note = "On one loudspeaker all of it is heard." if score == 1 else (
        "On one loudspeaker much of it vanishes: the sides cancel each other."
    )  # fmt: skip
    return part("fold_down", round(lost, 1), expected, score, note)
