"""Smart playlists: rules over every field of a track, all of them or any.

What a catalogue does not say meets no rule but `is` null; `not` turns a rule round as a whole, so "not between 90 and 110"
finds tracks of unknown tempo too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from math import isfinite
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.kit.errors import UserError
from core.licensing.playlists.types import MOST_ENTRIES
from core.licensing.types import LONGEST_TEXT, Sort, Terms, Track

Op = Literal["contains", "is", "between", "in"]
Source = Literal["catalogues", "favourites", "licensed"]
Kind = Literal["text", "list", "number", "flag", "any"]
MOST_RULES = 30
MOST_VALUES = 200

_NUMBERS = {"duration_s", "bpm", "popularity", "price_usd"}
_LISTS = {"genres", "moods", "instruments", "tags", "terms.conditions", "my_tags"}
_FLAGS = {
    "vocals", "explicit", "preview_only", "terms.commercial", "terms.derivatives", "terms.share_alike", "favourite",
    "licensed",
}  # fmt: skip
_OWN = ("favourite", "licensed", "my_tags", "my_notes")
FIELDS: dict[str, Kind] = {
    name: "number" if name in _NUMBERS else "list" if name in _LISTS else "flag" if name in _FLAGS else "text"
    for name in (
        *(each.name for each in fields(Track) if each.name not in ("terms", "facts")),
        *(f"terms.{each.name}" for each in fields(Terms)),
        *_OWN,
    )
}
"""Beside these, `facts.NAME`: what only one catalogue knows."""
DATES = ("released",)


@dataclass(frozen=True)
class Candidate:
    track: Track
    favourite: bool = False
    licensed: bool = False
    my_tags: tuple[str, ...] = ()
    my_notes: str = ""


class Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    field: str = Field(max_length=80)
    op: Op
    value: Any = None
    negated: bool = Field(default=False, alias="not")

    @model_validator(mode="after")
    def _fits(self) -> Rule:
        kind = kind_of(self.field)
        if self.op == "contains" and not (kind in ("text", "list", "any") and _text(self.value)):
            raise ValueError(f"{self.field} contains: give a text, for a field of words")
        if self.op == "between":
            self._ranges(kind)
        if self.op == "in" and not (
            isinstance(self.value, list | tuple)
            and 1 <= len(self.value) <= MOST_VALUES
            and all(_one(kind, each) for each in self.value)
        ):
            raise ValueError(f"{self.field} in: give a list of 1 to {MOST_VALUES} values")
        if self.op == "is" and not (self.value is None or _one(kind, self.value)):
            raise ValueError(f"{self.field} is: {self.value!r:.60} is no value for it")
        return self

    def _ranges(self, kind: Kind) -> None:
        pair = self.value
        if not (isinstance(pair, list | tuple) and len(pair) == 2) or all(each is None for each in pair):
            raise ValueError(f"{self.field} between: give two values, one of them may be null")
        given = [each for each in pair if each is not None]
        numbers = all(_number(each) for each in given)
        dates = all(_text(each) for each in given) and self.field in DATES
        if not ((kind in ("number", "any") and numbers) or dates):
            raise ValueError(f"{self.field} between: give two numbers, or two dates for {', '.join(DATES)}")
        if len(given) == 2 and given[0] > given[1]:
            raise ValueError(f"{self.field} between: {given[0]} is above {given[1]}")


class Rules(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    match: Literal["all", "any"] = "all"
    rules: tuple[Rule, ...] = Field(min_length=1, max_length=MOST_RULES)
    sources: tuple[Source, ...] = ("catalogues", "favourites", "licensed")
    """Where to look: the synced copy of the catalogues, one's own favourites, licensed music in the library."""
    sort: Sort = "relevance"
    limit: int = Field(default=MOST_ENTRIES, ge=1, le=MOST_ENTRIES)

    def as_dict(self) -> dict[str, Any]:
        return self.model_dump(mode="json", by_alias=True)


