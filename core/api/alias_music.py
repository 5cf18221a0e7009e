"""The audio-studio and ai-music documents' own paths for music: their field names, our services."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from core.api import library
from core.api.alias_voice import STARTED, Started, told, url_of
from core.api.answers import JobEnded
from core.api.bodies import Asked
from core.api.media import FILE
from core.api.shapes import job_url
from core.api.submitting import Door, Submission, TheStudio, Who, admitted, failure
from core.flows.batch import KIND, MAX_ITEMS
from core.kit.errors import NotFound, StudioError
from core.store.jobs import CANCELLED, DONE, LIVE, Job

router = APIRouter(tags=["aliases"])
PREVIEW_S = 10.0
_SAMPLING = ("temperature", "top_k", "top_p")


class MusicGenerate(Asked):
    """`temperature`, `top_k` and `top_p` belong to sampling models; the composer has none and names them in
    `ignored`."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"prompt": "upbeat electronic music with drums", "duration": 30}]}
    )

    prompt: str = Field(default="", max_length=2000)
    duration: float | None = Field(
        default=None, ge=3, le=600, description="seconds; 30 unless the prompt says otherwise"
    )
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    preset: str | None = Field(default=None, max_length=60)
    mood: str | None = Field(default=None, max_length=40)
    genre: str | None = Field(default=None, max_length=40)
    intensity: str | None = Field(default=None, max_length=20)
    bpm: float | None = Field(default=None, ge=40, le=220)
    key: str | None = Field(default=None, max_length=20)
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)
    provider: str | None = Field(default=None, max_length=60)
    name: str = Field(default="", max_length=200)

    def values(self) -> dict[str, Any]:
        found = self.model_dump(exclude_none=True, exclude={"duration", *_SAMPLING})
        return found | ({"seconds": self.duration} if self.duration is not None else {})

    def ignored(self) -> list[str]:
        return [name for name in _SAMPLING if getattr(self, name) is not None]


class BatchGenerate(Asked):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"tracks": [{"mood": "calm", "duration": 30}, {"genre": "jazz", "bpm": 120}]}]}
    )

    tracks: list[MusicGenerate] = Field(min_length=1, max_length=MAX_ITEMS)
    provider: str | None = Field(default=None, max_length=60, description="for every track that names none")
    title: str = Field(default="Batch", max_length=200)


class TrackState(BaseModel):
    generationId: str
    jobId: str
    status: Literal["pending", "processing", "completed", "failed", "cancelled"]
    audioUrl: str | None = None
    error: str | None = None


class BatchTrack(BaseModel):
    index: int
    generation: TrackState


class BatchStarted(Started):
    total: int
    started: int
    generations: list[BatchTrack]


class BatchStatus(BaseModel):
    batchId: str
    status: Literal["pending", "processing", "completed", "failed", "cancelled"]
    total: int
    completed: int
    failed: int
    processing: int
    generations: list[BatchTrack]


@router.post("/api/music/generate", status_code=202, responses=STARTED)
@router.post("/api/audio-studio/music/generate", status_code=202, responses=STARTED)
async def generate(body: MusicGenerate, door: Submission) -> JSONResponse:
    """Music from a prompt, under the documents' names."""
    return await _compose(door, body, {})


@router.post("/api/audio-studio/music/preview", status_code=202, responses=STARTED)
async def preview(body: MusicGenerate, door: Submission) -> JSONResponse:
    """Ten seconds of it (or `duration`, if shorter), not kept in the library."""
    seconds = min(PREVIEW_S, body.duration or PREVIEW_S)
    return await _compose(door, body, {"seconds": seconds, "draft": True, "stems": False})


async def _compose(door: Door, body: MusicGenerate, fixed: dict[str, Any]) -> JSONResponse:
    values = body.values() | fixed
    job = await door.submit(lambda: door.studio.music.compose(door.actor, idempotency_key=door.key, **values))
    return await told(door, job, body.ignored())


