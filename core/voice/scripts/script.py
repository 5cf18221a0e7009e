"""What a script file becomes: a text in our markup that can be spoken, and word of what was left out of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.kit.errors import UserError
from core.voice.cleaning import MAX_CHARACTERS, clean, too_long
from core.voice.markup import HEADING, STYLED, TAG, Style, heading, milliseconds
from core.voice.speakers import detect_speakers
from core.voice.text import parse

_BACKSLASH = re.compile(r"\\(?=[\[\]\\#]|\Z)")
_SHOWN = 5
_SETTLING = 3
"""Rounds of cleaning: what one takes away may leave neighbours that the next joins (an accent and its letter)."""


@dataclass(frozen=True)
class Script:
    text: str
    """Our markup: core.voice.text reads it without an error."""
    speakers: tuple[str, ...] = ()
    """In order of their first lines."""
    sections: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    """What was left out or changed, in words."""
    pronunciations: Mapping[str, str] = field(default_factory=dict)
    """Of words the file itself spells in phonemes."""


class Notes:
    def __init__(self) -> None:
        self._said: dict[str, None] = {}
        self._counted: Counter[tuple[str, str]] = Counter()

    def say(self, text: str) -> None:
        self._said[text] = None

    def left_out(self, one: str, many: str, times: int = 1) -> None:
        self._counted[one, many] += times

    def told(self) -> tuple[str, ...]:
        counted = (
            f"{count:,} {many} were left out." if count > 1 else f"1 {one} was left out."
            for (one, many), count in self._counted.items() if count
        )  # fmt: skip
        return (*self._said, *counted)


class Writing:
    """A script put together from the blocks of a document."""

    def __init__(self) -> None:
        self.notes = Notes()
        self.speakers: list[str] = []
        """Named by the file itself, beyond what their lines let one guess."""
        self.pronunciations: dict[str, str] = {}
        self._blocks: list[str] = []
        self._in_list = False

    def heading(self, title: str, level: int = 1) -> None:
        title = " ".join(title.split())
        if title:
            self._add(f"{'#' * min(6, max(1, level))} {title}")

    def paragraph(self, text: str) -> None:
        """Its line breaks stay."""
        lines = [" ".join(line.split()) for line in text.split("\n")]
        # Words may look like a heading; where a heading is meant, it comes in as one.
        self._add("\n".join(f"\\{line}" if HEADING.match(line) else line for line in lines if line))

    def bullet(self, text: str) -> None:
        line = f"- {' '.join(text.split())}"
        if line == "- ":
            return
        if self._in_list:
            self._blocks[-1] += f"\n{line}"
        else:
            self._add(line)
        self._in_list = True

    def end_list(self) -> None:
        """What comes next is another list, or a table."""
        self._in_list = False

    def _add(self, block: str) -> None:
        self._in_list = False
        if block:
            self._blocks.append(block)

    def script(self) -> Script:
        return finished("\n\n".join(self._blocks), self.notes, self.speakers, self.pronunciations)


def literal(text: str, brackets: bool = True) -> str:
    """Text in which a backslash means itself, and, with `brackets`, a bracket too."""
    text = _BACKSLASH.sub(r"\\\\", text)
    return text.replace("[", r"\[") if brackets else text


def finished(
    text: str, notes: Notes, speakers: Iterable[str] = (), pronunciations: Mapping[str, str] | None = None
) -> Script:
    """UserError where nothing can be spoken, or too much."""
    text = clean(text)
    for _ in range(_SETTLING):
        text = clean(text)
    text = settled(text, notes)
    if len(text) > MAX_CHARACTERS:
        raise too_long(len(text))
    parse(text)
    titles = (found["title"] for line in text.split("\n") if (found := HEADING.match(line)))
    sections = dict.fromkeys(title.partition("{")[0].strip() for title in titles)
    return Script(
        text=text, speakers=tuple(detect_speakers(text, [*speakers])),
        sections=tuple(title for title in sections if title), notes=notes.told(), pronunciations=dict(pronunciations or {}),
    )  # fmt: skip


def settled(text: str, notes: Notes) -> str:
    """A cleaned text whose markup is as parse() takes it: what cannot be meant as markup is spoken as it is written."""
    lines: list[str] = []
    keep: set[tuple[int, int]] = set()
    """(line, place) of the tags that stay."""
    open_tags: list[tuple[str, tuple[int, int]]] = []
    text_lines = text.split("\n")
    for number, line in enumerate(text_lines):
        for match in [] if HEADING.match(line) else TAG.finditer(line):
            if match["escaped"]:
                continue
            name, at = match["name"].lower(), (number, match.start())
            if match["close"]:
                if open_tags and open_tags[-1][0] == name:
                    keep |= {at, open_tags.pop()[1]}
            elif _meant(name, match["value"].strip()):
                if name == "pause":
                    keep.add(at)
                else:
                    open_tags.append((name, at))
    odd: list[str] = []
    for number, line in enumerate(text_lines):
        if HEADING.match(line):
            lines.append(_title(line, notes))
            continue
        pieces: list[str] = []
        done = 0
        for match in TAG.finditer(line):
            if match["escaped"] or (number, match.start()) in keep:
                continue
            pieces += [line[done : match.start()], "\\"]
            done = match.start()
            odd.append(match.group()[:40])
        lines.append("".join([*pieces, line[done:]]))
    if odd:
        more = f" and {len(odd) - _SHOWN:,} more" if len(odd) > _SHOWN else ""
        notes.say(f"In brackets but no markup, so spoken as written: {', '.join(odd[:_SHOWN])}{more}.")
    return "\n".join(lines)


def _meant(name: str, value: str) -> bool:
    if name not in (*STYLED, "pause"):
        return False
    try:
        if name == "pause":
            milliseconds(value)
        else:
            Style().under(name, value)
    except ValueError:
        return False
    return True


def _title(line: str, notes: Notes) -> str:
    try:
        heading(line, 1)
    except UserError:
        notes.say(f"The braces of {line[:60]!r} hold no settings of a section; they became ().")
        return line.replace("{", "(").replace("}", ")")
    return line
