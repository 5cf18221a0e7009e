"""Sections: where a piece turns into something else, and which of its parts resemble each other (A, B, A …).

A checkerboard slid along the self-similarity of timbre and harmony (Foote 2000) rises where one block of likeness ends
and another begins. Stretches between such places get the letter of the first one they sound like.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Curve = NDArray[np.float64]

_SHORTEST_S = 6.0
_KERNEL_S = 8.0
_RISE = 0.12
"""Novelty below this share of a full turn (all alike within, nothing in common across) is not a boundary."""
_ALIKE = 0.80


@dataclass(frozen=True)
class Section:
    start_s: float
    end_s: float
    label: str


def find(
    mel_db: Floats, mel_rate: float, chroma: Floats, chroma_rate: float, bars: Curve, seconds: float
) -> list[Section]:
    """`bars` are where boundaries may lie (first beats); without them every second may be one."""
    grid = bars if bars.size >= 8 else np.arange(0.0, seconds, 1.0)
    grid = np.unique(np.concatenate(([0.0], grid[grid < seconds - 0.5])))
    if seconds < 2 * _SHORTEST_S or grid.size < 8:
        return [Section(0.0, seconds, "A")]
    features = _features(mel_db, mel_rate, chroma, chroma_rate, grid, seconds)
    alike = features @ features.T
    step = seconds / grid.size
    # An hour is told in coarser strokes than a song: at most some sixty sections.
    scale = max(1.0, seconds / (60 * _SHORTEST_S))
    novelty = _novelty(alike, max(2, round(scale * _KERNEL_S / step)))
    cuts = _peaks(novelty, max(1, round(scale * _SHORTEST_S / step)))
    edges = [0, *cuts, grid.size]
    times = [*(float(grid[edge]) for edge in edges[:-1]), seconds]
    means = [features[first:last].mean(axis=0) for first, last in itertools.pairwise(edges)]
    labels = _labels([mean / (np.linalg.norm(mean) + 1e-9) for mean in means])
    return [Section(round(a, 2), round(b, 2), label) for a, b, label in zip(times[:-1], times[1:], labels, strict=True)]


def _features(
    mel_db: Floats, mel_rate: float, chroma: Floats, chroma_rate: float, grid: Curve, seconds: float
) -> Curve:
    """One row a step, of length 1: timbre in 16 bands, level, and harmony, each standardised over the piece."""
    coarse = np.maximum(mel_db, mel_db.max() - 70).reshape(16, -1, mel_db.shape[1]).mean(axis=1)
    edges = [*grid.tolist(), seconds]

    def means(values: NDArray[np.float32], rate: float) -> Curve:
        rows = []
        for start, end in itertools.pairwise(edges):
            first = min(int(start * rate), values.shape[1] - 1)
            rows.append(values[:, first : max(first + 1, int(end * rate))].mean(axis=1))
        return np.asarray(rows, dtype=np.float64)

    timbre = means(coarse.astype(np.float32), mel_rate)
    level = timbre.mean(axis=1, keepdims=True)
    harmony = means(chroma, chroma_rate)

    def standard(values: Curve, least: float) -> Curve:
        centred = values - values.mean(axis=0)
        return np.asarray(centred / max(float(centred.std()), least) / np.sqrt(values.shape[1]))

    rows = np.concatenate([standard(timbre, 2.0), 0.7 * standard(level, 2.0), 0.5 * standard(harmony, 0.03)], axis=1)
    smooth = rows.copy()
    smooth[1:-1] = (rows[:-2] + 2 * rows[1:-1] + rows[2:]) / 4
    norm = np.linalg.norm(smooth, axis=1, keepdims=True)
    return np.asarray(smooth / np.maximum(norm, 1e-9))


def _novelty(alike: Curve, reach: int) -> Curve:
    """Within-likeness less across-likeness around every step, 0 to 1."""
    count = alike.shape[0]
    found = np.zeros(count)
    for at in range(1, count):
        near = min(reach, at, count - at)
        if near < 2:
            continue
        before, after = slice(at - near, at), slice(at, at + near)
        within = (alike[before, before].mean() + alike[after, after].mean()) / 2
        found[at] = (within - alike[before, after].mean()) / 2
    return found


def _peaks(novelty: Curve, apart: int) -> list[int]:
    chosen: list[int] = []
    for at in np.argsort(-novelty):
        if novelty[at] < _RISE:
            break
        if all(abs(at - other) >= apart for other in chosen) and apart <= at <= novelty.size - max(2, apart // 2):
            chosen.append(int(at))
    return sorted(chosen)


def _labels(means: list[Curve]) -> list[str]:
    kinds: list[Curve] = []
    letters = []
    for mean in means:
        likeness = [float(mean @ kind) for kind in kinds]
        best = int(np.argmax(likeness)) if likeness else -1
        if best < 0 or likeness[best] < _ALIKE:
            kinds.append(mean)
            best = len(kinds) - 1
        letters.append(chr(65 + best) if best < 26 else f"Z{best - 25}")
    return letters
