"""Stars and comments on templates that are shared."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, Field

from core.api.bodies import Asked
from core.api.submitting import TheStudio, Who
from core.api.templates import Id, TemplateOut
from core.music.templates.talking import Said

router = APIRouter(prefix="/api/templates/{template_id}", tags=["templates"])
CommentId = Annotated[str, Path(max_length=60)]


class Stars(Asked):
    stars: int = Field(ge=1, le=5)


class NewComment(Asked):
    text: str = Field(min_length=1, max_length=2000)


class CommentOut(BaseModel):
    id: str
    author: str
    text: str
    created_at: datetime
    may_delete: bool

    @classmethod
    def of(cls, said: Said) -> CommentOut:
        one = said.comment
        return cls(
            id=one.id, author=said.author, text=one.text, created_at=one.created_at, may_delete=said.may_delete
        )  # fmt: skip


@router.put("/rating")
def rate(template_id: Id, body: Stars, actor: Who, studio: TheStudio) -> TemplateOut:
    """One a person; another one takes its place."""
    return TemplateOut.of(studio.templates.talking.rate(actor, template_id, body.stars))


@router.delete("/rating")
def unrate(template_id: Id, actor: Who, studio: TheStudio) -> TemplateOut:
    return TemplateOut.of(studio.templates.talking.rate(actor, template_id, None))


@router.get("/comments")
def comments(template_id: Id, actor: Who, studio: TheStudio) -> list[CommentOut]:
    """Oldest first."""
    return [CommentOut.of(one) for one in studio.templates.talking.comments(actor, template_id)]


@router.post("/comments", status_code=201)
def comment(template_id: Id, body: NewComment, actor: Who, studio: TheStudio) -> CommentOut:
    return CommentOut.of(studio.templates.talking.comment(actor, template_id, body.text))


@router.delete("/comments/{comment_id}", status_code=204)
def uncomment(template_id: Id, comment_id: CommentId, actor: Who, studio: TheStudio) -> Response:
    """One's own; the template's owner may delete any."""
    studio.templates.talking.uncomment(actor, template_id, comment_id)
    return Response(status_code=204)
