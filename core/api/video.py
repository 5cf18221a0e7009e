"""Films over REST: taken apart into scenes, looked up, deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from core.api.bodies import Asked
from core.api.shapes import PAGE_MAX, Page
from core.api.submitting import SUBMITTED, Submission, TheStudio, Who, admitted
from core.api.uploads import form_of, received
from core.store.clips import ClipRow
from core.video.types import Clip, Curves, Features, Opened, Scene, SceneType

router = APIRouter(tags=["video"])
ClipId = Annotated[str, Path(max_length=60, examples=["clip_01kc0s3t9v6xj4m2n8q5r7w1yz"])]
SceneId = Annotated[str, Path(max_length=60, examples=["scene_01kc0s3t9v6xj4m2n8q5r7w1yz"])]


class TakeApart(Asked):
    """A film of the library."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"asset_id": "asset_01kc0s…"}]})

    asset_id: str = Field(max_length=60)


class FilmForm(BaseModel):
    """A film that comes along; it stays in the library."""

    file: bytes = Field(json_schema_extra={"format": "binary"})
    name: str = Field(default="", max_length=200)
    licence: str = Field(default="unknown", max_length=60, description="an id of the licence list")
    credit: str = Field(default="", max_length=500)


class SceneOut(BaseModel):
    id: str
    number: int
    start_s: float
    end_s: float
    opened: Opened = Field(
        description="how it begins: with a cut, a dissolve, a fade through black, or the film itself"
    )
    type: SceneType
    confidence: float = Field(description="of the type: how far it is ahead of the next")
    why: str
    features: Features
    picture_url: str

    @classmethod
    def of(cls, scene: Scene) -> SceneOut:
        own = {name: getattr(scene, name) for name in cls.model_fields if name != "picture_url"}
        return cls(**own, picture_url=f"/api/video/pictures/{scene.id}")


class ClipLine(BaseModel):
    id: str
    asset_id: str
    name: str
    seconds: float
    created_at: datetime

    @classmethod
    def of(cls, row: ClipRow) -> ClipLine:
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class ClipPage(Page):
    clips: list[ClipLine]


class ClipOut(ClipLine):
    """A film taken apart."""

    fps: float
    width: int
    height: int
    codec: str
    varies: bool = Field(description="its frame rate is not even")
    rotated: bool
    hdr: bool
    sounds: bool
    spoken: list[tuple[float, float]] = Field(description="(start, end) of where people speak, in seconds")
    warnings: list[str]
    curves: Curves
    scenes: list[SceneOut]

    @classmethod
    def whole(cls, row: ClipRow, clip: Clip) -> ClipOut:
        told = ("fps", "width", "height", "codec", "varies", "rotated", "hdr", "sounds", "spoken", "warnings", "curves")
        return cls(
            **ClipLine.of(row).model_dump(), **{name: getattr(clip, name) for name in told},
            scenes=[SceneOut.of(scene) for scene in clip.scenes],
        )  # fmt: skip


_BODIES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": TakeApart.model_json_schema()},
            "multipart/form-data": {"schema": FilmForm.model_json_schema()},
        },
    }
}


@router.post("/api/video/scenes", status_code=202, responses=SUBMITTED, openapi_extra=_BODIES)
async def take_apart(request: Request, door: Submission) -> JSONResponse:
    """Find the scenes of a film: one of the library, or one that comes along. The job's result names the clip and its
    scenes; then the event `scenes_processed` is told."""
    admitted(door.studio)
    sent = await form_of(request, TakeApart)
    if isinstance(sent, TakeApart):
        asset_id = sent.asset_id
    else:
        sent.fields["kind"] = "video"
        film, _ = await run_in_threadpool(received, door.studio, door.actor, sent)
        asset_id = film.id
    return await door.make(lambda: door.studio.video.take_apart(door.actor, asset_id, idempotency_key=door.key))


@router.get("/api/video/scenes")
def listing(
    actor: Who, studio: TheStudio, limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> ClipPage:  # fmt: skip
    """Films that were taken apart, newest first."""
    found, total = studio.video.list(actor, limit, offset)
    return ClipPage(limit=limit, offset=offset, total=total, clips=[ClipLine.of(row) for row in found])


@router.get("/api/video/scenes/{clip_id}")
def clip(clip_id: ClipId, actor: Who, studio: TheStudio) -> ClipOut:
    """The scenes of a film, with what was measured of each."""
    return ClipOut.whole(*studio.video.clip(actor, clip_id))


@router.delete("/api/video/scenes/{clip_id}", status_code=204)
def delete(clip_id: ClipId, actor: Who, studio: TheStudio) -> Response:
    """Forget the scenes; the film and what was made for it stay."""
    studio.video.delete(actor, clip_id)
    return Response(status_code=204)


@router.get(
    "/api/video/pictures/{scene_id}", response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "a still of the scene"}},
)  # fmt: skip
def picture(scene_id: SceneId, actor: Who, studio: TheStudio) -> Response:
    """A still of the scene."""
    data = studio.video.picture(actor, scene_id)
    headers = {"Cache-Control": "private, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return Response(data, media_type="image/jpeg", headers=headers)
