"""Effects: risers into the loud sections, impacts where they land, and noise beds."""

from __future__ import annotations

from core.music.composer.form import Frame
from core.music.composer.plan import Plan
from core.music.composer.score import Note

PITCH = 60


def effects(plan: Plan, frame: Frame, instrument: str) -> list[Note]:
    per_bar = plan.beats_per_bar
    if instrument == "vinyl_noise":
        return [Note(0.0, frame.end_beat, PITCH, 60)]
    notes: list[Note] = []
    for before, stretch in zip((None, *frame.stretches), frame.stretches, strict=False):
        start = float(stretch.start_bar * per_bar)
        rises = before is not None and stretch.presence > before.presence + 0.12
        level = round(50 + 50 * stretch.energy)
        if instrument in ("riser", "noise_swell") and rises and start >= per_bar:
            bars = min(2 if stretch.presence > 0.7 else 1, before.bars if before else 1)
            notes.append(Note(start - bars * per_bar, bars * per_bar, PITCH, level))
        if instrument == "impact" and stretch.presence >= 0.6 and (rises or before is None):
            notes.append(Note(start, per_bar, PITCH, level))
    return notes
