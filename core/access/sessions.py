"""Signing in and out. A session is a random secret in a cookie; the database knows its hash alone."""

from __future__ import annotations

import hmac
import math
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.engine import Connection

from core.access.passwords import Passwords, digest, new_secret
from core.access.users import clean_name
from core.kit.actor import Actor
from core.kit.clock import new_id, now
from core.kit.errors import SignInNeeded, TooManyTries
from core.store import audit, users
from core.store.store import Store
from core.store.users import Session, User

COOKIE = "studio_session"
IDLE = timedelta(days=7)
LONGEST = timedelta(days=30)
WINDOW = timedelta(minutes=15)
TRIES_BY_NAME = 5
TRIES_BY_ADDRESS = 20
"""More than by name: an office is one address, and a typing error is no attack."""
TOUCH = timedelta(minutes=1)
"""`seen_at` is written this often at most: reading is cheap, writing waits for its turn."""
_WRONG = "That name and password do not belong together."


@dataclass(frozen=True)
class SignedIn:
    """Who a session belongs to."""

    actor: Actor
    name: str
    session: Session


class Sessions:
    def __init__(self, store: Store, passwords: Passwords) -> None:
        self._store = store
        self._passwords = passwords

    def sign_in(self, name: str, password: str, *, address: str = "", agent: str = "") -> tuple[str, SignedIn]:
        """The secret for the cookie, told once. Wrong names, wrong passwords and disabled users get the same answer,
        after the same time."""
        called = clean_name(name)[:80]
        with self._store.db.read() as connection:
            user = users.by_name(connection, called)
        # A name nobody has may be a password typed into the wrong field: only its hash is kept, for counting.
        known = called if user is not None else f"?{digest(called)[:20]}"
        attempt = self._announce(known, address)
        right = self._passwords.right(user.password_hash if user is not None else None, password)
        if user is None or not right or not user.active:
            with self._store.db.write() as connection:
                who = Actor(user.id) if user is not None else Actor("nobody")
                audit.add(connection, who, "sign_in.failed", "user", who.user_id, address=address,
                          name=called if user is not None else "(unknown)")  # fmt: skip
            raise SignInNeeded(_WRONG, "Check both; after five failures there is a pause.", "wrong_password")
        renewed = self._passwords.hash(password) if self._passwords.outdated(user.password_hash) else ""
        secret = new_secret()
        moment = now()
        session = Session(digest(secret), user.id, new_secret(), agent[:200], moment, moment, moment + LONGEST)
        with self._store.db.write() as connection:
            fresh = users.find(connection, user.id)
            if fresh is None or not fresh.active or fresh.password_hash != user.password_hash:
                raise SignInNeeded(_WRONG, "The user was changed just now: try again.", "wrong_password")
            users.sign_in_succeeded(connection, attempt)
            users.end_old_sessions(connection, moment - IDLE)
            users.add_session(connection, session)
            users.seen(connection, user.id)
            if renewed:
                users.change(connection, user.id, password_hash=renewed)
            actor = users.actor(connection, user)
            audit.add(connection, actor, "sign_in.succeeded", "user", user.id, address=address, name=user.name)
        return secret, SignedIn(actor, user.name, session)

    def _announce(self, name: str, address: str) -> str:
        """Counts this try as failed before it is looked at. TooManyTries when there were too many."""
        attempt = new_id("try")
        moment = now()
        with self._store.db.exclusive("sign_in") as connection:
            users.forget_sign_ins(connection, moment - timedelta(days=1))
            for limit, failed in (
                (TRIES_BY_NAME, users.failures(connection, moment - WINDOW, name=name)),
                (TRIES_BY_ADDRESS, users.failures(connection, moment - WINDOW, address=address) if address else []),
            ):
                if len(failed) >= limit:
                    raise _paused(failed[-limit] + WINDOW - moment)
            users.add_sign_in(connection, {"id": attempt, "name": name, "address": address[:80]})
        return attempt

    def find(self, secret: str) -> SignedIn | None:
        """Who holds this cookie; None when it is made up, over, or its user may not come in."""
        if not secret or len(secret) > 200:
            return None
        moment = now()
        with self._store.db.read() as connection:
            session = users.session(connection, digest(secret))
            if session is None or session.expires_at < moment or session.seen_at < moment - IDLE:
                return None
            user = _may_come_in(connection, session.user_id)
            if user is None:
                return None
            found = SignedIn(users.actor(connection, user), user.name, session)
        if session.seen_at < moment - TOUCH:
            with self._store.db.write() as connection:
                users.touch_session(connection, session.hash)
        return found

    def list(self, actor: Actor) -> list[Session]:
        with self._store.db.read() as connection:
            return users.sessions_of(connection, actor.user_id)

    def sign_out(self, secret: str, *, address: str = "") -> None:
        with self._store.db.write() as connection:
            session = users.session(connection, digest(secret))
            if session is not None:
                users.end_session(connection, session.hash)
                audit.add(connection, Actor(session.user_id), "sign_out.here", "user", session.user_id, address=address)

    def sign_out_everywhere(self, actor: Actor, *, address: str = "") -> int:
        """Every browser, this one too. Tokens stay: they are revoked one by one."""
        with self._store.db.write() as connection:
            ended = users.end_sessions(connection, actor.user_id)
            audit.add(connection, actor, "sign_out.everywhere", "user", actor.user_id, address=address, sessions=ended)
            return ended


def same(given: str, right: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), right.encode())


def _may_come_in(connection: Connection, user_id: str) -> User | None:
    user = users.find(connection, user_id)
    return user if user is not None and user.active else None


def _paused(left: timedelta) -> TooManyTries:
    wait_s = max(1.0, left / timedelta(seconds=1))
    minutes = math.ceil(wait_s / 60)
    return TooManyTries(
        "There were too many failed sign-ins.", f"Wait {minutes} minute{'s' if minutes > 1 else ''}, then try again.",
        wait_s=wait_s,
    )  # fmt: skip
