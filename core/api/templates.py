"""Music templates over REST: make, find, change, go back, share, and make music with them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from core.api.bodies import Asked
from core.api.shapes import Finished, Page, Submitted, job_url
from core.api.submitting import KNOWN, Making, Submission, TheStudio, Who
from core.api.voice import given
from core.music.templates.comparing import differences
from core.music.templates.content import FIELDS, use_cases
from core.music.templates.fitting import Form
from core.music.templates.types import Difference, Template
from core.store.jobs import Job
from core.store.template_uses import KEY

router = APIRouter(prefix="/api/templates", tags=["templates"])
Id = Annotated[str, Path(max_length=60, examples=["video-intro"])]
Fields = Annotated[
    dict[str, Any],
    Field(max_length=60, description=f"of a music request: {', '.join(FIELDS)}",
          examples=[{"mood": "inspiring", "genre": "cinematic", "seconds": 15, "intensity": "high"}]),
]  # fmt: skip
Scope = Literal["all", "mine", "team", "public", "shipped", "popular"]
By = Literal["use", "kept"]


class TemplateOut(BaseModel):
    id: str
    name: str
    description: str
    use_cases: list[str]
    provider: str = Field(description="the engine it is meant for; empty: whichever comes first")
    fields: dict[str, Any]
    version: int
    visibility: Literal["private", "team", "public", "shipped"]
    owner: str
    updated_by: str
    created_at: datetime | None
    updated_at: datetime | None
    mine: bool
    may_edit: bool
    usage_count: int = Field(description="jobs submitted with it; previews are none")
    kept_rate: float | None = Field(description="of what was made, how much is still there; null before the first")
    kept_at_least: float = Field(
        description="the rate it is at least, with 95 % confidence (Wilson): the order of Popular"
    )
    rating: float | None
    ratings: int
    my_rating: int | None

    @classmethod
    def of(cls, one: Template) -> TemplateOut:
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class TemplatePage(Page):
    templates: list[TemplateOut]


class NewTemplate(Asked):
    """From fields, or from a piece of the library (`asset_id`) with its prompt, settings and seed."""

    name: str = Field(default="", max_length=200, examples=["Video Intro"])
    description: str = Field(default="", max_length=2000)
    use_cases: list[str] = Field(default=[], max_length=30, examples=[["intro"]])
    provider: str = Field(default="", max_length=60)
    fields: Fields = Field(default_factory=dict)
    asset_id: str = Field(default="", max_length=60)


class TemplateEdit(Asked):
    """What is not sent stays; `fields` take the place of all there were. Each edit is the next version."""

    based_on: int = Field(ge=1, description="the version this edit began from; 409 where somebody saved since")
    name: str | None = Field(default=None, max_length=200)
    description: str | None = Field(default=None, max_length=2000)
    use_cases: list[str] | None = Field(default=None, max_length=30)
    provider: str | None = Field(default=None, max_length=60)
    fields: Fields | None = None
    message: str = Field(default="", max_length=200)


class Copy(Asked):
    name: str = Field(default="", max_length=200, description="empty: the old one and “copy”")


class GoBack(Asked):
    version: int = Field(ge=1)
    based_on: int = Field(ge=1, description="the version that is current now, as far as you know")


class VersionOut(BaseModel):
    version: int
    author: str
    message: str
    changed: list[str] = Field(description="fields that differ from the version before")
    created_at: datetime


class DifferenceOut(BaseModel):
    field: str
    here: Any = Field(description="in this version; null: left open")
    there: Any = Field(description="in the one it is held against")

    @classmethod
    def of(cls, one: Difference) -> DifferenceOut:
        return cls(field=one.field, here=one.yours, there=one.theirs)


class VersionWhole(BaseModel):
    version: int
    name: str
    description: str
    use_cases: list[str]
    provider: str
    fields: dict[str, Any]
    message: str
    created_at: datetime
    against: int
    differences: list[DifferenceOut]


class Sharing(Asked):
    visibility: Literal["private", "team", "public"]
    team_ids: list[str] = Field(default=[], max_length=50, description="for team: with these and no others")


class FieldOut(BaseModel):
    name: str
    kind: str = Field(description="choice, number, whole, text, long, flag or list")
    value: Any
    choices: list[str]
    low: float | None
    high: float | None


class IgnoredOut(BaseModel):
    field: str
    value: Any
    why: str


class FormOut(BaseModel):
    """The controls of one engine, with the template's values in them."""

    provider: str
    title: str
    ready: bool
    why: str
    fields: list[FieldOut]
    ignored: list[IgnoredOut] = Field(description="what the template sets and this engine has no knob for")

    @classmethod
    def of(cls, form: Form) -> FormOut:
        return cls(**{name: value for name, value in asdict(form).items() if name != "chosen"})


