"""Kokoro with its real libraries on a tiny random checkpoint: skipped where they are not installed."""

from __future__ import annotations

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

from core.kit.children import Children
from core.kit.errors import Cancelled, Rejected, SetupError, UserError
from core.providers.base import Call, Made
from core.voice.engine import Utterance
from core.voice.providers.kokoro import MODEL, KokoroSpeech
from tests.voice.providers import kokoro_child as inside
from tests.voice.providers.kokoro_checkpoint import config, needs_kokoro

pytestmark = needs_kokoro
SAY = Utterance("A rope creaks. Twice!", "af_heart", MODEL, seed=7)
VOICES = ("af_heart", "am_adam", "bf_emma", "hf_alpha")
KEPT = KokoroSpeech(Path(), threads=1).kept


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    pool = Children(limit=1)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def models(children: Children, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    children.run(inside.build_in_child, (folder / "kokoro", VOICES), kept=KEPT)
    return folder


Speak = Callable[..., tuple[Made, Any]]


@pytest.fixture
def speak(children: Children, models: Path, tmp_path: Path) -> Speak:
    def make(folder: Path = models, device: str = "auto", call: Call | None = None, **values: Any) -> tuple[Made, Any]:
        engine = KokoroSpeech(folder, device, threads=1)
        made = engine.make(replace(SAY, **values), call or Call("c", tmp_path, children))
        samples, rate = soundfile.read(made.outputs[0].path)
        assert rate == 24_000
        assert made.outputs[0].facts["duration_s"] == pytest.approx(len(samples) / rate, abs=0.001)
        return made, samples

    return make


def test_a_seed_makes_the_same_sound_again(speak: Speak) -> None:
    made, sound = speak()
    assert (made.facts["model"], made.facts["voice"], made.facts["seed"]) == (MODEL, "af_heart", 7)
    assert 1 < len(sound) / 24_000 < 20
    assert np.abs(sound).max() > 0.05
    assert np.array_equal(sound, speak()[1])
    assert not np.array_equal(sound, speak(seed=8)[1])


def test_speed_is_the_engine_s_own(speak: Speak) -> None:
    slow, usual, fast = (len(speak(speed=speed)[1]) for speed in (0.5, 1.0, 2.0))
    assert slow > 1.5 * usual
    assert usual > 1.5 * fast


def test_voices_and_blends_differ(speak: Speak) -> None:
    sounds = [speak(voice=voice)[1] for voice in ("af_heart", "am_adam", "af_heart*0.5+am_adam*0.5")]
    assert len({sound.tobytes() for sound in sounds}) == 3
    assert np.array_equal(sounds[0], speak(voice="af_heart*2+am_adam*0")[1])


def test_hindi_and_british_english_are_read(speak: Speak) -> None:
    assert len(speak(voice="hf_alpha", text="नमस्ते, यह एक परीक्षण है।")[1]) > 24_000
    assert len(speak(voice="bf_emma")[1]) > 12_000


def test_progress_comes_with_every_sentence(speak: Speak, children: Children, tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    call = Call("c", tmp_path, children, progress=lambda *said: told.append(said))
    speak(text="One. Two. Three.", call=call)
    assert [stage for stage, _ in told].count("Speaking") == 4
    assert [share for _, share in told] == sorted(share for _, share in told)
    assert told[-1] == ("Speaking", 1.0)


@pytest.mark.parametrize(
    "text",
    ["the quick brown fox jumps over it, " * 40, "word " * 300, "abcdefg" * 200],
    ids=["commas", "words", "letters"],
)
def test_a_sentence_beyond_the_model_is_cut_without_loss(children: Children, text: str) -> None:
    pieces = children.run(inside.cut, (text.strip(), "af_heart"), kept=KEPT)
    assert len(pieces) > 1
    assert "".join(piece for _, piece, _ in pieces) == text.strip()
    assert [start for start, _, _ in pieces] == list(np.cumsum([0, *(len(piece) for _, piece, _ in pieces[:-1])]))
    assert max(phonemes for _, _, phonemes in pieces) <= 510


@pytest.mark.parametrize("text", ["…", "!!! ???", "«—»"])
def test_nothing_to_say_is_told(speak: Speak, tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError, match="nothing to say"):
        speak(text=text)
    assert not (tmp_path / "speech.wav").exists()


def test_with_spacy_every_word_has_its_time(children: Children, models: Path, tmp_path: Path) -> None:
    text = "The harbour wakes, and (softly) a rope creaks. Twice! It cost $5 in 1999, at rock-bottom prices [here](x)."
    engine = KokoroSpeech(models, threads=1)
    asked = engine._checked(replace(SAY, text=text), tmp_path / "speech.wav")
    spoken = children.run(inside.with_spacy, (tmp_path / "site", asked), kept=KEPT)
    assert spoken.words is not None
    written = [text[start:end] for start, end, _, _ in spoken.words]
    assert written == [word.strip("\"'.,!?()[]") for word in text.split()]
    times = [time for _, _, begins, ends in spoken.words for time in (begins, ends)]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= spoken.seconds
    assert all(ends > begins for _, _, begins, ends in spoken.words)


def damage(models: Path, to: Path, how: str) -> Path:
    folder = to / "kokoro"
    shutil.copytree(models / "kokoro", folder)
    checkpoint = folder / "kokoro-v1_0.pth"
    if how == "cut":
        checkpoint.write_bytes(checkpoint.read_bytes()[:100_000])
    elif how == "page":
        checkpoint.write_text("<html>Sign in</html>")
    elif how == "config":
        (folder / "config.json").write_text("{")
    elif how == "vocabulary":
        (folder / "config.json").write_text(json.dumps(config() | {"n_token": 200}))
    elif how == "voice":
        (folder / "voices/af_heart.pt").write_bytes(b"nothing")
    return to


@pytest.mark.parametrize("how", ["cut", "page", "config", "vocabulary", "voice"])
def test_damaged_weights_are_told_with_what_to_do(speak: Speak, models: Path, tmp_path: Path, how: str) -> None:
    with pytest.raises(SetupError, match=r"is damaged or of another version \(") as error:
        speak(folder=damage(models, tmp_path / "models", how))
    assert error.value.hint == "Run: studio models remove kokoro, then: studio models pull kokoro"
    assert not (tmp_path / "speech.wav").exists()


@pytest.mark.parametrize("how", ["parts", "names", "style"])
def test_weights_of_another_version_are_not_spoken_as_noise(
    speak: Speak, children: Children, models: Path, tmp_path: Path, how: str
) -> None:
    folder = damage(models, tmp_path / "models", "not")
    children.run(inside.rewrite, (folder / "kokoro/kokoro-v1_0.pth", how), kept=KEPT)
    with pytest.raises(SetupError, match="another version"):
        speak(folder=folder)


def test_a_voice_that_is_not_there_and_a_device_that_is_not_there(speak: Speak) -> None:
    with pytest.raises(SetupError, match="af_sky is not among the weights"):
        speak(voice="af_sky")
    with pytest.raises(SetupError, match="STUDIO_MODEL_DEVICE is mps"):
        speak(device="mps")


def test_too_little_memory_offers_the_smaller_way_and_the_child_lives_on(
    children: Children, models: Path, tmp_path: Path, speak: Speak
) -> None:
    asked = KokoroSpeech(models, threads=1)._checked(SAY, tmp_path / "speech.wav")
    with pytest.raises(Rejected, match="memory") as error:
        children.run(inside.run_out, asked, kept=KEPT)
    assert "shorter sentences" in error.value.hint
    speak()


def test_the_model_is_loaded_once_and_a_cancel_costs_only_its_child(
    speak: Speak, children: Children, tmp_path: Path
) -> None:
    first = children.run(inside.process, None, kept=KEPT)
    speak()
    assert children.run(inside.process, None, kept=KEPT) == first
    stop = threading.Event()
    call = Call("c", tmp_path, children, stop.is_set, lambda stage, share: stop.set() if share > 0 else None)
    began = time.monotonic()
    with pytest.raises(Cancelled):
        speak(text="This is a sentence to say. " * 60, call=call)
    assert time.monotonic() - began < 60  # the whole takes minutes
    assert not (tmp_path / "speech.wav").exists()
    speak()
    assert children.run(inside.process, None, kept=KEPT) != first
