"""What a trial compares: every combination of a grid, or some of them, or requests written out one by one."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.kit.errors import UserError
from core.music.types import MusicRequest

FEWEST, MOST = 2, 16
_MOST_VALUES = 32
_NOT = frozenset({"name", "draft", "material", "fresh"})
FIELDS = (*(name for name in MusicRequest.model_fields if name not in _NOT), "provider", "quality", "template")
"""What may be an axis. `provider` is an engine, `template` a name, or a {name, values}."""


@dataclass(frozen=True)
class Plan:
    axes: dict[str, list[Any]]
    variants: list[dict[str, Any]]
    """What is each one's own."""


def planned(
    grid: Mapping[str, Sequence[Any]], count: int | None, listed: Sequence[Mapping[str, Any]], seed: int
) -> Plan:
    """`count`: so many of the grid's combinations, every value of every axis among them as evenly as can be; None: all."""
    if bool(grid) == bool(listed):
        raise UserError("A trial compares a grid of values or a list of variants.", "Give one of the two.", "no_grid")
    names = list(grid) if grid else list(dict.fromkeys(name for each in listed for name in each))
    foreign = next((name for name in names if name not in FIELDS), None)
    if foreign is not None:
        raise UserError(f"{foreign[:40]!r} cannot be compared.", f"Choose among: {', '.join(FIELDS)}.", "no_axis")
    if listed:
        variants = [dict(each) for each in listed]
        axes = {name: _distinct([each.get(name) for each in variants]) for name in names}
    else:
        axes = {name: _distinct(list(values)) for name, values in grid.items()}
        empty = next((name for name, values in axes.items() if not values or len(values) > _MOST_VALUES), None)
        if empty is not None:
            raise UserError(f"{empty} has {len(axes[empty])} values.", f"Give it 1 to {_MOST_VALUES}.", "no_values")
        variants = _combinations(axes, count, seed)
    if not FEWEST <= len(variants) <= MOST:
        raise UserError(
            f"That makes {len(variants)} variants.",
            f"Compare {FEWEST} to {MOST}; `count` takes so many of a grid.",
            "variants",
        )
    if len(_distinct(variants)) < len(variants):
        raise UserError("Two variants are the same.", "Change one, or leave it out.", "same_variants")
    return Plan({name: values for name, values in axes.items() if len(values) > 1}, variants)


def _combinations(axes: Mapping[str, list[Any]], count: int | None, seed: int) -> list[dict[str, Any]]:
    size = 1
    for values in axes.values():
        size *= len(values)
    if count is None or count >= size:
        if size > MOST:
            return [{}] * size  # refused by its number
        return [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())]
    # As a Latin square: each axis runs through its values in an order of its own, again and again.
    draw = random.Random(seed)
    found: list[dict[str, Any]] = []
    while len(found) < count:
        rounds = -(-count // min(len(values) for values in axes.values()))
        columns = {
            name: [v for _ in range(rounds) for v in draw.sample(values, len(values))] for name, values in axes.items()
        }
        for row in zip(*columns.values(), strict=False):
            variant = dict(zip(axes, row, strict=True))
            if variant not in found and len(found) < count:
                found.append(variant)
    return found


def _distinct(values: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def values_of(
    base: Mapping[str, Any], own: Mapping[str, Any], filled: Callable[[str, dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    """A variant's whole request: its own values, then the base's, then its template's. `filled`: what a template's name
    means."""
    values = {name: value for name, value in (dict(base) | dict(own)).items() if name != "template"}
    template = own.get("template", base.get("template"))
    if isinstance(template, Mapping):
        given = template.get("values") or {}
        if not isinstance(given, Mapping):
            raise UserError(
                "A template's values are no names with values.", "Write {name, values: {mood: calm}}.", "bad_template"
            )
        return dict(given) | values
    return filled(str(template), values) if template else values
