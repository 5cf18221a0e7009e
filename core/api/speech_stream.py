"""Speech that sounds before it is whole: chunks of a file, or server-sent events as OpenAI's clients read them.

Waiting is asynchronous, as in core.api.submitting: a thread for each listener would leave none for the others.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Literal, Protocol

import anyio
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from core.api.media import SAFE
from core.api.shapes import Submitted, job_url
from core.api.submitting import Submission, TheStudio, Who
from core.api.voice import Speak, given
from core.app import Studio
from core.audio.stream_encoding import FORMATS
from core.kit.errors import Cancelled, SetupError, StudioError
from core.voice.streaming import SpokenStream

router = APIRouter(tags=["voice"])
FIRST_SOUND_S = 300.0
_FIRST_LOOK_S, _SLOWEST_LOOK_S = 0.01, 0.1
_ASK_IF_THERE_S = 0.5
EVENTS = "text/event-stream"
Form = Literal["mp3", "opus", "aac", "flac", "wav", "pcm"]


class Sounding(Protocol):
    """The bytes of a job that is being made, for one reader: speech or music."""

    job_id: str
    mime: str

    def read(self) -> bytes | None:
        """What has come; b"" where nothing did, None at the end. Raises what the job failed with."""
        ...

    def usage(self) -> dict[str, int]: ...

    def close(self) -> None: ...


class Streaming(Submitted):
    """The speech is being made. Play `stream_url` at once; it can be read again, and by nobody else."""

    stream_url: str = Field(examples=["/api/voice/stream/job_01kc0s3t9v6xj4m2n8q5r7w1yz?format=mp3"])


@router.post("/api/voice/stream", status_code=202, responses={202: {"model": Streaming}})
async def begin(body: Speak, door: Submission, format: Annotated[Form, Query()] = "mp3") -> JSONResponse:
    """Speak a text sentence by sentence, to be heard at `stream_url` while it is made. The job goes on and is kept
    whether anybody listens or not; cancel it to end it."""
    door.wait_s = 0.0
    job = await door.submit(
        lambda: door.studio.voice.speak(door.actor, idempotency_key=door.key, by_sentence=True, **given(body))
    )
    said = Streaming(
        job_id=job.id, generation_id=job.id, status=job.status, stream_url=f"/api/voice/stream/{job.id}?format={format}"
    )
    return JSONResponse(said.model_dump(mode="json"), 202, {"Location": job_url(job.id)})


@router.get(
    "/api/voice/stream/{job_id:path}", response_class=Response,
    responses={200: {"content": {each.mime: {} for each in FORMATS.values()}, "description": "the sound as it comes"}},
)  # fmt: skip
async def listen(
    request: Request, job_id: Annotated[str, Path(max_length=80)], actor: Who, studio: TheStudio,
    format: Annotated[Form, Query()] = "mp3",
) -> Response:  # fmt: skip
    """A speech job from its beginning, while it is made or afterwards."""

    def begun() -> SpokenStream:
        if not studio.jobs.show(actor, job_id).ended:
            awake(studio)
        return studio.voice.listen(actor, job_id, format)

    return await answer(request, await run_in_threadpool(begun))


def awake(studio: Studio) -> None:
    """SetupError where nobody is there to make what would be listened to."""
    if not studio.worker_alive():
        raise SetupError("Nothing can be heard: no worker is running.", "Start one: studio worker", "not_ready")


async def answer(request: Request, sound: Sounding, *, events: bool = False) -> Response:
    """Waits for the first sound: until then an error is an answer like any other."""
    try:
        first = await _first(request, sound)
    except BaseException:
        with anyio.CancelScope(shield=True):
            await run_in_threadpool(sound.close)
        raise
    return SpokenAnswer(sound, first, events=events)


async def _first(request: Request, sound: Sounding) -> bytes:
    clock = asyncio.get_running_loop()
    until, ask_at, pause = clock.time() + FIRST_SOUND_S, 0.0, _FIRST_LOOK_S
    while True:
        chunk = sound.read()
        if chunk or chunk is None:
            return chunk or b""
        if clock.time() >= ask_at:
            if await request.is_disconnected():
                raise Cancelled
            ask_at = clock.time() + _ASK_IF_THERE_S
        if clock.time() > until:
            raise SetupError("The sound has not begun; it was given up.", "Is a worker running?", "timeout")
        await asyncio.sleep(pause)
        pause = min(_SLOWEST_LOOK_S, pause * 1.2)


class SpokenAnswer(Response):
    """Reads only as fast as the client does, and leaves with it. An answer that breaks off in the middle is left
    unfinished, so that no client takes it for whole; as events it says why."""

    def __init__(self, sound: Sounding, first: bytes, *, events: bool) -> None:
        headers = {**SAFE, "Cache-Control": "no-store", "X-Job-Id": sound.job_id, "X-Accel-Buffering": "no"}
        super().__init__(media_type=EVENTS if events else sound.mime, headers=headers)
        del self.headers["content-length"]
        self._sound = sound
        self._first = first
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(_gone(receive))
        try:
            start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            await send(start)
            async for chunk in self._chunks(gone):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            if not gone.done():
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except StudioError:
            return
        except OSError:
            return  # the client left while it was sent to
        finally:
            gone.cancel()
            with anyio.CancelScope(shield=True):
                await run_in_threadpool(self._sound.close)

    async def _chunks(self, gone: asyncio.Future[None]) -> AsyncIterator[bytes]:
        pause = _FIRST_LOOK_S
        chunk: bytes | None = self._first
        while not gone.done():
            if chunk:
                yield _event("speech.audio.delta", audio=base64.b64encode(chunk).decode()) if self._events else chunk
                pause = _FIRST_LOOK_S
            try:
                chunk = self._sound.read()
            except StudioError as error:
                if not self._events:
                    raise
                detail = {
                    "message": f"{error.message} {error.hint}".strip(),
                    "type": "server_error",
                    "code": error.code,
                }
                yield _event("error", error=detail)
                return
            if chunk is None:
                if self._events:
                    yield _event("speech.audio.done", usage=await run_in_threadpool(self._sound.usage))
                return
            if not chunk:
                await asyncio.wait([gone], timeout=pause)
                pause = min(_SLOWEST_LOOK_S, pause * 1.2)


def _event(kind: str, **fields: object) -> bytes:
    return f"data: {json.dumps({'type': kind, **fields})}\n\n".encode()


async def _gone(receive: Receive) -> None:
    with suppress(Exception):
        while (await receive())["type"] != "http.disconnect":
            pass
