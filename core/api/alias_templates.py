"""The ai-music document's own paths for templates: its field names, our services."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from core.api import templates
from core.api.alias_voice import STARTED, Started, told
from core.api.bodies import Asked
from core.api.shapes import job_url
from core.api.submitting import Submission, TheStudio, Who
from core.api.templates import Id, left_out
from core.music.templates.types import Template

router = APIRouter(prefix="/api/ai-music/templates", tags=["aliases"])


class TemplateGenerate(Asked):
    """Overrides: any field of a music request, under the document's names (`duration`) in camelCase."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [{"duration": 90, "bpm": 120}]})

    provider: str | None = Field(default=None, max_length=60)
    useBestSeed: bool = False

    def overrides(self) -> dict[str, Any]:
        return ours(self.model_extra or {})


class TemplateCreate(Asked):
    """The fields of the music stand beside the name, as in the document."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={"examples": [{"name": "Video Intro", "useCase": "intro", "mood": "inspiring",
                                         "genre": "cinematic", "duration": 15, "intensity": "high"}]},
    )  # fmt: skip

    name: str = Field(max_length=200)
    description: str = Field(default="", max_length=2000)
    useCase: str | list[str] = ""
    provider: str | None = Field(default=None, max_length=60)
    isPublic: bool = False


class MusicTemplate(BaseModel):
    model_config = ConfigDict(extra="allow")

    id: str
    templateId: str
    name: str
    description: str
    useCase: list[str]
    provider: str | None
    isPublic: bool
    usageCount: int
    rating: float | None
    version: int
    createdAt: datetime | None

    @classmethod
    def of(cls, one: Template) -> MusicTemplate:
        fields = {"duration" if name == "seconds" else camel(name): value for name, value in one.fields.items()}
        return cls(
            id=one.id, templateId=one.id, name=one.name, description=one.description, useCase=one.use_cases,
            provider=one.provider or None, isPublic=one.visibility in ("public", "shipped"),
            usageCount=one.usage_count, rating=one.rating, version=one.version, createdAt=one.created_at, **fields,
        )  # fmt: skip


class MusicTemplates(BaseModel):
    templates: list[MusicTemplate]


class TemplateStarted(Started):
    ignored: list[str] = Field(description="settings that the engine does not have")


@router.post("", status_code=201)
def create(body: TemplateCreate, actor: Who, studio: TheStudio) -> MusicTemplate:
    made = studio.templates.create(
        actor, name=body.name, fields=ours(body.model_extra or {}), description=body.description,
        use_cases=body.useCase or [], provider=body.provider or "",
    )  # fmt: skip
    return MusicTemplate.of(studio.templates.share(actor, made.id, "public") if body.isPublic else made)


@router.get("")
def listing(
    actor: Who, studio: TheStudio, search: Annotated[str, Query(max_length=200)] = "",
    useCase: Annotated[str, Query(max_length=60)] = "",
    scope: Literal["all", "mine", "team", "public", "shipped", "popular"] = "all",
    provider: Annotated[str, Query(max_length=60)] = "",
) -> MusicTemplates:  # fmt: skip
    found = studio.templates.find(actor, search=search, use_case=useCase, scope=scope, provider=provider)
    return MusicTemplates(templates=[MusicTemplate.of(one) for one in found[:1000]])


@router.get("/{template_id}")
def show(template_id: Id, actor: Who, studio: TheStudio) -> MusicTemplate:
    return MusicTemplate.of(studio.templates.get(actor, template_id))


@router.post(
    "/{template_id}/generate", status_code=202, responses=STARTED | {202: {"model": TemplateStarted}}
)  # fmt: skip
async def generate(template_id: Id, body: TemplateGenerate, door: Submission) -> JSONResponse:
    """Music from a template; what is sent wins over what it says. Its usage count goes up by one."""
    job = await door.submit(
        lambda: door.studio.templates.using.generate(
            door.actor, template_id, body.overrides(), provider=body.provider or "", best_seed=body.useBestSeed,
            idempotency_key=door.key,
        ).job
    )  # fmt: skip
    if door.wait_s and job.ended:
        return await told(door, job, left_out(job))
    said = TemplateStarted(jobId=job.id, generationId=job.id, ignored=left_out(job))
    return JSONResponse(said.model_dump(), 202, {"Location": job_url(job.id)})


@router.delete("/{template_id}", status_code=204)
def delete(template_id: Id, actor: Who, studio: TheStudio) -> Response:
    return templates.delete(template_id, actor, studio)


def camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda found: found[1].upper(), name)


def ours(given: dict[str, Any]) -> dict[str, Any]:
    """topK → top_k. What is no field of ours is refused by the service, under the name it came by."""
    return {
        re.sub(r"(?<=[a-z])([A-Z])", lambda found: f"_{found[1].lower()}", name): value for name, value in given.items()
    }
