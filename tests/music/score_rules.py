"""What can be read off a score: strong beats, leaps, parallels, kick and bass, phrase ends, bars that come again."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise

from core.music.composer.compose import write
from core.music.composer.finish import swung
from core.music.composer.form import Frame, lay_out
from core.music.composer.harmony import Timeline, harmonise
from core.music.composer.plan import Plan, plan
from core.music.composer.score import Note, Part, Score
from core.music.types import MusicRequest

KICKS = (35, 36)
SHARP_LEAP = 7
"""Semitones from which a leap asks for an answer: a fifth and more."""


@dataclass(frozen=True)
class Piece:
    plan: Plan
    frame: Frame
    timeline: Timeline
    score: Score

    def part(self, slot: str) -> Part | None:
        named = "melody" if slot == "lead" else slot + ":"
        return next((part for part in self.score.parts if part.name.startswith(named)), None)

    def written(self, part: Part) -> list[Note]:
        """The notes where they stand on paper: swing and the human touch taken out again, to a twelfth of a beat."""
        return [Note(self._straight(n.beat), n.beats, n.pitch, n.velocity) for n in part.notes]

    def _straight(self, beat: float) -> float:
        grid = self.plan.style["grid"]
        near = [round(beat * 12 + k) / 12 for k in range(-5, 6)]
        return min(near, key=lambda b: (round(abs(swung(b, self.plan.swing, grid) - beat), 4), (b * 4) % 1 > 0.01))


def piece(request: MusicRequest) -> Piece:
    made = plan(request)
    frame = lay_out(made)
    return Piece(made, frame, harmonise(made, frame), write(made))


def strong_beats_fit(of: Piece) -> tuple[int, int]:
    """Melody notes on the first and third beat (the first in 3/4) that belong to their chord, and how many there are."""
    melody = of.part("lead")
    if melody is None:
        return 0, 0
    every = 2.0 if of.plan.beats_per_bar == 4 else 3.0
    strong = [n for n in of.written(melody) if n.beat % every < 0.01 and n.beat < of.frame.body_beats]
    return sum(n.pitch % 12 in of.timeline.at(n.beat).chord.classes for n in strong), len(strong)


def leaps_recovered(of: Piece) -> tuple[int, int]:
    """Leaps of a fifth and more inside a phrase that turn back, by less than they leapt, with the next note."""
    melody = of.part("lead")
    if melody is None:
        return 0, 0
    good = total = 0
    notes = of.written(melody)
    for a, b, c in zip(notes, notes[1:], notes[2:], strict=False):
        leap, after = b.pitch - a.pitch, c.pitch - b.pitch
        if abs(leap) < SHARP_LEAP or b.beat - a.beat > 2.01 or c.beat - b.beat > 2.01:
            continue
        total += 1
        good += after * leap < 0 and abs(after) < abs(leap)
    return good, total


def parallels(before: tuple[int, ...], after: tuple[int, ...]) -> int:
    """Pairs of voices that move the same way from one perfect fifth or octave into another."""
    found = 0
    for (a, x), (b, y) in combinations(zip(before, after, strict=True), 2):
        if a != x and b != y and (x - a) * (y - b) > 0:
            found += abs(a - b) % 12 == abs(x - y) % 12 and abs(a - b) % 12 in (0, 7)
    return found


def chords_as_played(of: Piece, slot: str) -> list[tuple[int, ...]]:
    """What sounds together where each chord begins, the bass first; nothing where the part is silent."""
    part, bass = of.part(slot), of.part("bass")
    if part is None:
        return []
    heard: list[tuple[int, ...]] = []
    upper, lower = of.written(part), of.written(bass) if bass else []
    for span in of.timeline.spans:
        notes = sorted({n.pitch for n in upper if n.beat <= span.beat + 0.26 and n.beat + n.beats > span.beat + 0.3})
        roots = [n.pitch for n in lower if span.beat - 0.1 <= n.beat <= span.beat + 0.6]
        heard.append((*roots[:1], *notes) if notes else ())
    return heard


def parallel_share(of: Piece, slot: str) -> tuple[int, int]:
    """Chord changes with at least one parallel, and all changes between chords of as many voices."""
    pairs = [(a, b) for a, b in pairwise(chords_as_played(of, slot)) if a and len(a) == len(b) and a != b]
    return sum(parallels(a, b) > 0 for a, b in pairs), len(pairs)


def kicks_met(of: Piece, reach: float = 0.0) -> tuple[int, int]:
    """Kicks at which the bass sounds or, with a reach, at most so many beats later; where both play."""
    drums, bass = of.part("drums"), of.part("bass")
    if drums is None or bass is None:
        return 0, 0
    low = of.written(bass)
    kicks = sorted({n.beat for n in of.written(drums) if n.pitch in KICKS and n.beat < of.frame.body_beats})
    met = total = 0
    for beat in kicks:
        bar = beat // of.plan.beats_per_bar * of.plan.beats_per_bar
        if not any(bar <= n.beat < bar + of.plan.beats_per_bar for n in low):
            continue
        total += 1
        met += any(n.beat - 0.13 <= beat + reach and n.beat + n.beats > beat + 0.05 for n in low)
    return met, total


def longest_rerun(score: Score) -> int:
    """The longest run of bars each of which, in all its parts at once, was heard before in the piece."""
    bars: list[list[tuple[object, ...]]] = [[] for _ in range(score.bars + 2)]
    for part in score.parts:
        if part.role == "fx":
            continue
        for note in part.notes:
            place = round(note.beat * 4) / 4
            bar = int(place // score.beats_per_bar)
            if bar < len(bars):
                bars[bar].append((part.name, place % score.beats_per_bar, note.pitch))
    seen: set[tuple[object, ...]] = set()
    longest = run = 0
    for bar in bars[: score.bars]:
        content = tuple(sorted(bar, key=str))
        run = run + 1 if content in seen else 0
        longest = max(longest, run)
        seen.add(content)
    return longest


def phrase_ends(of: Piece) -> tuple[int, int, int]:
    """Sections that the melody closes with a long note or a breath; those whose last melody note is of its chord; all
    sections of four bars and more in which it sings to the end."""
    melody = of.part("lead")
    if melody is None:
        return 0, 0, 0
    notes = of.written(melody)
    rests = fits = total = 0
    for stretch in of.frame.stretches:
        begin = stretch.start_bar * of.plan.beats_per_bar
        end = begin + stretch.bars * of.plan.beats_per_bar
        inside = [n for n in notes if begin <= n.beat < end - 0.26]  # later is an upbeat to what follows
        if stretch.bars < 4 or not inside or inside[-1].beat < end - 2 * of.plan.beats_per_bar * of.plan.feel:
            continue
        last = inside[-1]
        following = next((n.beat for n in notes if n.beat > last.beat + 0.01), end + 4)
        total += 1
        rests += following - last.beat >= 1.0
        fits += last.pitch % 12 in of.timeline.at(last.beat).chord.classes
    return rests, fits, total


DOMINANTS = ("V", "bII", "vii")


def section_cadences(of: Piece) -> tuple[int, int]:
    """Sections of four bars and more that end on a dominant (to be resolved by what follows), and all of them."""
    met = total = 0
    for stretch in of.frame.stretches:
        if stretch.bars >= 4:
            end = (stretch.start_bar + stretch.bars) * of.plan.beats_per_bar
            roman = of.timeline.at(end - 0.1).chord.roman.split("^")[0]
            total += 1
            met += roman.startswith(DOMINANTS) and not roman.startswith("VI")
    return met, total
