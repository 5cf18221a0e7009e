"""A track under a clip before it is paid for, and several compared there blind. A comparison is a trial: it is heard,
chosen, revealed and kept at /api/ai-music/trials/{id}."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from core.api.bodies import Asked
from core.api.submitting import SUBMITTED, Key, Submission, TheStudio, Who, admitted
from core.flows.auditioning.request import Candidate
from core.flows.auditioning.service import AXIS, FEWEST, MOST, Comparison
from core.store.trials import TrialRow

router = APIRouter(prefix="/api/music-licensing", tags=["music licensing"])
TrialId = Annotated[str, Path(max_length=60, examples=["trial_01k…"])]


class TrackRef(Asked):
    provider: str = Field(default="", max_length=40)
    track_id: str = Field(default="", max_length=200)
    asset_id: str = Field(default="", max_length=60, description="instead: a piece of the library")


class UnderClip(Asked):
    clip_id: str = Field(default="", max_length=60)
    scene_id: str = Field(default="", max_length=60, description="instead of a clip and a start: the whole scene")
    start_s: float = Field(default=0.0, ge=0, le=86_400, description="in the clip, or in the scene")
    seconds: float | None = Field(default=None, ge=1, le=120, description="left out: the scene's, or 30")
    music_start_s: float = Field(default=0.0, ge=0, le=3600, description="where in the track it begins")
    duck_db: float = Field(default=10.0, ge=0, le=40, description="how far it steps back under speech")

    def stretch(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in UnderClip.model_fields}


class AuditionBody(UnderClip):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"track": {"provider": "openverse", "track_id": "1f2e…"}, "clip_id": "clip_01k…", "start_s": 12}
            ]
        }
    )

    track: TrackRef
    priority: Literal["urgent", "normal", "low"] = "normal"


class ComparisonBody(UnderClip):
    name: str = Field(default="", max_length=100)
    tracks: list[TrackRef] = Field(max_length=100, description=f"{FEWEST} to {MOST}")


class StretchOut(BaseModel):
    clip_id: str
    clip_name: str
    film_url: str = Field(
        description="its picture, to be played from start_s on without its own sound; empty: not yours"
    )
    start_s: float
    seconds: float


class LetterOut(BaseModel):
    letter: str
    status: str
    percent: int
    seconds: float | None
    audio_url: str | None = Field(description="the clip's sound and the music together; null until it is made")


class RevealedOut(BaseModel):
    letter: str
    name: str
    provider: str
    track_id: str
    asset_id: str
    wins: int
    error: str


class ChosenOut(BaseModel):
    user_id: str
    name: str = Field(description="of the track; empty for a tie")
    rating: int | None
    note: str
    created_at: datetime


class ComparisonOut(BaseModel):
    """Blind until you have chosen: nothing here tells which track a letter is."""

    id: str
    name: str
    job_id: str
    mine: bool
    live: bool
    chosen: bool
    kept: bool
    under: StretchOut
    letters: list[LetterOut]
    revealed: list[RevealedOut] = Field(description="empty until you have chosen")
    choices: list[ChosenOut] = Field(description="who chose what; empty until you have chosen")
    created_at: datetime


class ComparisonLine(BaseModel):
    id: str
    name: str
    job_id: str
    mine: bool
    tracks: int
    kept: bool
    created_at: datetime


class ComparisonsOut(BaseModel):
    comparisons: list[ComparisonLine]


@router.post("/auditions", status_code=202, responses=SUBMITTED)
async def audition(body: AuditionBody, door: Submission) -> JSONResponse:
    """One track under a stretch of a clip, as a draft: the preview is brought in, put at one level and back under speech."""
    track = body.track.model_dump()
    return await door.make(
        lambda: door.studio.auditioning.submit(
            door.actor, track, priority=body.priority, idempotency_key=door.key, **body.stretch()
        )
    )


@router.post("/comparisons", status_code=202)
async def compare(body: ComparisonBody, actor: Who, studio: TheStudio, idempotency_key: Key = None) -> ComparisonOut:
    """Two to six tracks under the same stretch: letters in an order of each listener's own, all at one loudness."""
    admitted(studio)
    tracks = [each.model_dump() for each in body.tracks]

    def begin() -> Comparison:
        made = studio.auditioning.compare(
            actor, tracks, name=body.name, priority="urgent", idempotency_key=idempotency_key, **body.stretch()
        )
        return studio.auditioning.comparison(actor, made.id)

    return _comparison(await run_in_threadpool(begin), actor.user_id)


@router.get("/comparisons")
def comparisons(actor: Who, studio: TheStudio) -> ComparisonsOut:
    """Your own and those shared with you, the newest first."""
    return ComparisonsOut(comparisons=[_line(each, actor.user_id) for each in studio.auditioning.comparisons(actor)])


@router.get("/comparisons/{trial_id}")
def show_comparison(trial_id: TrialId, actor: Who, studio: TheStudio) -> ComparisonOut:
    return _comparison(studio.auditioning.comparison(actor, trial_id), actor.user_id)


def _line(trial: TrialRow, user_id: str) -> ComparisonLine:
    return ComparisonLine(
        id=trial.id, name=trial.name, job_id=trial.job_id, mine=trial.user_id == user_id, tracks=len(trial.variants),
        kept=trial.kept is not None, created_at=trial.created_at,
    )  # fmt: skip


def _comparison(found: Comparison, user_id: str) -> ComparisonOut:
    blind, lies, trial = found.blind, found.under, found.blind.trial
    names = {number: str(values[AXIS]["name"]) for number, values in enumerate(trial.variants, 1)}
    return ComparisonOut(
        id=trial.id, name=trial.name, job_id=trial.job_id, mine=trial.user_id == user_id, live=blind.live,
        chosen=blind.choice is not None, kept=trial.kept is not None, created_at=trial.created_at,
        under=StretchOut(
            clip_id=lies.clip_id, clip_name=lies.clip_name, film_url=f"/media/{lies.film_id}" if lies.film_id else "",
            start_s=lies.start_s, seconds=lies.seconds,
        ),
        letters=[
            LetterOut(
                letter=each.letter, status=each.status, percent=round(100 * each.fraction), seconds=each.seconds,
                audio_url=None if each.seconds is None else f"/api/ai-music/trials/{trial.id}/audio/{each.letter}",
            )
            for each in blind.heard
        ],
        revealed=[
            RevealedOut(
                letter=each.letter, wins=each.wins, error=each.error,
                **{key: value for key, value in Candidate.of(each.values[AXIS]).as_dict().items()},
            )
            for each in (found.result.variants if found.result else ())
        ],
        choices=[
            ChosenOut(
                user_id=each.user_id, name=names.get(each.winner or 0, ""), rating=each.rating, note=each.note,
                created_at=each.created_at,
            )
            for each in (found.result.choices if found.result else ())
        ],
    )  # fmt: skip
