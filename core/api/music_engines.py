"""The engines of music over REST: who there is, what a request would cost, what the library has already."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from core.api.music import Compose
from core.api.shapes import file_url
from core.api.submitting import KNOWN, TheStudio, Who
from core.api.voice import given

router = APIRouter(prefix="/api/music", tags=["music"])


class MusicEngineOut(BaseModel):
    name: str = Field(examples=["composer"])
    title: str
    kind: Literal["embedded", "local", "service"]
    paid: bool
    ready: bool
    why: str = Field(description="why it is not ready")
    remedy: str
    obeys: list[str] = Field(description="fields of a request that it knows; others are named before anything is made")
    models: list[str]
    default_model: str
    shortest_s: float
    longest_s: float
    licence: str
    licence_title: str
    commercial: bool
    usd: Decimal | None = Field(description="of 30 seconds; null where no price is known, so that nothing is bought")
    units: str = Field(description="what 30 seconds take from a plan instead")
    streams: bool = Field(description="it can be heard while it is made")


class MusicEngines(BaseModel):
    engines: list[MusicEngineOut] = Field(description="in the studio's order")


class EstimateOut(BaseModel):
    engine: str
    title: str
    usd: Decimal = Field(description="the most it can cost")
    seconds: float
    route: str = Field(description="why this engine, where a quality chose it")
    stand_ins: list[str]
    told: dict[str, Any] = Field(description="what the engine will be told, by its own names")
    ignored: list[str] = Field(description="fields that were sent and that it does not know")
    licence: str
    had: str = Field(description="id of the same piece in the library, used again at $0; empty: none")


class Alike(BaseModel):
    asset_id: str
    name: str
    share: float = Field(description="0 to 1, of what was asked for")
    why: list[str]
    duration_s: float | None
    url: str


class Similar(BaseModel):
    pieces: list[Alike]


@router.get("/engines", dependencies=[KNOWN])
def engines(studio: TheStudio) -> MusicEngines:
    """Every engine, ready or not, with what it knows, costs and may be used for."""
    return MusicEngines(
        engines=[MusicEngineOut.model_validate(line.__dict__ | {"obeys": list(line.obeys), "models": list(line.models)})
                 for line in studio.music.engines.listing()]
    )  # fmt: skip


@router.post("/estimate")
def estimate(body: Compose, actor: Who, studio: TheStudio) -> EstimateOut:
    """Who would make it, for how much at most, and in which words it would be asked for. Nothing is queued."""
    values = given(body)
    values.pop("priority", None)
    found = studio.music.estimate(actor, **values)
    told = {
        name: value if isinstance(value, str | int | float | bool | list | dict) else str(value)
        for name, value in found.told.items()
    }
    return EstimateOut(
        **{**found.__dict__, "stand_ins": list(found.stand_ins), "ignored": list(found.ignored), "told": told}
    )


@router.post("/similar")
def similar(body: Compose, actor: Who, studio: TheStudio) -> Similar:
    """Kept pieces near to what is asked for."""
    return Similar(
        pieces=[
            Alike(
                asset_id=each.asset.id, name=each.asset.name, share=each.share, why=list(each.why),
                duration_s=each.asset.duration_s, url=file_url(each.asset),
            )
            for each in studio.music.similar(actor, **given(body))
        ]
    )  # fmt: skip
