"""From a cleaned text to what is spoken: section markup, paragraphs, sentences.

The markup is small enough to read as a script:

    # Opening                     a heading: names the section, is not spoken
    A blank line ends a paragraph; a single line break is a space.
    - a line that begins with a dash, star or bullet is a sentence of its own
    Wait. [pause 500ms] Go.       also [pause 1.5s]; at the end of a sentence it replaces the usual pause
    [speed 0.8]slower[/speed]     times the request's speed (the product stays within 0.5 to 2)
    [pitch -2]lower[/pitch]       semitones on top of the request's pitch (the sum stays within ±12)
    [range 0.3]flatter[/range]    times the request's intonation range
    [voice Emma]her words[/voice] another voice, by name or id
    \\[not a tag]                  a bracket that is spoken as text

Sections nest. Any other [tag] is refused with its name and line, so that a typing error is never spoken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from core.kit.errors import UserError
from core.voice.cleaning import speakable
from core.voice.sentences import Span, sentence_spans

MAX_PAUSE_MS = 60_000
DRAFT_CHARACTERS = 200
Break = Literal["", "clause", "sentence", "paragraph"]

TAG = re.compile(r"\\(?P<escaped>[\[\]\\#])|\[(?P<close>/?)(?P<name>[^\s\[\]/]*)(?P<value>[^\[\]\n]*)\]")
HEADING = re.compile(r"^#{1,6} +(?P<title>.+)$")
_BULLET = re.compile(r"^[-*•–] +")
_RANGES = {"speed": (0.25, 4.0), "pitch": (-24.0, 24.0), "range": (0.0, 4.0)}
TAGS = "[pause 500ms], [speed 0.8]…[/speed], [pitch -2]…[/pitch], [range 0.5]…[/range], [voice Emma]…[/voice]"


@dataclass(frozen=True)
class Style:
    """What the open tags add to the request."""

    speed: float = 1.0
    pitch: float = 0.0
    range: float = 1.0
    voice: str = ""


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


def parse(text: str, language: str = "en") -> list[Segment]:
    """Segments of a cleaned text in order. Raises UserError for markup that cannot be meant."""
    segments: list[Segment] = []
    leading = 0
    for paragraph in _paragraphs(text):
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
        segments[0] = _replace(first, pause_before_ms=min(MAX_PAUSE_MS, first.pause_before_ms + leading))
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
                    _replace(segment, text=segment.text[:end], offsets=segment.offsets[:end], pause_after_ms=None)
                )
            break
        kept.append(segment)
        room -= len(segment.text)
    return kept


def _with_pause(segment: Segment, milliseconds: int) -> Segment:
    return _replace(segment, pause_after_ms=min(MAX_PAUSE_MS, (segment.pause_after_ms or 0) + milliseconds))


def _replace(segment: Segment, **changes: object) -> Segment:
    values = {name: getattr(segment, name) for name in Segment.__dataclass_fields__} | changes
    return Segment(**values)


def _paragraphs(text: str) -> list[_Paragraph]:
    section = ""
    paragraph = _Paragraph(section)
    found = [paragraph]
    open_tags: list[tuple[str, Style, int]] = []
    style = Style()
    offset = 0
    for number, line in enumerate(text.split("\n"), start=1):
        heading = HEADING.match(line)
        if not line or heading:
            if heading:
                section = heading["title"].strip()
            paragraph = _Paragraph(section)
            found.append(paragraph)
            offset += len(line) + 1
            continue
        if paragraph.characters:
            paragraph.add(" ", offset - 1, style)
        bullet = _BULLET.match(line)
        at = bullet.end() if bullet else 0
        if bullet:
            paragraph.line_starts.append(len(paragraph.characters))
        for match in TAG.finditer(line, at):
            _take(paragraph, line, at, match.start(), offset, style)
            at = match.end()
            if match["escaped"]:
                paragraph.add(match["escaped"], offset + match.start() + 1, style)
            else:
                style = _tag(match, number, paragraph, open_tags, style)
        _take(paragraph, line, at, len(line), offset, style)
        offset += len(line) + 1
        if bullet:
            paragraph.line_starts.append(len(paragraph.characters))
    if open_tags:
        name, _, number = open_tags[-1]
        raise UserError(
            f"[{name}] on line {number} is never closed.", f"Write [/{name}] where it should end.", "markup"
        )
    return found


def _take(paragraph: _Paragraph, line: str, start: int, end: int, offset: int, style: Style) -> None:
    for index in range(start, end):
        paragraph.add(line[index], offset + index, style)


def _tag(
    match: re.Match[str], line: int, paragraph: _Paragraph, open_tags: list[tuple[str, Style, int]], style: Style
) -> Style:
    name, value = match["name"].lower(), match["value"].strip()
    if match["close"]:
        if not open_tags or open_tags[-1][0] != name:
            expected = f"Expected [/{open_tags[-1][0]}] first." if open_tags else f"Nothing is open. Tags: {TAGS}."
            raise UserError(f"[/{name}] on line {line} closes nothing.", expected, "markup")
        return open_tags.pop()[1]
    if name == "pause":
        paragraph.pause(_milliseconds(value, line))
        return style
    if name == "voice":
        if not value:
            raise UserError(f"[voice] on line {line} names no voice.", "Write for example [voice Emma].", "markup")
        open_tags.append((name, style, line))
        return Style(style.speed, style.pitch, style.range, value)
    if name not in _RANGES:
        raise UserError(
            f"Unknown tag {match.group()[:40]!r} on line {line}.",
            f"Tags: {TAGS}. To speak a bracket, write \\[.",
            "markup",
        )
    low, high = _RANGES[name]
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise UserError(
            f"[{name} {value}] on line {line} cannot be used.",
            f"{name} takes a number from {low:g} to {high:g}.",
            "markup",
        )
    open_tags.append((name, style, line))
    if name == "speed":
        return Style(style.speed * number, style.pitch, style.range, style.voice)
    if name == "pitch":
        return Style(style.speed, style.pitch + number, style.range, style.voice)
    return Style(style.speed, style.pitch, style.range * number, style.voice)


def _milliseconds(value: str, line: int) -> int:
    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?) ?(ms|s|)", value.lower())
    result = round(float(match[1]) * (1000 if match[2] == "s" else 1)) if match else -1
    if not 0 <= result <= MAX_PAUSE_MS:
        raise UserError(
            f"[pause {value}] on line {line} cannot be used.",
            "Write [pause 500ms] or [pause 1.5s], at most 60 s.",
            "markup",
        )
    return result


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
            changes: dict[str, object] = {"ends": ended or previous.ends}
            if piece.strip():
                changes |= {
                    "text": previous.text + piece.rstrip(),
                    "offsets": previous.offsets + tuple(paragraph.offsets[start : start + len(piece.rstrip())]),
                }
            if pause is not None:
                changes["pause_after_ms"] = (previous.pause_after_ms or 0) + pause
            segments.append(_replace(previous, **changes))
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
    segments[-1] = _replace(segments[-1], ends="paragraph")
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
