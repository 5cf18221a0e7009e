"""A tempo whose bars land on the cuts.

Two questions. For one piece over many cuts: which tempo near the wanted one puts most of them on a bar or a beat? For a
piece between two cuts: how many whole bars (or half bars), so that the next one begins exactly on the second? How far off
each cut is, in frames, is told and not hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BEATS_PER_BAR = 4
_STEP_BPM = 0.1
_BAR_COUNTS = 0.6
"""What a bar's first beat on a cut is worth beside any beat (the rest)."""
_SPREAD_FRAMES = 2.0
"""A cut this many frames off a beat still feels like on it; at 25 frames a second that is 80 ms."""
_HALF_BAR = 0.15
"""What ending on half a bar costs."""
RATIOS = (0.5, 2 / 3, 0.75, 1.0, 4 / 3, 1.5, 2.0)
"""Of two tempos that go together."""
_RELATED = 0.06
"""How far, as a share, a tempo may lie from such a ratio: bars that end with the scene come first."""
_LEANING = 0.35
"""How much is lost at the edge of the genre's usual range, beside at most 1 that is won by landing on every cut."""


@dataclass(frozen=True)
class Landing:
    """Of one cut."""

    at_s: float
    beat_frames: float
    """From the nearest beat, negative before it."""
    bar_frames: float


@dataclass(frozen=True)
class Fit:
    bpm: float
    landings: tuple[Landing, ...]

    @property
    def on_beats(self) -> int:
        return sum(abs(each.beat_frames) <= _SPREAD_FRAMES for each in self.landings)

    @property
    def on_bars(self) -> int:
        return sum(abs(each.bar_frames) <= _SPREAD_FRAMES for each in self.landings)

    def says(self) -> str:
        """'7 of 9 cuts within 2 frames of a beat, 3 of them on a bar'."""
        if not self.landings:
            return "no cuts to land on"
        count = len(self.landings)
        text = (
            f"{self.on_beats} of {count} {'cut' if count == 1 else 'cuts'} within {_SPREAD_FRAMES:.0f} frames of a beat"
        )
        return f"{text}, {self.on_bars} of them on a bar" if self.on_bars else text


def over_cuts(cuts_s: Sequence[float], fps: float, wanted: tuple[float, float, float], start_s: float = 0.0) -> Fit:
    """One tempo for a piece that starts at `start_s`. `wanted`: (lowest, usual, highest) BPM."""
    low, usual, high = wanted
    tempos = np.round(np.arange(low, high + _STEP_BPM / 2, _STEP_BPM), 2)
    inside = np.asarray([cut - start_s for cut in cuts_s if cut > start_s], dtype=np.float64)
    reach = np.where(tempos < usual, usual - low, high - usual)
    leaning = _LEANING * np.square((tempos - usual) / np.maximum(reach, 1e-9))
    won = _worth(inside * tempos[:, None] / 60, 60 / tempos[:, None] * fps)
    best = float(tempos[int(np.argmax(won - leaning))])
    return landings(best, cuts_s, fps, start_s)


def between(seconds: float, usual_bpm: float) -> tuple[float, float]:
    """(BPM, bars) with which a piece fills `seconds` exactly, in whole bars, or half bars where a whole one would bend
    the tempo more than it has to for so short a piece."""
    bars = seconds * usual_bpm / 60 / BEATS_PER_BAR
    whole, half = max(1.0, round(bars)), max(0.5, round(2 * bars) / 2)
    # A half bar more is worth it only where whole bars pull the tempo off by over 6 %.
    chosen = whole if abs(whole / bars - 1) <= 0.06 else half
    return chosen * BEATS_PER_BAR * 60 / seconds, chosen


