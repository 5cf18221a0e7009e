"""OpenAI's speech models as data: their limits, their end, their voices, and the most that a request can use of each."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from core.kit.errors import UserError
from core.kit.paths import reference
from core.voice.engine import Utterance
from core.voice.types import Voice

UNITS = ("characters", "text_tokens", "audio_tokens")


@dataclass(frozen=True)
class Model:
    name: str
    longest: int
    """Characters of one request."""
    retired_on: date
    instructions: bool
    billed: Literal["characters", "tokens"]
    voices: tuple[str, ...]


def _data() -> Mapping[str, Any]:
    data: Mapping[str, Any] = reference("voices/openai")
    return data


@cache
def models() -> Mapping[str, Model]:
    """By name; the first is the default."""
    everyone = tuple(row["name"] for row in _data()["voices"])
    rows = [row | {"voices": everyone if row["voices"] == "all" else tuple(row["voices"])} for row in _data()["models"]]
    return {row["name"]: Model(**row) for row in rows}


def find_model(name: str) -> Model:
    try:
        return models()[name]
    except KeyError:
        raise UserError(
            f"OpenAI has no speech model {name[:60]!r}.", f"Choose one of: {', '.join(models())}.", "no_model"
        ) from None


@cache
def voices() -> tuple[Voice, ...]:
    return tuple(_voice(row) for row in _data()["voices"])


def _voice(row: Mapping[str, Any]) -> Voice:
    return Voice(
        id=f"openai:{row['name']}", name=str(row["name"]).capitalize(), provider="openai", tier="premium", language="en",
        language_name="English", accent="", gender=row.get("gender", "neutral"), style=row.get("style", ""),
        engine={"voice": row["name"], "models": [model.name for model in models().values() if row["name"] in model.voices]},
    )  # fmt: skip


def all_gone_on() -> date:
    """The day from which no model is left."""
    return max(model.retired_on for model in models().values())


def refuse_retired(model: Model, day: date) -> None:
    if day < model.retired_on:
        return
    left = [other.name for other in models().values() if day < other.retired_on]
    instead = f"Choose {' or '.join(left)}." if left else "Use another speech provider; the embedded one needs no key."
    raise UserError(
        f"OpenAI shut the model {model.name} down on {model.retired_on}.",
        instead if left else f"{instead} {_data()['successor']}",
        "model_retired",
    )


def longest_seconds(text: str, speed: float) -> float:
    """No reading of the text lasts longer; see `bounds` in the data file."""
    bounds = _data()["bounds"]
    letters = sum(1 for letter in text if letter.isspace() or unicodedata.category(letter) in ("Ll", "Lu", "Lt", "Mn"))
    seconds = letters * bounds["seconds_per_letter"] + (len(text) - letters) * bounds["seconds_per_other"]
    return float((seconds + bounds["seconds_more"]) / min(1.0, speed))


def most(model: Model, utterance: Utterance, instructions: str) -> dict[str, Decimal]:
    """Exact for what is billed by characters; an upper bound, about four times the usual, for tokens."""
    if model.billed == "characters":
        return dict.fromkeys(UNITS, Decimal(0)) | {"characters": Decimal(len(utterance.text))}
    bounds = _data()["bounds"]
    asked = len(utterance.text.encode()) + len(instructions.encode()) + bounds["text_tokens_more"]
    heard = math.ceil(longest_seconds(utterance.text, utterance.speed) * bounds["audio_tokens_per_second"])
    return {"characters": Decimal(0), "text_tokens": Decimal(asked), "audio_tokens": Decimal(heard)}
