"""Bearer tokens for programs: told once, stored hashed, expiring, revocable."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.access.passwords import digest, new_secret
from core.kit.actor import Actor
from core.kit.clock import new_id, now
from core.kit.errors import NotFound, UserError
from core.kit.words import one_line
from core.store import audit, users
from core.store.store import Store
from core.store.users import Token

PREFIX = "cw_"
DAYS = 90
MOST_DAYS = 366
MOST = 50
TOUCH = timedelta(minutes=1)


class Tokens:
    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, actor: Actor, name: str, *, days: int = DAYS, user_id: str | None = None) -> tuple[str, Token]:
        """The token itself, which nobody can ever be shown again, and its row. Administrators may make one for
        somebody else (`user_id`)."""
        if not 1 <= days <= MOST_DAYS:
            raise UserError(f"A token cannot last {days} days.", f"Choose 1 to {MOST_DAYS}.")
        called = one_line(name, 80)
        if not called:
            raise UserError("A token needs a name.", "Name the program that will use it.")
        owner = user_id if user_id is not None and actor.is_admin else actor.user_id
        secret = new_secret(PREFIX)
        moment = now()
        token = Token(
            new_id("token"),
            owner,
            called,
            digest(secret),
            secret[:9],
            moment,
            None,
            moment + timedelta(days=days),
            None,
        )
        with self._store.db.write() as connection:
            user = users.find(connection, owner)
            if user is None:
                raise UserError(
                    "The single user of this machine needs no token.", "Add users with: studio users add NAME"
                )
            if sum(_live(one, moment) for one in users.tokens_of(connection, owner)) >= MOST:
                raise UserError(f"{user.name!r} has {MOST} tokens already.", "Revoke one that is not used any more.")
            users.add_token(connection, token)
            audit.add(connection, actor, "token.created", "token", token.id, name=called, user=user.name, days=days)
        return secret, token

    def find(self, secret: str) -> Actor | None:
        """Who holds this token; None when it is made up, over, revoked, or its user may not come in."""
        if not secret.startswith(PREFIX) or len(secret) > 200:
            return None
        moment = now()
        with self._store.db.read() as connection:
            token = users.token(connection, digest(secret))
            if token is None or not _live(token, moment):
                return None
            user = users.find(connection, token.user_id)
            if user is None or not user.active:
                return None
            actor = users.actor(connection, user)
        if token.used_at is None or token.used_at < moment - TOUCH:
            with self._store.db.write() as connection:
                users.use_token(connection, token.id)
        return actor

    def list(self, actor: Actor, *, user_id: str | None = None) -> list[Token]:
        owner = user_id if user_id is not None and actor.is_admin else actor.user_id
        with self._store.db.read() as connection:
            return users.tokens_of(connection, owner)

    def revoke(self, actor: Actor, token_id: str, *, user_id: str | None = None) -> None:
        owner = user_id if user_id is not None and actor.is_admin else actor.user_id
        with self._store.db.write() as connection:
            if users.revoke_tokens(connection, owner, token_id) == 0:
                raise NotFound(f"There is no live token {token_id[:60]!r}.", "List them with: studio tokens list NAME")
            audit.add(connection, actor, "token.revoked", "token", token_id)


def _live(token: Token, moment: datetime) -> bool:
    return token.revoked_at is None and (token.expires_at is None or token.expires_at > moment)
