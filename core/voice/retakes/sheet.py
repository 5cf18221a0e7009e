"""A finished speech as the passages it was spoken in: each sentence with its place in the script and in the sound."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.kit.errors import UserError
from core.store.assets import Asset
from core.voice.markup import STYLED, TAG
from core.voice.text import Segment, parse
from core.voice.types import WordTime

_CLOSING = re.compile(r" *\[/(?P<name>[a-zA-Z]+)\]")
_OPENING = re.compile(r"\[(?P<name>[a-zA-Z]+) [^\[\]\n]*\] *$")


@dataclass(frozen=True)
class Passage:
    first: int
    """Place of its first character in the script; `past` its last."""
    past: int
    text: str
    """As the script has it, markup and all."""
    section: str
    voice: str
    """As the script names it; "": the speech's own."""
    paragraph: int
    start_s: float
    end_s: float
    before_s: float
    """Where what is said before it ends, and after_s where what comes after begins; the ends of the file otherwise."""
    after_s: float


def check(asset: Asset) -> None:
    """UserError for what cannot be taken anew in part."""
    config = asset.generation_config
    if asset.kind != "voiceover" or asset.role != "primary" or not config.get("text"):
        raise UserError(f"“{asset.name}” was not spoken here.", "Choose a speech from the library.", "not_spoken")
    if asset.draft:
        raise UserError("A preview has no takes.", "Press Generate, then take passages anew.", "a_draft")
    if config.get("take"):
        raise UserError(f"“{asset.name}” is a take itself.", "Open the piece it is a take of.", "a_take")


def sentences(config: Mapping[str, Any], words: Sequence[WordTime], duration_s: float) -> list[Passage]:
    """Every sentence that is heard, in order. UserError where the captions do not tell the words' places."""
    text, settings = str(config["text"]), dict(config.get("settings") or {})
    placed = [word for word in words if word.source >= 0]
    if not placed:
        raise UserError(
            "This speech has no captions that say where its words stand.",
            "Make it again, with captions; then single sentences can be taken anew.",
            "no_places",
        )
    found: list[Passage] = []
    paragraph, at = 0, 0
    for group in _sentences(parse(text, str(config.get("language") or "en"), settings.get("speakers") or {})):
        first, past = balanced(text, group[0].offsets[0], group[-1].offsets[-1] + 1)
        while at < len(placed) and placed[at].source < first:
            at += 1
        start = at
        while at < len(placed) and placed[at].source < past:
            at += 1
        heard = placed[start:at]
        if heard:
            before = placed[start - 1].end_s if start else 0.0
            after = placed[at].start_s if at < len(placed) else duration_s
            found.append(
                Passage(
                    first, past, text[first:past], group[0].section, group[0].style.voice, paragraph,
                    heard[0].start_s, heard[-1].end_s, min(before, heard[0].start_s), max(after, heard[-1].end_s),
                )
            )  # fmt: skip
        paragraph += group[-1].ends == "paragraph"
    return found


def balanced(text: str, first: int, past: int) -> tuple[int, int]:
    """The same stretch with the tags that touch it and that it needs, so that it can stand in tags of its own."""
    while (needed := _open(text[first:past])) and (closing := _CLOSING.match(text, past)):
        if closing["name"].lower() != needed[-1]:
            break
        past = closing.end()
    while (missing := _unopened(text[first:past])) and (opening := _OPENING.search(text, 0, first)):
        if opening["name"].lower() != missing[0]:
            break
        first = opening.start()
    return first, past


def _open(text: str) -> list[str]:
    """Tags that are opened in it and not closed, the innermost last."""
    waiting: list[str] = []
    for name, closes in _tags(text):
        if not closes:
            waiting.append(name)
        elif waiting and waiting[-1] == name:
            waiting.pop()
    return waiting


def _unopened(text: str) -> list[str]:
    """Tags that are closed in it and were opened before it, in order."""
    found, depth = [], 0
    for name, closes in _tags(text):
        if not closes:
            depth += 1
        elif depth:
            depth -= 1
        else:
            found.append(name)
    return found


def _tags(text: str) -> list[tuple[str, bool]]:
    found = [(match["name"], match["close"]) for match in TAG.finditer(text) if not match["escaped"]]
    return [(name.lower(), bool(close)) for name, close in found if name.lower() in STYLED]


def _sentences(segments: Sequence[Segment]) -> list[list[Segment]]:
    groups: list[list[Segment]] = [[]]
    for segment in segments:
        groups[-1].append(segment)
        if segment.ends:
            groups.append([])
    return [group for group in groups if group]


def passage(found: Sequence[Passage], first: int, past: int) -> Passage:
    """The sentences from `first` to `past` as one. UserError where they do not begin and end there."""
    inside = [each for each in found if first <= each.first and each.past <= past]
    if not inside or inside[0].first != first or inside[-1].past != past:
        raise UserError(
            f"No sentences lie from {first} to {past}.",
            "Take `first` and `past` from the list of passages.",
            "no_passage",
        )
    one, last = inside[0], inside[-1]
    return Passage(
        first, past, "", one.section, one.voice, one.paragraph, one.start_s, last.end_s, one.before_s, last.after_s
    )
