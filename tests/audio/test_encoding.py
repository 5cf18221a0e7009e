"""Exports: every format, atomic, repeatable, and on target when decoded again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.audio.files import FORMATS, decode, encode, file_format
from core.audio.loudness import encode_to_target, target
from core.kit.errors import UserError

from .signals import MEDIA, RATE, db, noise, piece, sine


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_comes_back_in_time_and_repeats_byte_for_byte(name: str, tmp_path: Path) -> None:
    chosen = FORMATS[name]
    samples = piece(4.0)
    path = encode(tmp_path / f"a{chosen.extension}", samples, RATE, name)
    heard = decode(path, sample_rate=RATE)
    assert abs(heard.samples.shape[1] - samples.shape[1]) <= (2200 if chosen.lossy else 0)
    assert heard.warnings == ()
    count = min(heard.samples.shape[1], samples.shape[1])
    error = db(float(np.square(heard.samples[:, :count] - samples[:, :count]).mean() / np.square(samples).mean()))
    # A shift of a single frame at the onsets would cost more than this.
    assert error < {"wav16": -60, "wav24": -100, "wav32f": -200, "flac": -100}.get(name, -10)
    again = encode(tmp_path / f"b{chosen.extension}", samples, RATE, name)
    assert again.read_bytes() == path.read_bytes()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [path.name, again.name]


@pytest.mark.parametrize("name", FORMATS)
def test_music_is_on_target_for_whoever_decodes_the_export(name: str, tmp_path: Path) -> None:
    made = encode_to_target(tmp_path / "out", piece(8.0), RATE, name, target("streaming"))
    assert made.lufs == pytest.approx(-14, abs=0.3)
    assert made.dbtp is not None
    assert made.dbtp <= -1.0


@pytest.mark.parametrize("name", ["mp3", "opus", "m4a", "ogg"])
def test_speech_at_16_khz_and_loud_noise_are_on_target_too(name: str, tmp_path: Path) -> None:
    speech = decode(MEDIA / "clean_control.flac")
    for samples, rate in ((speech.samples, speech.sample_rate), (noise(4, 0.9), RATE)):
        made = encode_to_target(tmp_path / "out", samples, rate, name, target("streaming"))
        assert made.lufs == pytest.approx(-14, abs=0.3)
        assert made.dbtp is not None
        assert made.dbtp <= -1.0


def test_sixteen_bits_are_dithered_and_silence_stays_silence(tmp_path: Path) -> None:
    faint = sine(997, 2.0, -100)
    heard = decode(encode(tmp_path / "a.wav", faint, RATE, "wav16")).samples[0]
    tone = np.exp(-2j * np.pi * 997 * np.arange(heard.size) / RATE)
    level = 20 * np.log10(2 * abs(np.mean(heard * tone)))
    assert level == pytest.approx(-100, abs=1)  # under half a step: without dither nothing would be left
    silent = decode(encode(tmp_path / "b.wav", np.zeros((2, RATE), np.float32), RATE, "wav16"))
    assert not silent.samples.any()


def test_overshoot_is_clamped_not_wrapped(tmp_path: Path) -> None:
    heard = decode(encode(tmp_path / "a.wav", sine(100, 0.5, 6), RATE, "wav16")).samples
    assert np.abs(heard).max() <= 1.0
    assert np.abs(np.diff(heard)).max() < 0.1


def test_a_rate_the_codec_cannot_take_is_raised(tmp_path: Path) -> None:
    heard = decode(encode(tmp_path / "a.mp3", sine(440, 1, rate=16000), 16000, "mp3"))
    assert heard.sample_rate == 44100
    assert decode(encode(tmp_path / "a.opus", sine(440, 1), RATE, "opus")).sample_rate == 48000


def test_what_cannot_be_written_is_said_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be written"):
        encode(tmp_path / "no" / "a.wav", sine(440, 1), RATE, "wav16")
    with pytest.raises(UserError, match="cannot be written"):
        encode(tmp_path / "no" / "a.mp3", sine(440, 1), RATE, "mp3")
    with pytest.raises(UserError, match="no sound"):
        encode(tmp_path / "a.wav", np.zeros((2, 0), np.float32), RATE, "wav16")
    with pytest.raises(UserError, match="no export format “exe”"):
        encode(tmp_path / "a.exe", sine(440, 1), RATE, "exe")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UserError):
        encode(tmp_path / "folder", sine(440, 1), RATE, "wav16")
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


def test_a_failed_write_keeps_the_file_that_was_there(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp3", sine(440, 1), RATE, "mp3")
    before = path.read_bytes()
    with pytest.raises(UserError):
        encode(path, np.zeros((5, RATE), np.float32), RATE, "mp3")
    assert path.read_bytes() == before


def test_formats_are_found_by_name_and_extension() -> None:
    assert file_format("wav").name == "wav16"
    assert file_format(".MP4").name == "m4a"
    assert file_format("FLAC").mime == "audio/flac"
