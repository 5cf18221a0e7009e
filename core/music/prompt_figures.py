"""The figures in a prompt: tempo, key and length, found by pattern and taken out of the text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from core.music.composer.keys import KEY_PATTERN, Key, key_from_match

UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
UNITS_FR = [
    "zero",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
    "dix-sept",
    "dix-huit",
    "dix-neuf",
]
TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90}
TENS_FR = {"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60}
NUMBER_WORDS: dict[str, float] = (
    {w: i for i, w in enumerate(UNITS)} | {w: i for i, w in enumerate(UNITS_FR)} | TENS | TENS_FR
    | {"a": 1, "an": 1, "une": 1, "half a": 0.5, "half": 0.5, "demi": 0.5, "demie": 0.5, "une demi": 0.5}
)  # fmt: skip
_WORD = "|".join(sorted((re.escape(w).replace(r"\-", "[ -]") for w in NUMBER_WORDS), key=len, reverse=True))
_TENS = "|".join([*TENS, *TENS_FR])
NUMBER = (
    rf"(?:\d{{1,4}}(?:[.,]\d{{1,3}})?|(?:{_TENS})[ -](?:et[ -])?(?:{'|'.join(UNITS[1:10] + UNITS_FR[1:10])})|{_WORD})"
)
MINUTES, SECONDS = r"(?:minutes?|mins?|mn)", r"(?:seconds?|secondes?|secs?|s)"
HALF = r"(?:and a half|et demie?)"
_BPM = (
    re.compile(r"(?<![\d.])(\d{1,5}(?:[.,]\d{1,3})?)\s*-?(?:bpm|b\.p\.m\.?|beats per minute|battements par minute|a la noire)\b", re.I),
    re.compile(r"\b(?:bpm|tempo)\s*(?:of|de|is|at|a|:|=)?\s*(\d{1,5}(?:[.,]\d{1,3})?)\b(?!\s*(?:s\b|sec|min))", re.I),
)  # fmt: skip
_LENGTHS = (
    re.compile(rf"\b({NUMBER})[ -]?{MINUTES}\s+{HALF}(?![a-z])", re.I),
    re.compile(rf"\b({NUMBER})\s+{HALF}[ -]{MINUTES}(?![a-z])", re.I),
    re.compile(rf"\b({NUMBER})[ -]?(?:{MINUTES}|m)\s*(?:and|et)?\s*({NUMBER})(?:[ -]?{SECONDS})?(?![a-z])", re.I),
    re.compile(r"\b(\d{1,2}):([0-5]\d)\b"),
    re.compile(rf"\b({NUMBER})[ -]?{MINUTES}(?![a-z])", re.I),
    re.compile(rf"\b({NUMBER})[ -]?{SECONDS}(?![a-z])", re.I),
    re.compile(rf"\b({NUMBER})[ -]?(?:hours?|heures?)(?![a-z])", re.I),
)
_KEY_AFTER = re.compile(
    r"\b(?P<lead>key of|key|in|en|tonalite de|tonalite)\s*:?\s+" + KEY_PATTERN + r"(?![\w#'])", re.I
)
_KEY_NAMED = re.compile(r"(?<![\w#])" + KEY_PATTERN + r"(?![\w#'])", re.I)
_MODE_ONLY = re.compile(
    r"\b(?:(minor|major|mineure?|majeure?)[ -](?:key|mode|scale)|(?:key|mode|gamme|tonalite)[ -](minor|major|mineure?|majeure?))\b",
    re.I,
)


@dataclass
class Figures:
    text: str
    """The prompt with the figures taken out"""
    bpm: float | None = None
    key: str | None = None
    seconds: float | None = None
    refused: list[str] = field(default_factory=list)
    """Figures outside what can be made, as they were written"""


def unaccented(text: str) -> str:
    """Without accents and control characters, typographic signs made ASCII, case kept."""
    text = text.replace("♯", "#").replace("♭", "b").replace("’", "'").replace("œ", "oe")
    # Only the accents of Latin letters: marks of other scripts belong to their words, which are quoted back.
    kept = (c for c in unicodedata.normalize("NFKD", text) if not "\u0300" <= c <= "\u036f")
    bare = "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in kept)
    return unicodedata.normalize("NFC", bare)


def find_figures(text: str) -> Figures:
    """`text` as `unaccented` gives it."""
    found = Figures(text)
    _find_bpm(found)
    _find_length(found)
    _find_key(found)
    return found


def _cut(found: Figures, match: re.Match[str]) -> None:
    found.text = found.text[: match.start()] + " , " + found.text[match.end() :]


def _find_bpm(found: Figures) -> None:
    for pattern in _BPM:
        match = pattern.search(found.text)
        if match is None:
            continue
        value = float(match[1].replace(",", "."))
        _cut(found, match)
        if 40 <= value <= 220:
            found.bpm = value
        else:
            found.refused.append(match[0].strip())
        return


def number(text: str) -> float:
    text = text.casefold()
    if text[0].isdigit():
        return float(text.replace(",", "."))
    known = NUMBER_WORDS.get(text, NUMBER_WORDS.get(text.replace(" ", "-")))
    if known is not None:
        return known
    return sum(NUMBER_WORDS.get(word, 0) for word in re.split(r"[ -]", text) if word != "et")


def _find_length(found: Figures) -> None:
    for index, pattern in enumerate(_LENGTHS):
        match = pattern.search(found.text)
        if match is None:
            continue
        first = number(match[1])
        if index in (0, 1):
            seconds = 60 * (first + 0.5)
        elif index in (2, 3):
            seconds = 60 * first + number(match[2])
        else:
            seconds = first * {4: 60, 5: 1, 6: 3600}[index]
        if index == 5 and _is_no_length(match, found.text, seconds):
            continue
        _cut(found, match)
        if 3 <= seconds <= 600:
            found.seconds = float(seconds)
        else:
            found.refused.append(match[0].strip())
        return


def _is_no_length(match: re.Match[str], text: str, seconds: float) -> bool:
    """'808s' are drums, and '80s synthwave' is a decade: a bare s counts as seconds only where neither is meant."""
    if not re.search(r"\ds\Z", match[0]):
        return False
    follows = re.match(r"\s*(?:[,.;!?)]|$|(?:of|long|intro|outro|clip|video|loop|de|d')\b)", text[match.end() :])
    decade = seconds in (50, 60, 70, 80, 90) and follows is None
    return decade or seconds > 600


def _find_key(found: Figures) -> None:
    for match in (*_KEY_AFTER.finditer(found.text), *_KEY_NAMED.finditer(found.text)):
        if _is_key(match, found.text):
            found.key = key_from_match(_lowered(match)).label
            _cut(found, match)
            return
    mode = _MODE_ONLY.search(found.text)
    if mode is not None:
        minor = (mode[1] or mode[2]).casefold().startswith("min")
        found.key = Key(9, "minor", "A").label if minor else Key(0, "major", "C").label
        _cut(found, mode)


def _lowered(match: re.Match[str]) -> re.Match[str]:
    again = re.compile(KEY_PATTERN).match(match[0][match.start("note") - match.start() :].casefold())
    assert again is not None
    return again


def _is_key(match: re.Match[str], text: str) -> bool:
    """'in a dark room' and 'a major success' hold no key; 'in A', 'Dm', 'key of g' and 'la mineur' do."""
    note, mode = match["note"], match["mode"]
    groups = match.groupdict()
    signed = bool(match["sign"] or match["word"])
    capital = note[0].isupper()
    lead = (groups.get("lead") or "").casefold()
    if mode in ("m", "M"):
        return (
            capital and len(note) == 1 and mode == "m" and match[0].endswith("m") and " " not in match[0].strip()[-2:]
        )
    if mode:
        sure = capital or signed or len(note) > 1 or note not in "a" or bool(lead)
        return sure or re.match(r"\s*(?:[,.;!?]|$)", text[match.end() :]) is not None
    if lead.startswith(("key", "tonalite")):
        return True
    if signed:
        return bool(lead) or (capital and match["word"] is not None)
    follows = re.match(r"\s*(?:[,.;!?]|$|at\b|with\b|avec\b|a \d)", text[match.end() :])
    return bool(lead) and capital and len(note) == 1 and follows is not None
