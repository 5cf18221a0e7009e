"""What the name of a template, in a table or a trial, means: the values it gives where a request says nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.kit.actor import Actor
from core.kit.errors import UserError
from core.music.presets import preset
from core.music.types import MusicRequest

_BESIDE = ("provider", "quality")
NAMES = (*(name for name in MusicRequest.model_fields if name != "material"), *_BESIDE)

TEMPLATE = "template"


@dataclass(frozen=True)
class OfTemplate:
    """Put among the values by whoever fills them in, so that the piece counts as a use. No door can send one."""

    told: Mapping[str, Any]
    """As core.store.template_uses keeps it."""


@dataclass(frozen=True)
class OfSuggestion:
    """Put among the values by core.flows.recommending, so that what became of a suggestion is known. No door can send
    one."""

    told: Mapping[str, Any]
    """As core.store.suggestions keeps it."""


Fill = Callable[[Actor, str, Mapping[str, Any]], dict[str, Any]]
"""(actor, name, a request's own values) → all its values. NotFound for a name that means nothing."""


def from_preset(_actor: Actor, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"prompt": preset(name).prompt, "preset": name, **values}


def checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Only names that a request for music has; UserError for the first other one. Values are the request's to check, but
    for those beside it, which are texts."""
    for name, value in values.items():
        if name == TEMPLATE and isinstance(value, OfTemplate):
            continue
        if name not in NAMES:
            raise UserError(
                f"There is no {str(name)[:40]!r} to ask of music.", f"Choose among: {', '.join(NAMES)}.", "no_field"
            )
        if name in _BESIDE and value is not None and not isinstance(value, str):
            raise UserError(f"{name} = {str(value)[:40]!r} is no name.", "Write a name, or leave it out.")
    return dict(values)
