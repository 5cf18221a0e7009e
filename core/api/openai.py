"""POST /v1/audio/speech and GET /v1/models in the shape OpenAI's clients expect: point `base_url` here.

What is spoken is spoken by our own voices, becomes an asset like any other, and goes through the same metered call.
Contract: openai-python 3.52, checked 2026-11-21.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from core.api.answers import FieldProblem, JobEnded
from core.api.bodies import Asked
from core.api.speech_file import MIMES, encode_in_child
from core.api.speech_stream import EVENTS, answer
from core.api.submitting import KNOWN, Key, TheStudio, Who, admitted, ended, failure
from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import MoneyError, NotFound, SetupError, StudioError, UserError
from core.kit.paths import reference
from core.store.assets import Asset
from core.store.jobs import DONE, Job
from core.voice.routing.wish import QUALITIES

router = APIRouter(tags=["OpenAI clients"])
MODELS = ("espeak", "tts-1", "tts-1-hd", "gpt-4o-mini-tts", *QUALITIES)
"""The first is the engine; the next are names that clients come with, and it answers to them. The last are qualities: the
best voice of it within the caps, near to the one that is named. No other name ever spends money."""
SPEAK_S = 300.0
_TYPES = {401: "authentication_error", 403: "permission_error", 404: "invalid_request_error", 429: "rate_limit_error"}


class VoiceById(Asked):
    id: str = Field(max_length=200)


class SpeechBody(Asked):
    """As OpenAI documents it. `instructions` are taken and not followed: our engine has no acting."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"model": "tts-1", "input": "The harbour wakes.", "voice": "alloy"}]}
    )

    model: str = Field(max_length=80)
    input: str = Field(min_length=1)
    voice: str | VoiceById = Field(description="alloy, echo, … or an id or name of ours")
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] = "mp3"
    speed: float = Field(default=1.0, ge=0.25, le=4.0)
    instructions: str | None = Field(default=None, max_length=4096)
    stream_format: Literal["audio", "sse"] | None = Field(
        default=None,
        description="left out: the whole sound; audio: chunks of it as they are made; sse: the same as events",
    )


class Model(BaseModel):
    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "creator-workbench"


class Models(BaseModel):
    object: Literal["list"] = "list"
    data: list[Model]


class ErrorDetail(BaseModel):
    message: str
    type: str
    param: str | None
    code: str | None


class OpenaiError(BaseModel):
    error: ErrorDetail


@router.post(
    "/v1/audio/speech", response_class=Response,
    responses={200: {"content": {mime: {} for mime in sorted({EVENTS, *MIMES.values()})}, "description": "the sound"}},
)  # fmt: skip
async def speech(request: Request, body: SpeechBody, actor: Who, studio: TheStudio, key: Key = None) -> Response:
    """Speak `input`; answers the bytes of the file. `X-Job-Id` and `X-Asset-Id` say where it is kept. With
    `stream_format` the first sentence sounds while the next is made, and who leaves before the end ends the work."""
    values = values_of(body) | {"captions": False, "idempotency_key": key}
    if body.stream_format is not None:
        admitted(studio)
        begun = await run_in_threadpool(partial(studio.voice.stream, actor, format=body.response_format, **values))
        return await answer(request, begun, events=body.stream_format == "sse")
    job = await made(studio, actor, lambda: studio.voice.speak(actor, **values))
    asset, sound = await run_in_threadpool(sound_of, studio, actor, job, body.response_format)
    headers = {"X-Job-Id": job.id, "X-Asset-Id": asset.id, "X-Voice": asset.generation_config.get("voice", "")}
    return Response(sound, media_type=MIMES[body.response_format], headers=headers)


def values_of(body: SpeechBody) -> dict[str, Any]:
    """What the service is asked for; NotFound or UserError for what it does not have."""
    _known(body.model)
    voice = body.voice if isinstance(body.voice, str) else body.voice.id
    voice = reference("voices/known_names")["openai"].get(voice.lower(), voice)
    if not 0.5 <= body.speed <= 2.0:
        raise UserError("speed: our voices speak at 0.5 to 2 times their own speed.", "", "unsupported_value")
    asked = {"text": body.input, "voice": voice, "speed": body.speed}
    return asked | ({"quality": body.model} if body.model in QUALITIES else {})


async def made(studio: Studio, actor: Actor, submit: Callable[[], Job]) -> Job:
    """The job, done. Raises what it ended with."""
    admitted(studio)
    job = await run_in_threadpool(submit)
    job = await ended(studio, actor, job.id, SPEAK_S)
    if not job.ended:
        raise SetupError(f"The speech is not ready yet; it goes on as job {job.id}.", "Is a worker running?", "timeout")
    if job.status != DONE:
        raise JobEnded(job.id, failure(studio, job))
    return job


@router.get("/v1/models", dependencies=[KNOWN])
def models() -> Models:
    return Models(data=[Model(id=name) for name in MODELS])


@router.get("/v1/models/{model}", dependencies=[KNOWN])
def model(model: Annotated[str, Path(max_length=80)]) -> Model:
    _known(model)
    return Model(id=model)


def _known(name: str) -> None:
    if name not in MODELS:
        raise NotFound(f"The model {name!r} does not exist.", f"There is: {', '.join(MODELS)}.", "model_not_found")


def sound_of(studio: Studio, actor: Actor, job: Job, format: str) -> tuple[Asset, bytes]:
    asset = studio.jobs.assets(actor, job.id)[0]
    with tempfile.TemporaryDirectory(dir=studio.settings.work, prefix="speech-") as folder:
        path = FilePath(folder) / f"speech.{format}"
        request = {"source": str(studio.library.file(actor, asset.id)), "path": str(path), "format": format}
        studio.children.run(encode_in_child, request, timeout_s=120)
        return asset, path.read_bytes()


def error_body(error: StudioError, status: int, fields: list[FieldProblem] | None) -> tuple[int, dict[str, Any]]:
    """Status and body as OpenAI's clients read them: 400 for a wrong value, 429 with `insufficient_quota` for money."""
    code, param = error.code, fields[0].field.partition(".")[0] if fields else None
    if isinstance(error, MoneyError):
        status, code = 429, "insufficient_quota"
    elif isinstance(error, NotFound) and code == "no_voice":
        status, param = 400, "voice"
    elif status == 422:
        status = 400
    if param is None and code == "unsupported_value":
        param = "speed"
    if code == "empty_text":
        param = "input"
    kind = _TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
    message = f"{error.message} {error.hint}".strip()
    detail = ErrorDetail(message=message, type=kind, param=param, code=code)
    return status, OpenaiError(error=detail).model_dump()
