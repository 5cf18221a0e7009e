"""The voices there are: a curated gallery with human names, and behind it every voice of the engine.

Ids are `espeak:<voice>` or `espeak:<voice>+<variant>`; curated voices use the same ids, so an asset can always be made
again. Voices of other providers and the user's own are passed in as `extra` by whoever knows them.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from core.kit.errors import NotFound, UserError
from core.kit.paths import reference
from core.voice.languages import language_facts
from core.voice.providers.espeak_process import EngineVoice, listing
from core.voice.types import Gender, Tier, Voice

PROVIDER = "espeak"
TIERS: tuple[Tier, ...] = ("standard", "premium", "custom")
GENDERS: tuple[Gender, ...] = ("female", "male", "neutral")
DEFAULT_LANGUAGE = "en-us"
COUNTING = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10."
"""The preview where no sentence is written down yet: every voice reads numbers in its own language."""


@cache
def curated() -> tuple[Voice, ...]:
    """The voices of data/reference/voices/espeak.yaml, in its order; the first of a language is its default."""
    return tuple(_curated(row) for row in reference("voices/espeak")["voices"])


def _curated(row: dict[str, Any]) -> Voice:
    code, _, variant = row["engine"].partition("+")
    language = language_facts(code)
    return Voice(
        id=f"{PROVIDER}:{row['engine']}",
        name=row["name"],
        provider=PROVIDER,
        tier="standard",
        language=code,
        language_name=language["name"],
        accent=row.get("accent", ""),
        gender=row["gender"],
        style=row["style"],
        age=row.get("age", "adult"),
        sample_text=language.get("sample", COUNTING),
        pitch_hz=float(row["pitch_hz"]),
        curated=True,
        engine={"voice": code, "variant": variant},
    )


@cache
def engine_voices() -> tuple[Voice, ...]:
    """Every voice of the installed engine that can be heard, plain (without a variant)."""
    mute = reference("voices/languages")["mute"]
    return tuple(_plain(voice, "") for voice in listing().voices if voice.code not in mute)


def _plain(voice: EngineVoice, variant: str) -> Voice:
    language = language_facts(voice.code)
    name, _, accent = voice.name.partition(" (")
    about = reference("voices/variants")["variants"].get(variant or "plain", {})
    return Voice(
        id=f"{PROVIDER}:{voice.code}" + (f"+{variant}" if variant else ""),
        name=voice.name + (f" · {variant}" if variant else ""),
        provider=PROVIDER,
        tier="standard",
        language=voice.code,
        language_name=language.get("name") or name,
        accent=accent.rstrip(")"),
        gender=about.get("gender", "neutral"),
        style=about.get("style", ""),
        age="",
        sample_text=language.get("sample", COUNTING),
        pitch_hz=float(about.get("pitch_hz", 0)) if voice.code.startswith("en") else 0.0,
        engine={"voice": voice.code, "variant": variant},
    )


def voices(
    language: str = "", gender: str = "", tier: str = "", search: str = "", extra: Sequence[Voice] = ()
) -> list[Voice]:
    """Curated voices first, then `extra`, then the engine's other voices; all filters must hold.

    `language` is a code (fr, fr-be, zh), or an English name (French); it includes the accents of the language.
    """
    if gender and gender not in GENDERS:
        raise UserError(f"Unknown gender {gender!r}.", f"Choose one of: {', '.join(GENDERS)}.")
    if tier and tier not in TIERS:
        raise UserError(f"Unknown tier {tier!r}.", f"Choose one of: {', '.join(TIERS)}.")
    found = [*curated(), *extra]
    known = {voice.id for voice in found}
    found += [voice for voice in engine_voices() if voice.id not in known]
    if language:
        codes = _codes(language, found)
        found = [voice for voice in found if voice.language.lower() in codes]
    words = _plain_words(search)
    return [
        voice
        for voice in found
        if (not gender or voice.gender == gender)
        and (not tier or voice.tier == tier)
        and all(word in _plain_words_of(voice) for word in words)
    ]


def grouped(found: Iterable[Voice]) -> dict[Tier, dict[Gender, list[Voice]]]:
    """Tier, then gender, in the order given; groups without a voice are left out."""
    groups: dict[Tier, dict[Gender, list[Voice]]] = {}
    members = list(found)
    for tier in TIERS:
        genders = {
            gender: [voice for voice in members if voice.tier == tier and voice.gender == gender] for gender in GENDERS
        }
        present = {gender: group for gender, group in genders.items() if group}
        if present:
            groups[tier] = present
    return groups


def default_voice(language: str = "") -> Voice:
    """The first curated voice of a language, or the engine's plain one; without a language, American English."""
    if not language:
        language = DEFAULT_LANGUAGE
    found = voices()
    codes = _codes(language, found)
    exact = _alias(language)
    for voice in sorted(found, key=lambda voice: (not voice.curated, voice.language != exact)):
        if voice.language in codes:
            return voice
    raise _no_language(language, found)


