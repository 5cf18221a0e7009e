"""Previews of music: at most ten seconds on the engine that costs least; the answer says which, and what it may cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from core.api.alias_music import MusicGenerate
from core.api.alias_voice import Started, Success, url_of
from core.api.music import Compose
from core.api.shapes import Finished, Submitted, job_url
from core.api.submitting import Door, Submission
from core.api.voice import given
from core.music.previewing import Preview
from core.store.jobs import Job

router = APIRouter()
_ENGINE = Field(description="the embedded one; where that is not ready, the cheapest that is", examples=["composer"])
_USD = Field(description="at most; what it did cost, once it is made", examples=["0"])


class PreviewSubmitted(Submitted):
    engine: str = _ENGINE
    cost_usd: Decimal = _USD


class PreviewFinished(Finished):
    engine: str = _ENGINE


class PreviewStarted(Started):
    engine: str = _ENGINE
    cost_usd: Decimal = _USD


class PreviewSuccess(Success):
    engine: str = _ENGINE
    cost_usd: Decimal = _USD


_OWN: dict[int | str, dict[str, Any]] = {200: {"model": PreviewFinished}, 202: {"model": PreviewSubmitted}}
_ALIAS: dict[int | str, dict[str, Any]] = {200: {"model": PreviewSuccess}, 202: {"model": PreviewStarted}}


@router.post("/api/music/preview", status_code=202, responses=_OWN, tags=["music"])
async def preview(body: Compose, door: Submission) -> JSONResponse:
    """At most ten seconds of it, not kept in the library. What says who makes the piece itself does not count."""
    made, job = await _made(door, given(body))
    headers = {"Location": job_url(job.id)}
    if not door.wait_s or not job.ended:
        said = PreviewSubmitted(
            job_id=job.id, generation_id=job.id, status=job.status, engine=made.engine, cost_usd=made.usd
        )
        return JSONResponse(said.model_dump(mode="json"), 202, headers)
    cost, assets = await run_in_threadpool(door.outcome, job)
    whole = Finished.of(job, cost, assets)
    return JSONResponse(PreviewFinished(**whole.model_dump(), engine=made.engine).model_dump(mode="json"), 200, headers)


@router.post("/api/audio-studio/music/preview", status_code=202, responses=_ALIAS, tags=["aliases"])
async def documented(body: MusicGenerate, door: Submission) -> JSONResponse:
    """At most ten seconds of it, not kept in the library. A `provider` is the piece's own: `engine` says who plays this."""
    made, job = await _made(door, body.values())
    headers = {"Location": job_url(job.id)}
    if not door.wait_s or not job.ended:
        said = PreviewStarted(jobId=job.id, generationId=job.id, engine=made.engine, cost_usd=made.usd)
        return JSONResponse(said.model_dump(mode="json"), 202, headers)
    cost, assets = await run_in_threadpool(door.outcome, job)
    whole = PreviewSuccess(
        audio_url=url_of(assets[0]), duration=assets[0].duration_s, audio_id=assets[0].id, provider=job.provider,
        ignored=sorted(door.studio.music.unheard(job)), jobId=job.id, generationId=job.id, engine=made.engine, cost_usd=Decimal(cost),
    )  # fmt: skip
    return JSONResponse(whole.model_dump(mode="json"), 200, headers)


async def _made(door: Door, values: dict[str, Any]) -> tuple[Preview, Job]:
    made: list[Preview] = []

    def submit() -> Job:
        made.append(door.studio.music.preview(door.actor, idempotency_key=door.key, **values))
        return made[0].job

    job = await door.submit(submit)
    return made[0], job
