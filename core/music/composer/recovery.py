"""Leaps: what leaps far turns back, by less than it leapt. A last pass over the melody, across phrases and sections."""

from __future__ import annotations

from dataclasses import replace

from core.music.composer.harmony import Timeline
from core.music.composer.keys import Key
from core.music.composer.score import Note
from core.music.composer.theory import chord_scale

FAR = 7
"""Semitones: a fifth and more is heard as a leap that asks for an answer."""
JOINED_BEATS = 2.01
"""Notes further apart than this belong to different breaths."""


def recovered(notes: list[Note], timeline: Timeline, key: Key) -> list[Note]:
    out = sorted(notes, key=lambda note: note.beat)
    for i in range(len(out) - 2):
        first, second, third = out[i : i + 3]
        if _turns(first, second, third):
            continue
        heading = 1 if second.pitch > first.pitch else -1
        back = [second.pitch - heading * step for step in range(1, abs(second.pitch - first.pitch))]
        classes = _classes(third, timeline, key)
        fitting = [pitch for pitch in back if pitch % 12 in classes]
        if fitting:
            out[i + 2] = replace(third, pitch=fitting[0])
    return out


def _turns(first: Note, second: Note, third: Note) -> bool:
    leap, after = second.pitch - first.pitch, third.pitch - second.pitch
    apart = second.beat - first.beat > JOINED_BEATS or third.beat - second.beat > JOINED_BEATS
    return abs(leap) < FAR or apart or (after * leap < 0 and abs(after) < abs(leap))


def _classes(note: Note, timeline: Timeline, key: Key) -> tuple[int, ...]:
    """On the beat, or long: a chord tone; in passing any note of the chord's scale. An anticipation belongs to the
    chord it anticipates."""
    heard = timeline.at(note.beat if note.beat % 1 < 0.01 else note.beat + min(0.5, 0.6 * note.beats)).chord
    return heard.classes[:4] if note.beat % 1 < 0.01 or note.beats >= 1.5 else chord_scale(heard, key)
