"""The roles of a dialogue, and a voice that could speak each: of the embedded ones, which cost nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.kit.errors import NotFound
from core.voice import gallery
from core.voice.languages import script_language
from core.voice.speakers import detect_speakers, folded, lines_of, suggest
from core.voice.types import MAX_SPEAKERS, Voice

_NOBODY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Role:
    name: str
    lines: int
    """That begin with the name."""
    voice: str
    """Id of the voice it was given, or of one that suits it."""


def roles(
    text: str, known: Collection[str] = (), narrator: Voice | None = None, chosen: Mapping[str, str] = _NOBODY
) -> list[Role]:
    """Whoever seems to speak, and whoever of the `known` has a line. `narrator`: reads the rest; the suggestions speak
    its language. `chosen`: voices that somebody has already given to names."""
    given = {folded(name): voice for name, voice in chosen.items()}
    found = detect_speakers(text, [*known, *given])[:MAX_SPEAKERS]
    narrator = narrator or gallery.default_voice(script_language(text))
    counted = {folded(name): count for name, count in lines_of(text, [*known, *given]).items()}
    taken = {narrator.id, *(given[folded(name)] for name in found if folded(name) in given)}
    voices = suggest([name for name in found if folded(name) not in given], choices(narrator), taken)
    voices |= {name: given[folded(name)] for name in found if folded(name) in given}
    return [Role(name, counted.get(folded(name), 0), voices[name]) for name in found]


def choices(narrator: Voice) -> list[Voice]:
    """Embedded voices of a language, those chosen by hand and of the same accent first."""
    try:
        spoken = gallery.voices(language=narrator.language.partition("-")[0])
    except NotFound:  # a language that only a service has
        spoken = []
    by_hand = [voice for voice in spoken if voice.curated]
    return sorted(by_hand or spoken or gallery.curated(), key=lambda voice: voice.language != narrator.language)
