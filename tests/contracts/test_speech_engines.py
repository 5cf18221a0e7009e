"""What every speech engine owes the studio, whoever is behind it. Cloud engines speak to stand-ins on loopback."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.audio import files
from core.kit.children import Children
from core.kit.errors import StudioError, UserError
from core.models.catalogue import find
from core.providers.base import Call, Made
from core.voice.engine import CONTROLS, Utterance
from core.voice.matching.bases import say
from core.voice.matching.profile import measure
from core.voice.providers.coqui import CoquiSpeech
from core.voice.providers.coqui_process import CoquiProcess
from core.voice.providers.elevenlabs import ElevenLabsSpeech
from core.voice.providers.espeak import EspeakProvider
from core.voice.providers.espeak_process import SAMPLE_RATE
from core.voice.providers.kokoro import KokoroSpeech
from core.voice.providers.matching import MatchingSpeech
from core.voice.providers.openai import OpenaiSpeech
from core.voice.providers.xtts import XttsSpeech
from core.voice.providers.xtts_latents import Latents
from tests.clouds import elevenlabs, openai
from tests.contracts import speech_checks as checks
from tests.voice.providers.kokoro_checkpoint import needs_kokoro
from tests.voice.providers.kokoro_child import build_in_child
from tests.voice.providers.xtts_checkpoint import WIDTH, needs_xtts
from tests.voice.providers.xtts_child import build_in_child as build_coqui_in_child

TEXT = "The harbour wakes, and a rope creaks. Twice!"


@dataclass(frozen=True)
class Case:
    engine: Any
    voice: str
    key: str = ""
    profile: str = ""
    """Of engines whose voices are the user's own."""
    cache: Path | None = None


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile of one of the embedded voices, named by its hash."""
    new = tmp_path_factory.mktemp("profiles") / "new"
    measure([(say("en-us+f2", TEXT), SAMPLE_RATE)]).save(new)
    return new.rename(new.with_name(hashlib.sha256(new.read_bytes()).hexdigest()))


@pytest.fixture(scope="module")
def tiny_kokoro(children: Children, tmp_path_factory: pytest.TempPathFactory) -> KokoroSpeech:
    models = tmp_path_factory.mktemp("models")
    engine = KokoroSpeech(models, threads=1)
    children.run(build_in_child, (models / "kokoro", ("af_heart",)), kept=engine.kept)
    return engine


@pytest.fixture(scope="module")
def tiny_coqui(children: Children, tmp_path_factory: pytest.TempPathFactory) -> CoquiProcess:
    process = CoquiProcess(tmp_path_factory.mktemp("models"), threads=1)
    children.run(build_coqui_in_child, process.shelf.folder, kept=process.kept)
    process.shelf.agree(find("xtts"), "a test")
    return process


@pytest.fixture(scope="module")
def cloned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Latents of nobody, named by their hash."""
    new, drawn = tmp_path_factory.mktemp("latents") / "new", np.random.default_rng(1)
    style, embedding = (drawn.normal(0, 0.1, shape).astype(np.float32) for shape in ((1, 32, WIDTH), (1, 512, 1)))
    Latents(style, embedding).save(new, "")
    return new.rename(new.with_name(hashlib.sha256(new.read_bytes()).hexdigest()))


NEURAL = [("kokoro", needs_kokoro), ("xtts", needs_xtts), ("coqui", needs_xtts), ("vits", needs_xtts)]


@pytest.fixture(
    params=["espeak", "openai", "elevenlabs", "matching", *(pytest.param(name, marks=mark) for name, mark in NEURAL)]
)
def case(request: pytest.FixtureRequest, trained: Path) -> Iterator[Case]:
    with ExitStack() as servers:
        if request.param == "kokoro":
            yield Case(request.getfixturevalue("tiny_kokoro"), "af_heart")
            return
        if request.param == "xtts":
            learned = request.getfixturevalue("cloned")
            engine = XttsSpeech(request.getfixturevalue("tiny_coqui"), lambda sha256: learned.parent / sha256)
            yield Case(engine, "voice_1", profile=learned.name)
            return
        if request.param in ("coqui", "vits"):
            voice = {"coqui": "claribel-dervla", "vits": "vits-es-css10"}[request.param]
            yield Case(CoquiSpeech(request.getfixturevalue("tiny_coqui")), voice)
            return
        if request.param == "openai":
            server = servers.enter_context(openai.OpenaiServer())
            yield Case(OpenaiSpeech(server.url), "alloy", openai.KEY)
        elif request.param == "elevenlabs":
            cloud = servers.enter_context(elevenlabs.ElevenLabsServer())
            yield Case(ElevenLabsSpeech(cloud.url), elevenlabs.VOICE, elevenlabs.KEY)
        elif request.param == "matching":
            matching = MatchingSpeech(lambda sha256: trained.parent / sha256)
            yield Case(matching, "voice_1", profile=trained.name, cache=trained.parent)
        else:
            yield Case(EspeakProvider(), "en-us+f3")


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    pool = Children(limit=1)
    yield pool
    pool.close()


