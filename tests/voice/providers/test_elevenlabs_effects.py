"""Sound effects of ElevenLabs: the vendor's own SDK against a stand-in written from the contract sheet."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from core.audio.files import decode
from core.kit.errors import OutcomeUnknown, RateLimited, Rejected, SetupError, Unavailable
from core.providers.base import Call
from core.voice.effects import EffectRequest
from core.voice.providers.elevenlabs_effects import MODEL, ElevenLabsEffects
from tests.clouds.elevenlabs import GOOD, ElevenLabsServer, Fault, error

RAIN = EffectRequest(text="rain on a tin roof", seconds=1.5, influence=0.6, loop=True)


def test_a_description_becomes_a_sound(server: ElevenLabsServer, call: Call) -> None:
    made = ElevenLabsEffects(server.url).make(RAIN, call)
    (output,) = made.outputs
    assert (output.role, output.kind, output.path.name) == ("primary", "sound_effect", "effect.mp3")
    assert decode(output.path).seconds == pytest.approx(1.5, abs=0.1)
    assert (output.facts["channels"], max(output.facts["peaks"]) > 5) == (1, True)
    assert made.units == {"tracks": Decimal(1)}
    assert made.facts["request_id"] == "req_1"
    (asked,) = server.asked
    assert (asked.path, asked.query) == ("/v1/sound-generation", {"output_format": "mp3_44100_128"})
    assert asked.body == {
        "text": "rain on a tin roof", "model_id": MODEL, "duration_seconds": 1.5, "prompt_influence": 0.6, "loop": True,
    }  # fmt: skip


def test_a_length_left_open_is_not_sent(server: ElevenLabsServer, call: Call) -> None:
    made = ElevenLabsEffects(server.url, "wav_44100").make(EffectRequest(text="a door"), call)
    assert "duration_seconds" not in server.asked[-1].body
    assert made.outputs[0].path.suffix == ".wav"


def test_a_format_without_a_header_is_not_asked_for(server: ElevenLabsServer, call: Call) -> None:
    ElevenLabsEffects(server.url, "pcm_16000").make(RAIN, call)
    assert server.asked[-1].query == {"output_format": "mp3_44100_128"}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (error(401, "invalid_api_key"), Rejected),
        (error(401, "quota_exceeded"), Rejected),
        (error(422, "invalid_parameters"), Rejected),
        (error(429, "rate_limit_exceeded"), RateLimited),
        (error(500, "internal"), Unavailable),
        (Fault(504, "<html>504</html>", content_type="text/html"), OutcomeUnknown),
        (Fault(act="reset_read", billed=True), OutcomeUnknown),
        (Fault(act="closed", billed=True), OutcomeUnknown),
        (Fault(act="truncated", billed=True), OutcomeUnknown),
        (Fault(act="stalled", billed=True), OutcomeUnknown),
        (replace(GOOD, raw=b""), OutcomeUnknown),
        (replace(GOOD, raw=b"not a sound" * 40), OutcomeUnknown),
        (replace(GOOD, raw=b"<html>wifi</html>", content_type="text/html"), OutcomeUnknown),
    ],
)
def test_every_failure_says_what_it_means_for_money_and_is_asked_once(
    server: ElevenLabsServer, call: Call, fault: Fault, kind: type[Exception]
) -> None:
    server.script.append(fault)
    with pytest.raises(kind) as caught:
        ElevenLabsEffects(server.url, timeout_s=1.0).make(RAIN, call)
    assert getattr(caught.value, "cost_nothing", None) is (kind is not OutcomeUnknown)
    assert len(server.asked) == 1


def test_nothing_is_sent_without_a_key_or_to_nobody(server: ElevenLabsServer, call: Call) -> None:
    with pytest.raises(SetupError, match="has no key"):
        ElevenLabsEffects(server.url).make(RAIN, replace(call, key=""))
    with pytest.raises(Unavailable):
        ElevenLabsEffects("http://127.0.0.1:9").make(RAIN, call)
    assert not server.asked
