"""The ai-music document's batch: its paths and field names, our batches."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from core.api.alias_music import MusicGenerate
from core.api.alias_voice import Started, url_of
from core.api.answers import JobEnded
from core.api.batches import AtOnce
from core.api.shapes import job_url
from core.api.submitting import Door, Making, Submission, TheStudio, Who, admitted, failure
from core.flows.batch import MAX_ITEMS, REFUSED
from core.flows.music_rows import Row
from core.kit.errors import UserError
from core.store import assets
from core.store.jobs import CANCELLED, DONE, LIVE, Job

router = APIRouter(tags=["aliases"])
State = Literal["pending", "processing", "completed", "failed", "cancelled", "refused"]


class Track(MusicGenerate):
    model_config = ConfigDict(json_schema_extra={"examples": [{"mood": "calm", "duration": 30}]})

    quality: str = Field(default="", max_length=20)
    model: str | None = Field(default=None, max_length=80)
    template: str | None = Field(
        default=None, max_length=80, description="its values count where the track says nothing"
    )


class BatchGenerate(Making):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"tracks": [{"mood": "calm", "duration": 30}, {"genre": "jazz", "bpm": 120}]}]}
    )

    tracks: list[Track | dict[str, Any]] = Field(min_length=1, max_length=MAX_ITEMS)
    provider: str | None = Field(default=None, max_length=60, description="for every track that names none")
    title: str = Field(default="Batch", max_length=200)
    skip_bad: bool = Field(default=False, description="make the others when a track cannot be made as it is asked for")
    at_once: AtOnce = None


class TrackState(BaseModel):
    generationId: str
    jobId: str
    status: State
    progress: int = Field(default=0, description="percent")
    stage: str = ""
    secondsLeft: float | None = None
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
    status: State
    total: int
    completed: int
    failed: int
    processing: int
    cancelled: int = 0
    refused: int = Field(default=0, description="a cap or a quota had no room; nothing was paid")
    cost: Decimal = Field(default=Decimal(0), description="dollars so far")
    missing: int = Field(default=0, description="tracks that have a job and are not completed")
    secondsLeft: float | None = Field(default=None, description="a guess from what is done")
    generations: list[BatchTrack]


@router.post("/api/ai-music/batch/generate", status_code=202, responses={202: {"model": BatchStarted}})
async def batch_generate(body: BatchGenerate, door: Submission) -> JSONResponse:
    """Several tracks at once; one that fails takes no other with it."""
    admitted(door.studio)
    job = await run_in_threadpool(_submit, door, body)
    if job.ended and job.status != DONE:
        raise JobEnded(job.id, failure(door.studio, job))
    tracks = [track for track in _tracks(job, {}, {}, {})]
    said = BatchStarted(
        jobId=job.id, generationId=job.id, total=len(tracks), started=len(job.request["items"]), generations=tracks
    )
    return JSONResponse(said.model_dump(mode="json"), 202, {"Location": job_url(job.id)})


def _submit(door: Door, body: BatchGenerate) -> Job:
    rows = [_row(number, track, body.provider) for number, track in enumerate(body.tracks, 1)]
    return door.studio.music_batches.submit(
        door.actor, rows, title=body.title, skip_bad=body.skip_bad, at_once=body.at_once, priority=body.priority,
        idempotency_key=door.key, cap_usd=body.cap_usd,
    )  # fmt: skip


def _row(number: int, track: Track | dict[str, Any], provider: str | None) -> Row:
    if isinstance(track, dict):
        try:
            track = Track.model_validate(track)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(str(part) for part in first["loc"]) or "track"
            return Row(
                number, {}, UserError(f"{field[:60]}: {first['msg']}.", "See /api/docs for the fields of a track.")
            )
    return Row(number, ({"provider": provider} if provider else {}) | track.values())


@router.get("/api/ai-music/batch/status")
def batch_status(
    actor: Who,
    studio: TheStudio,
    batchId: Annotated[str, Query(max_length=120, description="jobId of the answer to batch/generate")],
    limit: Annotated[int, Query(ge=0, le=MAX_ITEMS, description="tracks in the answer; all are counted")] = MAX_ITEMS,
    offset: Annotated[int, Query(ge=0, le=MAX_ITEMS, description="tracks left out before them")] = 0,
) -> BatchStatus:
    """How far a batch is, track by track. What is done can be heard while the rest is made."""
    job = studio.batches.get(actor, batchId)
    children = {child.id: child for child in studio.jobs.children(actor, job.id)}
    with studio.store.db.read() as connection:
        urls = {child: url_of(piece) for child, piece in assets.of_children(connection, actor, job.id).items()}
    rows = {row["job_id"]: row for row in studio.music_batches.rows(actor, job.id) if row["job_id"]}
    tracks = _tracks(job, children, urls, rows)
    states = [track.generation.status for track in tracks]
    return BatchStatus(
        batchId=job.id, status=status_of(job), total=len(tracks), completed=states.count("completed"),
        failed=states.count("failed"), processing=states.count("processing"), cancelled=states.count("cancelled"),
        refused=states.count("refused"), cost=studio.music_batches.cost(actor, job.id),
        missing=sum(bool(track.generation.jobId) and track.generation.status != "completed" for track in tracks),
        secondsLeft=None if job.ended else job.eta_s, generations=tracks[offset : offset + limit],
    )  # fmt: skip


def _tracks(
    job: Job, children: dict[str, Job], urls: dict[str, str], rows: dict[str, dict[str, Any]]
) -> list[BatchTrack]:
    """In the order they were sent, those among them that were skipped. Children are numbered from 1, so their ids are known
    before they exist."""
    found = []
    for number, item in enumerate(job.request["items"], 1):
        child_id = f"{job.id}/{number}"
        child, row = children.get(child_id), rows.get(child_id, {})
        status: State = "pending" if child is None else status_of(child)
        status = {REFUSED: "refused", CANCELLED: "cancelled"}.get(row.get("status", ""), status)  # type: ignore[assignment]
        state = TrackState(
            generationId=child_id, jobId=child_id, audioUrl=urls.get(child_id), status=status,
            progress=0 if child is None else round(100 * child.fraction), stage="" if child is None else child.stage,
            secondsLeft=None if child is None or child.ended else child.eta_s,
            error=row.get("error") or None,
        )  # fmt: skip
        found.append((int(item.get("row", number)), state))
    for skipped in job.request.get("skipped", []):
        why = str(skipped["error"].get("message", ""))
        found.append((int(skipped["row"]), TrackState(generationId="", jobId="", status="failed", error=why)))
    found.sort(key=lambda each: each[0])
    return [BatchTrack(index=index, generation=state) for index, (_, state) in enumerate(found)]


def status_of(job: Job) -> State:
    """An unknown outcome is a failure to the documents."""
    if job.status in LIVE:
        return "processing" if job.started_at is not None else "pending"
    return "completed" if job.status == DONE else "cancelled" if job.status == CANCELLED else "failed"
