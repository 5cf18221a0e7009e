"""Teams: who works together, in which role, who is invited, and what was shared with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, ForeignKey, Index, String, Table, delete, func, insert, select, update
from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.kit.clock import now
from core.kit.errors import NotFound
from core.store.db import Utc, metadata

table = Table(
    "teams",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("created_by", String(60), nullable=False),
    Column("created_at", Utc, nullable=False),
)

members = Table(
    "team_members",
    metadata,
    Column("team_id", ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("role", String(10), nullable=False),
    Column("joined_at", Utc, nullable=False),
)

invitations = Table(
    "team_invitations",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("team_id", ForeignKey("teams.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("role", String(10), nullable=False),
    Column("invited_by", String(60), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("accepted_at", Utc),
)

shares = Table(
    "shares",
    metadata,
    Column(
        "noun", String(20), primary_key=True
    ),  # asset, project, voice, voice_preset, template, trial, style, playlist
    Column("subject_id", String(60), primary_key=True),
    Column("team_id", ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True),
    Column("via", String(60), primary_key=True),  # the project whose sounds these are; "" when shared by itself
    Column("shared_by", String(60), nullable=False),
    Column("created_at", Utc, nullable=False),
    Index("ix_shares_team_id_noun", "team_id", "noun"),
)

OWNER, EDITOR, VIEWER = "owner", "editor", "viewer"
ROLES = (OWNER, EDITOR, VIEWER)


@dataclass(frozen=True)
class Team:
    id: str
    name: str
    created_by: str
    created_at: datetime


@dataclass(frozen=True)
class Member:
    team_id: str
    user_id: str
    role: str
    joined_at: datetime


@dataclass(frozen=True)
class Invitation:
    id: str
    team_id: str
    hash: str
    role: str
    invited_by: str
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None


@dataclass(frozen=True)
class Share:
    noun: str
    subject_id: str
    team_id: str
    via: str
    shared_by: str
    created_at: datetime


def shared_with(actor: Actor, noun: str, subject: Column[Any], roles: Iterable[str] = ROLES) -> ColumnElement[bool]:
    """Whether the row was shared with a team the actor is in now, in one of these roles. It asks the membership, not
    `actor.teams`: a job or a session may carry an actor who has left a team since."""
    found = (
        select(shares.c.subject_id)
        .join(members, members.c.team_id == shares.c.team_id)
        .where(shares.c.noun == noun, members.c.user_id == actor.user_id, members.c.role.in_(tuple(roles)))
    )
    return subject.in_(found)


def add(connection: Connection, actor: Actor, team_id: str, name: str) -> None:
    moment = now()
    connection.execute(insert(table).values(id=team_id, name=name, created_by=actor.user_id, created_at=moment))
    join(connection, team_id, actor.user_id, OWNER)


def get(connection: Connection, actor: Actor, team_id: str) -> Team:
    """Teams the actor is not in do not exist for him."""
    found = select(table).where(table.c.id == team_id)
    if not actor.is_admin:
        found = found.join(members, members.c.team_id == table.c.id).where(members.c.user_id == actor.user_id)
    row = connection.execute(found).mappings().first()
    if row is None:
        raise NotFound(f"There is no team {team_id[:60]!r}.", "List your teams with: studio teams list")
    return Team(**row)


def listing(connection: Connection, actor: Actor) -> list[Team]:
    found = select(table).order_by(table.c.name, table.c.id)
    if not actor.is_admin:
        found = found.join(members, members.c.team_id == table.c.id).where(members.c.user_id == actor.user_id)
    return [Team(**row) for row in connection.execute(found).mappings()]


def of_user(connection: Connection, user_id: str) -> tuple[str, ...]:
    found = select(members.c.team_id).where(members.c.user_id == user_id).order_by(members.c.team_id)
    return tuple(connection.execute(found).scalars())


def role(connection: Connection, team_id: str, user_id: str) -> str | None:
    found = select(members.c.role).where(members.c.team_id == team_id, members.c.user_id == user_id)
    return connection.execute(found).scalar_one_or_none()


def members_of(connection: Connection, team_id: str) -> list[Member]:
    found = select(members).where(members.c.team_id == team_id).order_by(members.c.joined_at, members.c.user_id)
    return [Member(**row) for row in connection.execute(found).mappings()]


def owners(connection: Connection, team_id: str) -> int:
    found = select(func.count()).select_from(members).where(members.c.team_id == team_id, members.c.role == OWNER)
    return int(connection.execute(found).scalar_one())


def join(connection: Connection, team_id: str, user_id: str, role: str) -> None:
    connection.execute(insert(members).values(team_id=team_id, user_id=user_id, role=role, joined_at=now()))


def set_role(connection: Connection, team_id: str, user_id: str, role: str) -> None:
    where = (members.c.team_id == team_id, members.c.user_id == user_id)
    connection.execute(update(members).where(*where).values(role=role))


def leave(connection: Connection, team_id: str, user_id: str) -> bool:
    where = (members.c.team_id == team_id, members.c.user_id == user_id)
    return connection.execute(delete(members).where(*where)).rowcount == 1


def remove(connection: Connection, team_id: str) -> None:
    """With its members, invitations and shares; what was shared stays with its owners."""
    connection.execute(delete(table).where(table.c.id == team_id))


def invite(connection: Connection, row: Mapping[str, Any]) -> None:
    connection.execute(insert(invitations).values(**row))


def invitation(connection: Connection, hashed: str) -> Invitation | None:
    row = connection.execute(select(invitations).where(invitations.c.hash == hashed)).mappings().first()
    return None if row is None else Invitation(**row)


def invitations_of(connection: Connection, team_id: str) -> list[Invitation]:
    """Those that can still be taken up."""
    found = select(invitations).where(
        invitations.c.team_id == team_id, invitations.c.accepted_at.is_(None), invitations.c.expires_at > now()
    )
    return [Invitation(**row) for row in connection.execute(found.order_by(invitations.c.created_at)).mappings()]


def take_up(connection: Connection, invitation_id: str) -> bool:
    """False when somebody else was quicker: a code lets one person in."""
    where = (invitations.c.id == invitation_id, invitations.c.accepted_at.is_(None))
    return connection.execute(update(invitations).where(*where).values(accepted_at=now())).rowcount == 1


def withdraw(connection: Connection, team_id: str, invitation_id: str) -> bool:
    where = (invitations.c.id == invitation_id, invitations.c.team_id == team_id, invitations.c.accepted_at.is_(None))
    return connection.execute(delete(invitations).where(*where)).rowcount == 1


def share(
    connection: Connection, actor: Actor, noun: str, subject_ids: Iterable[str], team_id: str, *, via: str = ""
) -> int:
    """Answers how many were not shared with the team before."""
    wanted = list(dict.fromkeys(subject_ids))
    where = (shares.c.noun == noun, shares.c.team_id == team_id, shares.c.via == via)
    known = set(
        connection.execute(select(shares.c.subject_id).where(*where, shares.c.subject_id.in_(wanted))).scalars()
    )
    new = [one for one in wanted if one not in known]
    for one in new:
        connection.execute(
            insert(shares).values(
                noun=noun, subject_id=one, team_id=team_id, via=via, shared_by=actor.user_id, created_at=now()
            )
        )
    return len(new)


def unshare(
    connection: Connection, noun: str, subject_ids: Iterable[str], team_id: str | None = None, *, via: str | None = None
) -> int:
    """Without a team, from every team; without `via`, however they came to be shared."""
    where = [shares.c.noun == noun, shares.c.subject_id.in_(list(subject_ids))]
    if team_id is not None:
        where.append(shares.c.team_id == team_id)
    if via is not None:
        where.append(shares.c.via == via)
    return connection.execute(delete(shares).where(*where)).rowcount


def unshare_along(connection: Connection, project_id: str, team_id: str | None = None) -> None:
    """The sounds that were shared only because a project was."""
    where = [shares.c.via == project_id]
    if team_id is not None:
        where.append(shares.c.team_id == team_id)
    connection.execute(delete(shares).where(*where))


def shares_of(connection: Connection, noun: str, subject_id: str) -> list[Share]:
    found = select(shares).where(shares.c.noun == noun, shares.c.subject_id == subject_id).order_by(shares.c.team_id)
    return [Share(**row) for row in connection.execute(found).mappings()]


def shared(connection: Connection, team_id: str) -> list[Share]:
    """What a team was given by itself, newest first; the sounds of its projects come with those."""
    found = select(shares).where(shares.c.team_id == team_id, shares.c.via == "")
    return [Share(**row) for row in connection.execute(found.order_by(shares.c.created_at.desc())).mappings()]
