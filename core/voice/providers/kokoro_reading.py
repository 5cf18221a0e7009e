"""From written text to Kokoro's phonemes, in the child that keeps the model.

English has two ways. With spaCy's small model installed, misaki reads it: numbers, homographs, and times of every word.
Without, eSpeak does, in the spelling of phonemes that the model was trained on; the words are timed afterwards by the house.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

from core.voice.providers.kokoro_voices import Language

LONGEST_PHONEMES = 510
_SPACY_MODEL = "en_core_web_sm"
_ENDLESS = re.compile(r"[^\s\u3000-\u9fff]{121,}")
"""eSpeak forgets the end of a word as long as that."""
_CUTS = (re.compile(r"[;:,،、，—–]+\s*"), re.compile(r"\s+"))


@dataclass(frozen=True)
class Chunk:
    """What the model says in one go."""

    start: int
    """Place of its first character in the text that was given."""
    text: str
    phonemes: str
    tokens: tuple[Any, ...] = ()
    """misaki's, in order; empty where another reader made the phonemes."""


Read = Callable[[str], tuple[str, tuple[Any, ...]]]
"""A text to its phonemes, and misaki's tokens where it has any."""


def english_reader() -> tuple[str, str]:
    """Which way English goes here, and why, for a person."""
    if find_spec(_SPACY_MODEL) is not None:
        return "misaki", f"English read by misaki with spaCy ({_SPACY_MODEL})"
    return "espeak", f"English read by eSpeak, since spaCy's {_SPACY_MODEL} is not installed"


def reader(language: Language, vocabulary: set[str]) -> Read:
    """Loads what the language needs. Phonemes the model does not know are left out, as the model itself would."""
    inner = _reader(language)

    def read(text: str) -> tuple[str, tuple[Any, ...]]:
        phonemes, tokens = inner(text)
        return "".join(one for one in phonemes if one in vocabulary), tokens

    def read_tokens(text: str) -> tuple[str, tuple[Any, ...]]:
        _, tokens = inner(text)
        for token in tokens:
            token.phonemes = "".join(one for one in token.phonemes or "" if one in vocabulary)
        return "".join(token.phonemes + (" " if token.whitespace else "") for token in tokens).strip(), tokens

    return read_tokens if language.reads == "misaki" and english_reader()[0] == "misaki" else read


def _reader(language: Language) -> Read:
    from misaki import espeak

    if language.reads == "misaki" and english_reader()[0] == "misaki":
        from misaki import en

        g2p = en.G2P(british=language.letter == "b", fallback=espeak.EspeakFallback(language.letter == "b"), unk="")

        def read(text: str) -> tuple[str, tuple[Any, ...]]:
            # Without its markup: a text may hold [words](in brackets) that mean nothing.
            phonemes, tokens = g2p(text, preprocess=False)
            return phonemes, tuple(tokens)

        return read
    if language.reads == "misaki":
        spelled = espeak.EspeakFallback(language.letter == "b")
        return lambda text: (spelled(SimpleNamespace(text=text))[0] or "", ())
    if language.extra == "ja":
        from misaki import ja

        japanese = ja.JAG2P()
        return lambda text: (japanese(text)[0], ())
    if language.extra == "zh":
        from misaki import zh

        chinese = zh.ZHG2P()
        return lambda text: (chinese(text)[0], ())
    other = espeak.EspeakG2P(language=language.espeak)
    return lambda text: (other(text)[0], ())


def chunks(text: str, start: int, read: Read) -> Iterator[Chunk]:
    """A sentence in as few pieces as the model can take, none of it lost: cut at a comma if there is one, else between
    words, else anywhere. Pieces without a sound are left out."""
    endless = _ENDLESS.search(text) is not None
    phonemes, tokens = ("", ()) if endless else read(text)
    if endless or (len(phonemes) > LONGEST_PHONEMES and len(text) > 1):
        at = _middle(text)
        yield from chunks(text[:at], start, read)
        yield from chunks(text[at:], start + at, read)
    elif any(one.isalpha() for one in phonemes):
        yield Chunk(start, text, phonemes[:LONGEST_PHONEMES], tokens)


def _middle(text: str) -> int:
    half = len(text) / 2
    for cut in _CUTS:
        places = [match.end() for match in cut.finditer(text) if len(text) * 0.2 < match.end() < len(text) * 0.8]
        if places:
            return min(places, key=lambda place: abs(place - half))
    return int(half)
