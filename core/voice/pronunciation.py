"""The pronunciation dictionary: what is spoken may differ from what is written; captions keep what is written.

A key is a word or a few words. Written in lower case it matches any case; with a capital in it, only that spelling
("US" is not "us"). It matches whole words, except in scripts that write no spaces. A value is one of

    jif                a respelling in the voice's own language
    [[dZ'If]]          the engine's phoneme mnemonics
    /dʒɪf/             IPA, turned into those mnemonics
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from core.kit.errors import UserError

LONGEST_KEY = 100
LONGEST_VALUE = 300

_IPA = {
    "tʃ": "tS", "dʒ": "dZ", "t͡ʃ": "tS", "d͡ʒ": "dZ", "ɑ̃": "A~", "ɔ̃": "O~", "ɛ̃": "E~", "œ̃": "W~", "aɪ": "aI",
    "aʊ": "aU", "eɪ": "eI", "oʊ": "oU", "əʊ": "oU", "ɔɪ": "OI", "ɪə": "i@", "eə": "e@", "ʊə": "U@", "ɜː": "3:",
    "ə": "@", "ɚ": "3", "ɝ": "3:", "ɜ": "3:", "ɪ": "I", "ɛ": "E", "æ": "a", "ɑ": "A", "ɒ": "0", "ɔ": "O", "ʊ": "U",
    "ʌ": "V", "ø": "Y", "œ": "W", "θ": "T", "ð": "D", "ʃ": "S", "ʒ": "Z", "ŋ": "N", "ɹ": "r", "ɡ": "g", "ç": "C",
    "ɲ": "n^", "ʎ": "l^", "ɾ": "*", "ʔ": "?", "ʁ": "r", "β": "B", "ɣ": "Q", "ɥ": "w", "ɫ": "l", "ɐ": "@",
    "ˈ": "'", "ˌ": ",", "ː": ":", ".": "", "\u0361": "", " ": "||",
}  # fmt: skip
_IPA_PLAIN = frozenset("abdefhijklmnopqrstuvwxyz")
_MNEMONICS = re.compile(r"[\x21-\x5a\x5c\x5e-\x7e ]+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True)
class Spoken:
    text: str
    places: tuple[int, ...]
    """For every character of `text`, the place in the original it stands for."""
    phonemes: bool = False
    """`text` holds [[…]], so the engine has to read them as mnemonics."""


@dataclass(frozen=True)
class Dictionary:
    """Compiled once per request."""

    pattern: re.Pattern[str] | None
    any_case: Mapping[str, str]
    exact: Mapping[str, str]

    def speak(self, text: str) -> Spoken:
        """The text as the engine should get it: dictionary applied, emoji and other pictures silent."""
        pieces: list[tuple[str, int, int]] = []
        at = 0
        for match in self.pattern.finditer(text) if self.pattern else ():
            written = " ".join(match.group().split())
            value = self.exact.get(written) or self.any_case.get(written.casefold())
            if value is None:
                continue  # the key has capitals that this spelling lacks
            pieces += [("", at, match.start()), (value, match.start(), match.end())]
            at = match.end()
        pieces.append(("", at, len(text)))
        phonemes = any(value.startswith("[[") for value, _, _ in pieces)
        spoken: list[str] = []
        places: list[int] = []
        for value, start, end in pieces:
            if value:
                spoken.append(value)
                places += [start] * len(value)
            else:
                spoken.append("".join(_audible(character, phonemes) for character in text[start:end]))
                places += range(start, end)
        return Spoken("".join(spoken), tuple(places), phonemes)


def _audible(character: str, phonemes: bool) -> str:
    if phonemes and character in "[]":
        return "(" if character == "[" else ")"  # otherwise the engine would read them as mnemonics
    if ord(character) < 0x2190:
        return character
    if unicodedata.category(character) in ("So", "Sk") or character in "\ufe0e\ufe0f\u20e3":
        return " "
    return character


def dictionary(pronunciations: Mapping[str, str]) -> Dictionary:
    """Raises UserError naming the entry that cannot work."""
    any_case: dict[str, str] = {}
    exact: dict[str, str] = {}
    for raw_key, raw_value in pronunciations.items():
        key = " ".join(unicodedata.normalize("NFC", raw_key).split())
        if not key or len(key) > LONGEST_KEY or not _has_letters(key):
            raise UserError(
                f"{raw_key[:40]!r} cannot be a pronunciation entry.", f"Use a word of 1 to {LONGEST_KEY} characters."
            )
        value = _value(key, unicodedata.normalize("NFC", raw_value).strip())
        if key == key.lower():
            any_case[key.casefold()] = value
        else:
            exact[key] = value
    keys = sorted({*any_case, *exact}, key=lambda key: (-len(key), key))
    if not keys:
        return Dictionary(None, {}, {})
    word = f"\\w{_marks()}"
    forms = []
    for key in keys:
        body = r"\s+".join(re.escape(part) for part in key.split())
        before = "" if _UNSPACED.match(key[0]) else f"(?<![{word}])"
        after = "" if _UNSPACED.match(key[-1]) else f"(?![{word}])"
        forms.append(before + body + after)
    return Dictionary(re.compile("|".join(forms), re.IGNORECASE), any_case, exact)


def _has_letters(text: str) -> bool:
    return any(unicodedata.category(character)[0] in "LN" for character in text)


def _value(key: str, value: str) -> str:
    if not value or len(value) > LONGEST_VALUE:
        raise UserError(
            f"The pronunciation of {key!r} is empty or too long.",
            f"Give 1 to {LONGEST_VALUE} characters: a respelling, [[phonemes]] or /IPA/.",
        )
    if value.startswith("[["):
        inner = value.removeprefix("[[").removesuffix("]]").strip()
        if not value.endswith("]]") or not inner or not _MNEMONICS.fullmatch(inner):
            raise UserError(
                f"The phonemes of {key!r} cannot be read: {value[:40]!r}.", "Write plain mnemonics such as [[dZ'If]]."
            )
        return f"[[{inner}]]"
    if len(value) > 2 and value.startswith("/") and value.endswith("/"):
        return f"[[{mnemonics(value[1:-1], key)}]]"
    if any(unicodedata.category(character)[0] == "C" for character in value) or not _has_letters(value):
        raise UserError(f"The respelling of {key!r} has nothing to pronounce.", "Write it as it sounds, such as 'jif'.")
    return value.replace("[", "(").replace("]", ")")


def mnemonics(ipa: str, key: str = "") -> str:
    """IPA to espeak's mnemonics. The symbols of the large European languages; others raise UserError."""
    # NFC composes a nasal œ̃ never and ã always; the table is written in the decomposed form.
    text = unicodedata.normalize("NFD", ipa).replace("c\u0327", "ç").strip()
    found: list[str] = []
    at = 0
    while at < len(text):
        for length in (3, 2, 1):
            symbol = text[at : at + length]
            if symbol in _IPA:
                found.append(_IPA[symbol])
                break
            if length == 1 and symbol in _IPA_PLAIN:
                found.append(symbol)
                break
        else:
            raise UserError(
                f"The IPA symbol {text[at]!r} in the pronunciation of {key!r} is not known here.",
                "Use the symbols of a European dictionary, or [[engine phonemes]], or a respelling.",
            )
        at += length
    return "".join(found)


@cache
def _marks() -> str:
    r"""Combining marks, as a character class: `\w` leaves them out, and Devanagari vowels are marks."""
    marks = [code for code in range(0x300, 0x10000) if unicodedata.category(chr(code))[0] == "M"]
    ranges: list[list[int]] = []
    for code in marks:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(low)}-{chr(high)}" for low, high in ranges)
