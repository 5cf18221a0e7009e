"""Stable Audio 3: a request is answered with an id, and asked for until the piece is there, for a day at most."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.kit.errors import OutcomeUnknown, RateLimited, Unavailable
from core.music.engine import KIND
from core.music.providers import stability_wire as wire
from core.music.providers.hearing import MOST_BYTES, fetched, primary, warnings
from core.music.providers.wording import chosen_model
from core.music.types import MusicRequest
from core.providers import rest
from core.providers.base import Call, Made, ProviderInfo, RemoteState, Units
from core.providers.refusals import lost
from core.providers.remote import begun

_ID = re.compile(r"[A-Za-z0-9_-]{8,128}")
_FAILED = (400, 403, 413, 422)
"""On a poll: the piece failed, and what fails is not charged."""


class StabilityMusic3:
    info = ProviderInfo(
        name="stability3",
        title="Stable Audio 3",
        kind=KIND,
        form="job",
        resource="net",
        units=("tracks",),
        settings_key=wire.KEY,
        capabilities=wire.CAPABILITIES,
        licence="stability-output",
        models=("stable-audio-3",),
        concurrency=4,
        check_every_s=10.0,
    )
    default_model = "stable-audio-3"

    def __init__(self, base_url: str = "", timeout_s: float = 60.0) -> None:
        self._at = wire.service(base_url, timeout_s)

    def lengths(self, model: str) -> tuple[float, float]:
        name = chosen_model(MusicRequest(model=model or None), self.info.models, self.default_model, self.info.title)
        return 1.0, wire.MODELS[name].longest_s

    def told(self, request: MusicRequest) -> Mapping[str, Any]:
        return wire.told(request, self._model(request))

    def maximum(self, request: MusicRequest) -> Units:
        return {"tracks": Decimal(1)}

    def start(self, request: MusicRequest, call: Call) -> str:
        answer = wire.asked(self._at, "stable-audio", request, self._model(request), call)
        found = str(rest.fields(answer).get("id", ""))
        if not _ID.fullmatch(found):
            raise lost(self.info.title, "its answer names no id to ask for")
        return found

    def check(self, remote_id: str, call: Call) -> RemoteState:
        with begun(self.info.title, remote_id):
            answer = self._at.status(_results(remote_id), wire.headers(call.key, self._at))
            if answer.status == 202:
                return RemoteState("running", 0.5)
            if answer.status == 200:
                wire.unfiltered(answer.headers)
                return RemoteState("done", 1.0)
            if answer.status == 404:
                raise OutcomeUnknown(
                    f"{self.info.title} no longer knows {remote_id[:20]}…: pieces are kept for 24 hours"
                )
        refused = wire.refusal(answer, self._at)
        if answer.status in _FAILED or isinstance(refused, RateLimited | Unavailable | OutcomeUnknown):
            # A gateway that gave up over a free look leaves nothing in doubt.
            raise Unavailable(refused.message) if isinstance(refused, OutcomeUnknown) else refused
        raise OutcomeUnknown(refused.message)

    def fetch(self, remote_id: str, request: MusicRequest, call: Call) -> Made:
        came: dict[str, str] = {}

        def bring(path: Path) -> None:
            headers = wire.headers(call.key, self._at)
            came.update(self._at.bring(self._at.at(_results(remote_id)), path, most_bytes=MOST_BYTES, headers=headers))
            wire.unfiltered(came)

        what = f"the piece {remote_id[:20]}…"
        path, found = fetched(self.info.title, what, call.folder / "music", bring, call)
        model = self._model(request)
        told = wire.facts(model, wire.told(request, model), came) | warnings(found, request.seconds)
        return Made((primary(path, found, request, self.info),), {"tracks": Decimal(1)}, facts=told)

    def cancel(self, remote_id: str, call: Call) -> None:
        """The service knows none: it goes on, and bills."""

    def _model(self, request: MusicRequest) -> str:
        return chosen_model(request, self.info.models, self.default_model, self.info.title)


def _results(remote_id: str) -> str:
    return f"/v2beta/audio/results/{remote_id}"
