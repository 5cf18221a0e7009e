from collections.abc import Callable
from typing import Any

import pytest

from core.kit.errors import NotFound, UserError
from core.voice.cleaning import clean
from core.voice.gallery import curated, default_voice, engine_voices, find_voice, grouped, preview_text, voices
from core.voice.languages import language_facts
from core.voice.providers.espeak_process import listing
from core.voice.types import Voice


def test_every_voice_of_the_engine_is_there_once() -> None:
    assert len(listing().voices) == 141
    assert len(engine_voices()) == 138  # three have no dictionary and make no sound
    ids = [voice.id for voice in voices()]
    assert len(ids) == len(set(ids))
    assert {voice.id for voice in engine_voices()} <= set(ids)


def test_curated_voices_have_unique_names_and_cover_the_promised_languages() -> None:
    names = [voice.name.casefold() for voice in curated()]
    assert len(names) == len(set(names))
    covered = {voice.language for voice in curated()}
    assert covered >= {
        "en-us", "en", "en-gb-scotland", "fr", "fr-be", "fr-ch", "hi", "es", "es-419", "de", "it", "pt", "pt-br", "ar",
        "cmn", "ja",
    }  # fmt: skip
    for language in covered - {"en-gb-scotland"}:
        assert {voice.gender for voice in curated() if voice.language == language} == {"female", "male"}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("Emma", "espeak:en-us+f3"),
        ("emma", "espeak:en-us+f3"),
        ("chloe", "espeak:fr+f5"),
        ("espeak:fr+f5", "espeak:fr+f5"),
        ("en-us+f3", "espeak:en-us+f3"),
        ("EN-US+ANNIE", "espeak:en-us+Annie"),
        ("fr", "espeak:fr"),
        ("fr-fr", "espeak:fr"),
        ("en_GB", "espeak:en"),
        ("zh", "espeak:cmn"),
        ("de+whisperf", "espeak:de+whisperf"),
        ("", "espeak:en-us+f3"),
        ("Hindi", "espeak:hi+f3"),
        ("Klingon", "espeak:piqd"),
    ],
)
def test_a_voice_is_found_by_id_name_code_or_language(wanted: str, found: str) -> None:
    assert find_voice(wanted).id == found


@pytest.mark.parametrize(
    ("wanted", "near"), [("Ema", "Emma"), ("fr+f9", "f"), ("xx-yy", ""), ("xex", ""), ("../../etc", "")]
)
def test_an_unknown_voice_names_what_is_near(wanted: str, near: str) -> None:
    with pytest.raises(NotFound) as caught:
        find_voice(wanted)
    assert near in caught.value.hint
    assert wanted.partition("+")[2] or wanted in caught.value.message


def test_filters_hold_together_and_include_accents() -> None:
    french = voices(language="fr")
    assert {"fr", "fr-be", "fr-ch"} == {voice.language for voice in french}
    assert [voice.id for voice in voices(language="French")] == [voice.id for voice in french]
    assert {voice.gender for voice in voices(gender="female")} == {"female"}
    assert [voice.name for voice in voices(search="scottish female")] == ["Fiona"]
    assert voices(tier="premium") == []
    assert voices(language="zh")[0].language == "cmn"
    with pytest.raises(NotFound, match="Frnch") as caught:
        voices(language="Frnch")
    assert "French" in caught.value.hint
    for wrong in ({"gender": "robot"}, {"tier": "gold"}):
        with pytest.raises(UserError):
            voices(**wrong)


def test_groups_are_tier_then_gender_and_take_voices_of_others() -> None:
    own = Voice("custom:1", "My voice", "match", "custom", "en-us", "English", "", "female", "warm")
    groups = grouped(voices(search="", extra=[own]))
    assert list(groups) == ["standard", "custom"]
    assert list(groups["standard"])[:2] == ["female", "male"]
    assert groups["custom"]["female"] == [own]
    assert find_voice("my VOICE", extra=[own]) is own


def test_every_language_has_a_default_and_a_preview() -> None:
    assert default_voice("fr").name == "Camille"
    assert default_voice("fr-be").name == "Élise"
    assert default_voice("cy").id == "espeak:cy"
    for voice in voices():
        assert clean(preview_text(voice))
    with pytest.raises(NotFound):
        default_voice("zz")


def test_samples_are_written_in_their_language() -> None:
    assert "मेरी" in language_facts("hi")["sample"]
    assert language_facts("fr-be") == language_facts("fr")
    assert language_facts("tlh") == {}


@pytest.mark.parametrize(
    "name",
    ["Emma", "Adam", "Olivia", "Nora", "Walter", "Camille", "Antoine", "Priya", "Arjun", "Mei", "Ho Yin", "Linh"],
)
def test_gender_and_pitch_on_the_card_are_what_is_heard(
    name: str, say: Callable[..., Any], median_f0: Callable[..., float]
) -> None:
    voice = find_voice(name)
    heard = say(voice.sample_text, voice=name, captions=False)
    pitch = median_f0(heard.samples, heard.rate)
    assert pitch == pytest.approx(voice.pitch_hz, rel=0.06)
    assert voice.gender == ("female" if pitch > 155 else "male")


def test_whispers_have_no_pitch(say: Callable[..., Any], median_f0: Callable[..., float]) -> None:
    voice = find_voice("Wren")
    heard = say(voice.sample_text, voice="Wren", captions=False)
    assert voice.style == "whisper"
    assert median_f0(heard.samples, heard.rate) == 0 == voice.pitch_hz
