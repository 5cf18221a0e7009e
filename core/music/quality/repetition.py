"""Monotony and chaos: how much of a piece is the same bar over and over, and whether anything holds it together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.audio.spectrum import CHROMA_PER_SECOND, FRAMES_PER_SECOND, MEL_BANDS, Spectrum
from core.music.quality.hearing import Heard
from core.music.quality.rules import graded, part, rule, unmeasured
from core.music.quality.types import Asked, Part

Curve = NDArray[np.float64]

_BANDS = 20
_STEPS = 32
"""Of a bar of four beats: an eighth of a beat."""
_RANGE_DB = 60.0


def repetition(heard: Heard, asked: Asked) -> Part:
    row = rule("repetition")
    expected = f"at most {100 * row['good_share']:.0f} % the same bar"
    bpm = heard.bpm or asked.bpm
    bar_s = 240.0 / bpm if bpm else row["without_beat_s"]
    apart = distances(heard.spectrum, bar_s)
    if apart.shape[0] < row["least_bars"]:
        return unmeasured("repetition", f"It has fewer than {row['least_bars']} bars.", expected)
    same = sameness(apart, row["same_db"])
    score = graded(same, row["good_share"], row["bad_share"])
    note = "Its bars change as those of finished music do." if score == 1 else (
        f"{100 * same:.0f} % of its bars are the same bar over and over."
    )  # fmt: skip
    return part("repetition", round(100 * same), expected, score, note)


def order(heard: Heard, _asked: Asked) -> Part:
    """A steady beat holds a piece together; without one its harmony has to come back now and then."""
    row = rule("order")
    if heard.bpm is not None:
        return part("order", "steady beat", "a beat, or harmony that returns", 1.0, "A steady beat holds it together.")
    if heard.seconds < row["least_seconds"]:
        return unmeasured("order", "It is too short to tell whether anything returns.")
    back = returning(heard.chroma)
    score = graded(back, row["good"], row["bad"])
    note = "It has no steady beat, but its harmony returns." if score == 1 else (
        "It has no steady beat and its harmony hardly returns: it may sound thrown together."
    )  # fmt: skip
    return part("order", round(back, 3), f"{row['good']:g} or more", score, note)


def returning(chroma: NDArray[np.float32]) -> float:
    """How like the harmony of a second is to that of the second most like it, in the middle of all: 0 to 1."""
    seconds = chroma.shape[1] // CHROMA_PER_SECOND
    rows = chroma[:, : seconds * CHROMA_PER_SECOND].reshape(12, seconds, CHROMA_PER_SECOND).mean(axis=2).T
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    alike = rows @ rows.T
    np.fill_diagonal(alike, -1.0)
    return float(np.median(alike.max(axis=1)))


def distances(spectrum: Spectrum, bar_s: float) -> Curve:
    """(bars, bars): mean difference in dB of the mel pictures of every two bars, where one of them sounds. Bars are
    counted from the start: where exactly they begin does not matter for whether they are alike."""
    edges = np.rint(np.arange(0.0, spectrum.frames / FRAMES_PER_SECOND / bar_s * _STEPS) * bar_s / _STEPS
                    * FRAMES_PER_SECOND).astype(int)  # fmt: skip
    edges = edges[edges < spectrum.frames]
    bars = (edges.size - 1) // _STEPS
    if bars < 2:
        return np.zeros((bars, bars))
    power = 10 ** (spectrum.mel_db.astype(np.float64) / 10)
    coarse = power.reshape(_BANDS, MEL_BANDS // _BANDS, -1).sum(axis=1)
    steps = np.add.reduceat(coarse, edges, axis=1) / np.maximum(np.diff([*edges, spectrum.frames]), 1)
    db = 10 * np.log10(steps[:, : bars * _STEPS] + 1e-12)
    floor = float(db.max()) - _RANGE_DB
    rows = np.maximum(db, floor).reshape(_BANDS, bars, _STEPS).transpose(1, 0, 2).reshape(bars, -1)
    sounding = rows > floor
    found = np.zeros((bars, bars))
    for n in range(bars):
        either = sounding | sounding[n]
        found[n] = (np.abs(rows - rows[n]) * either).sum(axis=1) / np.maximum(either.sum(axis=1), 1)
    return found


def sameness(apart: Curve, same_db: float) -> float:
    """Share of the bars that are as good as one of them."""
    return float((apart < same_db).mean(axis=1).max())
