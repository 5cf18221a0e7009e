"""What to try next, from what was chosen and kept: Thompson sampling over one Beta distribution a value.

A win adds 1 to a value's alpha. A loss adds share / (1 - share) to its beta, where share is its part of the variants that
were heard, so that a value that wins exactly as often as chance stays at one half, among two variants as among sixteen.
What was kept outside of trials counts for less, and beside it: see habits.py.
Axes are treated as independent of each other: with as few choices as a person makes, more could not be told apart.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.music.trials.habits import Habit
from core.music.trials.rates import ENOUGH, Seen
from core.store.trials import label

KEPT_WEIGHT = 0.5
"""Of a variant that was kept, beside one that was chosen blind: whoever kept it knew what it was."""
_DRAWS = 4000


@dataclass(frozen=True)
class Belief:
    axis: str
    value: str
    wins: float
    """Of blind choices, what was kept of a trial among them."""
    choices: int
    mean: float
    """Expected preference; 0.5 is chance."""
    low: float
    high: float
    best: float
    """The probability that it is the best of its axis, as far as is known."""
    enough: bool


@dataclass(frozen=True)
class Proposal:
    values: dict[str, Any]
    beliefs: tuple[Belief, ...]
    choices: int
    said: str
    habits: tuple[Habit, ...] = ()
    """What was kept outside of trials, of those values that a piece can be held against. Those with enough pieces count."""


def propose(
    axes: Mapping[str, Sequence[Any]], seen: Iterable[Seen], seed: int, habits: Sequence[Habit] = ()
) -> Proposal:  # fmt: skip
    """One value of each axis. The same evidence and seed propose the same; it is never applied by itself."""
    draw = random.Random(seed)
    evidence = list(seen)
    values: dict[str, Any] = {}
    beliefs: list[Belief] = []
    for axis, candidates in axes.items():
        mine = [each for each in evidence if each.axis == axis]
        ordinary = {each.value: each for each in habits if each.axis == axis}
        counted = {label(value): _counted(label(value), mine, ordinary.get(label(value))) for value in candidates}
        drawn = {name: draw.betavariate(each.alpha, each.beta) for name, each in counted.items()}
        chosen = max(candidates, key=lambda value: drawn[label(value)])
        values[axis] = chosen
        beliefs += _beliefs(axis, counted, random.Random(seed + 1))
    choices = max((each.choices for each in beliefs), default=0)
    thin = [each for each in beliefs if not each.enough]
    counts = any(each.wins or each.losses for each in habits)
    said = (
        "Nothing was chosen blind yet: this goes by what you kept elsewhere alone." if choices == 0 and counts
        else "Nothing was chosen yet: this is a draw among equals." if choices == 0
        else f"Too few to say: {choices} choices, {ENOUGH} are wanted for each value." if thin
        else f"From {choices} choices."
    )  # fmt: skip
    if counts and choices:
        said += " What you kept elsewhere counts too, for less."
    elif habits and not counts:
        said += f" What you kept elsewhere does not count: fewer than {ENOUGH} pieces of each value, or all alike."
    return Proposal(values, tuple(beliefs), choices, said, tuple(habits))


@dataclass(frozen=True)
class _Counted:
    alpha: float
    beta: float
    wins: float
    choices: int


def _counted(value: str, seen: Sequence[Seen], habit: Habit | None) -> _Counted:
    wins, losses, choices = 0.0, 0.0, 0
    for each in seen:
        share = each.shares.get(value)
        if share is None or share >= 1.0:
            continue
        choices += 1
        if each.winner == value:
            wins += each.weight
        else:
            losses += each.weight * share / (1 - share)
    more, less = (habit.wins, habit.losses) if habit else (0.0, 0.0)
    return _Counted(1 + wins + more, 1 + losses + less, wins, choices)


def _beliefs(axis: str, counted: Mapping[str, _Counted], draw: random.Random) -> list[Belief]:
    samples = {name: [draw.betavariate(each.alpha, each.beta) for _ in range(_DRAWS)] for name, each in counted.items()}
    first = dict.fromkeys(samples, 0)
    for row in zip(*samples.values(), strict=True):
        first[max(zip(row, samples, strict=True))[1]] += 1
    found = []
    for name, each in counted.items():
        ordered = sorted(samples[name])
        found.append(
            Belief(
                axis, name, each.wins, each.choices, each.alpha / (each.alpha + each.beta), ordered[_DRAWS // 40],
                ordered[-_DRAWS // 40], first[name] / _DRAWS, each.choices >= ENOUGH,
            )
        )  # fmt: skip
    return sorted(found, key=lambda each: -each.mean)
