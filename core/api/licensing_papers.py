"""Papers of licences over REST, cue sheets and compliance reports, and signed news of licences from outside."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from core.api.media import SAFE
from core.api.submitting import TheStudio, Who
from core.hooks.signing import new_secret, verified
from core.kit.errors import SignInNeeded, UserError
from core.licensing.news import LARGEST
from core.licensing.paperwork import MIME, written
from core.rights.gate import Use
from core.rights.platforms import Platform

router = APIRouter(prefix="/api/music-licensing", tags=["music licensing"])
outside = APIRouter(tags=["music licensing"])
"""What answers strangers: the gate lets its one path through, the signature decides."""
Form = Literal["json", "csv", "pdf"]


class SecretOut(BaseModel):
    provider: str
    secret: str = Field(description="shown this once")


class NewsOut(BaseModel):
    outcome: str
    licences: int
    pieces: int


@router.get("/cue-sheet/{asset_id}", response_class=Response)
def cue_sheet(
    asset_id: Annotated[str, Path(max_length=60)], studio: TheStudio, actor: Who, form: Form = "json",
    platform: Platform = "youtube", commercial: bool = True,
) -> Response:  # fmt: skip
    found = studio.paperwork.cue_sheet(actor, asset_id, Use(platform=platform, commercial=commercial))
    return _paper(written(found, form), form, "cue-sheet")


@router.get("/report", response_class=Response)
def report(
    studio: TheStudio, actor: Who, project_id: str = "", startDate: str = "", endDate: str = "", form: Form = "json"
) -> Response:
    """Compliance of a project, or of a period."""
    found = studio.paperwork.report(actor, project_id=project_id, from_day=startDate, to_day=endDate)
    return _paper(written(found, form), form, "licences")


@router.post("/webhooks/{provider}/secret", status_code=201)
def new_news_secret(provider: Annotated[str, Path(max_length=40)], studio: TheStudio, actor: Who) -> SecretOut:
    """What news of this vendor's licences has to be signed with (Standard Webhooks). Administrators only."""
    return SecretOut(provider=provider, secret=studio.licence_news.new_secret(actor, provider, new_secret))


@outside.post("/api/licence-news")
async def news(provider: Annotated[str, Query(max_length=40)], request: Request, studio: TheStudio) -> NewsOut:
    """News of a licence, from outside: signed with that vendor's secret, heard once, older news passed over."""
    body = await request.body()
    if len(body) > LARGEST:
        raise UserError("That is too much for news of a licence.", f"Send at most {LARGEST >> 10} KB.")
    given = {name.lower(): value for name, value in request.headers.items()}
    secret = await run_in_threadpool(studio.licence_news.secret, provider)
    if not secret or not verified(secret, given, body):
        raise SignInNeeded("This is not signed as news of that vendor's licences has to be.", "Check the secret.")
    found = await run_in_threadpool(studio.licence_news.hear, provider, given["webhook-id"], body)
    return NewsOut(outcome=found.outcome, licences=found.licences, pieces=found.pieces)


def _paper(data: bytes, form: str, name: str) -> Response:
    headers = {**SAFE, "Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(data, media_type=MIME[form], headers=headers)
