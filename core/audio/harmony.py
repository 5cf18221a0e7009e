"""Chords bar by bar: the triad or seventh whose notes explain the bar's chroma best, smoothed towards staying."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.audio.spectrum import CHROMA_PER_SECOND

NOTES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_KINDS = {"": (0, 4, 7), "m": (0, 3, 7)}
_STAY = 0.04
_CLEAR = 0.12
"""By how much the best chord leads the second when it is as good as certain."""
_SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
_IN_KEY = 0.03


@dataclass(frozen=True)
class Chord:
    bar: int
    start_s: float
    end_s: float
    name: str
    """'A', 'F#m', or 'N' for none."""
    confidence: float


@cache
def _templates() -> tuple[tuple[str, ...], NDArray[np.float64]]:
    names, rows = [], []
    for kind, notes in _KINDS.items():
        for root in range(12):
            row = np.zeros(12)
            for weight, note in zip((1.0, 0.9, 0.9), notes, strict=True):
                row[(root + note) % 12] += weight
                row[(root + note + 7) % 12] += 0.12  # the third harmonic of every note sounds a fifth above it
            names.append(NOTES[root] + kind)
            rows.append(row / np.linalg.norm(row))
    return tuple(names), np.asarray(rows)


def _favoured(key: str | None) -> NDArray[np.float64]:
    """A little for chords whose notes all belong to the key."""
    names, _ = _templates()
    favour = np.zeros(len(names))
    if key is None:
        return favour
    note, _, mode = key.partition(" ")
    scale = {(NOTES.index(note) + step) % 12 for step in _SCALES[mode]}
    for number, name in enumerate(names):
        root, minor = NOTES.index(name.removesuffix("m")), name.endswith("m")
        if {(root + step) % 12 for step in _KINDS["m" if minor else ""]} <= scale:
            favour[number] = _IN_KEY
    return favour


def chords(chroma: NDArray[np.float32], bars: NDArray[np.float64], seconds: float, key: str | None) -> list[Chord]:
    """One for every bar that begins at `bars`; without bars one every two seconds."""
    edges = [*bars.tolist(), seconds] if bars.size else [*np.arange(0.0, seconds, 2.0).tolist(), seconds]
    edges = [edge for number, edge in enumerate(edges) if number == 0 or edge - edges[number - 1] > 0.05]
    if len(edges) < 2:
        return []
    names, templates = _templates()
    fits = []
    for start, end in itertools.pairwise(edges):
        first = int(start * CHROMA_PER_SECOND)
        part = chroma[:, first : max(first + 1, int(end * CHROMA_PER_SECOND))]
        mean = part.mean(axis=1) if part.size else np.zeros(12)
        size = float(np.linalg.norm(mean))
        fits.append(templates @ (mean / size) if size > 1e-6 else np.zeros(len(names)))
    fit = np.asarray(fits)
    path = _best_path(fit + _favoured(key))
    found = []
    for number, (row, chosen) in enumerate(zip(fit, path, strict=True)):
        rest = np.delete(row, chosen)
        lead = float(row[chosen] - rest.max())
        sure = float(np.clip(0.5 + lead / (2 * _CLEAR), 0.0, 1.0)) * float(np.clip((row[chosen] - 0.5) / 0.4, 0.0, 1.0))
        name = names[chosen] if row[chosen] > 0.6 else "N"
        found.append(Chord(number + 1, edges[number], edges[number + 1], name, round(sure if name != "N" else 0.0, 2)))
    return found


def _best_path(fit: NDArray[np.float64]) -> list[int]:
    """Viterbi with one small reward for staying on a chord."""
    score, back = fit[0].copy(), []
    for row in fit[1:]:
        best = int(score.argmax())
        stay = score + _STAY
        moved = score[best] > stay
        back.append(np.where(moved, best, np.arange(score.size)))
        score = np.where(moved, score[best], stay) + row
    path = [int(score.argmax())]
    for step in reversed(back):
        path.append(int(step[path[-1]]))
    return path[::-1]
