"""Syncing catalogues over REST: the document's routes, for administrators."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from core.api.bodies import Asked
from core.api.licensing_search import Camel
from core.api.shapes import job_url
from core.api.submitting import Door, Submission, TheStudio, Who
from core.licensing.sync import GOAL
from core.store.catalogue_runs import Run
from core.store.jobs import Job

router = APIRouter(prefix="/api/admin/music-licensing/sync", tags=["music licensing"])
Genres = Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=20)]
TrackIds = Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(min_length=1, max_length=10_000)]


class Sync(Asked):
    """How much of a catalogue. Only a sync without limits finds out what has gone from it."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True,
        json_schema_extra={"examples": [{"maxTracks": 1000, "genres": ["electronic", "pop"], "updateExisting": True}]},
    )  # fmt: skip

    max_tracks: int | None = Field(default=None, ge=1, le=5_000_000)
    genres: Genres = Field(default_factory=list)
    update_existing: bool = Field(default=True, description="false: what is known already stays as it is")


class SyncTracks(Asked):
    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True,
        json_schema_extra={"examples": [{"provider": "soundstripe", "trackIds": ["123", "456"]}]},
    )  # fmt: skip

    provider: str = Field(max_length=40)
    track_ids: TrackIds


class SyncErrorOut(Camel):
    page: int
    message: str
    code: str
    at: str


class SyncRunOut(Camel):
    id: str
    provider: str
    job_id: str
    state: str = Field(description="running, done, failed or cancelled")
    request: dict[str, Any]
    whole: bool = Field(description="it finds out what has gone")
    pages: int
    new: int
    changed: int
    gone: int
    unchanged: int
    odd: int = Field(description="rows that were no tracks")
    errors: list[SyncErrorOut]
    started_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, run: Run) -> SyncRunOut:
        own = {name: getattr(run, name) for name in cls.model_fields if name != "errors"}
        return cls.model_validate(own | {"errors": run.errors})


class SyncRunsOut(Camel):
    runs: list[SyncRunOut]
    success_rate: float | None = Field(description="of the last thirty days; null: none has ended")
    goal: float


class SyncStarted(Camel):
    """A sync was written down. Follow it at `Location`."""

    job_id: str
    generation_id: str = Field(description="the same id, as wherever something is made")
    status: str
    result: dict[str, Any] | None = Field(default=None, description="what was counted, once it is done")


STARTED: dict[int | str, dict[str, Any]] = {
    200: {"model": SyncStarted, "description": "done within ?wait="}, 202: {"model": SyncStarted},
}  # fmt: skip


async def _started(door: Door, submit: Callable[[], Job]) -> JSONResponse:
    job = await door.submit(submit)
    said = SyncStarted(job_id=job.id, generation_id=job.id, status=job.status, result=job.result)
    headers = {"Location": job_url(job.id)}
    return JSONResponse(said.model_dump(mode="json", by_alias=True), 200 if job.ended else 202, headers)


@router.get("")
def sync_runs(
    actor: Who,
    studio: TheStudio,
    provider: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> SyncRunsOut:
    """The history, newest first, and how many syncs of late ended well."""
    found = studio.catalogue_sync.runs(actor, provider, limit)
    rate = studio.catalogue_sync.success(actor).rate
    return SyncRunsOut(runs=[SyncRunOut.of(each) for each in found], success_rate=rate, goal=GOAL)


@router.post("/all", status_code=202, responses=STARTED)
async def sync_all(door: Submission, body: Sync | None = None) -> JSONResponse:
    """Every catalogue that is ready and can be listed, each as a job of its own under this one."""
    asked = body or Sync()
    return await _started(
        door, lambda: door.studio.catalogue_sync.start(door.actor, None, **asked.model_dump(), idempotency_key=door.key)
    )


@router.post("/tracks", status_code=202, responses=STARTED)
async def sync_tracks(body: SyncTracks, door: Submission) -> JSONResponse:
    """These tracks alone."""
    return await _started(
        door,
        lambda: door.studio.catalogue_sync.start(
            door.actor, body.provider, track_ids=body.track_ids, idempotency_key=door.key
        ),
    )


@router.post("/{provider}", status_code=202, responses=STARTED)
async def sync(
    provider: Annotated[str, Path(max_length=40, examples=["soundstripe"])], door: Submission, body: Sync | None = None
) -> JSONResponse:
    """One catalogue. 409 while it is being synced."""
    asked = body or Sync()
    return await _started(
        door,
        lambda: door.studio.catalogue_sync.start(door.actor, provider, **asked.model_dump(), idempotency_key=door.key),
    )
