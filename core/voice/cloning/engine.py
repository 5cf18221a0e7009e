"""What an engine that learns voices gets and gives. Its provider is of kind `voice`; the speech provider of the same name
speaks with what it learned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from core.providers.base import MakeProvider

KIND = "voice"
PROFILE = "profile"
"""Role of the output that holds what was learned, for engines that keep it in a file."""
MARK = "studio"
"""The label by which a service's copy says whose it is. Lists of a service's voices hand it on in Voice.engine."""


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
    id: str = ""
    """The studio's own of the voice."""
    version: int = 0
    """Moves with every lesson that was learned: what was made there and never heard of is found by it."""


class Trainer(MakeProvider, Protocol):
    """make(Lesson) answers Made whose facts may hold:

    `voice`: the service's own id of the voice, where it lives there; `older`: ids of its other copies there, which are to
    be deleted; `notice`: what the owner still has to do there; `characteristics`: {name: {value, confidence}} as
    measured; `quality_score`: 0 to 1; `likeness`: how near the voice comes, as measured on its own speech, with
    `measures` (distances; 0 is alike) and, where an encoder of speakers is installed, `similarity` (a cosine; 1 is alike).
    """
