"""What XTTS-v2 speaks, as data (data/reference/voices/xtts.yaml): 17 languages, and the speakers that come with its weights.

A speaker is `claribel-dervla`, in English unless a language stands behind it: `claribel-dervla+fr`. All of them speak all
languages, with an accent of their own or none.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from core.kit.errors import NotFound, SetupError, UserError
from core.kit.paths import reference
from core.voice.languages import language_facts, script_language
from core.voice.types import Gender, Voice

PROVIDER = "coqui"
DEFAULT = "en"


@dataclass(frozen=True)
class Language:
    id: str
    """As the studio calls it."""
    code: str
    """As the library does."""
    name: str
    longest: int
    """Characters at once."""
    module: str = ""
    """The package that reads its script."""


@dataclass(frozen=True)
class Speaker:
    id: str
    name: str
    gender: Gender


@cache
def languages() -> Mapping[str, Language]:
    return {each: Language(each, **row) for each, row in reference("voices/xtts")["languages"].items()}


@cache
def speakers() -> Mapping[str, Speaker]:
    rows: Mapping[Gender, list[str]] = reference("voices/xtts")["speakers"]
    found = [Speaker(_id(name), name, gender) for gender, names in rows.items() for name in names]
    return {speaker.id: speaker for speaker in found}


def _id(name: str) -> str:
    plain = unicodedata.normalize("NFD", name.replace("ı", "i")).encode("ascii", "ignore").decode()
    return plain.lower().replace(" ", "-")


@cache
def voices() -> tuple[Voice, ...]:
    """In English; voice_of() has them in every language."""
    return tuple(_voice(speaker, languages()[DEFAULT]) for speaker in speakers().values())


def voice_of(own: str) -> Voice:
    speaker, language = parsed(own)
    return _voice(speaker, language)


def parsed(own: str) -> tuple[Speaker, Language]:
    """NotFound for a speaker that is none, UserError for a language that is not spoken."""
    name, _, code = own.strip().lower().partition("+")
    if name not in speakers():
        near = difflib.get_close_matches(name, speakers(), n=4, cutoff=0.5) or list(speakers())[:4]
        raise NotFound(f"XTTS-v2 has no speaker {name[:40]!r}.", f"Did you mean {', '.join(near)}?", "no_voice")
    return speakers()[name], spoken(code or DEFAULT)


def _voice(speaker: Speaker, language: Language) -> Voice:
    own = speaker.id if language.id == DEFAULT else f"{speaker.id}+{language.id}"
    return Voice(
        id=f"{PROVIDER}:{own}", name=speaker.name if language.id == DEFAULT else f"{speaker.name} ({language.name})",
        provider=PROVIDER, tier="premium", language=language.id, language_name=language.name, accent="",
        gender=speaker.gender, style="XTTS-v2", sample_text=str(language_facts(language.id).get("sample", "")),
        engine={"voice": own},
    )  # fmt: skip


def spoken(code: str) -> Language:
    """By a code such as en-us, pt-br, zh-cn or cmn."""
    plain = code.strip().lower()
    family = plain.partition("-")[0]
    found = languages().get("cmn" if family == "zh" else family)
    if found is None:
        raise UserError(
            f"XTTS-v2 does not speak {language_facts(plain).get('name') or repr(code[:20])!s}.",
            f"It speaks {', '.join(each.name for each in languages().values())}.", "language",
        )  # fmt: skip
    return found


def language_of(text: str, said: str) -> Language:
    """`said`: the voice's own language, "" for none. A text in another script than that is read in its own."""
    written = script_language(text)
    if not written or (
        said.partition("-")[0] == "ja" and written == "cmn"
    ):  # Japanese may be all in Chinese characters
        return spoken(said or DEFAULT)
    return spoken(written) if spoken_script(said) != written else spoken(said)


def spoken_script(language: str) -> str:
    """The language that script_language() takes texts of this one for."""
    return script_language(str(language_facts(language).get("sample", ""))) if language else ""


def check_readable(language: Language) -> None:
    """SetupError for a language whose reader is not installed."""
    if language.module and find_spec(language.module) is None:
        raise SetupError(
            f"XTTS-v2 reads {language.name} only with the package {language.module}.",
            "Run: pip install -r requirements-xtts.txt", "no_reader",
        )  # fmt: skip
