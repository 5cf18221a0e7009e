"""Mixing and projects over REST: voice over music in one call, or versioned project documents and renders of them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from core.api.bodies import Asked
from core.api.licensing_licences import ClearanceOut
from core.api.shapes import PAGE_MAX, Page
from core.api.submitting import SUBMITTED, Making, Submission, TheStudio, Who
from core.api.voice import given
from core.kit.errors import UserError
from core.sound.edits import MOST, Edit
from core.sound.snapping import WITHIN_S
from core.sound.timelines import Opened
from core.sound.types import Document
from core.store.projects import ProjectRow

router = APIRouter(tags=["mix"])
ProjectId = Annotated[str, Path(max_length=60, examples=["project_01kc0s3t9v6xj4m2n8q5r7w1yz"])]
Version = Annotated[int, Path(ge=1, le=2**31 - 1)]
BasedOn = Annotated[int, Field(ge=1, le=2**31 - 1, description="the version the change was made on")]
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
    based_on: BasedOn
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
    undo: int | None = Field(default=None, description="the version that undo would bring back")
    redo: int | None = Field(default=None, description="the version that redo would bring back")
    clearance: ClearanceOut | None = Field(
        default=None, description="of the use planned for it: whether you may render it for that, and what is missing"
    )

    @classmethod
    def opened(cls, found: Opened) -> ProjectOut:
        line = ProjectLine.of(found.row).model_dump()
        clearance = None if found.clearance is None else ClearanceOut.of(found.clearance)
        return cls(**line, document=found.document, undo=found.undo, redo=found.redo, clearance=clearance)


class EditProject(Asked):
    """Edits made one after the other, all or none, saved as one version."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"based_on": 3, "edits": [{"edit": "move", "clip": "c1", "start_s": 4.2, "snap": True},
                                          {"edit": "fade", "clip": "c1", "out_s": 1.5}]}
            ]
        }
    )  # fmt: skip

    based_on: BasedOn
    edits: list[Edit] = Field(min_length=1, max_length=MOST)
    snap_s: float = Field(default=WITHIN_S, ge=0, le=5, description="how far `snap` may pull")
    message: str = Field(default="", max_length=200)


class Step(Asked):
    based_on: BasedOn


class Restore(Step):
    version: int = Field(ge=1, le=2**31 - 1)


class SnapPoint(BaseModel):
    at_s: float
    kind: Literal["start", "scene", "marker", "bar", "beat", "edge", "end"]
    label: str
    clip: str = Field(description="the clip whose edge or beat it is")


class SnapPoints(BaseModel):
    version: int
    targets: list[SnapPoint]


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
    row = studio.projects.create(actor, body.name, body.document.model_copy(update={"restores": None}))
    response.headers["Location"] = f"/api/projects/{row.id}"
    return ProjectOut.opened(studio.timelines.open(actor, row.id))


@router.get("/api/projects/{project_id}")
def show(project_id: ProjectId, actor: Who, studio: TheStudio) -> ProjectOut:
    """Its newest version. Clips have ids that stay theirs."""
    return ProjectOut.opened(studio.timelines.open(actor, project_id))


@router.patch("/api/projects/{project_id}")
def edit(project_id: ProjectId, body: EditProject, actor: Who, studio: TheStudio) -> ProjectOut:
    """Move, trim, split, fade, mute and more, as the next version. 409 when somebody saved since `based_on`: read the
    project again and make the edits there; nothing of either is lost."""
    return ProjectOut.opened(
        studio.timelines.edit(actor, project_id, body.based_on, body.edits, body.message, body.snap_s)
    )


@router.post("/api/projects/{project_id}/undo")
def undo(project_id: ProjectId, body: Step, actor: Who, studio: TheStudio) -> ProjectOut:
    """The state before the last edit, as a new version."""
    return ProjectOut.opened(studio.timelines.undo(actor, project_id, body.based_on))


@router.post("/api/projects/{project_id}/redo")
def redo(project_id: ProjectId, body: Step, actor: Who, studio: TheStudio) -> ProjectOut:
    """What was undone last, as a new version."""
    return ProjectOut.opened(studio.timelines.redo(actor, project_id, body.based_on))


@router.post("/api/projects/{project_id}/restore")
def restore(project_id: ProjectId, body: Restore, actor: Who, studio: TheStudio) -> ProjectOut:
    """An older version as the newest."""
    return ProjectOut.opened(studio.timelines.restore(actor, project_id, body.based_on, body.version))


@router.get("/api/projects/{project_id}/snaps")
def snaps(project_id: ProjectId, actor: Who, studio: TheStudio) -> SnapPoints:
    """What clips, edges and cuts may snap to: scenes, markers, bars and beats, the edges of clips."""
    found = studio.timelines.open(actor, project_id)
    points = studio.timelines.snaps(actor, found.document)
    return SnapPoints(version=found.row.version, targets=[SnapPoint(**asdict(point)) for point in points])


@router.put("/api/projects/{project_id}")
def save(project_id: ProjectId, body: SaveProject, actor: Who, studio: TheStudio) -> ProjectOut:
    """The next version. 409 when somebody saved since `based_on`, so that no work is overwritten unseen."""
    document = body.document.model_copy(update={"restores": None})
    studio.projects.save(actor, project_id, body.based_on, document, body.message)
    return ProjectOut.opened(studio.timelines.open(actor, project_id))


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
    """A mix of one version of the project, with stems. Refused while it is not cleared for the use planned for it; with
    `draft` it is made all the same, and says what is missing."""
    return await door.make(
        lambda: door.studio.sound.render(door.actor, project_id, idempotency_key=door.key, **given(body))
    )
