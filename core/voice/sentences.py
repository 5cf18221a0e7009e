"""Where a sentence ends. Rules, not a model: abbreviations, initials, decimals, ellipses, quotes, and the full stops
of Devanagari, Arabic and the CJK scripts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

LONGEST = 600
"""Characters spoken in one breath at most; a longer run is cut at its best comma or space."""

_ENDS = ".!?…‽।॥。！？｡؟۔።፧։"
_WIDE = "।॥。！？｡"
"""These end a sentence even without a following space."""
_CLOSERS = "\"'”’»›)]}」』）】”"
_STOP = re.compile(f"[{re.escape(_ENDS)}]+[{re.escape(_CLOSERS)}]*")
_ENGLISH = (
    "mr mrs ms dr prof rev st sr jr hon gen col capt lt sgt gov pres vs no nos vol fig figs ed eds al approx dept est inc "
    "ltd co corp bros ave blvd rd mt ft mme mlle jan feb mar apr jun jul aug sep sept oct nov dec e.g i.e a.k.a cf pp p viz"
)
_FRENCH = "mme mlle mm m me art chap env p.ex av bd"
_GERMAN = "hr fr str nr bzw z.b d.h u.a usw ggf ca evtl inkl abs"
_OTHERS = "sra srta dña ud uds ee.uu pág núm sig sigg dott dott.ssa ing avv ecc pag exmo exma"
_OF = {"fr": _FRENCH, "de": _GERMAN, "es": _OTHERS, "it": _OTHERS, "pt": _OTHERS}
"""Beside the English ones, each in its own language only: "me." ends an English sentence and begins a French lawyer."""
_LAST_WORD = re.compile(r"[^\s(\[\"“«]+$")
_NOT_BLANK = re.compile(r"\S")
_LONGEST_WORD = 60


@dataclass(frozen=True)
class Span:
    start: int
    end: int
    complete: bool = True
    """False where a sentence was only cut because it is too long for one breath."""


def sentence_spans(text: str, language: str = "en") -> list[Span]:
    """Spans that cover the text without gaps."""
    spans: list[Span] = []
    start = 0
    for match in _STOP.finditer(text):
        if match.end() < len(text) and _ends_here(text, start, match, language):
            spans.extend(_breaths(text, start, match.end()))
            start = match.end()
    if start < len(text):
        spans.extend(_breaths(text, start, len(text)))
    return spans


def _ends_here(text: str, start: int, match: re.Match[str], language: str) -> bool:
    mark = match.group()
    if any(character in _WIDE for character in mark):
        return True
    if not text[match.end()].isspace():
        return False
    next_word = _NOT_BLANK.search(text, match.end())
    following = next_word.group() if next_word else ""
    if following.islower():
        # "e.g. this", "wait... what", "“Really?” she asked": goes on. "Really? yes" is two sentences all the same.
        return not mark.startswith((".", "…")) and mark[-1] not in _CLOSERS
    if mark != ".":
        return True
    # No further back than a word is long: texts of nothing but dots take no longer than others.
    word = _LAST_WORD.search(text[max(start, match.start() - _LONGEST_WORD) : match.start()])
    if word is None:
        return False  # a lone full stop, such as the ". . ." of an old ellipsis
    token = word.group()
    if len(token) == 1 and token.isupper() and token != "I":
        return False  # an initial
    if language.startswith("de") and token.isdigit() and len(token) <= 2:
        return False  # a German ordinal: am 3. Mai
    if token.lower() == "no":
        return not following.isdigit()  # "No. 5" against "She said no."
    return token.lower() not in _abbreviations(language.partition("-")[0])


@cache
def _abbreviations(language: str) -> frozenset[str]:
    return frozenset(f"{_ENGLISH} {_OF.get(language, '')}".split())


def _breaths(text: str, start: int, end: int) -> list[Span]:
    spans: list[Span] = []
    while end - start > LONGEST:
        cut = _best_cut(text, start, start + LONGEST)
        spans.append(Span(start, cut, complete=False))
        start = cut
    return [*spans, Span(start, end)]


def _best_cut(text: str, start: int, limit: int) -> int:
    for marks in (";:—–、，；：،؛", ",)", " "):
        found = max(text.rfind(mark, start + LONGEST // 3, limit) for mark in marks)
        if found > 0:
            return found + 1
    return limit
