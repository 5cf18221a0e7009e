"""The script and the words of a speech whose passages were replaced by takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.voice.retakes.splicing import Laid, moved
from core.voice.types import WordTime


@dataclass(frozen=True)
class Replaced:
    """A passage of the script and what a take says there."""

    first: int
    past: int
    said: str
    """Markup and all."""
    words: tuple[WordTime, ...]
    """Of the take, times in its own file; places in its own script, where only this passage is another."""


def script(text: str, replaced: Sequence[Replaced]) -> str:
    """`replaced` in order."""
    pieces, at = [], 0
    for each in replaced:
        pieces += [text[at : each.first], each.said]
        at = each.past
    return "".join([*pieces, text[at:]])


def merged(words: Sequence[WordTime], replaced: Sequence[Replaced], laid: Sequence[Laid]) -> list[WordTime]:
    """In the new file and the new script. One Laid for each of `replaced`."""
    found: list[WordTime] = []
    grown, at = 0, 0
    for each, place in zip(replaced, laid, strict=True):
        found += [_shifted(word, grown, laid) for word in words[at:] if word.source < each.first]
        at = next((n for n in range(at, len(words)) if words[n].source >= each.past), len(words))
        last = place.at_s + place.length_s
        for word in each.words:
            start, end = (place.at_s + time - place.take_from_s for time in (word.start_s, word.end_s))
            start = min(max(place.at_s, start), last)
            found.append(replace(word, start_s=start, end_s=min(max(start, end), last), source=word.source + grown))
        grown += len(each.said) - (each.past - each.first)
    found += [_shifted(word, grown, laid) for word in words[at:]]
    return found


def _shifted(word: WordTime, grown: int, laid: Sequence[Laid]) -> WordTime:
    return replace(word, start_s=moved(word.start_s, laid), end_s=moved(word.end_s, laid), source=word.source + grown)


def sections(old: Sequence[Mapping[str, Any]], laid: Sequence[Laid]) -> list[dict[str, Any]]:
    return [{"name": str(each["name"]), "start_s": round(moved(float(each["start_s"]), laid), 3)} for each in old]
