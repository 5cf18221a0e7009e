"""Languages: told where the model takes one, refused clearly where the voice does not speak it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.kit.errors import UserError
from core.voice.engine import SpeechEngine
from core.voice.gallery import find_voice
from core.voice.languages import base
from core.voice.providers.elevenlabs import ElevenLabsSpeech
from core.voice.providers.espeak import EspeakProvider
from core.voice.providers.openai import OpenaiSpeech
from core.voice.routing.tongue import speaking, speaks
from core.voice.types import Voice

ESPEAK: Any = EspeakProvider()
ELEVEN: SpeechEngine = ElevenLabsSpeech()
OPENAI: SpeechEngine = OpenaiSpeech()
ALLOY = next(voice for voice in OpenaiSpeech().voices() if voice.id == "openai:alloy")
RACHEL = Voice(
    "elevenlabs:r", "Rachel", "elevenlabs", "premium", "en", "English", "American", "female", "",
    engine={"languages": ["en", "fr"]},
)  # fmt: skip


@pytest.mark.parametrize(
    ("code", "language"), [("en-GB", "en"), ("cmn", "zh"), ("zh_CN", "zh"), ("nb", "no"), ("fr", "fr")]
)
def test_the_language_of_an_accent(code: str, language: str) -> None:
    assert base(code) == language


def test_a_voice_of_one_language_speaks_that() -> None:
    emma = find_voice("Emma")
    assert speaking(emma, ESPEAK, "en") == speaking(emma, ESPEAK, "en-us") == emma
    with pytest.raises(UserError, match="Emma does not speak French") as refused:
        speaking(emma, ESPEAK, "fr")
    assert "Choose a voice of French" in refused.value.hint
    with pytest.raises(UserError, match="not speak English as en-gb, but as en-us"):
        speaking(emma, ESPEAK, "en-gb")


def test_a_model_that_can_be_told_is_told() -> None:
    told = speaking(RACHEL, ELEVEN, "de", "eleven_flash_v2_5")
    assert (told.engine["language"], told.language, told.language_name) == ("de", "de", "German")
    assert speaking(ALLOY, OPENAI, "cmn").engine["language"] == "zh"
    assert speaking(ALLOY, OPENAI, "zh").language == "cmn"


def test_a_model_that_cannot_be_told_names_those_that_can() -> None:
    with pytest.raises(UserError, match="Rachel does not speak German") as refused:
        speaking(RACHEL, ELEVEN, "de", "eleven_multilingual_v2")
    assert "eleven_flash_v2_5" in refused.value.hint
    with pytest.raises(UserError, match="does not speak") as refused:
        speaking(ALLOY, OPENAI, "fr", "tts-1")
    assert "gpt-4o-mini-tts" in refused.value.hint


def test_what_a_voice_is_listed_with_it_speaks_unasked() -> None:
    french = speaking(RACHEL, ELEVEN, "fr", "")
    assert (french.language, "language" in french.engine) == ("fr", False)
    assert speaks(RACHEL, ELEVEN, "fr-ca")
    assert not speaks(RACHEL, ELEVEN, "de")


def test_a_language_there_is_not() -> None:
    with pytest.raises(UserError, match="no language 'xx' here"):
        speaking(replace(find_voice("Emma")), ESPEAK, "xx")
