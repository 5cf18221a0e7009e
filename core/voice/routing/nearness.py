"""Who sounds most like what was asked for: language first, then gender, accent, tier. No ear: only what is listed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.voice.languages import base
from core.voice.types import Tier, Voice


@dataclass(frozen=True)
class Likeness:
    """What a voice should be. Empty: any."""

    language: str = ""
    gender: str = ""
    """female or male; nobody is asked to be neither."""
    accent: str = ""
    tier: Tier | None = None
    strict: bool = False
    """The gender and the accent were asked for by name: who is not known to have them is not taken."""

    def told(self) -> str:
        return ", ".join(word for word in (self.language, self.gender, self.accent) if word)


def likeness(voice: Voice, language: str = "") -> Likeness:
    """Of a voice that another is to stand in for. A voice of one's own counts as premium: nobody's stands in for it."""
    gender = voice.gender if voice.gender != "neutral" else ""
    tier: Tier = "standard" if voice.tier == "standard" else "premium"
    return Likeness(language or voice.language, gender, voice.accent, tier)


def nearest(
    voices: Iterable[Voice], wanted: Likeness, speaks: Callable[[Voice], bool], first: Iterable[str] = ()
) -> Voice | None:
    """The best of one engine's voices; `first`: ids that win among equals (favourites). None: nobody will do. Voices of
    somebody's own are never chosen unasked."""
    favourites = set(first)
    able = [voice for voice in voices if voice.tier != "custom" and speaks(voice) and fits(voice, wanted)]
    return min(
        enumerate(able), key=lambda each: (*distance(each[1], wanted), each[1].id not in favourites, not each[1].curated, each[0]),
        default=(0, None),
    )[1]  # fmt: skip


def fits(voice: Voice, wanted: Likeness) -> bool:
    """Whether what must hold, holds."""
    if not wanted.strict:
        return True
    return (not wanted.gender or voice.gender == wanted.gender) and (
        not wanted.accent or wanted.accent.casefold() in f"{voice.accent} {voice.language}".casefold()
    )


def distance(voice: Voice, wanted: Likeness) -> tuple[int, ...]:
    """Smaller is nearer. A gender that nobody states is nearer than the other one."""
    gender = 0 if not wanted.gender or voice.gender == wanted.gender else 1 if voice.gender == "neutral" else 2
    own, asked = voice.language.lower(), wanted.language.lower()
    any_accent = asked == base(asked) and base(own) == asked
    tongue = 0 if own == asked or not asked or any_accent else 1 if base(own) == base(asked) else 2
    accent = int(bool(wanted.accent) and wanted.accent.casefold() != voice.accent.casefold())
    tier = int(wanted.tier is not None and (voice.tier == "standard") != (wanted.tier == "standard"))
    return (gender, tongue, accent, tier)
