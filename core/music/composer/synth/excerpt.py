"""A short piece cut from a score where it is most itself: what a preview plays."""

from __future__ import annotations

from dataclasses import replace

from core.music.composer.score import Note, Score, Section

_DRAFT_S = 10.0


def excerpt(score: Score, seconds: float = _DRAFT_S) -> Score:
    """Whole bars around `seconds`, from the start of the section with the most energy; faded, never looped. A score
    that is no longer than that comes back as it is."""
    bar_s = score.beats_per_bar * 60.0 / score.bpm
    if score.seconds <= seconds * 1.25 or not score.sections:
        return score
    peak = max(score.sections, key=lambda section: (section.energy, -section.start_bar))
    bars = max(1, round(seconds / bar_s))
    first = max(0, min(peak.start_bar, score.bars - bars))
    start, stop = first * score.beats_per_bar, (first + bars) * score.beats_per_bar
    parts = tuple(
        replace(part, notes=tuple(_moved(note, start) for note in part.notes if start - 1e-6 <= note.beat < stop))
        for part in score.parts
    )
    name = next((s.name for s in score.sections if s.start_bar <= first < s.start_bar + s.bars), peak.name)
    heard = tuple(chord for section in score.sections for chord in section.chords)[first : first + bars]
    return replace(
        score,
        parts=tuple(part for part in parts if part.notes),
        sections=(Section(name, 0, bars, peak.energy, heard),),
        bars=bars,
        seconds=bars * bar_s,
        loopable=False,
        ending="fade",
        tail_s=0.0,
    )


def _moved(note: Note, start: float) -> Note:
    return replace(note, beat=max(0.0, note.beat - start))