def rules_of(given: Any) -> Rules:
    """UserError that names the rule and what is wrong with it."""
    try:
        return Rules.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(each) for each in first["loc"])
        told = str(first["msg"]).removeprefix("Value error, ")
        raise UserError(
            f"These rules find nothing: {where + ': ' if where else ''}{told}.", f"Fields: {', '.join(FIELDS)}, facts.NAME.",
            "bad_rules",
        ) from None  # fmt: skip


def kind_of(field: str) -> Kind:
    if field in FIELDS:
        return FIELDS[field]
    if field.startswith("facts.") and len(field) > len("facts."):
        return "any"
    raise ValueError(f"a track has no field {field[:60]!r}")


def matches(rules: Rules) -> Callable[[Candidate], bool]:
    tests = [_test(rule) for rule in rules.rules]
    together = all if rules.match == "all" else any
    return lambda one: together(test(one) for test in tests)


def ordered(rules: Rules, found: Iterable[Candidate]) -> list[Candidate]:
    """At most as many as the rules ask for. Unknown values come last."""
    keys: dict[str, Callable[[Track], Any]] = {
        "title": lambda one: (False, plain(one.title)),
        "duration": lambda one: (one.duration_s is None, one.duration_s or 0.0),
        "bpm": lambda one: (one.bpm is None, one.bpm or 0.0),
        "newest": lambda one: (not one.released, _reversed(one.released)),
        "popular": lambda one: (one.popularity is None, -(one.popularity or 0.0)),
        "relevance": lambda one: (plain(one.artist), plain(one.title)),
    }
    key = keys[rules.sort]
    return sorted(found, key=lambda one: (key(one.track), one.track.ref))[: rules.limit]


def _reversed(text: str) -> tuple[int, ...]:
    return tuple(-ord(each) for each in text)


def _test(rule: Rule) -> Callable[[Candidate], bool]:
    meets = _meets(rule)
    return lambda one: meets(value_of(one, rule.field)) != rule.negated


def value_of(one: Candidate, field: str) -> Any:
    if field in _OWN:
        return getattr(one, field)
    top, _, name = field.partition(".")
    if top == "terms" and name:
        return getattr(one.track.terms, name)
    if top == "facts":
        return one.track.facts.get(name)
    value = getattr(one.track, field)
    return _as_number(value) if field in _NUMBERS else value


def _meets(rule: Rule) -> Callable[[Any], bool]:
    if rule.op == "contains":
        part = plain(rule.value)
        return lambda value: any(part in plain(each) for each in _each(value))
    if rule.op == "between":
        low, high = rule.value
        if any(isinstance(each, str) for each in (low, high)):
            # A date may be known to the year alone: it is compared as far as the bound is written.
            return lambda value: any(
                (low is None or each[: len(low)] >= low) and (high is None or each[: len(high)] <= high)
                for each in _each(value) if isinstance(each, str)
            )  # fmt: skip
        return lambda value: any(
            (low is None or number >= low) and (high is None or number <= high)
            for number in map(_as_number, _each(value)) if number is not None
        )  # fmt: skip
    if rule.op == "is" and rule.value is None:
        return lambda value: not _each(value)
    wanted = {_plain(each) for each in (rule.value if rule.op == "in" else [rule.value])}
    return lambda value: any(_plain(each) in wanted for each in _each(value))


def _each(value: Any) -> list[Any]:
    """Its values, none where nothing is said."""
    several = list(value) if isinstance(value, list | tuple) else [value]
    return [each for each in several if each is not None and each != ""]


def plain(text: Any) -> str:
    return unicodedata.normalize("NFKC", str(text)).casefold()


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return value, "flag"
    number = _as_number(value) if isinstance(value, int | float) else None
    return number if number is not None else plain(value)


def _as_number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if isfinite(number) else None


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and _as_number(value) is not None


def _text(value: Any) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= LONGEST_TEXT


def _one(kind: Kind, value: Any) -> bool:
    if kind == "flag":
        return isinstance(value, bool)
    if kind == "number":
        return _number(value)
    return _text(value) or (kind == "any" and (isinstance(value, bool) or _number(value)))
