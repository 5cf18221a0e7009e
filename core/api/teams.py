"""Teams and what is shared with them over REST."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, Field

from core.access.teams import DAYS, MOST_DAYS, TeamPage
from core.api.users import Asked, Id
from core.api.visitors import actor_of, studio_of
from core.kit.actor import Actor
from core.store.teams import Invitation, Team

Who = Annotated[Actor, Depends(actor_of)]
Noun = Annotated[Literal["asset", "project", "voice", "voice_preset", "template", "style"], Path()]
Role = Literal["owner", "editor", "viewer"]
router = APIRouter(prefix="/api", tags=["teams"])


class TeamShown(BaseModel):
    id: str
    name: str
    created_by: str
    created_at: datetime

    @classmethod
    def of(cls, team: Team) -> TeamShown:
        return cls(**team.__dict__)


class MemberShown(BaseModel):
    user_id: str
    name: str
    role: str
    joined_at: datetime


class InvitationShown(BaseModel):
    id: str
    role: str
    invited_by: str
    created_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, invitation: Invitation) -> InvitationShown:
        return cls(**{name: getattr(invitation, name) for name in cls.model_fields})


class TeamWhole(TeamShown):
    role: str = Field(description="yours; empty for an administrator who is no member")
    members: list[MemberShown]
    invitations: list[InvitationShown] = Field(description="open ones, for owners")

    @classmethod
    def whole(cls, page: TeamPage) -> TeamWhole:
        return cls(
            **page.team.__dict__, role=page.role, members=[MemberShown(**one.__dict__) for one in page.members],
            invitations=[InvitationShown.of(one) for one in page.invitations],
        )  # fmt: skip


class NewTeam(Asked):
    name: str = Field(max_length=200, examples=["Harbour Sounds"])


class NewInvitation(Asked):
    role: Role = "editor"
    days: int = Field(default=DAYS, ge=1, le=MOST_DAYS)


class InvitationMade(InvitationShown):
    code: str = Field(description="shown this once; for one person", examples=["join_…"])


class Code(Asked):
    code: str = Field(max_length=200, examples=["join_…"])


class RoleChange(Asked):
    role: Role


class SharedThing(BaseModel):
    noun: str
    subject_id: str
    shared_by: str
    created_at: datetime


@router.get("/teams")
def teams(request: Request, actor: Who) -> list[TeamShown]:
    return [TeamShown.of(one) for one in studio_of(request).access.teams.list(actor)]


@router.post("/teams", status_code=201)
def create(request: Request, actor: Who, asked: NewTeam) -> TeamShown:
    return TeamShown.of(studio_of(request).access.teams.create(actor, asked.name))


@router.post("/teams/join")
def join(request: Request, actor: Who, asked: Code) -> TeamShown:
    """Take up an invitation."""
    return TeamShown.of(studio_of(request).access.teams.accept(actor, asked.code))


@router.get("/teams/{team_id}")
def show(request: Request, actor: Who, team_id: Id) -> TeamWhole:
    return TeamWhole.whole(studio_of(request).access.teams.show(actor, team_id))


@router.delete("/teams/{team_id}", status_code=204)
def delete(request: Request, actor: Who, team_id: Id) -> Response:
    studio_of(request).access.teams.delete(actor, team_id)
    return Response(status_code=204)


@router.post("/teams/{team_id}/invitations", status_code=201)
def invite(request: Request, actor: Who, team_id: Id, asked: NewInvitation) -> InvitationMade:
    code, made = studio_of(request).access.teams.invite(actor, team_id, role=asked.role, days=asked.days)
    return InvitationMade(**InvitationShown.of(made).model_dump(), code=code)


@router.delete("/teams/{team_id}/invitations/{invitation_id}", status_code=204)
def withdraw(request: Request, actor: Who, team_id: Id, invitation_id: Id) -> Response:
    studio_of(request).access.teams.withdraw(actor, team_id, invitation_id)
    return Response(status_code=204)


@router.patch("/teams/{team_id}/members/{user_id}")
def set_role(request: Request, actor: Who, team_id: Id, user_id: Id, asked: RoleChange) -> TeamWhole:
    service = studio_of(request).access.teams
    service.set_role(actor, team_id, user_id, asked.role)
    return TeamWhole.whole(service.show(actor, team_id))


@router.delete("/teams/{team_id}/members/{user_id}", status_code=204)
def remove(request: Request, actor: Who, team_id: Id, user_id: Id) -> Response:
    studio_of(request).access.teams.remove(actor, team_id, user_id)
    return Response(status_code=204)


@router.post("/teams/{team_id}/leave", status_code=204)
def leave(request: Request, actor: Who, team_id: Id) -> Response:
    studio_of(request).access.teams.leave(actor, team_id)
    return Response(status_code=204)


@router.get("/teams/{team_id}/shared")
def shared(request: Request, actor: Who, team_id: Id) -> list[SharedThing]:
    found = studio_of(request).access.sharing.shared_with(actor, team_id)
    return [SharedThing(**{name: getattr(one, name) for name in SharedThing.model_fields}) for one in found]


@router.get("/shares/{noun}/{subject_id}")
def teams_of(request: Request, actor: Who, noun: Noun, subject_id: Id) -> list[TeamShown]:
    """The teams it is shared with."""
    return [TeamShown.of(one) for one in studio_of(request).access.sharing.teams_of(actor, noun, subject_id)]


@router.put("/shares/{noun}/{subject_id}/{team_id}", status_code=204)
def share(request: Request, actor: Who, noun: Noun, subject_id: Id, team_id: Id) -> Response:
    studio_of(request).access.sharing.share(actor, noun, subject_id, team_id)
    return Response(status_code=204)


@router.delete("/shares/{noun}/{subject_id}/{team_id}", status_code=204)
def unshare(request: Request, actor: Who, noun: Noun, subject_id: Id, team_id: Id) -> Response:
    studio_of(request).access.sharing.unshare(actor, noun, subject_id, team_id)
    return Response(status_code=204)
