import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.kit.errors import NotFound, UserError
from core.voice.matching import bases
from core.voice.matching.bases import calibrate, calibration, known, say, spoken_by
from core.voice.matching.likeness import LABEL, distance, likeness
from core.voice.matching.profile import Profile, load
from core.voice.matching.training import Training, train, training
from core.voice.matching.world import RATE
from tests.voice.matching.conftest import LEARNT, SPOKEN, WOMAN

Write = Callable[[str, str], Path]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, woman: Profile) -> None:
    """The base voice was measured before, and says less."""
    monkeypatch.setattr("core.voice.matching.training._SAMPLE", SPOKEN[:60])
    monkeypatch.setattr("core.voice.matching.training.calibrate", lambda asked: woman)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(name: str, text: str) -> Path:
        soundfile.write(tmp_path / name, say(WOMAN, text)[0], RATE)
        return tmp_path / name

    return written


def test_likeness_is_measured_on_the_sound_and_told_in_one_sentence(
    heard: tuple[Profile, Profile], woman: Profile
) -> None:
    told = likeness(heard[0], heard[1], woman)
    assert told.before == distance(heard[0], woman)
    assert told.sentence.startswith("Voice matching, not a clone: the pitch came from 1")
    assert f"to {told.after.spectrum_db:.1f} dB." in told.sentence
    assert json.loads(json.dumps(told.as_dict()))["label"] == LABEL
    assert told.as_dict()["after"]["score"] > told.as_dict()["before"]["score"]


def test_distances_are_what_they_say(woman: Profile) -> None:
    assert distance(woman, woman).score == 1.0
    higher = replace(woman, f0_hz=woman.f0_hz * 2 ** (3 / 12), spread_semitones=woman.spread_semitones + 1)
    assert distance(higher, woman).pitch_semitones == pytest.approx(3, abs=0.01)
    assert distance(higher, woman).spread_semitones == pytest.approx(1)
    comb = tuple(value + 4 * (-1) ** n for n, value in enumerate(woman.timbre_db))
    assert distance(replace(woman, timbre_db=comb), woman).spectrum_db == pytest.approx(4, abs=0.1)
    assert distance(replace(woman, timbre_db=tuple(v + 9 for v in woman.timbre_db)), woman).spectrum_db < 0.01
    unknown = distance(replace(woman, tract_cm=0.0), woman)
    assert unknown.tract_percent is None
    assert unknown.score == 1.0
    short = likeness(*[replace(woman, voiced_s=0.6)] * 3)
    assert "too short" in short.sentence


def test_the_base_voice_is_near_and_speaks_the_language(man: Profile, woman: Profile) -> None:
    assert spoken_by(woman, "") == "en-us+f2"
    assert spoken_by(man, "en").startswith("en")
    assert spoken_by(man, "fr") == "fr+m7"
    assert spoken_by(woman, "", "नमस्ते, यह मेरी आवाज़ है।") == "hi+f2"
    assert spoken_by(replace(woman, f0_hz=250.0, tract_cm=0.0), "") == "en-us+f5"
    with pytest.raises(NotFound, match="xx-none"):
        spoken_by(man, "xx-none")


def test_a_base_voice_is_measured_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = replace(calibration("en-us+m7", tmp_path), passage=LEARNT[:40])
    assert known(asked) is None
    first = calibrate(asked)
    monkeypatch.setattr(bases, "measure", lambda recordings: pytest.fail("measured again"))
    assert known(asked) == calibrate(asked) == first
    monkeypatch.undo()
    assert asked.file is not None
    asked.file.write_text("{")
    assert known(asked) is None
    assert calibrate(asked) == first
    assert "Hallo" in calibration("de+m7").passage
    assert calibration("de+m7").file is None


@pytest.mark.usefixtures("quick")
def test_training_writes_a_profile_and_measures_it_on_what_it_has_not_heard(tmp_path: Path, write: Write) -> None:
    silence = tmp_path / "silence.wav"
    soundfile.write(silence, np.zeros(RATE), RATE)
    stages: list[tuple[str, float]] = []
    asked = Training((write("one.wav", LEARNT[:90]), write("two.wav", SPOKEN[:90]), silence), tmp_path / "out.json")
    trained = training(pickle.loads(pickle.dumps(asked)), lambda stage, part: stages.append((stage, part)))
    assert load(trained.path).recordings == 2
    assert "kept out" in trained.quality_basis
    assert 0.7 < trained.quality_score <= 1
    assert trained.quality_score == pytest.approx(trained.likeness.after.score, abs=1e-3)
    assert trained.base == WOMAN
    assert trained.characteristics.gender.value == "female"
    assert [part for _, part in stages] == sorted(part for _, part in stages)
    assert stages[-1] == ("done", 1.0)
    assert pickle.loads(pickle.dumps(trained)) == trained
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.usefixtures("quick")
def test_one_recording_is_said_to_flatter(tmp_path: Path, write: Write) -> None:
    trained = train([write("one.wav", LEARNT[:40])], tmp_path / "out.json")
    assert "flatters" in trained.quality_basis


def test_what_cannot_be_learnt_from(tmp_path: Path) -> None:
    text = tmp_path / "letter.wav"
    text.write_text("This is no sound at all.")
    silence = tmp_path / "silence.wav"
    soundfile.write(silence, np.zeros(RATE), RATE)
    for paths in ([], [silence] * 11, [text], [silence], [tmp_path / "gone.wav"]):
        with pytest.raises(UserError) as told:
            train(paths, tmp_path / "out.json")
        assert told.value.hint
    assert not (tmp_path / "out.json").exists()
