"""Music from Soundraw, unverified against the live service: its documentation goes to paying customers, and what is known
of it comes from one public client. Each POST is one song of the plan."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.music.engine import KIND
from core.music.providers.hearing import MOST_BYTES, fetched, primary, warnings
from core.music.providers.soundraw_words import TITLE, chosen
from core.music.providers.tasks import Tasks, link
from core.music.providers.wording import chosen_model, within
from core.music.types import MusicRequest
from core.providers import rest
from core.providers.base import Call, Made, ProviderInfo, RemoteState, Units
from core.providers.remote import begun

SHORTEST_S, LONGEST_S = 10.0, 300.0
_LINKS = ("mp3_url", "wav_url", "m4a_url")


class SoundrawMusic:
    info = ProviderInfo(
        name="soundraw",
        title=TITLE,
        kind=KIND,
        form="job",
        resource="net",
        units=("tracks",),
        settings_key="soundraw_api_key",
        capabilities=frozenset({"prompt", "mood", "genre", "bpm", "intensity", "duration"}),
        licence="soundraw-licence",
        models=("soundraw-v3",),
        concurrency=2,
        check_every_s=5.0,
        given_up_after_s=1800.0,
    )
    default_model = "soundraw-v3"

    def __init__(self, base_url: str = "", timeout_s: float = 60.0) -> None:
        self._at = rest.Service(TITLE, "https://soundraw.io/api/v3", self.info.settings_key, base_url, timeout_s)
        self._tasks = Tasks(TITLE, self._at, "request", "request_id")

    def lengths(self, model: str) -> tuple[float, float]:
        chosen_model(MusicRequest(model=model or None), self.info.models, self.default_model, TITLE)
        return SHORTEST_S, LONGEST_S

    def told(self, request: MusicRequest) -> Mapping[str, Any]:
        chosen_model(request, self.info.models, self.default_model, TITLE)
        length_s = round(within(request.seconds, SHORTEST_S, LONGEST_S, TITLE))
        return {"length": length_s, "file_format": ["mp3"], **chosen(request, length_s)}

    def maximum(self, request: MusicRequest) -> Units:
        return {"tracks": Decimal(1)}

    def start(self, request: MusicRequest, call: Call) -> str:
        return self._tasks.begin("/musics/compose", self.told(request), call)

    def check(self, remote_id: str, call: Call) -> RemoteState:
        with begun(TITLE, remote_id):
            state = self._tasks.state(f"/results/{remote_id}", call).get("status")
        if state == "done":
            return RemoteState("done", 1.0)
        if state == "failed":
            return RemoteState("failed", message=f"it gave up its request {remote_id}, and may have counted it")
        return RemoteState("waiting" if state == "pending" else "running", 0.5)

    def fetch(self, remote_id: str, request: MusicRequest, call: Call) -> Made:
        result: dict[str, Any] = {}

        def bring(path: Path) -> None:
            found = self._tasks.state(f"/results/{remote_id}", call).get("result")
            result.update(found if isinstance(found, dict) else {})
            given = next((result[name] for name in _LINKS if result.get(name)), None)
            self._at.bring(link(given), path, most_bytes=MOST_BYTES)

        path, found = fetched(TITLE, f"the song of request {remote_id}", call.folder / "music", bring, call)
        facts = {
            "model": self.default_model,
            "request_id": remote_id,
            "sent": dict(self.told(request)),
            "verified": False,
        }
        facts |= warnings(found, request.seconds)
        output = primary(path, found, request, self.info, **_tempo(result.get("bpm")))
        return Made((output,), {"tracks": Decimal(1)}, facts=facts)

    def cancel(self, remote_id: str, call: Call) -> None:
        """None is known."""


def _tempo(said: Any) -> dict[str, float]:
    """The service gives it as a string."""
    try:
        bpm = float(said)
    except (TypeError, ValueError):
        return {}
    return {"bpm": bpm} if math.isfinite(bpm) and bpm > 0 else {}
