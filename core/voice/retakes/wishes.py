"""What a take is asked to do otherwise: words of its own, a manner, or for engines that always say a text the same way one
of the stated variations. All of it is markup around the passage, so the finished script says what was done.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.kit.errors import UserError
from core.kit.paths import reference
from core.voice.cleaning import audible
from core.voice.types import Emotion

MAX_TAKES = 8


class Wishes(BaseModel):
    """Of one take; what is left out stays as it stands in the piece."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    words: str = Field(default="", max_length=20_000, description="said instead, markup and all; empty: the same words")
    voice: str = Field(default="", max_length=200, description="id or name of another voice")
    speed: float = Field(default=1.0, ge=0.5, le=2.0, description="times the pace it has")
    pitch: float = Field(default=0.0, ge=-12, le=12, description="semitones on top")
    range: float = Field(default=1.0, ge=0, le=2, description="times the liveliness it has, where the engine obeys")
    emotion: Emotion = Field(default="", description="where the engine acts")

    @property
    def empty(self) -> bool:
        return self == Wishes()

    def with_variation(self, number: int, *, obeys_range: bool) -> tuple[Wishes, str]:
        """The stated variation `number` (from 0) on top, and its name."""
        one = variations()[number % len(variations())]
        span = float(one.get("range", 1.0)) if obeys_range else 1.0
        changed = {
            "speed": min(2.0, max(0.5, self.speed * float(one.get("speed", 1.0)))),
            "pitch": min(12.0, max(-12.0, self.pitch + float(one.get("pitch", 0.0)))),
            "range": min(2.0, self.range * span),
        }
        return self.model_copy(update=changed), str(one["label"])

    def label(self) -> str:
        told = [
            "other words" if self.words else "", f"voice {self.voice}" if self.voice else "", self.emotion,
            f"speed ×{self.speed:g}" if self.speed != 1 else "", f"pitch {self.pitch:+g}" if self.pitch else "",
            f"liveliness ×{self.range:g}" if self.range != 1 else "",
        ]  # fmt: skip
        return ", ".join(each for each in told if each)[:80]

    def markup(self, text: str) -> str:
        """`text`, or the words said instead, in the tags that make the engine do it."""
        said = audible(self.words) if self.words else text
        if not said:
            raise UserError("The new words are empty.", "Write what should be said, or leave them out.", "empty_text")
        tags = [
            ("voice", self.voice.strip(), ""), ("emotion", self.emotion, ""), ("speed", f"{self.speed:.4g}", "1"),
            ("pitch", f"{self.pitch:.4g}", "0"), ("range", f"{self.range:.4g}", "1"),
        ]  # fmt: skip
        for name, value, usual in tags:
            if value != usual:
                said = f"[{name} {value}]{said}[/{name}]"
        return said


def wished(values: Mapping[str, Any]) -> Wishes:
    """From a person's input: UserError names the first value that cannot work, and what is allowed."""
    try:
        return Wishes(**values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where, reason = (
            ".".join(str(part) for part in first["loc"]) or "wishes",
            str(first["msg"]).removeprefix("Input "),
        )
        raise UserError(f"{where} cannot be used for a take.", f"{where} {reason}.") from None


@cache
def variations() -> list[dict[str, Any]]:
    return list(reference("voices/takes")["variations"])
