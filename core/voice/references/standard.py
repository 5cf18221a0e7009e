"""The measuring stick of data/reference/references.yaml: what a figure means, what it costs, and what helps."""

from __future__ import annotations

from typing import Any, NamedTuple

from core.kit.paths import reference
from core.voice.references.report import Check


class Figure(NamedTuple):
    value: float | None
    """None: it could not be measured."""
    detail: str = ""


def standard() -> dict[str, Any]:
    found: dict[str, Any] = reference("references")
    return found


def names() -> tuple[str, ...]:
    """In the order in which they are shown."""
    return tuple(standard()["checks"])


def judge(name: str, figure: Figure, *, vouched: bool = True) -> tuple[Check, bool]:
    """(the check, whether it alone makes the recording unusable). `vouched`: whether the accuracy card stands for it."""
    rule = standard()["checks"][name]
    unit = str(rule["unit"])
    if not vouched:
        reason = "Not assessed: on recordings it was not tuned on this check is not right often enough."
        return Check(name, "not assessed", None, unit, 0.0, reason, ""), False
    value = figure.value
    if value is None:
        return Check(name, "not assessed", None, unit, 0.0, str(rule["unknown"]), ""), False
    side, beyond = _broken(rule, value)
    said = str(rule[side]["reason"] if side else rule["ok"]).format(
        value=value, percent=100 * value, detail=figure.detail
    )
    if not side:
        return Check(name, "ok", round(value, 3), unit, 0.0, said, ""), False
    broken = rule[side]
    first, last = broken["points"]
    start = float(broken["under" if side == "low" else "over"])
    severity = min(1.0, max(0.0, (value - start) / (float(broken["worst"]) - start)))
    points = round(first + severity * (last - first), 3)
    return Check(name, "problem", round(value, 3), unit, points, said, str(broken["remedy"])), beyond


def _broken(rule: dict[str, Any], value: float) -> tuple[str, bool]:
    """("low", "high" or "", whether beyond `unusable`)."""
    low, high = rule.get("low"), rule.get("high")
    if low and value < low["under"]:
        return "low", "unusable" in low and value < low["unusable"]
    if high and value > high["over"]:
        return "high", "unusable" in high and value > high["unusable"]
    return "", False
