"""What a person kept, rated and discarded in ordinary work, as weak evidence beside blind choices.

Whoever kept a piece knew what it was and had nothing beside it to compare with: so it weighs less than a choice, and says
something only where a value fares better or worse than that person's pieces usually do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.music.trials.rates import ENOUGH
from core.store.tastes import Taste
from core.store.trials import label

WEIGHTS: dict[str, float] = {"liked": 0.3, "kept": 0.1, "disliked": 0.3}
"""Beside a blind choice, which weighs 1. liked: 4 or 5 stars, or a favourite; kept: still there; disliked: in the bin, purged,
or 1 or 2 stars. 3 stars say nothing."""
MOST = float(ENOUGH)
"""So many blind choices all of a value's history weighs at most."""
MOST_PIECES = 1000
"""The newest."""
_BPM, _SHARE = 4.0, 0.2
"""How far from a value a piece may lie: in BPM, and as a share of a length."""
_COLUMNS = {"provider": "engine", "mood": "mood", "genre": "genre", "template": "template"}


@dataclass(frozen=True)
class Habit:
    axis: str
    value: str
    said: str
    """Such as: 12 kept of 20 at 120–128 BPM."""
    made: int
    kept: int
    liked: int
    disliked: int
    enough: bool
    """Otherwise it does not count."""
    wins: float
    """In blind choices, as far as it counts."""
    losses: float


def habits(axes: Mapping[str, Sequence[Any]], made: Sequence[Taste]) -> tuple[Habit, ...]:
    """One for each value that a piece can be held against: tempo, length, mood, genre, engine, template."""
    usual = _usual(made)
    return tuple(
        _habit(axis, value, [taste for taste in made if _like(axis, value, taste)], usual)
        for axis, values in axes.items()
        for value in values
        if _comparable(axis, value)
    )


def _comparable(axis: str, value: Any) -> bool:
    if axis in ("bpm", "seconds"):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return axis in _COLUMNS and isinstance(value, str) and bool(value)


def verdict(taste: Taste) -> Literal["liked", "kept", "disliked", ""]:
    if taste.gone or taste.rating in (1, 2):
        return "disliked"
    if taste.favourite or taste.rating in (4, 5):
        return "liked"
    return "" if taste.rating == 3 else "kept"


def _usual(made: Sequence[Taste]) -> float:
    """How much of this person's evidence speaks for a piece, whatever it is."""
    told = [verdict(taste) for taste in made]
    against = sum(WEIGHTS[each] for each in told if each == "disliked")
    total = sum(WEIGHTS[each] for each in told if each)
    return (total - against) / total if total else 0.5


def _habit(axis: str, value: Any, mine: Sequence[Taste], usual: float) -> Habit:
    told = [verdict(taste) for taste in mine]
    liked, disliked, kept = told.count("liked"), told.count("disliked"), sum(not taste.gone for taste in mine)
    enough = len(mine) >= ENOUGH
    # Each side weighs as much as the other is usual: a value that fares as all do stays at one half.
    wins = 2 * (1 - usual) * sum(WEIGHTS[each] for each in told if each in ("liked", "kept"))
    losses = 2 * usual * disliked * WEIGHTS["disliked"]
    scale = min(1.0, MOST / (wins + losses)) if enough and wins + losses else 0.0
    said = f"{kept} kept of {len(mine)} {_where(axis, value)}" + (f", {liked} liked" if liked else "")
    return Habit(
        axis, label(value), said if enough else f"{said}: too few to count", len(mine), kept, liked, disliked, enough,
        wins * scale, losses * scale,
    )  # fmt: skip


def _like(axis: str, value: Any, taste: Taste) -> bool:
    if axis == "bpm":
        return taste.bpm is not None and _low(axis, value) <= taste.bpm <= _high(axis, value)
    if axis == "seconds":
        return taste.seconds is not None and _low(axis, value) <= taste.seconds <= _high(axis, value)
    return bool(getattr(taste, _COLUMNS[axis]) == value)


def _low(axis: str, value: Any) -> float:
    return float(value) - _BPM if axis == "bpm" else float(value) * (1 - _SHARE)


def _high(axis: str, value: Any) -> float:
    return float(value) + _BPM if axis == "bpm" else float(value) * (1 + _SHARE)


def _where(axis: str, value: Any) -> str:
    if axis in ("bpm", "seconds"):
        return f"at {_low(axis, value):g}–{_high(axis, value):g} {'BPM' if axis == 'bpm' else 's'}"
    return {"provider": f"by {value}", "template": f"with {value}"}.get(axis, f"of {axis} {value}")
