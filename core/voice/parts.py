"""A script cut into utterances, for engines that are asked piece by piece.

What belongs together stays together, since an engine reads a paragraph better than its sentences one by one. A part ends
where the voice or its manner changes, where the script asks for a pause, at the end of a paragraph, and where it would
pass the engine's limit; a longer sentence is cut between words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.kit.errors import UserError
from core.voice.pronunciation import Dictionary
from core.voice.text import Break, Segment
from core.voice.types import Emotion, SpeechRequest

USUAL_CHARACTERS = 1200
"""About 90 s of speech: progress is seen, and a request that fails takes little with it."""
USUAL_SENTENCE_PAUSE_MS = int(SpeechRequest.model_fields["sentence_pause_ms"].default)
_CONTEXT_CHARACTERS = 300


@dataclass(frozen=True)
class Part:
    text: str
    """What the engine gets: the dictionary applied."""
    written: str
    """What the script says, for captions."""
    places: tuple[int, ...]
    """For every character of `text`, the one of `written` it stands for."""
    offsets: tuple[int, ...]
    """For every character of `written`, its place in the cleaned script."""
    ends: tuple[tuple[int, Break], ...]
    """(past the last character in `written`, what ends there)"""
    voice: str
    """As the script names it; "": the request's."""
    speed: float
    pitch: float
    range: float
    before_ms: int
    after_ms: int
    section: str
    line: int
    emotion: Emotion = ""
    before: str = ""
    """What is said just before by the same voice, and just after: context for the intonation."""
    after: str = ""


def parts(
    segments: Sequence[Segment],
    request: SpeechRequest,
    words: Dictionary,
    longest: int,
    *,
    each_sentence: bool = False,
) -> list[Part]:
    """`longest`: characters the engine takes at a time. `each_sentence`: none shares a part with another. UserError for
    [[phonemes]], which only the embedded engine reads."""
    limit = min(longest, USUAL_CHARACTERS)
    made: list[Part] = []
    by_sentence = each_sentence or request.sentence_pause_ms != USUAL_SENTENCE_PAUSE_MS
    for group in _groups(segments, limit, by_sentence):
        for piece in _pieces(group, limit):
            made.append(_part(piece, request, words, longest))
    if made:
        made[-1] = replace(made[-1], after_ms=segments[-1].pause_after_ms or 0)
    return _with_context(made)


def _groups(segments: Sequence[Segment], limit: int, by_sentence: bool) -> Iterator[list[Segment]]:
    # Pauses between sentences are the engine's own, unless somebody asked for others or wants to hear them one by one.
    group: list[Segment] = []
    for segment in segments:
        if group and (_apart(group[-1], segment, by_sentence) or _length([*group, segment]) > limit):
            yield group
            group = []
        group.append(segment)
    if group:
        yield group


def _apart(left: Segment, right: Segment, by_sentence: bool) -> bool:
    return (
        left.style != right.style
        or left.section != right.section
        or left.pause_after_ms is not None
        or left.ends == "paragraph"
        or (by_sentence and left.ends == "sentence")
        or right.pause_before_ms > 0
    )


def _length(group: Sequence[Segment]) -> int:
    return sum(len(segment.text) + 1 for segment in group) - 1


def _pieces(group: list[Segment], limit: int) -> Iterator[list[Segment]]:
    """Only a single segment can be too long: it is cut between words, in the middle of one where there is no blank."""
    if len(group) > 1 or len(group[0].text) <= limit:
        yield group
        return
    whole = group[0]
    at = 0
    while at < len(whole.text):
        end = at + limit
        if end < len(whole.text):
            blank = whole.text.rfind(" ", at + limit // 2, end + 1)
            end = blank if blank > 0 else end
        last = end >= len(whole.text)
        text = whole.text[at:end]
        left = len(text) - len(text.lstrip())
        yield [
            replace(
                whole, text=text.strip(), offsets=whole.offsets[at + left : at + len(text.rstrip())],
                ends=whole.ends if last else "", pause_before_ms=whole.pause_before_ms if at == 0 else 0,
                pause_after_ms=whole.pause_after_ms if last else 0,
            )
        ]  # fmt: skip
        at = end


def _part(group: list[Segment], request: SpeechRequest, words: Dictionary, longest: int) -> Part:
    text, written = "", ""
    places: list[int] = []
    offsets: list[int] = []
    ends: list[tuple[int, Break]] = []
    for segment in group:
        if written:
            places.append(len(written))
            text, written = text + " ", written + " "
            offsets.append(offsets[-1] + 1)
        said = words.speak(segment.text)
        if said.phonemes:
            raise UserError(
                f"The dictionary spells a word of line {segment.line} in phonemes, which only the embedded voices read.",
                "Write it as it sounds (GIF: jif), or use an embedded voice.",
                "phonemes",
            )
        places += [len(written) + place for place in said.places]
        text, written = text + said.text, written + segment.text
        offsets += segment.offsets
        ends.append((len(written), segment.ends))
    if len(text) > longest:
        raise UserError(
            f"Line {group[0].line} grows to {len(text):,} characters by the dictionary; this engine takes {longest:,}.",
            "Shorten the entry, or break the sentence in two.",
            "too_long",
        )
    last, style = group[-1], group[0].style
    usual = {"sentence": request.sentence_pause_ms, "paragraph": request.paragraph_pause_ms}.get(last.ends, 0)
    return Part(
        text=text, written=written, places=tuple(places), offsets=tuple(offsets), ends=tuple(ends), voice=style.voice,
        speed=min(2.0, max(0.5, request.speed * style.speed)), pitch=min(12.0, max(-12.0, request.pitch + style.pitch)),
        range=min(2.0, max(0.0, request.range * style.range)), before_ms=group[0].pause_before_ms,
        after_ms=usual if last.pause_after_ms is None else last.pause_after_ms,
        section=last.section, line=group[0].line, emotion=style.emotion,
    )  # fmt: skip


def in_context(made: Sequence[Part], before: Segment | None, after: Segment | None) -> list[Part]:
    """Of a passage: what the script says around it, where the same voice says it."""
    told = list(made)
    if before is not None and told and told[0].voice == before.style.voice:
        told[0] = replace(told[0], before=before.text[-_CONTEXT_CHARACTERS:])
    if after is not None and told and told[-1].voice == after.style.voice:
        told[-1] = replace(told[-1], after=after.text[:_CONTEXT_CHARACTERS])
    return told


def _with_context(made: list[Part]) -> list[Part]:
    told = []
    for index, part in enumerate(made):
        before = made[index - 1] if index else None
        after = made[index + 1] if index + 1 < len(made) else None
        told.append(
            replace(
                part,
                before=before.text[-_CONTEXT_CHARACTERS:] if before is not None and before.voice == part.voice else "",
                after=after.text[:_CONTEXT_CHARACTERS] if after is not None and after.voice == part.voice else "",
            )
        )
    return told
