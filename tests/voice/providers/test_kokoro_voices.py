"""Kokoro without its libraries: voices, blends, what it lacks, and where it appears."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.app import Studio, build_studio
from core.doctor import checks
from core.kit.actor import LOCAL
from core.kit.children import Children
from core.kit.errors import NotFound, Rejected, SetupError, UserError
from core.kit.settings import load_settings
from core.models.catalogue import find
from core.providers.base import Call
from core.rights import licences
from core.voice.engine import Utterance
from core.voice.languages import language_facts
from core.voice.providers import kokoro
from core.voice.providers import kokoro_voices as catalogue
from core.voice.providers.kokoro import KokoroSpeech
from tests.voice.providers import kokoro_child


def test_54_voices_in_9_languages() -> None:
    voices = catalogue.voices()
    assert len({voice.id for voice in voices}) == len({voice.name for voice in voices}) == 54
    assert len({(voice.language_name, voice.accent) for voice in voices}) == len(catalogue.languages()) == 9
    assert {voice.gender for voice in voices} == {"female", "male"}
    assert all({"f": "female", "m": "male"}[voice.id.split(":")[1][1]] == voice.gender for voice in voices)
    assert all(voice.sample_text and language_facts(voice.language) for voice in voices)
    heart = voices[0]
    assert (heart.id, heart.name, heart.tier, heart.style) == ("kokoro:af_heart", "Heart", "premium", "grade A")
    ungraded = {voice.id.split(":")[1] for voice in voices if "grade" not in voice.engine}
    assert ungraded == {"ef_dora", "em_alex", "em_santa", "pf_dora", "pm_alex", "pm_santa"}


def test_the_weights_have_a_file_for_every_voice() -> None:
    assert find("kokoro").voices == tuple(f"voices/{name}.pt" for name in catalogue.rows())


@pytest.mark.parametrize(
    ("written", "blend"),
    [
        ("af_heart", "af_heart"),
        ("af_heart*0.7+am_adam*0.3", "af_heart*0.7+am_adam*0.3"),
        ("70% af_heart + 30% am_adam", "af_heart*0.7+am_adam*0.3"),
        ("AF_Heart * 7 + am_adam * 3", "af_heart*0.7+am_adam*0.3"),
        ("af_heart+bf_emma", "af_heart*0.5+bf_emma*0.5"),
        ("af_heart*0.2+af_heart*0.2", "af_heart"),
        ("af_heart*0+am_adam", "am_adam"),
        ("af_sky+af_nova+af_kore", "af_sky*0.3333+af_nova*0.3333+af_kore*0.3333"),
    ],
)
def test_blends_are_read_and_their_shares_sum_to_one(written: str, blend: str) -> None:
    parsed = catalogue.parse_blend(written)
    assert parsed.id == blend
    assert sum(share for _, share in parsed.shares) == pytest.approx(1.0)
    assert catalogue.parse_blend(parsed.id).id == blend


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "no voice of Kokoro"),
        ("af_heart*", "no voice of Kokoro"),
        ("af_heart*-1", "no voice of Kokoro"),
        ("50% af_heart*0.5", "no voice of Kokoro"),
        ("../../etc/passwd", "no voice of Kokoro"),
        ("af_heart*0", "has a share"),
        ("am_emma", "no voice 'am_emma'"),
        ("af_heart+ff_siwis", "English and French"),
        ("+".join(list(catalogue.rows())[:9]), "9 voices are too many"),
    ],
)
def test_what_is_no_blend_is_refused(written: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        catalogue.parse_blend(written)


def test_a_blend_is_a_voice_with_the_accent_of_its_heaviest() -> None:
    voice = catalogue.voice_of(catalogue.parse_blend("40% af_heart + 60% bm_lewis"))
    assert (voice.id, voice.gender, voice.accent) == ("kokoro:af_heart*0.4+bm_lewis*0.6", "neutral", "British")
    assert voice.name == "40% Heart + 60% Lewis"
    assert catalogue.voice_of(catalogue.parse_blend("af_sky")) in catalogue.voices()


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    opened = build_studio(load_settings(home=tmp_path / "home"))
    yield opened
    opened.close()


def installed(monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
    monkeypatch.setattr(kokoro, "find_spec", lambda name: object() if name in modules else None)


def lay(studio: Studio, *voices: str) -> None:
    place = studio.settings.models / "kokoro"
    (place / "voices").mkdir(parents=True)
    for path in ("config.json", "kokoro-v1_0.pth", *(f"voices/{voice}.pt" for voice in voices)):
        (place / path).write_bytes(b"as good as real, to look at")


def state(studio: Studio) -> Any:
    return next(item for item in studio.registry.readiness("speech") if item.info.name == "kokoro")


def test_what_is_missing_is_told_one_by_one(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "torch")
    assert not state(studio).ready
    assert "pip install -r requirements-kokoro.txt" in state(studio).remedy
    assert (Path(__file__).parents[3] / kokoro.OPTIONAL_SET).is_file()
    installed(monkeypatch, "torch", "kokoro", "misaki")
    assert (state(studio).why, state(studio).remedy) == (
        "The weights of Kokoro-82M v1.0 are not there", "Run: studio models pull kokoro",
    )  # fmt: skip
    with pytest.raises(SetupError, match="weights"):
        studio.voice.estimate(LOCAL, text="Hello.", voice="kokoro:af_heart")
    lay(studio, "af_heart", "am_adam", "jf_alpha")
    assert state(studio).ready
    line = next(check for check in checks(studio) if check.name == "speech: Kokoro")
    assert line.state == "ready"
    assert "English read by" in line.detail


def test_its_voices_stand_in_the_gallery_when_it_is_ready(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "find_spec", lambda name: None)
    installed(monkeypatch)
    lay(studio, "af_heart", "am_adam", "jf_alpha")
    assert not [voice for voice in studio.voice.book.voices(LOCAL) if voice.provider == "kokoro"]
    installed(monkeypatch, "torch", "kokoro", "misaki")
    found = studio.voice.book.voices(LOCAL, tier="premium")
    # The Japanese one is left out: nothing here can read Japanese for it.
    assert [voice.id for voice in found] == ["kokoro:af_heart", "kokoro:am_adam"]
    assert studio.voice.book.find(LOCAL, "Heart").id == "kokoro:af_heart"
    blend = studio.voice.book.find(LOCAL, "kokoro:70% af_heart + 30% am_adam")
    assert (blend.id, blend.language) == ("kokoro:af_heart*0.7+am_adam*0.3", "en-us")
    with pytest.raises(NotFound, match="am_emma"):
        studio.voice.book.find(LOCAL, "kokoro:am_emma")
    told = studio.voice.estimate(LOCAL, text="Hello there. [voice Emma]And me.[/voice]", voice=blend.id, seed=3)
    assert (told.provider, told.model, told.usd, told.sellers) == ("kokoro", "kokoro-v1_0", 0, ())
    assert licences.record(state(studio).info.licence)["commercial"]


def test_japanese_and_chinese_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "find_spec", lambda name: None)
    for voice, extra in (("jf_alpha", "ja"), ("zm_yunxi", "zh")):
        with pytest.raises(SetupError, match="another package") as error:
            catalogue.check_readable(catalogue.language_of(voice))
        assert f"misaki[{extra}]" in error.value.hint
    catalogue.check_readable(catalogue.language_of("ff_siwis"))


def test_a_child_that_the_system_ended_is_taken_for_too_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kokoro, "speak", kokoro_child.die)
    monkeypatch.setattr(KokoroSpeech, "lacks", lambda self: None)
    place = tmp_path / "kokoro"
    (place / "voices").mkdir(parents=True)
    for path in ("config.json", "kokoro-v1_0.pth", "voices/af_heart.pt"):
        (place / path).write_bytes(b"x")
    pool = Children(limit=1)
    try:
        with pytest.raises(Rejected, match="memory") as error:
            KokoroSpeech(tmp_path).make(Utterance("Hi.", "af_heart", kokoro.MODEL), Call("c", tmp_path, pool))
    finally:
        pool.close()
    assert error.value.code == "out_of_memory"
    assert "shorter sentences" in error.value.hint
