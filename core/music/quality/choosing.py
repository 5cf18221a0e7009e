"""Best of several: whether a piece is kept or made again, and which of them is the best, each with its reason in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.kit.errors import UserError
from core.music.quality.rules import rules
from core.music.quality.types import Part, Score

_NAMED = 3


@dataclass(frozen=True)
class Verdict:
    decision: Literal["kept", "again"]
    reason: str

    @property
    def again(self) -> bool:
        return self.decision == "again"


@dataclass(frozen=True)
class Best:
    index: int
    reason: str


def threshold() -> float:
    """The total under which a piece is worth another try, unless somebody sets another."""
    return float(rules()["threshold"])


def verdict(score: Score, at_least: float | None = None) -> Verdict:
    """`at_least`: 0 to 100; 0 keeps everything. A piece that nothing could be measured of is kept: another one would be
    no better known."""
    wanted = threshold() if at_least is None else at_least
    if not 0 <= wanted <= 100:
        raise UserError(f"A score of {wanted:g} cannot be asked for.", "Give 0 to 100; 0 keeps every piece.")
    if not any(part.counts for part in score.parts):
        return Verdict("kept", "Nothing about it could be measured.")
    if score.total >= wanted:
        return Verdict("kept", f"It scores {score.total:g} of 100; {wanted:g} was enough.")
    return Verdict("again", f"It scores {score.total:g} of 100, under {wanted:g}. {_worst(score)}".strip())


def best(scores: Sequence[Score]) -> Best:
    """The highest total; among equals fewer flags, then the earlier one."""
    if not scores:
        raise UserError("There is no piece to choose from.", "Make at least one.")
    order = sorted(range(len(scores)), key=lambda n: (-scores[n].total, len(scores[n].flags), n))
    first = order[0]
    if len(scores) == 1:
        return Best(first, f"It is the only one, with {scores[first].total:g} of 100.")
    second = scores[order[1]]
    if second.total == scores[first].total:
        return Best(first, f"Try {first + 1} of {len(scores)}: {scores[first].total:g} of 100, no other scores more.")
    told = (
        f"Try {first + 1} of {len(scores)} scores highest: {scores[first].total:g} of 100, the next {second.total:g}."
    )
    return Best(first, f"{told} {_worst(second, 'The next: ')}".strip())


def _worst(score: Score, before: str = "") -> str:
    """The sentences of the worst flagged parts."""
    flagged = sorted((part for part in score.parts if part.name in score.flags), key=_harm)
    return before + " ".join(part.note for part in flagged[:_NAMED]) if flagged else ""


def _harm(part: Part) -> float:
    return part.weight * (part.score - 1)
