"""The words a prompt may use: the vocabulary file as a lexicon of stemmed phrases."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from core.kit.paths import reference
from core.music.prompt_figures import unaccented

Kind = Literal["mood", "genre", "instrument", "role", "tempo", "relative", "intensity", "only"]
LONGEST = 4


@dataclass(frozen=True)
class Meaning:
    kind: Kind
    value: str
    weight: float = 1.0


Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Lexicon:
    meanings: dict[Phrase, tuple[Meaning, ...]]
    negations: frozenset[Phrase]
    soft_negations: frozenset[Phrase]
    """They touch the next word only: 'not too fast folk' is folk."""
    joiners: frozenset[str]
    stopwords: frozenset[str]


def split(text: str) -> list[str]:
    """Words, and punctuation that ends a clause; hyphens and apostrophes part words."""
    return re.findall(r"w/o|r&b|[^\W_]+#?|[,;.!?:\n]", unaccented(text).casefold())


@cache
def stem(word: str) -> str:
    """Plural and feminine endings dropped, alike for vocabulary and prompt."""
    if len(word) > 4 and word.endswith("ies"):
        word = word[:-3] + "y"
    elif len(word) > 3 and word[-1] in "sx" and not word.endswith("ss"):
        word = word[:-1]
    if len(word) > 4 and word.endswith("e"):
        word = word[:-1]
    return word


def looser(word: str) -> list[str]:
    """Further stems to try for a word that is not in the lexicon: adverbs, nouns, participles."""
    found = []
    for ending in ("ly", "ment", "ness", "ing", "ed", "ish", "y", "er", "est"):
        if len(word) > len(ending) + 3 and word.endswith(ending):
            bare = word[: -len(ending)]
            found += [stem(bare), stem(bare + "e"), bare]
            if len(bare) > 3 and bare[-1] == bare[-2]:
                found.append(bare[:-1])
    return found


def phrase(text: str) -> Phrase:
    return tuple(stem(word) for word in split(text))


@cache
def lexicon() -> Lexicon:
    words: dict[str, Any] = reference("music/vocabulary")
    found: dict[Phrase, list[Meaning]] = {}

    def add(text: object, meaning: Meaning) -> None:
        entry = found.setdefault(phrase(str(text)), [])
        if all((m.kind, m.value) != (meaning.kind, meaning.value) for m in entry):
            entry.append(meaning)

    for kind in ("mood", "genre"):
        for value, names in words[kind + "s"].items():
            for place, name in enumerate(names):
                add(name, Meaning(kind, value, 3.0 if place < 3 or str(name) == value else 1.0))
    for index, entry in enumerate(words["instruments"]):
        for name in entry["words"]:
            add(name, Meaning("instrument", str(index)))
    for value, names in words["roles"].items():
        for name in names:
            add(name, Meaning("role", value))
    for name, bpm in words["tempo"].items():
        add(name, Meaning("tempo", str(bpm)))
    for value, names in words["tempo_relative"].items():
        for name in names:
            add(name, Meaning("relative", value))
    for value, names in words["intensity"].items():
        for name in names:
            add(name, Meaning("intensity", value))
    for name in words["only"]:
        add(name, Meaning("only", str(name)))
    return Lexicon(
        {p: tuple(m) for p, m in found.items()},
        frozenset(phrase(str(w)) for w in words["negation"] + words["negation_soft"]),
        frozenset(phrase(str(w)) for w in words["negation_soft"]),
        frozenset(stem(w) for text in words["joiners"] for w in split(str(text))),
        frozenset(stem(w) for text in words["stopwords"] for w in split(str(text))),
    )
