"""A template and an engine: which fields it understands, which it would not, and what each may be set to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.music.composer.instruments import INSTRUMENTS
from core.music.engine import KIND, obeyed
from core.music.templates.content import FIELDS
from core.music.types import MusicRequest
from core.providers.base import ProviderInfo
from core.providers.registry import Registry

_THE_STUDIOS = frozenset({"best_of", "min_score", "quality"})
"""What the studio does itself, whichever engine plays."""


@dataclass(frozen=True)
class Ignored:
    field: str
    value: Any
    why: str


@dataclass(frozen=True)
class Field:
    """One control of a form."""

    name: str
    kind: str
    """choice, number, whole, text, long, flag, list"""
    value: Any
    choices: tuple[str, ...]
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Form:
    provider: str
    title: str
    chosen: bool
    """By name, so that nobody else may take the job over."""
    ready: bool
    why: str
    fields: tuple[Field, ...]
    ignored: tuple[Ignored, ...]


def engine(registry: Registry, wanted: str) -> tuple[ProviderInfo, bool, str]:
    """(who plays, ready, why not): the one asked for, otherwise the first that is ready. UserError for one there is not."""
    states = {one.info.name: one for one in registry.readiness(KIND)}
    if wanted:
        registry.get(KIND, wanted)
        state = states[wanted]
    else:
        order = [states[name] for name in registry.order(KIND)]
        state = next((one for one in order if one.ready), order[0])
    return state.info, state.ready, "" if state.ready else state.why


def obeys(info: ProviderInfo, field: str) -> bool:
    if field == "model":
        return len(info.models) > 1
    return field in _THE_STUDIOS or field in obeyed(info) or field in info.capabilities


def ignored(info: ProviderInfo, values: Mapping[str, Any]) -> tuple[Ignored, ...]:
    """Fields that were said and that this engine has no knob for."""
    why = f"{info.title} has no such setting."
    return tuple(Ignored(name, value, why) for name, value in values.items() if not obeys(info, name))


def form(registry: Registry, wanted: str, values: Mapping[str, Any]) -> Form:
    """Only what the engine understands, with the template's own values in it."""
    info, ready, why = engine(registry, wanted)
    schema = MusicRequest.model_json_schema()["properties"]
    fields = tuple(_field(name, schema[name], values.get(name), info) for name in FIELDS if obeys(info, name))
    return Form(info.name, info.title, bool(wanted), ready, why, fields, ignored(info, values))


def _field(name: str, schema: Mapping[str, Any], value: Any, info: ProviderInfo) -> Field:
    shape = next((one for one in schema.get("anyOf", ()) if one.get("type") != "null"), schema)
    choices = tuple(map(str, shape.get("enum", ())))
    if name == "instruments":
        choices = tuple(INSTRUMENTS)
    elif name == "model":
        choices = info.models
    kinds = {"number": "number", "integer": "whole", "boolean": "flag", "array": "list"}
    kind = kinds.get(str(shape.get("type")), "choice" if choices else "text")
    if kind == "text" and shape.get("maxLength", 0) > 200:
        kind = "long"
    return Field(name, kind, value, choices, shape.get("minimum"), shape.get("maximum"))
