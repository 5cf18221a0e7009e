"""Scoring a clip over REST: plan, submit, and what came of it."""

from __future__ import annotations

from decimal import Decimal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from core.api.jobs import JobId
from core.api.shapes import Finished
from core.api.submitting import SUBMITTED, Making, Submission, TheStudio, Who
from core.api.voice import given
from core.app import Studio
from core.flows.recommending.cues import Cue
from core.flows.scoring.request import ScoreRequest
from core.flows.scoring.told import Scored, scored
from core.kit.actor import Actor

router = APIRouter(tags=["scoring"])
_OF_THE_CLIP = frozenset(ScoreRequest.model_fields)


class Score(Making, ScoreRequest):
    """A clip whose scenes were found (POST /api/video/scenes), and how it is to sound. Cues may be left out: then they are
    those of the plan."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False,
        json_schema_extra={"examples": [{"clip_id": "clip_01kc0s…", "loudness": "video", "duck_db": 10}]},
    )  # fmt: skip

    dry_run: bool = Field(default=False, description="answer the plan and make nothing")


class Plan(BaseModel):
    cues: list[Cue] = Field(description="send them back, changed or not, to have just these made")
    seed: int
    usd: Decimal = Field(description="the most it can cost")
    engine: str


def _plan(studio: Studio, actor: Actor, body: Score) -> Plan:
    found = studio.scoring.plan(actor, **{name: value for name, value in given(body).items() if name in _OF_THE_CLIP})
    return Plan(cues=list(found.cues), seed=found.seed, usd=found.usd, engine=found.engine)


@router.post(
    "/api/score", status_code=202, responses={**SUBMITTED, 200: {"model": Finished | Plan, "description": "done within ?wait=, or the plan of a dry run"}}
)  # fmt: skip
async def score(body: Score, door: Submission) -> JSONResponse:
    """Score a clip from its scenes: music, mix, film, stems and cue sheet. GET /api/score/{job_id} names what came out."""
    if body.dry_run:
        found = await run_in_threadpool(_plan, door.studio, door.actor, body)
        return JSONResponse(found.model_dump(mode="json"))
    values = given(body)
    values.pop("dry_run", None)
    return await door.make(lambda: door.studio.scoring.submit(door.actor, idempotency_key=door.key, **values))


@router.post("/api/score/plan")
def plan(body: Score, actor: Who, studio: TheStudio) -> Plan:
    """The cues, and what they may cost, before anything is made."""
    return _plan(studio, actor, body)


@router.get("/api/score/{job_id:path}")
def result(job_id: JobId, actor: Who, studio: TheStudio) -> Scored:
    """The film, its sound, stems, cue sheet and project, by name; empty until the job is done."""
    return scored(studio.jobs, actor, job_id)
