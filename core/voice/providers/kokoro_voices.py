"""Kokoro's voices as data (data/reference/voices/kokoro.yaml), and blends of them.

A blend is an id like any other: `kokoro:af_heart*0.7+am_adam*0.3`. Also read: `70% af_heart + 30% am_adam`, and names
without a share, which count alike. It is spoken as its heaviest voice's accent is.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

from core.kit.errors import NotFound, SetupError, UserError
from core.kit.paths import reference
from core.voice.languages import language_facts
from core.voice.types import Gender, Voice

PROVIDER = "kokoro"
MOST_VOICES = 8
_SHARE = re.compile(
    r"(?:(?P<percent>\d{1,3}(?:\.\d+)?) ?% ?)?(?P<voice>[A-Za-z_]+)(?: ?\* ?(?P<share>\d*\.?\d+))?", re.ASCII
)
_ENGLISH = ("a", "b")


@dataclass(frozen=True)
class Language:
    letter: str
    """Kokoro's own name for it."""
    language: str
    name: str
    accent: str
    reads: str
    """misaki, espeak or extra: what makes phonemes of a text."""
    espeak: str = ""
    extra: str = ""
    module: str = ""


@dataclass(frozen=True)
class Blend:
    shares: tuple[tuple[str, float], ...]
    """Voice and share, the shares sum to 1. One voice: one share of 1."""

    @property
    def id(self) -> str:
        if len(self.shares) == 1:
            return self.shares[0][0]
        return "+".join(f"{voice}*{round(share, 4):g}" for voice, share in self.shares)

    @property
    def heaviest(self) -> str:
        return max(self.shares, key=lambda one: one[1])[0]


@cache
def languages() -> Mapping[str, Language]:
    return {letter: Language(letter, **row) for letter, row in reference("voices/kokoro")["languages"].items()}


@cache
def rows() -> Mapping[str, Mapping[str, Any]]:
    return {row["id"]: row for row in reference("voices/kokoro")["voices"]}


def language_of(voice: str) -> Language:
    return languages()[voice[0]]


@cache
def voices() -> tuple[Voice, ...]:
    return tuple(_voice(Blend(((name, 1.0),))) for name in rows())


def voice_of(blend: Blend) -> Voice:
    return next((voice for voice in voices() if voice.id == f"{PROVIDER}:{blend.id}"), None) or _voice(blend)


def _voice(blend: Blend) -> Voice:
    language = language_of(blend.heaviest)
    genders: set[Gender] = {rows()[voice]["gender"] for voice, _ in blend.shares}
    row = rows()[blend.heaviest]
    single = len(blend.shares) == 1
    grade = row.get("grade", "")
    mixed = " + ".join(f"{share:.0%} {rows()[voice]['name']}" for voice, share in blend.shares)
    return Voice(
        id=f"{PROVIDER}:{blend.id}", name=row["name"] if single else mixed, provider=PROVIDER, tier="premium",
        language=language.language, language_name=language.name, accent=language.accent,
        gender=genders.pop() if len(genders) == 1 else "neutral",
        style="blend" if not single else f"grade {grade}" if grade else "",
        sample_text=language_facts(language.language).get("sample", ""),
        engine={"voice": blend.id} | ({"grade": grade} if single and grade else {}),
    )  # fmt: skip


def parse_blend(text: str) -> Blend:
    """UserError or NotFound for what cannot be spoken."""
    shares: dict[str, float] = {}
    for term in text.strip().split("+"):
        match = _SHARE.fullmatch(term.strip())
        if match is None or (match["percent"] and match["share"]):
            raise UserError(
                f"{term.strip()[:60]!r} is no voice of Kokoro with its share.",
                "Write af_heart, or a blend such as af_heart*0.7+am_adam*0.3.", "blend",
            )  # fmt: skip
        voice = _known(match["voice"].lower())
        share = float(match["share"] or (float(match["percent"]) / 100 if match["percent"] else 1.0))
        shares[voice] = shares.get(voice, 0.0) + share
    shares = {voice: share for voice, share in shares.items() if share > 0}
    total = math.fsum(shares.values())
    if not shares or not math.isfinite(total):
        raise UserError("No voice of this blend has a share.", "Give each a share above 0, such as 0.5.", "blend")
    if len(shares) > MOST_VOICES:
        raise UserError(f"{len(shares)} voices are too many for a blend.", f"At most {MOST_VOICES}.", "blend")
    families = {"en" if voice[0] in _ENGLISH else voice[0]: language_of(voice).name for voice in shares}
    if len(families) > 1:
        raise UserError(
            f"A blend cannot speak {' and '.join(sorted(families.values()))} at once.",
            "Choose voices of one language; American and British ones go together.", "blend",
        )  # fmt: skip
    return Blend(tuple((voice, share / total) for voice, share in shares.items()))


def _known(voice: str) -> str:
    if voice in rows():
        return voice
    near = difflib.get_close_matches(voice, rows(), n=4, cutoff=0.5) or list(rows())[:4]
    raise NotFound(f"Kokoro has no voice {voice[:40]!r}.", f"Did you mean {', '.join(near)}?", "no_voice")


def readable(voice: str) -> bool:
    language = language_of(voice)
    return language.reads != "extra" or find_spec(language.module) is not None


def check_readable(language: Language) -> None:
    """SetupError for a language whose reader is not installed."""
    if not readable(language.letter):
        raise SetupError(
            f"Kokoro reads {language.name} only with another package.",
            f"Run: pip install 'misaki[{language.extra}]==0.9.4', or choose a voice of another engine.",
            "no_reader",
        )
