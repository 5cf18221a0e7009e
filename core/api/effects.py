"""Sound effects over REST: whether they can be made here and for how much, and one of them."""

from __future__ import annotations

from decimal import Decimal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from core.api.submitting import KNOWN, SUBMITTED, Making, Submission, TheStudio
from core.api.voice import given
from core.voice.effects import EffectRequest

router = APIRouter(tags=["sound"])


class Effect(Making, EffectRequest):
    """What should be heard; what is left open is the service's own choice."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class EffectsState(BaseModel):
    ready: bool
    title: str = Field(description="who makes them", examples=["ElevenLabs"])
    why: str = Field(description="what is missing, where it is not ready")
    remedy: str
    usd: Decimal | None = Field(description="at most, of one effect")
    units: str = Field(description="what it takes from a plan instead of cash")


@router.get("/api/sound/effects", dependencies=[KNOWN])
def state(studio: TheStudio) -> EffectsState:
    """Whether effects can be made here, and what one costs."""
    return EffectsState(**studio.effects.state().__dict__)


@router.post("/api/sound/effects", status_code=202, responses=SUBMITTED)
async def make(body: Effect, door: Submission) -> JSONResponse:
    """A sound effect from a description. It is paid for: the job stays within its cap and every budget."""
    return await door.make(lambda: door.studio.effects.submit(door.actor, idempotency_key=door.key, **given(body)))
