"""Whole files through the presets, measured again from what lies on the disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.audio import meters
from core.audio.voicing import polish as polishing
from core.audio.voicing.polish import Polished, PolishRequest, polish
from core.audio.voicing.presets import Overrides, changed, names, preset
from core.kit.errors import UserError
from tests.audio.voicing.voices import RATE, Samples, hiss, rms_db, vowel, words


def written(path: Path, samples: Samples, rate: int = RATE) -> Path:
    soundfile.write(path, samples.T, rate, subtype="FLOAT")
    return path


def through(
    tmp_path: Path, samples: Samples, name: str, rate: int = RATE, **wishes: object
) -> tuple[Polished, Samples, int]:
    out = tmp_path / "out.wav"
    overrides = Overrides.model_validate(wishes)
    done = polish(PolishRequest(written(tmp_path / "in.wav", samples, rate), out, name, overrides), lambda *_: None)
    read, found = soundfile.read(out, dtype="float32", always_2d=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.wav", "out.wav"], "working files are gone"
    return done, np.ascontiguousarray(read.T), found


VOICE = words(count=8, pause_s=0.45, floor_db=-62.0)
VOICE[:, RATE : RATE + RATE // 5] += hiss(0.2, -27.0)[: RATE // 5].astype(np.float32)
STEREO = np.repeat(VOICE, 2, axis=0)


@pytest.mark.parametrize(
    ("name", "sound", "lufs"),
    [("podcast", VOICE, -19), ("podcast", STEREO, -16), ("video", VOICE, -14), ("video", STEREO, -14)],
)
def test_loudness_and_ceiling(tmp_path: Path, name: str, sound: Samples, lufs: float) -> None:
    done, heard, rate = through(tmp_path, sound, name)
    assert meters.integrated_lufs(heard, rate) == pytest.approx(lufs, abs=0.15)
    peak = meters.true_peak_dbtp(heard, rate)
    assert peak is not None
    assert peak <= -1.0
    assert done.after.lufs == pytest.approx(lufs, abs=0.15)
    assert done.facts["lufs"] == pytest.approx(lufs, abs=0.15)
    assert heard.shape == sound.shape
    assert done.shift_s == 0
    assert done.requirements == ()


def test_an_audiobook_meets_each_requirement(tmp_path: Path) -> None:
    done, heard, rate = through(tmp_path, VOICE, "audiobook", 22_050)
    assert rate == 44_100
    assert -23 <= rms_db(heard) <= -18
    assert float(np.abs(heard).max()) <= 10 ** (-3 / 20)
    assert {row.name: row.passed for row in done.requirements} == dict.fromkeys(
        ["rms", "dbtp", "noise_floor", "head_s", "tail_s", "length_s", "sample_rate"], True
    )
    assert 0.5 <= done.after.head_s <= 1
    assert 1 <= done.after.tail_s <= 5
    # The shift is what the captions go by: the first word is heard that much later.
    assert done.after.head_s - done.before.head_s == pytest.approx(done.shift_s, abs=0.03)
    assert rms_db(heard[:, : rate // 4]) > -90, "room tone, not digital silence"


def test_speech_without_a_pause_gets_room_tone_and_not_a_piece_of_a_word(tmp_path: Path) -> None:
    """Once the end of a word was taken for the room, and buzzed before the first one."""
    time = np.arange(3 * RATE) / RATE
    spoken = vowel(3.0) * (0.25 + 0.75 * np.abs(np.sin(2 * np.pi * 2.5 * time)))
    done, heard, rate = through(tmp_path, spoken.astype(np.float32)[None], "audiobook")
    assert rms_db(heard[:, : rate // 2]) < -70
    assert rms_db(heard[:, -rate:]) < -70
    assert {row.name for row in done.requirements if row.passed} >= {"head_s", "tail_s", "rms", "dbtp"}


def test_a_noisy_recording_fails_the_requirement_and_says_what_helps(tmp_path: Path) -> None:
    """Also with tone put on at both ends: the pauses between the words count."""
    done, _, _ = through(tmp_path, words(floor_db=-38.0), "audiobook")
    row = next(row for row in done.requirements if row.name == "noise_floor")
    assert not row.passed
    assert row.measured is not None
    assert row.measured > -60
    assert "quieter room" in row.remedy


def test_clean_leaves_the_loudness(tmp_path: Path) -> None:
    done, _, _ = through(tmp_path, VOICE, "clean")
    assert done.before.lufs is not None
    assert done.after.lufs == pytest.approx(done.before.lufs, abs=0.7)
    assert done.before.snr_db is not None
    assert done.after.snr_db is not None
    assert done.after.snr_db > done.before.snr_db + 5
    assert done.before.sibilance_db is not None
    assert done.after.sibilance_db is not None
    assert done.after.sibilance_db < done.before.sibilance_db


def test_no_seam_is_heard_where_the_blocks_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = np.concatenate([VOICE, 0.7 * VOICE], axis=1)
    _, whole, _ = through(tmp_path, long, "podcast")
    monkeypatch.setattr(polishing, "BLOCK_S", 3)
    _, pieces, _ = through(tmp_path, long, "podcast")
    assert pieces.shape == whole.shape
    assert rms_db(pieces - whole) < rms_db(whole) - 50


def test_what_a_person_changes(tmp_path: Path) -> None:
    done, heard, rate = through(tmp_path, VOICE, "podcast", lufs=-23, gate=False)
    assert meters.integrated_lufs(heard, rate) == pytest.approx(-23, abs=0.15)
    assert done.before.snr_db is not None
    assert done.after.snr_db is not None
    assert done.after.snr_db < done.before.snr_db + 3


@pytest.mark.parametrize(
    ("name", "wishes", "message"),
    [("audiobook", {"lufs": -16}, "goes by RMS"), ("clean", {"dbtp": -2}, "no limiter"), ("audiobook", {"dbtp": -1}, "above -3")],
)  # fmt: skip
def test_wishes_that_contradict_a_preset(name: str, wishes: dict[str, float], message: str) -> None:
    with pytest.raises(UserError, match=message):
        changed(preset(name), Overrides.model_validate(wishes))


def test_every_preset_names_its_sources() -> None:
    assert set(names()) == {"podcast", "audiobook", "video", "clean"}
    for name in names():
        chosen = preset(name)
        assert all(chosen.sources[key] for key in chosen.sources or {}) if chosen.sources else name == "clean"
    with pytest.raises(UserError, match="no sound preset 'loud'"):
        preset("loud")


def test_silence_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nothing to hear"):
        through(tmp_path, np.zeros((1, RATE), np.float32), "podcast")
    assert [path.name for path in tmp_path.iterdir()] == ["in.wav"]