def find_voice(wanted: str, extra: Sequence[Voice] = ()) -> Voice:
    """By id, by name in any case, or by engine code (fr, en-us+f3). Empty: the default. NotFound names near matches."""
    text = " ".join(wanted.split())
    if not text:
        return default_voice()
    everyone = [*curated(), *extra]
    key = _folded(text)
    for voice in everyone:
        if voice.id.casefold() == text.casefold():
            return voice
    for voice in everyone:
        if _folded(voice.name) == key:
            return voice
    found = _engine_voice(text.partition(":")[2] if text.casefold().startswith(f"{PROVIDER}:") else text)
    if found is not None:
        return found
    languages = {_folded(voice.language_name): voice for voice in reversed(everyone + list(engine_voices()))}
    if key in languages:
        return default_voice(languages[key].language)
    for voice in engine_voices():
        if _folded(voice.name) == key:
            return voice
    names = (
        [voice.name for voice in everyone] + [voice.id for voice in everyone] + [v.language for v in engine_voices()]
    )
    near = _near(text, names) or [voice.name for voice in curated()[:4]]
    raise NotFound(
        f"There is no voice {text[:60]!r}.",
        f"Did you mean {', '.join(near)}? The gallery lists all voices.",
        "no_voice",
    )


def _engine_voice(code: str) -> Voice | None:
    base, plus, variant = code.partition("+")
    offered = listing()
    heard = {voice.language for voice in engine_voices()}
    by_code = {voice.code: voice for voice in offered.voices if voice.code in heard}
    voice = by_code.get(_alias(base))
    if voice is None:
        return None
    if not plus:
        chosen = ""
    else:
        names = {name.casefold(): name for name in offered.variants}
        if variant.casefold() not in names:
            near = _near(variant, offered.variants) or ["f1", "f3", "m3"]
            raise NotFound(
                f"Voice {voice.code!r} has no variant {variant[:40]!r}.", f"Did you mean {', '.join(near)}?", "no_voice"
            )
        chosen = names[variant.casefold()]
    found = _plain(voice, chosen)
    named = {one.id: one for one in curated()}
    return named.get(found.id, found)


@cache
def _aliases() -> dict[str, str]:
    """Every code the engine knows a voice by, to the voice's own code: fr-fr to fr, zh to cmn, no to nb."""
    aliases: dict[str, str] = {}
    for voice in listing().voices:
        for code in voice.languages:
            aliases.setdefault(code.lower(), voice.code)
    aliases |= {voice.code: voice.code for voice in listing().voices}
    return aliases | {
        "en-uk": "en",
        "zh-cn": "cmn",
        "zh-tw": "cmn",
        "jp": "ja",
        "es-es": "es",
        "de-de": "de",
        "hi-in": "hi",
    }


def _alias(code: str) -> str:
    lowered = code.strip().lower().replace("_", "-")
    return _aliases().get(lowered, lowered)


def _codes(language: str, found: Sequence[Voice]) -> set[str]:
    """The codes a language filter includes. NotFound names near matches."""
    code, name = _alias(language), _folded(language)
    codes = {voice.language.lower() for voice in found}
    if "-" not in code and code in codes:
        matching = {one for one in codes if one == code or one.startswith(f"{code}-")}
    elif code in codes:
        matching = {code}
    else:
        matching = {voice.language.lower() for voice in found if _folded(voice.language_name) == name}
    if not matching:
        raise _no_language(language, found)
    return matching


def _no_language(language: str, found: Sequence[Voice]) -> NotFound:
    names = sorted({voice.language_name for voice in found} | {voice.language for voice in found})
    near = _near(language, names) or ["English", "French", "Hindi", "Spanish"]
    return NotFound(
        f"There is no voice for the language {language[:40]!r}.", f"Did you mean {', '.join(near)}?", "no_voice"
    )


def _near(text: str, names: Iterable[str]) -> list[str]:
    by_key: dict[str, str] = {}
    for name in names:
        by_key.setdefault(_folded(name), name)
    return [by_key[key] for key in difflib.get_close_matches(_folded(text), by_key, n=4, cutoff=0.55)]


def _folded(text: str) -> str:
    """Case and accents aside: chloe finds Chloé."""
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(character for character in decomposed if unicodedata.category(character) != "Mn").strip()


def _plain_words(text: str) -> list[str]:
    return _folded(text).split()


def _plain_words_of(voice: Voice) -> str:
    return _folded(
        " ".join((voice.name, voice.id, voice.language_name, voice.accent, voice.gender, voice.style, voice.age))
    )


def preview_text(voice: Voice) -> str:
    """What a voice says in the gallery: a sentence in its own language."""
    return voice.sample_text or language_facts(voice.language).get("sample") or COUNTING
