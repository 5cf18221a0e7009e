"""Jobs over REST: look, follow, cancel, hold, move, retry, decide."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from core.api.bodies import Asked
from core.api.shapes import PAGE_MAX, AssetOut, JobOut, JobPage
from core.api.submitting import TheStudio, Wait, Who, admitted, ended
from core.app import Studio
from core.jobs.pending import PendingList
from core.kit.actor import Actor
from core.kit.errors import StudioError
from core.store.attempts import Attempt
from core.store.charges import Charge
from core.store.jobs import LIVE, WAITING, Job

router = APIRouter(tags=["jobs"])
JobId = Annotated[str, Path(max_length=120, examples=["job_01kc0s3t9v6xj4m2n8q5r7w1yz"])]
Status = Literal["waiting", "running", "done", "failed", "cancelled", "unknown"]
_LOOK_S, _QUIET_S = 0.1, 15.0


class Reorder(Asked):
    before: str | None = Field(default=None, max_length=120, description="a waiting job; none: to the very front")
    priority: Literal["urgent", "normal", "low"] | None = None


class Resolve(Asked):
    billed: bool = Field(description="what the provider's account says", examples=[False])


class PendingIn(Asked, PendingList):
    pass


class BroughtIn(BaseModel):
    added: list[str] = Field(description="ids of the new jobs")
    skipped: list[str] = Field(description="ids in the list that are here already")


class Emptied(BaseModel):
    cancelled: int


class JobWhole(JobOut):
    cost_usd: str
    assets: list[AssetOut]
    children: list[JobOut]


class AttemptOut(BaseModel):
    """One try at an engine."""

    step: str
    number: int
    provider: str
    model: str
    status: str = Field(description="reserved, intended, started, succeeded, failed, or unknown")
    why: str = Field(description="what it failed with")
    reserved_usd: str = Field(description="the most it could have cost")
    usd: str = Field(description="what it did cost; of one that runs or is unknown nothing is settled yet")
    created_at: datetime


class Attempts(BaseModel):
    attempts: list[AttemptOut]


class Queue(BaseModel):
    paused: bool
    waiting: int
    running: int
    worker_alive: bool


@router.get("/api/jobs")
def listing(
    actor: Who,
    studio: TheStudio,
    status: Annotated[list[Status] | None, Query(max_length=6)] = None,
    roots: Annotated[bool, Query(description="only jobs that are not part of another")] = True,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> JobPage:
    """Live jobs in the order they will run, then ended ones, newest first."""
    found = studio.jobs.list(actor, statuses=status or (), roots_only=roots, limit=limit, offset=offset)
    return JobPage(limit=limit, offset=offset, jobs=[JobOut.of(job) for job in found])


@router.get("/api/queue")
def queue(actor: Who, studio: TheStudio) -> Queue:
    """What waits and runs for you, and whether anybody is at work."""
    counts = dict.fromkeys(LIVE, 0)
    for _, status, count in studio.jobs.live_by_kind(actor):
        counts[status] += count
    return Queue(paused=studio.jobs.queue_paused(), worker_alive=studio.worker_alive(), **counts)


@router.post("/api/queue/pause")
def pause_queue(actor: Who, studio: TheStudio) -> Queue:
    """Hold everything that waits (administrators). What runs, runs on."""
    studio.jobs.pause(actor)
    return queue(actor, studio)


@router.post("/api/queue/resume")
def resume_queue(actor: Who, studio: TheStudio) -> Queue:
    studio.jobs.resume(actor)
    return queue(actor, studio)


@router.get("/api/queue/pending")
def pending(actor: Who, studio: TheStudio) -> PendingList:
    """Your waiting jobs as a list that can be brought in again, here or in another studio."""
    return studio.pending.export(actor)


@router.post("/api/queue/pending", status_code=201)
def bring_in(body: PendingIn, actor: Who, studio: TheStudio) -> BroughtIn:
    """Waiting jobs out of such a list. The same list a second time adds nothing."""
    admitted(studio)
    added, skipped = studio.pending.bring_in(actor, body.model_dump(mode="json"))
    return BroughtIn(added=added, skipped=skipped)


@router.delete("/api/queue/pending")
def cancel_pending(actor: Who, studio: TheStudio) -> Emptied:
    """Cancel every waiting job of yours."""
    return Emptied(cancelled=studio.pending.cancel_all(actor))


@router.get("/api/jobs/{job_id:path}/attempts")
def attempts(job_id: JobId, actor: Who, studio: TheStudio) -> Attempts:
    """Every try at an engine, in order: who was asked, what came of it, what it cost. A try that failed for nothing and was
    followed by another is a failover."""
    return Attempts(attempts=[_attempt(row, charge) for row, charge in studio.jobs.attempts(actor, job_id)])


@router.get(
    "/api/jobs/{job_id:path}/events", response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)  # fmt: skip
async def events(job_id: JobId, request: Request, actor: Who, studio: TheStudio) -> StreamingResponse:
    """Server-sent events: `progress` with {status, stage, fraction, eta_s, position} at every change, then one `end`
    with the job as GET answers it. A client that lost the line asks again and gets the present state first."""
    job = await run_in_threadpool(studio.jobs.show, actor, job_id)
    stream = told(request, studio, actor, job)
    return StreamingResponse(
        stream, media_type="text/event-stream", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


async def told(request: Request, studio: Studio, actor: Actor, job: Job) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    last = ""
    quiet = 0.0
    while not await request.is_disconnected():
        now = await run_in_threadpool(_progress, studio, actor, job)
        if now != last:
            last, quiet = now, 0.0
            yield f"event: progress\ndata: {now}\n\n"
        if job.ended:
            whole = await run_in_threadpool(_whole, studio, actor, job)
            yield f"event: end\ndata: {whole.model_dump_json()}\n\n"
            return
        await asyncio.sleep(_LOOK_S)
        quiet += _LOOK_S
        if quiet >= _QUIET_S:
            quiet = 0.0
            yield ": still here\n\n"
        try:
            job = await run_in_threadpool(studio.jobs.show, actor, job.id)
        except StudioError as error:  # no longer his to see
            yield f"event: end\ndata: {json.dumps({'error': error.as_dict()})}\n\n"
            return


def _attempt(row: Attempt, charge: Charge | None) -> AttemptOut:
    return AttemptOut(
        step=row.step, number=row.number, provider=row.provider, model=row.model, status=row.status,
        why=str((row.error or {}).get("message", "")), reserved_usd=f"{charge.reserved_usd if charge else 0:f}",
        usd=f"{charge.settled_usd if charge else 0:f}", created_at=row.created_at,
    )  # fmt: skip


def _progress(studio: Studio, actor: Actor, job: Job) -> str:
    place = studio.jobs.position(actor, job.id) if job.status == WAITING else None
    fields = {"status": job.status, "stage": job.stage, "fraction": job.fraction, "eta_s": job.eta_s}
    return json.dumps({**fields, "position": place})


@router.post("/api/jobs/{job_id:path}/cancel")
def cancel(job_id: JobId, actor: Who, studio: TheStudio) -> JobOut:
    """Waiting jobs end at once, running ones as soon as they look; children go with them. Ended ones stay as they are."""
    return shown(studio, actor, studio.jobs.cancel(actor, job_id))


@router.post("/api/jobs/{job_id:path}/pause")
def pause(job_id: JobId, actor: Who, studio: TheStudio) -> JobOut:
    """Hold a waiting job back."""
    studio.jobs.pause(actor, job_id)
    return shown(studio, actor, studio.jobs.show(actor, job_id))


@router.post("/api/jobs/{job_id:path}/resume")
def resume(job_id: JobId, actor: Who, studio: TheStudio) -> JobOut:
    studio.jobs.resume(actor, job_id)
    return shown(studio, actor, studio.jobs.show(actor, job_id))


@router.post("/api/jobs/{job_id:path}/retry")
def retry(job_id: JobId, actor: Who, studio: TheStudio) -> JobOut:
    """Once more, after failure or cancellation. What was already paid for is used again, not bought again."""
    return shown(studio, actor, studio.jobs.retry(actor, job_id))


@router.post("/api/jobs/{job_id:path}/reorder")
def reorder(job_id: JobId, body: Reorder, actor: Who, studio: TheStudio) -> JobOut:
    """Move a waiting job in front of another, to the front, or to another priority."""
    return shown(studio, actor, studio.jobs.reorder(actor, job_id, before=body.before, priority=body.priority))


@router.post("/api/jobs/{job_id:path}/resolve")
def resolve(job_id: JobId, body: Resolve, actor: Who, studio: TheStudio) -> JobOut:
    """For a job whose outcome is unknown: somebody looked at the provider's account. It may be retried then."""
    return shown(studio, actor, studio.jobs.resolve(actor, job_id, billed=body.billed))


