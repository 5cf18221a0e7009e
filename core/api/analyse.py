"""Analysis over REST: of an asset, or of a file that comes along and stays in the library."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from core.api.bodies import Asked
from core.api.shapes import Submitted, job_url
from core.api.submitting import Submission, TheStudio, Who
from core.api.uploads import Form, form_of, received

router = APIRouter(tags=["analysis"])


class Analyse(Asked):
    """An asset of the library, measured quickly or fully."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"asset_id": "asset_01kc0s…", "full": True}]})

    asset_id: str = Field(max_length=60)
    full: bool = Field(default=False, description="beats, chords, sections, curves, stereo, speech and a picture too")


class AnalyseForm(Form):
    full: bool = False


class Report(BaseModel):
    """The facts every report has; a full one has more beside them. null: not to be told (silence has no key)."""

    model_config = ConfigDict(extra="allow")

    report: str = Field(description="quick or full")
    asset_id: str
    name: str
    duration_s: float
    sample_rate: int
    channels: int
    lufs: float | None
    true_peak_dbtp: float | None
    bpm: float | None
    bpm_alternatives: dict[str, float] | None = Field(description="half and double of it")
    bpm_confidence: float = Field(description="under 0.25: no steady beat")
    key: str | None
    camelot: str | None
    key_confidence: float
    problems: list[dict[str, Any]] = Field(description="facts, each with a time and a remedy")
    unproven: list[dict[str, Any]] = Field(description="what less certain detectors say, with their figures")


class Analysed(BaseModel):
    job_id: str
    generation_id: str
    status: str
    report: Report


_BODIES = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": Analyse.model_json_schema()},
            "multipart/form-data": {"schema": AnalyseForm.model_json_schema()},
        },
    }
}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"model": Analysed, "description": "done within ?wait="},
    202: {"model": Submitted, "description": "written down; the report will be at GET /api/audio/analyse/{job_id}"},
}


@router.post("/api/audio/analyse", status_code=202, responses=_ANSWERS, openapi_extra=_BODIES)
async def analyse(request: Request, door: Submission) -> JSONResponse:
    """Tempo, key, loudness, true peak, dynamics, spectrum and problems with a remedy each. A file sent along is kept
    in the library, as an upload is."""
    sent = await form_of(request, Analyse)
    if isinstance(sent, Analyse):
        asset_id, full = sent.asset_id, sent.full
    else:
        asset, _ = await run_in_threadpool(received, door.studio, door.actor, sent)
        asset_id, full = asset.id, sent.more.get("full", "").strip().lower() in ("1", "true", "on", "yes")
    job = await door.submit(
        lambda: door.studio.analysing.submit(door.actor, asset_id, full=full, idempotency_key=door.key)
    )
    said: BaseModel = Submitted(job_id=job.id, generation_id=job.id, status=job.status)
    if door.wait_s and job.ended:
        said = await run_in_threadpool(report, job.id, door.actor, door.studio)
        return JSONResponse(said.model_dump(mode="json"), 200, {"Location": job_url(job.id)})
    return JSONResponse(said.model_dump(mode="json"), 202, {"Location": job_url(job.id)})


@router.get("/api/audio/analyse/{job_id}")
def report(
    job_id: Annotated[str, Path(max_length=120, examples=["job_01kc0s3t9v6xj4m2n8q5r7w1yz"])],
    actor: Who, studio: TheStudio,
) -> Analysed:  # fmt: skip
    """The report of an analysis job; 409 while it is not there yet."""
    found = studio.analysing.report(actor, job_id)
    return Analysed(job_id=job_id, generation_id=job_id, status="done", report=Report.model_validate(found))
