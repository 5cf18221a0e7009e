"""The score on signals whose faults are known: what is asked against what is found, and every injected fault named."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from core.audio import spectrum, stereo
from core.audio.files import decode
from core.audio.mono import heard
from core.kit.children import Children
from core.kit.errors import Cancelled, UserError
from core.kit.paths import reference
from core.music.quality.image import octave_levels
from core.music.quality.scoring import measure, score_file
from core.music.quality.types import Asked, Part, Score, summed
from core.music.service import GENRES
from tests.audio.signals import COLLECTION, RATE, Samples, noise, sine, write
from tests.bench.quality_cases import FAULTS, Case

BPM = 120.0
ASKED = Asked(bpm=BPM, key="A minor", seconds=22.0, ending="resolve")
_CHORDS = ((220.0, 261.63, 329.63), (174.61, 220.0, 261.63), (130.81, 196.0, 329.63), (164.81, 207.65, 246.94))
_MELODY = (440.0, 523.25, 493.88, 659.26, 587.33, 523.25, 698.46, 659.26)


@cache
def song() -> Samples:
    """Eleven bars in A minor at 120 BPM: chords, bass, a beat and a melody that moves, the last of them ringing out."""
    count = round(22.0 * RATE)
    t = np.arange(count) / RATE
    random = np.random.default_rng(5)
    left, right = np.zeros(count), np.zeros(count)
    for bar in range(11):
        at, chord = bar * 2 * RATE, _CHORDS[bar % 4 if bar < 10 else 0]
        place = np.arange(min(2 * RATE, count - at)) / RATE
        ring = np.exp(-place * (0.5 if bar < 10 else 2.5))
        for number, hertz in enumerate(chord):
            wave = 0.06 * ring * sum(np.sin(2 * np.pi * hertz * k * place) / k for k in (1, 2, 3))
            left[at : at + wave.size] += wave * (1.3 if number % 2 else 0.7)
            right[at : at + wave.size] += wave * (0.7 if number % 2 else 1.3)
        for beat in range(4 if bar < 10 else 1):
            start = at + beat * RATE // 2
            hit = np.arange(RATE // 4) / RATE
            kick = 0.4 * np.exp(-hit * 25) * np.sin(2 * np.pi * 55 * hit)
            tick = 0.12 * np.exp(-hit * 60) * random.standard_normal(hit.size)
            hertz = _MELODY[(bar * 3 + beat * (1 + bar % 3)) % 8]
            tune = 0.1 * np.exp(-hit * 6) * np.sin(2 * np.pi * hertz * hit)
            left[start : start + hit.size] += kick + tick + tune
            right[start : start + hit.size] += kick - 0.5 * tick + 0.6 * tune
    left += 1e-4 * random.standard_normal(t.size)
    return np.stack([left, right]).astype(np.float32) * np.float32(0.9)


@cache
def good() -> Score:
    return measure(song(), RATE, ASKED)


def spoilt(fault: str) -> tuple[Score, tuple[str, ...]]:
    named, _, put = FAULTS[fault]
    case = put(Case("song", "made", song(), RATE, ASKED), np.random.default_rng(3))
    return measure(case.samples.astype(np.float32), RATE, case.asked), named


def test_a_sound_piece_has_no_flags() -> None:
    score = good()
    assert score.flags == ()
    assert score.total > 85
    assert score.part("tempo").value == pytest.approx(BPM, rel=0.005)
    assert score.part("key").value == "A minor"


@pytest.mark.parametrize(
    "fault",
    ["clipped", "broken off", "2 s of silence", "tempo 15 % off", "another key", "mono", "hum", "one bar 16 times",
     "clicks", "too quiet", "nothing above 4 kHz", "one side inverted", "shifted from zero", "another length"],
)  # fmt: skip
def test_every_fault_lowers_the_total_and_is_named(fault: str) -> None:
    score, named = spoilt(fault)
    assert score.total < good().total
    assert set(named) & set(score.flags), [(part.name, part.value, part.note) for part in score.parts if part.counts]


def test_a_loop_is_judged_at_its_seam() -> None:
    whole = song()[:, : 20 * RATE]
    asked = Asked(bpm=BPM, loopable=True)
    fine = measure(whole, RATE, asked)
    assert "seam" not in fine.flags
    assert fine.part("ending").note == "A loop does not end."
    short = measure(whole[:, : -round(0.2 * RATE)], RATE, asked)
    assert "seam" in short.flags
    assert "rhythm stumbles" in short.part("seam").note
    clicking = whole.copy()
    clicking[:, -1] += 0.3
    assert "seam" in measure(clicking, RATE, asked).flags


def test_half_tempo_is_said_and_costs_a_little() -> None:
    ticks = np.zeros((2, 16 * RATE), dtype=np.float32)
    burst = np.random.default_rng(2).standard_normal((2, 1000)).astype(np.float32) * 0.3
    for beat in range(22):
        ticks[:, beat * 32000 + 500 : beat * 32000 + 1500] += burst  # 82.7 BPM, and nothing in between
    part = measure(ticks, RATE, Asked(bpm=165.4)).part("tempo")
    assert part.counts
    assert part.value == pytest.approx(165.4, rel=0.01) or (part.score == 0.7 and "half" in part.note)


def test_a_drone_is_not_called_out_of_time() -> None:
    """Played three times over it repeats, faintly, at any tempo: at 72 BPM a little more than at the asked one."""
    random = np.random.default_rng(1)
    t = np.arange(5 * RATE) / RATE
    grains = np.zeros(t.size)
    for at in random.uniform(0, 4.6, 14):
        place = t - at
        ring = np.where(place > 0, np.exp(-8 * np.maximum(place, 0)), 0)
        grains += random.uniform(0.2, 1) * ring * np.sin(2 * np.pi * random.choice((196, 294, 392)) * t)
    held = 0.1 * np.sum([np.sin(2 * np.pi * hertz * t) for hertz in (98, 196, 294)], axis=0)
    part = measure(np.tile(np.asarray(held + 0.15 * grains, np.float32), (2, 3)), RATE, Asked(bpm=97.0)).part("tempo")
    assert not part.counts
    assert "too faint" in part.note


@pytest.mark.parametrize(
    ("asked", "score"), [("A minor", 1.0), ("C major", 0.7), ("E minor", 0.5), ("A major", 0.4), ("Eb minor", 0.0)]
)
def test_keys_are_graded_by_how_near_they_are(asked: str, score: float) -> None:
    assert measure(song(), RATE, replace(ASKED, key=asked)).part("key").score == score


def test_what_was_not_asked_weighs_nothing() -> None:
    score = measure(song(), RATE, Asked())
    for name in ("tempo", "key", "length", "balance", "talking", "seam", "agreement"):
        assert not score.part(name).counts
        assert score.part(name).note


def test_a_genre_without_a_reference_says_so() -> None:
    score = measure(song(), RATE, Asked(genre="ambient"))
    assert score.part("balance").note == "There is no reference for this genre."
    assert not score.part("balance").counts
    assert measure(song(), RATE, Asked(genre="pop")).part("balance").counts


def test_silence_is_nothing() -> None:
    score = measure(np.zeros((2, 5 * RATE), dtype=np.float32), RATE, ASKED)
    assert score.total == 0
    assert score.flags == ("silence",)
    assert [part.name for part in score.parts if part.counts] == ["silence"]
    assert {part.name for part in score.parts} == set(reference("music/quality")["parts"])


def test_noise_and_a_tone_are_measured_too() -> None:
    for sound in (noise(6.0), sine(440.0, 6.0, channels=2), sine(440.0, 1.2)):
        score = measure(sound, RATE, Asked(bpm=100.0, key="C major", seconds=6.0))
        assert 0 <= score.total <= 100
        assert all(0 <= part.score <= 1 for part in score.parts)


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(UserError, match="shorter than a second"):
        measure(noise(0.5), RATE, Asked())
    broken = noise(2.0)
    broken[0, 100] = np.nan
    with pytest.raises(UserError, match="not numbers"):
        measure(broken, RATE, Asked())
    with pytest.raises(UserError, match="longer than 15 minutes"):
        measure(np.zeros((1, 901 * 1000), dtype=np.float32), 1000, Asked())


def test_every_part_of_the_rules_is_told_and_plain() -> None:
    score = good()
    told = score.as_dict()
    assert [part["name"] for part in told["parts"]] == [part.name for part in score.parts]
    assert {part.name for part in score.parts} == set(reference("music/quality")["parts"])
    for part in score.parts:
        assert part.note.endswith(".")
        assert part.title


def test_many_good_parts_do_not_buy_off_a_bad_one() -> None:
    fine = tuple(Part(f"p{n}", "", 1.0, "", "", 1.0, 1.0, "") for n in range(9))
    bad = Part("bad", "", 0.0, "", "", 0.0, 1.0, "")
    score = summed((*fine, bad), 0.05, 0.5)
    assert score.flags == ("bad",)
    assert score.total == pytest.approx(100 * 0.05**0.1, abs=0.1)
    unasked = replace(bad, weight=0.0)
    assert summed((*fine, unasked), 0.05, 0.5).total == 100


def test_asked_takes_what_it_knows_of_a_request() -> None:
    asked = Asked.of({"bpm": 90.0, "key": None, "mood": "calm", "seconds": 30.0, "loopable": True, "seed": 3})
    assert asked == Asked(bpm=90.0, seconds=30.0, loopable=True)


def test_a_file_is_scored_in_a_child(tmp_path: Path) -> None:
    children = Children(1)
    try:
        path = write(tmp_path / "song.wav", song())
        stages: list[str] = []
        score = score_file(children, path, ASKED, progress=lambda stage, fraction: stages.append(stage))
        assert score.flags == ()
        assert stages[0] == "Reading"
        with pytest.raises(Cancelled):
            score_file(children, path, ASKED, cancelled=lambda: True)
        bad = tmp_path / "no.wav"
        bad.write_bytes(b"<html>not a sound</html>")
        with pytest.raises(UserError):
            score_file(children, bad, ASKED)
    finally:
        children.close()


@pytest.mark.skipif(not COLLECTION.is_dir(), reason="the collection of real recordings is not here")
@pytest.mark.parametrize("name", list(reference("music/quality")["references"]))
def test_a_reference_is_what_its_recording_measures(name: str) -> None:
    row = reference("music/quality")["references"][name]
    audio = decode(COLLECTION / row["file"])
    shape = octave_levels(spectrum.measure(heard(audio.samples), audio.sample_rate))
    assert shape == pytest.approx(row["octaves_db"], abs=0.1)
    sums = stereo.measure(audio.samples, audio.sample_rate)
    assert sums is not None
    assert 100 * stereo.image(sums)["width"] == pytest.approx(row["width_percent"], abs=0.1)


def test_every_family_has_its_reference_and_every_genre_one_or_none() -> None:
    read = reference("music/quality")
    assert set(read["families"].values()) == set(read["references"])
    assert set(read["families"]) <= set(GENRES)
