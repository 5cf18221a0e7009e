"""Pieces whose truth is known because the studio's own composer wrote them: tempo, key, bars, chords, sections."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

GENRES = (
    "ambient", "cinematic", "electronic", "lo-fi", "hip-hop", "rock", "pop", "corporate", "folk", "jazz", "house",
    "orchestral",
)  # fmt: skip
NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
SECONDS = 24.0


@dataclass(frozen=True)
class Composed:
    id: str
    samples: NDArray[np.float32]
    sample_rate: int
    genre: str
    bpm: float
    key: str
    beats_per_bar: int
    chords: tuple[str, ...]
    """Bar by bar, of the whole piece."""
    sections: tuple[dict[str, Any], ...]


def pieces(count: int, bank: Path, seconds: float = SECONDS) -> Iterator[Composed]:
    """The same `count` pieces every time; genres in turn, tempo and key drawn within what suits no genre in particular."""
    from core.music.composer.compose import compose
    from core.music.composer.synth import render
    from core.music.types import MusicRequest

    drawn = random.Random(20261121)
    for number in range(count):
        genre = GENRES[number % len(GENRES)]
        bpm = float(drawn.randint(66, 168))
        key = f"{drawn.choice(NOTES)} {drawn.choice(('major', 'minor'))}"
        request = MusicRequest(genre=genre, bpm=bpm, key=key, seconds=seconds, seed=1000 + number)  # type: ignore[arg-type]
        score = compose(request)
        made = render(score, bank=bank, workers=1, progress=lambda stage, fraction: None)
        chords = tuple(name for section in score.sections for name in section.chords[: section.bars])
        yield Composed(
            f"composed-{number:02d}-{genre}", made.mix, made.sample_rate, genre, score.bpm, score.key,
            score.beats_per_bar, chords, tuple(made.sections),
        )  # fmt: skip
