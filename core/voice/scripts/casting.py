"""The roles of a dialogue, and a voice that could speak each: of the embedded ones, which cost nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.kit.errors import NotFound
from core.voice import gallery
from core.voice.languages import script_language
from core.voice.speakers import detect_speakers, folded, lines_of, suggest
from core.voice.types import MAX_SPEAKERS, Voice


@dataclass(frozen=True)
class Role:
    name: str
    lines: int
    """That begin with the name."""
    voice: str
    """Id of a voice that suits it."""


def roles(text: str, names: Sequence[str] | None = None, narrator: Voice | None = None) -> list[Role]:
    """`names`: who speaks, where a file tells it; otherwise who seems to. `narrator`: reads the rest; the suggestions
    speak its language."""
    found = detect_speakers(text) if names is None else list(names)
    found = found[:MAX_SPEAKERS]
    narrator = narrator or gallery.default_voice(script_language(text))
    counted = {folded(name): count for name, count in lines_of(text).items()}
    voices = suggest(found, choices(narrator), narrator.id)
    return [Role(name, counted.get(folded(name), 0), voices[name]) for name in found]


def choices(narrator: Voice) -> list[Voice]:
    """Embedded voices of a language, those chosen by hand and of the same accent first."""
    try:
        spoken = gallery.voices(language=narrator.language.partition("-")[0])
    except NotFound:  # a language that only a service has
        spoken = []
    by_hand = [voice for voice in spoken if voice.curated]
    return sorted(by_hand or spoken or gallery.curated(), key=lambda voice: voice.language != narrator.language)
