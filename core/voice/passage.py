"""What of a request is spoken: its whole script, or the sentences of one passage, as they stand in it.

A passage keeps what its place gives it: its speaker, the settings of its section, the tags around it. So one sentence can
be spoken anew without the rest.
"""

from __future__ import annotations

from dataclasses import replace

from core.kit.errors import UserError
from core.voice.text import Segment, draft, parse
from core.voice.types import SpeechRequest


def to_speak(request: SpeechRequest, language: str) -> list[Segment]:
    """Segments in order. UserError for markup that cannot be meant, and for a passage without words."""
    segments = parse(request.text, language, request.speakers)
    if request.passage is not None:
        segments = within(segments, *request.passage)
    return draft(segments) if request.draft else segments


def within(segments: list[Segment], first: int, past: int) -> list[Segment]:
    """Those that have a character between `first` and `past` of the source, without the silence around them."""
    found = [each for each in segments if each.offsets[0] < past and first <= each.offsets[-1]]
    if not found:
        raise UserError(
            "This passage has no words.", "Name the places of a sentence's first and last characters.", "no_passage"
        )
    found[0] = replace(found[0], pause_before_ms=0)
    found[-1] = replace(found[-1], pause_after_ms=0, ends="paragraph")
    return found


def around(request: SpeechRequest, language: str) -> tuple[Segment | None, Segment | None]:
    """What stands just before and just after the passage."""
    if request.passage is None:
        return None, None
    first, past = request.passage
    segments = parse(request.text, language, request.speakers)
    before = [each for each in segments if each.offsets[-1] < first]
    after = [each for each in segments if each.offsets[0] >= past]
    return before[-1] if before else None, after[0] if after else None
