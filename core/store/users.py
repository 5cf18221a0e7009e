"""Users: who may come in, what shows that it is them, and the sessions and tokens they hold. Only hashes are stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table, delete, func, insert, or_, select, update
from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.kit.clock import now
from core.kit.errors import NotFound
from core.store import teams
from core.store.db import Utc, metadata

table = Table(
    "users",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("password_hash", String(200), nullable=False),
    Column("tier", String(20), nullable=False),
    Column("is_admin", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    Column("seen_at", Utc),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("agent", String(200), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False, index=True),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String(80), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("start", String(16), nullable=False),  # the first characters, by which its owner knows it again
    Column("created_at", Utc, nullable=False),
    Column("used_at", Utc),
    Column("expires_at", Utc),
    Column("revoked_at", Utc),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("address", String(80), nullable=False),
    Column("succeeded", Boolean, nullable=False),
    Column("created_at", Utc, nullable=False),
    Index("ix_sign_ins_name_created_at", "name", "created_at"),
    Index("ix_sign_ins_address_created_at", "address", "created_at"),
)


@dataclass(frozen=True)
class User:
    id: str
    name: str
    password_hash: str
    tier: str
    is_admin: bool
    active: bool
    created_at: datetime
    updated_at: datetime
    seen_at: datetime | None


@dataclass(frozen=True)
class Session:
    hash: str
    user_id: str
    csrf: str
    agent: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Token:
    id: str
    user_id: str
    name: str
    hash: str
    start: str
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


def actor(connection: Connection, user: User) -> Actor:
    """The user as services know him, with the teams he is in at this moment."""
    return Actor(user.id, tier=user.tier, is_admin=user.is_admin, teams=teams.of_user(connection, user.id))


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    connection.execute(insert(table).values(**row))


def find(connection: Connection, user_id: str) -> User | None:
    row = connection.execute(select(table).where(table.c.id == user_id)).mappings().first()
    return None if row is None else User(**row)


def by_name(connection: Connection, name: str) -> User | None:
    row = connection.execute(select(table).where(table.c.name == name)).mappings().first()
    return None if row is None else User(**row)


def get(connection: Connection, name_or_id: str) -> User:
    found = find(connection, name_or_id) or by_name(connection, name_or_id)
    if found is None:
        raise NotFound(f"There is no user {name_or_id[:80]!r}.", "List users with: studio users list")
    return found


def listing(connection: Connection) -> list[User]:
    return [User(**row) for row in connection.execute(select(table).order_by(table.c.name)).mappings()]


def names(connection: Connection) -> dict[str, str]:
    """Id to name, of everybody there ever was."""
    return {str(row.id): str(row.name) for row in connection.execute(select(table.c.id, table.c.name))}


def active(connection: Connection, *, admins: bool = False) -> int:
    """How many may come in."""
    where = [table.c.active.is_(True)] + ([table.c.is_admin.is_(True)] if admins else [])
    return int(connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one())


def change(connection: Connection, user_id: str, **values: Any) -> None:
    connection.execute(update(table).where(table.c.id == user_id).values(**values, updated_at=now()))


def seen(connection: Connection, user_id: str) -> None:
    connection.execute(update(table).where(table.c.id == user_id).values(seen_at=now()))


def add_session(connection: Connection, session: Session) -> None:
    connection.execute(insert(sessions).values(**session.__dict__))


def session(connection: Connection, hashed: str) -> Session | None:
    row = connection.execute(select(sessions).where(sessions.c.hash == hashed)).mappings().first()
    return None if row is None else Session(**row)


def sessions_of(connection: Connection, user_id: str) -> list[Session]:
    found = select(sessions).where(sessions.c.user_id == user_id).order_by(sessions.c.seen_at.desc())
    return [Session(**row) for row in connection.execute(found).mappings()]


def touch_session(connection: Connection, hashed: str) -> None:
    connection.execute(update(sessions).where(sessions.c.hash == hashed).values(seen_at=now()))


def end_session(connection: Connection, hashed: str) -> None:
    connection.execute(delete(sessions).where(sessions.c.hash == hashed))


def end_sessions(connection: Connection, user_id: str, *, but: str = "") -> int:
    return connection.execute(delete(sessions).where(sessions.c.user_id == user_id, sessions.c.hash != but)).rowcount


def end_old_sessions(connection: Connection, idle_since: datetime) -> None:
    connection.execute(delete(sessions).where(or_(sessions.c.expires_at < now(), sessions.c.seen_at < idle_since)))


def add_token(connection: Connection, token: Token) -> None:
    connection.execute(insert(tokens).values(**token.__dict__))


def token(connection: Connection, hashed: str) -> Token | None:
    row = connection.execute(select(tokens).where(tokens.c.hash == hashed)).mappings().first()
    return None if row is None else Token(**row)


def tokens_of(connection: Connection, user_id: str) -> list[Token]:
    found = select(tokens).where(tokens.c.user_id == user_id).order_by(tokens.c.created_at.desc(), tokens.c.id)
    return [Token(**row) for row in connection.execute(found).mappings()]


def use_token(connection: Connection, token_id: str) -> None:
    connection.execute(update(tokens).where(tokens.c.id == token_id).values(used_at=now()))


def revoke_tokens(connection: Connection, user_id: str, token_id: str | None = None) -> int:
    where = [tokens.c.user_id == user_id, tokens.c.revoked_at.is_(None)]
    if token_id is not None:
        where.append(tokens.c.id == token_id)
    return connection.execute(update(tokens).where(*where).values(revoked_at=now())).rowcount


def add_sign_in(connection: Connection, row: Mapping[str, Any]) -> None:
    """Written as failed before the password is looked at, so that many guesses at once are counted too."""
    connection.execute(insert(sign_ins).values(**row, succeeded=False, created_at=now()))


def sign_in_succeeded(connection: Connection, sign_in_id: str) -> None:
    connection.execute(update(sign_ins).where(sign_ins.c.id == sign_in_id).values(succeeded=True))


def failures(
    connection: Connection, since: datetime, *, name: str | None = None, address: str | None = None
) -> list[datetime]:
    """When sign-ins failed, oldest first; for a name only those after the last that succeeded."""
    where = [sign_ins.c.created_at > since]
    where.append(sign_ins.c.name == name if name is not None else sign_ins.c.address == address)
    rows = connection.execute(
        select(sign_ins.c.created_at, sign_ins.c.succeeded).where(*where).order_by(sign_ins.c.created_at)
    )
    found: list[datetime] = []
    for row in rows:
        if not row.succeeded:
            found.append(row.created_at)
        elif name is not None:
            found.clear()
    return found


def forget_sign_ins(connection: Connection, before: datetime) -> None:
    connection.execute(delete(sign_ins).where(sign_ins.c.created_at < before))
