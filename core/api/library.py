"""The library over REST: find, bring in, change, bin, and the bytes themselves."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from pydantic import BaseModel, Field

from core.api.bodies import Asked
from core.api.media import FILE, SAFE, mime_of
from core.api.shapes import PAGE_MAX, LibraryItem, LibraryPage
from core.api.submitting import TheStudio, Who
from core.api.uploads import Form, form_of, received
from core.api.voice import given
from core.kit.errors import UserError
from core.library.exporting import suggested_name

router = APIRouter(tags=["library"])
AssetId = Annotated[str, Path(max_length=60, examples=["asset_01kc0s3t9v6xj4m2n8q5r7w1yz"])]
Kind = Literal[
    "voiceover", "music", "sound_effect", "mix", "video", "captions", "midi", "stem", "image", "soundfont", "document"
]
PATH = "/api/audio-studio/library"


class Edit(Asked):
    """Only what is sent changes. A draft that is named or filed is kept from then on."""

    name: str | None = Field(default=None, max_length=200, examples=["Harbour, take 2"])
    folder: str | None = Field(default=None, max_length=200)
    tags: list[str] | None = Field(default=None, max_length=200, examples=[["product", "voiceover"]])
    rating: int | None = Field(default=None, ge=1, le=5)
    favourite: bool | None = None
    visibility: Literal["private", "organisation", "public"] | None = None
    binned: bool | None = Field(default=None, description="true: to the bin; false: back out of it")


class FromJob(Asked):
    """Keep what a job made as a draft: the document's "save to library"."""

    job_id: str = Field(max_length=120)
    name: str | None = Field(default=None, max_length=200)
    folder: str | None = Field(default=None, max_length=200)
    tags: list[str] | None = Field(default=None, max_length=200)


class Kept(LibraryItem):
    warnings: list[str] = Field(default=[], description="damage in an uploaded file that was survived")


class Gone(BaseModel):
    id: str
    binned: int = Field(description="assets moved to the bin, with stems and captions")
    purged: int = Field(description="assets deleted for good")


@router.get(PATH)
def listing(
    actor: Who,
    studio: TheStudio,
    search: Annotated[str, Query(max_length=200)] = "",
    type: Annotated[list[Kind] | None, Query(max_length=9, description="kinds of asset")] = None,
    folder: Annotated[str | None, Query(max_length=200)] = None,
    tag: Annotated[str | None, Query(max_length=60)] = None,
    favourite: bool | None = None,
    binned: bool = False,
    drafts: bool = False,
    parts: Annotated[bool, Query(description="with stems, captions and MIDI")] = False,
    order: Literal["new", "name", "rating", "duration"] = "new",
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> LibraryPage:
    """A page of the library; `total` says how many match."""
    found, total = studio.library.search(
        actor, words=search, kinds=type or (), folder=folder, tag=tag, favourite=favourite, binned=binned,
        drafts=drafts, parts=parts, order=order, limit=limit, offset=offset,
    )  # fmt: skip
    return LibraryPage(limit=limit, offset=offset, total=total, assets=[LibraryItem.of(asset) for asset in found])


_BODIES = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": Form.model_json_schema()},
            "application/json": {"schema": FromJob.model_json_schema()},
        },
    }
}


@router.post(PATH, status_code=201, response_model=Kept, openapi_extra=_BODIES)
async def add(request: Request, actor: Who, studio: TheStudio) -> Response:
    """Bring a file in (multipart: file, name, kind, licence, credit), or keep what a job made (JSON: job_id)."""
    from starlette.concurrency import run_in_threadpool

    sent = await form_of(request, FromJob)
    if isinstance(sent, FromJob):
        kept = await run_in_threadpool(_keep, studio, actor, sent)
    else:
        asset, warnings = await run_in_threadpool(received, studio, actor, sent)
        kept = Kept(**LibraryItem.of(asset).model_dump(), warnings=warnings)
    return JSONResponse(kept.model_dump(mode="json"), 201, {"Location": f"{PATH}/{quote(kept.id, safe='')}"})


def _keep(studio: Any, actor: Any, sent: FromJob) -> Kept:
    made = studio.jobs.assets(actor, sent.job_id)
    if not made:
        job = studio.jobs.show(actor, sent.job_id)
        raise UserError(f"Job {job.id} is {job.status} and has made nothing yet.", "Wait until it is done.")
    changes = {name: value for name, value in given(sent).items() if name != "job_id" and value is not None}
    asset = studio.library.edit(actor, made[0].id, **{"name": made[0].name, **changes})
    return Kept(**LibraryItem.of(asset).model_dump())


@router.get(PATH + "/{asset_id}")
def show(asset_id: AssetId, actor: Who, studio: TheStudio) -> LibraryItem:
    return LibraryItem.of(studio.library.get(actor, asset_id))


@router.put(PATH + "/{asset_id}")
def edit(asset_id: AssetId, body: Edit, actor: Who, studio: TheStudio) -> LibraryItem:
    """Name, folder, tags, rating, favourite, visibility; in and out of the bin."""
    changes = given(body)
    binned = changes.pop("binned", None)
    for name in ("name", "folder", "tags", "favourite", "visibility"):
        if name in changes and changes[name] is None:
            raise UserError(f"{name} cannot be null.", "Leave it out to keep it as it is.")
    if changes:
        studio.library.edit(actor, asset_id, **changes)
    if binned is not None:
        (studio.library.bin if binned else studio.library.restore)(actor, [asset_id])
    return LibraryItem.of(studio.library.get(actor, asset_id))


@router.delete(PATH + "/{asset_id}")
def delete(asset_id: AssetId, actor: Who, studio: TheStudio, purge: bool = False) -> Gone:
    """To the bin; with `purge`, for good. Charges stay in the ledger either way."""
    asset = studio.library.get(actor, asset_id)
    binned = studio.library.bin(actor, [asset_id]) if asset.deleted_at is None else 0
    purged = studio.library.purge(actor, [asset_id]) if purge else 0
    return Gone(id=asset_id, binned=binned, purged=purged)


@router.head(PATH + "/{asset_id}/file", include_in_schema=False)
@router.get(
    PATH + "/{asset_id}/file", response_class=FileResponse,
    responses={**FILE, 304: {"description": "you have it already"}},
)  # fmt: skip
def file(asset_id: AssetId, request: Request, actor: Who, studio: TheStudio) -> Response:
    """The stored bytes. Range and If-Range are answered; the ETag is the SHA-256 of the bytes, which never change."""
    asset = studio.library.get(actor, asset_id)
    tag = f'"{asset.sha256}"'
    headers = {**SAFE, "ETag": tag}
    if _matches(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers={"ETag": tag, "Cache-Control": SAFE["Cache-Control"]})
    return FileResponse(
        studio.library.file(actor, asset_id), media_type=mime_of(asset.format), filename=suggested_name(asset, None),
        content_disposition_type="inline", headers=headers,
    )  # fmt: skip


def _matches(asked: str, tag: str) -> bool:
    """If-None-Match compares weakly: W/"x" is "x"."""
    tags = [each.strip().removeprefix("W/") for each in asked.split(",")]
    return "*" in tags or tag in tags
