"""Routing of speech over REST: which engines are asked first for you, which never, and who may stand in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from core.api.bodies import Asked
from core.api.submitting import TheStudio, Who
from core.app import Studio
from core.kit.actor import Actor
from core.voice.routing.wish import StandIn

router = APIRouter(prefix="/api/voice", tags=["voice"])
Names = Annotated[list[str], Field(max_length=40)]


class EngineOut(BaseModel):
    name: str = Field(examples=["elevenlabs"])
    title: str
    paid: bool
    ready: bool
    why: str = Field(description="why it is not ready")
    mine: bool = Field(description="false: you switched it off; a voice of it that you name still speaks")
    installed: bool = Field(description="false: switched off in the whole studio")


class RoutingOut(BaseModel):
    order: list[str] = Field(description="what you put in an order; the others come after, in the studio's")
    off: list[str]
    stand_in: StandIn
    engines: list[EngineOut] = Field(description="in the order they are asked for you")


class RoutingIn(Asked):
    """What is not sent stays."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"order": ["elevenlabs", "openai"], "stand_in": "whole"}]}
    )

    order: Names | None = None
    off: Names | None = None
    stand_in: StandIn | None = Field(
        default=None, description="never: nobody; whole: another voice may say the whole part of a speaker; mixed: also go on in the middle"
    )  # fmt: skip


class Switch(Asked):
    name: str = Field(max_length=40, examples=["openai"])
    on: bool


@router.get("/routing")
def routing(actor: Who, studio: TheStudio) -> RoutingOut:
    """Your preference, and the engines as they are now."""
    return _told(actor, studio)


@router.put("/routing")
def set_routing(body: RoutingIn, actor: Who, studio: TheStudio) -> RoutingOut:
    """Counts for every request from now on."""
    stand_in = None if body.stand_in is None else body.stand_in or "never"
    studio.voice.routing.set(actor, order=body.order, off=body.off, stand_in=stand_in)
    return _told(actor, studio)


@router.put("/engines")
def switch(body: Switch, actor: Who, studio: TheStudio) -> RoutingOut:
    """An engine on or off for the whole studio (administrators)."""
    studio.voice.routing.switch(actor, body.name, on=body.on)
    return _told(actor, studio)


def _told(actor: Actor, studio: Studio) -> RoutingOut:
    mine = studio.voice.routing.of(actor)
    engines = [EngineOut(**line.__dict__) for line in studio.voice.routing.engines(actor)]
    return RoutingOut(order=list(mine.order), off=list(mine.off), stand_in=mine.stand_in, engines=engines)
