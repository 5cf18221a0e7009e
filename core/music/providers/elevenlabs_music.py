"""Music from ElevenLabs: a prompt, or a composition plan. One request is one bill: nothing in here asks twice."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.music.engine import KIND
from core.music.providers.elevenlabs_plan import plan, wants_plan
from core.music.providers.hearing import keep, primary, warnings
from core.music.providers.wording import WORDS, chosen_model, described, within
from core.music.types import MusicRequest
from core.providers.base import Call, Made, ProviderInfo, Units
from core.providers.elevenlabs_client import ONCE, opened
from core.providers.elevenlabs_errors import TITLE, asking, in_doubt
from core.providers.refusals import NoSound

SHORTEST_S, LONGEST_S = 3.0, 600.0
LONGEST_PROMPT = 2_000
_FORMATS = {"music_v1": "mp3_44100_128", "music_v2": "mp3_48000_192", "music_v2_5": "mp3_48000_192"}
_KINDS = ("audio/", "application/octet-stream")


class ElevenLabsMusic:
    info = ProviderInfo(
        name="elevenlabs",
        title=f"{TITLE} Music",
        kind=KIND,
        resource="net",
        units=("seconds",),
        settings_key="elevenlabs_api_key",
        capabilities=WORDS | {"duration", "negative_prompt", "instrumental", "ending"},
        licence="elevenlabs-music",
        models=("music_v1", "music_v2", "music_v2_5"),
        concurrency=2,
    )
    default_model = "music_v1"

    def __init__(self, base_url: str = "", timeout_s: float = 240.0) -> None:
        """`base_url`: empty for the vendor's own. `timeout_s`: how long it may be silent, generating."""
        self._base_url = base_url
        self._timeout_s = timeout_s

    def lengths(self, model: str) -> tuple[float, float]:
        chosen_model(MusicRequest(model=model or None), self.info.models, self.default_model, self.info.title)
        return SHORTEST_S, LONGEST_S

    def told(self, request: MusicRequest) -> Mapping[str, Any]:
        """A seed is told to neither form: a prompt takes none, and what a plan makes of one is not promised."""
        model = chosen_model(request, self.info.models, self.default_model, self.info.title)
        within(request.seconds, SHORTEST_S, LONGEST_S, self.info.title)
        text = described(request, self.info.title, LONGEST_PROMPT)
        sent: dict[str, Any] = {"model_id": model, "output_format": _FORMATS[model]}
        if not wants_plan(request):
            return sent | {
                "prompt": text, "music_length_ms": round(request.seconds * 1000),
                "force_instrumental": request.instrumental,
            }  # fmt: skip
        kept = {"respect_sections_durations": True} if model == "music_v1" else {}
        return sent | kept | {"composition_plan": plan(request, model)}

    def maximum(self, request: MusicRequest) -> Units:
        return {"seconds": _seconds(request)}

    def make(self, request: MusicRequest, call: Call) -> Made:
        """UserError and SetupError before anything is sent. A cancel is not looked for: once sent, it is paid for."""
        sent = dict(self.told(request))
        call.progress("Generating", 0.1)
        with opened(call.key, self._base_url, self._timeout_s) as client, asking():
            ask = client.music.with_raw_response.compose
            with ask(request_options=ONCE, **_typed(sent)) as answer:
                headers = answer.headers
                data = b"".join(answer.data)
        kind = headers.get("content-type", _KINDS[0])
        if not kind.lower().startswith(_KINDS):
            raise in_doubt(f"its answer is {kind.partition(';')[0][:40]}, not sound", headers)
        try:
            path, found = keep(call.folder / "music", data, call)
        except NoSound as error:
            raise in_doubt(str(error), headers) from error
        facts: dict[str, Any] = {"model": sent["model_id"], "sent": sent, **warnings(found, request.seconds)}
        facts |= {"request_id": headers["request-id"][:80]} if headers.get("request-id") else {}
        return Made((primary(path, found, request, self.info),), {"seconds": _seconds(request)}, facts=facts)


def _seconds(request: MusicRequest) -> Decimal:
    """What is billed is the length asked for."""
    return Decimal(round(request.seconds * 1000)) / 1000


def _typed(sent: dict[str, Any]) -> dict[str, Any]:
    from elevenlabs.types import CompositionPlan, MusicPrompt

    found = sent.get("composition_plan")
    if found is None:
        return sent
    kind = CompositionPlan if "chunks" in found else MusicPrompt
    return sent | {"composition_plan": kind.model_validate(found)}
