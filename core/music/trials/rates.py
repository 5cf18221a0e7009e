"""How often a value won, with what is not known about it: Wilson intervals, and Bradley-Terry strengths from pairs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Z = 1.959964
"""Of a 95 % interval."""
ENOUGH = 10
"""Choices, below which nothing is said but that they are too few."""


@dataclass(frozen=True)
class Seen:
    """One listener's decision between variants, as one axis sees it."""

    axis: str
    shares: dict[str, float]
    """Of every value that could be heard: its share of the variants, which is also its chance to win by accident."""
    winner: str
    weight: float = 1.0


@dataclass(frozen=True)
class Rate:
    axis: str
    value: str
    wins: int
    choices: int
    rate: float
    low: float
    high: float
    chance: float
    """What it would have won by accident."""
    verdict: str


def rates(seen: Iterable[Seen]) -> list[Rate]:
    """By axis and value, each axis's best first."""
    wins: Counter[tuple[str, str]] = Counter()
    times: Counter[tuple[str, str]] = Counter()
    chance: Counter[tuple[str, str]] = Counter()
    for each in seen:
        for value, share in each.shares.items():
            times[each.axis, value] += 1
            chance[each.axis, value] += share  # type: ignore[assignment]
        wins[each.axis, each.winner] += 1
    found = []
    for (axis, value), count in times.items():
        low, high = wilson(wins[axis, value], count)
        by_chance = chance[axis, value] / count
        found.append(
            Rate(axis, value, wins[axis, value], count, wins[axis, value] / count, low, high, by_chance, verdict(low, high, by_chance, count))
        )  # fmt: skip
    return sorted(found, key=lambda each: (each.axis, -each.rate, each.value))


def verdict(low: float, high: float, chance: float, count: int) -> str:
    if count < ENOUGH:
        return "too few to say"
    return "better than chance" if low > chance else "worse than chance" if high < chance else "no difference shown"


def wilson(wins: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share; it stays within 0 and 1 and says something at 0 of n too."""
    if of == 0:
        return 0.0, 1.0
    share, z2 = wins / of, Z * Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    reach = Z * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def bradley_terry(pairs: Sequence[tuple[str, str]], prior: float = 0.5) -> dict[str, float]:
    """Strengths that add up to 1 from (better, worse): the chance that a beats b is a / (a + b). `prior`: so many wins
    and losses each is given against an average opponent, without which whoever never lost would be infinitely strong.
    By Hunter's minorise-maximise (2004)."""
    names = sorted({name for pair in pairs for name in pair})
    if not names:
        return {}
    beaten = Counter(pairs)
    wins = Counter(better for better, _ in pairs)
    strength = dict.fromkeys(names, 1.0)
    for _ in range(500):
        new = {}
        for name in names:
            met = sum(
                (beaten[name, other] + beaten[other, name]) / (strength[name] + strength[other])
                for other in names
                if other != name
            )
            new[name] = (wins[name] + prior) / (met + 2 * prior / (strength[name] + 1.0))
        mean = sum(new.values()) / len(new)
        moved = max(abs(new[name] / mean - strength[name]) for name in names)
        strength = {name: value / mean for name, value in new.items()}
        if moved < 1e-9:
            break
    return {name: value / len(names) for name, value in strength.items()}
