"""Dynamics across a section: builds swell, outros sink, the rest keeps its level."""

from __future__ import annotations

from dataclasses import replace

from core.music.composer.form import Stretch
from core.music.composer.score import Note

# Velocity factors at the start and the end of a section.
SHAPES = {
    "build": (0.82, 1.1), "rise": (0.85, 1.1), "intro": (0.9, 1.0), "outro": (1.0, 0.82), "breakdown": (0.92, 1.04),
    "bridge": (0.92, 1.06),
}  # fmt: skip


def shaped(notes: list[Note], stretch: Stretch, beats_per_bar: int) -> list[Note]:
    if stretch.name not in SHAPES:
        return notes
    first, last = SHAPES[stretch.name]
    start, beats = stretch.start_bar * beats_per_bar, stretch.bars * beats_per_bar
    return [
        replace(note, velocity=round(note.velocity * (first + (last - first) * (note.beat - start) / beats)))
        for note in notes
    ]
