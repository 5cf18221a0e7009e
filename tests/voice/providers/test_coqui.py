"""XTTS-v2's own speakers and VITS models with their real library on tiny random checkpoints: skipped where it is not installed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from core.kit.children import Children
from core.kit.errors import NotFound, SetupError, StudioError, UserError
from core.models.catalogue import find
from core.providers.base import Call, Made
from core.voice.engine import Utterance
from core.voice.providers.coqui import MODEL, CoquiSpeech
from core.voice.providers.coqui_process import CoquiProcess
from core.voice.providers.xtts import XttsSpeech
from tests.voice.providers import xtts_child as inside
from tests.voice.providers.xtts_checkpoint import needs_xtts

pytestmark = needs_xtts
SAY = Utterance("A rope creaks. Twice!", "claribel-dervla", MODEL, seed=7)
Speak = Callable[..., tuple[Made, Any]]


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    pool = Children(limit=1)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def models(children: Children, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    process = CoquiProcess(folder, threads=1)
    children.run(inside.build_in_child, folder, kept=process.kept)
    process.shelf.agree(find("xtts"), "a test")
    return folder


@pytest.fixture
def speak(children: Children, models: Path, tmp_path: Path) -> Speak:
    def make(folder: Path = models, **values: Any) -> tuple[Made, Any]:
        engine = CoquiSpeech(CoquiProcess(folder, threads=1))
        made = engine.make(replace(SAY, **values), Call("c", tmp_path, children))
        samples, rate = soundfile.read(made.outputs[0].path)
        assert made.outputs[0].facts["duration_s"] == pytest.approx(len(samples) / rate, abs=0.001)
        return made, samples

    return make


def test_every_voice_sounds_of_its_own_weights(speak: Speak) -> None:
    sounds = {}
    for voice in ("claribel-dervla", "viktor-eka", "vits-es-css10", "vits-en-vctk.p225", "vits-en-vctk.p226"):
        made, sounds[voice] = speak(voice=voice)
        assert made.facts["weights"] == ("xtts" if not voice.startswith("vits") else voice.partition(".")[0])
        assert np.array_equal(sounds[voice], speak(voice=voice)[1])
    assert len({sound.tobytes() for sound in sounds.values()}) == 5


def test_a_speaker_reads_other_languages(speak: Speak) -> None:
    assert not np.array_equal(
        speak(text="Il a 50 ans.", voice="viktor-eka+fr")[1], speak(text="Il a 50 ans.", voice="viktor-eka")[1]
    )


def test_a_vits_voice_obeys_speed_and_seed(speak: Speak) -> None:
    slow, fast = (len(speak(voice="vits-es-css10", speed=speed)[1]) for speed in (0.7, 1.4))
    assert slow > 1.5 * fast
    assert not np.array_equal(speak(voice="vits-es-css10")[1], speak(voice="vits-es-css10", seed=8)[1])


def test_voices_that_are_not_there(speak: Speak) -> None:
    for voice in ("nobody", "vits-en-vctk.p999", "vits-xx-none"):
        with pytest.raises(NotFound):
            speak(voice=voice)
    with pytest.raises(NotFound, match="no speaker 'Daisy Studious'"):
        speak(voice="daisy-studious")  # of the published weights, and not of these
    with pytest.raises(UserError, match="does not speak Swedish"):
        speak(voice="viktor-eka+sv")
    with pytest.raises(SetupError, match="are not there") as error:
        speak(voice="vits-de-thorsten")
    assert error.value.hint == "Run: studio models pull vits-de-thorsten"


@pytest.mark.parametrize("how", ["cut", "config", "other", "speakers"])
def test_damaged_vits_weights_are_told_with_what_to_do(speak: Speak, models: Path, tmp_path: Path, how: str) -> None:
    folder = tmp_path / "models/vits-en-vctk"
    shutil.copytree(models / "vits-en-vctk", folder)
    if how == "cut":
        path = folder / "model_file.pth"
        path.write_bytes(path.read_bytes()[:50_000])
    elif how == "config":
        (folder / "config.json").write_text("{")
    elif how == "other":
        shutil.copyfile(models / "vits-es-css10/model_file.pth", folder / "model_file.pth")
    else:
        (folder / "speaker_ids.json").write_text('{"p225": 0, "p226": 1, "p227": 2, "p228": ')
    with pytest.raises(StudioError) as error:
        speak(folder=tmp_path / "models", voice="vits-en-vctk.p225")
    if how == "speakers":
        assert "no voice" in error.value.message
    else:
        assert "is damaged or of another version (" in error.value.message
        assert error.value.hint == "Run: studio models remove vits-en-vctk, then: studio models pull vits-en-vctk"


def test_a_model_that_needs_the_program_espeak_says_so(speak: Speak, models: Path, tmp_path: Path) -> None:
    if shutil.which("espeak-ng") or shutil.which("espeak"):
        pytest.skip("it is installed here")
    folder = tmp_path / "models/vits-es-css10"
    shutil.copytree(models / "vits-es-css10", folder)
    config = (folder / "config.json").read_text()
    config = config.replace('"use_phonemes": false', '"use_phonemes": true').replace(
        '"phoneme_language": null', '"phoneme_language": "es"'
    )
    (folder / "config.json").write_text(config.replace('"phonemizer": null', '"phonemizer": "espeak"'))
    with pytest.raises(SetupError, match="program eSpeak") as error:
        speak(folder=tmp_path / "models", voice="vits-es-css10")
    assert "apt install espeak-ng" in error.value.hint


def test_both_engines_share_one_process(models: Path) -> None:
    process = CoquiProcess(models, threads=1)
    assert CoquiSpeech(process).process.kept == XttsSpeech(process, Path).process.kept
