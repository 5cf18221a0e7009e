"""Batches of music from a table, over REST: its price, its rows as they stand, and the ZIP."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from core.api.batches import AtOnce
from core.api.jobs import JobId
from core.api.media import FILE, handed_out
from core.api.submitting import SUBMITTED, Making, Submission, TheStudio, Who
from core.api.uploads import Sent, form_of
from core.flows.batch import MAX_ITEMS
from core.flows.music_rows import HEADINGS, MAX_BYTES, Row, read_table
from core.library.exporting import file_name
from core.rights.gate import Use
from core.rights.platforms import Platform

router = APIRouter(tags=["batches"])


class Table(Making):
    """Rows as JSON, with the names a table's headings have."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rows": [{"mood": "calm", "seconds": 30, "count": 2}]}]})

    rows: list[dict[str, str | int | float | bool | None]] = Field(min_length=1, max_length=MAX_ITEMS)
    title: str = Field(default="", max_length=200)
    skip_bad: bool = Field(default=False, description="make the others when a row cannot be made")
    at_once: AtOnce = None


class Settings(Making):
    """Beside the file."""

    title: str = Field(default="", max_length=200)
    skip_bad: bool = False
    at_once: AtOnce = None


class TableForm(Settings):
    file: bytes = Field(
        json_schema_extra={"format": "binary"},
        description=f"a CSV of up to {MAX_ITEMS} pieces. Columns: {', '.join(HEADINGS)}",
    )


class BadRow(BaseModel):
    row: int
    error: str


class PriceOut(BaseModel):
    items: int
    usd: Decimal = Field(description="at most")
    seconds: float
    bad: list[BadRow]


class RowOut(BaseModel):
    index: int = Field(description="of the row, from 1")
    file: str = Field(description="its name in the ZIP")
    status: str = Field(description="waiting, running, done, failed, refused, cancelled, unknown, wrong, or gone")
    error: str
    asset_id: str
    seed: int | None
    engine: str
    duration_s: float | None
    cost_usd: str
    licence: str
    job_id: str


class RowsOut(BaseModel):
    job_id: str
    status: str
    cost_usd: str
    rows: list[RowOut]


_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": Table.model_json_schema()},
            "multipart/form-data": {"schema": TableForm.model_json_schema()},
        },
    }
}


@router.post("/api/batches/table", status_code=202, responses=SUBMITTED, openapi_extra=_BODY)
async def submit(request: Request, door: Submission) -> JSONResponse:
    """One piece of music for each row (or `count` of them). Bad rows are named and nothing is made, unless `skip_bad`."""
    rows, said = await _asked(request)
    return await door.make(
        lambda: door.studio.music_batches.submit(
            door.actor, rows, title=said.title, skip_bad=said.skip_bad, at_once=said.at_once, priority=said.priority,
            idempotency_key=door.key, cap_usd=said.cap_usd,
        )
    )  # fmt: skip


@router.post("/api/batches/table/estimate", openapi_extra=_BODY)
async def estimate(request: Request, actor: Who, studio: TheStudio) -> PriceOut:
    """What the rows may cost and which of them cannot be made, before anything is queued."""
    rows, _ = await _asked(request)
    found = await run_in_threadpool(studio.music_batches.price, actor, rows)
    bad = [BadRow(row=number, error=error.message) for number, error in found.bad]
    return PriceOut(items=found.items, usd=found.usd, seconds=found.seconds, bad=bad)


async def _asked(request: Request) -> tuple[list[Row], Settings | Table]:
    sent = await form_of(request, Table)
    if not isinstance(sent, Sent):
        rows = [{name: value for name, value in row.items() if value not in (None, "")} for row in sent.rows]
        return [Row(number, values) for number, values in enumerate(rows, 1)], sent
    data = await sent.file.read(MAX_BYTES + 1)
    try:
        said = Settings.model_validate(
            {**sent.more, **({"title": sent.fields["name"]} if "name" in sent.fields else {})}
        )
    except ValidationError as error:
        found = [{**each, "loc": ("body", *each["loc"])} for each in error.errors(include_url=False)]
        raise RequestValidationError(found) from None
    return await run_in_threadpool(read_table, sent.file.filename or "table.csv", data), said


@router.get("/api/batches/{job_id}/rows")
def rows(job_id: JobId, actor: Who, studio: TheStudio) -> RowsOut:
    """Every piece of a batch: done, waiting, refused for want of money, or what is wrong with it."""
    told = [RowOut(**row) for row in studio.music_batches.rows(actor, job_id)]
    cost = f"{studio.music_batches.cost(actor, job_id):f}"
    return RowsOut(job_id=job_id, status=studio.jobs.show(actor, job_id).status, cost_usd=cost, rows=told)


@router.get("/api/batches/{job_id}/file", response_class=FileResponse, responses=FILE)
def archive(
    job_id: JobId,
    actor: Who,
    studio: TheStudio,
    format: Annotated[str, Query(max_length=20, description="as made, or wav24, mp3, flac, …")] = "",
    platform: Platform = "private",
    commercial: bool = False,
) -> FileResponse:
    """The ZIP as it stands now: every piece that is done, manifest.json and manifest.csv."""

    def write(folder: Path) -> Path:
        path = folder / f"{file_name(studio.batches.get(actor, job_id).title)}.zip"
        use = Use(platform=platform, commercial=commercial)
        studio.music_batches.pack(actor, job_id, path, format=format or None, use=use)
        return path

    return handed_out(studio.settings.work, write)
