"""Reading a prompt, in English or French: what music is meant, and which words were not understood."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, cast

from core.kit.paths import reference
from core.music.composer.keys import Key, parse_key
from core.music.prompt_figures import find_figures, unaccented
from core.music.prompt_words import LONGEST, Meaning, lexicon, looser, split, stem
from core.music.types import Genre, Intensity, Mood, Reading

__all__ = ["Key", "parse_key", "read_prompt"]

MOST = 4000
"""Characters read; a request holds 2,000."""
MOST_UNKNOWN = 40
JOINING = ("or", "ou", "nor", "ni", "and", "et")


@dataclass
class _Notes:
    """What has been gathered so far."""

    moods: Counter[str] = field(default_factory=Counter)
    genres: Counter[str] = field(default_factory=Counter)
    intensities: Counter[str] = field(default_factory=Counter)
    instruments: list[str] = field(default_factory=list)
    """Indexes into the vocabulary's list: which id is meant depends on the genre, known at the end"""
    excluded: list[str] = field(default_factory=list)
    excluded_entries: list[str] = field(default_factory=list)
    bpm: float | None = None
    relative: str = ""
    alone: bool = False
    unknown: list[str] = field(default_factory=list)


def read_prompt(text: str) -> Reading:
    """Never fails: what makes no sense is named in `not_understood`."""
    text = text[:MOST]
    figures = find_figures(unaccented(text))
    notes = _gather(split(figures.text))
    notes.unknown += figures.refused + _symbols(text)
    genre = _winner(notes.genres)
    mood = _winner(notes.moods)
    instruments = dict.fromkeys(_instrument(i, genre, mood) for i in notes.instruments)
    excluded = [*notes.excluded, *(_instrument(i, genre, mood) for i in notes.excluded_entries)]
    if notes.alone and instruments:
        excluded.append("others")
    return Reading(
        mood=cast(Mood | None, mood),
        genre=cast(Genre | None, genre),
        bpm=figures.bpm or notes.bpm or _relative_bpm(notes.relative, genre, mood),
        key=figures.key,
        intensity=cast(Intensity | None, _winner(notes.intensities)),
        instruments=tuple(i for i in instruments if i not in excluded),
        excluded=tuple(dict.fromkeys(excluded)),
        seconds=figures.seconds,
        not_understood=tuple(dict.fromkeys(notes.unknown))[:MOST_UNKNOWN],
    )


def _gather(words: list[str]) -> _Notes:
    known, notes = lexicon(), _Notes()
    stems = [stem(word) for word in words]
    at = 0
    negated = just_negated = hard = only_next = False
    while at < len(words):
        if words[at] in ",;.!?:\n":
            negated = just_negated = False
            at += 1
            continue
        size, meanings = _longest(words, stems, at)
        negation = next((n for n in (3, 2, 1) if tuple(stems[at : at + n]) in known.negations), 0)
        if negation and negation >= size:
            negated, just_negated = True, True
            hard = tuple(stems[at : at + negation]) not in known.soft_negations
            at += negation
            continue
        if meanings:
            if negated:
                _rule_out(notes, meanings)
                negated = _goes_on(meanings, hard, words[at + size : at + size + 1])
            elif any(m.kind == "only" for m in meanings):
                only_next = True
                _only_after(notes, words[at])
            else:
                sounded = _take(notes, meanings, " ".join(words[at : at + size]))
                notes.alone = notes.alone or (only_next and sounded)
                only_next = only_next and not sounded
            just_negated = False
        elif stems[at] in known.joiners and (just_negated or words[at] in JOINING):
            just_negated = just_negated or negated  # 'ni la basse': the article too
        elif stems[at] in known.stopwords or words[at].isdigit():
            negated = negated and just_negated
        else:
            notes.unknown.append(words[at])
            negated = False
        at += max(size, 1)
    return notes


def _goes_on(meanings: tuple[Meaning, ...], hard: bool, following: list[str]) -> bool:
    """Whether what follows is ruled out too: 'no drums or bass', and past the adjective in 'no loud drums'."""
    if following and following[0] in JOINING:
        return True
    return hard and not any(m.kind in ("role", "instrument") for m in meanings)


def _longest(words: list[str], stems: list[str], at: int) -> tuple[int, tuple[Meaning, ...]]:
    known = lexicon().meanings
    for size in range(min(LONGEST, len(words) - at), 0, -1):
        found = known.get(tuple(stems[at : at + size]))
        if found:
            return size, found
    if stems[at] not in lexicon().stopwords:
        for variant in looser(words[at]):
            if (variant,) in known:
                return 1, known[variant,]
    return 0, ()


def _take(notes: _Notes, meanings: tuple[Meaning, ...], words: str) -> bool:
    """True if an instrument was named."""
    kinds = {m.kind for m in meanings}
    for meaning in meanings:
        if meaning.kind == "mood":
            notes.moods[meaning.value] += int(meaning.weight)
        elif meaning.kind == "genre":
            notes.genres[meaning.value] += int(meaning.weight)
        elif meaning.kind == "intensity":
            notes.intensities[meaning.value] += 1
        elif meaning.kind == "instrument":
            notes.instruments.append(meaning.value)
        elif meaning.kind == "tempo":
            notes.bpm = float(meaning.value)
        elif meaning.kind == "relative":
            notes.relative = meaning.value
    if kinds == {"role"} and meanings[0].value == "vocals":
        notes.unknown.append(words)  # nobody sings here
    return "instrument" in kinds


def _rule_out(notes: _Notes, meanings: tuple[Meaning, ...]) -> None:
    roles = [m for m in meanings if m.kind == "role"]
    for meaning in roles or meanings:
        if meaning.kind == "role":
            notes.excluded.append(meaning.value)
        elif meaning.kind == "instrument":
            notes.excluded_entries.append(meaning.value)
        elif meaning.kind == "mood":
            notes.moods[meaning.value] -= 5
        elif meaning.kind == "genre":
            notes.genres[meaning.value] -= 5
        elif meaning.kind == "intensity":
            notes.intensities[meaning.value] -= 2
        elif meaning.kind == "relative":
            notes.relative = "mid"


def _only_after(notes: _Notes, word: str) -> None:
    """'piano only', 'piano seul'; 'guitar solo' is a passage, not an order, unless nothing else is named."""
    if notes.instruments and (word != "solo" or (len(set(notes.instruments)) == 1 and not notes.genres)):
        notes.alone = True


def _winner(votes: Counter[str]) -> str | None:
    """Most votes; between equals, the first named."""
    best = max(votes.values(), default=0)
    return next((name for name, count in votes.items() if count == best), None) if best > 0 else None


def _instrument(index: str, genre: str | None, mood: str | None) -> str:
    entry: dict[str, Any] = reference("music/vocabulary")["instruments"][int(index)]
    return str(entry.get(genre or "") or entry.get(mood or "") or entry["else"])


def _relative_bpm(word: str, genre: str | None, mood: str | None) -> float | None:
    if not word:
        return None
    if genre is None:
        return {"slow": 72.0, "mid": 100.0, "fast": 144.0}[word]
    low, usual, high = reference("music/genres")[genre]["bpm"]
    factor = reference("music/moods")[mood]["tempo"] if mood else 1.0
    return float({"slow": round(low + 0.15 * (usual - low)), "mid": round(usual * factor), "fast": high}[word])


def _symbols(text: str) -> list[str]:
    """Emoji and other pictures: named, not guessed."""
    return [c for c in text if unicodedata.category(c) == "So"]
