"""Automations over REST: rules in the document's form, whose configs are spelt as there (useRecommendations); what is the
studio's own beside them (budgets, log) as on all its own paths."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from core.api.bodies import Asked
from core.api.submitting import TheStudio, Who
from core.flows.automating.service import Shown
from core.store.automation_runs import Run

router = APIRouter(prefix="/api/automations", tags=["automations"])
AutomationId = Annotated[str, Path(max_length=60, examples=["automation_01k…"])]
Dollars = Annotated[Decimal, Field(ge=0, le=1_000_000, max_digits=13, decimal_places=6, allow_inf_nan=False)]
TRIGGER = '{"type": "event", "event": "scenes_processed"} or {"type": "watch_folder", "folder": "inbox"}'
ACTIONS = (
    "generate_music_for_scenes {useRecommendations, provider, autoDownload, folder, format}, "
    "score_clip {one, provider, duckDb, loudness, …, autoDownload}, take_apart {}"
)
EXAMPLE: Any = {
    "name": "Music for every clip",
    "trigger": {"type": "event", "event": "scenes_processed"},
    "actions": [{
        "type": "generate_music_for_scenes",
        "config": {"useRecommendations": True, "provider": "composer", "autoDownload": True},
    }],
    "cap_usd": "0.50", "month_usd": "10",
}  # fmt: skip


class NewAutomation(Asked):
    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    name: str = Field(default="", max_length=200, description="left out: what it does, in words")
    trigger: dict[str, Any] = Field(description=TRIGGER)
    actions: list[dict[str, Any]] = Field(max_length=5, description=ACTIONS)
    cap_usd: Dollars | None = Field(default=None, description="the most one run may cost")
    month_usd: Dollars | None = Field(default=None, description="the most all its runs of a month may cost")
    on: bool = True


class AutomationEdit(Asked):
    """What is not sent stays; null takes a limit away."""

    name: str | None = Field(default=None, max_length=200)
    trigger: dict[str, Any] | None = Field(default=None, description=TRIGGER)
    actions: list[dict[str, Any]] | None = Field(default=None, max_length=5, description=ACTIONS)
    cap_usd: Dollars | None = None
    month_usd: Dollars | None = None


class Switch(Asked):
    on: bool


class RunOn(Asked):
    clip_id: str = Field(max_length=60)


class RunJob(BaseModel):
    action: str
    job_id: str
    status: str | None
    saving: Literal["", "wanted", "saved", "failed"] = Field(description="of autoDownload; empty: nothing to save")
    files: list[str] = Field(description="where they were saved")


class RunOut(BaseModel):
    id: str
    name: str = Field(description="of the clip, or of the file")
    came_to: str = Field(
        description="claimed, scenes, refused, skipped or failed; otherwise what its jobs came to: waiting, running, done, "
        "partly, …"
    )
    clip_id: str | None
    asset_id: str | None
    manual: bool = Field(description="started by hand")
    note: str
    error: dict[str, Any] | None = Field(description="cause and remedy")
    jobs: list[RunJob]
    created_at: datetime
    started_at: datetime | None

    @classmethod
    def of(cls, run: Run) -> RunOut:
        own = {name: getattr(run, name) for name in cls.model_fields if name not in ("error", "jobs")}
        made = [
            RunJob(action=e.action, job_id=e.job_id, status=e.job_status, saving=e.saving, files=list(e.files))
            for e in run.jobs
        ]
        return cls(**own, error=run.why, jobs=made)


class AutomationOut(BaseModel):
    id: str
    name: str
    trigger: dict[str, Any]
    actions: list[dict[str, Any]]
    on: bool
    reason: str = Field(description="why it is off, or what troubles it")
    since: datetime = Field(description="what happened before is not its business")
    cap_usd: str | None
    month_usd: str | None
    spent_usd: str = Field(description="this month, with the most that what is under way may cost")
    left_usd: str | None = Field(description="of the month's budget")
    runs: int
    last: RunOut | None
    user_id: str
    created_at: datetime

    @classmethod
    def of(cls, shown: Shown) -> AutomationOut:
        rule = shown.rule
        own = {name: getattr(rule, name) for name in ("id", "name", "trigger", "actions", "on", "reason", "since")}
        dollars = {"cap_usd": rule.cap_usd, "month_usd": rule.month_usd, "left_usd": shown.left_usd}
        return cls(
            **own, **{name: None if usd is None else f"{usd:f}" for name, usd in dollars.items()},
            spent_usd=f"{shown.spent_usd:f}", runs=shown.runs, last=None if shown.last is None else RunOut.of(shown.last),
            user_id=rule.user_id, created_at=rule.created_at,
        )  # fmt: skip


class Automations(BaseModel):
    watching: bool = Field(description="whether folders may be watched: STUDIO_WATCH_DIR is set")
    automations: list[AutomationOut]


class Log(BaseModel):
    runs: list[RunOut]


@router.get("")
def listing(actor: Who, studio: TheStudio) -> Automations:
    """Those that are on first, each with its latest run and what is left of its budget."""
    found = [AutomationOut.of(each) for each in studio.automations.list(actor)]
    return Automations(watching=studio.automations.folders.watching, automations=found)


@router.post("", status_code=201)
def create(body: NewAutomation, actor: Who, studio: TheStudio, response: Response) -> AutomationOut:
    """For what happens from now on; what lies in a watched folder already is left alone."""
    row = studio.automations.create(actor, **body.model_dump())
    response.headers["Location"] = f"/api/automations/{row.id}"
    return show(row.id, actor, studio)


@router.get("/{automation_id}")
def show(automation_id: AutomationId, actor: Who, studio: TheStudio) -> AutomationOut:
    return AutomationOut.of(studio.automations.show(actor, automation_id))


@router.patch("/{automation_id}")
def edit(automation_id: AutomationId, body: AutomationEdit, actor: Who, studio: TheStudio) -> AutomationOut:
    """Another trigger is for what happens from now on."""
    studio.automations.edit(actor, automation_id, **body.model_dump(exclude_unset=True))
    return show(automation_id, actor, studio)


@router.delete("/{automation_id}", status_code=204)
def delete(automation_id: AutomationId, actor: Who, studio: TheStudio) -> Response:
    """With its log. What it made stays."""
    studio.automations.delete(actor, automation_id)
    return Response(status_code=204)


@router.post("/{automation_id}/switch")
def switch(automation_id: AutomationId, body: Switch, actor: Who, studio: TheStudio) -> AutomationOut:
    """What happens while it is off is never made up."""
    studio.automations.switch(actor, automation_id, on=body.on)
    return show(automation_id, actor, studio)


@router.post("/{automation_id}/run")
def run(automation_id: AutomationId, body: RunOn, actor: Who, studio: TheStudio) -> RunOut:
    """Now, on a clip whose scenes are known; also when it is off."""
    return RunOut.of(studio.automations.run(actor, automation_id, body.clip_id))


@router.get("/{automation_id}/runs")
def runs(
    automation_id: AutomationId, actor: Who, studio: TheStudio, limit: Annotated[int, Query(ge=1, le=500)] = 50
) -> Log:
    """Newest first."""
    return Log(runs=[RunOut.of(each) for each in studio.automations.runs(actor, automation_id, limit)])
