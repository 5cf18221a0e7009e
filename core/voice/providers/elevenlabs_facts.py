"""What is written down about the ElevenLabs models and formats: data/reference/voices/elevenlabs.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.kit.errors import SetupError, UserError
from core.kit.paths import reference

FORMAT_SETTING = "STUDIO_ELEVENLABS_FORMAT"


@dataclass(frozen=True)
class Model:
    id: str
    characters: int
    """Of one request, the audio tag included."""
    language: bool
    context: bool
    tags: bool


def facts() -> Mapping[str, Any]:
    return dict(reference("voices/elevenlabs"))


def model(name: str) -> Model:
    """UserError for one that is not written down: nothing would say how long its text may be."""
    known = facts()["models"]
    if name not in known:
        raise UserError(f"ElevenLabs has no speech model {name[:80]!r} here.", f"Choose one of: {', '.join(known)}.")
    found = known[name]
    return Model(name, found["longest"], found["language"], found["context"], found["tags"])


def tag(emotion: str) -> str:
    """What stands before the text, with its blank; "" for none and neutral."""
    found = facts()["tags"].get(emotion, "")
    return f"{found} " if found else ""


def longest(name: str) -> int:
    """Without the longest tag that may have to go before the text."""
    found = model(name)
    return found.characters - (max(len(tag(emotion)) for emotion in facts()["tags"]) if found.tags else 0)


def output_format(name: str) -> str:
    chosen = name or str(facts()["default_format"])
    if chosen not in facts()["formats"]:
        raise SetupError(
            f"{FORMAT_SETTING}={chosen[:40]} is no output format of ElevenLabs.",
            f"Leave it empty, or choose one of: {', '.join(facts()['formats'])}.",
        )
    return chosen
