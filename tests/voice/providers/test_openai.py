"""OpenAI speech: the real SDK against a stand-in written from the contract sheet."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import soundfile

from core.kit.children import Children
from core.kit.errors import (
    Cancelled,
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    Rejected,
    SetupError,
    Unavailable,
    UserError,
)
from core.money.prices import PriceBook
from core.providers.base import Call, Made
from core.rights import licences
from core.voice.engine import EMOTIONS, SpeechEngine, Utterance
from core.voice.providers import openai as subject
from core.voice.providers.openai import OpenaiSpeech
from tests.clouds.openai import KEY, SECONDS_PER_CHARACTER, OpenaiServer

HELLO = Utterance(text="Hello, this is a test of the voice.", voice="alloy", model="tts-1")
STEERED = replace(HELLO, model="gpt-4o-mini-tts", voice="marin")
LAST_DAY, END = date(2027, 1, 5), date(2027, 1, 6)
Make = Callable[..., Made]


@pytest.fixture(autouse=True)
def before_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "today", lambda: LAST_DAY)


@pytest.fixture
def make(cloud: OpenaiServer, tmp_path: Path, children: Children) -> Make:
    def made(request: Utterance, *faults: str, key: str = KEY, url: str = "", **call: Any) -> Made:
        cloud.faults = list(faults)
        folder = tmp_path / "call"
        folder.mkdir(exist_ok=True)
        return OpenaiSpeech(url or cloud.url).make(request, Call("c", folder, children, key=key, **call))

    return made


def seconds(made: Made) -> float:
    return float(soundfile.info(made.outputs[0].path).duration)


def test_a_sound_is_written_and_billed_by_characters(make: Make, cloud: OpenaiServer) -> None:
    made = make(HELLO)
    assert [(one.role, one.kind, one.path.name) for one in made.outputs] == [("primary", "voiceover", "speech.wav")]
    assert seconds(made) == pytest.approx(len(HELLO.text) * SECONDS_PER_CHARACTER, abs=0.001)
    assert made.outputs[0].facts["duration_s"] == pytest.approx(seconds(made), abs=0.001)
    assert made.units == {"characters": len(HELLO.text), "text_tokens": 0, "audio_tokens": 0}
    assert made.units == OpenaiSpeech().maximum(HELLO)
    assert made.facts["request_id"] == "req_1"
    assert [path.name for path in made.outputs[0].path.parent.iterdir()] == ["speech.wav"]
    asked = cloud.requests[0]
    assert asked.path == "/v1/audio/speech"
    assert asked.body == {"model": "tts-1", "input": HELLO.text, "voice": "alloy", "response_format": "wav"}


def test_what_is_billed_by_tokens_says_so_itself_and_stays_below_the_maximum(make: Make, cloud: OpenaiServer) -> None:
    made = make(STEERED)
    assert seconds(made) == pytest.approx(len(STEERED.text) * SECONDS_PER_CHARACTER, abs=0.001)
    assert cloud.requests[0].body["stream_format"] == "sse"
    assert made.units == {"text_tokens": len(STEERED.text) // 4 + 1, "audio_tokens": 42}
    most = OpenaiSpeech().maximum(STEERED)
    assert all(most[unit] >= made.units.get(unit, 0) for unit in most)


@pytest.mark.parametrize("fault", ["no_usage", "no_sse"])
def test_a_bill_that_is_not_told_is_left_out_so_that_the_maximum_is_booked(make: Make, fault: str) -> None:
    made = make(STEERED, fault)
    assert made.units == {}
    assert seconds(made) > 1


def test_the_maximum_covers_slow_speech_and_every_script() -> None:
    engine = OpenaiSpeech()
    plain = engine.maximum(replace(STEERED, text="a quiet walk by the sea " * 20))["audio_tokens"]
    assert plain >= 480 / 15 * 20.8 * 2  # 15 letters a second, 20.8 tokens a second, twice over
    assert engine.maximum(replace(STEERED, text="二十一世纪" * 20))["audio_tokens"] >= 100 / 4 * 20.8 * 2
    assert engine.maximum(replace(STEERED, text="7" * 100))["audio_tokens"] >= 100 * 0.6 * 20.8
    slow = engine.maximum(replace(STEERED, speed=0.5))["audio_tokens"]
    assert slow == pytest.approx(2 * engine.maximum(STEERED)["audio_tokens"], abs=1)
    told = replace(STEERED, text="한국어", instructions="slowly")
    assert engine.maximum(told)["text_tokens"] >= len(told.text.encode()) + len("slowly")


def test_every_model_has_a_price_for_every_unit() -> None:
    engine, book = OpenaiSpeech(), PriceBook()
    for model in engine.info.models:
        text = "x" * engine.longest(model)
        most = engine.maximum(replace(HELLO, model=model, text=text))
        usd = book.quote("openai", model, most, LAST_DAY).usd
        assert usd == {"tts-1": Decimal("0.061440"), "tts-1-hd": Decimal("0.12288")}.get(model, usd)
        assert Decimal("0.06") < usd < Decimal("0.30")


def test_speed_emotion_and_instructions_are_asked_for(make: Make, cloud: OpenaiServer) -> None:
    made = make(replace(STEERED, speed=2.0, emotion="whisper", instructions="A tired narrator."))
    assert seconds(made) == pytest.approx(len(STEERED.text) * SECONDS_PER_CHARACTER / 2, abs=0.001)
    assert cloud.requests[0].body["speed"] == 2.0
    assert cloud.requests[0].body["instructions"] == "A tired narrator. Whisper."
    said = set()
    for emotion in EMOTIONS:
        make(replace(STEERED, emotion=emotion))
        said.add(cloud.requests[-1].body["instructions"])
    assert len(said) == len(EMOTIONS)


def test_nothing_of_the_environment_and_no_retry_of_the_sdk(
    make: Make, cloud: OpenaiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "another")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    with pytest.raises(Unavailable):
        make(HELLO, "fault")
    assert len(cloud.requests) == 1
    headers = cloud.requests[0].headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert not {"openai-organization", "openai-project"} & set(headers)


REFUSED: dict[str, tuple[type[ProviderError], str]] = {
    "key": (Rejected, "openai_api_key"),
    "forbidden": (Rejected, "openai_api_key"),
    "rate": (RateLimited, ""),
    "quota": (Rejected, "billing"),
    "bad": (Rejected, "settings"),
    "policy": (Rejected, "text"),
    "moderation": (Rejected, "text"),
    "missing": (Rejected, "model"),
    "unprocessable": (Rejected, "settings"),
    "redirect": (Rejected, ""),
    "fault": (Unavailable, "later"),
    "overloaded": (Unavailable, "later"),
}
LOST = ["gateway", "reset", "reset_body", "cut", "type", "empty", "garbage", "short", "endless"]


@pytest.mark.parametrize("fault", sorted(REFUSED))
def test_a_refusal_costs_nothing_and_says_what_to_do(make: Make, cloud: OpenaiServer, fault: str) -> None:
    kind, hint = REFUSED[fault]
    with pytest.raises(kind) as caught:
        make(HELLO, fault)
    assert type(caught.value) is kind
    assert caught.value.cost_nothing
    assert hint in caught.value.hint
    assert len(cloud.requests) == 1


def test_a_rate_limit_says_how_long_to_wait(make: Make) -> None:
    with pytest.raises(RateLimited) as caught:
        make(HELLO, "rate")
    assert caught.value.wait_s == 0.05


@pytest.mark.parametrize("fault", LOST)
def test_what_may_have_been_billed_is_unknown(make: Make, cloud: OpenaiServer, tmp_path: Path, fault: str) -> None:
    with pytest.raises(OutcomeUnknown):
        make(HELLO, fault)
    assert len(cloud.requests) == 1
    assert list((tmp_path / "call").iterdir()) == []


@pytest.mark.parametrize("fault", ["no_done", "bad_event", "event_error", "cut", "reset_body", "garbage", "empty"])
def test_broken_events_are_unknown(make: Make, cloud: OpenaiServer, fault: str) -> None:
    with pytest.raises(OutcomeUnknown):
        make(STEERED, fault)
    assert len(cloud.requests) == 1


def test_a_header_without_a_length_is_read_to_the_end(make: Make) -> None:
    assert seconds(make(HELLO, "header")) == pytest.approx(len(HELLO.text) * SECONDS_PER_CHARACTER, abs=0.001)


def test_silence_after_the_request_is_unknown(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "_READ_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(OutcomeUnknown):
        make(HELLO, url=f"http://127.0.0.1:{silent.getsockname()[1]}/v1")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/v1", "http://no-such-host.invalid/v1"])
def test_nobody_there_costs_nothing(make: Make, url: str) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        make(HELLO, url=url)


def test_no_tls_costs_nothing(make: Make, cloud: OpenaiServer) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        make(HELLO, url=cloud.url.replace("http:", "https:"))
    assert cloud.requests == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"model": "tts-9"}, "tts-9"),
        ({"text": "x" * 4097}, "4,097"),
        ({"text": "  "}, "nothing"),
        ({"speed": 0.2}, "0.2"),
        ({"speed": 5.0}, "5"),
        ({"emotion": "sad"}, "emotion"),
        ({"instructions": "Slowly."}, "instructions"),
    ],
)
def test_what_cannot_work_is_not_sent(make: Make, cloud: OpenaiServer, wrong: dict[str, Any], said: str) -> None:
    for ask in (make, OpenaiSpeech().maximum):
        with pytest.raises(UserError, match=said):
            ask(replace(HELLO, **wrong))
    assert cloud.requests == []


def test_a_voice_the_model_lacks_is_refused_for_openai_but_not_for_a_server_of_ones_own(make: Make) -> None:
    with pytest.raises(UserError, match="tts-1 has no voice 'marin'"):
        OpenaiSpeech().maximum(replace(HELLO, voice="marin"))
    with pytest.raises(Rejected):
        make(replace(HELLO, voice="af_heart"))  # it is asked, and this one does not have it


def test_a_retired_model_is_refused_and_says_since_when(
    tmp_path: Path, children: Children, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject, "today", lambda: END)
    with pytest.raises(UserError, match="2027-01-06") as caught:
        OpenaiSpeech().make(HELLO, Call("c", tmp_path, children, key=KEY))
    assert caught.value.code == "model_retired"
    assert "another speech provider" in caught.value.hint
    assert OpenaiSpeech().info.retired_on == END
    assert OpenaiSpeech("https://eu.api.openai.com/v1").info.retired_on == END
    assert OpenaiSpeech("http://127.0.0.1:8880/v1").info.retired_on is None
    assert OpenaiSpeech().maximum(HELLO)  # what was bought the day before is still settled
    assert make(HELLO).outputs  # another's server goes on


def test_keys_that_are_none(make: Make, cloud: OpenaiServer, tmp_path: Path, children: Children) -> None:
    for key in ("", "sk-with space", "sk-naïve", "sk-line\n"):
        with pytest.raises(SetupError):
            OpenaiSpeech().make(HELLO, Call("c", tmp_path, children, key=key))
    with pytest.raises(Rejected):
        make(HELLO, key="")  # this machine's own server is asked all the same
    assert cloud.requests[0].headers["authorization"] == "Bearer none"
    with pytest.raises(SetupError, match="no address"):
        make(HELLO, url="127.0.0.1:8880")


def test_cancelled_before_it_was_sent_costs_nothing(make: Make, cloud: OpenaiServer) -> None:
    with pytest.raises(Unavailable, match="before anything was sent"):
        make(HELLO, cancelled=lambda: True)
    assert cloud.requests == []


@pytest.mark.parametrize("request_", [HELLO, STEERED])
def test_cancelled_under_way_stops_between_two_pieces(make: Make, cloud: OpenaiServer, request_: Utterance) -> None:
    with pytest.raises(Cancelled):
        make(replace(request_, text="A longer text. " * 100), "slow", cancelled=cloud.speaking.is_set)


def test_the_voices_and_the_shape() -> None:
    engine: SpeechEngine = OpenaiSpeech()
    voices = OpenaiSpeech().voices()
    assert len({voice.id for voice in voices}) == 13
    for voice in voices:
        assert (voice.id, voice.tier, voice.provider) == (f"openai:{voice.engine['voice']}", "premium", "openai")
        assert (voice.curated, voice.language, voice.gender) == (False, "en", "neutral")
    assert sum("tts-1" in voice.engine["models"] for voice in voices) == 9
    assert engine.default_model == engine.info.models[0]
    assert licences.record(engine.info.licence)["commercial"]
