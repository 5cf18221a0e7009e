"""Stable Audio 2 and 2.5: one request, one answer that holds the piece."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.music.engine import KIND
from core.music.providers import stability_wire as wire
from core.music.providers.hearing import keep, primary, warnings
from core.music.providers.wording import chosen_model
from core.music.types import MusicRequest
from core.providers.base import Call, Made, ProviderInfo, Units
from core.providers.refusals import NoSound, lost

_KINDS = ("audio/", "application/octet-stream")


class StabilityMusic:
    info = ProviderInfo(
        name="stability",
        title="Stable Audio 2.5",
        kind=KIND,
        resource="net",
        units=("tracks",),
        settings_key=wire.KEY,
        capabilities=wire.CAPABILITIES,
        licence="stability-output",
        models=("stable-audio-2.5", "stable-audio-2"),
        concurrency=4,
    )
    default_model = "stable-audio-2.5"

    def __init__(self, base_url: str = "", timeout_s: float = 240.0) -> None:
        """`timeout_s`: how long it may be silent, generating."""
        self._at = wire.service(base_url, timeout_s)

    def lengths(self, model: str) -> tuple[float, float]:
        name = chosen_model(MusicRequest(model=model or None), self.info.models, self.default_model, self.info.title)
        return 1.0, wire.MODELS[name].longest_s

    def told(self, request: MusicRequest) -> Mapping[str, Any]:
        return wire.told(request, self._model(request))

    def maximum(self, request: MusicRequest) -> Units:
        return {"tracks": Decimal(1)}

    def make(self, request: MusicRequest, call: Call) -> Made:
        """UserError and SetupError before anything is sent. A cancel is not looked for: once sent, it is paid for."""
        model = self._model(request)
        answer = wire.asked(self._at, "stable-audio-2", request, model, call)
        named = answer.headers.get("x-request-id", "")[:60]
        doubt = f"; its request is {named}" if named else ""
        wire.unfiltered(answer.headers)
        kind = answer.headers.get("content-type", _KINDS[0])
        if not kind.lower().startswith(_KINDS):
            raise lost(wire.TITLE, f"its answer is {kind.partition(';')[0][:40]}, not sound{doubt}")
        try:
            path, found = keep(call.folder / "music", answer.body, call)
        except NoSound as error:
            raise lost(wire.TITLE, f"{error}{doubt}") from error
        told = wire.facts(model, wire.told(request, model), answer.headers) | warnings(found, request.seconds)
        return Made((primary(path, found, request, self.info),), {"tracks": Decimal(1)}, facts=told)

    def _model(self, request: MusicRequest) -> str:
        return chosen_model(request, self.info.models, self.default_model, self.info.title)
