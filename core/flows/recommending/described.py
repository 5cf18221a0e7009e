"""Music for a film of which nothing is known but what is said of it: category first, tags refine, words of title and
description count less. The tables are data/reference/video_words.yaml, in English and French."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from core.flows.recommending.rules import LEVELS
from core.flows.recommending.types import Choice, Recommendation
from core.kit.paths import reference
from core.music.composer.keys import plain
from core.music.types import Genre, Mood

USUAL_S = 60.0
"""Of a piece for a film whose length nobody told."""
MOST_WORDS = 2000
_RANKS = (1.0, 0.7, 0.5)
_MOST_CHOICES = 6
_WORD = re.compile(r"[^\W_]+")


@dataclass
class _Votes:
    genres: dict[str, float] = field(default_factory=dict)
    moods: dict[str, float] = field(default_factory=dict)
    level: float = 0.0
    """Of intensity, sum of weight times -1 to 1."""
    weight: float = 0.0
    heard: dict[str, list[str]] = field(default_factory=dict)
    """Place → the words that counted, as they stood in the table."""

    def add(self, genres: Sequence[str], moods: Sequence[str], level: float, weight: float) -> None:
        for rank, genre in zip(_RANKS, genres, strict=False):
            self.genres[genre] = self.genres.get(genre, 0.0) + rank * weight
        for rank, mood in zip(_RANKS, moods, strict=False):
            self.moods[mood] = self.moods.get(mood, 0.0) + rank * weight
        self.level += level * weight
        self.weight += weight


def recommend(
    title: str, description: str, category: str, tags: Iterable[str], seconds: float | None = None
) -> Recommendation:
    table = reference("video_words")
    votes = _Votes()
    row = categories().get(_folded(category)) if category.strip() else None
    if row is not None:
        votes.add(row["genres"], [row["mood"]], LEVELS.index(row["intensity"]) - 1, table["weights"]["category"])
    for place, text in (("tag", " , ".join(tags)), ("title", title), ("description", description)):
        _listen(votes, table, place, text)
    spoken = bool(votes.weight)
    if not spoken:
        nothing = table["nothing"]
        votes.add(nothing["genres"], [nothing["mood"]], LEVELS.index(nothing["intensity"]) - 1, 1.0)
    return _said(votes, category.strip(), row is not None, spoken, seconds or USUAL_S)


def _listen(votes: _Votes, table: Mapping[str, Any], place: str, text: str) -> None:
    weight, left = float(table["weights"][place]), float(table["most"][place])
    words = _folded(text).split()[:MOST_WORDS]
    there = f" {' '.join(words)} "
    for says, row in _words():
        if left <= 0:
            return
        hits = [said for said, folded in says if f" {folded} " in there]
        if hits:
            share = min(left, weight * len(hits))
            left -= share
            votes.add(row["genres"], row["moods"], row["intensity"], share)
            votes.heard.setdefault(place, []).extend(hits)


def _said(votes: _Votes, category: str, known: bool, spoken: bool, seconds: float) -> Recommendation:
    level = votes.level / votes.weight
    intensity = LEVELS[1 + (level > 0.34) - (level < -0.34)]
    moods = sorted(votes.moods, key=lambda mood: -votes.moods[mood])
    total = sum(votes.genres.values())
    ranked = sorted(votes.genres.items(), key=lambda each: -each[1])[:_MOST_CHOICES]
    # The likeliest first; the next likely mood is offered once, with the first genre.
    pairs = [(genre, moods[0], weight) for genre, weight in ranked]
    if len(moods) > 1:
        pairs.insert(1, (ranked[0][0], moods[1], ranked[0][1] * votes.moods[moods[1]] / votes.moods[moods[0]]))
    choices = tuple(
        Choice(
            mood=cast("Mood", mood), genre=cast("Genre", genre), intensity=intensity, bpm=_tempo(genre, mood, level),
            share=round(weight / total, 3), why="another mood that fits" if mood != moods[0] else f"{number}. by what is said",
        )
        for number, (genre, mood, weight) in enumerate(pairs[:_MOST_CHOICES], 1)
    )  # fmt: skip
    best, others = choices[0], [each for each in choices[1:] if each.genre != choices[0].genre]
    ahead = best.share - (others[0].share if others else 0.0)
    sure = 0.6 if known else 0.3 if spoken else 0.0
    said = _why(votes, category, known, spoken)
    return Recommendation(
        mood=best.mood, genre=best.genre, intensity=best.intensity, seconds=seconds, bpm=best.bpm,
        confidence=round(min(1.0, sure + 0.8 * ahead) if spoken else 0.0, 3), choices=choices,
        why=f"{said}: {best.mood} {best.genre}, {best.bpm:g} BPM, {best.intensity} intensity",
    )  # fmt: skip


def _why(votes: _Votes, category: str, known: bool, spoken: bool) -> str:
    parts = []
    if category:
        parts.append(f"category {category[:60]}" if known else f"category {category[:60]!r} is not known here")
    for place, name in (("tag", "tags"), ("title", "title"), ("description", "description")):
        if heard := votes.heard.get(place):
            parts.append(f"{name}: {', '.join(dict.fromkeys(heard[:5]))}")
    told = "; ".join(parts)
    if not spoken:
        told = f"{told}; nothing said what it is about" if told else "nothing said what it is about"
    return told[:1].upper() + told[1:]


def _tempo(genre: str, mood: str, level: float) -> float:
    low, usual, high = (float(each) for each in reference("music/genres")[genre]["bpm"])
    wanted = usual * float(reference("music/moods")[mood]["tempo"]) * (1 + 0.08 * level)
    return round(min(high, max(low, wanted)), 1)


@cache
def categories() -> Mapping[str, Mapping[str, Any]]:
    """By every name a category has, folded."""
    found = {}
    for key, row in reference("video_words")["categories"].items():
        for name in (key, *row["names"]):
            found[_folded(str(name))] = row
    return found


@cache
def _words() -> tuple[tuple[tuple[tuple[str, str], ...], Mapping[str, Any]], ...]:
    return tuple(
        (tuple((str(said), _folded(str(said))) for said in row["says"]), row)
        for row in reference("video_words")["words"]
    )


def _folded(text: str) -> str:
    """Words without accents, case, signs and the letter of a plural, with one blank between them."""
    return " ".join(_singular(word) for word in _WORD.findall(plain(text)[:40_000]))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] in "sx" and word[-2] != "s" else word
