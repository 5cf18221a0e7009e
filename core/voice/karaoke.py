"""Captions in which every word lights up as it is said: Advanced SubStation Alpha with {\\k} times.

A karaoke time is in hundredths of a second and counts from the end of the one before, so the words of a line are laid on
the hundredths of the whole file: their sum is the line's length exactly, and nothing drifts.
Source: the SSA v4+ specification as libass reads it.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.voice.types import Caption, WordTime

_HEADER = """[Script Info]
ScriptType: v4.00+
WrapStyle: 2
ScaledBorderAndShadow: yes
PlayResX: 1920
PlayResY: 1080

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Arial,64,&H0000D7FF,&H00FFFFFF,&H00000000,&H80000000,0,0,0,0,100,100,0,0,1,3,1,2,80,80,70,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
_ESCAPES = str.maketrans({"{": "(", "}": ")", "\\": "⧵", "\n": " ", "\r": " "})
"""Braces begin commands and a backslash an escape that not every player knows how to undo: look-alikes are safe in all."""


def ass(found: Sequence[Caption], *, by_word: bool = True) -> str:
    """`by_word`: the words' own times are known; otherwise lines come without karaoke times."""
    return _HEADER + "".join(_line(caption, by_word=by_word) for caption in found)


def _line(caption: Caption, *, by_word: bool) -> str:
    start, end = _hundredths(caption.start_s), _hundredths(caption.end_s)
    end = max(end, start + 1)
    pieces = _pieces(caption) if by_word else None
    if pieces is None:
        text = r"\N".join(_safe(one) for one in caption.text.split("\n"))
    else:
        text = "".join(_timed(pieces, start, end))
    return f"Dialogue: 0,{_clock(start)},{_clock(end)},Default,,0,0,0,,{text}\n"


def _timed(pieces: Sequence[tuple[str, WordTime]], start: int, end: int) -> list[str]:
    """A pause before a word is a {\\k} without text; the last word lights up until its own end, the rest is silence."""
    said: list[str] = []
    at = start
    for text, word in pieces:
        begins = min(end, max(at, _hundredths(word.start_s)))
        finishes = min(end, max(begins, _hundredths(word.end_s)))
        if begins > at:
            said.append(f"{{\\k{begins - at}}}")
        said.append(f"{{\\k{finishes - begins}}}{text}")
        at = finishes
    if end > at:
        said.append(f"{{\\k{end - at}}}")
    return said


def _pieces(caption: Caption) -> list[tuple[str, WordTime]] | None:
    """The caption's text, line break and all, cut so that each word takes what follows it; None where the words are not
    the text's."""
    places: list[int] = []
    at = 0
    for word in caption.words:
        place = caption.text.find(word.word, at)
        if place < 0:
            return None
        places.append(place)
        at = place + len(word.word)
    if not places:
        return None
    places[0] = 0
    ends = [*places[1:], len(caption.text)]
    return [
        (r"\N".join(_safe(one) for one in caption.text[first:past].split("\n")), word)
        for first, past, word in zip(places, ends, caption.words, strict=True)
    ]


def _safe(text: str) -> str:
    return text.translate(_ESCAPES)


def _hundredths(seconds: float) -> int:
    return max(0, round(seconds * 100))


def _clock(hundredths: int) -> str:
    seconds, rest = divmod(hundredths, 100)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:02d}"
