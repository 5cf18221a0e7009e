"""The history over REST: everything ever asked for, failed and deleted too; searched, counted, made again."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from core.api.bodies import Asked
from core.api.jobs import JobId
from core.api.shapes import ErrorOut, file_url
from core.api.submitting import SUBMITTED, Submission, TheStudio, Who
from core.jobs.history import MOST, prompt_of, whole_day
from core.store.history_search import Filter, Hit

router = APIRouter(prefix="/api/history", tags=["history"])
Several = Annotated[list[str] | None, Query(max_length=20)]
Figure = Annotated[float | None, Query(ge=0, le=1e9, allow_inf_nan=False)]
Dollars = Annotated[Decimal | None, Query(ge=0, le=1_000_000, max_digits=13, allow_inf_nan=False)]
Status = Literal["live", "done", "failed", "cancelled", "unknown"]
Fate = Literal["kept", "draft", "discarded", "deleted"]


def wanted(
    text: Annotated[str, Query(max_length=200, description="words of prompt, script, name or error")] = "",
    kind: Several = None,
    engine: Several = None,
    status: Annotated[list[Status] | None, Query(max_length=5)] = None,
    mood: Several = None,
    genre: Several = None,
    bpm_min: Figure = None,
    bpm_max: Figure = None,
    seconds_min: Figure = None,
    seconds_max: Figure = None,
    since: Annotated[date | None, Query(alias="from", description="a day (UTC), with it")] = None,
    until: Annotated[date | None, Query(alias="to", description="a day (UTC), with it")] = None,
    cost_min: Dollars = None,
    cost_max: Dollars = None,
    rating: Annotated[int | None, Query(ge=1, le=5, description="at least so many stars")] = None,
    favourite: bool | None = None,
    fate: Annotated[
        list[Fate] | None, Query(max_length=4, description="discarded: in the bin; deleted: gone for good")
    ] = None,
    template: Annotated[str, Query(max_length=60)] = "",
    batch: Annotated[str, Query(max_length=120, description="the job it was part of")] = "",
    drafts: Annotated[bool, Query(description="previews as well")] = False,
) -> Filter:
    return Filter(
        words=text, kinds=tuple(kind or ()), engines=tuple(engine or ()), statuses=tuple(status or ()),
        moods=tuple(mood or ()), genres=tuple(genre or ()), bpm=(bpm_min, bpm_max), seconds=(seconds_min, seconds_max),
        since=None if since is None else whole_day(since), before=None if until is None else whole_day(until, after=True),
        usd=(cost_min, cost_max), rating=rating, favourite=favourite, fates=tuple(fate or ()), template=template,
        batch=batch, drafts=drafts,
    )  # fmt: skip


Wanted = Annotated[Filter, Depends(wanted)]


class PieceOut(BaseModel):
    id: str
    name: str
    role: str
    duration_s: float | None
    rating: int | None
    favourite: bool
    draft: bool
    file_url: str
    deleted_at: datetime | None = Field(description="when it was moved to the bin")


class HitOut(BaseModel):
    job_id: str
    kind: str
    title: str
    status: str
    error: ErrorOut | None
    engine: str
    mood: str | None
    genre: str | None
    bpm: float | None
    seconds: float | None
    template: str | None
    batch: str | None = Field(description="the job it was part of")
    cost_usd: str
    fate: str = Field(description="kept, draft, discarded, deleted, or nothing where no piece came of it")
    pieces: list[PieceOut]
    prompt: str = Field(description="the beginning of what was asked for, of a script of what was to be spoken")
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, hit: Hit) -> HitOut:
        job = hit.job
        names = ("kind", "title", "status", "created_at", "finished_at")
        figures = ("engine", "mood", "genre", "bpm", "seconds", "template", "fate")
        pieces = [
            PieceOut(**{name: getattr(each, name) for name in PieceOut.model_fields if name != "file_url"}, file_url=file_url(each))
            for each in hit.pieces
        ]  # fmt: skip
        return cls(
            job_id=job.id, prompt=prompt_of(hit), batch=job.parent_id, cost_usd=str(hit.usd), pieces=pieces,
            **{name: getattr(job, name) for name in names}, **{name: getattr(hit, name) for name in figures},
            error=None if job.error is None else ErrorOut(**{name: str(job.error.get(name, "")) for name in ErrorOut.model_fields}),
        )  # fmt: skip


class Hits(BaseModel):
    hits: list[HitOut]
    next: str = Field(description="send it as `after` for the page behind this one; empty where there is none")


class Facets(BaseModel):
    total: int
    facets: dict[str, dict[str, int]] = Field(
        description="by kind, engine, status, mood, genre and fate: how many match, that choice itself left aside"
    )


class Again(Asked):
    new_seed: bool = Field(default=False, description="another piece from the same request")
    cap_usd: Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=13, decimal_places=6)] | None = None


@router.get("")
def search(
    found: Wanted,
    actor: Who,
    studio: TheStudio,
    order: Annotated[Literal["new", "old", "long", "dear"], Query(description="dear: what cost most first")] = "new",
    after: Annotated[str, Query(max_length=400)] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> Hits:
    """Every job that made, or should have made, something: done, failed, cancelled, and those whose piece is gone."""
    page = studio.history.search(actor, found, order=order, after=after, limit=limit)
    return Hits(hits=[HitOut.of(hit) for hit in page.hits], next=page.next)


@router.get("/facets")
def facets(found: Wanted, actor: Who, studio: TheStudio) -> Facets:
    total, counted = studio.history.facets(actor, found)
    return Facets(total=total, facets=counted)


@router.post("/{job_id:path}/again", status_code=202, responses=SUBMITTED)
async def again(job_id: JobId, body: Again, door: Submission) -> JSONResponse:
    """The same request through its own door: caps and rights are checked as of now."""
    return await door.make(
        lambda: door.studio.history.again(
            door.actor, job_id, new_seed=body.new_seed, idempotency_key=door.key, cap_usd=body.cap_usd
        )
    )
