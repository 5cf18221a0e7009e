"""Styles of one's own over REST: learn one from one's tracks, teach it to MusicGen, list, rename, share, delete."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from core.api.bodies import Asked
from core.api.submitting import SUBMITTED, Submission, TheStudio, Who
from core.music.styles.rights import STATEMENT
from core.music.styles.training import MOST_EPOCHS
from core.store.styles import StyleFile, StyleRow

router = APIRouter(prefix="/api/music/styles", tags=["music"])
Id = Annotated[str, Path(max_length=60, examples=["style_7Yb"])]


class Learn(Asked):
    """Three to fifty tracks of your own library. What is measured on them is kept, not the tracks."""

    name: str = Field(max_length=200, examples=["Our title music"])
    asset_ids: list[str] = Field(max_length=200)
    priority: Literal["urgent", "normal", "low"] = "normal"
    rights: bool = Field(default=False, description=f"true declares: {STATEMENT}")


class Rename(Asked):
    name: str = Field(max_length=200)


class WithTeams(Asked):
    team_ids: list[str] = Field(max_length=50, description="with these and no others; empty: with nobody")


class TrainStyle(Asked):
    """Teach the style to MusicGen from the same tracks, whose rights are asked once more. Needs requirements-musicgen.txt
    and the model's weights."""

    model: str = Field(
        default="", max_length=80, description="of MusicGen; left out: its usual one", examples=["small"]
    )
    epochs: int | None = Field(default=None, ge=1, le=MOST_EPOCHS, description="at most; left out: 10")
    priority: Literal["urgent", "normal", "low"] = "normal"


class TrainingPlan(BaseModel):
    model: str
    tracks: int
    sound_s: float = Field(description="learned from in each epoch")
    epochs: int = Field(description="at most: it ends when what was held out is guessed no better")
    work_s: float = Field(description="at most, as estimated")
    measured: bool = Field(description="by an earlier training on this machine; else by a rough table")
    licence: str = Field(description="of the weights: it binds what is made with them")
    licence_url: str


class Trained(BaseModel):
    """What one model learned of a style."""

    engine: str
    model: str
    bytes: int
    licence: str
    epochs: int
    best_epoch: int
    tracks: int
    work_s: float
    created_at: datetime

    @classmethod
    def of(cls, file: StyleFile) -> Trained:
        told = {name: file.facts[name] for name in ("licence", "epochs", "best_epoch", "work_s")}
        return cls(
            engine=file.engine, model=file.model, bytes=file.bytes, tracks=len(file.facts["sources"]),
            created_at=file.created_at, **told,
        )  # fmt: skip


class TrainedList(BaseModel):
    trained: list[Trained]


class StyleOut(BaseModel):
    id: str
    name: str
    mine: bool
    tracks: int
    engines: list[str] = Field(description="who follows it: the composer by its profile, MusicGen where it learned it")
    figures: dict[str, Any] = Field(
        description="what was measured: median, low and high (10th and 90th percentile), on how many tracks"
    )
    keys: dict[str, int]
    genre: str | None
    mood: str | None
    intensity: str | None
    instruments: dict[str, float] = Field(description="share of the tracks that have it")
    octaves_db: list[float] = Field(description="around 63 Hz … 8 kHz, over their mean")
    energy_curve: list[float] = Field(description="of each eighth of a track, dB under the loudest")
    rights: dict[str, Any] = Field(description="what was declared, by whom and when, with its SHA-256")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: StyleRow, user_id: str) -> StyleOut:
        told = ("figures", "keys", "genre", "mood", "intensity", "instruments", "octaves_db", "energy_curve")
        return cls(
            id=row.id, name=row.name, mine=row.user_id == user_id, tracks=len(row.sources), engines=sorted(row.engines),
            **{name: row.profile[name] for name in told}, rights=row.rights, created_at=row.created_at,
            updated_at=row.updated_at,
        )  # fmt: skip


class StyleList(BaseModel):
    styles: list[StyleOut]


@router.get("")
def listing(actor: Who, studio: TheStudio) -> StyleList:
    """Yours first, then what was shared with your teams."""
    return StyleList(styles=[StyleOut.of(row, actor.user_id) for row in studio.styles.list(actor)])


@router.post("", status_code=202, responses=SUBMITTED)
async def learn(body: Learn, door: Submission) -> JSONResponse:
    """Learn a style. The job's result has `style_id`."""
    return await door.make(
        lambda: door.studio.styles.create(
            door.actor, body.name, body.asset_ids, rights_declared=body.rights, priority=body.priority,
            idempotency_key=door.key,
        )
    )  # fmt: skip


@router.get("/{style_id}")
def show(style_id: Id, actor: Who, studio: TheStudio) -> StyleOut:
    return StyleOut.of(studio.styles.get(actor, style_id), actor.user_id)


@router.get("/{style_id}/train")
def learned(style_id: Id, actor: Who, studio: TheStudio) -> TrainedList:
    """What models learned of it."""
    return TrainedList(trained=[Trained.of(file) for file in studio.styles.learned(actor, style_id)])


@router.get("/{style_id}/train/plan")
def plan(
    style_id: Id, actor: Who, studio: TheStudio, model: Annotated[str, Query(max_length=80)] = "",
    epochs: Annotated[int | None, Query(ge=1, le=MOST_EPOCHS)] = None,
) -> TrainingPlan:  # fmt: skip
    """What teaching it to MusicGen would take. Nothing is queued."""
    return TrainingPlan(**asdict(studio.styles.plan(actor, style_id, model=model, epochs=epochs)))


@router.post("/{style_id}/train", status_code=202, responses=SUBMITTED)
async def train(style_id: Id, body: TrainStyle, door: Submission) -> JSONResponse:
    """Teach the style to MusicGen: hours on a processor, minutes on a graphics card. The result has `style_id` and
    `model`; music with `style` is then also made by that model."""
    return await door.make(
        lambda: door.studio.styles.train(
            door.actor, style_id, model=body.model, epochs=body.epochs, priority=body.priority, idempotency_key=door.key
        )
    )


@router.patch("/{style_id}")
def rename(style_id: Id, body: Rename, actor: Who, studio: TheStudio) -> StyleOut:
    return StyleOut.of(studio.styles.rename(actor, style_id, body.name), actor.user_id)


@router.put("/{style_id}/sharing")
def share(style_id: Id, body: WithTeams, actor: Who, studio: TheStudio) -> StyleOut:
    """With teams, who may then make music in it."""
    return StyleOut.of(studio.styles.share(actor, style_id, body.team_ids), actor.user_id)


@router.delete("/{style_id}", status_code=204)
def delete(style_id: Id, actor: Who, studio: TheStudio) -> Response:
    """What was made in it stays."""
    studio.styles.delete(actor, style_id)
    return Response(status_code=204)
