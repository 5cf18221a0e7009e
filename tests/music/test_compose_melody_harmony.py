"""Voice leading, melody and variety, measured."""

from __future__ import annotations

from itertools import combinations, pairwise
from statistics import mean, median
from typing import get_args

import pytest

from core.kit.paths import reference
from core.music.composer.accompany import voice
from core.music.composer.clarity import margin
from core.music.composer.compose import compose
from core.music.composer.form import lay_out
from core.music.composer.harmony import harmonise
from core.music.composer.melody import Singer
from core.music.composer.plan import plan
from core.music.composer.score import Score
from core.music.types import Genre, MusicRequest

GENRES = get_args(Genre)


def test_chords_move_by_small_steps_and_voices_do_not_cross() -> None:
    distances = []
    for genre in GENRES:
        made = plan(MusicRequest(genre=genre, seconds=90, seed=6))
        timeline = harmonise(made, lay_out(made))
        for slot, instrument in (("pad", "warm_pad"), ("comp", "grand_piano"), ("arp", "harp")):
            voiced = list(voice(timeline, slot, instrument).values())
            assert all(tuple(sorted(set(voices))) == voices for voices in voiced)
            distances += [
                mean(abs(a - b) for a, b in zip(before, after, strict=True)) for before, after in pairwise(voiced)
            ]
    assert mean(distances) < 2.5
    assert max(distances) <= 6


def test_the_chords_state_the_key_asked_for() -> None:
    """By the profiles a key detector uses, with every other key behind."""
    margins = []
    for genre in GENRES:
        for seed, key in enumerate(("F# minor", "Bb major", "A minor", "E major")):
            made = plan(MusicRequest(genre=genre, seconds=45, seed=seed, key=key))
            spans = harmonise(made, lay_out(made)).spans
            margins.append(margin(((span.chord, span.beats) for span in spans), made.key))
    assert min(margins) > 0.05
    assert median(margins) > 0.2


def test_voicings_hold_the_third_and_every_tone_is_of_the_chord() -> None:
    made = plan(MusicRequest(genre="jazz", seconds=120, seed=3))
    timeline = harmonise(made, lay_out(made))
    voiced = voice(timeline, "comp", "grand_piano")
    for span in timeline.spans:
        classes = {pitch % 12 for pitch in voiced[span.beat]}
        assert span.chord.third in classes
        assert classes <= set(span.chord.classes)


@pytest.mark.parametrize("genre", GENRES)
def test_melodies_sing(genre: Genre) -> None:
    """Chord tones on strong beats, mostly steps, leaps bounded, rests between phrases."""
    strong = chord_tones = steps = moves = wide = resting = bars = 0
    for seed in range(6):
        made = plan(MusicRequest(genre=genre, seconds=90, seed=seed))
        frame = lay_out(made)
        timeline = harmonise(made, frame)
        singer = Singer(made, timeline, "soft_lead")
        for stretch in frame.stretches:
            notes = singer.sing(stretch, final=False)
            for note in notes:
                if note.beat % 2 == 0 and note.beats >= 0.45:
                    strong += 1
                    chord_tones += note.pitch % 12 in timeline.at(note.beat).chord.classes
            for a, b in pairwise(notes):
                moves += 1
                steps += abs(a.pitch - b.pitch) <= 2
                wide += abs(a.pitch - b.pitch) > 12
            bars += stretch.bars
            sounding = sum(note.beats for note in notes)
            resting += stretch.bars * made.beats_per_bar - sounding > stretch.bars * 0.25
    assert chord_tones / strong > 0.85
    assert steps / moves > 0.5
    assert wide == 0
    assert resting > 0


def trigrams(score: Score) -> set[tuple[int, ...]]:
    melody = next(part for part in score.parts if part.role == "lead").notes
    intervals = [b.pitch - a.pitch for a, b in pairwise(melody)]
    return {tuple(intervals[i : i + 3]) for i in range(len(intervals) - 2)}


@pytest.mark.parametrize("genre", GENRES)
def test_twenty_seeds_of_a_genre_differ(genre: Genre) -> None:
    scores = [compose(MusicRequest(genre=genre, seconds=40, seed=seed)) for seed in range(20)]
    sets = [trigrams(score) for score in scores]
    overlap = median(len(a & b) / len(a | b) for a, b in combinations(sets, 2))
    assert overlap < 0.35
    progressions = {next(s.chords[:4] for s in score.sections if s.name != "intro") for score in scores}
    assert len(progressions) >= 6
    assert len({score.drum_pattern for score in scores}) >= 4


def test_every_genre_has_a_dozen_progressions_and_six_grooves() -> None:
    for style in reference("music/genres").values():
        for mode in ("major", "minor"):
            pool = {p for group in style["harmony"] for p in reference("music/progressions")[group][mode]}
            assert len(pool) >= 10
        assert len(style["layers"]["drums"]["play"]) >= 6


def test_a_returning_theme_is_varied_but_known() -> None:
    """A chorus that comes back shares most of its notes with the first, and not all."""
    shared = []
    for seed in range(12):
        made = plan(MusicRequest(genre="pop", seconds=120, seed=seed))
        frame = lay_out(made)
        singer = Singer(made, harmonise(made, frame), "soft_lead")
        sung = [(s, singer.sing(s, final=False)) for s in frame.stretches]
        choruses = [(s, notes) for s, notes in sung if s.name == "chorus"][:2]
        if len(choruses) < 2:
            continue
        shapes = [
            {(round(n.beat - s.start_bar * 4, 2), n.pitch) for n in notes if n.beat < s.start_bar * 4 + 16}
            for s, notes in choruses
        ]
        shared.append(len(shapes[0] & shapes[1]) / len(shapes[0] | shapes[1]))
    assert mean(shared) > 0.45
    assert min(shared) < 1.0
