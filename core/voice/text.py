"""From a cleaned text to what is spoken: section markup, paragraphs, sentences, speakers.

The markup is small enough to read as a script:

    # Opening                     a heading: names the section, is not spoken
    # Night {voice: Emma, speed: 0.9, pitch: -2, range: 1.2, emotion: sad, pause: 1s}
                                  settings up to the next heading; the pause is the silence before the section
    A blank line ends a paragraph; a single line break is a space.
    - a line that begins with a dash, star or bullet is a sentence of its own
    ANNA: Who is there?           spoken by the voice the request's `speakers` give her; the name is not spoken
    Wait. [pause 500ms] Go.       also [pause 1.5s]; at the end of a sentence it replaces the usual pause
    [speed 0.8]slower[/speed]     times the request's speed (the product stays within 0.5 to 2)
    [pitch -2]lower[/pitch]       semitones on top of the request's pitch (the sum stays within ±12)
    [range 0.3]flatter[/range]    times the request's intonation range
    [voice Emma]her words[/voice] another voice, by name or id
    [emotion sad]so[/emotion]     how it is meant, where the engine acts: neutral, happy, sad, angry, excited, whisper
    \\[not a tag]                  a bracket that is spoken as text

Tags nest. Any other [tag] or {setting} is refused with its name, line and column, so that a typing error is never spoken.

A speech lasts from its speaker's line up to the next speaker's line, the next heading or the next blank line: what comes
after a blank line without a name is the narrator's. Where several things name a voice, the innermost counts: a tag before
the speaker, the speaker before the section, the section before the request.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Literal

from core.kit.errors import UserError
from core.voice.cleaning import speakable
from core.voice.markup import BULLET, MAX_PAUSE_MS, STYLED, TAG, TAGS, Heading, Style, heading, milliseconds, place
from core.voice.sentences import Span, sentence_spans
from core.voice.speakers import Cast

DRAFT_CHARACTERS = 200
Break = Literal["", "clause", "sentence", "paragraph"]
_NOBODY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Segment:
    """A stretch spoken in one breath: a sentence, or a part of one where style or a pause cuts it."""

    text: str
    offsets: tuple[int, ...]
    """For every character of `text`, its place in the cleaned source: markup and escapes are left out of `text`."""
    style: Style = field(default_factory=Style)
    section: str = ""
    line: int = 1
    ends: Break = ""
    """What ends here; "" means that the sentence goes on in the next segment."""
    pause_before_ms: int = 0
    """Silence asked for before the first word of the script."""
    pause_after_ms: int | None = None
    """Asked for in the text; None: the request's pause for what ends here."""


@dataclass
class _Paragraph:
    section: str
    characters: list[str] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    styles: list[Style] = field(default_factory=list)
    pauses: dict[int, int] = field(default_factory=dict)
    """Pause in ms before the character at that index."""
    line_starts: list[int] = field(default_factory=list)
    """Indexes where a bulleted line begins."""

    def add(self, character: str, offset: int, style: Style) -> None:
        self.characters.append(character)
        self.offsets.append(offset)
        self.styles.append(style)

    def pause(self, milliseconds: int) -> None:
        place = len(self.characters)
        self.pauses[place] = min(MAX_PAUSE_MS, self.pauses.get(place, 0) + milliseconds)


def parse(text: str, language: str = "en", speakers: Mapping[str, str] = _NOBODY) -> list[Segment]:
    """Segments of a cleaned text in order. `speakers`: voices by the names their lines begin with. Raises UserError for
    markup that cannot be meant."""
    segments: list[Segment] = []
    leading = 0
    for paragraph in _paragraphs(text, Cast(speakers)):
        if not speakable("".join(paragraph.characters)):
            extra = sum(paragraph.pauses.values())
            if extra and segments:
                segments[-1] = _with_pause(segments[-1], extra)
            leading += 0 if segments else extra
            continue
        segments.extend(_cut(paragraph, text, language))
    if not segments:
        raise UserError(
            "The text has markup or headings only: there is nothing to pronounce.", "Add at least one word."
        )
    if leading:
        first = segments[0]
        segments[0] = replace(first, pause_before_ms=min(MAX_PAUSE_MS, first.pause_before_ms + leading))
    return segments


def draft(segments: list[Segment]) -> list[Segment]:
    """For a preview: the first sentences up to DRAFT_CHARACTERS; a longer first one is cut between words."""
    kept: list[Segment] = []
    room = DRAFT_CHARACTERS
    for segment in segments:
        if len(segment.text) > room:
            if not kept:
                end = segment.text.rfind(" ", 1, room)
                end = end if end > 0 else room
                kept.append(
                    replace(segment, text=segment.text[:end], offsets=segment.offsets[:end], pause_after_ms=None)
                )
            break
        kept.append(segment)
        room -= len(segment.text)
    return kept


def _with_pause(segment: Segment, milliseconds: int) -> Segment:
    return replace(segment, pause_after_ms=min(MAX_PAUSE_MS, (segment.pause_after_ms or 0) + milliseconds))


@dataclass(frozen=True)
class _Open:
    """A tag that waits to be closed."""

    name: str
    value: str
    line: int
    column: int


@dataclass
class _Reader:
    """What holds at the place that is being read."""

    cast: Cast
    section: Heading = field(default_factory=lambda: Heading(""))
    speaker: str = ""
    tags: list[_Open] = field(default_factory=list)
    style: Style = field(default_factory=Style)

    def settle(self) -> None:
        """The style anew, from the outermost to the innermost."""
        style = self.section.style
        style = style.under("voice", self.speaker) if self.speaker else style
        for tag in self.tags:
            style = style.under(tag.name, tag.value)
        self.style = style


