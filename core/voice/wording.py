"""From the engine's word events to the time of every word as the user wrote it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.voice.cleaning import speakable
from core.voice.text import Break

BLOCK_RATE = 22_050
"""Ticks a second that times are counted in: the rate of the engine whose events came first."""
BLOCK = 110
"""Frames of one loudness block: 5 ms at 22,050 Hz."""
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_LONGEST_UNSPACED = 6
_SPOKEN_SIGNS = "&%@+=$€£"
_CLAUSE_ENDS = tuple(",;:—–、，；：،؛")
_CLOSERS = "\"'”’»)]」』）"
_SHORTEST_REST_BLOCKS = 8


@dataclass(frozen=True)
class Word:
    start: int
    """Characters in the segment's text, first and past the last."""
    end: int
    begins: int
    """Frames in the segment's sound."""
    finishes: int
    breaks: Literal["", "clause"] = ""


def words(
    text: str,
    places: tuple[int, ...],
    events: tuple[tuple[int, int, int], ...],
    first: int,
    last: int,
    quiet: NDArray[np.bool_],
) -> list[Word]:
    """Every word of `text` in order, none left out, times within [first, last) and never going back.

    `places` leads from the spoken text (dictionary applied) to `text`; `quiet` says per BLOCK of the segment's sound
    whether it is silent, so that a comma's rest belongs to no word.
    """
    heard = [(sample, places[min(position, len(places) - 1)]) for sample, position, _ in events if position >= 0]
    spans = _spans(text, {place for _, place in heard})
    starts = _starts(spans, heard, first, last)
    found = []
    for index, (start, end) in enumerate(spans):
        begins, finishes = starts[index], starts[index + 1]
        finishes = _without_rest(begins, finishes, quiet)
        bare = text[start:end].rstrip(_CLOSERS)
        found.append(Word(start, end, begins, finishes, "clause" if bare.endswith(_CLAUSE_ENDS) else ""))
    return found


def _spans(text: str, heard: set[int]) -> list[tuple[int, int]]:
    """Words: chunks between blanks; in scripts without blanks, what the engine announced. Marks join a neighbour."""
    pieces: list[tuple[int, int]] = []
    for match in re.finditer(r"\S+", text):
        start, end = match.span()
        if _UNSPACED.search(match.group()):
            cuts = {place for place in heard if start < place < end and _UNSPACED.match(text[place])}
            edges = [start, *sorted(cuts), end]
            for left, right in pairwise(edges):
                pieces += _pieces(text, left, right)
        else:
            pieces.append((start, end))
    spans: list[tuple[int, int]] = []
    for start, end in pieces:
        if spans and not (_is_word(text[start:end]) and _is_word(text[spans[-1][0] : spans[-1][1]])):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def _is_word(text: str) -> bool:
    """Something is said for it: "&" and "%" are words, a dash or an emoji is not."""
    return speakable(text) or any(character in _SPOKEN_SIGNS for character in text)


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A long announced run (a whole phrase of kana or Thai) in readable pieces."""
    count = -(-(end - start) // _LONGEST_UNSPACED)
    edges = [start + (end - start) * index // count for index in range(count + 1)]
    for index in range(1, count):  # a combining vowel stays with its consonant
        while edges[index] < end and not text[edges[index]].isalnum():
            edges[index] += 1
    return [(left, right) for left, right in pairwise(edges) if right > left]


def _starts(spans: list[tuple[int, int]], heard: list[tuple[int, int]], first: int, last: int) -> list[int]:
    """One start per span and the end of the last; a word without an event shares its neighbour's time by length."""
    known: list[int | None] = [None] * len(spans)
    event = 0
    for index, (start, end) in enumerate(spans):
        while event < len(heard) and heard[event][1] < start:
            event += 1
        if event < len(heard) and heard[event][1] < end:
            known[index] = heard[event][0]
    if spans:
        known[0] = first
    starts: list[int] = []
    low = first
    index = 0
    while index < len(spans):
        following = next((i for i in range(index + 1, len(spans)) if known[i] is not None), len(spans))
        begin = max(low, min(known[index] or first, last))
        until = max(begin, min(known[following] or last, last)) if following < len(spans) else last
        lengths = [spans[i][1] - spans[i][0] for i in range(index, following)]
        passed = 0
        for length in lengths:
            starts.append(begin + (until - begin) * passed // sum(lengths))
            passed += length
        low = starts[-1]
        index = following
    return [*starts, last]


def _without_rest(begins: int, finishes: int, quiet: NDArray[np.bool_]) -> int:
    block = min(finishes // BLOCK, quiet.size)
    rest = 0
    while block - rest - 1 > begins // BLOCK and quiet[block - rest - 1]:
        rest += 1
    return (block - rest) * BLOCK if rest >= _SHORTEST_REST_BLOCKS else finishes


def strongest(inner: Literal["", "clause"], segment_ends: Break, is_last: bool) -> Break:
    return segment_ends or inner if is_last else inner
