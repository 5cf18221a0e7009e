"""Takes over REST: a speech as its passages, a passage spoken anew, the takes chosen, and the new version of the piece."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from core.api.bodies import Asked
from core.api.submitting import SUBMITTED, Making, Submission, TheStudio, Who
from core.kit.errors import UserError
from core.voice.retakes.wishes import MAX_TAKES, Wishes

router = APIRouter(tags=["takes"])
AssetId = Annotated[str, Path(max_length=60, examples=["asset_01kc0s3t9v6xj4m2n8q5r7w1yz"])]


class PassageOut(BaseModel):
    first: int = Field(description="place of its first character in the script")
    past: int
    text: str
    section: str
    voice: str = Field(description="as the script names it; empty: the piece's own")
    start_s: float
    end_s: float


class TakeOut(BaseModel):
    asset_id: str
    first: int
    past: int
    number: int = Field(description="of its passage, from 2: the first take is what stands in the piece")
    label: str = Field(description="what is different")
    words: str = Field(description="said instead, markup and all; empty: the same words")
    chosen: bool
    duration_s: float | None
    cost_usd: Decimal
    quality: str = Field(description="good, doubtful, failed or not assessed")


class SheetOut(BaseModel):
    asset_id: str
    name: str
    redraws: bool = Field(description="whether the voice says a text another way each time")
    passages: list[PassageOut]
    takes: list[TakeOut]


class ChapterOut(BaseModel):
    asset_id: str
    name: str
    chosen: int = Field(description="takes that stand for a passage of it")


class Chapters(BaseModel):
    chapters: list[ChapterOut]


class Which(Wishes):
    """Which sentences, how many takes, and what is to be different."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    first: int = Field(ge=0, le=10_000_000, examples=[112])
    past: int = Field(ge=0, le=10_000_000, examples=[127])
    count: int = Field(default=1, ge=1, le=MAX_TAKES)


class Retake(Making, Which):
    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False,
        json_schema_extra={"examples": [{"first": 112, "past": 127, "count": 2, "emotion": "happy"}]},
    )  # fmt: skip


class PriceOut(BaseModel):
    usd: Decimal = Field(description="at most")


class Choice(Asked):
    chosen: bool = True


class Chosen(BaseModel):
    chosen: list[str] = Field(description="every take of the piece that is chosen now")


class Assemble(Making):
    name: str = Field(default="", max_length=200)


@router.get("/api/voice/pieces/{asset_id}/chapters")
def chapters(asset_id: AssetId, actor: Who, studio: TheStudio) -> Chapters:
    """The chapters of a book, whose passages can be taken anew; of any other speech itself alone."""
    found = studio.retakes.chapters(actor, asset_id)
    return Chapters(
        chapters=[
            ChapterOut(asset_id=one.id, name=one.name, chosen=studio.retakes.chosen(actor, one.id)) for one in found
        ]
    )


@router.get("/api/voice/pieces/{asset_id}/takes")
def listed(asset_id: AssetId, actor: Who, studio: TheStudio) -> SheetOut:
    """Every sentence of a speech with its place in the script and in the sound, and the takes there are."""
    sheet = studio.retakes.sheet(actor, asset_id)
    names = PassageOut.model_fields
    return SheetOut(
        asset_id=sheet.asset.id, name=sheet.asset.name, redraws=sheet.redraws,
        passages=[PassageOut(**{name: getattr(each, name) for name in names}) for each in sheet.passages],
        takes=[
            TakeOut(
                **{name: getattr(each.take, name) for name in ("asset_id", "first", "past", "number", "label", "words", "chosen")},
                duration_s=each.asset.duration_s, cost_usd=each.asset.cost_usd,
                quality=str(dict(each.asset.generation_config.get("quality") or {}).get("state", "not assessed")),
            )
            for each in sheet.takes
        ],
    )  # fmt: skip


@router.post("/api/voice/pieces/{asset_id}/takes/estimate")
def estimate(asset_id: AssetId, body: Which, actor: Who, studio: TheStudio) -> PriceOut:
    """What the takes may cost, before anything is spent."""
    usd = studio.retakes.estimate(actor, asset_id, body.first, body.past, body.count, _wishes(body))
    return PriceOut(usd=usd)


@router.post("/api/voice/pieces/{asset_id}/takes", status_code=202, responses=SUBMITTED)
async def take(asset_id: AssetId, body: Retake, door: Submission) -> JSONResponse:
    """Speak the sentences from `first` to `past` anew. The piece itself never changes."""
    return await door.make(
        lambda: door.studio.retakes.take(
            door.actor, asset_id, body.first, body.past, count=body.count, wishes=_wishes(body), priority=body.priority,
            cap_usd=body.cap_usd, idempotency_key=door.key,
        )
    )  # fmt: skip


@router.put("/api/voice/takes/{asset_id}")
def choose(asset_id: AssetId, body: Choice, actor: Who, studio: TheStudio) -> Chosen:
    """This take stands for its passage, or no longer does; others that overlap it give way."""
    return Chosen(chosen=studio.retakes.choose(actor, asset_id, chosen=body.chosen))


@router.post("/api/voice/pieces/{asset_id}/assemble", status_code=202, responses=SUBMITTED)
async def assemble(asset_id: AssetId, body: Assemble, door: Submission) -> JSONResponse:
    """A new version with the chosen takes in it; of a book, with every chapter that has some."""
    if body.cap_usd is not None:
        raise UserError("Laying takes in happens on this machine and costs nothing.", "Leave cap_usd out.")
    return await door.make(
        lambda: door.studio.retakes.assemble(
            door.actor, asset_id, name=body.name, priority=body.priority, idempotency_key=door.key
        )
    )


def _wishes(body: Which) -> Wishes:
    values: dict[str, Any] = {name: getattr(body, name) for name in Wishes.model_fields}
    return Wishes(**values)
