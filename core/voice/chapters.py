"""A long text cut into chapters: each short enough for one speech, and everything in exactly one of them.

A chapter begins at a level-1 heading (`# Title`, not spoken) and at a line such as "Chapter 1", "CHAPITRE IV: La mer" or
"Chapter Twenty-One" that stands by itself (spoken). A text without either is cut at the ends of paragraphs, near
PART_CHARACTERS. No cut falls inside an open tag.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil

from core.kit.errors import UserError
from core.kit.words import one_line
from core.voice.cleaning import MAX_CHARACTERS, clean, speakable
from core.voice.cutting import LONGEST_SECONDS, cut, line_of, open_at, tags
from core.voice.languages import estimate_seconds
from core.voice.markup import HEADING, TAG, Style, heading
from core.voice.text import parse

MAX_BOOK_CHARACTERS = 500_000
MAX_CHAPTERS = 255
"""What the table of contents of an MP3 and the chapter list of an M4B can count."""
PART_CHARACTERS = 20_000
_TITLE_CHARACTERS = 120
_SPARE = 100
"""Room for the blank lines that set chapter lines apart."""
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_NUMBER = (
    rf"\d{{1,3}}|[ivxlc]{{1,8}}|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[- ](?:{_ONES}))?|{_ONES}|ten|"
    "eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|premier|première|un|deux|trois|quatre|"
    "cinq|six|sept|huit|neuf|dix|onze|douze"
)
_PAUSE = re.compile(r",? *pause: *[^,}]*(?=})|pause: *[^,}]*, *")
_CHAPTER = re.compile(
    rf"^(?P<all>(?:chapter|chapitre|kapitel|capítulo|capitulo|capitolo|hoofdstuk|глава) +(?:{_NUMBER})"
    r"(?: *[.:—–-] *(?P<title>\S.{0,99}?))?)\.?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Chapter:
    title: str
    text: str
    """Cleaned, with its heading and markup: what one speech is asked to say."""
    line: int
    """Where it begins in the cleaned text, from 1."""


@dataclass(frozen=True)
class _Start:
    offset: int
    title: str
    end: int
    """Past the line that names it."""


def chapters(text: str, seconds: Callable[[str], float] = estimate_seconds) -> list[Chapter]:
    """UserError, with the line, for markup that cannot be meant or would be cut in two; for a text that is too long or has
    too many chapters. `seconds`: how long a piece of it will last, which may cut a chapter again."""
    text = clean(text, MAX_BOOK_CHARACTERS)
    parse(text)  # whatever is wrong with the markup is told with the line of the whole
    starts = list(_starts(text))
    found: list[Chapter] = []
    for title, start, end in _spans(text, starts):
        pieces = list(_within(text, start, end, seconds, MAX_CHARACTERS if starts else PART_CHARACTERS))
        for number, (first, past) in enumerate(pieces, 1):
            name = f"{title}, part {number}" if len(pieces) > 1 and title else title
            said = _carried(text, first) + _set_apart(text[first:past].strip())
            found.append(Chapter(name or f"Part {number}", said, line_of(text, first)))
    if len(found) > MAX_CHAPTERS:
        raise UserError(
            f"The text has {len(found):,} chapters; a book holds at most {MAX_CHAPTERS}.",
            "Make two books of it, or write smaller headings as ## Title.", "too_many_chapters",
        )  # fmt: skip
    return found


def _starts(text: str) -> Iterator[_Start]:
    marks = tags(text)
    offset, before = 0, ""
    for line in text.split("\n"):
        end = offset + len(line)
        found = heading(line, line_of(text, offset)) if line.startswith("# ") else None
        title = found.title if found else ""
        if not title and (not before or HEADING.match(before)) and (named := _CHAPTER.match(line)):
            title = named["all"]
        if title:
            if (opened := open_at(marks, offset)) is not None:
                name, where = opened
                raise UserError(
                    f"[{name}] on line {line_of(text, where)} is still open at the chapter on line {line_of(text, offset)}.",
                    f"Write [/{name}] before the chapter, and open it again after its heading.", "markup",
                )  # fmt: skip
            yield _Start(offset, one_line(title, _TITLE_CHARACTERS), end)
        offset, before = end + 1, line


def _spans(text: str, starts: list[_Start]) -> list[tuple[str, int, int]]:
    """(title, from, to): together the whole text. What says nothing but its own name belongs to the chapter that
    follows: a part's title page, "Chapter 1" above a heading."""
    if not starts:
        return [("", 0, len(text))]
    found: list[tuple[str, int, int]] = []
    begins, titles = 0, list[str]()
    if _says(text[: starts[0].offset]):
        found.append(("Opening", 0, starts[0].offset))
        begins = starts[0].offset
    edges = [*(start.offset for start in starts[1:]), len(text)]
    for start, end in zip(starts, edges, strict=True):
        if not titles or start.title.casefold() != titles[-1].casefold():
            titles.append(start.title)
        if _says(text[start.end : end]):
            found.append((one_line(": ".join(titles), _TITLE_CHARACTERS), begins, end))
            begins, titles = end, []
    if titles:  # a last heading with nothing under it
        title, first, _ = found.pop() if found else (one_line(": ".join(titles), _TITLE_CHARACTERS), 0, 0)
        found.append((title, first, len(text)))
    return found


def _says(text: str) -> bool:
    return any(not HEADING.match(line) and speakable(TAG.sub(_bare, line)) for line in text.split("\n"))


def _bare(match: re.Match[str]) -> str:
    return match["escaped"] or ""


def _within(text: str, start: int, end: int, seconds: Callable[[str], float], target: int) -> Iterator[tuple[int, int]]:
    """The span, or its pieces: none over the limits of one speech."""
    for first, past in cut(text, start, end, target, MAX_CHARACTERS - _SPARE):
        lasts = seconds(text[first:past])
        if lasts <= LONGEST_SECONDS:
            yield first, past
            continue
        smaller = (past - first) // (ceil(lasts / LONGEST_SECONDS) + 1)
        yield from _within(text, first, past, seconds, smaller)


def _carried(text: str, first: int) -> str:
    """The heading whose settings hold where a piece begins that has none of its own; its pause is not made twice."""
    if HEADING.match(text[first:].lstrip("\n").partition("\n")[0]):
        return ""
    line = next((each for each in reversed(text[:first].split("\n")) if HEADING.match(each)), "")
    found = heading(line, line_of(text, first)) if line else None
    if found is None or found.style == Style():
        return ""
    return _PAUSE.sub("", line) + "\n\n"


def _set_apart(text: str) -> str:
    """A blank line after every "Chapter 1", so that it is said as a title and not as the beginning of a sentence."""
    lines = text.split("\n")
    made: list[str] = []
    for index, line in enumerate(lines):
        made.append(line)
        title = not (index and lines[index - 1] and not HEADING.match(lines[index - 1])) and _CHAPTER.match(line)
        if title and index + 1 < len(lines) and lines[index + 1]:
            made.append("")
    return "\n".join(made)
