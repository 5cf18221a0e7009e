import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.audio.effects import resample
from core.audio.files import decode
from core.kit.errors import UserError
from core.kit.paths import ROOT
from core.voice.matching.bases import say
from core.voice.matching.characteristics import characteristics
from core.voice.matching.profile import Profile, load, measure
from core.voice.matching.world import RATE
from tests.voice.matching.conftest import LEARNT, WOMAN


@pytest.fixture(scope="module")
def reader() -> Profile:
    """10 s of a woman reading, 16 kHz."""
    real = decode(ROOT / "tests" / "media" / "clean_control.flac")
    return measure([(real.samples, real.sample_rate)])


def test_a_real_voice_is_described(reader: Profile) -> None:
    assert 165 < reader.f0_hz < 260
    assert reader.floor_hz < reader.f0_hz < reader.ceiling_hz
    assert 1 < reader.spread_semitones < 6
    assert 13 < reader.tract_cm < 17
    assert 5000 < reader.top_hz <= 8000
    assert reader.tilt_db_per_octave < -3
    assert 2 < reader.peaks_per_second < 6
    assert 2 < reader.voiced_s < 9


def test_what_is_said_of_the_speaker_has_a_confidence(reader: Profile) -> None:
    told = characteristics(reader)
    assert told.gender.value in ("female", "unknown")
    assert (told.age_range.value, told.age_range.confidence < 0.3) == ("unknown", True)
    assert told.pitch_low_hz < told.pitch_hz < told.pitch_high_hz
    assert 120 < told.syllables_per_minute < 360
    assert json.loads(json.dumps(told.as_dict()))["gender"]["value"] == told.gender.value


@pytest.mark.parametrize(
    ("hertz", "throat_cm", "gender", "age"),
    [
        (105.0, 18.0, "male", "adult"), (215.0, 15.0, "female", "unknown"), (165.0, 16.0, "unknown", "unknown"),
        (232.0, 17.9, "unknown", "unknown"), (320.0, 12.5, "female", "child"), (105.0, 0.0, "male", "adult"),
    ],
)  # fmt: skip
def test_gender_and_age_only_where_the_figures_agree(
    man: Profile, hertz: float, throat_cm: float, gender: str, age: str
) -> None:
    told = characteristics(replace(man, f0_hz=hertz, tract_cm=throat_cm, voiced_s=20.0))
    assert (told.gender.value, told.age_range.value) == (gender, age)
    assert (told.gender.confidence > 0.5) == (gender != "unknown")
    assert characteristics(replace(man, f0_hz=hertz, voiced_s=1.0)).gender.confidence < told.gender.confidence + 0.3


def test_it_is_kept_in_a_file(man: Profile, tmp_path: Path) -> None:
    man.save(tmp_path / "man.json")
    assert load(tmp_path / "man.json") == man
    assert (tmp_path / "man.json").stat().st_size < 10_000
    assert pickle.loads(pickle.dumps(man)) == man


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "",
        lambda text: "RIFF" + "\0" * 100,
        lambda text: json.dumps([1, 2]),
        lambda text: json.dumps({"kind": "something-else", "version": 1}),
        lambda text: json.dumps(json.loads(text) | {"more": 1}),
        lambda text: json.dumps(json.loads(text) | {"f0_hz": float("nan")}),
        lambda text: json.dumps(json.loads(text) | {"f0_hz": "high"}),
        lambda text: json.dumps(json.loads(text) | {"f0_hz": 0}),
        lambda text: json.dumps(json.loads(text) | {"timbre_db": [0.0]}),
        lambda text: json.dumps(json.loads(text) | {"timbre_db": ["x"] * 64}),
        lambda text: "[" * 50_000,
    ],
)
def test_a_damaged_file_is_one_clear_error(man: Profile, tmp_path: Path, spoil: object) -> None:
    file = tmp_path / "man.json"
    man.save(file)
    file.write_text(spoil(file.read_text()))  # type: ignore[operator]
    with pytest.raises(UserError) as told:
        load(file)
    assert told.value.code == "profile_damaged"
    assert told.value.hint == "Train the voice again."


def test_a_missing_and_a_newer_file(man: Profile, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        load(tmp_path / "none.json")
    man.save(tmp_path / "man.json")
    raw = json.loads((tmp_path / "man.json").read_text())
    (tmp_path / "man.json").write_text(json.dumps(raw | {"version": 99}))
    with pytest.raises(UserError, match="version 99"):
        load(tmp_path / "man.json")


@pytest.mark.parametrize("sound", ["silence", "noise", "click", "nothing"])
def test_no_voice_no_profile(sound: str) -> None:
    frames = 0 if sound == "nothing" else 2 * RATE
    samples = np.zeros((1, frames), dtype=np.float32)
    if sound == "noise":
        samples = 0.1 * np.random.default_rng(1).standard_normal(samples.shape).astype(np.float32)
    if sound == "click":
        samples[0, 1000] = 1.0
    with pytest.raises(UserError) as told:
        measure([(samples, RATE)])
    assert told.value.code == "no_voice"


def test_numbers_that_are_none_and_too_many_recordings() -> None:
    with pytest.raises(UserError, match="not numbers"):
        measure([(np.full((1, RATE), np.nan, dtype=np.float32), RATE)])
    for count in (0, 11):
        with pytest.raises(UserError, match=f"{count} recordings"):
            measure([(np.zeros((1, RATE), dtype=np.float32), RATE)] * count)


def test_a_telephone_recording_says_nothing_of_the_heights(woman: Profile) -> None:
    spoken = say(WOMAN, LEARNT[:60])
    full, narrow = spoken, resample(spoken, RATE, 8000)
    told = measure([(np.concatenate([narrow, narrow]), 8000)])  # in stereo
    assert told.top_hz < 4000 < woman.top_hz
    both = measure([(full, RATE), (narrow, 8000)])
    assert both.recordings == 2
    assert both.top_hz > 7000
    assert told.f0_hz == pytest.approx(both.f0_hz, rel=0.02)
    inside = told.known
    assert np.abs(np.asarray(told.timbre_db) - np.asarray(both.timbre_db))[inside].mean() < 1.0
