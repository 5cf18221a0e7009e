"""Facts of a language by its code: name, sample sentence, pace. From data/reference/voices/languages.yaml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from core.kit.paths import reference
from core.voice.text import Segment, parse

_NOBODY: Mapping[str, str] = MappingProxyType({})
_PACE = 13.0
"""Characters a second where a language was not measured: the mean of those that were."""

_ISO = {"cmn": "zh", "nb": "no"}
"""Codes of the embedded engine that others know by ISO 639-1."""
_OURS = {"zh": "cmn", "jp": "ja", "no": "nb"}


def language_facts(code: str) -> Mapping[str, Any]:
    """Those of the code, or of the language it is an accent of (fr-be: fr); empty where nothing is written down."""
    languages: Mapping[str, Mapping[str, Any]] = reference("voices/languages")["languages"]
    code = code.lower()
    while code not in languages and "-" in code:
        code = code.rpartition("-")[0]
    return languages.get(code, {})


def estimate_seconds(
    text: str, language: str = "en", speed: float = 1.0, sentence_pause_ms: int = 250, paragraph_pause_ms: int = 600,
    speakers: Mapping[str, str] = _NOBODY,
) -> float:  # fmt: skip
    """How long a cleaned text will take, for the page, before anything is spoken: within about a third in prose of the
    languages measured, a rough guess in others and for digits (which are short to write and long to say)."""
    return seconds_of(parse(text, language, speakers), language, speed, sentence_pause_ms, paragraph_pause_ms)


def seconds_of(
    segments: Sequence[Segment], language: str, speed: float, sentence_pause_ms: int, paragraph_pause_ms: int
) -> float:
    """The same of segments; pauses as a request has them, in ms."""
    pace = float(language_facts(language).get("characters_per_second", _PACE))
    pauses = {"sentence": sentence_pause_ms, "paragraph": paragraph_pause_ms}
    seconds = 0.0
    for index, segment in enumerate(segments):
        seconds += len(segment.text) / pace / min(2.0, max(0.5, speed * segment.style.speed))
        usual = 0 if index == len(segments) - 1 else pauses.get(segment.ends, 0)
        pause = usual if segment.pause_after_ms is None else segment.pause_after_ms
        seconds += (segment.pause_before_ms + pause) / 1000
    return seconds


_SCRIPTS = (
    ("\u0600", "\u06ff", "ar"), ("\u0900", "\u097f", "hi"), ("\u3040", "\u30ff", "ja"), ("\uac00", "\ud7af", "ko"),
    ("\u4e00", "\u9fff", "cmn"), ("\u0400", "\u04ff", "ru"), ("\u0370", "\u03ff", "el"), ("\u0590", "\u05ff", "he"),
    ("\u0980", "\u09ff", "bn"), ("\u0b80", "\u0bff", "ta"), ("\u0c00", "\u0c7f", "te"), ("\u10a0", "\u10ff", "ka"),
)  # fmt: skip


def script_language(text: str) -> str:
    """The most likely language of a text that is mostly written in another script than Latin; "" otherwise. For the
    choice of a default voice only: an English voice spells such letters out one by one."""
    letters = [character for character in text[:2000] if character.isalpha()]
    counts = {code: sum(low <= c <= high for c in letters) for low, high, code in _SCRIPTS}
    if counts["ja"]:
        counts["ja"] += counts["cmn"]  # Japanese mixes its syllables with Chinese characters
    best = max(counts, key=lambda code: counts[code])
    return best if letters and counts[best] * 2 > len(letters) else ""


def base(code: str) -> str:
    """The language of an accent by ISO 639-1: en of en-gb, zh of cmn."""
    first = code.strip().lower().replace("_", "-").partition("-")[0]
    return _ISO.get(first, first)


def own_code(code: str) -> str:
    """As the embedded engine and the list of languages know it: cmn of zh."""
    first = base(code)
    return _OURS.get(first, first)


def name_of(code: str) -> str:
    """Its English name, or the code where it has none here."""
    return str(language_facts(own_code(code)).get("name") or code)
