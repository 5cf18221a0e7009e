"""The facts of a recording, block by block, are those of the whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from core.audio import facts, files, meters, peaks, r128, streaming
from core.kit.errors import UserError
from tests.audio.signals import MEDIA

RATE = 44_100


def music(seconds: float, channels: int = 2) -> NDArray[np.float32]:
    """A loud, low tone, which shows every cut as a peak that is not there, under noise that comes and goes."""
    time = np.arange(round(seconds * RATE)) / RATE
    noise = np.random.default_rng(1).standard_normal((channels, time.size)) * 0.05 * (1 + np.sin(time))
    return np.asarray(0.7 * np.sin(2 * np.pi * 50.3 * time) + noise, dtype=np.float32).clip(-1, 1)


def measured(path: Path, max_seconds: float = 60.0) -> facts.Facts:
    return facts.measure(path, columns=192, max_seconds=max_seconds, max_bytes=2**30)


def of_the_whole(path: Path) -> facts.Facts:
    audio = files.decode(path)
    lufs, dbtp = (meter(audio.samples, audio.sample_rate) for meter in (meters.integrated_lufs, meters.true_peak_dbtp))
    columns = files.peaks(audio.samples, 192)
    return facts.Facts(
        audio.seconds, audio.sample_rate, audio.channels, lufs, dbtp, columns, audio.warnings, audio.format
    )


def assert_same(one: facts.Facts, other: facts.Facts) -> None:
    assert one.duration_s == other.duration_s
    assert (one.sample_rate, one.channels, one.format) == (other.sample_rate, other.channels, other.format)
    assert one.lufs == (None if other.lufs is None else pytest.approx(other.lufs, abs=0.01))
    assert one.true_peak_dbtp == (
        None if other.true_peak_dbtp is None else pytest.approx(other.true_peak_dbtp, abs=0.01)
    )
    assert len(one.peaks) == len(other.peaks)
    assert np.abs(np.subtract(one.peaks, other.peaks)).mean() < 1  # a column of a few samples may begin 2 ms off
    assert one.warnings == other.warnings


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "without_length.flac"])
@pytest.mark.parametrize("block_s", [1.0, 5.0, 20.0])
def test_in_blocks_as_in_one(name: str, block_s: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / name
    soundfile.write(path, music(7.3).T, RATE)
    if "without" in name:
        data = bytearray(path.read_bytes())
        data[21] &= 0xF0
        data[22:26] = bytes(4)
        path.write_bytes(data)
    monkeypatch.setattr(facts, "BLOCK_S", block_s)
    assert_same(measured(path), of_the_whole(path))


@pytest.mark.parametrize("name", ["truncated.mp3", "bitflips.mp3", "hole.ogg", "truncated.flac", "very_short_20ms.wav"])
def test_damage_is_survived_and_told_as_by_the_decoder(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "BLOCK_S", 1.0)
    assert_same(measured(MEDIA / name), of_the_whole(MEDIA / name))


def test_a_hole_in_a_flac_costs_no_more_than_the_hole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One decoder gives up there, the other goes on; nothing is measured twice."""
    monkeypatch.setattr(facts, "BLOCK_S", 1.0)
    path = tmp_path / "hole.flac"
    soundfile.write(path, music(8.0).T, RATE)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = bytes(3000)
    path.write_bytes(data)
    found, whole = measured(path), of_the_whole(path)
    assert found.duration_s == pytest.approx(whole.duration_s, abs=0.2)
    assert found.lufs == pytest.approx(whole.lufs, abs=0.1)
    assert found.warnings
    assert found.warnings == whole.warnings


def test_a_wav_that_breaks_off_says_so(tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    soundfile.write(path, music(3.0).T, RATE)
    path.write_bytes(path.read_bytes()[:-200_000])
    assert_same(measured(path), of_the_whole(path))
    assert "breaks off early" in measured(path).warnings[0]


def test_what_is_no_number_is_found_in_any_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "BLOCK_S", 1.0)
    samples = music(4.0)
    samples[1, -10] = np.nan
    soundfile.write(tmp_path / "nan.wav", samples.T, RATE, subtype="FLOAT")
    with pytest.raises(UserError, match="not numbers"):
        measured(tmp_path / "nan.wav")
    soundfile.write(tmp_path / "long.wav", music(4.0).T, RATE)
    with pytest.raises(UserError, match="longer than 3 seconds"):
        measured(tmp_path / "long.wav", max_seconds=3.0)


@pytest.mark.parametrize("step", [7, 64, 129, 4410])
def test_a_cut_is_no_peak(step: int) -> None:
    sound = music(0.5)
    in_blocks = peaks.TruePeak()
    for start in range(0, sound.shape[1], step):
        in_blocks.feed(sound[:, start : start + step])
    assert in_blocks.dbtp == pytest.approx(meters.true_peak_dbtp(sound, RATE), abs=1e-4)
    assert peaks.TruePeak().dbtp is None


@pytest.mark.parametrize("rate", [100, 3000, 8000, 192_000, 2_000_000, 4_294_967_295])
def test_loudness_in_blocks_at_any_rate_a_header_can_name(rate: int) -> None:
    noise = (np.random.default_rng(2).standard_normal((1, min(rate * 3, 400_000))) * 0.1).astype(np.float32)
    powers = r128.Powers(rate)
    for part in np.array_split(noise, 5, axis=1):
        powers.feed(part)
    whole = meters.integrated_lufs(noise, rate)
    assert whole is not None
    assert r128.integrated(powers.tens) == pytest.approx(whole, abs=0.05)


def test_long_is_what_decodes_to_much_whatever_the_file_weighs(tmp_path: Path) -> None:
    path = tmp_path / "small.flac"
    with soundfile.SoundFile(path, "w", RATE, 1, subtype="PCM_16", format="FLAC") as file:
        for _ in range(25):
            file.write(np.zeros(60 * RATE, dtype=np.int16))
    assert path.stat().st_size < 2**20
    assert streaming.is_long(path) == (True, 1500.0)
    assert streaming.is_long(MEDIA / "very_short_20ms.wav")[0] is False
