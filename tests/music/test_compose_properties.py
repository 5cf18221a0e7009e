"""What holds for every piece, over many random requests."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import get_args

import pytest

from core.music.composer.compose import compose
from core.music.composer.instruments import INSTRUMENTS
from core.music.composer.keys import SHARP_NAMES, parse_key
from core.music.composer.score import Part, Score
from core.music.types import Ending, Genre, Mood, MusicRequest

GENRES, MOODS, ENDINGS = get_args(Genre), get_args(Mood), get_args(Ending)


def random_request(n: int) -> MusicRequest:
    rng = random.Random(n)
    return MusicRequest(
        genre=rng.choice(GENRES),
        mood=rng.choice(MOODS),
        key=f"{rng.choice(SHARP_NAMES)} {rng.choice(('major', 'minor'))}",
        bpm=rng.choice((None, rng.randint(40, 220))),
        seconds=rng.choice((3, 5.5, 8, 15, 30, 47.3, 90, 180)),
        intensity=rng.choice((None, "low", "medium", "high")),
        ending=rng.choice(ENDINGS),
        loopable=rng.random() < 0.2,
        seed=rng.randint(0, 2**31 - 1),
    )


PIECES = [(request, compose(request)) for request in map(random_request, range(70))]


def pitched(score: Score) -> list[Part]:
    return [part for part in score.parts if part.role not in ("drums", "fx")]


def part_of(score: Score, role: str) -> Part | None:
    return next((part for part in score.parts if part.role == role), None)


def test_notes_lie_inside_the_piece_and_the_instrument() -> None:
    for request, score in PIECES:
        end = score.seconds * score.bpm / 60 + 1e-3
        for part in score.parts:
            facts = INSTRUMENTS[part.instrument]
            for note in part.notes:
                assert note.beat >= 0
                assert note.beats > 0
                assert note.beat + note.beats <= end, (request, part.name, note)
                assert 1 <= note.velocity <= 127
                assert facts.low <= note.pitch <= facts.high, (part.instrument, note)


def test_key_bpm_and_length_are_exactly_as_asked() -> None:
    for request, score in PIECES:
        assert request.key is not None
        assert parse_key(score.key) == parse_key(request.key)
        if request.bpm is not None:
            assert score.bpm == request.bpm
        if not request.loopable:
            assert score.seconds == request.seconds


def test_a_loop_is_a_whole_number_of_bars_closest_to_the_length_asked() -> None:
    loops = [(r, s) for r, s in PIECES if r.loopable]
    assert loops
    for request, score in loops:
        bar_s = score.beats_per_bar * 60 / score.bpm
        assert score.seconds == pytest.approx(score.bars * bar_s)
        assert abs(score.seconds - request.seconds) <= bar_s / 2 + 1e-6 or score.bars == 1


def test_a_loop_leads_back_to_its_first_chord() -> None:
    for seed in range(8):
        score = compose(MusicRequest(genre="pop", seconds=32, seed=seed, loopable=True))
        key = parse_key(score.key)
        first, last = score.sections[0].chords[0], score.sections[-1].chords[-1].split()[-1]
        assert first.startswith(key.spell(key.tonic))
        assert last != first
        assert {section.name for section in score.sections}.isdisjoint({"intro", "outro", "ending"})


def test_sections_cover_the_bars_in_order_and_name_a_chord_for_each() -> None:
    for _, score in PIECES:
        assert score.sections[0].start_bar == 0
        for before, after in pairwise(score.sections):
            assert after.start_bar == before.start_bar + before.bars
        assert sum(section.bars for section in score.sections) == score.bars
        for section in score.sections:
            assert len(section.chords) == section.bars
            assert all(section.chords)


def test_something_sounds_from_the_start_to_the_end() -> None:
    for request, score in PIECES:
        beats = score.seconds * score.bpm / 60
        notes = [note for part in score.parts if part.role != "fx" for note in part.notes]
        assert min(note.beat for note in notes) < 0.1
        assert max(note.beat + note.beats for note in notes) > beats - 2.5, request


def test_a_resolving_piece_ends_on_the_tonic_chord() -> None:
    resolving = [(r, s) for r, s in PIECES if s.ending == "resolve" and not s.loopable]
    for request, score in resolving:
        key = parse_key(score.key)
        assert score.sections[-1].chords[-1].split()[-1].startswith(key.spell(key.tonic)), request
        bass = part_of(score, "bass")
        if bass:
            assert bass.notes[-1].pitch % 12 == key.tonic
        tonic_third = {key.tonic, (key.tonic + (4 if key.mode == "major" else 3)) % 12, (key.tonic + 7) % 12}
        lead = part_of(score, "lead")
        if lead:
            assert lead.notes[-1].pitch % 12 in tonic_third


def test_most_notes_belong_to_the_key() -> None:
    shares = []
    for _, score in PIECES:
        scale = set(parse_key(score.key).scale)
        if score.key.endswith("minor"):
            scale.add((parse_key(score.key).tonic + 11) % 12)
        notes = [note for part in pitched(score) for note in part.notes]
        shares.append(sum(note.beats for note in notes if note.pitch % 12 in scale) / sum(n.beats for n in notes))
    assert min(shares) > 0.7
    assert sorted(shares)[len(shares) // 10] > 0.85


def test_the_same_request_gives_the_same_score_and_another_seed_another() -> None:
    for request, score in PIECES[:25]:
        assert compose(request) == score
        other = compose(request.model_copy(update={"seed": (request.seed or 0) ^ 1}))
        assert other.parts != score.parts


@pytest.mark.parametrize("genre", GENRES)
def test_every_mood_composes_in_every_genre(genre: Genre) -> None:
    for n, mood in enumerate(MOODS):
        score = compose(MusicRequest(genre=genre, mood=mood, seconds=20, seed=n))
        assert (score.genre, score.mood) == (genre, mood)
        assert len(pitched(score)) >= 3


@pytest.mark.parametrize("seconds", [3, 4, 10, 60.5, 300, 600])
def test_every_length_composes(seconds: float) -> None:
    for bpm, ending in zip((40, 97.5, 220), ENDINGS, strict=True):
        score = compose(MusicRequest(genre="pop", mood="happy", bpm=bpm, seconds=seconds, seed=4, ending=ending))
        assert score.parts
        assert score.seconds == seconds


def test_longer_pieces_have_contrast() -> None:
    for genre in GENRES:
        score = compose(MusicRequest(genre=genre, seconds=120, seed=8))
        assert len({section.name for section in score.sections}) >= 4
        energies = [section.energy for section in score.sections]
        assert max(energies) - min(energies) > 0.25


def test_the_louder_the_intensity_the_busier_the_louder() -> None:
    for genre in GENRES:
        force = []
        for intensity in ("low", "medium", "high"):
            score = compose(MusicRequest(genre=genre, mood="happy", seconds=60, seed=2, intensity=intensity))  # type: ignore[arg-type]
            force.append(sum(note.velocity for part in score.parts for note in part.notes))
        assert force[0] < force[1] < force[2]


def test_timing_is_human_but_keeps_the_beat() -> None:
    """Kicks sit on the grid (swing aside) to a few milliseconds, others scatter by less than 40 ms."""
    score = compose(MusicRequest(genre="rock", mood="energetic", seconds=60, seed=1, bpm=120))
    drums = part_of(score, "drums")
    assert drums
    downbeats = [n.beat % 1 for n in drums.notes if n.pitch == 36 and min(n.beat % 1, 1 - n.beat % 1) < 0.1]
    assert all(min(offset, 1 - offset) < 1e-3 for offset in downbeats)
    snares = {round(n.beat % 1, 3) for n in drums.notes if n.pitch == 38}
    assert len(snares) > 3
    assert len({n.velocity for n in drums.notes}) > 15