@router.get(
    "/api/music/serve/{file}", response_class=FileResponse,
    responses={**FILE, 304: {"description": "you have it already"}},
)  # fmt: skip
def serve(
    file: Annotated[str, Path(max_length=100, examples=["asset_01kc0s3t9v6xj4m2n8q5r7w1yz.wav"])],
    request: Request, actor: Who, studio: TheStudio,
) -> Response:  # fmt: skip
    """The file that `audio_url` names: <asset id>.<ending>."""
    asset_id, _, ending = file.partition(".")
    asset = studio.library.get(actor, asset_id)
    if ending not in ("", asset.format):
        raise NotFound(f"Asset {asset_id!r} is no {ending[:20]!r} file.", f"Ask for {asset_id}.{asset.format}.")
    return library.file(asset_id, request, actor, studio)


@router.post("/api/ai-music/batch/generate", status_code=202, responses={202: {"model": BatchStarted}})
async def batch_generate(body: BatchGenerate, door: Submission) -> JSONResponse:
    """Several tracks at once; one that fails takes no other with it."""
    admitted(door.studio)
    job = await run_in_threadpool(_submit_batch, door, body)
    if job.ended and job.status != DONE:
        raise JobEnded(job.id, failure(door.studio, job))
    # Children are numbered from 1, so their ids are known before they exist.
    tracks = [
        BatchTrack(index=n, generation=TrackState(generationId=each, jobId=each, status="pending"))
        for n, each in enumerate(f"{job.id}/{number + 1}" for number in range(len(body.tracks)))
    ]
    said = BatchStarted(jobId=job.id, generationId=job.id, total=len(tracks), started=len(tracks), generations=tracks)
    return JSONResponse(said.model_dump(), 202, {"Location": job_url(job.id)})


def _submit_batch(door: Door, body: BatchGenerate) -> Job:
    items = []
    for number, track in enumerate(body.tracks):
        values = ({"provider": body.provider} if body.provider else {}) | track.values()
        try:
            request = door.studio.music.request(**values)
        except StudioError as error:
            error.message = f"tracks.{number}: {error.message}"
            raise
        items.append({"kind": "music", "request": request, "title": str(request["name"] or request["prompt"])[:60]})
    return door.studio.batches.submit(door.actor, items, title=body.title, idempotency_key=door.key)


@router.get("/api/ai-music/batch/status")
def batch_status(
    actor: Who,
    studio: TheStudio,
    batchId: Annotated[str, Query(max_length=120, description="jobId of the answer to batch/generate")],
) -> BatchStatus:
    """How far a batch is, track by track."""
    job = studio.jobs.show(actor, batchId)
    if job.kind != KIND:
        raise NotFound(f"Job {job.id!r} is no batch.", f"Ask for it at /api/jobs/{job.id}.")
    children = {child.id: child for child in studio.jobs.children(actor, job.id)}
    urls = {asset.job_id: url_of(asset) for asset in studio.jobs.assets(actor, job.id) if asset.role == "primary"}
    tracks = []
    for number in range(len(job.request["items"])):
        child_id = f"{job.id}/{number + 1}"
        child = children.get(child_id)
        state = TrackState(
            generationId=child_id, jobId=child_id, audioUrl=urls.get(child_id),
            status="pending" if child is None else _status(child),
            error=None if child is None or not child.error else str(child.error.get("message", "")),
        )  # fmt: skip
        tracks.append(BatchTrack(index=number, generation=state))
    states = [track.generation.status for track in tracks]
    return BatchStatus(
        batchId=job.id, status=_status(job), total=len(tracks), completed=states.count("completed"),
        failed=states.count("failed"), processing=states.count("processing"), generations=tracks,
    )  # fmt: skip


def _status(job: Job) -> Literal["pending", "processing", "completed", "failed", "cancelled"]:
    """The documents know four ends and beginnings; an unknown outcome is a failure there."""
    if job.status in LIVE:
        return "processing" if job.started_at is not None else "pending"
    return "completed" if job.status == DONE else "cancelled" if job.status == CANCELLED else "failed"
