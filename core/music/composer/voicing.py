"""Voicing: where the notes of each chord lie, each voice moving as little as it can, none in parallel fifths or octaves.

A few ways on are kept open at every chord, so that a voicing which leads into a corner can be left again.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations, pairwise

from core.music.composer.theory import Chord

Voices = tuple[int, ...]

OPEN = 4
"""How many ways are followed at once."""
PARALLEL = 14.0
"""What a parallel fifth or octave costs against a semitone moved: seldom worth it."""


def lead_voices(
    chords: list[Chord], low: int, high: int, voices: int = 4, bass: list[int] | None = None
) -> list[Voices]:
    """One voicing a chord, notes ascending. Voices cannot cross, because they are matched in order of height. `bass`:
    the pitch under each chord, which counts as a voice where parallels are looked for."""
    if not chords:
        return []
    under: list[int | None] = [None] * len(chords) if bass is None else list(bass)
    first = _moves(chords[0], None, low, high, voices, None, None)
    ways: list[tuple[float, tuple[Voices, ...]]] = [(cost, (way,)) for cost, way in first]
    for index in range(1, len(chords)):
        reached: dict[Voices, tuple[float, tuple[Voices, ...]]] = {}
        for spent, path in ways:
            step = under[index - 1], under[index]
            for cost, way in _moves(chords[index], path[-1], low, high, voices, *step):
                total = spent + cost
                if way not in reached or total < reached[way][0]:
                    reached[way] = (total, (*path, way))
        ways = sorted(reached.values(), key=lambda found: (found[0], found[1][-1]))[:OPEN]
    return list(ways[0][1])


@lru_cache(maxsize=16384)
def _moves(
    chord: Chord, before: Voices | None, low: int, high: int, voices: int, bass_before: int | None, bass: int | None
) -> tuple[tuple[float, Voices], ...]:
    """The cheapest voicings of a chord after another, with what each costs."""
    centre = (low + high) / 2
    rated = (
        (_cost(way, before, centre) + _parallels(way, before, bass_before, bass), way)
        for way in _candidates(chord, low, high, voices)
    )
    return tuple(sorted(rated)[:OPEN])


def _cost(voices: Voices, before: Voices | None, centre: float) -> float:
    off_centre = abs(sum(voices) / len(voices) - centre)
    seconds = sum(1.0 for a, b in pairwise(voices) if b - a < 2)
    low_mud = sum(2.0 for a, b in pairwise(voices) if a < 50 and b - a < 5)
    if before is None:
        return off_centre + seconds + low_mud
    moves = [abs(a - b) for a, b in zip(voices, before, strict=True)]
    return sum(moves) + 0.5 * max(moves) + 0.35 * off_centre + seconds + low_mud


def _parallels(voices: Voices, before: Voices | None, bass_before: int | None, bass: int | None) -> float:
    """Two voices that move the same way from a fifth (or octave) into a fifth (or octave) are heard as one."""
    if before is None:
        return 0.0
    pairs = list(zip(before, voices, strict=True))
    if bass is not None and bass_before is not None:
        pairs.insert(0, (bass_before, bass))
    cost = 0.0
    for (a, x), (b, y) in combinations(pairs, 2):
        if (x - a) * (y - b) > 0:
            interval = (b - a) % 12
            if interval in (0, 7) and (y - x) % 12 == interval:
                cost += PARALLEL
    return cost


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
