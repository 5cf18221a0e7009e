"""Where a long text may be cut: at the end of a paragraph, else of a sentence, else of a line, and never inside a tag."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from core.kit.errors import UserError
from core.voice.cleaning import speakable
from core.voice.markup import HEADING, TAG

LONGEST_SECONDS = 5400.0
"""By estimate. One speech may last two hours; an estimate may be a third too short."""
_SENTENCE = re.compile(r"[.!?…][\"'”’»)\]]*\s+|[।॥。！？｡]+[」』”]*\s*")
_PARAGRAPH, _STOP, _LINE = range(3)
Marks = list[tuple[int, tuple[str, int] | None]]
"""(from here on, the innermost open tag and where it was opened), in order."""


def tags(text: str) -> Marks:
    """Of a text whose markup is right (core.voice.text.parse took it)."""
    marks: Marks = [(0, None)]
    stack: list[tuple[str, int]] = []
    for match in _tags(text):
        if match["escaped"] or (name := match["name"].lower()) == "pause":
            continue
        if match["close"]:
            stack.pop()
        else:
            stack.append((name, match.start()))
        # A tag is open from its own first character to the last of the one that closes it.
        marks.append((match.end() if match["close"] else match.start() + 1, stack[-1] if stack else None))
    return marks


def open_at(marks: Marks, offset: int) -> tuple[str, int] | None:
    return marks[bisect_right(marks, offset, key=lambda mark: mark[0]) - 1][1]


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def cut(text: str, start: int, end: int, target: int, longest: int) -> Iterator[tuple[int, int]]:
    """Pieces of text[start:end] of about `target` characters, none over `longest`. UserError where there is no place."""
    target = max(1, min(target, longest))
    if end - start <= min(longest, target * 5 // 4):
        yield start, end
        return
    count = -(-(end - start) // target)
    target = -(-(end - start) // count)  # even pieces, rather than a short one at the end
    places = [(start + at, rank) for at, rank in _places(text[start:end])]
    while end - start > min(longest, target * 5 // 4):
        at = _best(places, start, target, min(longest, end - start - 1))
        if at is None:
            raise _nowhere(text, start, end, target)
        yield start, at
        start = at
    yield start, end


def _best(places: list[tuple[int, int]], start: int, target: int, longest: int) -> int | None:
    """The kindest place within half a target of the target, else the kindest there is within the limit."""
    aim = start + target
    for low, high in ((aim - target // 2, min(aim + target // 2, start + longest)), (start + 1, start + longest)):
        near = [place for place in places if low <= place[0] <= high]
        if near:
            kind = min(rank for _, rank in near)
            return min((at for at, rank in near if rank == kind), key=lambda at: abs(at - aim))
    return None


def _places(piece: str) -> list[tuple[int, int]]:
    """(where the next piece would begin, how kind a cut that is). Something is said before each and after."""
    marks = tags(piece)
    found: dict[int, int] = {}
    spoken: list[int] = []
    offset, before = 0, ""
    for line in piece.split("\n"):
        past = offset + len(line)
        if offset:
            ended = _SENTENCE.search(before[-8:] + " ")
            found[offset] = _PARAGRAPH if not before else _STOP if ended else _LINE
        if not HEADING.match(line):
            for match in _SENTENCE.finditer(piece, offset, past):
                found.setdefault(match.end(), _STOP)
            bare = TAG.sub(lambda tag: " " * len(tag.group()), line)
            if speakable(bare):
                spoken += [offset + _first(bare), past - 1 - _first(bare[::-1])]
        offset, before = past + 1, line
    if not spoken:
        return []
    return [
        (at, rank) for at, rank in sorted(found.items()) if spoken[0] < at <= spoken[-1] and open_at(marks, at) is None
    ]  # fmt: skip


def _first(text: str) -> int:
    """The place of its first letter or digit; its length where there is none."""
    return next((at for at, character in enumerate(text) if speakable(character)), len(text))


def _tags(text: str) -> Iterator[re.Match[str]]:
    """As parse() reads them: a heading holds none."""
    offset = 0
    for line in text.split("\n"):
        if not HEADING.match(line):
            yield from TAG.finditer(text, offset, offset + len(line))
        offset += len(line) + 1


def _nowhere(text: str, start: int, end: int, target: int) -> UserError:
    opened = open_at(tags(text[start:end]), min(target, end - start - 1))
    if opened is not None:
        name, where = opened
        return UserError(
            f"[{name}] on line {line_of(text, start + where)} stays open for too long to cut the text anywhere.",
            f"Write [/{name}] at the end of a paragraph, and open it again in the next one.", "markup",
        )  # fmt: skip
    return UserError(
        f"From line {line_of(text, start)} on, {target:,} characters have no end of a sentence or a line.",
        "Break the text into sentences or paragraphs.", "no_place_to_cut",
    )  # fmt: skip
