"""The audio-studio and ai-music documents' own paths for music: their field names, our services."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from pydantic import ConfigDict, Field

from core.api import library
from core.api.alias_voice import STARTED, told
from core.api.bodies import Asked
from core.api.media import FILE
from core.api.submitting import Submission, TheStudio, Who
from core.kit.errors import NotFound

router = APIRouter(tags=["aliases"])


class MusicGenerate(Asked):
    """`temperature`, `top_k` and `top_p` belong to sampling models; what the engine does not know is named in `ignored`."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"prompt": "upbeat electronic music with drums", "duration": 30}]}
    )

    prompt: str = Field(default="", max_length=2000)
    duration: float | None = Field(
        default=None, ge=3, le=600, description="seconds; 30 unless the prompt says otherwise"
    )
    temperature: float | None = Field(default=None, ge=0.1, le=2)
    top_k: int | None = Field(default=None, ge=0, le=2048)
    top_p: float | None = Field(default=None, ge=0, le=1)
    guidance: float | None = Field(default=None, ge=0, le=25)
    preset: str | None = Field(default=None, max_length=60)
    mood: str | None = Field(default=None, max_length=40)
    genre: str | None = Field(default=None, max_length=40)
    intensity: str | None = Field(default=None, max_length=20)
    bpm: float | None = Field(default=None, ge=40, le=220)
    key: str | None = Field(default=None, max_length=20)
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)
    provider: str | None = Field(default=None, max_length=60)
    name: str = Field(default="", max_length=200)

    def values(self) -> dict[str, Any]:
        found = self.model_dump(exclude_none=True, exclude={"duration"})
        return found | ({"seconds": self.duration} if self.duration is not None else {})


@router.post("/api/music/generate", status_code=202, responses=STARTED)
@router.post("/api/audio-studio/music/generate", status_code=202, responses=STARTED)
async def generate(body: MusicGenerate, door: Submission) -> JSONResponse:
    """Music from a prompt, under the documents' names."""
    values = body.values()
    job = await door.submit(lambda: door.studio.music.compose(door.actor, idempotency_key=door.key, **values))
    return await told(door, job, door.studio.music.unheard(job))


@router.get(
    "/api/music/serve/{file}", response_class=FileResponse,
    responses={**FILE, 304: {"description": "you have it already"}},
)  # fmt: skip
def serve(
    file: Annotated[str, Path(max_length=100, examples=["asset_01kc0s3t9v6xj4m2n8q5r7w1yz.wav"])],
    request: Request, actor: Who, studio: TheStudio,
) -> Response:  # fmt: skip
    """The file that `audio_url` names: <asset id>.<ending>."""
    asset_id, _, ending = file.partition(".")
    asset = studio.library.get(actor, asset_id)
    if ending not in ("", asset.format):
        raise NotFound(f"Asset {asset_id!r} is no {ending[:20]!r} file.", f"Ask for {asset_id}.{asset.format}.")
    return library.file(asset_id, request, actor, studio)
