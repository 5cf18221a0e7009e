"""The ai-music document's recommendations and batch over scenes: its paths and field names, our services."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from core.api.alias_batch import State, status_of
from core.api.bodies import Asked
from core.api.recommending import AssetId, Described, Scenes
from core.api.shapes import job_url
from core.api.submitting import KNOWN, Making, Submission, TheStudio, Who, admitted
from core.flows.recommending.liking import MOST
from core.flows.recommending.service import Failed
from core.flows.recommending.types import Choice, Recommendation
from core.music.types import Genre, Intensity, Mood
from core.store.jobs import LIVE, Job

router = APIRouter(prefix="/api/ai-music", tags=["aliases"])


class Wishes(Making):
    provider: str | None = Field(default=None, max_length=60)
    mood: Mood | None = None
    genre: Genre | None = None
    intensity: Intensity | None = None
    bpm: float | None = Field(default=None, ge=40, le=220)
    duration: float | None = Field(default=None, ge=3, le=600, description="seconds; the scene's own if left out")
    prompt: str | None = Field(default=None, max_length=2000)

    def values(self) -> dict[str, Any]:
        found = self.model_dump(exclude_none=True, include=set(Wishes.model_fields) - {"duration"})
        return found | ({"seconds": self.duration} if self.duration is not None else {})


class RecommendScene(Wishes):
    model_config = ConfigDict(json_schema_extra={"examples": [{"autoGenerate": True, "provider": "composer"}]})

    autoGenerate: bool = False


class RecommendScenes(Asked):
    sceneIds: Scenes


class RecommendVideo(Asked):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"title": "Une recette facile", "category": "Cuisine", "tags": ["gâteau"]}]}
    )

    title: str = Field(default="", max_length=500)
    description: str = Field(default="", max_length=20_000)
    category: str = Field(default="", max_length=100)
    tags: list[Annotated[str, Field(max_length=200)]] = Field(default=[], max_length=200)
    duration: float | None = Field(default=None, ge=3, le=600)


class LikeThis(Asked):
    limit: int = Field(default=10, ge=1, le=MOST)


class BatchScenes(Wishes):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"sceneIds": ["scene1", "scene2"], "provider": "composer", "useRecommendations": True}]
        }
    )

    sceneIds: Scenes
    useRecommendations: bool = True


class Alternative(BaseModel):
    mood: str
    genre: str
    intensity: str
    bpm: float
    share: float
    reason: str

    @classmethod
    def of(cls, one: Choice) -> Alternative:
        told = {name: getattr(one, name) for name in cls.model_fields if name != "reason"}
        return cls(**told, reason=one.why)


class Recommendations(BaseModel):
    mood: str
    genre: str
    intensity: str
    duration: float = Field(description="seconds")
    bpm: float
    confidence: float
    reason: str
    landing: str = Field(description="how near the cuts are to beats and bars, in frames")
    underSpeech: bool
    alternatives: list[Alternative]
    learned: list[str] = Field(description="what you kept before and shifted the order, with counts")

    @classmethod
    def of(cls, said: Recommendation) -> Recommendations:
        same = {name: getattr(said, name) for name in ("mood", "genre", "intensity", "bpm", "confidence", "landing")}
        return cls(
            **same, duration=said.seconds, reason=said.why, underSpeech=said.under_speech, learned=list(said.learned),
            alternatives=[Alternative.of(each) for each in said.choices],
        )  # fmt: skip


class Generation(BaseModel):
    generationId: str
    jobId: str
    status: State

    @classmethod
    def of(cls, job: Job) -> Generation:
        # To the document what was written down is in progress.
        return cls(generationId=job.id, jobId=job.id, status="processing" if job.status in LIVE else status_of(job))


class FailedScene(BaseModel):
    sceneId: str
    error: str
    hint: str
    code: str

    @classmethod
    def of(cls, one: Failed) -> FailedScene:
        return cls(sceneId=one.scene_id, error=one.message, hint=one.hint, code=one.code)


class SceneAnswer(BaseModel):
    recommendations: Recommendations
    generation: Generation | None = None


class SceneRecommendations(BaseModel):
    sceneId: str
    recommendations: Recommendations


class ScenesAnswer(BaseModel):
    total: int
    recommendations: list[SceneRecommendations]
    failed: list[FailedScene]


class VideoAnswer(BaseModel):
    recommendations: Recommendations


class LikeThisOut(BaseModel):
    assetId: str
    name: str
    distance: float
    reason: str


class Likes(BaseModel):
    recommendations: list[LikeThisOut]


class SceneGeneration(BaseModel):
    sceneId: str
    generation: Generation


class BatchAnswer(BaseModel):
    total: int
    started: int
    generations: list[SceneGeneration]
    failed: list[FailedScene]


@router.post(
    "/recommend/scene/{sceneId}", response_model=SceneAnswer,
    responses={202: {"model": SceneAnswer, "description": "a piece is being made"}},
)  # fmt: skip
async def scene(sceneId: Annotated[str, Path(max_length=60)], body: RecommendScene, door: Submission) -> JSONResponse:
    """Music for a scene; with `autoGenerate` it is made at once."""
    said = await run_in_threadpool(door.studio.recommending.for_scene, door.actor, sceneId)
    told = Recommendations.of(said)
    if not body.autoGenerate:
        return JSONResponse(SceneAnswer(recommendations=told).model_dump(mode="json"))
    values = body.values()
    job = await door.submit(
        lambda: door.studio.recommending.generate(door.actor, sceneId, idempotency_key=door.key, **values)
    )
    answer = SceneAnswer(recommendations=told, generation=Generation.of(job))
    return JSONResponse(answer.model_dump(mode="json"), 200 if job.ended else 202, {"Location": job_url(job.id)})


@router.post("/recommend/scenes")
def scenes(body: RecommendScenes, actor: Who, studio: TheStudio) -> ScenesAnswer:
    """The same for many scenes; what could not be answered is named with its reason."""
    found, failed = studio.recommending.for_scenes(actor, body.sceneIds)
    told = [
        SceneRecommendations(sceneId=scene_id, recommendations=Recommendations.of(said)) for scene_id, said in found
    ]
    return ScenesAnswer(
        total=len(found) + len(failed), recommendations=told, failed=[FailedScene.of(each) for each in failed]
    )


@router.post("/recommend/video", dependencies=[KNOWN])
def video(body: RecommendVideo, studio: TheStudio) -> VideoAnswer:
    """From a video's metadata, in English or French: the category first, tags refine."""
    said = Described(**body.model_dump(exclude={"duration"}), seconds=body.duration)
    return VideoAnswer(recommendations=Recommendations.of(studio.recommending.for_video(**said.model_dump())))


