"""Several recordings in one form: streamed to a folder of their own, gone when the request is over."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile

from core.app import Studio
from core.kit.errors import UserError
from core.kit.words import one_line
from core.voice.cloning.recordings import Recording
from core.voice.references.samples import MOST

_CHUNK = 1 << 20
_FIELDS = 20
FORM: dict[str, Any] = {
    "files": {"type": "array", "maxItems": MOST, "items": {"type": "string", "format": "binary"},
              "description": f"1 to {MOST} recordings of one speaker"},
}  # fmt: skip


@dataclass(frozen=True)
class Form:
    texts: dict[str, str]
    files: list[UploadFile]
    statement: UploadFile | None
    """The consent read aloud, in the field `consent_recording`."""


def body(properties: dict[str, Any], required: tuple[str, ...]) -> dict[str, Any]:
    """For a route's openapi_extra."""
    schema = {"type": "object", "properties": FORM | properties, "required": list(required)}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


async def form_of(request: Request) -> Form:
    content = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content != "multipart/form-data":
        raise UserError(
            f"A body of type {content[:60]!r} is not read here." if content else "The body has no Content-Type.",
            "Send multipart/form-data with the recordings in the field 'files'.", "wrong_type",
        )  # fmt: skip
    form = await request.form(max_files=MOST + 1, max_fields=_FIELDS, max_part_size=16_384)
    texts, files, statement = {}, [], None
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if name == "consent_recording":
                statement = value
            elif name in ("files", "file", "files[]"):
                files.append(value)
            else:
                raise UserError(
                    f"There is no file field {name[:40]!r}.", "Use 'files' and 'consent_recording'.", "field"
                )
        elif "\0" in value or "\0" in name:
            raise UserError(f"{name[:40]!r} holds a NUL character.", "Leave it out.", "bad_text")
        else:
            texts[name] = value
    return Form(texts, files, statement)


@contextmanager
def on_disk(studio: Studio, form: Form) -> Iterator[tuple[list[Recording], Recording | None]]:
    with tempfile.TemporaryDirectory(dir=studio.settings.work, prefix="upload-") as folder:
        found = [_write(studio, each, Path(folder) / str(number)) for number, each in enumerate(form.files)]
        said = None if form.statement is None else _write(studio, form.statement, Path(folder) / "statement")
        yield found, said


def _write(studio: Studio, file: UploadFile, target: Path) -> Recording:
    limit = studio.settings.max_upload_mb * 2**20
    title = one_line(Path((file.filename or "recording").replace("\\", "/").replace("\0", "")).name, 200) or "recording"
    path = target.with_suffix(Path(title).suffix[:10])
    size = 0
    with path.open("wb") as out:
        while chunk := file.file.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise UserError(
                    f"{title!r} is larger than {studio.settings.max_upload_mb} MB.", "Send a shorter recording.", "too_large"
                )  # fmt: skip
            out.write(chunk)
    return Recording(path, title)
