"""Schedules over REST: what is made once at a time or along a cron line, and what came of each run."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from core.api.bodies import Asked
from core.api.submitting import KNOWN, TheStudio, Who
from core.jobs.timing import told, words_of
from core.kit.errors import UserError
from core.store.schedules import Run, Schedule

router = APIRouter(prefix="/api/schedules", tags=["schedules"])
ScheduleId = Annotated[str, Path(max_length=60, examples=["schedule_01k…"])]
Missed = Literal["skip", "once", "all"]
Overlap = Literal["skip", "allow"]
Dollars = Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=13, decimal_places=6, allow_inf_nan=False)]
Line = Annotated[
    str, Field(max_length=200, description="five fields, @daily and its like, or a sentence: every Monday at 09:00")
]
Moment = Annotated[str, Field(max_length=40, description="a local date and time: 2026-12-24 18:30")]
Zone = Annotated[str, Field(max_length=60, description="IANA name of a time zone", examples=["Europe/Berlin"])]
MISSED = "what is made up of runs missed while the studio was off: none, one, or up to 24"
OVERLAP = "skip: no run while the last one still works"


class When(Asked):
    """A cron line in a time zone, or once at a moment."""

    cron: Line = ""
    at: Moment = ""
    zone: Zone = "UTC"


class NewSchedule(When):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{
                "title": "Monday's bed", "kind": "music", "request": {"prompt": "calm ambient piano", "seconds": 60},
                "cron": "every Monday at 09:00", "zone": "Europe/Berlin", "cap_usd": "0.50",
            }]
        }
    )  # fmt: skip

    title: str = Field(default="", max_length=200)
    kind: str = Field(default="", max_length=40, description="music, speech, sound_effect, mix, polish, batch, …")
    request: dict[str, Any] = Field(default_factory=dict, description="what that kind's own door takes")
    job_id: str = Field(default="", max_length=120, description="in place of both: the job that is to be made again")
    same_seed: bool = Field(default=False, description="of that job; otherwise every run draws a new one")
    until: Moment = ""
    times: int | None = Field(default=None, ge=1, le=100_000)
    cap_usd: Dollars | None = Field(default=None, description="the most one run may cost")
    month_usd: Dollars | None = Field(default=None, description="the most all its runs of a month may cost")
    missed: Missed = Field(default="once", description=MISSED)
    overlap: Overlap = Field(default="skip", description=OVERLAP)


class ScheduleEdit(Asked):
    """What is not sent stays; null takes a limit away, and an empty `until` the end."""

    title: str | None = Field(default=None, max_length=200)
    request: dict[str, Any] | None = None
    cron: Line | None = None
    at: Moment | None = None
    zone: Zone | None = None
    until: Moment | None = None
    times: int | None = Field(default=None, ge=1, le=100_000)
    cap_usd: Dollars | None = None
    month_usd: Dollars | None = None
    missed: Missed | None = None
    overlap: Overlap | None = None


class RunOut(BaseModel):
    id: str
    due: datetime
    came_to: str = Field(
        description="claimed, refused, skipped, missed or failed; otherwise the state of its job: waiting, running, done, …"
    )
    job_id: str | None
    late: bool = Field(description="made up after it was missed")
    manual: bool = Field(description="started by hand")
    count: int = Field(description="how many times this line stands for")
    note: str
    error: dict[str, Any] | None
    started_at: datetime | None

    @classmethod
    def of(cls, run: Run) -> RunOut:
        own = {name: getattr(run, name) for name in cls.model_fields if name != "error"}
        return cls(**own, error=run.error or run.job_error)


class ScheduleOut(BaseModel):
    id: str
    title: str
    kind: str
    request: dict[str, Any]
    cron: str = Field(description="empty where it is once")
    at: datetime | None
    zone: str
    words: str = Field(examples=["At 09:00 on Monday"])
    state: str = Field(description="active, paused or ended")
    reason: str = Field(description="why it is paused or over")
    next_at: datetime | None
    next_words: str = Field(examples=["Mon 23 Nov 2026, 09:00"])
    until: datetime | None
    times: int | None
    claimed: int = Field(description="how many of its times are used up")
    cap_usd: str | None
    month_usd: str | None
    missed: str
    overlap: str
    last: RunOut | None
    user_id: str
    created_at: datetime

    @classmethod
    def of(cls, row: Schedule, last: Run | None = None) -> ScheduleOut:
        own = ("at", "words", "next_at", "next_words", "cap_usd", "month_usd", "last")
        fields = {name: getattr(row, name) for name in cls.model_fields if name not in own}
        coming = row.next_at if row.state == "active" else None
        return cls(
            **fields, at=row.once, words=words_of(row.cron) if row.cron else f"Once: {told(row.once, row.zone)}" if row.once else "",
            next_at=coming, next_words=told(coming, row.zone) if coming else "",
            cap_usd=None if row.cap_usd is None else str(row.cap_usd),
            month_usd=None if row.month_usd is None else str(row.month_usd), last=None if last is None else RunOut.of(last),
        )  # fmt: skip


class Schedules(BaseModel):
    kinds: list[str] = Field(description="what can be scheduled")
    schedules: list[ScheduleOut]


class Log(BaseModel):
    runs: list[RunOut]


class ComingOut(BaseModel):
    cron: str
    zone: str
    words: str
    next: list[datetime]
    told: list[str] = Field(description="the same in words, in that zone")


@router.get("")
def listing(actor: Who, studio: TheStudio) -> Schedules:
    """What comes next first, each with its latest run."""
    found = [ScheduleOut.of(row, last) for row, last in studio.schedules.list(actor)]
    return Schedules(kinds=list(studio.schedules.kinds), schedules=found)


@router.post("", status_code=201)
def add(body: NewSchedule, actor: Who, studio: TheStudio, response: Response) -> ScheduleOut:
    """The request is checked now, and again at every run, with the caps and rights of that day."""
    values = body.model_dump(exclude={"job_id", "same_seed"})
    if body.job_id:
        if body.kind or body.request:
            raise UserError("A job's own request is scheduled, or another.", "Send job_id, or kind and request.")
        values["kind"], values["request"] = studio.history.asked(actor, body.job_id, new_seed=not body.same_seed)
    row = studio.schedules.add(actor, **values)
    response.headers["Location"] = f"/api/schedules/{row.id}"
    return ScheduleOut.of(row)


@router.post("/preview", dependencies=[KNOWN])
def preview(body: When, studio: TheStudio) -> ComingOut:
    """The next five times a line means, in words."""
    found = studio.schedules.preview(cron=body.cron, at=body.at, zone=body.zone)
    return ComingOut(
        cron=found.cron, zone=found.zone, words=found.words, next=list(found.moments), told=list(found.told)
    )


@router.get("/{schedule_id}")
def show(schedule_id: ScheduleId, actor: Who, studio: TheStudio) -> ScheduleOut:
    return ScheduleOut.of(*studio.schedules.show(actor, schedule_id))


@router.patch("/{schedule_id}")
def edit(schedule_id: ScheduleId, body: ScheduleEdit, actor: Who, studio: TheStudio) -> ScheduleOut:
    """Another time finds the next run anew; what is due stays due."""
    studio.schedules.edit(actor, schedule_id, **body.model_dump(exclude_unset=True))
    return show(schedule_id, actor, studio)


@router.delete("/{schedule_id}", status_code=204)
def delete(schedule_id: ScheduleId, actor: Who, studio: TheStudio) -> Response:
    """With its log. What it made stays."""
    studio.schedules.delete(actor, schedule_id)
    return Response(status_code=204)


@router.post("/{schedule_id}/pause")
def pause(schedule_id: ScheduleId, actor: Who, studio: TheStudio) -> ScheduleOut:
    """What falls due meanwhile is not made up."""
    studio.schedules.pause(actor, schedule_id)
    return show(schedule_id, actor, studio)


@router.post("/{schedule_id}/resume")
def resume(schedule_id: ScheduleId, actor: Who, studio: TheStudio) -> ScheduleOut:
    studio.schedules.resume(actor, schedule_id)
    return show(schedule_id, actor, studio)


@router.post("/{schedule_id}/run")
def run(schedule_id: ScheduleId, actor: Who, studio: TheStudio) -> RunOut:
    """Now, beside its times; also while it is paused."""
    return RunOut.of(studio.schedules.run(actor, schedule_id))


@router.get("/{schedule_id}/runs")
def runs(
    schedule_id: ScheduleId, actor: Who, studio: TheStudio, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> Log:
    """Newest first; lines older than 90 days are gone."""
    return Log(runs=[RunOut.of(each) for each in studio.schedules.log(actor, schedule_id, limit)])
