"""The own catalogue over REST: files and their licence papers in, what the papers say proposed, and confirmed."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path as File
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from core.api.bodies import Asked
from core.api.licensing_licences import LicenceOut
from core.api.submitting import TheStudio, Who
from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.library.exporting import file_name
from core.licensing.importing_own import Paper, Proposal, Taken

router = APIRouter(prefix="/api/music-licensing/own", tags=["music licensing"])
Id = Annotated[str, Path(max_length=60, description="of the file, as a piece of the library")]
MOST_FILES = 40
_CHUNK = 1 << 20


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class FromLibrary(Asked):
    """Files that are in the library already: sounds one uploaded, and documents."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", allow_inf_nan=False)

    asset_ids: list[Annotated[str, Field(max_length=60)]] = Field(min_length=1, max_length=MOST_FILES)
    paper_ids: list[Annotated[str, Field(max_length=60)]] = Field(default=[], max_length=MOST_FILES)


class Upload(BaseModel):
    """The fields of an import."""

    file: list[bytes] = Field(json_schema_extra={"items": {"type": "string", "format": "binary"}})
    paper: list[bytes] = Field(default=[], json_schema_extra={"items": {"type": "string", "format": "binary"}})
    assetId: list[str] = Field(default=[], description="what is in the library already and the papers are of")


class SaidOut(Camel):
    value: Any = Field(description="as POST /api/music-licensing/licenses takes it")
    snippet: str = Field(description="the words of the paper it was read from")


class PaperOut(Camel):
    asset_id: str = Field(description="the paper itself, a document of the library")
    name: str
    state: str = Field(description="proposed or confirmed")
    row: int | None = Field(description="of a sheet")
    fields: dict[str, SaidOut]
    missing: list[str] = Field(description="has to be answered when it is confirmed")
    notes: list[str]
    licence_id: str

    @classmethod
    def of(cls, paper: Paper) -> PaperOut:
        return cls(
            asset_id=paper.asset_id, name=paper.name, state=paper.state, row=paper.row,
            fields={name: SaidOut(**said) for name, said in paper.fields.items()}, missing=list(paper.missing),
            notes=list(paper.notes), licence_id=paper.licence_id,
        )  # fmt: skip


class ProposalOut(Camel):
    id: str = Field(description="of the piece of the library")
    track_id: str = Field(description="in the catalogue `own`")
    title: str
    artist: str
    state: str = Field(description="no paper, proposed or confirmed")
    missing: list[str]
    papers: list[PaperOut]

    @classmethod
    def of(cls, one: Proposal) -> ProposalOut:
        return cls(
            id=one.asset.id, track_id=one.track_id, title=one.title, artist=one.artist, state=one.state,
            missing=list(one.missing), papers=[PaperOut.of(each) for each in one.papers],
        )  # fmt: skip


class FailedOut(Camel):
    file: str
    message: str
    hint: str
    code: str


class TakenOut(Camel):
    proposals: list[ProposalOut]
    unmatched: list[str] = Field(description="papers, or rows of them, that no file was found for")
    failed: list[FailedOut]

    @classmethod
    def of(cls, taken: Taken) -> TakenOut:
        return cls(
            proposals=[ProposalOut.of(each) for each in taken.proposals], unmatched=taken.unmatched,
            failed=[
                FailedOut(file=name, message=error.message, hint=error.hint, code=error.code)
                for name, error in taken.failed
            ],
        )  # fmt: skip


class OwnList(Camel):
    tracks: list[ProposalOut]
    total: int


class Confirmed(Asked):
    """What the paper says is taken where nothing else is given. Every missing field has to be answered."""

    fields: dict[str, Any] = Field(
        default={}, max_length=40, examples=[{"platforms": ["youtube"], "territories": [], "ends_on": None}]
    )
    paper: str = Field(default="", max_length=60, description="where several wait: the one that is meant")
    row: int | None = Field(default=None, ge=0, description="of it, where it is a sheet")


_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": Upload.model_json_schema()},
            "application/json": {"schema": FromLibrary.model_json_schema()},
        },
    }
}


@router.post("", status_code=201, openapi_extra=_BODY)
async def import_own(request: Request, studio: TheStudio, actor: Who) -> TakenOut:
    """Files with their licence papers (PDF, text or CSV sheet), or ids of what is in the library already. What the papers say
    is proposed; nothing counts before it is confirmed."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json":
        try:
            body = FromLibrary.model_validate(json.loads(await request.body()))
        except (ValidationError, ValueError, RecursionError):
            raise UserError("The body is not what is read here.", 'Send {"assetIds": […], "paperIds": […]}.') from None
        taken = await run_in_threadpool(
            studio.own_music.take, actor, asset_ids=body.asset_ids, paper_ids=body.paper_ids
        )
        return TakenOut.of(taken)
    form = await request.form(max_files=2 * MOST_FILES, max_fields=20, max_part_size=16_384)
    files = [each for each in form.getlist("file") if isinstance(each, UploadFile)]
    papers = [each for each in form.getlist("paper") if isinstance(each, UploadFile)]
    pieces = [each for each in form.getlist("assetId") if isinstance(each, str)][:MOST_FILES]
    if not files and not papers:
        raise UserError("The form has no file.", "Send it in the field 'file', its paper in 'paper'.", "no_file")
    return TakenOut.of(await run_in_threadpool(_received, studio, actor, files, papers, pieces))


@router.get("")
def list_own(
    studio: TheStudio, actor: Who, state: Annotated[str, Query(max_length=40)] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200, offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> OwnList:  # fmt: skip
    """One's own licensed files, the newest first; `state`: no paper, proposed or confirmed."""
    found = studio.own_music.listing(actor, state)
    return OwnList(tracks=[ProposalOut.of(each) for each in found[offset : offset + limit]], total=len(found))


@router.post("/{asset_id}/confirm", status_code=201)
def confirm_own(asset_id: Id, body: Confirmed, studio: TheStudio, actor: Who) -> LicenceOut:
    """Enter the licence that its paper was read to be; the paper becomes its proof."""
    licence = studio.own_music.confirm(actor, asset_id, body.fields, paper=body.paper, row=body.row)
    return LicenceOut.of(licence, actor.user_id)


def _received(
    studio: Studio, actor: Actor, files: list[UploadFile], papers: list[UploadFile], pieces: list[str]
) -> Taken:
    with tempfile.TemporaryDirectory(dir=studio.settings.work, prefix="own-") as folder:
        base = File(folder)
        return studio.own_music.take(
            actor, _written(studio, base / "files", files), _written(studio, base / "papers", papers), asset_ids=pieces
        )


def _written(studio: Studio, folder: File, sent: list[UploadFile]) -> list[File]:
    """Each in a folder of its own: two may have one name. Of a name only the last part counts."""
    limit = studio.settings.max_upload_mb * 2**20
    found = []
    for number, each in enumerate(sent):
        path = folder / str(number) / file_name(File((each.filename or "upload").replace("\\", "/")).name)
        path.parent.mkdir(parents=True)
        size = 0
        with path.open("wb") as target:
            while chunk := each.file.read(_CHUNK):
                size += len(chunk)
                if size > limit:
                    raise UserError(
                        f"{path.name!r} is larger than {studio.settings.max_upload_mb} MB.",
                        "Send a shorter or compressed file, or raise STUDIO_MAX_UPLOAD_MB.", "too_large",
                    )  # fmt: skip
                target.write(chunk)
        found.append(path)
    return found
