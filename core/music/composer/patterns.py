"""The mini-notation of the pattern files: a character a step, - holds, . rests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

STEP_BEATS = 0.25


@dataclass(frozen=True)
class Hit:
    beat: float
    """From the start of the stretch"""
    beats: float
    sign: str


def fit_bar(text: str, beats_per_bar: int) -> str:
    """A pattern of 4/4 cut down to 3/4: the first three beats of each bar."""
    if beats_per_bar == 4 or len(text) % 16:
        return text
    return "".join(text[i : i + 4 * beats_per_bar] for i in range(0, len(text), 16))


def step_feel(text: str, feel: float) -> float:
    """A pattern of quarter notes and longer keeps its pace where the rest goes half-time: something has to mark
    every beat."""
    onsets = [i for i, sign in enumerate(text) if sign not in ".-"]
    return 1.0 if feel > 1 and all(i % 4 == 0 for i in onsets) else feel


def crosses(text: str) -> bool:
    """Whether a bar sets threes against the four: two gaps of three steps running, or odd gaps and nothing on a beat.
    Where the tempo is slow, that is heard as another tempo."""
    onsets = [i for i, sign in enumerate(text) if sign not in ".-"]
    gaps = [b - a for a, b in pairwise([*onsets, *(len(text) + i for i in onsets[:1])])]
    threes = any(a == b == 3 for a, b in pairwise(gaps))
    return threes or (all(i % 4 for i in onsets) and any(gap % 2 for gap in gaps))


def four_bars(first: str, variants: list[str]) -> str:
    """A bar three times and then another way, so that accompaniment does not tick over like a machine."""
    if len(first) == 16 and variants and len(variants[0]) == 16:
        return first * 3 + variants[0]
    return first


def play(text: str, beats: float, feel: float = 1.0, beats_per_bar: int = 4) -> Iterator[Hit]:
    """The pattern repeated over so many beats. With feel 2 it lasts twice as long (half-time)."""
    text = fit_bar(text, beats_per_bar)
    step = STEP_BEATS * feel
    count = round(beats / step)
    i = 0
    while i < count:
        sign = text[i % len(text)]
        if sign in ".-":  # a hold with nothing to hold is a rest
            i += 1
            continue
        length = 1
        while i + length < count and text[(i + length) % len(text)] == "-":
            length += 1
        yield Hit(i * step, length * step, sign)
        i += length
