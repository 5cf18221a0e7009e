"""How clearly a chord sequence states its key: what a listener, and a key detector, would take it for."""

from __future__ import annotations

from collections.abc import Iterable
from math import sqrt

from core.music.composer.keys import Key
from core.music.composer.theory import Chord

# Key profiles 'bgate' of essentia's KeyExtractor (A. Faraldo), tonic first.
PROFILES = {
    "major": (1.00, 0.00, 0.42, 0.00, 0.53, 0.37, 0.00, 0.77, 0.00, 0.38, 0.21, 0.30),
    "minor": (1.00, 0.00, 0.36, 0.39, 0.00, 0.38, 0.00, 0.74, 0.27, 0.00, 0.42, 0.23),
}
# What a tone adds to the classes above it through its third and fifth harmonics.
OVERTONES = ((0, 1.0), (7, 0.3), (4, 0.12))


def margin(chords: Iterable[tuple[Chord, float]], key: Key) -> float:
    """Correlation of the chords (each with its weight: beats, loudness) with the key, less that with the best other
    key; negative where another key would be heard."""
    heard = [0.0] * 12
    for chord, weight in chords:
        for place, tone in enumerate((chord.bass, *chord.classes)):
            share = weight * (1.6 if place == 0 else 1.0 if place < 4 else 0.5)
            for interval, strength in OVERTONES:
                heard[(tone + interval) % 12] += share * strength
    scores = {
        (tonic, mode): _correlation(heard, [profile[(i - tonic) % 12] for i in range(12)])
        for tonic in range(12)
        for mode, profile in PROFILES.items()
    }
    asked = scores.pop((key.tonic, key.mode))
    return asked - max(scores.values())


def _correlation(a: list[float], b: list[float]) -> float:
    mean_a, mean_b = sum(a) / 12, sum(b) / 12
    top = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True))
    spread = sqrt(sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b))
    return top / spread if spread else 0.0
