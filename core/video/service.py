"""Video: films are brought in, taken apart into scenes, and looked up."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from core.jobs.registry import JobKind, Product
from core.jobs.service import Jobs
from core.jobs.work import Work
from core.kit.actor import Actor
from core.kit.children import Children, Progress
from core.kit.errors import UserError
from core.kit.settings import Settings
from core.store import assets, clips
from core.store.clips import ClipRow, SceneRow
from core.store.jobs import Job
from core.store.store import Store
from core.video.scenes import scan_in_child
from core.video.types import Clip, Scene

KIND = "scenes"
VIDEO = "video"
"""Kind of asset."""
_PEAKS = 192
_LONGEST_S, _LARGEST_BYTES = 24 * 3600.0, 2**40
_IN_COLUMNS = frozenset({"id", "number", "start_s", "end_s", "type"})


class ScenesRequest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    asset_id: str


class Video:
    def __init__(self, settings: Settings, store: Store, jobs: Jobs, children: Children) -> None:
        self._settings = settings
        self._store = store
        self._jobs = jobs
        self._children = children

    @property
    def job_kinds(self) -> tuple[JobKind, ...]:
        return (JobKind(KIND, "cpu", self._run),)

    def take_apart(
        self, actor: Actor, asset_id: str, *, priority: str = "normal", idempotency_key: str | None = None
    ) -> Job:
        """A job whose result has `clip_id` and `scenes` once it is done."""
        if (before := self._jobs.before(actor, priority, idempotency_key)) is not None:
            return before
        with self._store.db.read() as connection:
            asset = assets.get(connection, actor, asset_id)
        if asset.kind != VIDEO:
            raise UserError(f"“{asset.name}” is no film.", "Bring a video file in first.", "no_video")
        request = ScenesRequest(asset_id=asset.id)
        return self._jobs.submit(
            actor, KIND, request.model_dump(mode="json"), title=f"Scenes of {asset.name}", priority=priority,
            idempotency_key=idempotency_key,
        )  # fmt: skip

    def list(self, actor: Actor, limit: int = 50, offset: int = 0) -> tuple[list[ClipRow], int]:
        with self._store.db.read() as connection:
            return clips.listing(connection, actor, limit, offset)

    def clip(self, actor: Actor, clip_id: str) -> tuple[ClipRow, Clip]:
        with self._store.db.read() as connection:
            row = clips.get(connection, actor, clip_id)
            found = clips.scenes_of(connection, clip_id)
        return row, clip_of(row, found)

    def of_film(self, actor: Actor, asset_id: str) -> tuple[ClipRow, Clip] | None:
        """The newest taking apart of this film; None where there is none yet."""
        with self._store.db.read() as connection:
            row = clips.latest(connection, actor, asset_id)
            return None if row is None else (row, clip_of(row, clips.scenes_of(connection, row.id)))

    def scene(self, actor: Actor, scene_id: str) -> tuple[ClipRow, Clip, Scene]:
        with self._store.db.read() as connection:
            found = clips.scene(connection, actor, scene_id)
            row = clips.get(connection, actor, found.clip_id)
            clip = clip_of(row, clips.scenes_of(connection, row.id))
        return row, clip, next(scene for scene in clip.scenes if scene.id == scene_id)

    def picture(self, actor: Actor, scene_id: str) -> bytes:
        """A JPEG."""
        with self._store.db.read() as connection:
            return clips.picture(connection, actor, scene_id)

    def delete(self, actor: Actor, clip_id: str) -> None:
        """The film stays, and what was made for it."""
        with self._store.db.write() as connection:
            clips.remove(connection, actor, clip_id)

    def _run(self, work: Work) -> Product:
        request = ScenesRequest.model_validate(work.job.request)
        with work.store.db.read() as connection:
            asset = assets.get(connection, work.actor, request.asset_id)
            row = clips.by_job(connection, work.job.id)
            ids = [] if row is None else [each.id for each in clips.scenes_of(connection, row.id)]
        if row is None:
            found = self._children.run(
                scan_in_child,
                (str(work.store.blobs.path(asset.sha256)), str(work.folder), self._settings.max_video_minutes * 60, asset.name),
                progress=work.progress, cancelled=work.cancelled,
                timeout_s=120 + 4 * (asset.duration_s or self._settings.max_video_minutes * 60),
            )  # fmt: skip
            pictures = [Path(file).read_bytes() for file in found.pop("thumbs")]
            scenes = found.pop("scenes")
            values = {
                "asset_id": asset.id, "name": asset.name, "job_id": work.job.id, "seconds": found["seconds"],
                "facts": found, "user_id": work.job.user_id, "organisation_id": work.job.organisation_id,
            }  # fmt: skip
            rows = [
                {name: scene[name] for name in ("number", "start_s", "end_s", "type")}
                | {"facts": {name: value for name, value in scene.items() if name not in _IN_COLUMNS}}
                for scene in scenes
            ]
            with work.store.db.write() as connection:
                work.still_ours(connection)
                clip_id, ids = clips.add(connection, values, list(zip(rows, pictures, strict=True)))
        else:  # found before the crash, told now
            clip_id = row.id
        return Product(
            outputs=(), name=asset.name, source="", config={}, licence={},
            answer={"clip_id": clip_id, "asset_id": asset.id, "scenes": ids}, provider="embedded",
        )  # fmt: skip


def clip_of(row: ClipRow, found: list[SceneRow]) -> Clip:
    scenes = tuple(
        Scene(id=each.id, number=each.number, start_s=each.start_s, end_s=each.end_s, type=each.type, **each.facts)
        for each in found
    )
    return Clip(scenes=scenes, **row.facts)


def film_in_child(path: str, progress: Progress) -> dict[str, Any]:
    """An uploaded film, as columns of its asset. UserError when there is no picture in it. How long it may be is asked
    when it is taken apart; a longer one can be kept all the same."""
    from core.audio import facts
    from core.video import footage

    progress("Looking at the film", 0.1)
    found = footage.probe(path, max_seconds=_LONGEST_S)
    footage.watch(path, found, lambda number, frame: None, max_seconds=_LONGEST_S, only_s=1.0)
    told: dict[str, Any] = {"peaks": [], "warnings": []}
    if found.sounds:
        progress("Measuring its sound", 0.3)
        heard = facts.measure(path, columns=_PEAKS, max_seconds=_LONGEST_S, max_bytes=_LARGEST_BYTES)
        told = asdict(heard)
    return told | {"format": found.container[:10], "duration_s": found.announced_s or told.get("duration_s")}
