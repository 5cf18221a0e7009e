"""What music goes with scenes, films and pieces, over REST: our own names. core.api.alias_recommend has the document's."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from core.api.bodies import Asked
from core.api.submitting import KNOWN, SUBMITTED, Making, Submission, TheStudio, Who, admitted
from core.api.video import SceneId
from core.flows.recommending.liking import MOST
from core.flows.recommending.service import MOST_SCENES, Failed
from core.flows.recommending.types import Kept, Recommendation
from core.music.types import Genre, Intensity, Mood

router = APIRouter(prefix="/api/recommend", tags=["recommending"])
Scenes = Annotated[list[str], Field(min_length=1, max_length=MOST_SCENES, description="ids of scenes")]
AssetId = Annotated[str, Path(max_length=60, examples=["asset_01kc0s3t9v6xj4m2n8q5r7w1yz"])]


class OfScenes(Asked):
    scene_ids: Scenes


class Described(Asked):
    """What is said of a film, in English or French."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"title": "Sunset over the lake", "category": "Travel", "tags": ["drone"]}]}
    )

    title: str = Field(default="", max_length=500)
    description: str = Field(default="", max_length=20_000)
    category: str = Field(default="", max_length=100, description="of a video platform, by name or number, or a word")
    tags: list[Annotated[str, Field(max_length=200)]] = Field(default=[], max_length=200)
    seconds: float | None = Field(default=None, ge=3, le=600, description="of the piece; 60 if left out")


class Changes(Making):
    """What is wanted otherwise than suggested; it wins."""

    provider: str | None = Field(default=None, max_length=60, description="engine; left out: the studio's first")
    quality: str | None = Field(default=None, max_length=20)
    mood: Mood | None = None
    genre: Genre | None = None
    intensity: Intensity | None = None
    bpm: float | None = Field(default=None, ge=40, le=220)
    key: str | None = Field(default=None, max_length=20)
    seconds: float | None = Field(default=None, ge=3, le=600)
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)
    prompt: str | None = Field(default=None, max_length=2000)
    name: str | None = Field(default=None, max_length=200)
    stems: bool | None = None
    use_recommendations: bool = Field(default=True, description="false: only what is said here counts")

    def values(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=True, include=set(Changes.model_fields))


class Generate(Changes):
    scene_ids: Scenes


class FailedOut(BaseModel):
    scene_id: str
    message: str
    hint: str
    code: str

    @classmethod
    def of(cls, one: Failed) -> FailedOut:
        return cls(**one.__dict__)


class SceneAdvice(BaseModel):
    scene_id: str
    recommendation: Recommendation


class Advice(BaseModel):
    recommendations: list[SceneAdvice]
    failed: list[FailedOut]


class SceneJob(BaseModel):
    scene_id: str
    job_id: str
    generation_id: str
    status: str


class StartedOut(BaseModel):
    total: int
    started: int
    generations: list[SceneJob]
    failed: list[FailedOut]


class LikeOut(BaseModel):
    asset_id: str
    name: str
    distance: float = Field(description="0: the same; 1: as far as the library's pieces usually are from each other")
    why: str


class Likes(BaseModel):
    likes: list[LikeOut]


class Learned(BaseModel):
    kept: list[Kept] = Field(description="by kind of scene and genre: made from suggestions, and of that kept")


@router.get("/scenes/{scene_id}")
def for_scene(scene_id: SceneId, actor: Who, studio: TheStudio) -> Recommendation:
    """Music for a scene: what, why, how sure, and other choices."""
    return studio.recommending.for_scene(actor, scene_id)


@router.post("/scenes")
def for_scenes(body: OfScenes, actor: Who, studio: TheStudio) -> Advice:
    """The same for many scenes; those that are not there are named."""
    found, failed = studio.recommending.for_scenes(actor, body.scene_ids)
    told = [SceneAdvice(scene_id=scene_id, recommendation=said) for scene_id, said in found]
    return Advice(recommendations=told, failed=[FailedOut.of(each) for each in failed])


@router.post("/scenes/{scene_id}/generate", status_code=202, responses=SUBMITTED)
async def generate(scene_id: SceneId, body: Changes, door: Submission) -> JSONResponse:
    """A piece of music for a scene."""
    values = body.values()
    return await door.make(
        lambda: door.studio.recommending.generate(door.actor, scene_id, idempotency_key=door.key, **values)
    )


@router.post("/generate", status_code=202, responses={202: {"model": StartedOut}})
async def generate_many(body: Generate, door: Submission) -> JSONResponse:
    """A piece for each scene: one family of keys, related tempos, themes that return. `cap_usd` is each piece's."""
    admitted(door.studio)
    made = await run_in_threadpool(
        lambda: door.studio.recommending.generate_many(
            door.actor, body.scene_ids, idempotency_key=door.key, **body.values()
        )
    )
    said = StartedOut(
        total=made.total, started=made.started, failed=[FailedOut.of(each) for each in made.failed],
        generations=[
            SceneJob(scene_id=scene_id, job_id=job.id, generation_id=job.id, status=job.status)
            for scene_id, job in made.generations
        ],
    )  # fmt: skip
    return JSONResponse(said.model_dump(mode="json"), 202)


@router.post("/video", dependencies=[KNOWN])
def for_video(body: Described, studio: TheStudio) -> Recommendation:
    """Music for a film of which only title, description, category and tags are known."""
    return studio.recommending.for_video(**body.model_dump())


@router.get("/like/{asset_id}")
def like(asset_id: AssetId, actor: Who, studio: TheStudio, limit: Annotated[int, Query(ge=1, le=MOST)] = 10) -> Likes:
    """More like this: the library's music nearest to any piece of it, and why."""
    return Likes(likes=[LikeOut(**each.__dict__) for each in studio.recommending.like(actor, asset_id, limit)])


@router.get("/kept")
def kept(actor: Who, studio: TheStudio) -> Learned:
    """What you kept of what was made from suggestions: it shifts the next ones."""
    return Learned(kept=list(studio.recommending.kept(actor)))