@router.get("/api/jobs/{job_id:path}")
async def show(job_id: JobId, actor: Who, studio: TheStudio, wait: Wait = 0.0) -> JobWhole:
    """One job with what it cost, made and consists of; with `wait`, as soon as it has ended."""
    job = await run_in_threadpool(studio.jobs.show, actor, job_id)
    if wait and not job.ended:
        job = await ended(studio, actor, job_id, wait)
    return await run_in_threadpool(_whole, studio, actor, job)


@router.delete("/api/jobs/{job_id:path}")
def delete(job_id: JobId, actor: Who, studio: TheStudio) -> JobOut:
    """The same as cancel: the record of a job, and of its money, is never deleted."""
    return shown(studio, actor, studio.jobs.cancel(actor, job_id))


def shown(studio: Studio, actor: Actor, job: Job) -> JobOut:
    return JobOut.of(job, studio.jobs.position(actor, job.id) if job.status == WAITING else None)


def _whole(studio: Studio, actor: Actor, job: Job) -> JobWhole:
    return JobWhole(
        **shown(studio, actor, job).model_dump(),
        cost_usd=str(studio.jobs.cost(actor, job.id)),
        assets=[AssetOut.of(asset) for asset in studio.jobs.assets(actor, job.id)],
        children=[JobOut.of(child) for child in studio.jobs.children(actor, job.id)],
    )
