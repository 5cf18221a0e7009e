"""Long form over REST: a text as a book of chapters, and a batch of scripts that leaves as a ZIP."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import UploadFile

from core.api.jobs import JobId
from core.api.media import FILE, handed_out
from core.api.submitting import SUBMITTED, Making, Submission, TheStudio, Who
from core.api.voice import given
from core.flows.batch import MAX_ITEMS
from core.flows.narration_request import NarrationRequest
from core.flows.script_files import SETTINGS, check_room
from core.kit.errors import UserError
from core.library.exporting import file_name
from core.rights.gate import Use
from core.rights.platforms import Platform

router = APIRouter(tags=["long form"])
Status = Literal["waiting", "running", "done", "failed", "cancelled", "unknown", "wrong", "refused", "gone", "left out"]


class Narrate(Making, NarrationRequest):
    """A long text, how it is spoken, and what stands on the book."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False,
        json_schema_extra={"examples": [
            {"text": "# The Harbour\n\nIt wakes.\n\n# The Town\n\nIt sleeps.", "title": "Two Places", "author": "Jo Writer"}
        ]},
    )  # fmt: skip


class ChapterOut(BaseModel):
    title: str
    characters: int
    seconds: float
    usd: Decimal
    line: int = Field(description="where it begins in the text")


class BookOut(BaseModel):
    chapters: list[ChapterOut]
    characters: int
    seconds: float
    usd: Decimal = Field(description="at most; what a plan's allowance pays for is not cash")
    sellers: list[str] = Field(description="paid services that would speak in it")


class BatchForm(BaseModel):
    """Beside the files: what every row is asked for that says nothing else."""

    model_config = ConfigDict(extra="allow")

    file: list[bytes] = Field(
        json_schema_extra={"items": {"type": "string", "format": "binary"}},
        description=f"one .csv, or .txt and .md files, or a .zip of them; up to {MAX_ITEMS} rows. Columns of a CSV: text; "
        f"file or name; {', '.join(SETTINGS)}",
    )
    title: str = Field(default="", max_length=200)
    voice: str = Field(default="", max_length=200)


class RowOut(BaseModel):
    row: int = Field(description="from 1; of a CSV, the line after its headings")
    file: str = Field(description="name of its files in the ZIP, without an ending")
    status: Status = Field(description="wrong: it could not be read; left out: its rights forbid this use")
    error: str
    characters: int
    duration_s: float | None
    cost_usd: str
    licence: str
    asset_id: str


class RowsOut(BaseModel):
    job_id: str
    status: str
    rows: list[RowOut]


@router.post("/api/voice/narrations", status_code=202, responses=SUBMITTED)
async def narrate(body: Narrate, door: Submission) -> JSONResponse:
    """Speak a text of up to 500,000 characters, chapter by chapter, and bind it into one file. A chapter that fails takes
    no other with it; retrying the job makes only what is missing."""
    return await door.make(lambda: door.studio.narrations.submit(door.actor, idempotency_key=door.key, **given(body)))


@router.post("/api/voice/narrations/plan")
def plan(body: NarrationRequest, actor: Who, studio: TheStudio) -> BookOut:
    """The chapters found, how long each will last and what it may cost, before anything is spent."""
    found = studio.narrations.plan(actor, **given(body))
    return BookOut(**{**found.__dict__, "chapters": [ChapterOut(**each.__dict__) for each in found.chapters]})


_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": BatchForm.model_json_schema()}}}
}


@router.post("/api/voice/batch", status_code=202, responses=SUBMITTED, openapi_extra=_BODY)
async def batch(request: Request, door: Submission) -> JSONResponse:
    """A CSV, text files or a ZIP of them: every row a speech of its own. What is wrong with one row stands in the
    manifest, and the others go on."""
    files, fields, limits = await _sent(request)
    title = fields.pop("title", "")[:200]
    return await door.make(
        lambda: door.studio.scripts.submit(
            door.actor, files, title=title, settings=fields, priority=limits.priority, cap_usd=limits.cap_usd,
            idempotency_key=door.key,
        )
    )  # fmt: skip


async def _sent(request: Request) -> tuple[list[tuple[str, bytes]], dict[str, str], Making]:
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise UserError("The body is no form.", "Send multipart/form-data with a file.", "wrong_type")
    form = await request.form(max_files=MAX_ITEMS + 1, max_fields=50, max_part_size=16_384)
    check_room(value.size or 0 for _, value in form.multi_items() if isinstance(value, UploadFile))
    files, fields = [], {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            files.append((value.filename or "script.txt", await value.read()))
        elif "\0" in value:
            raise UserError(f"{name[:40]!r} holds a NUL character.", "Leave it out.", "bad_text")
        else:
            fields[name] = value
    if not files:
        raise UserError("The form has no file.", "Send it in the field 'file'.", "no_file")
    unknown = set(fields) - {*SETTINGS, "title", "captions", "priority", "cap_usd"}
    if unknown:
        raise UserError(
            f"Unknown field {sorted(unknown)[0][:40]!r}.",
            f"Allowed: title, captions, {', '.join(SETTINGS)}.",
            "bad_field",
        )
    try:
        limits = Making(**{name: fields.pop(name) for name in ("priority", "cap_usd") if name in fields})
    except ValidationError as error:
        found = [{**each, "loc": ("body", *each["loc"])} for each in error.errors(include_url=False)]
        raise RequestValidationError(found) from None
    return files, fields, limits


@router.get("/api/voice/batch/{job_id}")
def rows(job_id: JobId, actor: Who, studio: TheStudio) -> RowsOut:
    """Every row: done, waiting, or what is wrong with it."""
    told = [RowOut(**row) for row in studio.scripts.rows(actor, job_id)]
    return RowsOut(job_id=job_id, status=studio.jobs.show(actor, job_id).status, rows=told)


@router.get("/api/voice/batch/{job_id}/file", response_class=FileResponse, responses=FILE)
def archive(
    job_id: JobId,
    actor: Who,
    studio: TheStudio,
    format: Annotated[str, Query(max_length=20, description="as made, or wav24, mp3, flac, …")] = "",
    platform: Platform = "private",
    commercial: bool = False,
) -> FileResponse:
    """The ZIP as it stands now: sound and captions of every row that is done, manifest.json and manifest.csv."""

    def write(folder: Path) -> Path:
        path = folder / f"{file_name(studio.jobs.show(actor, job_id).title)}.zip"
        use = Use(platform=platform, commercial=commercial)
        studio.scripts.pack(actor, job_id, path, format=format or None, use=use)
        return path

    return handed_out(studio.settings.work, write)