@router.post("/recommend/like/{asset_id}")
def like(asset_id: AssetId, actor: Who, studio: TheStudio, body: LikeThis | None = None) -> Likes:
    """More like this, from any asset of the library."""
    found = studio.recommending.like(actor, asset_id, (body or LikeThis()).limit)
    return Likes(
        recommendations=[
            LikeThisOut(assetId=each.asset_id, name=each.name, distance=each.distance, reason=each.why)
            for each in found
        ]
    )


@router.post("/batch/scenes", status_code=202, responses={202: {"model": BatchAnswer}})
async def batch_scenes(body: BatchScenes, door: Submission) -> JSONResponse:
    """A piece for each scene; a scene that fails takes no other with it, and is named with its reason."""
    admitted(door.studio)
    made = await run_in_threadpool(
        lambda: door.studio.recommending.generate_many(
            door.actor, body.sceneIds, use_recommendations=body.useRecommendations, idempotency_key=door.key,
            **body.values(),
        )
    )  # fmt: skip
    said = BatchAnswer(
        total=made.total, started=made.started, failed=[FailedScene.of(each) for each in made.failed],
        generations=[
            SceneGeneration(sceneId=scene_id, generation=Generation.of(job)) for scene_id, job in made.generations
        ],
    )  # fmt: skip
    return JSONResponse(said.model_dump(mode="json"), 202)
