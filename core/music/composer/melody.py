"""Melody: a theme's motif set over the chords, phrase by phrase, with an arc, rests and cadences."""

from __future__ import annotations

import random
from itertools import cycle

from core.music.composer.form import Stretch
from core.music.composer.harmony import Timeline
from core.music.composer.instruments import INSTRUMENTS
from core.music.composer.motif import Motif, make_motif
from core.music.composer.patterns import play
from core.music.composer.plan import Plan
from core.music.composer.score import Note
from core.music.composer.theory import Chord, chord_scale, move, nearest

TENOR = {"solo_cello": (47, 59)}
"""Counter lines between bass and chords: the register in which no one else plays."""
LIVELIER = {"chorus": 1, "drop": 1, "solo": 1, "climax": 0, "bridge": -1, "breakdown": -1, "reflection": -1}


class Singer:
    """Keeps each theme's motif, and where the line last was, across the piece."""

    def __init__(self, plan: Plan, timeline: Timeline, instrument: str) -> None:
        facts = INSTRUMENTS[instrument]
        middle = min(max(72 + plan.colour["register"], facts.low + 9), facts.high - 10)
        self.plan, self.timeline = plan, timeline
        self.low, self.high = max(facts.low, middle - 10), min(facts.high, middle + 13)
        self.middle = middle
        self.last = middle
        self.motifs: dict[str, Motif] = {}

    def motif(self, stretch: Stretch) -> Motif:
        if stretch.theme not in self.motifs:
            base = self.plan.style["lead"]["density"] + self.plan.colour["density"]
            density = base + (LIVELIER.get(stretch.name, 0) if stretch.theme != "A" else 0)
            if self.plan.bpm >= 140 and self.plan.feel == 1.0:
                density -= 1
            rng = self.plan.rng("motif", stretch.theme)
            self.motifs[stretch.theme] = make_motif(rng, density, self.plan.beats_per_bar)
        return self.motifs[stretch.theme]

    def sing(self, stretch: Stretch, final: bool) -> list[Note]:
        """The stretch's phrases; those cut short by the form end where they are."""
        notes: list[Note] = []
        rng = self.plan.rng("melody", stretch.start_bar)
        motif = self.motif(stretch)
        lift = 3 if stretch.presence > 0.8 and stretch.theme != "A" else 0
        per_phrase = round(4 * max(self.plan.feel, 1))
        for number, bar in enumerate(range(0, stretch.bars, per_phrase)):
            length = min(per_phrase, stretch.bars - bar)
            closes = bar + per_phrase >= stretch.bars
            # Two phrases are a period: the first is left open, the second answers and comes home.
            home = number % 2 == 1 or (closes and (final or number == 0))
            if bar and not closes and rng.random() < self.plan.style["lead"]["rest"] * 0.6:
                continue
            start = float((stretch.start_bar + bar) * self.plan.beats_per_bar)
            sung = self._phrase(motif, start, length, lift, home, stretch)
            if stretch.turn or bar >= 8:
                sung = varied(sung, self.plan, self.timeline, rng)
            notes += sung
        return notes

    def _phrase(self, motif: Motif, start: float, bars: int, lift: int, home: bool, stretch: Stretch) -> list[Note]:
        per_bar = self.plan.beats_per_bar
        notes: list[Note] = []
        stretched = self.plan.feel
        bar_beats = per_bar * stretched
        shown = max(1, round(bars / stretched))
        first = 4 - shown if shown < 4 else 0  # a short phrase keeps its close
        level = round(74 + 30 * stretch.energy)
        for index in range(shown):
            part = (first + index) % 4
            steps = motif.steps
            if part in (1, 2) and motif.answer == "mirror":
                steps = tuple(-s for s in steps)
            turning = cycle(steps if not (part == 1 and motif.answer == "onward") else steps[2:] + steps[:2])
            line = self.middle + lift + round(1.7 * motif.arc[part])
            hits = list(play(motif.bars[part], bar_beats, stretched, per_bar))
            for place, hit in enumerate(hits):
                beat = start + index * bar_beats + hit.beat
                if beat >= start + bars * per_bar - 0.01:
                    break
                last = part == 3 and place == len(hits) - 1
                pitch = self._pitch(beat, hit.beats, next(turning), line, place == 0, last, home)
                swell = 5 - abs(part - 2) * 3 + (6 if beat % per_bar < 0.01 else 2 if beat % 1 < 0.01 else -5)
                length = min(hit.beats * 0.93 * self.plan.colour["legato"], hit.beats)
                notes.append(Note(beat, max(length, 0.12), pitch, level + swell))
                self.last = pitch
        return notes

    def _pitch(self, beat: float, beats: float, step: int, line: int, opens: bool, last: bool, home: bool) -> int:
        here = self.timeline.at(beat).chord
        scale = chord_scale(here, self.plan.key)
        tones = here.classes[:4]
        if last:
            wanted = self._closing(here, home)
            return self._within(nearest(self.last, wanted, self.low, self.high), wanted)
        if opens:
            # Each bar starts on a chord tone between the line of the arc and where the voice is.
            target = round(0.6 * line + 0.4 * self.last)
            return nearest(target, tones, self.low, self.high)
        pitch = move(self.last, step, scale)
        if pitch > self.high or pitch < self.low or abs(pitch - line) > 9:
            pitch = move(self.last, -step, scale)
        strong = beat % 2 < 0.01 or beats >= 1.5
        if strong and pitch % 12 not in tones:
            pitch = nearest(pitch + (1 if step > 0 else -1 if step < 0 else 0), tones, self.low, self.high)
        if abs(pitch - self.last) > 4 and pitch % 12 not in tones:
            pitch = move(self.last, 1 if pitch > self.last else -1, scale)
        return self._within(pitch, scale)

    def _closing(self, here: Chord, home: bool) -> tuple[int, ...]:
        """Home: the tonic, or what of its chord the harmony allows. Open: a note that wants to go on."""
        key = self.plan.key
        rest = (key.tonic, key.scale[2], key.scale[4])
        tones = here.classes[:3]
        if home:
            if key.tonic in here.classes:
                return (key.tonic,)
            return tuple(tone for tone in tones if tone in rest) or tones
        return tuple(tone for tone in tones if tone != key.tonic) or tones

    def _within(self, pitch: int, classes: tuple[int, ...]) -> int:
        if self.low <= pitch <= self.high:
            return pitch
        return nearest(pitch, classes, self.low, self.high)


