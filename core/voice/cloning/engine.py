"""What an engine that learns voices gets and gives. Its provider is of kind `voice`; the speech provider of the same name
speaks with what it learned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from core.providers.base import Call, MakeProvider

KIND = "voice"
PROFILE = "profile"
"""Role of the output that holds what was learned, for engines that keep it in a file."""


@dataclass(frozen=True)
class Lesson:
    """One voice to be learned."""

    name: str
    description: str
    language: str
    recordings: tuple[str, ...]
    """Paths of 1 to 10 files that were checked and, where that helped, cleaned."""
    labels: Mapping[str, str]
    """What is known of the speaker: gender, accent, age."""


class Trainer(MakeProvider, Protocol):
    """make(Lesson) answers Made whose facts may hold:

    `voice`: the service's own id of the voice, where it lives there; `characteristics`: {name: {value, confidence}} as
    measured; `quality_score`: 0 to 1; `likeness`: how near the voice comes, as measured on its own speech.
    """


class Remote(Protocol):
    """A trainer whose voices live at a service."""

    def forget(self, voice: str, call: Call) -> None:
        """Delete the service's copy. One that is already gone is no error."""
        ...
