"""The ElevenLabs engine: the vendor's own SDK against a stand-in written from the contract sheet."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from core.audio.files import decode
from core.kit.clock import now, today
from core.kit.errors import (
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SetupError,
    Unavailable,
    UserError,
)
from core.kit.paths import reference
from core.money.prices import PriceBook
from core.providers.base import Call, Made
from core.providers.refusals import retry_after_s
from core.rights import licences
from core.voice.engine import CONTROLS, EMOTIONS, SpeechEngine, Utterance
from core.voice.providers.elevenlabs import ElevenLabsSpeech
from tests.clouds import elevenlabs as cloud
from tests.clouds.elevenlabs import DOUBTS, GOOD, KEY, LIMITS, REFUSALS, VOICE, ElevenLabsServer, Fault
from tests.clouds.elevenlabs_saying import SAY, TEXT, sent, spoken

# --- one request, one answer ------------------------------------------------------------------------------------------


def test_a_text_becomes_a_file_with_the_time_of_every_word(
    speak: Callable[..., Made], server: ElevenLabsServer
) -> None:
    made = speak(format="")
    (output,) = made.outputs
    assert (output.role, output.kind, output.path.name) == ("primary", "voiceover", "speech.mp3")
    seconds = decode(output.path).seconds
    assert seconds == pytest.approx(len(TEXT) * cloud.SECONDS_A_CHARACTER + cloud.TAIL_S, abs=0.06)
    assert output.facts["duration_s"] == pytest.approx(seconds)
    assert spoken(made) == ["Hello", "there,", "this", "is", "a", "test", "of", "speech."]
    assert made.facts["words"][1] == [6, 12, 6 * cloud.SECONDS_A_CHARACTER, 12 * cloud.SECONDS_A_CHARACTER]
    assert made.facts["request_id"] == "req_1"
    assert made.facts["credits"] == len(TEXT)
    assert (made.facts["model"], made.facts["voice"]) == ("eleven_multilingual_v2", VOICE)
    assert made.units == {"characters": Decimal(len(TEXT))}
    assert "warnings" not in made.facts
    assert server.used == len(TEXT)
    assert server.speech[-1].path == f"/v1/text-to-speech/{VOICE}/with-timestamps"
    assert server.speech[-1].query == {"output_format": "mp3_44100_128"}
    assert sent(server) == {
        "text": TEXT,
        "model_id": "eleven_multilingual_v2",
        "voice_settings": {
            "stability": 0.5, "similarity_boost": 0.75, "style": 0.0, "use_speaker_boost": True, "speed": 1.0,
        },
    }  # fmt: skip


def test_every_control_reaches_the_service(speak: Callable[..., Made], server: ElevenLabsServer) -> None:
    speak(
        stability=0.2, similarity=0.3, style=0.4, speaker_boost=False, speed=1.2, seed=7, language="hi",
        before="Before.", after="After.", model="eleven_flash_v2_5",
    )  # fmt: skip
    body = sent(server)
    assert body["voice_settings"] == {
        "stability": 0.2, "similarity_boost": 0.3, "style": 0.4, "use_speaker_boost": False, "speed": 1.2,
    }  # fmt: skip
    assert (body["seed"], body["language_code"]) == (7, "hi")
    assert (body["previous_text"], body["next_text"]) == ("Before.", "After.")
    speak(seed=0, stability=0.0, style=0.0, model="")
    assert (sent(server)["seed"], sent(server)["voice_settings"]["stability"]) == (0, 0.0)
    assert sent(server)["model_id"] == "eleven_multilingual_v2"


def test_a_model_is_not_sent_what_it_does_not_take(speak: Callable[..., Made], server: ElevenLabsServer) -> None:
    speak(language="fr", before="Before.", after="After.")
    assert "language_code" not in sent(server)
    speak(language="fr", before="Before.", after="After.", model="eleven_v3")
    assert not {"previous_text", "next_text"} & set(sent(server))
    assert sent(server)["language_code"] == "fr"


@pytest.mark.parametrize("emotion", [name for name in EMOTIONS if name != "neutral"])
def test_emotion_is_a_tag_or_settings(speak: Callable[..., Made], server: ElevenLabsServer, emotion: Any) -> None:
    facts = reference("voices/elevenlabs")
    made = speak(emotion=emotion, model="eleven_v3")
    assert sent(server)["text"] == f"{facts['tags'][emotion]} {TEXT}"
    assert sent(server)["voice_settings"]["stability"] == facts["settings"]["stability"]
    assert made.units["characters"] == len(sent(server)["text"])
    assert spoken(made)[0] == "Hello"
    shift = (len(facts["tags"][emotion]) + 1) * cloud.SECONDS_A_CHARACTER
    assert made.facts["words"][0][2] == pytest.approx(shift)
    speak(emotion=emotion)
    assert sent(server)["text"] == TEXT
    settings = sent(server)["voice_settings"]
    assert {name: settings[name] for name in ("stability", "style")} == facts["presets"][emotion]
    speak(emotion=emotion, stability=0.11)
    assert sent(server)["voice_settings"]["stability"] == 0.11
    assert sent(server)["voice_settings"]["style"] == facts["presets"][emotion]["style"]


def test_neutral_is_the_vendors_own_manner(speak: Callable[..., Made], server: ElevenLabsServer) -> None:
    speak(emotion="neutral", model="eleven_v4")
    assert sent(server)["text"] == TEXT


@pytest.mark.parametrize("format", reference("voices/elevenlabs")["formats"])
def test_every_format_can_be_decoded(speak: Callable[..., Made], server: ElevenLabsServer, format: str) -> None:
    made = speak("Short text.", format=format)
    path = made.outputs[0].path
    audio = decode(path)
    assert audio.seconds == pytest.approx(11 * cloud.SECONDS_A_CHARACTER + cloud.TAIL_S, abs=0.11)
    assert path.suffix == {"mp3": ".mp3", "opus": ".opus"}.get(format.partition("_")[0], ".wav")
    assert server.speech[-1].query == {"output_format": format}
    assert audio.samples.max() == pytest.approx(0.2, abs=0.03)


def test_a_slow_answer_is_an_answer(speak: Callable[..., Made], server: ElevenLabsServer) -> None:
    server.script.append(Fault(act="slow", billed=True))
    assert spoken(speak())[-1] == "speech."


def test_headers_are_optional(speak: Callable[..., Made], server: ElevenLabsServer) -> None:
    answer = server.answer
    server.answer = lambda asked: (*answer(asked)[:2], {"character-cost": "many"})  # type: ignore[method-assign]
    made = speak()
    assert not {"request_id", "credits"} & set(made.facts)
    assert made.units == {"characters": Decimal(len(TEXT))}


# --- refused before anything is sent ----------------------------------------------------------------------------------

NEVER_SENT: dict[str, tuple[dict[str, Any], type[Exception], str]] = {
    "no text": ({"text": "  "}, UserError, "no text"),
    "too long": ({"text": "a" * 5001, "model": "eleven_v3"}, UserError, "too many"),
    "too long with its tag": ({"text": "a" * 4999, "model": "eleven_v3", "emotion": "sad"}, UserError, "too many"),
    "unknown model": ({"model": "eleven_v9"}, UserError, "eleven_v9"),
    "a path for a voice": ({"voice": "../../v1/user"}, UserError, "no ElevenLabs voice"),
    "no voice": ({"voice": ""}, UserError, "no ElevenLabs voice"),
    "too fast": ({"speed": 1.3}, UserError, "speed"),
    "no number": ({"stability": float("nan")}, UserError, "stability"),
    "too much style": ({"style": 1.01}, UserError, "style"),
    "seed": ({"seed": -1}, UserError, "seed"),
    "half a character": ({"text": "a\ud83d"}, UserError, "half a character"),
    "no key": ({"key": ""}, SetupError, "no key"),
    "a key with a blank": ({"key": "sk 12"}, SetupError, "cannot be a key"),
    "a key of letters": ({"key": "clé"}, SetupError, "cannot be a key"),
    "a format it has not": ({"format": "flac_44100"}, SetupError, "STUDIO_ELEVENLABS_FORMAT"),
}


@pytest.mark.parametrize(("values", "kind", "named"), NEVER_SENT.values(), ids=NEVER_SENT)
def test_what_cannot_work_is_never_sent(
    speak: Callable[..., Made], server: ElevenLabsServer, values: dict[str, Any], kind: type[Exception], named: str
) -> None:
    with pytest.raises(kind, match=named):
        speak(**values)
    assert server.asked == []


# --- what the service's errors mean -----------------------------------------------------------------------------------

MEANINGS = {
    "text too long": "too long",
    "bad parameters": "refused the request .HTTP 400.: voice_settings cannot be used",
    "no free slot": "voice slots",
    "wrong key": "does not accept the key: Invalid API key",
    "plan used up": "plan are used up: You have 3 credits remaining",
    "plan used up, present shape": "plan are used up",
    "key may not": "key may not do this: The key is missing the permission text_to_speech",
    "shut out": "shut this account out",
    "not in the plan": "mp3_44100_192 needs Creator",
    "to be paid": "wants to be paid first",
    "no such voice": "does not have this voice",
    "field by field": "text: field required",
    "a sentence": "does not accept the key",
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_says_why_and_costs_nothing(
    speak: Callable[..., Made], server: ElevenLabsServer, call: Call, name: str
) -> None:
    server.script.append(REFUSALS[name])
    with pytest.raises(Rejected, match=MEANINGS[name]) as refused:
        speak()
    assert refused.value.hint
    assert refused.value.cost_nothing
    assert KEY not in str(refused.value.as_dict())
    assert (len(server.asked), server.used) == (1, 0)
    assert list(call.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "wait_s"), [("rate", 7.0), ("at once", 2.0), ("at once, older", 2.0), ("busy", 5.0), ("no code", 1.5)]
)
def test_a_limit_says_how_long_to_wait(
    speak: Callable[..., Made], server: ElevenLabsServer, name: str, wait_s: float
) -> None:
    server.script.append(LIMITS[name])
    with pytest.raises(RateLimited) as limited:
        speak()
    assert limited.value.wait_s == wait_s
    assert len(server.asked) == 1


@pytest.mark.parametrize("name", DOUBTS)
def test_whoever_sent_and_got_no_whole_answer_does_not_know(
    speak: Callable[..., Made], server: ElevenLabsServer, call: Call, name: str
) -> None:
    server.script.append(DOUBTS[name])
    with pytest.raises(OutcomeUnknown) as unknown:
        speak(timeout_s=0.4 if name in ("silent", "stalled") else 20.0)
    assert not unknown.value.cost_nothing
    assert len(server.asked) <= 1
    if name in ("no sound", "web page", "wrong content type", "no sound in the sound"):  # its headers were whole
        assert f"its request req_1 was counted with {len(TEXT)} credits" in unknown.value.message
    assert list(call.folder.iterdir()) == []


@pytest.mark.parametrize("format", ["pcm_16000", "wav_16000", "opus_48000_64", "ulaw_8000"])
def test_a_format_that_did_not_come_is_no_answer(
    speak: Callable[..., Made], server: ElevenLabsServer, format: str
) -> None:
    odd = "YWJj" if format == "pcm_16000" else "" if format == "ulaw_8000" else "YWJjZGVmZ2g="
    server.script.append(replace(GOOD, change={"audio_base64": odd}))
    with pytest.raises(OutcomeUnknown):
        speak(format=format)


@pytest.mark.parametrize("status", [500, 503, 408])
@pytest.mark.parametrize("body", [{"detail": {"status": "internal", "message": "sorry"}}, "<html>oops</html>"])
def test_a_fault_of_its_own_may_be_tried_again(
    speak: Callable[..., Made], server: ElevenLabsServer, status: int, body: Any
) -> None:
    server.script.append(Fault(status, body))
    with pytest.raises(Unavailable) as failed:
        speak()
    assert "<" not in failed.value.message
    assert len(server.asked) == 1


def test_a_redirect_is_not_followed(speak: Callable[..., Made], server: ElevenLabsServer) -> None:
    server.script.append(Fault(307, "", {"location": f"{server.url}/v1/text-to-speech/{VOICE}/with-timestamps"}))
    with pytest.raises(Rejected, match="307"):
        speak()
    assert (len(server.asked), server.used) == (1, 0)


def test_a_closed_port_is_known_to_have_cost_nothing(call: Call) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    with pytest.raises(Unavailable, match="cannot be reached") as failed:
        ElevenLabsSpeech(url).make(SAY, call)
    assert failed.value.cost_nothing


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "not an address", "http://"])
def test_an_address_that_is_none_names_its_setting(call: Call, url: str) -> None:
    with pytest.raises(SetupError, match="STUDIO_ELEVENLABS_URL"):
        ElevenLabsSpeech(url).make(SAY, call)


def test_retry_after_in_all_its_forms() -> None:
    soon = now().replace(microsecond=0)
    assert retry_after_s({"Retry-After": "3"}) == 3.0
    assert retry_after_s({"retry-after": "3", "retry-after-ms": "250"}) == 0.25
    assert retry_after_s({"retry-after": soon.strftime("%a, %d %b %Y %H:%M:%S GMT")}) == 0.0
    assert (retry_after_s({"retry-after": "Fri, 31 Dec 2100 23:59:59 GMT"}) or 0.0) > 1e6
    for useless in ({}, {"retry-after": "soon"}, {"retry-after": "nan"}, {"retry-after-ms": "inf"}):
        assert retry_after_s(useless) is None
    assert retry_after_s({"retry-after": "-3"}) == 0.0


# --- what is written down ---------------------------------------------------------------------------------------------


def test_every_model_has_a_length_and_a_price() -> None:
    engine: SpeechEngine = ElevenLabsSpeech()
    assert set(engine.info.models) == set(reference("voices/elevenlabs")["models"])
    assert engine.info.models[0] == engine.default_model == reference("voices/elevenlabs")["default_model"]
    for model in engine.info.models:
        price = PriceBook().find("elevenlabs", model, "characters", today())
        assert price is not None
        assert price.model == model
        tag = max(len(f"{tag} ") for tag in reference("voices/elevenlabs")["tags"].values())
        request = Utterance("a" * engine.longest(model), VOICE, model, emotion="whisper")
        most = engine.maximum(request)["characters"]
        assert most <= reference("voices/elevenlabs")["models"][model]["longest"]
        assert most - engine.longest(model) in (0, tag)
    with pytest.raises(UserError, match="eleven_v9"):
        engine.longest("eleven_v9")


def test_what_it_says_it_obeys_it_obeys() -> None:
    engine = ElevenLabsSpeech()
    assert engine.info.capabilities == set(CONTROLS) - {"instructions"}
    assert set(reference("voices/elevenlabs")["presets"]) == set(EMOTIONS) - {"neutral"}
    assert set(reference("voices/elevenlabs")["tags"]) == set(EMOTIONS) - {"neutral"}


def test_nothing_is_cleared_before_somebody_names_the_plan() -> None:
    unsaid = licences.record(ElevenLabsSpeech.info.licence)
    assert (unsaid["commercial"], unsaid["publish"]) == (False, False)
    assert licences.record("elevenlabs-paid")["commercial"]