def _paragraphs(text: str, cast: Cast) -> list[_Paragraph]:
    reader = _Reader(cast)
    paragraph = _Paragraph("")
    found = [paragraph]
    offset = 0
    for number, line in enumerate(text.split("\n"), start=1):
        title = heading(line, number)
        if not line or title:
            reader.speaker = ""
            if title:
                reader.section = title
                if title.pause_ms:  # as a pause that stands alone: it takes the place of the paragraph's
                    found.append(_Paragraph(title.title, pauses={0: title.pause_ms}))
            reader.settle()
            paragraph = _Paragraph(reader.section.title)
            found.append(paragraph)
        else:
            _line(reader, paragraph, line, number, offset)
        offset += len(line) + 1
    if reader.tags:
        last = reader.tags[-1]
        raise UserError(
            f"[{last.name}] {place(last.line, last.column)} is never closed.", f"Write [/{last.name}] where it should end.",
            "markup",
        )  # fmt: skip
    return found


def _line(reader: _Reader, paragraph: _Paragraph, line: str, number: int, offset: int) -> None:
    if paragraph.characters:
        paragraph.add(" ", offset - 1, reader.style)
    bullet = BULLET.match(line)
    speech = reader.cast.speaks(line)
    at = 0
    if speech is not None:
        reader.speaker, at = speech
        reader.settle()
    elif bullet:
        at = bullet.end()
    if at:
        paragraph.line_starts.append(len(paragraph.characters))
    for match in TAG.finditer(line, at):
        _take(paragraph, line, at, match.start(), offset, reader.style)
        at = match.end()
        if match["escaped"]:
            paragraph.add(match["escaped"], offset + match.start() + 1, reader.style)
        else:
            _tag(reader, paragraph, match, number)
    _take(paragraph, line, at, len(line), offset, reader.style)
    if bullet and speech is None:
        paragraph.line_starts.append(len(paragraph.characters))


def _take(paragraph: _Paragraph, line: str, start: int, end: int, offset: int, style: Style) -> None:
    for index in range(start, end):
        paragraph.add(line[index], offset + index, style)


def _tag(reader: _Reader, paragraph: _Paragraph, match: re.Match[str], line: int) -> None:
    name, value, where = match["name"].lower(), match["value"].strip(), place(line, match.start() + 1)
    if match["close"]:
        if not reader.tags or reader.tags[-1].name != name:
            expected = (
                f"Expected [/{reader.tags[-1].name}] first." if reader.tags else f"Nothing is open. Tags: {TAGS}."
            )
            raise UserError(f"[/{name[:40]}] {where} closes nothing.", expected, "markup")
        reader.tags.pop()
        reader.settle()
        return
    if name not in (*STYLED, "pause"):
        raise UserError(
            f"Unknown tag {match.group()[:40]!r} {where}.", f"Tags: {TAGS}. To speak a bracket, write \\[.", "markup"
        )
    try:
        if name == "pause":
            paragraph.pause(milliseconds(value))
            return
        reader.style = reader.style.under(name, value)
    except ValueError as error:
        raise UserError(f"{match.group()[:60]} {where} cannot be used.", str(error), "markup") from None
    reader.tags.append(_Open(name, value, line, match.start() + 1))


def _cut(paragraph: _Paragraph, source: str, language: str) -> list[Segment]:
    plain = "".join(paragraph.characters)
    ends: dict[int, Break] = {}
    for span in _lines(paragraph, plain, language):
        ends[span.end] = "sentence" if span.complete else ""
    last = len(plain)
    cuts = sorted(
        {0, last, *ends, *paragraph.pauses}
        | {i for i in range(1, last) if paragraph.styles[i] != paragraph.styles[i - 1]}
    )
    segments: list[Segment] = []
    waiting = paragraph.pauses.get(0, 0)
    for start, end in pairwise(cuts):
        piece = plain[start:end]
        pause = paragraph.pauses.get(end)
        ended: Break = ends.get(end, "")
        if not speakable(piece):
            if not segments:
                waiting += pause or 0
                continue
            # Punctuation alone belongs to what was said before it: "[speed 0.8]Really[/speed]?" keeps its question.
            previous = segments.pop()
            changes: dict[str, Any] = {"ends": ended or previous.ends}
            if piece.strip():
                changes |= {
                    "text": previous.text + piece.rstrip(),
                    "offsets": previous.offsets + tuple(paragraph.offsets[start : start + len(piece.rstrip())]),
                }
            if pause is not None:
                changes["pause_after_ms"] = (previous.pause_after_ms or 0) + pause
            segments.append(replace(previous, **changes))
            continue
        left = start + len(piece) - len(piece.lstrip())
        right = start + len(piece.rstrip())
        offsets = tuple(paragraph.offsets[left:right])
        segments.append(
            Segment(
                text=plain[left:right],
                offsets=offsets,
                style=paragraph.styles[left],
                section=paragraph.section,
                line=source.count("\n", 0, offsets[0]) + 1,
                ends=ended,
                pause_before_ms=waiting,
                pause_after_ms=pause,
            )
        )
        waiting = 0
    segments[-1] = replace(segments[-1], ends="paragraph")
    return segments


def _lines(paragraph: _Paragraph, plain: str, language: str) -> list[Span]:
    """Sentences; a bulleted line begins and ends one."""
    spans: list[Span] = []
    starts = sorted({0, *(start for start in paragraph.line_starts if start < len(plain))})
    for start, end in zip(starts, [*starts[1:], len(plain)], strict=True):
        spans.extend(
            Span(start + span.start, start + span.end, span.complete)
            for span in sentence_spans(plain[start:end], language)
        )
    return spans
