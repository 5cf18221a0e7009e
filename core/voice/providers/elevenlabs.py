"""Speech from ElevenLabs, with the time of every word. One request is one bill: nothing in here asks twice."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.kit.errors import UserError
from core.providers.base import Call, Made, Output, ProviderInfo, Units
from core.providers.elevenlabs_client import ONCE, opened
from core.providers.elevenlabs_errors import TITLE, asking, in_doubt
from core.providers.refusals import NoSound
from core.voice.engine import Utterance, words_fact
from core.voice.providers import elevenlabs_facts as known
from core.voice.providers.elevenlabs_answer import words_heard, write_sound

VOICE_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""It becomes part of the address, so nothing else may be in it."""


class ElevenLabsSpeech:
    info = ProviderInfo(
        name="elevenlabs",
        title=TITLE,
        kind="speech",
        resource="net",
        units=("characters",),
        settings_key="elevenlabs_api_key",
        capabilities=frozenset({"stability", "similarity", "style", "speaker_boost", "emotion", "seed", "language"}),
        # The free plan allows no commercial use, paid plans do, and no answer says on which a piece was made: until a
        # plan is chosen under Costs, it is for private use.
        licence="unknown",
        licence_on_plan="elevenlabs-paid",
        models=(
            "eleven_multilingual_v2", "eleven_flash_v2_5", "eleven_turbo_v2_5", "eleven_flash_v2", "eleven_turbo_v2",
            "eleven_v3", "eleven_v4",
        ),
        concurrency=2,  # the smallest plan's; what a larger one allows more is not known before it is asked
    )  # fmt: skip
    speeds = (0.7, 1.2)
    default_model = "eleven_multilingual_v2"

    def __init__(self, base_url: str = "", format: str = "", timeout_s: float = 240.0) -> None:
        """`base_url`: empty for the vendor's own. `format`: one of its output formats; empty for MP3 at 128 kb/s.
        `timeout_s`: how long it may be silent, generating."""
        self._base_url = base_url
        self._format = format
        self._timeout_s = timeout_s

    def longest(self, model: str) -> int:
        return known.longest(model or self.default_model)

    def tells(self, model: str) -> bool:
        """Whether the model can be told the language."""
        return known.model(model).language

    def maximum(self, request: Utterance) -> Units:
        return {"characters": Decimal(len(self._sent(request)))}

    def _sent(self, request: Utterance) -> str:
        tags = known.model(request.model or self.default_model).tags
        return (known.tag(request.emotion) if tags else "") + request.text

    def make(self, request: Utterance, call: Call) -> Made:
        """UserError and SetupError before anything is sent. A cancel is not looked for: once sent, it is paid for."""
        output_format = known.output_format(self._format)
        model = known.model(request.model or self.default_model)
        sent = self._sent(request)
        _check(request, sent, model, self.speeds)
        settings = _settings(request, model)
        options = _options(request, model)
        call.progress("Generating", 0.1)
        with opened(call.key, self._base_url, self._timeout_s) as client:
            from elevenlabs.types import VoiceSettings

            own = VoiceSettings(**settings)
            with asking():
                answer = client.text_to_speech.with_raw_response.convert_with_timestamps(
                    request.voice, text=sent, model_id=model.id, output_format=output_format, voice_settings=own,
                    request_options=ONCE, **options,
                )  # fmt: skip
        kind = answer.headers.get("content-type", "application/json")
        if not kind.lower().startswith("application/json"):
            raise in_doubt(f"its answer is {kind[:40]}, not JSON", answer.headers)
        try:
            path, audio = write_sound(call.folder, getattr(answer.data, "audio_base_64", None), output_format)
        except NoSound as error:
            raise in_doubt(str(error), answer.headers) from error
        words = words_heard(request.text, sent, getattr(answer.data, "alignment", None), audio.seconds)
        facts: dict[str, Any] = {
            "model": model.id, "voice": request.voice, "format": output_format, "settings": settings,
            "seed": request.seed, **_headers(answer.headers), **(words_fact(words) if words else {}),
            **({"warnings": list(audio.warnings)} if audio.warnings else {}),
        }  # fmt: skip
        output = Output("primary", path, "voiceover", {"duration_s": audio.seconds})
        return Made((output,), {"characters": Decimal(len(sent))}, facts=facts)


def _check(request: Utterance, sent: str, model: known.Model, speeds: tuple[float, float]) -> None:
    """What the service would refuse, or what would not be what was asked for: said before it is paid for."""
    if not request.text.strip():
        raise UserError("There is no text to speak.", "Write something.")
    try:
        sent.encode()
    except UnicodeEncodeError:
        raise UserError("The text holds half a character.", "Write the last edited sign anew.") from None
    if len(sent) > model.characters:
        raise UserError(
            f"{len(sent):,} characters are too many for {model.id}.", f"It takes {model.characters:,} at once."
        )
    if not VOICE_ID.fullmatch(request.voice):
        raise UserError(f"{request.voice[:60]!r} is no {TITLE} voice.", "Choose a voice from the gallery.")
    _within("speed", request.speed, *speeds)
    for name in ("stability", "similarity", "style"):
        if (value := getattr(request, name)) is not None:
            _within(name, value, 0.0, 1.0)
    if request.seed is not None:
        _within("seed", request.seed, 0, 2**32 - 1)


def _within(name: str, value: float, least: float, most: float) -> None:
    if not math.isfinite(value) or not least <= value <= most:
        raise UserError(f"{name} = {value} cannot be used with {TITLE}.", f"{name} goes from {least:g} to {most:g}.")


def _settings(request: Utterance, model: known.Model) -> dict[str, Any]:
    """By the names the service knows. The user's values win over those of the emotion, these over the vendor's."""
    facts = known.facts()
    usual = facts["settings"] | ({} if model.tags else facts["presets"].get(request.emotion, {}))

    def chosen(name: str) -> Any:
        given = getattr(request, name)
        return usual[name] if given is None else given

    return {
        "stability": chosen("stability"), "similarity_boost": chosen("similarity"), "style": chosen("style"),
        "use_speaker_boost": chosen("speaker_boost"), "speed": request.speed,
    }  # fmt: skip


def _options(request: Utterance, model: known.Model) -> dict[str, Any]:
    """What is sent only where it says something, and only to a model that takes it."""
    given = {
        "seed": request.seed,
        "language_code": request.language.lower().partition("-")[0] if model.language else "",
        "previous_text": request.before if model.context else "",
        "next_text": request.after if model.context else "",
    }
    return {name: value for name, value in given.items() if value not in (None, "")}


def _headers(headers: Mapping[str, str]) -> dict[str, Any]:
    """The vendor's name of the request, and what it counts for it in its own credits. Either may be missing."""
    found: dict[str, Any] = {}
    if headers.get("request-id"):
        found["request_id"] = headers["request-id"]
    try:
        credits = float(headers["character-cost"])
    except (KeyError, ValueError):
        return found
    if math.isfinite(credits):
        found["credits"] = int(credits) if credits.is_integer() else credits
    return found
