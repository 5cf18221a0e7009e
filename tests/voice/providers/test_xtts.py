"""XTTS-v2 with its real library on a tiny random checkpoint: skipped where it is not installed."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from core.audio.files import decode
from core.kit.children import Children
from core.kit.errors import Cancelled, Rejected, SetupError, UserError
from core.kit.paths import ROOT
from core.models.catalogue import find
from core.providers.base import Call, Made
from core.voice.cloning.engine import PROFILE, Lesson
from core.voice.engine import Utterance
from core.voice.providers import xtts_latents
from core.voice.providers.coqui_process import CoquiProcess
from core.voice.providers.matching_training import MatchingTraining
from core.voice.providers.xtts import MODEL, XttsSpeech
from core.voice.providers.xtts_encoder import XttsEncoder
from core.voice.providers.xtts_latents import Latents
from core.voice.providers.xtts_training import XttsTraining
from tests.voice.providers import xtts_child as inside
from tests.voice.providers.xtts_checkpoint import WIDTH, needs_xtts

pytestmark = needs_xtts
SAY = Utterance("A rope creaks. Twice!", "voice_1", MODEL, seed=7)


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    pool = Children(limit=1)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def models(children: Children, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    children.run(inside.build_in_child, folder, kept=process(folder).kept)
    return agreed(folder)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """Two recordings of one woman, 5 s each."""
    clean = decode(ROOT / "tests" / "media" / "clean_control.flac")
    folder, half = tmp_path_factory.mktemp("takes"), clean.samples.shape[1] // 2
    for name, part in (("a.wav", clean.samples[:, :half]), ("b.wav", clean.samples[:, half:])):
        soundfile.write(folder / name, part.T, clean.sample_rate)
    return str(folder / "a.wav"), str(folder / "b.wav")


def process(models: Path, device: str = "auto") -> CoquiProcess:
    return CoquiProcess(models, device, threads=1)


def agreed(models: Path) -> Path:
    process(models).shelf.agree(find("xtts"), "a test")
    return models


def lesson(*recordings: str, **values: Any) -> Lesson:
    return replace(Lesson("Ada", "", "en", recordings, {}, "voice_1", 1), **values)


@pytest.fixture(scope="module")
def learned(
    children: Children, models: Path, recordings: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> Made:
    folder = tmp_path_factory.mktemp("learned")
    return XttsTraining(process(models)).make(lesson(*recordings), Call("c", folder, children))


@pytest.fixture(scope="module")
def profile(learned: Made) -> Path:
    path = learned.outputs[0].path
    copy = path.with_name(hashlib.sha256(path.read_bytes()).hexdigest())
    shutil.copyfile(path, copy)
    return copy


Speak = Callable[..., tuple[Made, Any]]


@pytest.fixture
def speak(children: Children, models: Path, profile: Path, tmp_path: Path) -> Speak:
    def make(folder: Path = models, device: str = "auto", call: Call | None = None, **values: Any) -> tuple[Made, Any]:
        engine = XttsSpeech(process(folder, device), lambda sha256: profile.parent / sha256)
        asked = replace(SAY, **{"profile": profile.name, **values})
        made = engine.make(asked, call or Call("c", tmp_path, children))
        samples, rate = soundfile.read(made.outputs[0].path)
        assert rate == 24_000
        assert made.outputs[0].facts["duration_s"] == pytest.approx(len(samples) / rate, abs=0.001)
        return made, samples

    return make


def test_a_voice_is_learned_once_into_a_file_of_its_own(learned: Made, profile: Path) -> None:
    (output,) = learned.outputs
    assert (output.role, output.path.name) == (PROFILE, "latents.npz")
    assert [path.name for path in output.path.parent.iterdir() if path != profile] == ["latents.npz"]
    held = xtts_latents.load(output.path)
    assert held.style.shape == (1, 32, WIDTH)
    assert held.embedding.shape == (1, 512, 1)
    assert learned.facts["characteristics"]["gender"]["value"] == "female"
    likeness = learned.facts["likeness"]
    assert likeness["said"] == "Cloned by XTTS-v2. Measured against a recording kept out of the training."
    assert likeness["similarity"]["encoder"] == "XTTS-v2"
    assert -1 <= likeness["similarity"]["after"] <= 1


def test_one_recording_is_enough_and_says_that_it_flatters(
    children: Children, models: Path, recordings: tuple[str, ...], tmp_path: Path
) -> None:
    made = XttsTraining(process(models)).make(lesson(recordings[0], language="hi"), Call("c", tmp_path, children))
    assert "it flatters" in made.facts["likeness"]["said"]


@pytest.mark.parametrize(("seconds", "said"), [(0.2, "too short")])
def test_a_recording_that_is_too_short_is_told(
    children: Children, models: Path, tmp_path: Path, seconds: float, said: str
) -> None:
    short = tmp_path / "short.wav"
    soundfile.write(short, np.zeros(int(16_000 * seconds)), 16_000)
    with pytest.raises(UserError, match=said):
        XttsTraining(process(models)).make(lesson(str(short)), Call("c", tmp_path, children))
    assert [path.name for path in tmp_path.iterdir()] == ["short.wav"]


def test_a_language_it_does_not_speak_is_told_before_it_learns(
    children: Children, models: Path, recordings: tuple[str, ...], tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="does not speak Swedish"):
        XttsTraining(process(models)).make(lesson(*recordings, language="sv"), Call("c", tmp_path, children))


def test_a_seed_makes_the_same_sound_again(speak: Speak) -> None:
    made, sound = speak()
    assert (made.facts["model"], made.facts["language"], made.facts["seed"]) == (MODEL, "en", 7)
    assert 1 < len(sound) / 24_000 < 20
    assert np.array_equal(sound, speak()[1])
    assert not np.array_equal(sound, speak(seed=8)[1])


def test_speed_is_the_engine_s_own(speak: Speak) -> None:
    slow, usual, fast = (len(speak(speed=speed)[1]) for speed in (0.7, 1.0, 1.4))
    assert slow > 1.2 * usual
    assert usual > 1.2 * fast


def test_texts_in_other_scripts_are_read(speak: Speak) -> None:
    texts = {
        "hi": "नमस्ते, यह एक परीक्षण है।", "ru": "Привет, 50 солдат.", "ko": "안녕하세요.", "ar": "مرحبا بالعالم",
        "ja": "こんにちは、世界。", "cmn": "你好，世界。",
    }  # fmt: skip
    for language, text in texts.items():
        assert speak(text=text)[0].facts["language"] == language
    assert speak(text="Il a 50 ans, 3 € et une adresse: ada@example.org 🎉", language="fr")[0].facts["language"] == "fr"


def test_progress_comes_with_every_sentence(speak: Speak, children: Children, tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    call = Call("c", tmp_path, children, cache=tmp_path / "cache", progress=lambda *said: told.append(said))
    speak(text="One, two, three, and four. And five.", call=call)
    assert "after the first sentence" in told[0][0]
    told.clear()
    speak(text="One. Two. Three.", call=call)
    assert " s of work" in told[0][0]
    assert [stage.startswith("Speaking") for stage, _ in told].count(
        True
    ) == 4  # and about how much is left, on a slow machine
    assert [share for _, share in told] == sorted(share for _, share in told)
    assert told[-1] == ("Speaking", 1.0)


@pytest.mark.parametrize(
    ("text", "language"),
    [("the quick brown fox jumps, " * 60, "en"), ("word " * 300, "en"), ("x" * 1999, "fr"), ("长" * 400, "cmn")],
    ids=["commas", "words", "letters", "chinese"],
)
def test_long_text_is_cut_without_loss(children: Children, models: Path, text: str, language: str) -> None:
    pieces = children.run(inside.cut, (text.strip(), language, models / "xtts"), kept=process(models).kept)
    assert len(pieces) > 1
    assert "".join(pieces) == text.strip()
    assert max(len(piece) for piece in pieces) <= 273


@pytest.mark.parametrize("text", ["…", "!!! ???", "«—»"])
def test_nothing_to_say_is_told(speak: Speak, tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError, match="nothing to say"):
        speak(text=text)
    assert not (tmp_path / "speech.wav").exists()


def damage(models: Path, to: Path, how: str) -> Path:
    folder = to / "xtts"
    shutil.copytree(models / "xtts", folder)
    checkpoint, config = folder / "model.pth", folder / "config.json"
    if how == "cut":
        checkpoint.write_bytes(checkpoint.read_bytes()[:100_000])
    elif how == "page":
        checkpoint.write_text("<html>Sign in</html>")
    elif how == "config":
        config.write_text("{")
    elif how == "vocabulary":
        (folder / "vocab.json").write_text("{}")
    elif how == "speakers":
        (folder / "speakers_xtts.pth").write_bytes(b"nothing")
    elif how in ("wider", "first", "another"):
        changed = json.loads(config.read_text())
        if how == "another":
            changed["model"] = "tacotron2"
        else:
            changed["model_args"] |= {"gpt_layers": 2} if how == "wider" else {"gpt_use_perceiver_resampler": False}
        config.write_text(json.dumps(changed))
    return agreed(to)


@pytest.mark.parametrize("how", ["cut", "page", "config", "vocabulary", "speakers", "wider", "first", "another"])
def test_damaged_weights_and_other_versions_are_told_with_what_to_do(
    speak: Speak, models: Path, tmp_path: Path, how: str
) -> None:
    with pytest.raises(SetupError, match=r"is damaged or of another version \(") as error:
        speak(folder=damage(models, tmp_path / "models", how))
    assert error.value.hint == "Run: studio models remove xtts, then: studio models pull xtts"
    assert not (tmp_path / "speech.wav").exists()


def test_the_published_file_is_read_and_left_as_it_was(
    speak: Speak, children: Children, models: Path, tmp_path: Path
) -> None:
    """Its configuration is pickled with the names of that day; the library would write the file anew."""
    folder = damage(models, tmp_path / "models", "not")
    children.run(inside.publish, folder / "xtts", kept=process(models).kept)
    before = (folder / "xtts/model.pth").read_bytes()
    _, sound = speak(folder=folder)
    assert np.array_equal(sound, speak()[1])
    assert (folder / "xtts/model.pth").read_bytes() == before


def test_a_missing_file_and_a_device_that_is_not_there(speak: Speak, models: Path, tmp_path: Path) -> None:
    folder = damage(models, tmp_path / "models", "not")
    (folder / "xtts/vocab.json").unlink()
    with pytest.raises(SetupError, match=r"vocab\.json is missing") as error:
        speak(folder=folder)
    assert error.value.hint == "Run: studio models pull xtts"
    with pytest.raises(SetupError, match="STUDIO_MODEL_DEVICE is mps"):
        speak(device="mps")


def test_what_was_learned_with_other_weights_is_not_spoken(speak: Speak, profile: Path) -> None:
    path = profile.with_name("wider")
    Latents(np.zeros((1, 32, 2 * WIDTH), np.float32), np.zeros((1, 512, 1), np.float32)).save(path, "")
    name = path.rename(profile.with_name(hashlib.sha256(path.read_bytes()).hexdigest())).name
    with pytest.raises(SetupError, match="other weights"):
        speak(profile=name)


def test_too_little_memory_offers_the_smaller_way_and_the_child_lives_on(
    tmp_path: Path, speak: Speak, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("core.voice.providers.xtts.speak", inside.run_out)
        with pytest.raises(Rejected, match="memory") as error:
            speak()
    assert "shorter sentences" in error.value.hint
    assert not (tmp_path / "speech.wav").exists()
    speak()


def test_the_matched_voice_s_likeness_is_told_by_the_encoder_too(
    children: Children, models: Path, recordings: tuple[str, ...], tmp_path: Path
) -> None:
    learn = MatchingTraining(XttsEncoder(process(models))).make
    likeness = learn(lesson(*recordings), Call("c", tmp_path, children, cache=tmp_path)).facts["likeness"]
    assert set(likeness["similarity"]) == {"encoder", "before", "after"}
    assert all(-1 <= likeness["similarity"][when] <= 1 for when in ("before", "after"))
    assert [each["name"] for each in likeness["measures"]][:2] == ["Pitch", "Liveliness"]


def test_the_model_is_loaded_once_and_a_cancel_costs_only_its_child(
    speak: Speak, children: Children, models: Path, tmp_path: Path
) -> None:
    kept = process(models).kept
    first = children.run(inside.process, None, kept=kept)
    speak()
    assert children.run(inside.process, None, kept=kept) == first
    stop = threading.Event()
    call = Call("c", tmp_path, children, stop.is_set, lambda stage, share: stop.set() if share > 0 else None)
    began = time.monotonic()
    with pytest.raises(Cancelled):
        speak(text="This is a sentence to say. " * 70, call=call)
    assert time.monotonic() - began < 30  # the whole takes a minute
    assert not (tmp_path / "speech.wav").exists()
    speak()
    assert children.run(inside.process, None, kept=kept) != first