def related(seconds: float, usual_bpm: float, range_bpm: tuple[float, float], other_bpm: float) -> float | None:
    """The tempo nearest to the usual one that stands in a simple ratio to another piece's, ends with a bar (or half a bar)
    after `seconds`, and is within the range; None where there is none."""
    low, high = range_bpm
    half_bar = BEATS_PER_BAR / 2 * 60 / seconds
    fits = (halves * half_bar for halves in range(1, int(high / half_bar) + 1))
    near = [bpm for bpm in fits if bpm >= low and go_together(bpm, other_bpm)]
    return min(near, key=lambda bpm: abs(bpm / usual_bpm - 1), default=None)


def go_together(bpm: float, other_bpm: float) -> bool:
    return any(abs(bpm / (each * other_bpm) - 1) <= _RELATED for each in RATIOS)


def filling(
    seconds: float, usual_bpm: float, cuts_s: Sequence[float], fps: float, most_bend: float, *,
    beside_bpm: float | None = None, range_bpm: tuple[float, float] | None = None,
) -> tuple[float, float]:  # fmt: skip
    """(BPM, bars) of a piece that ends with a bar (or half a bar) after exactly `seconds`, with as many of the `cuts_s`
    within it on beats and bars as a tempo within `most_bend` (a share) of the usual one allows. Where no such tempo
    fills it, as between(). `beside_bpm`: what its neighbour has; tempos that go together with it come first, if need be
    from the whole of `range_bpm`."""
    per_bar = BEATS_PER_BAR * 60 / seconds
    low, high = usual_bpm * (1 - most_bend), usual_bpm * (1 + most_bend)
    found = _whole(per_bar, low, high)
    if beside_bpm is not None:
        wider = _whole(per_bar, *range_bpm) if range_bpm else []
        found = _beside(found, beside_bpm) or _beside(wider, beside_bpm) or found

    def worth(bars: float) -> float:
        bpm = bars * per_bar
        bend = abs(bpm / usual_bpm - 1) / most_bend
        won = float(_worth(np.asarray(cuts_s, dtype=np.float64) * bpm / 60, 60 / bpm * fps))
        return won - _LEANING * bend**2 - (0.0 if bars == int(bars) else _HALF_BAR)

    return max(found, key=lambda each: worth(each[1]), default=between(seconds, usual_bpm))


def _whole(per_bar: float, low: float, high: float) -> list[tuple[float, float]]:
    """(BPM, bars): whole and half bars between these tempos."""
    halves = range(1, int(2 * high / per_bar) + 1)
    return [(half / 2 * per_bar, half / 2) for half in halves if low <= half / 2 * per_bar <= high]


def _beside(found: Sequence[tuple[float, float]], other_bpm: float) -> list[tuple[float, float]]:
    return [each for each in found if go_together(each[0], other_bpm)]


def _worth(beats: np.ndarray, frames: np.ndarray | float) -> np.ndarray:
    """0 to 1: how well cuts at these beats land. One row of cuts, or one for each of many tempos."""
    if not beats.size:
        return np.zeros(beats.shape[:-1])
    near_beat, near_bar = _near(_off(beats, 1.0) * frames), _near(_off(beats, BEATS_PER_BAR) * frames)
    return np.asarray(((1 - _BAR_COUNTS) * near_beat + _BAR_COUNTS * near_bar).mean(axis=-1))


def landings(bpm: float, cuts_s: Sequence[float], fps: float, start_s: float = 0.0) -> Fit:
    told = []
    for cut in cuts_s:
        beats = np.asarray((cut - start_s) * bpm / 60)
        frames = 60 / bpm * fps
        told.append(Landing(
            cut, round(float(_off(beats, 1.0)) * frames, 2), round(float(_off(beats, BEATS_PER_BAR)) * frames, 2)
        ))  # fmt: skip
    return Fit(bpm, tuple(told))


def _off(beats: np.ndarray, every: float) -> np.ndarray:
    """In beats, to the nearest multiple."""
    return np.asarray(beats - np.round(beats / every) * every)


def _near(frames: np.ndarray) -> np.ndarray:
    return np.asarray(np.exp(-0.5 * np.square(frames / _SPREAD_FRAMES)))
