"""Voicing: where the notes of each chord lie, each voice moving as little as it can to the next."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations, pairwise

from core.music.composer.theory import Chord

Voices = tuple[int, ...]


def lead_voices(chords: list[Chord], low: int, high: int, voices: int = 4) -> list[Voices]:
    """One voicing a chord, notes ascending. Voices cannot cross, because they are matched in order of height."""
    made: list[Voices] = []
    centre = (low + high) / 2
    for current in chords:
        before = made[-1] if made else None
        made.append(min(_candidates(current, low, high, voices), key=lambda v: (_cost(v, before, centre), v)))
    return made


def _cost(voices: Voices, before: Voices | None, centre: float) -> float:
    off_centre = abs(sum(voices) / len(voices) - centre)
    seconds = sum(1.0 for a, b in pairwise(voices) if b - a < 2)
    low_mud = sum(2.0 for a, b in pairwise(voices) if a < 50 and b - a < 5)
    if before is None:
        return off_centre + seconds + low_mud
    moves = [abs(a - b) for a, b in zip(voices, before, strict=True)]
    return sum(moves) + 0.5 * max(moves) + 0.35 * off_centre + seconds + low_mud


@lru_cache(maxsize=4096)
def _candidates(chord: Chord, low: int, high: int, voices: int) -> tuple[Voices, ...]:
    needed = _needed(chord, voices)
    pitches = [p for p in range(low, high + 1) if p % 12 in needed]
    found = [
        combo
        for combo in combinations(pitches, voices)
        if needed <= {p % 12 for p in combo}
        and combo[-1] - combo[0] <= 21
        and all(b - a <= 10 for a, b in pairwise(combo))
    ]
    return tuple(found) or (tuple(pitches[:voices]),)


def _needed(chord: Chord, voices: int) -> set[int]:
    """Which tones must sound: third and extensions first; the fifth goes first, then the root (the bass has it)."""
    tones = list(dict.fromkeys(chord.classes))
    order = [*tones[3:], tones[1], tones[0], tones[2]]
    return set(order[:voices])
