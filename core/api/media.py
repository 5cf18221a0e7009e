"""Sound and files for the page: listen with seeking, hear a voice, take a piece out with its "who made what" sheets."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, Request
from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from core.api.visitors import actor_of, studio_of
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.library.exporting import file_name, suggested_name
from core.rights.gate import Use
from core.rights.platforms import Platform

Who = Annotated[Actor, Depends(actor_of)]
router = APIRouter(tags=["files"])

_MIMES = {
    "wav": "audio/wav", "w64": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg", "ogg": "audio/ogg",
    "opus": "audio/ogg", "oga": "audio/ogg", "m4a": "audio/mp4", "mp4": "video/mp4", "aac": "audio/aac",
    "aiff": "audio/aiff", "aif": "audio/aiff", "webm": "video/webm", "mov": "video/mp4", "mid": "audio/midi",
    "midi": "audio/midi", "vtt": "text/vtt", "ass": "text/plain; charset=utf-8", "srt": "text/plain; charset=utf-8", "json": "application/json",
    "wavex": "audio/wav", "rf64": "audio/wav", "au": "audio/basic", "caf": "audio/x-caf", "asf": "video/x-ms-asf",
    "m4b": "audio/mp4", "jpg": "image/jpeg", "matroska": "video/webm", "avi": "video/x-msvideo", "mpegts": "video/mp2t", "mpeg": "video/mpeg",
}  # fmt: skip
SAFE = {
    # An upload keeps whatever bytes it came with: a browser must never take them for a page of ours.
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; media-src 'self'",
    "Cache-Control": "private, max-age=3600",
}


FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {kind: {} for kind in ("audio/*", "video/*", "image/*", "text/*", "application/*")},
        "description": "the file",
    },
    206: {"description": "the part asked for with Range"},
}


def mime_of(format: str) -> str:
    """By the stored format, which came from the content; a container list of ffmpeg's ("mov,mp4,m4a") by its parts."""
    parts = format.lower().split(",")
    return next((_MIMES[part] for part in reversed(parts) if part in _MIMES), "application/octet-stream")


@router.get("/media/{asset_id}", response_class=FileResponse, responses=FILE)
def media(asset_id: str, request: Request, actor: Who) -> FileResponse:
    """The stored bytes, inline; Range requests are answered, so a player can seek."""
    studio = studio_of(request)
    asset = studio.library.get(actor, asset_id)
    path = studio.library.file(actor, asset_id)
    return FileResponse(
        path, media_type=mime_of(asset.format), filename=suggested_name(asset, None),
        content_disposition_type="inline", headers=SAFE,
    )  # fmt: skip


@router.get("/voices/{voice_id:path}/preview", response_class=FileResponse, responses=FILE)
def preview(voice_id: str, request: Request, actor: Who) -> FileResponse:
    """A voice's sample sentence; made on the first request, from then on out of the cache."""
    path = studio_of(request).voice.preview_file(actor, voice_id)
    return FileResponse(path, media_type="audio/wav", filename="voice.wav", content_disposition_type="inline",
                        headers=SAFE)  # fmt: skip


@router.get("/export/{asset_id}", response_class=FileResponse, responses=FILE)
def export(
    asset_id: str,
    request: Request,
    actor: Who,
    format: str = "",
    platform: str = "",
    commercial: bool = False,
    target: str = "",
    pack: bool = True,
) -> FileResponse:
    """A ZIP of the file and its two sheets; with `pack=false` the bare file. Through the rights gate either way, where no
    platform is named with the use that the project was planned for."""
    studio = studio_of(request)
    use = Use(platform=_platform(platform or "private"), commercial=commercial) if platform or commercial else None

    def write(folder: Path) -> Path:
        done = studio.exporting.export(
            actor, asset_id, folder / "files", format=format or None, use=use, target=target or None
        )
        if not pack:
            return done.path
        path = folder / f"{file_name(done.path.stem)}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            for part in (done.path, done.sheet_markdown, done.sheet_json):
                archive.write(part, part.name)
        return path

    return handed_out(studio.settings.work, write)


def handed_out(work: Path, write: Callable[[Path], Path]) -> FileResponse:
    """The file that `write` leaves in the folder it is given, to save. The folder goes once it was sent, or on an error."""
    folder = Path(tempfile.mkdtemp(prefix="export-", dir=work))
    try:
        path = write(folder)
        mime = "application/zip" if path.suffix == ".zip" else mime_of(path.suffix.lstrip("."))
        return FileResponse(
            path, media_type=mime, filename=path.name, headers=SAFE,
            background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
        )  # fmt: skip
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _platform(name: str) -> Platform:
    for known in get_args(Platform):
        if known == name:
            return known  # type: ignore[no-any-return]
    raise UserError(f"There is no platform {name[:40]!r}.", f"Choose one of: {', '.join(get_args(Platform))}.")