class BestOut(BaseModel):
    engine: str
    model: str
    seed: int
    version: int
    why: str
    asset_id: str = Field(description="empty where it is not yours to see")


class TemplateWhole(TemplateOut):
    form: FormOut
    best: BestOut | None = Field(description="engine and seed of the piece that was liked best of these very fields")


class Wished(Asked):
    overrides: dict[str, Any] = Field(
        default={}, max_length=60, examples=[{"duration": 90, "bpm": 120}],
        description="any field of a music request; null leaves open what the template sets",
    )  # fmt: skip
    provider: str = Field(default="", max_length=60)
    use_best_seed: bool = False


class Generate(Making, Wished):
    pass


class Planned(BaseModel):
    """What would be made, before anything is."""

    provider: str
    title: str
    ready: bool
    why: str
    values: dict[str, Any]
    ignored: list[IgnoredOut]


class TemplateStarted(Submitted):
    ignored: list[str] = Field(description="fields that the chosen engine has no knob for")


class Choices(BaseModel):
    use_cases: dict[str, str] = Field(description="id to title")
    fields: list[str]


@router.get("")
def listing(
    actor: Who, studio: TheStudio, search: Annotated[str, Query(max_length=200)] = "",
    use_case: Annotated[str, Query(max_length=60)] = "", scope: Scope = "all",
    provider: Annotated[str, Query(max_length=60)] = "", by: By | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200, offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> TemplatePage:  # fmt: skip
    """Your own, your teams', public and shipped ones."""
    found = studio.templates.find(
        actor, search=search, use_case=use_case, scope=scope, provider=provider, by=by or ""
    )  # fmt: skip
    page = [TemplateOut.of(one) for one in found[offset : offset + limit]]
    return TemplatePage(limit=limit, offset=offset, total=len(found), templates=page)


@router.get("/popular")
def popular(
    actor: Who, studio: TheStudio, use_case: Annotated[str, Query(max_length=60)] = "", by: By = "use",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> TemplatePage:  # fmt: skip
    """The most used first, or (`by=kept`) those of which most is kept for certain."""
    return listing(actor, studio, "", use_case, "popular", "", by, limit, 0)


@router.get("/choices", dependencies=[KNOWN])
def choices() -> Choices:
    """What a template may be tagged with, and what it may set."""
    return Choices(use_cases=use_cases(), fields=list(FIELDS))


@router.post("", status_code=201)
def create(body: NewTemplate, actor: Who, studio: TheStudio) -> TemplateOut:
    about: dict[str, Any] = {"description": body.description, "use_cases": body.use_cases}
    if body.provider:
        about["provider"] = body.provider
    if body.asset_id:
        return TemplateOut.of(studio.templates.of_asset(actor, body.asset_id, body.name, **about))
    return TemplateOut.of(studio.templates.create(actor, name=body.name, fields=body.fields, **about))


@router.get("/{template_id}")
def show(
    template_id: Id, actor: Who, studio: TheStudio,
    provider: Annotated[str, Query(max_length=60, description="whose form; the template's own engine otherwise")] = "",
) -> TemplateWhole:  # fmt: skip
    """It, its form for one engine, and what worked best with it."""
    one = studio.templates.get(actor, template_id)
    best = studio.templates.best(actor, template_id)
    return TemplateWhole(
        **TemplateOut.of(one).model_dump(), form=FormOut.of(studio.templates.using.form(actor, template_id, provider)),
        best=None if best is None else BestOut(**asdict(best)),
    )  # fmt: skip


@router.patch("/{template_id}")
def edit(template_id: Id, body: TemplateEdit, actor: Who, studio: TheStudio) -> TemplateOut:
    """409 where somebody saved since `based_on`: `detail` says who and when, `errors` which fields differ and how."""
    changes = body.model_dump(exclude_none=True, exclude={"based_on", "message"})
    return TemplateOut.of(studio.templates.edit(actor, template_id, body.based_on, changes, body.message))


@router.delete("/{template_id}", status_code=204)
def delete(template_id: Id, actor: Who, studio: TheStudio) -> Response:
    """What was made with it stays."""
    studio.templates.delete(actor, template_id)
    return Response(status_code=204)


@router.post("/{template_id}/duplicate", status_code=201)
def duplicate(template_id: Id, body: Copy, actor: Who, studio: TheStudio) -> TemplateOut:
    return TemplateOut.of(studio.templates.duplicate(actor, template_id, body.name))


@router.get("/{template_id}/versions")
def versions(template_id: Id, actor: Who, studio: TheStudio) -> list[VersionOut]:
    """Newest first."""
    return [
        VersionOut(version=row.version, author=by, message=row.message, changed=changed, created_at=row.created_at)
        for row, by, changed in studio.templates.history(actor, template_id)
    ]


@router.get("/{template_id}/versions/{version}")
def version(
    template_id: Id, version: Annotated[int, Path(ge=1, le=2**31 - 1)], actor: Who, studio: TheStudio,
    against: Annotated[int, Query(ge=0, le=2**31 - 1, description="another version; 0: the newest")] = 0,
) -> VersionWhole:  # fmt: skip
    """An old version, and where it differs from another."""
    row = studio.templates.version(actor, template_id, version)
    other = studio.templates.version(actor, template_id, against or studio.templates.get(actor, template_id).version)
    fields = {name: getattr(row, name) for name in VersionWhole.model_fields if name not in ("against", "differences")}
    found = [DifferenceOut.of(one) for one in differences(row.content, other.content)]
    return VersionWhole(**fields, against=other.version, differences=found)


@router.post("/{template_id}/restore")
def restore(template_id: Id, body: GoBack, actor: Who, studio: TheStudio) -> TemplateOut:
    """An old version's content as the next version."""
    return TemplateOut.of(studio.templates.restore(actor, template_id, body.version, body.based_on))


@router.put("/{template_id}/sharing")
def share(template_id: Id, body: Sharing, actor: Who, studio: TheStudio) -> TemplateOut:
    """With nobody, with teams, or with everybody in this studio."""
    return TemplateOut.of(studio.templates.share(actor, template_id, body.visibility, body.team_ids))


@router.post("/{template_id}/plan")
def plan(template_id: Id, body: Wished, actor: Who, studio: TheStudio) -> Planned:
    """Who would play what, and which fields would not count. Nothing is made."""
    asked = studio.templates.using.plan(
        actor, template_id, body.overrides, provider=body.provider, best_seed=body.use_best_seed
    )
    form = asked.form
    return Planned(
        provider=form.provider, title=form.title, ready=form.ready, why=form.why, values=asked.values,
        ignored=[IgnoredOut(**one.__dict__) for one in form.ignored],
    )  # fmt: skip


STARTED: dict[int | str, dict[str, Any]] = {
    200: {"model": Finished, "description": "done within ?wait="},
    202: {"model": TemplateStarted, "description": "written down; `Location` is where to follow it"},
}


@router.post("/{template_id}/generate", status_code=202, responses=STARTED)
async def generate(template_id: Id, body: Generate, door: Submission) -> JSONResponse:
    """Make music with it."""
    values = given(body)
    overrides, best_seed = values.pop("overrides", None), values.pop("use_best_seed", False)
    job = await door.submit(
        lambda: (
            door.studio.templates.using.generate(
                door.actor, template_id, overrides, best_seed=best_seed, idempotency_key=door.key, **values
            ).job
        )
    )
    headers = {"Location": job_url(job.id)}
    if door.wait_s and job.ended:
        cost, assets = await run_in_threadpool(door.outcome, job)
        return JSONResponse(Finished.of(job, cost, assets).model_dump(mode="json"), 200, headers)
    said = TemplateStarted(job_id=job.id, generation_id=job.id, status=job.status, ignored=left_out(job))
    return JSONResponse(said.model_dump(mode="json"), 202, headers)


def left_out(job: Job) -> list[str]:
    """Of a job made with a template: what its engine has no knob for."""
    return [str(name) for name in job.request.get(KEY, {}).get("ignored", [])]