def varied(notes: list[Note], plan: Plan, timeline: Timeline, rng: random.Random) -> list[Note]:
    """What comes back comes back changed: passing notes, neighbours, anticipations, a dropped note."""
    kind = rng.choice(("plain", "passing", "neighbour", "anticipate", "thin"))
    out: list[Note] = []
    for i, note in enumerate(notes):
        follower = notes[i + 1] if i + 1 < len(notes) else None
        joined = follower is not None and follower.beat - note.beat <= 2.0
        out.append(note)
        if follower is None or not joined or rng.random() > 0.5:
            continue
        gap, leap = follower.beat - note.beat, follower.pitch - note.pitch
        scale = chord_scale(timeline.at(note.beat).chord, plan.key)
        if kind == "passing" and gap >= 1.0 and 3 <= abs(leap) <= 4:
            between = move(note.pitch, 1 if leap > 0 else -1, scale)
            out[-1] = Note(note.beat, gap / 2 * 0.95, note.pitch, note.velocity)
            out.append(Note(note.beat + gap / 2, gap / 2 * 0.95, between, note.velocity - 10))
        elif kind == "neighbour" and gap >= 1.0 and leap == 0:
            out[-1] = Note(note.beat, gap / 2 * 0.95, note.pitch, note.velocity)
            out.append(Note(note.beat + gap / 2, gap / 2 * 0.95, move(note.pitch, 1, scale), note.velocity - 8))
        elif kind == "thin" and note.beat % 1 > 0.01 and gap <= 0.5:
            out.pop()
        elif kind == "anticipate" and follower.beat % 2 < 0.01 and gap >= 1.0 and note.beats > 0.6:
            out[-1] = Note(note.beat, note.beats - 0.5, note.pitch, note.velocity)
            notes[i + 1] = Note(follower.beat - 0.5, follower.beats + 0.5, follower.pitch, follower.velocity)
    return out


def counter_line(plan: Plan, stretch: Stretch, timeline: Timeline, melody: list[Note], instrument: str) -> list[Note]:
    """Long notes on thirds and sevenths, moving by step, that answer in the melody's rests."""
    facts = INSTRUMENTS[instrument]
    low, high = TENOR.get(instrument, (max(facts.low, 55), min(facts.high, 74)))
    if high - low < 12:
        low, high = facts.low, facts.low + 14
    start = float(stretch.start_bar * plan.beats_per_bar)
    end = start + stretch.bars * plan.beats_per_bar
    level = round(56 + 28 * stretch.energy)
    pitch = (low + high) // 2
    notes: list[Note] = []
    for span in timeline.within(start, end):
        guides = tuple(dict.fromkeys((span.chord.third, *span.chord.classes[3:4], span.chord.fifth)))
        pitch = nearest(pitch, guides, low, high)
        stop = min(span.end, end)
        quiet = [n for n in melody if stop - 2.01 <= n.beat < stop]
        follower = nearest(pitch, timeline.after(span.beat).chord.classes[1:3], low, high)
        if not quiet and span.beats >= 3 and follower != pitch:
            # The melody rests here: walk towards the next guide tone.
            passing = move(pitch, 1 if follower > pitch else -1, chord_scale(span.chord, plan.key))
            notes.append(Note(span.beat, (stop - span.beat - 2) * 0.97, pitch, level))
            notes.append(Note(stop - 2, 0.97, pitch if passing == follower else passing, level + 4))
            notes.append(Note(stop - 1, 0.97, passing, level + 2))
        else:
            notes.append(Note(span.beat, (stop - span.beat) * 0.97, pitch, level))
    return notes
