"""What may come in: how much, and of what text. Cut off while it arrives, before anything is written down."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from pydantic import BaseModel, ConfigDict, model_validator
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.kit.errors import StudioError, UserError

JSON_BYTES = 2**20
FORM_BYTES = 2**16
"""Room for a form's own lines and fields beside the file."""
QUERY_BYTES = 8 * 2**10
BOOK_BYTES = 4 * 2**20
"""A book's text, if every character of it is written as \\uXXXX; a thousand pieces of music, or a full playlist."""
LONG = ("/api/voice/narrations", "/api/batches", "/api/ai-music/batch", "/api/music-licensing/playlists")


class Limits:
    """Bodies over the limit end in 413, claimed or not: what was claimed is refused before a byte is read, what
    arrives unclaimed is counted. Only the studio's own paths; the page's uploads have Gradio's limit."""

    def __init__(self, app: ASGIApp, *, max_upload_mb: int) -> None:
        self._app = app
        self._upload_mb = max_upload_mb

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not ours(scope["path"]):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_form = headers.get("content-type", "").lower().startswith("multipart/form-data")
        text_bytes = BOOK_BYTES if scope["path"].startswith(LONG) else JSON_BYTES
        limit = self._upload_mb * 2**20 + FORM_BYTES if is_form else text_bytes
        hint = (
            f"At most {self._upload_mb} MB (STUDIO_MAX_UPLOAD_MB); send a shorter or compressed file."
            if is_form
            else f"At most {text_bytes:,} bytes of JSON."
        )
        arrived = 0

        async def counted() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > limit:
                raise HTTPException(413, hint, {"Connection": "close"})
            return message

        refused = _refused(scope, headers, limit, hint)
        if refused is None:
            await self._app(scope, counted, send)
        else:
            from core.api.answers import answer

            await answer(Request(scope), refused)(scope, receive, send)


def ours(path: str) -> bool:
    return path.startswith(("/api/", "/v1/", "/audio/", "/media/", "/export/", "/voices/")) or path == "/upload"


def _refused(scope: Scope, headers: Headers, limit: int, hint: str) -> StudioError | None:
    claimed = headers.get("content-length", "")
    if claimed.isdigit() and int(claimed) > limit:
        return _too_large(hint)
    query = scope.get("query_string", b"")
    if len(query) > QUERY_BYTES:
        return UserError("The query string is too long.", f"At most {QUERY_BYTES:,} bytes; put long texts in the body.")
    if "\0" in scope["path"] or b"%00" in query or b"\0" in query:
        return UserError("A NUL character cannot be part of a path or a query.", "Leave it out.", "bad_text")
    return None


def _too_large(hint: str) -> UserError:
    error = UserError("The body is too large.", hint, "too_large")
    error.headers = {"Connection": "close"}  # type: ignore[attr-defined]
    return error


class Asked(BaseModel):
    """A JSON body. Its texts hold no NUL and no halves of characters: no database, file or page can."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _plain_text(cls, data: Any) -> Any:
        pending = [data]
        while pending:
            value = pending.pop()
            if isinstance(value, str):
                if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
                    raise ValueError("a text holds a NUL character or half of a character")
            elif isinstance(value, dict):
                pending.extend(value)
                pending.extend(value.values())
            elif isinstance(value, list):
                pending.extend(value)
        return data
