"""XTTS-v2 and the other Coqui voices without their libraries: languages, speakers, licences, what is lacking, what is said."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.app import Studio, build_studio
from core.doctor import checks
from core.kit.actor import LOCAL
from core.kit.children import Children
from core.kit.errors import NotFound, Rejected, SetupError, UserError
from core.kit.settings import load_settings
from core.models.catalogue import find
from core.models.shelf import Shelf
from core.providers.base import Call
from core.rights import licences
from core.voice.engine import Utterance
from core.voice.providers import coqui_pace, coqui_process, xtts_latents
from core.voice.providers import xtts_voices as catalogue
from core.voice.providers.coqui import CoquiSpeech
from core.voice.providers.coqui_process import CoquiProcess
from core.voice.providers.xtts import MODEL, XttsSpeech
from core.voice.providers.xtts_latents import Latents
from core.voice.providers.xtts_training import XttsTraining
from tests.voice.providers import xtts_child

FILES = ("config.json", "model.pth", "vocab.json", "speakers_xtts.pth")


def test_58_speakers_in_17_languages() -> None:
    voices = catalogue.voices()
    assert len({voice.id for voice in voices}) == len({voice.name for voice in voices}) == 58
    assert len(catalogue.languages()) == 17
    assert {voice.gender for voice in voices} == {"female", "male"}
    assert all(voice.sample_text for voice in voices)
    assert voices[0].id == "coqui:claribel-dervla"
    assert {"coqui:alma-maria", "coqui:eugenio-mataraci", "coqui:camilla-holmstrom"} < {voice.id for voice in voices}
    french = catalogue.voice_of("Claribel-Dervla+fr")
    assert (french.id, french.name, french.language) == ("coqui:claribel-dervla+fr", "Claribel Dervla (French)", "fr")
    assert catalogue.voice_of("claribel-dervla+en").id == voices[0].id
    assert all(catalogue.voice_of(f"viktor-eka+{code}").sample_text for code in catalogue.languages())


@pytest.mark.parametrize(
    ("text", "said", "language"),
    [
        ("Good evening.", "", "en"),
        ("Bonsoir.", "fr", "fr"),
        ("Bom dia.", "pt-br", "pt"),
        ("नमस्ते", "en", "hi"),
        ("Привет", "", "ru"),
        ("你好", "en", "cmn"),
        ("你好", "zh-cn", "cmn"),
        ("日本", "ja", "ja"),
        ("日本の猫", "en", "ja"),
        ("مرحبا", "ar", "ar"),
        ("1999", "hu", "hu"),
    ],
)
def test_a_text_is_read_in_the_language_of_its_script(text: str, said: str, language: str) -> None:
    assert catalogue.language_of(text, said).id == language


def test_languages_it_does_not_speak_are_named_with_those_it_does() -> None:
    for text, said in (("Good evening.", "sv"), ("გამარჯობა", "en"), ("Привіт", "uk"), ("Γεια", "")):
        with pytest.raises(UserError, match="does not speak") as error:
            catalogue.language_of(text, said)
        assert error.value.hint.count(",") == 16
    with pytest.raises(NotFound, match="no speaker 'clara'") as missing:
        catalogue.voice_of("clara")
    assert "claribel-dervla" in missing.value.hint


def test_latents_are_kept_and_read_without_running_anything(tmp_path: Path) -> None:
    new = Latents(np.ones((1, 32, 64), np.float32), np.ones((1, 512, 1), np.float32))
    path = tmp_path / "latents.npz"
    new.save(path, "abc")
    read = xtts_latents.load(path, "abc")
    assert np.array_equal(read.style, new.style)
    assert np.array_equal(read.embedding, new.embedding)
    xtts_latents.load(path, "")  # of weights that nobody knows more about
    with pytest.raises(SetupError, match="other weights") as error:
        xtts_latents.load(path, "def")
    assert "Train it again" in error.value.hint
    whole = path.read_bytes()
    bad = Latents(np.full((1, 32, 64), np.nan, np.float32), new.embedding)
    for content in (b"", b"PK\x03\x04nothing", whole[: len(whole) // 2], b"<html>"):
        path.write_bytes(content)
        with pytest.raises(UserError, match="damaged"):
            xtts_latents.load(path)
    bad.save(path, "")
    with pytest.raises(UserError, match="damaged"):
        xtts_latents.load(path)
    np.savez(path, about=np.asarray({"kind": "xtts-latents"}, dtype=object), style=new.style, embedding=new.embedding)
    with pytest.raises(UserError, match="damaged"):
        xtts_latents.load(path)
    with pytest.raises(UserError, match="not there any more"):
        xtts_latents.load(tmp_path / "gone.npz")


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    opened = build_studio(load_settings(home=tmp_path / "home"))
    yield opened
    opened.close()


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coqui_process, "find_spec", lambda name: object())


def lay(models: Path, name: str, *files: str) -> Path:
    place = models / name
    place.mkdir(parents=True)
    for path in files:
        (place / path).write_bytes(b"as good as real, to look at")
    return place


def state(studio: Studio, kind: str, name: str) -> Any:
    return next(item for item in studio.registry.readiness(kind) if item.info.name == name)


def test_what_is_missing_is_told_one_by_one(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coqui_process, "find_spec", lambda name: None)
    for kind, name in (("speech", "xtts"), ("speech", "coqui"), ("voice", "xtts")):
        assert not state(studio, kind, name).ready
        assert "pip install -r requirements-xtts.txt" in state(studio, kind, name).remedy
    assert (Path(__file__).parents[3] / coqui_process.OPTIONAL_SET).is_file()
    monkeypatch.setattr(coqui_process, "find_spec", lambda name: object())
    assert state(studio, "voice", "xtts").remedy == "Run: studio models pull xtts"
    lay(studio.settings.models, "xtts", *FILES[:-1])
    assert "speakers_xtts.pth is missing" in state(studio, "speech", "xtts").why
    (studio.settings.models / "xtts" / FILES[-1]).write_bytes(b"x")
    unasked = state(studio, "speech", "xtts")
    assert "Nobody has agreed to the licence of XTTS-v2" in unasked.why
    assert "no commercial use" in unasked.why
    assert "studio models agree xtts" in unasked.remedy
    Shelf(studio.settings.models).agree(find("xtts"), "ada")
    for kind, name in (("speech", "xtts"), ("speech", "coqui"), ("voice", "xtts")):
        assert state(studio, kind, name).ready
    told = {check.name: check for check in checks(studio)}
    assert told["speech: XTTS-v2"].state == "ready"
    assert "17 languages; no commercial use, agreed to by ada" in told["speech: XTTS-v2"].detail
    assert "58 speakers" in told["speech: Coqui TTS"].detail


def test_an_agreement_is_asked_once_and_says_who_and_when(tmp_path: Path) -> None:
    shelf, xtts = Shelf(tmp_path), find("xtts")
    lay(tmp_path, "xtts", *FILES)
    with pytest.raises(SetupError, match="Nobody has agreed") as error:
        shelf.usable(xtts)
    assert error.value.code == "licence"
    shelf.agree(xtts, "ada")
    assert shelf.usable(xtts) == tmp_path / "xtts"
    written = json.loads((tmp_path / "xtts.licence.json").read_text())
    assert (written["by"], written["licence"]) == ("ada", xtts.licence)
    assert written["at"].startswith("20")
    shelf.remove(xtts)
    lay(tmp_path, "xtts", *FILES)
    assert shelf.usable(xtts)  # asked once
    assert shelf.agreed(replace(xtts, licence="Another licence")) is None
    assert shelf.usable(replace(find("kokoro"), files=(), voices=("config.json",), name="xtts"))  # binds nothing


@pytest.mark.usefixtures("installed")
def test_its_voices_stand_in_the_gallery_with_their_own_licences(studio: Studio) -> None:
    def found() -> list[str]:
        return [voice.id for voice in studio.voice.book.voices(LOCAL) if voice.provider == "coqui"]

    assert found() == []
    place = lay(studio.settings.models, "vits-en-vctk", "config.json", "model_file.pth.tar")
    (place / "speaker_ids.json").write_text(json.dumps({"p225": 0, "ED\n": 1, "../x": 2, "p226": 3}))
    assert state(studio, "speech", "coqui").ready  # of VITS alone, which asks for no agreement
    assert found() == ["coqui:vits-en-vctk.p225", "coqui:vits-en-vctk.p226"]
    lay(studio.settings.models, "xtts", *FILES)
    assert len(found()) == 2
    Shelf(studio.settings.models).agree(find("xtts"), "ada")
    assert len(found()) == 60
    engine = studio.voice.engine(LOCAL, "coqui:claribel-dervla+fr")
    assert (engine.licence, engine.paid) == ("xtts-output", False)
    assert not licences.record(engine.licence)["commercial"]
    assert licences.record(studio.voice.engine(LOCAL, "coqui:vits-en-vctk.p225").licence)["commercial"]
    told = studio.voice.estimate(LOCAL, text="Hello there.", voice="Claribel Dervla")
    assert (told.provider, told.usd, told.sellers) == ("coqui", 0, ())
    for unknown in ("coqui:vits-en-vctk.p999", "coqui:vits-xx", "coqui:nobody"):
        with pytest.raises(NotFound):
            studio.voice.book.find(LOCAL, unknown)


@pytest.mark.usefixtures("installed")
def test_a_child_that_the_system_ended_is_taken_for_too_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(tmp_path, "xtts", *FILES)
    process = CoquiProcess(tmp_path)
    process.shelf.agree(find("xtts"), "ada")
    monkeypatch.setattr("core.voice.providers.xtts_speaking.speak", xtts_child.die)
    pool = Children(limit=1)
    try:
        with pytest.raises(Rejected, match="memory") as error:
            CoquiSpeech(process).make(Utterance("Hi.", "claribel-dervla", "default"), Call("c", tmp_path, pool))
    finally:
        pool.close()
    assert error.value.code == "out_of_memory"
    assert error.value.cost_nothing  # so another engine of the same voice may speak instead


@pytest.mark.usefixtures("installed")
def test_a_clone_needs_what_was_learned(tmp_path: Path) -> None:
    lay(tmp_path, "xtts", *FILES)
    process = CoquiProcess(tmp_path)
    engine = XttsSpeech(process, lambda sha256: tmp_path / sha256)
    call = Call("c", tmp_path, None)  # type: ignore[arg-type]
    say = Utterance("Hi.", "voice_1", MODEL)
    for profile, message in (
        ("", "No trained voice"),
        ("../x", "not there any more"),
        ("0" * 64, "not there any more"),
    ):
        with pytest.raises(UserError, match=message):
            engine.make(replace(say, profile=profile), call)
    path = tmp_path / "new"
    Latents(np.ones((1, 32, 64), np.float32), np.ones((1, 512, 1), np.float32)).save(path, "")
    learned = path.rename(tmp_path / hashlib.sha256(path.read_bytes()).hexdigest()).name
    with pytest.raises(SetupError, match="Nobody has agreed"):
        engine.make(replace(say, profile=learned), call)
    process.shelf.agree(find("xtts"), "ada")
    with pytest.raises(UserError, match="does not speak Swedish"):
        engine.make(replace(say, profile=learned, language="sv"), call)
    for language in ("cmn", "ja"):
        if find_spec(catalogue.languages()[language].module) is None:
            with pytest.raises(SetupError, match="only with the package"):
                engine.make(replace(say, profile=learned, language=language), call)


def test_learning_and_speaking_carry_the_same_terms() -> None:
    assert XttsTraining.info.licence == XttsSpeech.info.licence == CoquiSpeech.info.licence == "xtts-output"
    assert find("xtts").binding
    assert not any(find(name).binding for name in ("kokoro", "vits-en-vctk"))


def test_how_long_it_takes_is_told_from_the_last_time(tmp_path: Path) -> None:
    said = coqui_pace.told(coqui_pace.known(tmp_path, "xtts", "cpu"), 100)
    assert "after the first sentence" in said
    coqui_pace.remember(tmp_path, "xtts", "cpu", 200, 100.0)
    coqui_pace.remember(tmp_path, "xtts", "cpu", 3, 100.0)  # too short to say anything
    assert coqui_pace.told(coqui_pace.known(tmp_path, "xtts", "cpu"), 100) == "Starting; about 50 s of work"
    assert coqui_pace.told(coqui_pace.known(tmp_path, "xtts", "cpu"), 2000) == "Starting; about 17 min of work"
    assert coqui_pace.known(tmp_path, "xtts", "cuda") is None
    (tmp_path / "pace/xtts-cpu.json").write_text("{")
    assert coqui_pace.known(tmp_path, "xtts", "cpu") is None
    assert coqui_pace.known(None, "xtts", "cpu") is None
