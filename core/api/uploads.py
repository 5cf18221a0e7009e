"""Files come in here: streamed to disk within the size limit, then measured and kept by the library."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from core.api.submitting import TheStudio, Who
from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.library.exporting import file_name
from core.store.assets import Asset

router = APIRouter(tags=["library"])
_CHUNK = 1 << 20
_FIELDS = ("name", "kind", "licence", "credit")
Body = TypeVar("Body", bound=BaseModel)


class Form(BaseModel):
    """The fields of an upload."""

    file: bytes = Field(json_schema_extra={"format": "binary"})
    name: str = Field(default="", max_length=200)
    kind: str = Field(default="music", description="voiceover, music, sound_effect, or image: the cover of a book")
    licence: str = Field(
        default="unknown", max_length=60, description="an id of the licence list", examples=["cc-by-4.0"]
    )
    credit: str = Field(default="", max_length=500)


class Uploaded(BaseModel):
    id: str
    name: str
    duration_s: float | None
    warnings: list[str]


class Sent:
    """A form as it arrived: the file is still open."""

    def __init__(self, file: UploadFile, fields: dict[str, str], more: dict[str, str]) -> None:
        self.file = file
        self.fields = fields
        self.more = more


async def form_of(request: Request, body: type[Body]) -> Sent | Body:
    """A multipart form with a `file`, or JSON of the given model: the paths that take both."""
    content = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content == "application/json":
        raw = await request.body()
        try:
            return body.model_validate(json.loads(raw))
        except ValidationError as error:
            found = [{**each, "loc": ("body", *each["loc"])} for each in error.errors(include_url=False)]
            raise RequestValidationError(found) from None
        except (ValueError, RecursionError):
            raise UserError("The body is not JSON.", "Check its brackets and quotes.", "bad_json") from None
    if content != "multipart/form-data":
        raise UserError(
            f"A body of type {content[:60]!r} is not read here." if content else "The body has no Content-Type.",
            "Send multipart/form-data with a file, or application/json.", "wrong_type",
        )  # fmt: skip
    form = await request.form(max_files=1, max_fields=20, max_part_size=16_384)
    texts = {name: value for name, value in form.items() if isinstance(value, str)}
    for name, value in texts.items():
        if "\0" in value:
            raise UserError(f"{name[:40]!r} holds a NUL character.", "Leave it out.", "bad_text")
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise UserError("The form has no file.", "Send it in the field 'file'.", "no_file")
    return Sent(
        file, {name: texts[name] for name in _FIELDS if name in texts},
        {name: value for name, value in texts.items() if name not in _FIELDS},
    )  # fmt: skip


def received(studio: Studio, actor: Actor, sent: Sent) -> tuple[Asset, list[str]]:
    """An asset from a file of the visitor's. Of its name only the last part counts, and only as a title."""
    limit = studio.settings.max_upload_mb * 2**20
    title = file_name(Path((sent.file.filename or "upload").replace("\\", "/")).name)
    with tempfile.TemporaryDirectory(dir=studio.settings.work, prefix="upload-") as folder:
        path = Path(folder) / title
        size = 0
        with path.open("wb") as target:
            while chunk := sent.file.file.read(_CHUNK):
                size += len(chunk)
                if size > limit:
                    raise UserError(
                        f"{title!r} is larger than {studio.settings.max_upload_mb} MB.",
                        "Send a shorter or compressed file, or raise STUDIO_MAX_UPLOAD_MB.", "too_large",
                    )  # fmt: skip
                target.write(chunk)
        fields = sent.fields
        return studio.importing.bring_in(
            actor, path, name=fields.get("name", "")[:200], kind=fields.get("kind") or "music",
            licence_id=fields.get("licence") or "unknown", credit=fields.get("credit", ""),
        )  # fmt: skip


class _Nothing(BaseModel):
    pass


_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": Form.model_json_schema()}}}
}


@router.post("/upload", status_code=201, openapi_extra=_BODY)
async def upload(request: Request, actor: Who, studio: TheStudio) -> Uploaded:
    """The page's own way in; programs use POST /api/audio-studio/library."""
    sent = await form_of(request, _Nothing)
    if not isinstance(sent, Sent):
        raise UserError("JSON is not read here.", "Send multipart/form-data with a file.", "wrong_type")
    asset, warnings = await run_in_threadpool(received, studio, actor, sent)
    return Uploaded(id=asset.id, name=asset.name, duration_s=asset.duration_s, warnings=warnings)
