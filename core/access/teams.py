"""Teams: make one, invite by a code that is told once, give roles, leave, delete.

Owners run the team, editors may change what is shared with it, viewers may look and listen."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from core.access.passwords import digest, new_secret
from core.kit.actor import Actor
from core.kit.clock import new_id, now
from core.kit.errors import AccessError, NotFound, UserError
from core.kit.words import one_line
from core.store import audit, teams, users
from core.store.store import Store
from core.store.teams import EDITOR, OWNER, ROLES, Invitation, Team

PREFIX = "join_"
DAYS = 7
MOST_DAYS = 30
SUBJECT = "teams"


@dataclass(frozen=True)
class MemberLine:
    user_id: str
    name: str
    role: str
    joined_at: datetime


@dataclass(frozen=True)
class TeamPage:
    """A team as one of its members sees it; invitations only for its owners."""

    team: Team
    role: str
    members: list[MemberLine]
    invitations: list[Invitation]


class Teams:
    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, actor: Actor, name: str) -> Team:
        called = one_line(name, 80)
        if not called:
            raise UserError("A team needs a name.", "Give one to 80 characters.")
        team_id = new_id("team")
        with self._store.db.write() as connection:
            _user(connection, actor)
            teams.add(connection, actor, team_id, called)
            audit.add(connection, actor, "team.created", "team", team_id, name=called)
            return teams.get(connection, actor, team_id)

    def list(self, actor: Actor) -> builtins.list[Team]:
        with self._store.db.read() as connection:
            return teams.listing(connection, actor)

    def show(self, actor: Actor, team_id: str) -> TeamPage:
        with self._store.db.read() as connection:
            team = teams.get(connection, actor, team_id)
            role = teams.role(connection, team_id, actor.user_id) or ""
            known = users.names(connection)
            members = [
                MemberLine(one.user_id, known.get(one.user_id, one.user_id), one.role, one.joined_at)
                for one in teams.members_of(connection, team_id)
            ]
            may_invite = role == OWNER or actor.is_admin
            open_ones = teams.invitations_of(connection, team_id) if may_invite else []
        return TeamPage(team, role, members, open_ones)

    def invite(self, actor: Actor, team_id: str, *, role: str = EDITOR, days: int = DAYS) -> tuple[str, Invitation]:
        """The code, told once; whoever signs in and enters it is in. It works for one person."""
        _known_role(role)
        if not 1 <= days <= MOST_DAYS:
            raise UserError(f"An invitation cannot last {days} days.", f"Choose 1 to {MOST_DAYS}.")
        code = new_secret(PREFIX)
        moment = now()
        invitation = Invitation(
            new_id("invitation"),
            team_id,
            digest(code),
            role,
            actor.user_id,
            moment,
            moment + timedelta(days=days),
            None,
        )
        with self._store.db.write() as connection:
            self._owned(connection, actor, team_id)
            teams.invite(connection, invitation.__dict__)
            audit.add(connection, actor, "team.invited", "team", team_id, role=role, days=days)
        return code, invitation

    def withdraw(self, actor: Actor, team_id: str, invitation_id: str) -> None:
        with self._store.db.write() as connection:
            self._owned(connection, actor, team_id)
            if not teams.withdraw(connection, team_id, invitation_id):
                raise NotFound(f"There is no open invitation {invitation_id[:60]!r}.", "It may have been taken up.")
            audit.add(connection, actor, "team.invitation_withdrawn", "team", team_id)

    def accept(self, actor: Actor, code: str) -> Team:
        with self._store.db.exclusive(SUBJECT) as connection:
            _user(connection, actor)
            found = teams.invitation(connection, digest(code.strip()))
            if found is None or found.expires_at < now() or found.accepted_at is not None:
                raise UserError(
                    "That invitation is not valid (any more).", "Ask the team for a new one.", "bad_invitation"
                )
            if teams.role(connection, found.team_id, actor.user_id) is not None:
                raise UserError("You are in that team already.", "The invitation is still free for somebody else.")
            teams.take_up(connection, found.id)
            teams.join(connection, found.team_id, actor.user_id, found.role)
            audit.add(connection, actor, "team.joined", "team", found.team_id, role=found.role)
            return teams.get(connection, actor, found.team_id)

    def set_role(self, actor: Actor, team_id: str, user_id: str, role: str) -> None:
        _known_role(role)
        with self._store.db.exclusive(SUBJECT) as connection:
            self._owned(connection, actor, team_id)
            before = _role(connection, team_id, user_id)
            if before == OWNER and role != OWNER:
                _one_owner_stays(connection, team_id)
            teams.set_role(connection, team_id, user_id, role)
            audit.add(connection, actor, "team.role", "team", team_id, user=user_id, before=before, after=role)

    def remove(self, actor: Actor, team_id: str, user_id: str) -> None:
        """Put somebody out. What he shared stays shared until he or an owner ends that."""
        with self._store.db.exclusive(SUBJECT) as connection:
            self._owned(connection, actor, team_id)
            if _role(connection, team_id, user_id) == OWNER:
                _one_owner_stays(connection, team_id)
            teams.leave(connection, team_id, user_id)
            audit.add(connection, actor, "team.removed", "team", team_id, user=user_id)

    def leave(self, actor: Actor, team_id: str) -> None:
        with self._store.db.exclusive(SUBJECT) as connection:
            teams.get(connection, actor, team_id)
            if _role(connection, team_id, actor.user_id) == OWNER:
                _one_owner_stays(connection, team_id)
            teams.leave(connection, team_id, actor.user_id)
            audit.add(connection, actor, "team.left", "team", team_id)

    def delete(self, actor: Actor, team_id: str) -> None:
        """Everything shared with it goes back to being its owners' alone."""
        with self._store.db.exclusive(SUBJECT) as connection:
            team = self._owned(connection, actor, team_id)
            teams.remove(connection, team_id)
            audit.add(connection, actor, "team.deleted", "team", team_id, name=team.name)

    @staticmethod
    def _owned(connection: Connection, actor: Actor, team_id: str) -> Team:
        team = teams.get(connection, actor, team_id)
        if not actor.is_admin and teams.role(connection, team_id, actor.user_id) != OWNER:
            raise AccessError(f"Only an owner of {team.name!r} may do that.", "Ask one of its owners.")
        return team


def _user(connection: Connection, actor: Actor) -> None:
    if users.find(connection, actor.user_id) is None:
        raise UserError("Teams are made of users, and there is none here.", "Add some with: studio users add NAME")


def _role(connection: Connection, team_id: str, user_id: str) -> str:
    role = teams.role(connection, team_id, user_id)
    if role is None:
        raise NotFound(f"{user_id[:60]!r} is not in that team.", "See who is with: studio teams show TEAM")
    return role


def _one_owner_stays(connection: Connection, team_id: str) -> None:
    if teams.owners(connection, team_id) == 1:
        raise UserError(
            "The last owner of a team cannot go.",
            "Make somebody else an owner first, or delete the team.",
            "last_owner",
        )


def _known_role(role: str) -> None:
    if role not in ROLES:
        raise UserError(f"There is no role {role[:40]!r}.", f"Choose one of: {', '.join(ROLES)}.")
