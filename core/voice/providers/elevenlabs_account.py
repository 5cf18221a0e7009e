"""What an ElevenLabs account may use: its models, and what is left of its plan. Both are free to ask."""

from __future__ import annotations

from typing import Any

from core.providers.base import Call, Found
from core.providers.elevenlabs_client import ONCE, opened
from core.providers.elevenlabs_errors import looking
from core.voice.providers import elevenlabs_facts as known
from core.voice.providers.elevenlabs_reading import (
    Free,
    flag,
    moment,
    number,
    query_info,
    rows_of,
    shapeless,
    text,
    whole,
)

_DAY_S = 86_400.0


class ElevenLabsModels(Free):
    """The models that speak: [{model_id, name, languages, longest, can_use_style, can_use_speaker_boost, cost_factor,
    known}]. What the service does not say is None; `known` are those that the studio can ask and has a length for."""

    info = query_info("models", _DAY_S)

    def query(self, request: Any, call: Call) -> Found:
        with opened(call.key, self._base_url, self._timeout_s) as client, looking():
            models: Any = client.models.list(request_options=ONCE)
        if not isinstance(models, list):
            raise shapeless("models")
        return Found([_model(each) for each in models if _speaks(each)])


class ElevenLabsAccount(Free):
    """{tier, status, characters_used, characters_limit, resets_at (ISO, UTC), can_use_instant_voice_cloning,
    voice_slots_used, voice_slots}; None where the service does not say."""

    info = query_info("account", 60.0)

    def query(self, request: Any, call: Call) -> Found:
        with opened(call.key, self._base_url, self._timeout_s) as client, looking():
            found = client.user.subscription.get(request_options=ONCE)
        if not text(found, "tier") and whole(found, "character_limit") is None:
            raise shapeless("account")
        resets = whole(found, "next_character_count_reset_unix")
        return Found(
            {
                "tier": text(found, "tier") or None,
                "status": text(found, "status") or None,
                "characters_used": whole(found, "character_count"),
                "characters_limit": whole(found, "character_limit"),
                "resets_at": moment(resets),
                "can_use_instant_voice_cloning": flag(found, "can_use_instant_voice_cloning"),
                "voice_slots_used": whole(found, "voice_slots_used"),
                "voice_slots": whole(found, "voice_limit"),
            }
        )


def _speaks(model: Any) -> bool:
    return bool(text(model, "model_id")) and flag(model, "can_do_text_to_speech") is not False


def _model(model: Any) -> dict[str, Any]:
    rates = getattr(model, "model_rates", None)
    factor = number(rates, "character_cost_multiplier")
    longest = whole(model, "maximum_text_length_per_request")
    return {
        "model_id": text(model, "model_id"),
        "name": text(model, "name") or text(model, "model_id"),
        "languages": [
            code for each in rows_of(model, "languages", strict=False) if (code := text(each, "language_id"))
        ],
        "longest": whole(model, "max_characters_request_subscribed_user") if longest is None else longest,
        "can_use_style": flag(model, "can_use_style"),
        "can_use_speaker_boost": flag(model, "can_use_speaker_boost"),
        "cost_factor": number(model, "token_cost_factor") if factor is None else factor,
        "known": text(model, "model_id") in known.facts()["models"],
    }
