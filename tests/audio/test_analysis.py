"""Tempo, key, loudness and faults of signals whose truth is known; run in child processes that die on request."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.audio import defects
from core.audio.analysis import Analysis, analyse, camelot
from core.audio.files import decode
from core.audio.loudness import integrated_lufs
from core.kit.children import Children
from core.kit.errors import Cancelled, ProviderError, UserError

from .signals import COLLECTION, MEDIA, RATE, metronome, noise, piece, sine, write


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    pool = Children(limit=1)
    yield pool
    pool.close()


def chords(root: float, third: int, seconds: float = 8.0) -> np.ndarray:
    """I, IV, V, I of a key with its third, plucked twice a second."""
    t = np.arange(round(seconds * RATE)) / RATE
    track = np.zeros(t.size)
    for number, step in enumerate((0, 5, 7, 0)):
        major = 4 if step == 7 else third
        here = (t >= number * seconds / 4) & (t < (number + 1) * seconds / 4)
        for interval in (0, major, 7, 12):
            track += here * np.sin(2 * np.pi * root * 2 ** ((step + interval) / 12) * t) * np.exp(-((t * 2) % 1) * 3)
    return (track * 0.1).astype(np.float32)[None]


@pytest.mark.parametrize("bpm", [72.0, 100.0, 128.0, 174.0])
def test_the_tempo_of_a_metronome(bpm: float, children: Children, tmp_path: Path) -> None:
    found = analyse(write(tmp_path / "m.wav", metronome(bpm)), children)
    assert any(candidate == pytest.approx(bpm, rel=0.005) for candidate in found.bpm_candidates)
    assert found.bpm_confidence > 0.5
    asked = analyse(tmp_path / "m.wav", children, expected_bpm=bpm)
    assert asked.bpm == pytest.approx(bpm, rel=0.005)


def test_a_tempo_fifteen_per_cent_off_is_not_confirmed(children: Children, tmp_path: Path) -> None:
    found = analyse(write(tmp_path / "m.wav", metronome(120.0)), children, expected_bpm=138.0)
    assert found.bpm == pytest.approx(120, rel=0.01)


@pytest.mark.parametrize(
    ("root", "third", "key"), [(261.63, 4, "C major"), (220.0, 3, "A minor"), (293.66, 3, "D minor")]
)
def test_the_key_of_a_cadence(root: float, third: int, key: str, children: Children, tmp_path: Path) -> None:
    found = analyse(write(tmp_path / "c.wav", chords(root, third)), children)
    assert found.key == key
    assert found.camelot == camelot(key)
    assert found.key_confidence > 0.5


def test_the_dj_wheel() -> None:
    pairs = {"C major": "8B", "A minor": "8A", "F# minor": "11A", "Db major": "3B", "Bb minor": "3A", "E major": "12B"}
    assert {key: camelot(key) for key in pairs} == pairs


@pytest.mark.parametrize("seconds", [0.02, 0.3, 1.5])
def test_short_files_have_no_tempo_but_an_answer(seconds: float, children: Children, tmp_path: Path) -> None:
    found = analyse(write(tmp_path / "s.wav", sine(440, seconds)), children)
    assert found.duration_s == pytest.approx(seconds, abs=0.001)
    assert found.bpm is None
    assert found.lufs is not None
    json.dumps(found.as_dict())


def test_silence_has_neither_tempo_nor_key(children: Children, tmp_path: Path) -> None:
    found = analyse(write(tmp_path / "s.wav", np.zeros((2, 10 * RATE), np.float32)), children)
    assert (found.lufs, found.true_peak_dbtp, found.bpm, found.key) == (None, None, None, None)
    assert [problem.kind for problem in found.problems] == ["silence"]
    json.dumps(found.as_dict(), allow_nan=False)


def test_speech_has_no_beat_and_a_clean_take_no_faults(children: Children) -> None:
    found = analyse(MEDIA / "clean_control.flac", children)
    assert found.bpm_confidence < 0.25
    assert found.problems == ()
    assert set(found.as_dict()) >= {
        "duration_s", "bpm", "bpm_candidates", "key", "camelot", "lufs", "true_peak_dbtp", "problems",
    }  # fmt: skip


def test_a_damaged_file_is_analysed_and_says_so(children: Children) -> None:
    assert analyse(MEDIA / "truncated.mp3", children).warnings


def test_bad_files_are_refused_across_the_process_border(children: Children, tmp_path: Path) -> None:
    samples = sine(440, 2)
    samples[0, 5] = np.nan
    with pytest.raises(UserError, match="not numbers"):
        analyse(write(tmp_path / "nan.wav", samples), children)
    with pytest.raises(UserError, match="not a sound file"):
        analyse(MEDIA / "text_renamed.wav", children)
    with pytest.raises(UserError, match="BPM"):
        analyse(MEDIA / "aac.m4a", children, expected_bpm=float("nan"))


def test_cancelling_kills_the_work(tmp_path: Path) -> None:
    pool = Children(limit=1)
    path = write(tmp_path / "long.wav", noise(200, 0.2))
    stages: list[str] = []
    with pytest.raises(Cancelled):
        analyse(path, pool, progress=lambda stage, _: stages.append(stage), cancelled=lambda: len(stages) >= 2)
    with pytest.raises(ProviderError, match="time limit"):
        analyse(path, pool, timeout_s=0.3)
    started = time.monotonic()
    assert isinstance(analyse(MEDIA / "very_short_20ms.wav", pool), Analysis)
    assert time.monotonic() - started < 60  # the one slot is free again: nothing still works on the long file
    pool.close()


def kinds(samples: np.ndarray, rate: int) -> set[str]:
    return {problem.kind for problem in defects.find(samples, rate, integrated_lufs(samples, rate))}


def test_each_fault_is_found_and_only_it() -> None:
    clean = decode(MEDIA / "clean_control.flac")
    speech, rate = clean.samples, clean.sample_rate
    assert kinds(speech, rate) == set()
    clipped = np.clip(speech * 8, -1, 1)
    assert kinds(clipped, rate) == {"clipping"}
    assert kinds(clipped * np.float32(0.35), rate) == {"clipping"}
    assert kinds(speech + np.float32(0.08), rate) == {"dc_offset"}
    assert kinds(speech * np.float32(0.01), rate) == {"low_level"}
    both = np.concatenate([speech, speech])
    assert kinds(both, rate) == set()
    assert kinds(both * np.float32([[1], [-1]]), rate) == {"inverted_polarity"}
    assert kinds(both * np.float32([[1], [0]]), rate) == {"dead_channel"}
    hum = decode(MEDIA / "hum_50hz.flac")
    assert kinds(hum.samples, hum.sample_rate) == {"hum"}


def test_silences_and_dropouts_are_placed() -> None:
    clean = decode(MEDIA / "clean_control.flac")
    speech, rate = clean.samples, clean.sample_rate
    still = np.zeros((1, 2 * rate), np.float32)
    parts = np.concatenate([still, speech[:, : 4 * rate], still, speech[:, 4 * rate :], still], axis=1)
    found = {p.kind: p for p in defects.find(parts, rate, -24.0)}
    assert set(found) == {"silence_lead", "silence_gap", "silence_trail"}
    assert found["silence_lead"].end_s == pytest.approx(2, abs=0.1)
    assert (found["silence_gap"].start_s, found["silence_gap"].end_s) == pytest.approx((6, 8), abs=0.1)
    assert found["silence_trail"].start_s == pytest.approx(6 + 2 + 5.995, abs=0.1)
    holed = noise(5, 0.1, 1)
    for at in (1.0, 2.5):
        holed[:, round(at * RATE) : round((at + 0.04) * RATE)] = 0
    drops = [p for p in defects.find(holed, RATE, -20.0) if p.kind == "dropout"]
    assert [p.start_s for p in drops] == pytest.approx([1.0, 2.5], abs=0.001)


@pytest.mark.parametrize(
    "samples", [piece(6), metronome(120, 6), sine(49, 8), sine(61.7, 8), noise(6), sine(1000, 6, 0)]
)
def test_music_and_plain_tones_are_no_faults(samples: np.ndarray) -> None:
    assert kinds(samples, RATE) <= {"silence_trail"}


@pytest.mark.skipif(not COLLECTION.exists(), reason="the larger collection is not beside this repository")
def test_the_fault_collection() -> None:
    truth: dict[str, set[str]] = {
        "clip_hard_0dbfs": {"clipping"}, "clip_hard_then_minus9db": {"clipping"}, "dc_offset": {"dc_offset"},
        "digital_silence_10s": {"silence"}, "near_silence_noise_-85dbfs": {"silence"}, "hum_50hz": {"hum"},
        "dropouts_12x40ms": {"dropout"}, "stereo_right_dead": {"dead_channel"},
        "stereo_polarity_inverted": {"inverted_polarity"}, "very_low_level": {"low_level"},
        "clicks_15": {"click"}, "vinyl_hiss_snr12": {"hiss", "click"},
        "silence_lead_gap_trail": {"silence_lead", "silence_gap", "silence_trail"},
    }  # fmt: skip
    for path in sorted((COLLECTION / "defects").glob("*.flac")):
        audio = decode(path)
        assert kinds(audio.samples, audio.sample_rate) == truth.get(path.stem, set()), path.stem
    quiet_parts = {"silence_lead", "silence_gap", "silence_trail"}
    historic = COLLECTION / "speech" / "jfk.flac"  # it hums, and nobody has said so
    spoken = set((COLLECTION / "speech").glob("*.flac")) - {historic}
    for path in [*sorted(spoken), *(COLLECTION / "stems").glob("*/*.flac")]:
        audio = decode(path)
        assert kinds(audio.samples, audio.sample_rate) <= quiet_parts, path.name
