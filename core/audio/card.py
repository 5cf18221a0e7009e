"""The accuracy card decides what may be told as a fact: a detector whose precision on files it was not tuned on is under
0.8 is heard, but its findings stand apart, with its figures."""

from __future__ import annotations

from typing import Any

from core.audio.faults.problem import Problem
from core.kit.paths import published

LEAST_PRECISION = 0.8


def card() -> dict[str, Any]:
    return published("analysis_card")


def detector_of(kind: str) -> str:
    """Silence at the start, in the middle, at the end and all over is one detector."""
    return "silence" if kind.startswith("silence") else kind


def figures(kind: str) -> dict[str, Any]:
    row: dict[str, Any] = card().get("detectors", {}).get(detector_of(kind), {})
    return {name: row.get(name) for name in ("precision", "recall", "faulty", "clean")}


def proven(kind: str) -> bool:
    precision = figures(kind)["precision"]
    return precision is not None and precision >= LEAST_PRECISION


def judged(found: tuple[Problem, ...]) -> tuple[tuple[Problem, ...], tuple[dict[str, Any], ...]]:
    """(problems, unproven): the second by detector, with its figures."""
    facts = tuple(problem for problem in found if proven(problem.kind))
    doubtful: dict[str, list[Problem]] = {}
    for problem in found:
        if not proven(problem.kind):
            doubtful.setdefault(detector_of(problem.kind), []).append(problem)
    rows = ({"kind": kind, **figures(kind), "found": [p.as_dict() for p in rest]} for kind, rest in doubtful.items())
    return facts, tuple(rows)
