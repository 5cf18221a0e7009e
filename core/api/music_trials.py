"""A/B trials over REST: start, listen blind, choose, reveal, keep, and what to try next."""

from __future__ import annotations

import tempfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask

from core.api.batches import AtOnce
from core.api.bodies import Asked
from core.api.media import FILE, SAFE
from core.api.shapes import AssetOut
from core.api.submitting import Key, Making, TheStudio, Who, admitted
from core.music.trials.planning import FIELDS, MOST
from core.music.trials.service import Blind, Result
from core.store.trials import TrialRow, label

router = APIRouter(prefix="/api/ai-music/trials", tags=["trials"])
TrialId = Annotated[str, Path(max_length=60, examples=["trial_01k…"])]
Value = str | float | int | bool | None | dict[str, Any]


class Compared(Asked):
    """What is compared: a `grid` of values, or `variants` written out."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"base": {"mood": "calm", "seconds": 20}, "grid": {"bpm": [70, 90, 110]}}]}
    )

    base: dict[str, Value] = Field(default={}, max_length=40, description=f"what all share: {', '.join(FIELDS)}")
    grid: dict[str, list[Value]] = Field(default={}, max_length=8, description="values by name")
    variants: list[dict[str, Value]] = Field(default=[], max_length=MOST, description="instead of a grid")
    count: int | None = Field(
        default=None, ge=2, le=MOST, description="so many of the grid's combinations; all of them otherwise"
    )

    def values(self) -> dict[str, Any]:
        return {"base": self.base, "grid": self.grid, "variants": self.variants, "count": self.count}


class NewTrial(Making, Compared):
    """Under a name."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "How fast", "base": {"mood": "calm", "seconds": 20}, "grid": {"bpm": [70, 90, 110]}}]
        }
    )

    name: str = Field(default="", max_length=100)
    at_once: AtOnce = None


class TrialPrice(BaseModel):
    variants: list[dict[str, Any]]
    usd: Decimal = Field(description="at most, all together")
    each: list[Decimal]
    seconds: float


class HeardOut(BaseModel):
    letter: str
    status: str
    stage: str
    percent: int
    seconds_left: float | None
    seconds: float | None
    audio_url: str | None = Field(description="at the loudness of the quietest; null until it is made")


class TrialOut(BaseModel):
    """Blind: nothing here tells which variant a letter is."""

    id: str
    name: str
    job_id: str = Field(description="the batch; its owner resumes it at /api/batches/{job_id}/resume")
    mine: bool
    live: bool
    stage: str
    percent: int
    seconds_left: float | None
    chosen: bool = Field(description="you have chosen: /result tells which is which")
    kept: bool
    created_at: datetime
    variants: list[HeardOut]


class TrialLine(BaseModel):
    id: str
    name: str
    job_id: str
    mine: bool
    variants: int
    axes: list[str]
    kept: bool
    created_at: datetime


class TrialsOut(BaseModel):
    trials: list[TrialLine]


class ChoiceIn(Asked):
    winner: str = Field(default="", max_length=2, description="a letter")
    tie: bool = False
    pairs: list[tuple[str, str]] = Field(default=[], max_length=200, description="[better, worse], letters")
    rating: int | None = Field(default=None, ge=1, le=5)
    note: str = Field(default="", max_length=1000)


class KeepIn(Asked):
    letter: str = Field(default="", max_length=2, description="left out: the one with the most wins")


class RateOut(BaseModel):
    axis: str
    value: str
    wins: int
    choices: int
    rate: float
    low: float = Field(description="of the 95 % interval (Wilson)")
    high: float
    chance: float = Field(description="what it would win by accident")
    verdict: str


class VariantOut(BaseModel):
    letter: str
    number: int
    values: dict[str, str]
    status: str
    error: str
    asset_id: str
    wins: int
    strength: float | None


class ChoiceOut(BaseModel):
    user_id: str
    winner: int | None
    tie: bool
    pairs: list[list[int]]
    rating: int | None
    note: str
    created_at: datetime


class ResultOut(BaseModel):
    id: str
    name: str
    kept: int | None
    variants: list[VariantOut]
    choices: list[ChoiceOut]
    rates: list[RateOut]


class RatesOut(BaseModel):
    rates: list[RateOut]
    strengths: dict[str, dict[str, float]] = Field(description="Bradley-Terry, by axis, where pairs were given")


class ProposeIn(Asked):
    axes: dict[str, list[Value]] = Field(
        default={}, max_length=8, description="values to choose among; all that were compared otherwise"
    )
    seed: int = Field(default=0, ge=0, le=2**31 - 1)
    history: bool = Field(
        default=True, description="what you kept and discarded outside of trials counts too, for less"
    )


class BeliefOut(BaseModel):
    axis: str
    value: str
    wins: float
    choices: int
    mean: float
    low: float
    high: float
    best: float
    enough: bool


class HabitOut(BaseModel):
    axis: str
    value: str
    said: str
    made: int
    kept: int
    liked: int = Field(description="4 or 5 stars, or a favourite")
    disliked: int = Field(description="in the bin, purged, or 1 or 2 stars")
    enough: bool = Field(description="false: it does not count")
    wins: float = Field(description="what it weighs, in blind choices")
    losses: float


class ProposalOut(BaseModel):
    values: dict[str, Any]
    said: str
    choices: int
    beliefs: list[BeliefOut]
    habits: list[HabitOut] = Field(description="the evidence outside of trials, by value")


