"""Oneself, users, tokens and the audit trail over REST."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from core.access.sessions import SignedIn
from core.access.tokens import DAYS, MOST_DAYS
from core.api.signin import address_of
from core.api.visitors import actor_of, studio_of
from core.kit.actor import Actor
from core.store.users import Token, User

Who = Annotated[Actor, Depends(actor_of)]
Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9_.:-]{1,80}$")]
Name = Annotated[str, Path(pattern=r"^[\w.@+-]{1,80}$", examples=["ada"])]
router = APIRouter(prefix="/api", tags=["access"])


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Account(BaseModel):
    user_id: str
    name: str | None = Field(description="null for the single user of one machine, and in the demo")
    tier: str
    is_admin: bool
    teams: list[str]
    sign_in_required: bool
    csrf: str | None = Field(description="for the forms of the page; null with a token")


class UserShown(BaseModel):
    id: str
    name: str
    tier: str
    is_admin: bool
    active: bool
    created_at: datetime
    seen_at: datetime | None

    @classmethod
    def of(cls, user: User) -> UserShown:
        return cls(**{name: getattr(user, name) for name in cls.model_fields})


class NewUser(Asked):
    name: str = Field(max_length=200, examples=["ada"])
    password: SecretStr = Field(examples=["four unrelated words here"])
    tier: str = "studio"
    is_admin: bool = False


class UserChange(Asked):
    tier: str | None = None
    is_admin: bool | None = None
    active: bool | None = None
    password: SecretStr | None = None


class NewPassword(Asked):
    old: SecretStr
    new: SecretStr


class SessionShown(BaseModel):
    agent: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    this_one: bool


class TokenShown(BaseModel):
    id: str
    name: str
    start: str = Field(description="the first characters, by which you know it again")
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, token: Token) -> TokenShown:
        return cls(**{name: getattr(token, name) for name in cls.model_fields})


class NewToken(Asked):
    name: str = Field(max_length=200, examples=["podcast script"])
    days: int = Field(default=DAYS, ge=1, le=MOST_DAYS)


class TokenMade(TokenShown):
    token: str = Field(description="shown this once", examples=["cw_…"])


class AuditLine(BaseModel):
    at: datetime
    user_id: str
    user: str
    action: str
    words: str
    noun: str
    subject_id: str
    detail: dict[str, Any]
    address: str


@router.get("/account")
def account(request: Request, actor: Who) -> Account:
    studio = studio_of(request)
    user = studio.access.users.me(actor)
    known = getattr(request.state, "signed_in", None)
    return Account(
        user_id=actor.user_id, name=user.name if user else None, tier=actor.tier, is_admin=actor.is_admin,
        teams=list(actor.teams), sign_in_required=studio.settings.sign_in_required,
        csrf=known.session.csrf if isinstance(known, SignedIn) else None,
    )  # fmt: skip


@router.post("/account/password", status_code=204)
def change_password(request: Request, actor: Who, asked: NewPassword) -> Response:
    """Ends every session and token of yours, this one too."""
    studio_of(request).access.users.change_password(actor, asked.old.get_secret_value(), asked.new.get_secret_value())
    return Response(status_code=204)


@router.get("/account/sessions")
def sessions(request: Request, actor: Who) -> list[SessionShown]:
    known = getattr(request.state, "signed_in", None)
    mine = known.session.hash if isinstance(known, SignedIn) else ""
    return [
        SessionShown(
            agent=one.agent, created_at=one.created_at, seen_at=one.seen_at, expires_at=one.expires_at,
            this_one=one.hash == mine,
        )
        for one in studio_of(request).access.sessions.list(actor)
    ]  # fmt: skip


@router.delete("/account/sessions", status_code=204)
def sign_out_everywhere(request: Request, actor: Who) -> Response:
    studio_of(request).access.sessions.sign_out_everywhere(actor, address=address_of(request))
    return Response(status_code=204)


@router.get("/tokens")
def tokens(request: Request, actor: Who) -> list[TokenShown]:
    return [TokenShown.of(one) for one in studio_of(request).access.tokens.list(actor)]


@router.post("/tokens", status_code=201)
def create_token(request: Request, actor: Who, asked: NewToken) -> TokenMade:
    secret, token = studio_of(request).access.tokens.create(actor, asked.name, days=asked.days)
    return TokenMade(**TokenShown.of(token).model_dump(), token=secret)


@router.delete("/tokens/{token_id}", status_code=204)
def revoke_token(request: Request, actor: Who, token_id: Id) -> Response:
    studio_of(request).access.tokens.revoke(actor, token_id)
    return Response(status_code=204)


@router.get("/users")
def users(request: Request, actor: Who) -> list[UserShown]:
    """Administrators only."""
    return [UserShown.of(one) for one in studio_of(request).access.users.list(actor)]


@router.post("/users", status_code=201)
def add_user(request: Request, actor: Who, asked: NewUser) -> UserShown:
    """Administrators only."""
    made = studio_of(request).access.users.add(
        actor, asked.name, asked.password.get_secret_value(), tier=asked.tier, is_admin=asked.is_admin
    )
    return UserShown.of(made)


@router.patch("/users/{name}")
def change_user(request: Request, actor: Who, name: Name, asked: UserChange) -> UserShown:
    """Administrators only. Disabling a user or setting a password ends his sessions and tokens."""
    service = studio_of(request).access.users
    if asked.tier is not None:
        service.set_tier(actor, name, asked.tier)
    if asked.is_admin is not None:
        service.set_admin(actor, name, is_admin=asked.is_admin)
    if asked.password is not None:
        service.set_password(actor, name, asked.password.get_secret_value())
    if asked.active is not None:
        (service.enable if asked.active else service.disable)(actor, name)
    return UserShown.of(service.show(actor, name))


@router.get("/audit")
def audit(
    request: Request,
    actor: Who,
    user_id: Annotated[str | None, Query(pattern=r"^[\w.:-]{1,60}$")] = None,
    action: Annotated[list[str] | None, Query(max_length=20)] = None,
    since: datetime | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> list[AuditLine]:
    """What you did; administrators see what everybody did."""
    found = studio_of(request).access.audit.list(
        actor, user_id=user_id, actions=action or (), since=since, limit=limit, offset=offset
    )
    return [AuditLine(**one.__dict__) for one in found]
