"""The rules of the craft, on scores of every genre: phrases, register, voice leading, bass and kick, melody, repeats."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import combinations, pairwise
from statistics import median
from typing import get_args

import pytest

from core.music.composer.compose import compose
from core.music.composer.form import lay_out
from core.music.composer.instruments import INSTRUMENTS
from core.music.composer.plan import plan
from core.music.composer.score import Note, Score
from core.music.types import Genre, Mood, MusicRequest
from tests.music import score_rules as rules

GENRES, MOODS = get_args(Genre), get_args(Mood)
CHORDAL = ("ambient", "cinematic", "lo-fi", "hip-hop", "pop", "corporate", "folk", "jazz", "orchestral")
CLUB = ("house", "electronic")
LOOPING = ("house", "electronic", "lo-fi", "hip-hop", "ambient")


@cache
def pieces(genre: Genre) -> tuple[rules.Piece, ...]:
    return tuple(
        rules.piece(MusicRequest(genre=genre, mood=MOODS[(5 * seed + len(genre)) % len(MOODS)], seconds=75, seed=seed))
        for seed in range(6)
    )


def share(counts: list[tuple[int, int]]) -> float:
    return sum(met for met, _ in counts) / max(1, sum(total for _, total in counts))


@pytest.mark.parametrize("genre", GENRES)
def test_melody_notes_on_strong_beats_fit_their_chord(genre: Genre) -> None:
    counted = [rules.strong_beats_fit(piece) for piece in pieces(genre)]
    assert sum(total for _, total in counted) > 50
    assert all(met >= 0.85 * total for met, total in counted), counted


@pytest.mark.parametrize("genre", GENRES)
def test_leaps_turn_back(genre: Genre) -> None:
    assert share([rules.leaps_recovered(piece) for piece in pieces(genre)]) >= 0.95


@pytest.mark.parametrize("genre", CHORDAL)
def test_chords_do_not_move_in_parallel_fifths_or_octaves(genre: Genre) -> None:
    """Of all changes, bass included; what remains is where a bar's two chords leave no better way."""
    for slot in ("pad", "comp"):
        counted = [rules.parallel_share(piece, slot) for piece in pieces(genre)]
        assert share(counted) <= 0.03, (slot, counted)


@pytest.mark.parametrize("genre", GENRES)
def test_bass_and_kick_agree(genre: Genre) -> None:
    """The bass sounds on nine kicks of ten; in club music, whose bass answers the kick, within the next half beat."""
    for piece in pieces(genre):
        met, total = rules.kicks_met(piece, 0.51 if genre in CLUB else 0.0)
        assert met >= 0.9 * total, (piece.score.drum_pattern, met, total)


@pytest.mark.parametrize("genre", GENRES)
def test_phrases_have_four_bars_and_close(genre: Genre) -> None:
    for piece in pieces(genre):
        assert all(stretch.bars % 4 == 0 for stretch in piece.frame.stretches[1:])
    ends = [rules.phrase_ends(piece) for piece in pieces(genre)]
    assert sum(total for *_, total in ends) > 10
    assert share([(rests, total) for rests, _, total in ends]) >= 0.9
    assert share([(fits, total) for _, fits, total in ends]) >= 0.9


@pytest.mark.parametrize("genre", GENRES)
def test_sections_end_in_a_cadence(genre: Genre) -> None:
    assert share([rules.section_cadences(piece) for piece in pieces(genre)]) >= (0.6 if genre in LOOPING else 0.9)


@pytest.mark.parametrize("genre", GENRES)
def test_parts_keep_their_register(genre: Genre) -> None:
    for piece in pieces(genre):
        for part in piece.score.parts:
            facts = INSTRUMENTS[part.instrument]
            assert all(facts.low <= note.pitch <= facts.high for note in part.notes)
        middle = {
            part.role: median(note.pitch for note in part.notes)
            for part in piece.score.parts
            if part.role not in ("drums", "fx")
        }
        for role in ("chords", "pad", "lead", "arp"):
            assert "bass" not in middle or role not in middle or middle["bass"] + 7 < middle[role]


@pytest.mark.parametrize("genre", GENRES)
def test_never_sixteen_bars_of_repeats(genre: Genre) -> None:
    for seed in range(3):
        score = compose(MusicRequest(genre=genre, seconds=200, seed=seed))
        assert rules.longest_rerun(score) < 16


def trigrams(score: Score) -> set[tuple[int, ...]]:
    melody = next(part for part in score.parts if part.role == "lead").notes
    intervals = [b.pitch - a.pitch for a, b in pairwise(melody)]
    return {tuple(intervals[i : i + 3]) for i in range(len(intervals) - 2)}


@pytest.mark.long
@pytest.mark.parametrize("genre", GENRES)
def test_fifty_seeds_of_a_genre_differ(genre: Genre) -> None:
    scores = [compose(MusicRequest(genre=genre, seconds=40, seed=seed)) for seed in range(50)]
    sets = [trigrams(score) for score in scores]
    assert median(len(a & b) / len(a | b) for a, b in combinations(sets, 2)) < 0.5
    keys = [plan(MusicRequest(genre=genre, seconds=40, seed=seed)) for seed in range(50)]
    romans = set()
    for made in keys:
        timeline = rules.harmonise(made, lay_out(made))
        first = next((s for s in lay_out(made).stretches if s.name != "intro"), lay_out(made).stretches[0])
        start = first.start_bar * made.beats_per_bar
        romans.add(tuple(span.chord.roman for span in timeline.within(start, start + 4 * made.beats_per_bar)))
    assert len(romans) >= 10
    assert len({score.drum_pattern for score in scores}) >= 6


def altered(piece: rules.Piece, role: str, semitones: int = 0, beats: float = 0.0) -> rules.Piece:
    def moved(note: Note) -> Note:
        return replace(note, pitch=note.pitch + semitones, beat=note.beat + beats)

    parts = tuple(
        replace(part, notes=tuple(map(moved, part.notes))) if part.role == role else part for part in piece.score.parts
    )
    return replace(piece, score=replace(piece.score, parts=parts))


def test_the_rules_notice_what_breaks_them() -> None:
    piece = next(p for p in pieces("pop") if p.part("pad") and p.part("bass"))
    met, total = rules.strong_beats_fit(altered(piece, "lead", semitones=1))
    assert met < 0.6 * total
    assert rules.parallels((36, 55, 64), (38, 57, 65)) == 1  # C to D: the bass and its fifth
    assert rules.parallels((36, 55, 64), (38, 53, 62)) == 0  # against the bass
    assert rules.parallels((36, 48), (36, 48)) == 0  # what stays does not move in parallel
    late = replace(piece.part("bass"), notes=())  # type: ignore[type-var]
    silent = replace(
        piece, score=replace(piece.score, parts=(*[p for p in piece.score.parts if p.role != "bass"], late))
    )
    assert rules.kicks_met(silent) == (0, 0)
    wild = tuple(Note(i * 1.0, 0.9, 60 + 12 * (i % 2) + i, 80) for i in range(8))
    leaping = replace(piece.part("lead"), notes=wild)  # type: ignore[type-var]
    others = tuple(part for part in piece.score.parts if part.role != "lead")
    good, leaps = rules.leaps_recovered(replace(piece, score=replace(piece.score, parts=(*others, leaping))))
    assert leaps > good
    same = replace(
        piece.score, bars=40, parts=(replace(leaping, notes=tuple(Note(float(4 * i), 1.0, 60, 80) for i in range(40))),)
    )
    assert rules.longest_rerun(same) == 39
