"""Dynamics: builds swell, outros sink, and every phrase of four bars rises and lets go."""

from __future__ import annotations

from dataclasses import replace

from core.music.composer.form import Stretch
from core.music.composer.score import Note

# Velocity factors at the start and the end of a section.
SHAPES = {
    "build": (0.82, 1.1), "rise": (0.85, 1.1), "intro": (0.9, 1.0), "outro": (1.0, 0.82), "breakdown": (0.92, 1.04),
    "bridge": (0.92, 1.06),
}  # fmt: skip


PHRASE = (0.96, 1.02, 1.05, 0.97)
"""Velocity factor of the bars of a phrase: it leans towards its third bar and lets go in the fourth."""


def shaped(notes: list[Note], stretch: Stretch, beats_per_bar: int, breathes: bool) -> list[Note]:
    """`breathes`: follows the phrase as well (what is sung, bowed or struck by hand; drums keep their own accents)."""
    first, last = SHAPES.get(stretch.name, (1.0, 1.0))
    start, beats = stretch.start_bar * beats_per_bar, stretch.bars * beats_per_bar
    odd = stretch.bars % 4  # phrases are counted from the end of the section
    made = []
    for note in notes:
        factor = first + (last - first) * (note.beat - start) / beats
        if breathes:
            bar = int((note.beat - start) // beats_per_bar)
            factor *= PHRASE[(bar - odd) % 4]
        made.append(replace(note, velocity=round(note.velocity * factor)))
    return made
