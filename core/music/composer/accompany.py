"""Accompaniment: pads, struck and strummed chords, and broken chords."""

from __future__ import annotations

from core.music.composer.form import Stretch
from core.music.composer.harmony import Timeline
from core.music.composer.instruments import INSTRUMENTS
from core.music.composer.patterns import play, step_feel
from core.music.composer.plan import Plan
from core.music.composer.score import Note
from core.music.composer.voicing import Voices, lead_voices

Voiced = dict[float, Voices]
"""The voicing that starts on each beat where a chord changes"""

REGISTER = {"pad": (50, 79), "comp": (50, 76), "arp": (53, 79), "strings": (55, 81)}
OVER_CELLO = {"lead": (61, 84), "counter": (60, 81)}
"""Where a pad lies while a cello sings or answers: out of its way, or it is not heard as a line."""
GUITARS = ("steel_guitar", "nylon_guitar", "clean_guitar", "muted_guitar", "distorted_guitar")


def voice(
    timeline: Timeline, slot: str, instrument: str, roots: dict[float, int] | None = None, cello: str = ""
) -> Voiced:
    """`roots`: the bass under each chord, which the upper voices then do not follow in parallel. `cello`: the layer a
    solo cello plays, if one does."""
    low, high = OVER_CELLO.get(cello, REGISTER[slot]) if slot == "pad" else REGISTER[slot]
    facts = INSTRUMENTS[instrument]
    low, high = max(low, facts.low), min(high, facts.high)
    if high - low < 18:
        low, high = max(facts.low, high - 18), min(facts.high, max(high, low + 18))
    if instrument == "distorted_guitar":
        return {span.beat: _power(span.chord.root, 40) for span in timeline.spans}
    under = None if roots is None else [roots[span.beat] for span in timeline.spans]
    voices = lead_voices([span.chord for span in timeline.spans], low, high, 3 if slot == "arp" else 4, under)
    return {span.beat: v for span, v in zip(timeline.spans, voices, strict=True)}


def _power(root: int, low: int) -> Voices:
    base = low + (root - low) % 12
    return (base, base + 7, base + 12)


def pad(plan: Plan, stretch: Stretch, timeline: Timeline, voiced: Voiced) -> list[Note]:
    start, end = _range(plan, stretch)
    level = _level(stretch.energy, 46, 84)
    notes = []
    for span in timeline.within(start, end):
        begin, stop = max(span.beat, start), min(span.end, end)
        for pitch in voiced[span.beat]:
            notes.append(Note(begin, (stop - begin) * 0.98, pitch, level))
    return tied(notes)


def tied(notes: list[Note]) -> list[Note]:
    """Common tones hold on over the change, up to two bars, so that a pad breathes instead of pumping."""
    out: list[Note] = []
    sounding: dict[int, int] = {}
    for note in sorted(notes, key=lambda n: (n.beat, n.pitch)):
        index = sounding.get(note.pitch)
        if index is not None:
            before = out[index]
            touching = abs(before.beat + before.beats - note.beat) < 0.2
            if touching and before.beats + note.beats <= 8.0:
                out[index] = Note(before.beat, note.beat + note.beats - before.beat, note.pitch, before.velocity)
                continue
        sounding[note.pitch] = len(out)
        out.append(note)
    return out


def comp(plan: Plan, stretch: Stretch, timeline: Timeline, voiced: Voiced, pattern: str, instrument: str) -> list[Note]:
    start, end = _range(plan, stretch)
    level = _level(stretch.energy, 56, 98)
    spread = (
        (0.018 if instrument in GUITARS else 0.006 if instrument in ("harp", "grand_piano") else 0.0) * plan.bpm / 60
    )
    notes = []
    for hit in play(pattern, end - start, step_feel(pattern, plan.feel), plan.beats_per_bar):
        beat = start + hit.beat
        span = timeline.at(beat)
        # A chord is not held over the change unless it anticipates it.
        late = span.end - beat <= 0.5 and hit.beats > span.end - beat and span.end < end
        if late:
            span = timeline.after(beat)
        beats = hit.beats if late else min(hit.beats, span.end - beat)
        voices = voiced[span.beat]
        if hit.sign == "u":
            voices = voices[-2:] if instrument != "distorted_guitar" else voices
        weight = {"X": 1.0, "x": 0.8, "u": 0.66}[hit.sign]
        if plan.feel < 1 and beat % 1.0 > 0.01:  # in double-time the beat itself stays the strongest
            weight *= 0.8
        legato = 0.96 * min(plan.colour["legato"], 1.0)
        ordered = voices[::-1] if hit.sign == "u" else voices
        for i, pitch in enumerate(ordered):
            delay = min(i * spread, 0.2)
            notes.append(Note(beat + delay, max(beats * legato - delay, 0.08), pitch, round(level * weight) - 2 * i))
    return notes


def arpeggio(
    plan: Plan, stretch: Stretch, timeline: Timeline, voiced: Voiced, pattern: str, sustain: bool
) -> list[Note]:
    """The accent on every beat is what keeps time where there are no drums."""
    start, end = _range(plan, stretch)
    level = _level(stretch.energy, 52, 90)
    notes = []
    for hit in play(pattern, end - start, step_feel(pattern, plan.feel), plan.beats_per_bar):
        beat = start + hit.beat
        span = timeline.at(beat)
        voices = voiced[span.beat]
        octave, index = divmod(int(hit.sign), len(voices))
        accent = 14 if beat % 1.0 < 0.01 else -4 if beat % 0.5 < 0.01 else -12
        beats = min(hit.beats * (1.9 if sustain else 0.9), max(span.end - beat, 0.2))
        pitch = voices[index] + 12 * octave
        notes.append(Note(beat, beats, pitch if pitch <= 84 else pitch - 12, level + accent))
    return notes


def _range(plan: Plan, stretch: Stretch) -> tuple[float, float]:
    start = float(stretch.start_bar * plan.beats_per_bar)
    return start, start + stretch.bars * plan.beats_per_bar


def _level(energy: float, quiet: int, loud: int) -> int:
    return round(quiet + (loud - quiet) * energy)
