"""Batches over REST: up to 1,000 pieces as one job, each on its own."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field

from core.api.jobs import JobId, JobWhole, show
from core.api.music import Compose
from core.api.shapes import Submitted, job_url
from core.api.submitting import SUBMITTED, Door, Making, Submission, TheStudio, Wait, Who, admitted
from core.api.voice import Speak, given
from core.flows.batch import KIND, MAX_ITEMS
from core.kit.errors import NotFound, StudioError
from core.store.jobs import Job

router = APIRouter(tags=["batches"])


class SpeechItem(Speak):
    kind: Literal["speech"]


class MusicItem(Compose):
    kind: Literal["music"]


AtOnce = Annotated[
    int | None,
    Field(ge=1, le=MAX_ITEMS, description="how many are made at a time; the engines' own limits count besides"),
]


class Batch(Making):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"title": "Chapter one", "items": [
                {"kind": "speech", "text": "The harbour wakes."}, {"kind": "music", "prompt": "calm piano", "seed": 7},
            ]}]
        }
    )  # fmt: skip

    title: str = Field(default="Batch", max_length=200)
    items: list[Annotated[SpeechItem | MusicItem, Field(discriminator="kind")]] = Field(
        min_length=1, max_length=MAX_ITEMS
    )
    at_once: AtOnce = None


@router.post("/api/batches", status_code=202, responses=SUBMITTED)
async def batch(body: Batch, door: Submission) -> JSONResponse:
    """Every item is checked now; one that fails later takes no other with it."""
    return await door.make(
        lambda: submit(
            door, body.title, [item_of(door, number, item) for number, item in enumerate(body.items)],
            at_once=body.at_once, priority=body.priority, cap_usd=body.cap_usd,
        )
    )  # fmt: skip


@router.get("/api/batches/{job_id}")
async def status(job_id: JobId, actor: Who, studio: TheStudio, wait: Wait = 0.0) -> JobWhole:
    """The batch with its children: which are done, which failed and why."""
    found = await show(job_id, actor, studio, wait)
    if found.kind != KIND:
        raise NotFound(f"Job {job_id!r} is no batch.", f"Ask for it at /api/jobs/{job_id}.")
    return found


@router.post("/api/batches/{job_id}/resume", status_code=202, responses={202: {"model": Submitted}})
def resume(job_id: JobId, actor: Who, studio: TheStudio) -> JSONResponse:
    """Make again, in the same batch and under the same numbers, what failed, was refused or cancelled. What is done
    stays; what was bought is not bought again."""
    admitted(studio)
    job = studio.batches.resume(actor, job_id)
    said = Submitted(job_id=job.id, generation_id=job.id, status=job.status)
    return JSONResponse(said.model_dump(), 202, {"Location": job_url(job.id)})


def submit(door: Door, title: str, items: list[dict[str, Any]], **limits: Any) -> Job:
    return door.studio.batches.submit(door.actor, items, title=title, idempotency_key=door.key, **limits)


def item_of(door: Door, number: int, item: SpeechItem | MusicItem) -> dict[str, Any]:
    """Checked by its own service, as a request of its own would be."""
    values = given(item)
    for name in ("kind", "priority", "cap_usd"):
        values.pop(name, None)
    try:
        if isinstance(item, SpeechItem):
            request = door.studio.voice.prepared(door.actor, **values)
        else:
            request = door.studio.music.request(door.actor, **values)
    except StudioError as error:
        error.message = f"items.{number}: {error.message}"
        raise
    title = request.get("name") or request.get("text") or request.get("prompt") or item.kind
    return {"kind": item.kind, "request": request, "title": str(title)[:60]}
