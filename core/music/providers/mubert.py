"""Music from Mubert: a prompt, a length, and a link that lives for minutes. Each POST to its tracks is one track billed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.kit.errors import OutcomeUnknown, Unavailable
from core.kit.http import HttpAnswer
from core.music.engine import KIND
from core.music.providers.hearing import MOST_BYTES, fetched, primary, warnings
from core.music.providers.mubert_account import EXPIRED, KEY, TITLE, Account, Customer, code_of, refusal
from core.music.providers.wording import chosen_model, described, within
from core.music.types import MusicRequest
from core.providers import rest
from core.providers.base import Call, Made, ProviderInfo, RemoteState, Units
from core.providers.refusals import lost
from core.providers.remote import begun

SHORTEST_S, LONGEST_S = 5.0, 600.0
"""A licence allows 1,500 seconds and more; the studio asks for no more than 600."""
LONGEST_PROMPT = 200
JINGLE_S = 15.0
"""Up to here it is asked for as a jingle, which comes a little short; only a track has the exact length."""
_BITRATE = 320
_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")


class MubertMusic:
    info = ProviderInfo(
        name="mubert",
        title=TITLE,
        kind=KIND,
        form="job",
        resource="net",
        units=("tracks",),
        settings_key=KEY,
        capabilities=frozenset(
            {"prompt", "mood", "genre", "bpm", "key", "instruments", "intensity", "duration", "loopable"}
        ),
        licence="mubert-licence",
        models=("mubert-v3",),
        concurrency=2,
        check_every_s=5.0,
        given_up_after_s=900.0,
    )
    default_model = "mubert-v3"

    def __init__(self, base_url: str = "", timeout_s: float = 60.0) -> None:
        self._at = rest.Service(TITLE, "https://music-api.mubert.com/api/v3", KEY, base_url, timeout_s)
        self._account = Account(self._at)

    def lengths(self, model: str) -> tuple[float, float]:
        chosen_model(MusicRequest(model=model or None), self.info.models, self.default_model, TITLE)
        return SHORTEST_S, LONGEST_S

    def told(self, request: MusicRequest) -> Mapping[str, Any]:
        """All of it explicit: what is left out is the licence's default, which nobody here knows."""
        chosen_model(request, self.info.models, self.default_model, TITLE)
        return {
            "prompt": described(request.model_copy(update={"intensity": None}), TITLE, LONGEST_PROMPT),
            "duration": round(within(request.seconds, SHORTEST_S, LONGEST_S, TITLE)), "bitrate": _BITRATE,
            "format": "mp3", "intensity": request.intensity or "medium", "mode": _mode(request),
        }  # fmt: skip

    def maximum(self, request: MusicRequest) -> Units:
        return {"tracks": Decimal(1)}

    def start(self, request: MusicRequest, call: Call) -> str:
        body = self.told(request)
        answer = self._at.ask("/public/tracks", self._customer(call).headers, data=body)
        if code_of(answer) == EXPIRED:  # refused, so nothing was made of it
            answer = self._at.ask("/public/tracks", self._customer(call, anew=True).headers, data=body)
        if not 200 <= answer.status < 300:
            raise refusal(answer, self._at)
        found = str(_data(answer).get("id") or "")
        if not _ID.fullmatch(found):
            raise lost(TITLE, "its answer names no track")
        return found

    def check(self, remote_id: str, call: Call) -> RemoteState:
        with begun(TITLE, remote_id):
            state = _generation(self._track(remote_id, call)).get("status")
        if state == "done":
            return RemoteState("done", 1.0)
        if state == "failed":
            return RemoteState("failed", message=f"it gave up its track {remote_id}, and may have counted it")
        return RemoteState("running", 0.5)

    def fetch(self, remote_id: str, request: MusicRequest, call: Call) -> Made:
        track: dict[str, Any] = {}

        def bring(path: Path) -> None:
            track.update(self._track(remote_id, call))
            url = _generation(track).get("url")
            if not isinstance(url, str) or not url:
                raise rest.NotHad("it names no link for it")
            self._at.bring(url, path, most_bytes=MOST_BYTES)

        path, found = fetched(TITLE, f"the track {remote_id}", call.folder / "music", bring, call)
        bpm = track.get("bpm")
        facts = {"model": self.default_model, "track_id": remote_id, "sent": dict(self.told(request))}
        facts |= warnings(found, request.seconds) if _mode(request) == "track" else {}
        said = {"bpm": float(bpm)} if isinstance(bpm, int | float) and not isinstance(bpm, bool) and bpm > 0 else {}
        return Made((primary(path, found, request, self.info, **said),), {"tracks": Decimal(1)}, facts=facts)

    def cancel(self, remote_id: str, call: Call) -> None:
        """The service knows none: the track is made and counted."""

    def _customer(self, call: Call, *, anew: bool = False) -> Customer:
        """Asked for nothing that is billed: without an answer it may simply be asked again."""
        try:
            return self._account.customer(call.key, anew=anew)
        except OutcomeUnknown as error:
            raise Unavailable(error.message, "Try again later.") from error

    def _track(self, remote_id: str, call: Call) -> dict[str, Any]:
        path = f"/public/tracks/{remote_id}"
        answer = self._at.look(path, self._customer(call).headers)
        if code_of(answer) == EXPIRED:
            answer = self._at.look(path, self._customer(call, anew=True).headers)
        if answer.status != 200:
            error = refusal(answer, self._at)
            raise Unavailable(error.message) if isinstance(error, OutcomeUnknown) else error
        found = _data(answer)
        if not found:
            raise Unavailable(f"{TITLE} answered something else than a track.", "Try again later.")
        return found


def _mode(request: MusicRequest) -> str:
    if request.loopable:
        return "loop"
    return "jingle" if request.seconds <= JINGLE_S else "track"


def _data(answer: HttpAnswer) -> dict[str, Any]:
    found = rest.fields(answer).get("data")
    return found if isinstance(found, dict) else {}


def _generation(track: Mapping[str, Any]) -> dict[str, Any]:
    """One is asked for, so the first is it."""
    rows = track.get("generations")
    return rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
