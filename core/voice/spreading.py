"""Times for a text whose words could not be found in its recording: shared out by length, sentences moved to pauses."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.audio import mel
from core.audio.mono import heard
from core.voice.reading import Word
from core.voice.sentences import sentence_spans

_SHORTEST_PAUSE = 12
"""Frames: shorter ones are within words, such as before a p."""
_REACH_S, _REACH_SHARE = 0.6, 0.12
"""How far from where its length puts it a sentence's end is looked for: seconds, and share of the recording."""


def sentences(samples: NDArray[np.float32], sample_rate: int, text: str, language: str = "en") -> tuple[Word, ...]:
    """Every sentence of the text with its times in the samples (channels, frames), in order, never overlapping.

    By share of characters in what is spoken (pauses do not count), moved to the longest pause nearby.
    """
    powers = mel.bands(heard(samples), sample_rate, mel.top_hz(sample_rate))[0]
    spans = []
    for span in sentence_spans(text, language):
        piece = text[span.start : span.end]
        if piece.strip():
            spans.append((span.start + len(piece) - len(piece.lstrip()), span.start + len(piece.rstrip())))
    return _shared(text, spans, mel.activity(powers).active)


def words(text: str, active: NDArray[np.bool_]) -> tuple[Word, ...]:
    """The same word by word, where not even the language is known: by share of characters alone."""
    spans = [match.span() for match in re.finditer(r"\S+", text)]
    times = _edges(text, spans, active)
    return tuple((start, end, a, b) for (start, end), (a, b) in zip(spans, pairwise(times), strict=True))


def _shared(text: str, spans: list[tuple[int, int]], active: NDArray[np.bool_]) -> tuple[Word, ...]:
    if not spans:
        return ()
    seconds = active.size / mel.FRAMES_PER_SECOND
    edges = _edges(text, spans, active)
    pauses = _pauses(active)
    reach = max(_REACH_S, _REACH_SHARE * seconds)
    gaps = [(edges[0], edges[0])]
    for expected in edges[1:-1]:
        near = [(a, b) for a, b in pauses if a >= gaps[-1][1] and abs((a + b) / 2 - expected) <= reach]
        # A pause twice as long may be twice as far away.
        best = max(near, key=lambda gap: (gap[1] - gap[0]) / (0.1 + abs(sum(gap) / 2 - expected)), default=None)
        gaps.append(best or (max(expected, gaps[-1][1]),) * 2)
    gaps.append((max(edges[-1], gaps[-1][1]),) * 2)
    return tuple(
        (start, end, before[1], after[0]) for (start, end), (before, after) in zip(spans, pairwise(gaps), strict=True)
    )


def _edges(text: str, spans: list[tuple[int, int]], active: NDArray[np.bool_]) -> list[float]:
    """len(spans) + 1 seconds: where each piece begins by its share of letters, in spoken time, and where the last ends."""
    if not active.any():
        active = np.ones_like(active)
    spoken = np.flatnonzero(active)
    lengths = [sum(unicodedata.category(character)[0] in "LNM" for character in text[a:b]) + 1 for a, b in spans]
    shares = np.concatenate([[0], np.cumsum(lengths)]) / max(1, sum(lengths))
    at = np.interp(shares * (spoken.size - 1), np.arange(spoken.size), spoken) if spoken.size else shares
    at[-1:] += 1
    return [float(edge) for edge in at / mel.FRAMES_PER_SECOND]


def _pauses(active: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Between the first and the last sound."""
    edges = np.flatnonzero(np.diff(active.astype(np.int8))) + 1
    if active.size and not active[0]:
        edges = edges[1:]
    return [
        (first / mel.FRAMES_PER_SECOND, last / mel.FRAMES_PER_SECOND)
        for first, last in zip(edges[::2], edges[1::2], strict=False)
        if last - first >= _SHORTEST_PAUSE
    ]