@router.post("", status_code=201)
def start(body: NewTrial, actor: Who, studio: TheStudio, key: Key = None) -> TrialOut:
    """Make the variants, as one batch under one cap."""
    admitted(studio)
    trial = studio.trials.start(
        actor, name=body.name, cap_usd=body.cap_usd, at_once=body.at_once, priority=body.priority, idempotency_key=key,
        **body.values(),
    )  # fmt: skip
    return show(trial.id, actor, studio)


@router.post("/estimate")
def estimate(body: Compared, actor: Who, studio: TheStudio) -> TrialPrice:
    """What would be compared and what it may cost, before anything is made."""
    found = studio.trials.estimate(actor, **body.values())
    return TrialPrice(variants=found.plan.variants, usd=found.usd, each=list(found.each), seconds=found.seconds)


@router.post("/propose")
def propose(body: ProposeIn, actor: Who, studio: TheStudio) -> ProposalOut:
    """What to try next, by what was chosen and kept, with what is not known about it. Nothing is changed."""
    found = studio.trials.propose(actor, axes=body.axes, seed=body.seed, history=body.history)
    beliefs = [BeliefOut(**each.__dict__) for each in found.beliefs]
    habits = [HabitOut(**each.__dict__) for each in found.habits]
    return ProposalOut(values=found.values, said=found.said, choices=found.choices, beliefs=beliefs, habits=habits)


@router.get("/rates")
def win_rates(actor: Who, studio: TheStudio) -> RatesOut:
    """How often each value, engine and template won, over all your trials."""
    found = [RateOut(**each.__dict__) for each in studio.trials.win_rates(actor)]
    return RatesOut(rates=found, strengths=studio.trials.strengths(actor))


@router.get("")
def listing(actor: Who, studio: TheStudio) -> TrialsOut:
    """Your own and those shared with you, the newest first."""
    return TrialsOut(trials=[_line(trial, actor.user_id) for trial in studio.trials.listing(actor)])


@router.get("/{trial_id}")
def show(trial_id: TrialId, actor: Who, studio: TheStudio) -> TrialOut:
    """Letters in an order of your own, with what there is to hear."""
    return _blind(studio.trials.show(actor, trial_id), actor.user_id)


@router.get("/{trial_id}/audio/{letter}", response_class=FileResponse, responses=FILE)
def audio(
    trial_id: TrialId, letter: Annotated[str, Path(max_length=60)], actor: Who, studio: TheStudio
) -> FileResponse:  # fmt: skip
    """One variant as a WAV, at the loudness of the quietest."""
    with tempfile.NamedTemporaryFile(suffix=".wav", dir=studio.settings.work, prefix="export-", delete=False) as made:
        path = FilePath(made.name)
    try:
        studio.trials.sound(actor, trial_id, letter, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return FileResponse(
        path, media_type="audio/wav", headers={**SAFE, "Cache-Control": "no-store"},
        background=BackgroundTask(path.unlink, missing_ok=True),
    )  # fmt: skip


@router.post("/{trial_id}/choices", status_code=201)
def choose(trial_id: TrialId, body: ChoiceIn, actor: Who, studio: TheStudio) -> ResultOut:
    """One winner, or a tie, or pairs: once. Then it is told which is which."""
    return _result(studio.trials.choose(actor, trial_id, **body.model_dump()))


@router.get("/{trial_id}/result")
def result(trial_id: TrialId, actor: Who, studio: TheStudio) -> ResultOut:
    """Which is which, and who chose what: for those who have chosen."""
    return _result(studio.trials.result(actor, trial_id))


@router.post("/{trial_id}/keep")
def keep(trial_id: TrialId, body: KeepIn, actor: Who, studio: TheStudio) -> AssetOut:
    """Keep one; the others go to the bin."""
    return AssetOut.of(studio.trials.keep(actor, trial_id, body.letter))


def _line(trial: TrialRow, user_id: str) -> TrialLine:
    return TrialLine(
        id=trial.id, name=trial.name, job_id=trial.job_id, mine=trial.user_id == user_id, variants=len(trial.variants),
        axes=list(trial.axes), kept=trial.kept is not None, created_at=trial.created_at,
    )  # fmt: skip


def _blind(blind: Blind, user_id: str) -> TrialOut:
    trial = blind.trial
    heard = [
        HeardOut(
            letter=each.letter, status=each.status, stage=each.stage, percent=round(100 * each.fraction),
            seconds_left=each.eta_s, seconds=each.seconds,
            audio_url=None if each.seconds is None else f"/api/ai-music/trials/{trial.id}/audio/{each.letter}",
        )
        for each in blind.heard
    ]  # fmt: skip
    return TrialOut(
        id=trial.id, name=trial.name, job_id=trial.job_id, mine=trial.user_id == user_id, live=blind.live, stage=blind.stage,
        percent=round(100 * blind.fraction), seconds_left=blind.eta_s, chosen=blind.choice is not None,
        kept=trial.kept is not None, created_at=trial.created_at, variants=heard,
    )  # fmt: skip


def _result(found: Result) -> ResultOut:
    variants = [
        VariantOut(
            letter=each.letter, number=each.number, values={name: label(value) for name, value in each.values.items()},
            status=each.status, error=each.error, asset_id=each.piece.id if each.piece else "", wins=each.wins,
            strength=each.strength,
        )
        for each in found.variants
    ]  # fmt: skip
    choices = [ChoiceOut(**{name: getattr(each, name) for name in ChoiceOut.model_fields}) for each in found.choices]
    return ResultOut(
        id=found.trial.id, name=found.trial.name, kept=found.trial.kept, variants=variants, choices=choices,
        rates=[RateOut(**each.__dict__) for each in found.rates],
    )  # fmt: skip
