"""Files come in here: streamed to disk within the size limit, then measured and kept by the library."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile

from core.api.visitors import actor_of, studio_of
from core.kit.actor import Actor
from core.kit.errors import AccessError, UserError
from core.library.exporting import file_name

router = APIRouter()
_CHUNK = 1 << 20


@router.post("/upload", status_code=201)
def upload(
    request: Request,
    actor: Annotated[Actor, Depends(actor_of)],
    file: Annotated[UploadFile, File()],
    name: Annotated[str, Form()] = "",
    kind: Annotated[str, Form()] = "music",
    licence: Annotated[str, Form()] = "unknown",
    credit: Annotated[str, Form()] = "",
) -> dict[str, Any]:
    """An asset from a file of the visitor's. Of its name only the last part counts, and only as a title."""
    _same_site(request)
    studio = studio_of(request)
    limit = studio.settings.max_upload_mb * 2**20
    title = file_name(Path((file.filename or "upload").replace("\\", "/")).name)
    with tempfile.TemporaryDirectory(dir=studio.settings.work, prefix="upload-") as folder:
        path = Path(folder) / title
        size = 0
        with path.open("wb") as target:
            while chunk := file.file.read(_CHUNK):
                size += len(chunk)
                if size > limit:
                    raise UserError(
                        f"{title!r} is larger than {studio.settings.max_upload_mb} MB.",
                        "Send a shorter or compressed file, or raise STUDIO_MAX_UPLOAD_MB.",
                    )
                target.write(chunk)
        asset, warnings = studio.importing.bring_in(
            actor, path, name=name, kind=kind, licence_id=licence, credit=credit
        )
    return {"id": asset.id, "name": asset.name, "duration_s": asset.duration_s, "warnings": warnings}


def _same_site(request: Request) -> None:
    """A page of another site may send forms to this machine's ports; it may not fill the library."""
    origin = request.headers.get("origin")
    ours = {request.headers.get("host"), request.headers.get("x-forwarded-host")}
    if origin is not None and urlsplit(origin).netloc not in ours:
        raise AccessError("This upload came from another site.", "Upload from the studio's own page.")
