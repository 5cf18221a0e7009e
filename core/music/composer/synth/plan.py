"""From the score to events in samples: which note of the bank, where, how loud, until when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from core.music.composer.score import Part, Score
from core.music.composer.synth import sounds
from core.music.composer.synth.shape import SAMPLE_RATE
from core.music.composer.synth.sounds import NoteKey
from core.music.composer.synth.voices.kits import stroke_of

_HATS_CLOSE = frozenset({42, 44})
_OPEN_HAT = 46


@dataclass(frozen=True)
class Event:
    key: NoteKey
    onset: int
    """Frames from the start of the piece."""
    held: int | None
    """Frames until the key is let go; None: it rings as long as it likes."""
    gain: float
    """Amplitude by velocity, 0 to 1."""


@dataclass(frozen=True)
class Line:
    """One part of the score, ready to be laid."""

    part: Part
    events: tuple[Event, ...]


def lines_of(score: Score) -> tuple[Line, ...]:
    lines = tuple(Line(part, _events(part, score)) for part in score.parts)
    return _with_shared_lengths(lines)


def beat_frames(score: Score) -> float:
    return 60.0 / score.bpm * SAMPLE_RATE


def _events(part: Part, score: Score) -> tuple[Event, ...]:
    known = sounds.instrument(part.instrument)
    kit = sounds.is_kit(part.instrument)
    per_beat = beat_frames(score)
    length = round(score.seconds * SAMPLE_RATE)
    strokes: dict[tuple[int, int], int] = defaultdict(int)
    events = []
    notes = sorted(part.notes, key=lambda note: (note.beat, note.pitch))
    closings = sorted(note.beat for note in notes if note.pitch in _HATS_CLOSE) if kit else []
    for note in notes:
        onset = round(note.beat * per_beat)
        if onset >= length:
            if not score.loopable:
                continue
            onset %= length
        layer = min(known.layers - 1, note.velocity * known.layers // 128)
        pitch = stroke_of(part.instrument, note.pitch) if kit else note.pitch
        take = strokes[pitch, layer] % known.takes
        strokes[pitch, layer] += 1
        held: int | None = max(1, round(note.beats * per_beat))
        if kit:
            held = _until_closed(note.beat, closings, per_beat) if pitch == _OPEN_HAT else None
        seconds = (held or 0) / SAMPLE_RATE
        key = NoteKey(part.instrument, pitch, layer, take, sounds.length_class(part.instrument, seconds))
        events.append(Event(key, onset, held, (min(127, max(1, note.velocity)) / 127) ** known.curve))
    return tuple(events)


def _until_closed(beat: float, closings: Sequence[float], per_beat: float) -> int | None:
    """An open hat rings until the next closed or pedalled one."""
    after = next((closing for closing in closings if closing > beat + 1e-6), None)
    return None if after is None else max(1, round((after - beat) * per_beat))


def _with_shared_lengths(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Short uses of a note borrow its longest rendering in this piece, so it is rendered once."""
    longest: dict[tuple[str, int, int, int], NoteKey] = {}
    for line in lines:
        for event in line.events:
            same = _same(event.key)
            known = longest.get(same)
            if known is None or known.length < event.key.length:
                longest[same] = event.key
    return tuple(Line(line.part, tuple(_lengthened(event, longest) for event in line.events)) for line in lines)


def _same(key: NoteKey) -> tuple[str, int, int, int]:
    return key.instrument, key.pitch, key.layer, key.take


def _lengthened(event: Event, longest: dict[tuple[str, int, int, int], NoteKey]) -> Event:
    key = longest[_same(event.key)]
    if key is event.key or event.key.instrument in _LENGTH_SHAPES_IT:
        return event
    return Event(key, event.onset, event.held, event.gain)


_LENGTH_SHAPES_IT = frozenset({"riser", "noise_swell"})
"""Their rise ends where the note ends: a longer one is another sound."""
