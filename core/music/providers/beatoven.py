"""Music from Beatoven: everything in one sentence, its length too; stems come beside the piece. Each POST is one track."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.kit.errors import OutcomeUnknown
from core.music.engine import KIND
from core.music.providers.hearing import MOST_BYTES, fetched, figures, primary, warnings
from core.music.providers.tasks import Tasks, link
from core.music.providers.wording import WORDS, chosen_model, described, within
from core.music.types import MusicRequest
from core.providers import rest
from core.providers.base import Call, Made, Output, ProviderInfo, RemoteState, Units
from core.providers.remote import begun

TITLE = "Beatoven"
SHORTEST_S, LONGEST_S = 3.0, 600.0
"""The studio's own: the service names none."""
LONGEST_PROMPT = 2_400
STEMS = {"percussion": "drums", "bass": "bass", "chords": "chords", "melody": "melody"}
"""Its names, and the studio's."""


class BeatovenMusic:
    info = ProviderInfo(
        name="beatoven",
        title=TITLE,
        kind=KIND,
        form="job",
        resource="net",
        units=("tracks",),
        settings_key="beatoven_api_key",
        capabilities=WORDS | {"duration", "loopable", "stems"},
        licence="unknown",
        licence_on_plan="beatoven-paid",
        models=("beatoven-v1",),
        concurrency=2,
        check_every_s=5.0,
        given_up_after_s=1800.0,  # it has no word for failure, so this is the end of waiting
    )
    default_model = "beatoven-v1"

    def __init__(self, base_url: str = "", timeout_s: float = 60.0) -> None:
        vendor = "https://public-api.beatoven.ai"
        self._at = rest.Service(TITLE, vendor, self.info.settings_key, base_url, timeout_s)
        self._tasks = Tasks(TITLE, self._at, "task", "task_id")

    def lengths(self, model: str) -> tuple[float, float]:
        chosen_model(MusicRequest(model=model or None), self.info.models, self.default_model, TITLE)
        return SHORTEST_S, LONGEST_S

    def told(self, request: MusicRequest) -> Mapping[str, Any]:
        chosen_model(request, self.info.models, self.default_model, TITLE)
        length_s = round(within(request.seconds, SHORTEST_S, LONGEST_S, TITLE))
        text = f"{length_s} seconds, {described(request, TITLE, LONGEST_PROMPT)}"
        return {"prompt": {"text": text}, "format": "wav", "looping": request.loopable}

    def maximum(self, request: MusicRequest) -> Units:
        return {"tracks": Decimal(1)}

    def start(self, request: MusicRequest, call: Call) -> str:
        return self._tasks.begin("/api/v1/tracks/compose", self.told(request), call)

    def check(self, remote_id: str, call: Call) -> RemoteState:
        with begun(TITLE, remote_id):
            task = self._tasks.state(f"/api/v1/tasks/{remote_id}", call)
        if task.get("status") == "composed":
            return RemoteState("done", 1.0)
        if task.get("status") == "failed":
            return RemoteState("failed", message=f"it gave up its task {remote_id}, and may have counted it")
        return RemoteState("running" if task.get("status") == "running" else "waiting", 0.5)

    def fetch(self, remote_id: str, request: MusicRequest, call: Call) -> Made:
        meta: dict[str, Any] = {}

        def bring(path: Path) -> None:
            meta.update(self._meta(remote_id, call))
            self._at.bring(link(meta.get("track_url")), path, most_bytes=MOST_BYTES)

        path, found = fetched(TITLE, f"the track of task {remote_id}", call.folder / "music", bring, call)
        facts = {"model": self.default_model, "task_id": remote_id, "sent": dict(self.told(request))}
        facts |= {name: meta[name] for name in ("project_id", "track_id") if isinstance(meta.get(name), str)}
        facts |= warnings(found, request.seconds)
        outputs = [primary(path, found, request, self.info)]
        if request.stems and not request.draft:
            stems, missing = self._stems(remote_id, call)
            outputs += stems
            if missing:
                told = [f"The stem {name} could not be fetched: {why}." for name, why in missing.items()]
                facts["warnings"] = [*facts.get("warnings", []), *told]
        return Made(tuple(outputs), {"tracks": Decimal(1)}, facts=facts)

    def cancel(self, remote_id: str, call: Call) -> None:
        """The service knows none."""

    def _stems(self, remote_id: str, call: Call) -> tuple[list[Output], dict[str, str]]:
        """What there is of them: one that cannot be had is no reason to lose the piece."""
        outputs: list[Output] = []
        missing: dict[str, str] = {}
        for theirs, ours in STEMS.items():

            def bring(path: Path, name: str = theirs) -> None:
                links = self._meta(remote_id, call).get("stems_url")
                self._at.bring(
                    link(links.get(name) if isinstance(links, Mapping) else None), path, most_bytes=MOST_BYTES
                )

            try:
                path, found = fetched(TITLE, f"the stem {theirs}", call.folder / f"stem-{ours}", bring, call, tries=2)
            except OutcomeUnknown as error:
                missing[ours] = error.message.partition("fetched: ")[2].partition(".")[0] or "no reason given"
                continue
            outputs.append(Output(f"stem:{ours}", path, "stem", dict(figures(found))))
        return outputs, missing

    def _meta(self, remote_id: str, call: Call) -> dict[str, Any]:
        found = self._tasks.state(f"/api/v1/tasks/{remote_id}", call).get("meta")
        return found if isinstance(found, dict) else {}
