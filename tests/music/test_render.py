"""From a small score to a master: exact length, stems that add up, loudness, endings, loops."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.audio.loudness import integrated_lufs, true_peak_dbtp
from core.music.composer.score import Note, Part, Score, Section
from core.music.composer.synth import RenderedMusic, render
from core.music.composer.synth.bus import ducking
from core.music.composer.synth.excerpt import excerpt
from core.music.composer.synth.plan import lines_of
from core.music.composer.synth.shape import SAMPLE_RATE, Sound

BPM, BARS = 120.0, 4
CHORDS = ((48, (60, 64, 67)), (45, (57, 60, 64)), (41, (57, 60, 65)), (43, (55, 59, 62)))


def small_score(**more: object) -> Score:
    drums, bass, keys, pad, lead = [], [], [], [], []
    for bar in range(BARS):
        root, chord = CHORDS[bar % 4]
        beat = bar * 4.0
        for q in range(4):
            drums.append(Note(beat + q, 0.25, 36 if q % 2 == 0 else 38, 104))
            lead.append(Note(beat + q, 0.9, chord[q % 3] + 12, 70 + 10 * q))
        for q in range(8):
            drums.append(Note(beat + q / 2, 0.25, 46 if q == 7 else 42, 64 + 4 * q))
            bass.append(Note(beat + q / 2, 0.45, root - 12, 96))
        keys += [Note(beat, 3.9, pitch, 84) for pitch in chord]
        pad += [Note(beat, 4.0, pitch, 72) for pitch in chord]
    parts = (
        Part("kit", "drums", "drums", "kit_house", tuple(drums)),
        Part("bass", "bass", "bass", "synth_bass", tuple(bass)),
        Part("piano", "chords", "chords", "electric_piano", tuple(keys), pan=-0.2),
        Part("pad", "pad", "texture", "warm_pad", tuple(pad)),
        Part("flute", "lead", "lead", "flute", tuple(lead), pan=0.2),
    )
    sections = (Section("verse", 0, 2, 0.4, ("C", "Am")), Section("chorus", 2, 2, 0.8, ("F", "G")))
    score = Score(
        "small", "house", "happy", BPM, "C major", 4, BARS, BARS * 2.0, "medium", 1, False, "resolve", parts, sections
    )
    return replace(score, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notes")


@pytest.fixture(scope="module")
def piece(bank: Path) -> RenderedMusic:
    return render(small_score(), bank=bank)


def db(sound: Sound) -> float:
    return 20 * float(np.log10(np.sqrt(np.square(sound, dtype=np.float64).mean()) + 1e-12))


def test_length_shape_and_stems(piece: RenderedMusic) -> None:
    assert piece.mix.shape == (2, round(8.0 * SAMPLE_RATE))
    assert piece.mix.dtype == np.float32
    assert list(piece.stems) == ["drums", "bass", "chords", "lead", "texture"]
    assert all(stem.shape == piece.mix.shape and np.isfinite(stem).all() for stem in piece.stems.values())
    assert piece.notes == 120
    assert piece.distinct_notes < 80


@pytest.mark.parametrize("seconds", [3.0, 7.123, 8.9])
def test_any_length_is_met_to_the_sample(bank: Path, seconds: float) -> None:
    assert render(small_score(seconds=seconds), bank=bank).mix.shape[1] == round(seconds * SAMPLE_RATE)


def test_float_stems_null_against_the_mix(piece: RenderedMusic) -> None:
    rest = piece.mix - np.sum(list(piece.stems.values()), axis=0)
    assert np.abs(rest).max() < 1e-4
    assert db(rest) < -100


def test_loudness_and_true_peak(piece: RenderedMusic) -> None:
    measured, peak = integrated_lufs(piece.mix, SAMPLE_RATE), true_peak_dbtp(piece.mix, SAMPLE_RATE)
    assert measured is not None
    assert measured == pytest.approx(-14.0, abs=0.3)
    assert measured == pytest.approx(piece.lufs, abs=0.01)
    assert peak is not None
    assert peak <= -1.29
    assert np.abs(piece.mix.mean(axis=1)).max() < 1e-3


def test_the_lows_are_in_the_middle_and_the_rest_is_wide(piece: RenderedMusic) -> None:
    from core.music.composer.synth.shape import high, low

    side, middle = piece.mix[0] - piece.mix[1], piece.mix[0] + piece.mix[1]
    assert db(low(side, 90)) < db(low(middle, 90)) - 12
    assert -25 < db(high(side, 400)) - db(high(middle, 400)) < 0


def test_the_same_score_gives_the_same_bytes_cold_and_warm(piece: RenderedMusic, bank: Path, tmp_path: Path) -> None:
    warm, cold = render(small_score(), bank=bank), render(small_score(), bank=tmp_path, workers=1)
    assert warm.rendered_notes == 0
    assert cold.rendered_notes == cold.distinct_notes
    for other in (warm, cold):
        assert other.mix.tobytes() == piece.mix.tobytes()
        assert all(other.stems[name].tobytes() == stem.tobytes() for name, stem in piece.stems.items())


def test_a_loop_is_seamless(bank: Path) -> None:
    loop = render(small_score(loopable=True), bank=bank)
    assert loop.mix.shape[1] == 8 * SAMPLE_RATE
    assert loop.lufs == pytest.approx(-14.0, abs=0.3)
    twice = np.concatenate([loop.mix, loop.mix], axis=1)
    # A click is a second difference that stands out. The kick on the first beat is quiet 2 ms before its own peak.
    bend = np.abs(np.diff(twice, n=2, axis=1)).max(axis=0)
    seam = bend[loop.mix.shape[1] - 6 : loop.mix.shape[1] + 2].max()
    on_beats = [bend[beat * SAMPLE_RATE // 2 - 6 : beat * SAMPLE_RATE // 2 + 2].max() for beat in range(4, 15, 4)]
    assert seam <= 1.5 * max(on_beats)
    # What rings past the end is heard at the start: the room does not fall silent at the seam.
    texture = loop.stems["texture"]
    start, later = texture[:, : SAMPLE_RATE // 20], texture[:, 2 * SAMPLE_RATE : 2 * SAMPLE_RATE + SAMPLE_RATE // 20]
    assert db(start) > db(later) - 9


def test_endings(bank: Path) -> None:
    cut = render(small_score(ending="cut", seconds=9.0), bank=bank).mix
    assert np.abs(cut[:, round(8.0 * SAMPLE_RATE) :]).max() == 0
    assert db(cut[:, round(7.9 * SAMPLE_RATE) : round(7.97 * SAMPLE_RATE)]) > -40
    ring = render(small_score(ending="resolve", seconds=11.0, tail_s=3.0), bank=bank).mix
    assert db(ring[:, round(8.1 * SAMPLE_RATE) : round(8.6 * SAMPLE_RATE)]) > -50
    assert np.abs(ring[:, -1]).max() < 1e-4
    fade = render(small_score(ending="fade"), bank=bank).mix
    levels = [db(fade[:, round(at * SAMPLE_RATE) : round((at + 0.5) * SAMPLE_RATE)]) for at in (5.0, 6.5, 7.5)]
    assert levels[0] > levels[1] > levels[2] + 6
    assert np.abs(fade[:, -1]).max() == 0


def test_sections_carry_seconds(piece: RenderedMusic) -> None:
    assert [(s["name"], s["start_s"], s["end_s"]) for s in piece.sections] == [
        ("verse", 0.0, 4.0),
        ("chorus", 4.0, 8.0),
    ]


def test_the_kick_ducks_the_bass() -> None:
    curve = ducking([SAMPLE_RATE], 2 * SAMPLE_RATE, 0.6, SAMPLE_RATE / 2)
    assert curve[SAMPLE_RATE - 1000] == 1
    assert curve[SAMPLE_RATE + 50] == pytest.approx(0.4, abs=0.03)
    assert curve[-1] == 1
    assert np.abs(np.diff(curve)).max() < 0.01


def test_an_open_hat_is_closed_by_the_next_closed_one() -> None:
    (drums, *_) = lines_of(small_score())
    opened = [event for event in drums.events if event.key.pitch == 46]
    assert [event.held for event in opened[:-1]] == [round(0.25 * SAMPLE_RATE)] * (len(opened) - 1)
    assert opened[-1].held is None


def test_rock_guitars_go_through_one_amplifier(bank: Path) -> None:
    fifth = (Note(0.0, 6.0, 40, 100), Note(0.0, 6.0, 47, 100))
    alone = Part("guitar", "chords", "chords", "distorted_guitar", fifth)
    sound = render(small_score(parts=(alone,), genre="rock", seconds=3.0), bank=bank).mix
    power = np.abs(np.fft.rfft(sound[0, 8000:100_000] * np.hanning(92_000))) ** 2
    hz = np.fft.rfftfreq(92_000, 1 / SAMPLE_RATE)
    difference = power[(hz > 39) & (hz < 43)].max()  # E2 and B2 beat at E1: there only if they meet in the amplifier
    assert 10 * np.log10(difference / power[(hz > 80) & (hz < 85)].max()) > -30


def test_an_empty_score_is_silence(bank: Path) -> None:
    silent = render(small_score(parts=()), bank=bank)
    assert silent.mix.shape == (2, 8 * SAMPLE_RATE)
    assert not silent.mix.any()


def test_progress_runs_through_the_stages(bank: Path) -> None:
    seen: list[tuple[str, float]] = []
    render(small_score(), bank=bank, progress=lambda stage, fraction: seen.append((stage, fraction)))
    assert list(dict.fromkeys(stage for stage, _ in seen)) == ["Rendering notes", "Mixing", "Mastering"]
    assert all(0 <= fraction <= 1 for _, fraction in seen)


def test_an_excerpt_is_the_fullest_section() -> None:
    long = small_score(
        bars=40, seconds=80.0, sections=(Section("verse", 0, 20, 0.3, ("C",) * 20), Section("drop", 20, 20, 0.9, ("F",) * 20)),
        parts=(Part("p", "chords", "chords", "grand_piano", tuple(Note(b, 1.0, 60 + b % 7, 80) for b in range(160))),),
    )  # fmt: skip
    short = excerpt(long)
    assert short.seconds == pytest.approx(10.0)
    assert short.sections[0].name == "drop"
    assert [note.pitch for note in short.parts[0].notes[:3]] == [60 + 80 % 7, 60 + 81 % 7, 60 + 82 % 7]
    assert short.parts[0].notes[0].beat == 0
    assert excerpt(small_score()) == small_score()
