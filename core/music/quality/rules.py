"""Thresholds, weights and reference curves: data/reference/music/quality.yaml, where each says where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.kit.paths import reference
from core.music.quality.types import Part, Score, summed


def rules() -> Mapping[str, Any]:
    read: Mapping[str, Any] = reference("music/quality")
    return read


def rule(name: str) -> Mapping[str, Any]:
    row: Mapping[str, Any] = rules()["parts"][name]
    return row


def graded(value: float, good: float, bad: float) -> float:
    """1 at `good` and beyond, 0 at `bad` and beyond, straight between; `bad` may lie on either side."""
    return min(1.0, max(0.0, (value - bad) / (good - bad)))


def part(name: str, value: float | str | None, expected: str, score: float, note: str) -> Part:
    row = rule(name)
    weight = float(row["weight"])
    return Part(name, row["title"], value, row.get("unit", ""), expected, round(score, 3), weight, note)


def unmeasured(name: str, why: str, expected: str = "") -> Part:
    """A part that says why it cannot be told, and weighs nothing."""
    row = rule(name)
    return Part(name, row["title"], None, row.get("unit", ""), expected, 0.0, 0.0, why)


def total(parts: tuple[Part, ...]) -> Score:
    return summed(parts, float(rules()["floor"]), float(rules()["flag_under"]))
