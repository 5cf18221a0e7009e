"""What is said of a reference recording: one line a check, and what they add up to."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Verdict = Literal["ok", "problem", "not assessed"]


@dataclass(frozen=True)
class Check:
    name: str
    """A key of `checks` in data/reference/references.yaml."""
    verdict: Verdict
    value: float | None
    """In `unit`; None where nothing could be measured."""
    unit: str
    points_lost: float
    """0 to 1, of a score that starts at 1. What is not assessed costs nothing."""
    reason: str
    remedy: str
    """Empty unless there is a problem."""


@dataclass(frozen=True)
class ReferenceReport:
    duration_s: float
    speech_s: float
    """Of the part that was judged: see `judged_s` in data/reference/references.yaml."""
    checks: tuple[Check, ...]
    score: float
    """0 to 1."""
    usable: bool
    """Whether a voice should be made from it at all."""

    @property
    def problems(self) -> tuple[Check, ...]:
        """The dearest first."""
        found = [check for check in self.checks if check.verdict == "problem"]
        return tuple(sorted(found, key=lambda check: -check.points_lost))

    def named(self, name: str) -> Check:
        return next(check for check in self.checks if check.name == name)

    def as_dict(self) -> dict[str, Any]:
        """JSON as it stands."""
        return asdict(self) | {"checks": [asdict(check) for check in self.checks]}
