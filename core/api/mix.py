"""Mixing and projects over REST: voice over music in one call, or versioned project documents and renders of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from core.api.bodies import Asked
from core.api.shapes import PAGE_MAX, Page
from core.api.submitting import SUBMITTED, Making, Submission, TheStudio, Who
from core.api.voice import given
from core.kit.errors import UserError
from core.sound.types import Document
from core.store.projects import ProjectRow

router = APIRouter(tags=["mix"])
ProjectId = Annotated[str, Path(max_length=60, examples=["project_01kc0s3t9v6xj4m2n8q5r7w1yz"])]
Version = Annotated[int, Path(ge=1, le=2**31 - 1)]
_Db = Annotated[float | None, Field(ge=-60, le=24)]
_Pan = Annotated[float | None, Field(ge=-1, le=1)]
_Seconds = Annotated[float | None, Field(ge=0, le=60)]


class Mix(Making):
    """Voices one after the other over a bed that is looped or trimmed, ducked and faded. Settings left out stand at
    the studio's own values."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"voice_ids": ["asset_01kc0s3t9v6xj4m2n8q5r7w1yz"], "music_id": "asset_01kc0s…", "duck_db": 10}
            ]
        }
    )

    voice_ids: list[Annotated[str, Field(max_length=60)]] = Field(default=[], max_length=100)
    music_id: str | None = Field(default=None, max_length=60)
    name: str = Field(default="", max_length=200)
    stems: bool = True
    draft: bool = False
    voice_gain_db: _Db = None
    music_gain_db: _Db = None
    voice_pan: _Pan = None
    music_pan: _Pan = None
    duck_db: Annotated[float | None, Field(ge=0, le=40)] = None
    attack_s: Annotated[float | None, Field(ge=0.01, le=2)] = None
    release_s: Annotated[float | None, Field(ge=0.01, le=5)] = None
    fade_in_s: _Seconds = None
    fade_out_s: _Seconds = None
    gap_s: _Seconds = None
    intro_s: _Seconds = None
    tail_s: _Seconds = None
    polish_voice: bool = False
    target: str = Field(default="streaming", max_length=40, description="a loudness preset")


class NewProject(Asked):
    name: str = Field(max_length=200, examples=["Harbour film"])
    document: Document = Field(default=Document(), description="tracks, clips, gain, pan, fades, effects, markers")


class SaveProject(Asked):
    based_on: int = Field(ge=1, le=2**31 - 1, description="the version the change was made on")
    document: Document
    message: str = Field(default="", max_length=200)


class Render(Making):
    version: int | None = Field(default=None, ge=1, le=2**31 - 1, description="the latest, if left out")
    name: str = Field(default="", max_length=200)
    stems: bool = True
    draft: bool = False


class ProjectLine(BaseModel):
    id: str
    name: str
    version: int
    visibility: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: ProjectRow) -> ProjectLine:
        return cls(**{name: getattr(row, name) for name in ProjectLine.model_fields})


class ProjectOut(ProjectLine):
    document: Document


class Projects(Page):
    projects: list[ProjectLine]


class VersionLine(BaseModel):
    version: int
    message: str
    user_id: str
    created_at: datetime


class Versions(BaseModel):
    versions: list[VersionLine]


@router.post("/api/mix", status_code=202, responses=SUBMITTED)
async def mix(body: Mix, door: Submission) -> JSONResponse:
    """Lay voices over music: makes a project of the parts and renders it."""
    if body.cap_usd is not None:
        raise UserError("A mix is made on this machine and costs nothing.", "Leave cap_usd out.")
    values = {name: value for name, value in given(body).items() if value is not None}
    voices, music = values.pop("voice_ids", []), values.pop("music_id", None)
    return await door.make(
        lambda: door.studio.sound.voice_over_music(door.actor, voices, music, idempotency_key=door.key, **values)
    )


@router.get("/api/projects")
def projects(
    actor: Who,
    studio: TheStudio,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Projects:
    """Your projects, the one changed last first."""
    found = studio.projects.list(actor, limit=limit, offset=offset)
    return Projects(limit=limit, offset=offset, projects=[ProjectLine.of(row) for row in found])


@router.post("/api/projects", status_code=201)
def create(body: NewProject, actor: Who, studio: TheStudio, response: Response) -> ProjectOut:
    row = studio.projects.create(actor, body.name, body.document)
    response.headers["Location"] = f"/api/projects/{row.id}"
    return ProjectOut(**ProjectLine.of(row).model_dump(), document=body.document)


@router.get("/api/projects/{project_id}")
def show(project_id: ProjectId, actor: Who, studio: TheStudio) -> ProjectOut:
    row, document = studio.projects.open(actor, project_id)
    return ProjectOut(**ProjectLine.of(row).model_dump(), document=document)


@router.put("/api/projects/{project_id}")
def save(project_id: ProjectId, body: SaveProject, actor: Who, studio: TheStudio) -> ProjectOut:
    """The next version. 409 when somebody saved since `based_on`, so that no work is overwritten unseen."""
    row = studio.projects.save(actor, project_id, body.based_on, body.document, body.message)
    return ProjectOut(**ProjectLine.of(row).model_dump(), document=body.document)


@router.delete("/api/projects/{project_id}", status_code=204)
def delete(project_id: ProjectId, actor: Who, studio: TheStudio) -> None:
    """With all its versions. What was rendered from it stays in the library."""
    studio.projects.delete(actor, project_id)


@router.get("/api/projects/{project_id}/versions")
def versions(project_id: ProjectId, actor: Who, studio: TheStudio) -> Versions:
    """Newest first."""
    return Versions(versions=[VersionLine(**row) for row in studio.projects.history(actor, project_id)])


@router.get("/api/projects/{project_id}/versions/{version}")
def version(project_id: ProjectId, version: Version, actor: Who, studio: TheStudio) -> ProjectOut:
    row, document = studio.projects.open(actor, project_id, version)
    return ProjectOut(**{**ProjectLine.of(row).model_dump(), "version": version}, document=document)


@router.post("/api/projects/{project_id}/render", status_code=202, responses=SUBMITTED)
async def render(project_id: ProjectId, body: Render, door: Submission) -> JSONResponse:
    """A mix of one version of the project, with stems."""
    return await door.make(
        lambda: door.studio.sound.render(door.actor, project_id, idempotency_key=door.key, **given(body))
    )
