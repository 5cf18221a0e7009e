"""Sound effects from ElevenLabs: a description in, a sound out. One request is one bill: nothing in here asks twice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core.providers.base import Call, Made, Output, ProviderInfo, Units
from core.providers.elevenlabs_client import ONCE, opened
from core.providers.elevenlabs_errors import TITLE, asking, in_doubt
from core.providers.refusals import NoSound
from core.voice.effects import KIND, EffectRequest
from core.voice.providers import elevenlabs_facts as known
from core.voice.providers.elevenlabs_answer import keep_sound

MODEL = "eleven_text_to_sound_v2"
"""The one whose price is known (as `sound_effects` of the price list)."""
_HEADLESS = ("pcm", "ulaw", "alaw")
"""Without a header nothing says how many channels an effect has."""
_BARS = 192
_KINDS = ("audio/", "application/octet-stream")


class ElevenLabsEffects:
    info = ProviderInfo(
        name="elevenlabs",
        title=TITLE,
        kind=KIND,
        resource="net",
        units=("tracks",),
        settings_key="elevenlabs_api_key",
        capabilities=frozenset({"seconds", "influence", "loop"}),
        licence="unknown",  # its documents clear the commercial use of speech; of effects they say nothing
        models=("sound_effects",),
        concurrency=2,
    )

    def __init__(self, base_url: str = "", format: str = "", timeout_s: float = 240.0) -> None:
        """As of ElevenLabsSpeech; a `format` without a header is not used here."""
        self._base_url = base_url
        self._format = format
        self._timeout_s = timeout_s

    def maximum(self, request: Any) -> Units:
        return {"tracks": Decimal(1)}

    def make(self, request: EffectRequest, call: Call) -> Made:
        """SetupError before anything is sent. A cancel is not looked for: once sent, it is paid for."""
        from core.audio.files import peaks

        output_format = known.output_format("" if self._format.startswith(_HEADLESS) else self._format)
        length = {} if request.seconds is None else {"duration_seconds": request.seconds}
        call.progress("Generating", 0.1)
        with opened(call.key, self._base_url, self._timeout_s) as client, asking():
            ask = client.text_to_sound_effects.with_raw_response.convert
            with ask(
                text=request.text, model_id=MODEL, output_format=output_format, loop=request.loop,
                prompt_influence=request.influence, request_options=ONCE, **length,
            ) as answer:  # fmt: skip
                headers = answer.headers
                data = b"".join(answer.data)
        kind = headers.get("content-type", _KINDS[0])
        if not kind.lower().startswith(_KINDS):
            raise in_doubt(f"its answer is {kind[:40]}, not sound", headers)
        try:
            path, audio = keep_sound(call.folder / "effect", data, output_format)
        except NoSound as error:
            raise in_doubt(str(error), headers) from error
        facts: dict[str, Any] = {"service_model": MODEL, "format": output_format}
        facts |= {"request_id": headers["request-id"]} if headers.get("request-id") else {}
        facts |= {"warnings": list(audio.warnings)} if audio.warnings else {}
        output = Output(
            "primary", path, "sound_effect",
            {"duration_s": audio.seconds, "sample_rate": audio.sample_rate, "channels": int(audio.samples.shape[0]),
             "peaks": peaks(audio.samples, _BARS)},
        )  # fmt: skip
        return Made((output,), {"tracks": Decimal(1)}, facts=facts)
