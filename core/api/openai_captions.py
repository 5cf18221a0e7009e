"""What the servers beside OpenAI's have added to its speech path: which voices there are, and when each word is said."""

from __future__ import annotations

import base64
import json
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from core.api.openai import SpeechBody, made, sound_of, values_of
from core.api.shapes import file_url
from core.api.submitting import Key, TheStudio, Who
from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.kit.paths import reference
from core.store.assets import Asset
from core.store.jobs import Job

router = APIRouter(tags=["OpenAI clients"])
_FILES = {"srt": "text/plain; charset=utf-8", "vtt": "text/vtt; charset=utf-8", "ass": "text/x-ssa; charset=utf-8",
          "json": "application/json"}  # fmt: skip


class VoiceNames(BaseModel):
    voices: list[str] = Field(description="each can stand in `voice`", examples=[["alloy", "espeak:en-us+f3"]])


class Word(BaseModel):
    word: str
    start: float = Field(description="seconds")
    end: float


class Line(BaseModel):
    start: float
    end: float
    text: str


class Captioned(BaseModel):
    audio: str = Field(description="the sound in base64")
    format: str = Field(examples=["mp3"])
    audio_url: str = Field(description="the kept file")
    duration: float = Field(description="seconds")
    words: list[Word] = Field(description="empty where no word could be timed with confidence; the lines are then")
    captions: list[Line]
    timing: str = Field(description="how it was timed", examples=["timed by the engine"])
    job_id: str


@router.get("/v1/audio/voices")
def voices(actor: Who, studio: TheStudio) -> VoiceNames:
    """Names and ids that can stand in `voice`: those that clients come with, then ours."""
    found = [voice.id for voice in studio.voice.book.voices(actor)]
    return VoiceNames(voices=[*reference("voices/known_names")["openai"], *found])


@router.post(
    "/v1/audio/speech/captions",
    responses={200: {"model": Captioned, "content": {kind.partition(";")[0]: {} for kind in _FILES.values()}}},
)  # fmt: skip
async def captions(
    body: SpeechBody, actor: Who, studio: TheStudio, key: Key = None,
    format: Annotated[Literal["", "srt", "vtt", "ass", "json"], Query(description="the caption file alone")] = "",
) -> Response:  # fmt: skip
    """The same body as /v1/audio/speech; answers the sound with the time of every word, or one caption file."""
    if body.stream_format is not None:
        raise UserError("stream_format: captions are timed when the sound is whole.", "Leave it out.", "bad_stream")
    values = values_of(body) | {"captions": True}
    job = await made(studio, actor, lambda: studio.voice.speak(actor, idempotency_key=key, **values))
    return await run_in_threadpool(_answer, studio, actor, job, body.response_format, format)


def _answer(studio: Studio, actor: Actor, job: Job, sound: str, format: str) -> Response:
    by_role = {asset.role: asset for asset in studio.jobs.assets(actor, job.id)}
    headers = {"X-Job-Id": job.id, "X-Asset-Id": by_role["primary"].id}
    if format:
        text = _text(studio, actor, by_role, format)
        return Response(text, media_type=_FILES[format], headers=headers)
    told = json.loads(_text(studio, actor, by_role, "json"))
    piece, data = sound_of(studio, actor, job, sound)
    said = Captioned(
        audio=base64.b64encode(data).decode(), format=sound, audio_url=file_url(piece), duration=told["duration_s"],
        words=[Word(word=each["word"], start=each["start_s"], end=each["end_s"]) for each in told["words"]],
        captions=[Line(start=each["start_s"], end=each["end_s"], text=each["text"]) for each in told["captions"]],
        timing=_timing(piece.generation_config), job_id=job.id,
    )  # fmt: skip
    return JSONResponse(said.model_dump(), headers=headers)


def _text(studio: Studio, actor: Actor, by_role: dict[str, Asset], format: str) -> str:
    found = by_role.get("captions" if format == "json" else f"captions:{format}")
    if found is None:
        there = ", ".join(sorted(asset.format for role, asset in by_role.items() if role.startswith("captions")))
        raise UserError(f"This speech has no captions as {format}.", f"There is: {there}.", "no_captions")
    return studio.library.file(actor, found.id).read_text(encoding="utf-8")


def _timing(config: dict[str, Any]) -> str:
    """The embedded engine, which reads a script as a whole, always knows its times."""
    return str(config.get("captions") or "timed by the engine")
