"""What came of scoring a clip, by name: the film, its sound, stems, cue sheet and project; for every door the same."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from core.jobs.service import Jobs
from core.kit.actor import Actor
from core.kit.errors import NotFound
from core.store.assets import Asset
from core.store.jobs import Job

KIND = "score"


class Scored(BaseModel):
    job_id: str
    status: str
    film: str = Field(default="", description="id of the asset; empty until the job is done")
    mix: str = ""
    stems: dict[str, str] = Field(default={}, description="by name")
    pieces: list[str] = Field(default=[], description="the music, cue by cue")
    voice: str = Field(default="", description="what was spoken for it")
    cue_sheet: str = Field(default="", description="a CSV file")
    cue_sheet_json: str = ""
    project_id: str = Field(default="", description="its timeline, to change and render again")
    cues: list[dict[str, Any]] = Field(default=[], description="what plays when, by whom, under which licence")
    licence: dict[str, Any] = {}
    cost_usd: str = "0"
    lufs: float | None = None
    true_peak_dbtp: float | None = None
    seconds: float | None = None


def scored(jobs: Jobs, actor: Actor, job_id: str) -> Scored:
    job = jobs.show(actor, job_id)
    if job.kind != KIND:
        raise NotFound(f"Job {job_id[:60]!r} scores no clip.", "Submit one: POST /api/score", "no_score")
    return _told(job, jobs.assets(actor, job_id), str(jobs.cost(actor, job_id)))


def _told(job: Job, made: list[Asset], cost: str) -> Scored:
    found = job.result or {}
    own = {each.role: each for each in made if each.job_id == job.id}
    mix = next((each for each in made if each.id == found.get("mix")), None)
    stems = {
        each.role.removeprefix("stem:"): each.id
        for each in made
        if mix is not None and each.job_id == mix.job_id and each.role.startswith("stem:")
    }
    film = own.get("primary")
    cues = list(found.get("cues", ()))
    spoken = next((each.id for each in made if each.kind == "voiceover" and each.role == "primary"), "")
    return Scored(
        job_id=job.id, status=job.status, cost_usd=cost, film=film.id if film else "", mix=mix.id if mix else "", stems=stems,
        pieces=list(dict.fromkeys(str(each["asset_id"]) for each in cues)), voice=spoken,
        cue_sheet=own["cue_sheet"].id if "cue_sheet" in own else "",
        cue_sheet_json=own["cue_sheet:json"].id if "cue_sheet:json" in own else "",
        project_id=str(found.get("project_id", "")), cues=cues, licence=film.licence if film else {},
        lufs=film.lufs if film else None, true_peak_dbtp=film.true_peak_dbtp if film else None,
        seconds=film.duration_s if film else None,
    )  # fmt: skip
