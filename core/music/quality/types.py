"""What was asked for, what is told of one thing measured, and the score of the whole."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from core.music.types import Ending


@dataclass(frozen=True)
class Asked:
    """What the piece was to be. None or empty: left open, and then not judged."""

    bpm: float | None = None
    key: str | None = None
    """As core.music.composer.keys reads it: 'D minor'."""
    genre: str | None = None
    seconds: float | None = None
    loopable: bool = False
    ending: Ending | None = None
    instrumental: bool | None = None
    prompt: str = ""

    @classmethod
    def of(cls, request: Mapping[str, Any]) -> Asked:
        """From a music request's fields; what else it has is passed over."""
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in request.items() if name in known and value is not None})


@dataclass(frozen=True)
class Part:
    name: str
    title: str
    value: float | str | None
    """None: not measured."""
    unit: str
    expected: str
    score: float
    """0 to 1; means nothing where `weight` is 0."""
    weight: float
    """0: could not be measured or was not asked, and counts neither way."""
    note: str
    """One plain sentence."""

    @property
    def counts(self) -> bool:
        return self.weight > 0


@dataclass(frozen=True)
class Score:
    total: float
    """0 to 100."""
    parts: tuple[Part, ...]
    flags: tuple[str, ...]
    """Names of the parts that are bad enough to be told."""

    def part(self, name: str) -> Part:
        return next(part for part in self.parts if part.name == name)

    def as_dict(self) -> dict[str, Any]:
        """JSON as it stands."""
        return {
            "total": self.total, "flags": list(self.flags), "parts": [asdict(part) for part in self.parts],
        }  # fmt: skip


def summed(parts: tuple[Part, ...], floor: float, flag_under: float) -> Score:
    """The weighted geometric mean of what could be measured: many good parts do not buy off a bad one. `floor` stands
    for a part of 0, so that one failure lowers the total and does not wipe out what is told of the rest."""
    counted = [part for part in parts if part.counts]
    weight = sum(part.weight for part in counted)
    if not weight:
        return Score(0.0, parts, ())
    mean = math.exp(sum(part.weight * math.log(max(part.score, floor)) for part in counted) / weight)
    least = 0.0 if all(part.score <= floor for part in counted) else mean
    return Score(round(100 * least, 1), parts, tuple(part.name for part in counted if part.score < flag_under))
