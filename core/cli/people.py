"""users, teams, tokens, audit: who may come in, and what was done. Whoever can type these commands runs the studio."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from core.app import Studio
from core.cli.making import Json
from core.cli.session import ACTOR, say, studio
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.store.teams import EDITOR
from core.store.users import User

users = typer.Typer(help="Who may come in.", no_args_is_help=True)
teams = typer.Typer(help="Who works together.", no_args_is_help=True)
tokens = typer.Typer(help="Tokens for programs: Authorization: Bearer cw_…", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="the user's name")]
TeamId = Annotated[str, typer.Argument(help="the team's id")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="read the password from standard input")]


class UserLine(BaseModel):
    id: str
    name: str
    tier: str
    is_admin: bool
    active: bool
    created_at: datetime
    seen_at: datetime | None


class TokenLine(BaseModel):
    id: str
    name: str
    start: str
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


class NewToken(TokenLine):
    token: str


class TeamLine(BaseModel):
    id: str
    name: str
    created_at: datetime


class AuditEntry(BaseModel):
    at: datetime
    user: str
    action: str
    noun: str
    subject_id: str
    detail: dict[str, Any]
    address: str


@users.command("add")
def add_user(
    name: Name,
    password_stdin: FromStdin = False,
    tier: Annotated[str, typer.Option(help="free, pro or studio")] = "studio",
    admin: Annotated[bool, typer.Option("--admin", help="may see and change everything")] = False,
    as_json: Json = False,
) -> None:
    """The first one administers the studio."""
    with studio() as opened:
        made = opened.access.users.add(ACTOR, name, _password(password_stdin), tier=tier, is_admin=admin)
    _tell(made, as_json, f"{made.name} may sign in{', and administers this studio' if made.is_admin else ''}")


@users.command("list")
def list_users(as_json: Json = False) -> None:
    with studio() as opened:
        found = opened.access.users.list(ACTOR)
    lines = [
        f"{one.name:<24} {one.tier:<7} {'admin' if one.is_admin else 'user ':<6} {'' if one.active else 'disabled'}"
        for one in found
    ]
    say([_line(one) for one in found], as_json, "\n".join(lines or ["Nobody yet: only the person at this machine."]))


@users.command("disable")
def disable_user(name: Name, as_json: Json = False) -> None:
    """Ends his sessions and tokens at once; what he made stays."""
    with studio() as opened:
        found = opened.access.users.disable(ACTOR, name)
    _tell(found, as_json, f"{found.name} may not come in any more")


@users.command("enable")
def enable_user(name: Name, as_json: Json = False) -> None:
    with studio() as opened:
        found = opened.access.users.enable(ACTOR, name)
    _tell(found, as_json, f"{found.name} may come in again")


@users.command("password")
def set_password(name: Name, password_stdin: FromStdin = False, as_json: Json = False) -> None:
    """A new one. Ends his sessions and tokens."""
    with studio() as opened:
        found = opened.access.users.set_password(ACTOR, name, _password(password_stdin))
    _tell(found, as_json, f"{found.name} has a new password; sessions and tokens have ended")


@users.command("tier")
def set_tier(
    name: Name, tier: Annotated[str, typer.Argument(help="free, pro or studio")], as_json: Json = False
) -> None:
    with studio() as opened:
        found = opened.access.users.set_tier(ACTOR, name, tier)
    _tell(found, as_json, f"{found.name} is on the tier {found.tier}")


@users.command("admin")
def set_admin(
    name: Name, off: Annotated[bool, typer.Option("--off", help="take it away")] = False, as_json: Json = False
) -> None:
    """Let a user administer the studio."""
    with studio() as opened:
        found = opened.access.users.set_admin(ACTOR, name, is_admin=not off)
    _tell(found, as_json, f"{found.name} {'administers' if found.is_admin else 'does not administer'} this studio")


@tokens.command("create")
def create_token(
    user: Name,
    name: Annotated[str, typer.Argument(help="the program that will use it")],
    days: Annotated[int, typer.Option(help="how long it lasts")] = 90,
    as_json: Json = False,
) -> None:
    """Printed this once."""
    with studio() as opened:
        secret, made = opened.access.tokens.create(ACTOR, name, days=days, user_id=_user(opened, user).id)
    line = NewToken(**{field: getattr(made, field) for field in TokenLine.model_fields}, token=secret)
    say(line, as_json, f"{secret}\nShown this once. It lasts until {made.expires_at:%Y-%m-%d}.")


@tokens.command("list")
def list_tokens(user: Name, as_json: Json = False) -> None:
    with studio() as opened:
        found = opened.access.tokens.list(ACTOR, user_id=_user(opened, user).id)
    lines = [
        f"{one.id}  {one.start}…  {'revoked' if one.revoked_at else f'until {one.expires_at:%Y-%m-%d}'}  {one.name}"
        for one in found
    ]
    shown = [TokenLine(**{field: getattr(one, field) for field in TokenLine.model_fields}) for one in found]
    say(shown, as_json, "\n".join(lines or ["No tokens."]))


@tokens.command("revoke")
def revoke_token(user: Name, token_id: str) -> None:
    with studio() as opened:
        opened.access.tokens.revoke(ACTOR, token_id, user_id=_user(opened, user).id)
    print(f"{token_id} is of no use any more")


@teams.command("create")
def create_team(
    name: Annotated[str, typer.Argument(help="the team's name")],
    owner: Annotated[str, typer.Option(help="the user who will run it")],
    as_json: Json = False,
) -> None:
    with studio() as opened:
        made = opened.access.teams.create(_as(opened, owner), name)
    say(TeamLine(**{f: getattr(made, f) for f in TeamLine.model_fields}), as_json, f"{made.id}  {made.name}")


@teams.command("list")
def list_teams(as_json: Json = False) -> None:
    with studio() as opened:
        found = opened.access.teams.list(ACTOR)
    shown = [TeamLine(**{f: getattr(one, f) for f in TeamLine.model_fields}) for one in found]
    say(shown, as_json, "\n".join([f"{one.id}  {one.name}" for one in found] or ["No teams."]))


@teams.command("show")
def show_team(team_id: TeamId) -> None:
    with studio() as opened:
        page = opened.access.teams.show(ACTOR, team_id)
    print("\n".join([page.team.name, *(f"  {one.role:<7} {one.name}  {one.user_id}" for one in page.members)]))


@teams.command("invite")
def invite(
    team_id: TeamId,
    role: Annotated[str, typer.Option(help="owner, editor or viewer")] = EDITOR,
    days: Annotated[int, typer.Option(help="how long it can be taken up")] = 7,
) -> None:
    """Prints a code for one person, this once."""
    with studio() as opened:
        code, made = opened.access.teams.invite(ACTOR, team_id, role=role, days=days)
    print(f"{code}\nShown this once; for one person, as {made.role}, until {made.expires_at:%Y-%m-%d}.")


@teams.command("delete")
def delete_team(team_id: TeamId) -> None:
    with studio() as opened:
        opened.access.teams.delete(ACTOR, team_id)
    print("The team is gone; what was shared with it is its owners' alone again")


def audit(
    user: Annotated[str, typer.Option(help="of one user only")] = "",
    action: Annotated[list[str] | None, typer.Option(help="sign_in, share, purchase, team.left, …")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: Json = False,
) -> None:
    """Sign-ins, shares, purchases, deletions: who did what, newest first."""
    with studio() as opened:
        user_id = _user(opened, user).id if user else None
        found = opened.access.audit.list(ACTOR, user_id=user_id, actions=action or (), limit=limit)
    lines = [
        f"{one.at:%Y-%m-%d %H:%M:%S}  {one.user:<16} {one.words:<26} {one.subject_id}  "
        + ", ".join(f"{name} {value}" for name, value in one.detail.items())
        for one in found
    ]
    shown = [AuditEntry(**{field: getattr(one, field) for field in AuditEntry.model_fields}) for one in found]
    say(shown, as_json, "\n".join(lines or ["Nothing yet."]))


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise UserError("There is no terminal to ask for the password on.", "Pipe it in with --password-stdin.")
    first: str = typer.prompt("Password, at least 10 characters", hide_input=True)
    if first != typer.prompt("Once more", hide_input=True):
        raise UserError("The two were not the same.", "Try again.")
    return first


def _user(opened: Studio, name: str) -> User:
    return opened.access.users.show(ACTOR, name)


def _as(opened: Studio, name: str) -> Actor:
    actor = opened.access.users.actor(_user(opened, name).id)
    if actor is None:
        raise UserError(f"{name!r} is disabled.", f"Let him in again with: studio users enable {name}")
    return actor


def _line(user: User) -> UserLine:
    return UserLine(**{field: getattr(user, field) for field in UserLine.model_fields})


def _tell(user: User, as_json: bool, text: str) -> None:
    say(_line(user), as_json, text)
