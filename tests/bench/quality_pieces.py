"""Composed pieces that the music score is calibrated on: every genre at three tempi, ending and looping."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.kit.paths import reference
from core.music.types import MusicRequest
from tests.bench.composed import NOTES

SECONDS = 30.0
ENDINGS = ("resolve", "fade", "resolve", "resolve")
TEMPI = (1, 0, 2, 1)
"""Which of a genre's three tempi the nth piece has: usual, low, high, usual."""
_DRAWN = 20261122


@dataclass(frozen=True)
class Piece:
    id: str
    request: MusicRequest
    samples: NDArray[np.float32]
    sample_rate: int


def requests() -> list[tuple[str, MusicRequest]]:
    """The same pieces every time; the fourth of a genre is made to be looped."""
    drawn = random.Random(_DRAWN)
    found = []
    for genre, row in reference("music/genres").items():
        for number, (ending, tempo) in enumerate(zip(ENDINGS, TEMPI, strict=True)):
            key = f"{drawn.choice(NOTES)} {drawn.choice(('major', 'minor'))}"
            request = MusicRequest(
                genre=genre, bpm=float(row["bpm"][tempo]), key=key, seconds=SECONDS, seed=drawn.randrange(2**31),
                ending=ending, loopable=number == 3, stems=False,
            )  # fmt: skip
            found.append((f"quality-{genre}-{number}", request))
    return found


def pieces(folder: Path) -> Iterator[Piece]:
    """Rendered once into `folder`, read from there afterwards."""
    from core.music.composer.compose import compose
    from core.music.composer.synth import render

    folder.mkdir(parents=True, exist_ok=True)
    for name, request in requests():
        kept = folder / f"{name}.npz"
        if not kept.exists():
            score = compose(request)
            made = render(score, bank=folder / "notes", workers=1, progress=lambda stage, fraction: None)
            np.savez(folder / f"{name}.part.npz", samples=made.mix.astype(np.float32), rate=made.sample_rate)
            (folder / f"{name}.part.npz").replace(kept)
        with np.load(kept) as read:
            yield Piece(name, request, read["samples"], int(read["rate"]))
