"""What a request may say of its voice instead of naming one: how good, who it should sound like, who may stand in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.kit.errors import UserError
from core.voice.types import Gender

Quality = Literal["", "draft", "standard", "premium"]
QUALITIES: tuple[Quality, ...] = ("draft", "standard", "premium")
StandIn = Literal["", "never", "whole", "mixed"]
STAND_IN: tuple[StandIn, ...] = ("never", "whole", "mixed")
"""never: nobody. whole: another voice says a speaker's part if it can say all of it. mixed: it may also go on in the middle."""


class Wish(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    quality: Quality = Field(
        default="",
        description="draft: free, at once; standard: the best that costs no cash; premium: the best within the caps. "
        "Beside a voice: that one where it is of this quality, otherwise the nearest to it",
    )
    gender: Gender | Literal[""] = Field(default="", description="of the voice that `quality` chooses")
    accent: str = Field(default="", max_length=60, description="such as British, of the voice that `quality` chooses")
    stand_in: StandIn = Field(
        default="",
        description="whether another voice may speak where this one cannot: never, whole (only the whole part of a "
        "speaker), mixed (also in the middle); empty: as your routing preference says",
    )


def split(values: Mapping[str, Any]) -> tuple[Wish, dict[str, Any]]:
    """The wish, and the request's other values. UserError names the value that cannot work and what is allowed."""
    rest = {name: value for name, value in values.items() if name not in Wish.model_fields}
    said = {name: values[name] for name in values if name in Wish.model_fields and values[name] is not None}
    try:
        wish = Wish(**said)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where, shown = str(first["loc"][0]), repr(first.get("input"))[:60]
        allowed = {"quality": QUALITIES, "stand_in": STAND_IN, "gender": ("female", "male", "neutral")}.get(where, ())
        what = f"one of: {', '.join(allowed)}." if allowed else "a short text."
        raise UserError(f"{where} = {shown} cannot be used.", f"Give {what}") from None
    if (wish.gender or wish.accent) and not wish.quality:
        raise UserError(
            "gender and accent say which voice a quality chooses, and no quality was given.",
            f"Give quality as well ({', '.join(QUALITIES)}), or name a voice.",
        )
    return wish, rest
