"""Bass lines: patterns of roots, fifths and approaches, and a walking line."""

from __future__ import annotations

import random

from core.music.composer.form import Stretch
from core.music.composer.harmony import Timeline
from core.music.composer.instruments import INSTRUMENTS
from core.music.composer.patterns import play
from core.music.composer.plan import Plan
from core.music.composer.score import Note
from core.music.composer.theory import Chord, chord_scale, nearest

Roots = dict[float, int]
"""The bass note of each chord, by the beat on which the chord begins"""


def roots_of(timeline: Timeline, instrument: str) -> Roots:
    """Each as near as possible to the one before: known before the chords are voiced, so that those can move against
    it."""
    facts = INSTRUMENTS[instrument]
    found: Roots = {}
    pitch = facts.low + 8
    for span in timeline.spans:
        pitch = nearest(pitch, (span.chord.bass,), facts.low, min(facts.high, facts.low + 17))
        found[span.beat] = pitch
    return found


def bass_line(
    plan: Plan, stretch: Stretch, timeline: Timeline, pattern: str, instrument: str, roots: Roots
) -> list[Note]:
    if pattern == "walk":
        return _walk(plan, stretch, timeline, instrument)
    facts = INSTRUMENTS[instrument]
    start = float(stretch.start_bar * plan.beats_per_bar)
    level = round(70 + 34 * stretch.energy)
    notes: list[Note] = []
    fresh = True
    for hit in play(pattern, stretch.bars * plan.beats_per_bar, plan.feel, plan.beats_per_bar):
        beat = start + hit.beat
        span = timeline.at(beat)
        cut = span.end - beat
        too_early = hit.sign == "a" and timeline.after(beat).beat - beat > 1.01
        new = hit.sign in "5378" and abs(beat - span.beat) < 0.3  # a new chord is met on its root
        sign = "R" if too_early or new else hit.sign
        there = timeline.after(beat)
        pitch = _pitch(sign, plan, span.chord, there.chord, roots[span.beat], roots[there.beat], facts.low, facts.high)
        accent = 8 if beat % plan.beats_per_bar < 0.01 or fresh else 0 if beat % 1.0 < 0.01 else -6
        fresh = False
        notes.append(Note(beat, min(hit.beats, cut) * 0.94, pitch, level + accent - (10 if sign in "a8" else 0)))
        notes += _after_change(hit.beats, cut, beat, timeline, roots, level)
    return notes


def _after_change(beats: float, cut: float, beat: float, timeline: Timeline, roots: Roots, level: int) -> list[Note]:
    """A held note meets a new chord: the new root is struck."""
    if beats - cut < 0.4:
        return []
    span = timeline.at(beat + cut + 1e-3)
    return [Note(beat + cut, min(beats - cut, span.beats) * 0.94, roots[span.beat], level)]


def _pitch(sign: str, plan: Plan, here: Chord, there: Chord, root: int, target: int, low: int, high: int) -> int:
    ceiling = min(high, low + 17)
    if sign == "5":
        classes = (here.fifth,)
        return nearest(root + (7 if root + 7 <= ceiling else -5), classes, low, high)
    if sign == "8":
        return root + 12 if root + 12 <= high else root - 12 if root - 12 >= low else root
    if sign == "3":
        return nearest(root + 4, (here.third,), low, high)
    if sign == "7":
        scale = chord_scale(here, plan.key)
        below = [p for p in range(root - 3, root) if p % 12 in scale]
        return below[-1] if below and below[-1] >= low else root
    if sign == "a":
        scale = (*chord_scale(here, plan.key), there.fifth)
        side = -1 if root < target or (root == target and target - 2 >= low) else 1
        steps = [p for p in (target + 2 * side, target + side) if p % 12 in scale and low <= p <= high]
        return steps[0] if steps else root
    return root


def _walk(plan: Plan, stretch: Stretch, timeline: Timeline, instrument: str) -> list[Note]:
    """A note a beat: root on the change, chord and scale tones between, a half or whole step into the next root."""
    facts, rng = INSTRUMENTS[instrument], plan.rng("walk", stretch.start_bar)
    start = stretch.start_bar * plan.beats_per_bar
    level = round(72 + 26 * stretch.energy)
    low, high = facts.low, facts.high - 5
    step = 1.0 * plan.feel if plan.feel >= 1 else 1.0
    pitch, heading = low + 10, 1
    notes: list[Note] = []
    beat = float(start)
    end = start + stretch.bars * plan.beats_per_bar
    while beat < end - 1e-6:
        span = timeline.at(beat)
        here, there = span.chord, timeline.after(beat).chord
        if abs(beat - span.beat) < 0.01:
            pitch = nearest(pitch, (here.bass,), low, high)
        elif span.end - beat <= step + 0.01:
            pitch = _approach(pitch, nearest(pitch, (there.bass,), low, high), rng)
        else:
            pitch = _onward(pitch, heading, here, plan, rng)
        if not low + 2 <= pitch <= high - 2:
            heading = 1 if pitch < (low + high) / 2 else -1
            pitch = min(max(pitch, low), high)
        elif rng.random() < 0.2:
            heading = -heading
        accent = 4 if (beat - start) % 2 >= 1 else 0
        notes.append(Note(beat, 0.92 * step, pitch, level + accent + rng.randint(-3, 3)))
        if rng.random() < 0.1 * stretch.energy and step == 1.0:  # a skipped eighth, ghosted
            notes.append(Note(beat + 0.5, 0.3, pitch, level - 24))
        beat += step
    return notes


def _approach(pitch: int, target: int, rng: random.Random) -> int:
    side = 1 if pitch > target else -1
    if pitch == target:
        side = rng.choice((-1, 1))
    return target + side * rng.choice((1, 1, 2))


def _onward(pitch: int, heading: int, here: Chord, plan: Plan, rng: random.Random) -> int:
    classes = here.classes if rng.random() < 0.6 else chord_scale(here, plan.key)
    options = [p for p in range(pitch - 7, pitch + 8) if p % 12 in classes and p != pitch]
    ahead = [p for p in options if (p - pitch) * heading > 0] or options
    return min(ahead, key=lambda p: abs(p - pitch) + rng.random() * 2)