def utterance(case: Case, **values: Any) -> Utterance:
    return replace(Utterance(TEXT, case.voice, case.engine.default_model, profile=case.profile), **values)


def made(case: Case, children: Children, folder: Path, **values: Any) -> Made:
    folder.mkdir(exist_ok=True)
    call = Call("attempt_1", folder, children, key=case.key, cache=case.cache)
    answer: Made = case.engine.make(utterance(case, **values), call)
    return answer


def seconds(sound: Made) -> float:
    return files.decode(sound.outputs[0].path).seconds


def test_one_sound_that_can_be_played(case: Case, children: Children, tmp_path: Path) -> None:
    sound = made(case, children, tmp_path)
    (output,) = sound.outputs
    assert (output.role, output.kind) == ("primary", "voiceover")
    assert output.path.parent == tmp_path
    checks.sounds(output.path)
    assert sound.facts["model"] in case.engine.info.models


def test_words_lie_in_the_text_and_in_the_sound(case: Case, children: Children, tmp_path: Path) -> None:
    sound = made(case, children, tmp_path)
    words = sound.facts.get("words")
    if words is None:
        pytest.skip("this engine times no words: they are found afterwards")
    checks.words_fit(TEXT, words, seconds(sound))


def test_no_more_is_billed_than_was_reserved(case: Case, children: Children, tmp_path: Path) -> None:
    most = case.engine.maximum(utterance(case))
    assert set(case.engine.info.units) <= set(most)
    used = made(case, children, tmp_path).units
    checks.bills_no_more(used, most)
    longer = case.engine.maximum(utterance(case, text=TEXT * 10))
    assert all(longer[unit] >= most[unit] for unit in most)


def test_its_own_speeds_are_spoken(case: Case, children: Children, tmp_path: Path) -> None:
    slowest, fastest = case.engine.speeds
    assert slowest < 1.0 < fastest
    slow = seconds(made(case, children, tmp_path / "slow", speed=slowest))
    fast = seconds(made(case, children, tmp_path / "fast", speed=fastest))
    assert slow > fast


def test_every_model_has_a_limit_that_is_kept(case: Case, children: Children, tmp_path: Path) -> None:
    for model in case.engine.info.models:
        assert case.engine.longest(model) >= 500
    if case.engine.info.name == "espeak":
        return  # takes a whole script; its limit is the studio's own
    with pytest.raises(UserError, match="too many"):
        made(case, children, tmp_path, text="x" * (case.engine.longest(case.engine.default_model) + 1))
    with pytest.raises(UserError):
        case.engine.longest("no-such-model")


@pytest.mark.parametrize("wrong", [{"voice": "no such voice"}, {"text": "  "}])
def test_what_cannot_work_is_told_in_words(
    case: Case, children: Children, tmp_path: Path, wrong: dict[str, str]
) -> None:
    if case.profile and "voice" in wrong:
        wrong = {"profile": "0" * 64}  # which is what names the voice there
    with pytest.raises(StudioError) as told:
        made(case, children, tmp_path, **wrong)
    checks.told_in_words(told.value)
    assert list(tmp_path.iterdir()) == []


def test_it_obeys_what_it_says_it_obeys(case: Case) -> None:
    info = case.engine.info
    assert (info.kind, info.form) == ("speech", "make")
    assert info.capabilities & set(CONTROLS) or info.name == "espeak"
    assert case.engine.default_model in info.models


def test_a_constructor_does_nothing() -> None:
    """No key, no network, no import of an SDK."""
    import subprocess
    import sys

    code = (
        "import sys; from core.voice.providers.openai import OpenaiSpeech; OpenaiSpeech().info;"
        "from core.voice.providers.elevenlabs import ElevenLabsSpeech; ElevenLabsSpeech().info;"
        "from core.voice.providers.matching import MatchingSpeech; MatchingSpeech(str).info;"
        "from pathlib import Path; from core.voice.providers.kokoro import KokoroSpeech; KokoroSpeech(Path()).lacks();"
        "from core.voice.providers.coqui_process import CoquiProcess; process = CoquiProcess(Path());"
        "from core.voice.providers.coqui import CoquiSpeech; CoquiSpeech(process).lacks();"
        "from core.voice.providers.xtts import XttsSpeech; XttsSpeech(process, Path).lacks();"
        "heavy = ('openai', 'elevenlabs', 'httpx', 'httpx2', 'pyworld', 'torch', 'torchaudio', 'kokoro', 'TTS');"
        "print([name for name in heavy if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.strip() == "[]"
