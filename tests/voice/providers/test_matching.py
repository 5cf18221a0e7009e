import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from core.audio import files
from core.audio.loudness import integrated_lufs
from core.kit.children import Children
from core.kit.errors import Cancelled, SetupError, StudioError, UserError
from core.providers.base import Call, Made
from core.voice.engine import Utterance
from core.voice.matching.bases import Calibration, calibration, say
from core.voice.matching.profile import Profile, measure
from core.voice.matching.world import RATE
from core.voice.providers import matching
from core.voice.providers.espeak import EspeakProvider
from core.voice.providers.matching import PACES, MatchingSpeech

TEXT = "The harbour wakes, and a rope creaks. Twice!"
SENTENCE = "The old harbour wakes before the sun, and fishermen carry their nets along the pier."


@pytest.fixture(scope="module")
def woman(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A profile, named by its hash."""
    folder = tmp_path_factory.mktemp("profiles")
    measure([(say("en-us+f2", SENTENCE), RATE)]).save(folder / "new")
    sha256 = hashlib.sha256((folder / "new").read_bytes()).hexdigest()
    return (folder / "new").rename(folder / sha256)


@pytest.fixture
def engine(woman: Path) -> MatchingSpeech:
    return MatchingSpeech(lambda sha256: woman.parent / sha256)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Base voices are measured on one sentence rather than five."""
    monkeypatch.setattr(matching, "calibration", lambda voice, cache: Calibration(voice, SENTENCE, cache))


@pytest.fixture
def speak(engine: MatchingSpeech, woman: Path, children: Children, tmp_path: Path, cache: Path) -> Callable[..., Made]:
    count = 0

    def made(text: str = TEXT, *, folder: Path | None = None, **values: object) -> Made:
        nonlocal count
        count += 1
        folder = folder or tmp_path / f"call{count}"
        folder.mkdir(exist_ok=True)
        call = Call("c", folder, children, cache=cache, **{k: values.pop(k) for k in ("cancelled",) if k in values})  # type: ignore[arg-type]
        asked = Utterance(text, "voice_1", engine.default_model, profile=woman.name)
        return engine.make(replace(asked, **values), call)  # type: ignore[arg-type]

    return made


def test_it_speaks_with_exact_words_and_says_how_near_it_came(
    speak: Callable[..., Made], children: Children, tmp_path: Path
) -> None:
    made = speak()
    (output,) = made.outputs
    sound = files.decode(output.path)
    assert sound.sample_rate == RATE
    assert integrated_lufs(sound.samples, RATE) == pytest.approx(-16, abs=0.5)
    assert sorted(path.name for path in output.path.parent.iterdir()) == ["speech.wav"]
    facts = made.facts
    assert (facts["model"], facts["base"]) == ("world-1", "espeak:en-us+f2")
    assert PACES[0] <= facts["pace"] <= PACES[1]
    assert facts["likeness"]["label"] == "Voice matching, not a clone"
    assert facts["likeness"]["after"]["score"] > 0.6
    (tmp_path / "plain").mkdir()
    plain = EspeakProvider().make(
        Utterance(TEXT, "en-us+f2", "", speed=facts["pace"]), Call("p", tmp_path / "plain", children)
    )
    assert facts["words"] == plain.facts["words"]
    assert sound.samples.shape == files.decode(plain.outputs[0].path).samples.shape


def test_the_same_bytes_twice_and_without_a_cache(
    speak: Callable[..., Made], engine: MatchingSpeech, woman: Path, children: Children, tmp_path: Path
) -> None:
    first = speak("Twice the same.").outputs[0].path.read_bytes()
    assert speak("Twice the same.").outputs[0].path.read_bytes() == first
    (tmp_path / "none").mkdir()
    asked = Utterance("Twice the same.", "voice_1", engine.default_model, profile=woman.name)
    made = engine.make(asked, Call("c", tmp_path / "none", children))
    assert made.outputs[0].path.read_bytes() == first


def test_one_short_word_is_spoken_and_not_measured(speak: Callable[..., Made]) -> None:
    made = speak("No.")
    assert made.outputs[0].facts["duration_s"] < 1
    assert "too short" in made.facts["likeness"]["sentence"]
    assert len(made.facts["words"]) == 1


def test_the_base_voice_speaks_the_text(speak: Callable[..., Made]) -> None:
    assert speak("Bonjour à tous.", language="fr").facts["base"] == "espeak:fr+f2"
    with pytest.raises(UserError, match="language"):
        speak(language="xx")


def test_a_cancel_ends_it_and_leaves_nothing(speak: Callable[..., Made], tmp_path: Path) -> None:
    folder = tmp_path / "cancelled"
    asked_for = threading.Event()
    looks = 0

    def cancelled() -> bool:
        nonlocal looks
        looks += 1
        if looks > 12:  # somewhere in the child's work
            asked_for.set()
        return asked_for.is_set()

    before = len(psutil.Process().children(recursive=True))
    with pytest.raises(Cancelled):
        speak(TEXT * 40, folder=folder, cancelled=cancelled)
    assert list(folder.iterdir()) == []
    assert len(psutil.Process().children(recursive=True)) <= before


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"profile": ""}, "No trained voice"), ({"profile": "0" * 64}, "not there any more"),
        ({"profile": "../../etc/passwd"}, "not there any more"), ({"text": "  "}, "no text"),
        ({"text": "x" * 5001}, "too many"), ({"speed": 3.0}, "Speed 3"), ({"speed": float("nan")}, "Speed nan"),
        ({"model": "other"}, "no model"),
    ],
)  # fmt: skip
def test_what_cannot_be_spoken(speak: Callable[..., Made], tmp_path: Path, values: dict[str, str], said: str) -> None:
    with pytest.raises(UserError, match=said) as told:
        speak(folder=tmp_path / "call", **values)
    assert told.value.hint or "too many" in said
    assert list((tmp_path / "call").iterdir()) == []


