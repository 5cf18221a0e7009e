"""The official OpenAI client against a real server: sound in six forms, and errors it understands."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
import openai
import pytest
import soundfile
from fastapi.testclient import TestClient

from core.api.service import api
from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.errors import MoneyError
from core.kit.paths import reference
from core.voice.gallery import find_voice


@pytest.fixture
def asked(server: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{server}/v1", api_key="unused", max_retries=0)


def test_every_form_is_the_sound_it_says(asked: openai.OpenAI) -> None:
    seconds: dict[str, float] = {}
    for form in ("mp3", "opus", "flac", "wav"):
        said = asked.audio.speech.create(model="tts-1", voice="alloy", input="Good evening.", response_format=form)  # type: ignore[arg-type]
        with soundfile.SoundFile(io.BytesIO(said.content)) as sound:
            seconds[form] = sound.frames / sound.samplerate
    pcm = asked.audio.speech.create(model="tts-1", voice="alloy", input="Good evening.", response_format="pcm").content
    samples = np.frombuffer(pcm, "<i2")
    assert np.abs(samples).max() > 3000
    seconds["pcm"] = len(samples) / 24_000
    assert max(seconds.values()) - min(seconds.values()) < 0.12, seconds
    aac = asked.audio.speech.create(model="tts-1", voice="alloy", input="Good evening.", response_format="aac").content
    assert (aac[0], aac[1] & 0xF6) == (0xFF, 0xF0), "ADTS begins with its sync word"


def test_what_it_says_becomes_an_asset_of_the_voice_it_names(asked: openai.OpenAI, studio: Studio) -> None:
    answer = asked.audio.speech.with_raw_response.create(
        model="gpt-4o-mini-tts", voice="onyx", input="A low voice.", speed=1.5, instructions="calmly"
    )
    asset = studio.library.get(LOCAL, answer.headers["x-asset-id"])
    assert asset.generation_config["voice"] == "espeak:en-us+Mike"
    assert asset.generation_config["settings"]["speed"] == 1.5
    assert answer.headers["content-type"] == "audio/mpeg"
    with asked.audio.speech.with_streaming_response.create(model="tts-1", voice="Emma", input="Streamed.") as stream:
        assert sum(len(part) for part in stream.iter_bytes()) > 1000


def test_every_known_name_is_a_voice_of_ours() -> None:
    names = reference("voices/known_names")
    for group in names.values():
        assert len({find_voice(voice).id for voice in group.values()}) == len(group)
    assert {"alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer"} <= set(
        names["openai"]
    )


@pytest.mark.parametrize(
    ("values", "kind", "param"),
    [
        ({"voice": "nobody"}, openai.BadRequestError, "voice"),
        ({"model": "tts-9"}, openai.NotFoundError, None),
        ({"input": ""}, openai.BadRequestError, "input"),
        ({"input": " . "}, openai.BadRequestError, "input"),
        ({"speed": 4.0}, openai.BadRequestError, "speed"),
        ({"speed": 9.0}, openai.BadRequestError, "speed"),
        ({"response_format": "wma"}, openai.BadRequestError, "response_format"),
    ],
)
def test_errors_are_those_the_client_knows(
    asked: openai.OpenAI, values: dict[str, Any], kind: type[openai.APIStatusError], param: str | None
) -> None:
    request: dict[str, Any] = {"model": "tts-1", "voice": "alloy", "input": "Hello.", **values}
    with pytest.raises(kind) as told:
        asked.audio.speech.create(**request)
    assert told.value.type == "invalid_request_error"  # type: ignore[attr-defined]
    assert told.value.param == param  # type: ignore[attr-defined]
    assert told.value.response.headers["x-should-retry"] == "false"


def test_a_cap_reads_as_a_quota(asked: openai.OpenAI, studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise MoneyError("The cap of the day is reached.", "Raise it.")

    monkeypatch.setattr(studio.voice, "speak", refuse)
    with pytest.raises(openai.RateLimitError) as told:
        asked.with_options(max_retries=2).audio.speech.create(model="tts-1", voice="alloy", input="Hello.")
    assert told.value.code == "insufficient_quota"


def test_models_are_listed(asked: openai.OpenAI) -> None:
    assert asked.models.list().data[0].id == "espeak"
    assert asked.models.retrieve("tts-1").object == "model"
    with pytest.raises(openai.NotFoundError):
        asked.models.retrieve("gpt-5")
    with pytest.raises(openai.NotFoundError):
        asked.chat.completions.create(model="x", messages=[])


def test_a_stranger_reads_an_error_the_client_knows(studio: Studio) -> None:
    closed = replace(studio, settings=studio.settings.model_copy(update={"require_sign_in": True}))
    with TestClient(api(closed), base_url="http://127.0.0.1") as stranger:
        answer = stranger.post("/v1/audio/speech", json={"model": "tts-1", "input": "a", "voice": "alloy"})
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "authentication_error"
