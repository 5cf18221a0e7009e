"""Music that sounds before it is whole: ordered and heard in one answer, or an ordered piece heard by its job."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from core.api.music import Compose
from core.api.speech_stream import answer, awake
from core.api.submitting import Submission, TheStudio, Who
from core.api.voice import given
from core.audio.stream_encoding import FORMATS
from core.audio.stream_reading import Stream

router = APIRouter(tags=["music"])
Form = Annotated[Literal["mp3", "opus", "aac", "flac", "wav"], Query(description="what the chunks add up to")]
_SOUND: dict[int | str, dict[str, Any]] = {
    200: {"content": {each.mime: {} for each in FORMATS.values()}, "description": "the sound as it comes"}
}
JobId = Annotated[str, Path(max_length=80)]


class SectionOut(BaseModel):
    name: str = Field(examples=["verse"])
    start_s: float
    end_s: float


class HeardOut(BaseModel):
    """How much of a piece can be heard by now."""

    job_id: str
    status: str
    seconds: float = Field(description="of the whole; 0 while nothing has come, and once the finished file is there")
    ready_s: float
    sections: list[SectionOut] = Field(description="none where the engine has no sections")


@router.post("/api/music/stream", response_class=Response, responses=_SOUND)
@router.post("/api/audio-studio/music/stream", response_class=Response, responses=_SOUND, tags=["aliases"])
@router.post("/api/ai-music/stream", response_class=Response, responses=_SOUND, tags=["aliases"])
async def begin(body: Compose, door: Submission, format: Form = "mp3") -> Response:
    """Compose a piece and hear it while it is made. The job (`X-Job-Id`) goes on and is kept when the listener leaves; cancel
    it to end it. Refused for an engine that hands over nothing before it is done."""
    door.wait_s = 0.0
    await run_in_threadpool(awake, door.studio)
    values = given(body) | {"hear": True}
    job = await door.submit(lambda: door.studio.music.compose(door.actor, idempotency_key=door.key, **values))
    sound = await run_in_threadpool(door.studio.music.listeners.listen, door.actor, job.id, format)
    return await answer(door.request, sound)


@router.get("/api/music/stream/{job_id:path}", response_class=Response, responses=_SOUND)
@router.get("/api/audio-studio/music/stream/{job_id:path}", response_class=Response, responses=_SOUND, tags=["aliases"])
@router.get("/api/ai-music/stream/{job_id:path}", response_class=Response, responses=_SOUND, tags=["aliases"])
async def listen(request: Request, job_id: JobId, actor: Who, studio: TheStudio, format: Form = "mp3") -> Response:
    """A music job from its beginning: while it is made where that was asked for (`hear`), else as soon as it is done."""

    def begun() -> Stream:
        if not studio.jobs.show(actor, job_id).ended:
            awake(studio)
        return studio.music.listeners.listen(actor, job_id, format)

    return await answer(request, await run_in_threadpool(begun))


@router.get("/api/music/heard/{job_id:path}")
def heard(job_id: JobId, actor: Who, studio: TheStudio) -> HeardOut:
    """How much of a piece that is being made can be heard, and where its sections are."""
    found = studio.music.listeners.heard(actor, job_id)
    status = studio.jobs.show(actor, job_id).status
    return HeardOut.model_validate(
        {
            "job_id": job_id,
            "status": status,
            "seconds": found.seconds,
            "ready_s": found.ready_s,
            "sections": found.sections,
        }
    )