def test_a_profile_that_is_damaged_or_cannot_be_fetched(woman: Path, children: Children, tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(woman.read_bytes()[:100])

    def away(_sha256: str) -> Path:
        raise SetupError("The shared storage does not answer.", "Check it.", "storage_failed")

    def gone(sha256: str) -> Path:
        raise KeyError(sha256)

    asked = Utterance("Hello.", "voice_1", "", profile=woman.name)
    call = Call("c", tmp_path, children)
    for resolve, code in ((lambda sha256: tmp_path / "bad", "profile_damaged"), (away, "storage_failed"), (gone, "no_profile")):  # fmt: skip
        with pytest.raises(StudioError) as told:
            MatchingSpeech(resolve).make(asked, call)
        assert told.value.code == code


def test_the_pace_follows_the_speaker_within_bounds(woman: Path) -> None:
    from core.voice.matching.profile import load
    from core.voice.providers.matching import _pace

    def speaker(**values: float) -> Profile:
        return replace(load(woman), **{"peaks_per_second": 4.0, "voiced_s": 9.0} | values)  # type: ignore[arg-type]

    plain = speaker()
    assert _pace(speaker(peaks_per_second=4.4), plain) == pytest.approx(1.1)
    assert _pace(speaker(peaks_per_second=9.0), plain) == PACES[1]
    assert _pace(speaker(peaks_per_second=9.0, voiced_s=1.0), plain) == 1.0
    assert _pace(speaker(peaks_per_second=0.0), plain) == 1.0
    slowest, fastest = MatchingSpeech.speeds
    assert slowest * PACES[0] >= EspeakProvider.speeds[0]
    assert fastest * PACES[1] <= EspeakProvider.speeds[1]


def test_the_shipped_passage_is_used() -> None:
    assert calibration("en-us+f2").passage.startswith("The old harbour")
