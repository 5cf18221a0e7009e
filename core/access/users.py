"""Users: added, disabled and changed by an administrator; one's own password by oneself. The first one is an
administrator, and the last one stays one."""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy.engine import Connection

from core.access.passwords import Passwords
from core.kit.actor import Actor
from core.kit.clock import new_id, now
from core.kit.errors import AccessError, UserError
from core.store import audit, users
from core.store.store import Store
from core.store.users import User

TIERS = ("free", "pro", "studio")
_NAME = re.compile(r"[\w][\w.@+-]{0,79}")
SUBJECT = "users"


def clean_name(name: str) -> str:
    """The one spelling a name is kept and looked up by."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def admin_only(actor: Actor) -> None:
    if not actor.is_admin:
        raise AccessError("Only an administrator may do that.", "Ask an administrator of this studio.")


class Users:
    def __init__(self, store: Store, passwords: Passwords) -> None:
        self._store = store
        self._passwords = passwords

    def add(self, actor: Actor, name: str, password: str, *, tier: str = "studio", is_admin: bool = False) -> User:
        """The first user becomes an administrator, whatever is asked."""
        admin_only(actor)
        called = clean_name(name)
        if not _NAME.fullmatch(called):
            raise UserError(
                f"{name[:80]!r} cannot be a user's name.",
                "Use 1 to 80 letters, digits, dots, dashes, underscores or an e-mail address, without spaces.",
            )
        _known_tier(tier)
        hashed = self._passwords.hash(password, called)
        with self._store.db.exclusive(SUBJECT) as connection:
            if users.by_name(connection, called) is not None:
                raise UserError(f"There is a user {called!r} already.", "Choose another name.", "name_taken")
            first = users.active(connection, admins=True) == 0
            moment = now()
            user_id = new_id("user")
            row = {
                "id": user_id, "name": called, "password_hash": hashed, "tier": tier,
                "is_admin": is_admin or first, "active": True, "created_at": moment, "updated_at": moment,
            }  # fmt: skip
            users.add(connection, row)
            audit.add(connection, actor, "user.added", "user", user_id, name=called, tier=tier, admin=row["is_admin"])
            return users.get(connection, user_id)

    def any(self) -> bool:
        """Whether there is somebody who could sign in."""
        with self._store.db.read() as connection:
            return users.active(connection) > 0

    def list(self, actor: Actor) -> list[User]:
        admin_only(actor)
        with self._store.db.read() as connection:
            return users.listing(connection)

    def show(self, actor: Actor, name: str) -> User:
        with self._store.db.read() as connection:
            return self._of(connection, actor, name)

    def me(self, actor: Actor) -> User | None:
        """None for the single user of one machine, and in the demo."""
        with self._store.db.read() as connection:
            return users.find(connection, actor.user_id)

    def actor(self, user_id: str) -> Actor | None:
        """The actor a user is at this moment; None when he may not come in."""
        with self._store.db.read() as connection:
            user = users.find(connection, user_id)
            return users.actor(connection, user) if user is not None and user.active else None

    def name_of(self, actor: Actor) -> str:
        """What he signs in by; the id of whoever has no name."""
        user = self.me(actor)
        return actor.user_id if user is None else user.name

    def disable(self, actor: Actor, name: str) -> User:
        """Ends his sessions and tokens at once. What he made stays."""
        with self._store.db.exclusive(SUBJECT) as connection:
            user = self._of(connection, actor, name)
            if user.active and user.is_admin and users.active(connection, admins=True) == 1:
                raise _last(user.name)
            users.change(connection, user.id, active=False)
            _end_everything(connection, user.id)
            audit.add(connection, actor, "user.disabled", "user", user.id, name=user.name)
            return users.get(connection, user.id)

    def enable(self, actor: Actor, name: str) -> User:
        with self._store.db.exclusive(SUBJECT) as connection:
            user = self._of(connection, actor, name)
            users.change(connection, user.id, active=True)
            audit.add(connection, actor, "user.enabled", "user", user.id, name=user.name)
            return users.get(connection, user.id)

    def set_tier(self, actor: Actor, name: str, tier: str) -> User:
        _known_tier(tier)
        with self._store.db.exclusive(SUBJECT) as connection:
            user = self._of(connection, actor, name)
            users.change(connection, user.id, tier=tier)
            audit.add(connection, actor, "user.tier", "user", user.id, name=user.name, before=user.tier, after=tier)
            return users.get(connection, user.id)

    def set_admin(self, actor: Actor, name: str, *, is_admin: bool) -> User:
        with self._store.db.exclusive(SUBJECT) as connection:
            user = self._of(connection, actor, name)
            if not is_admin and user.is_admin and user.active and users.active(connection, admins=True) == 1:
                raise _last(user.name)
            users.change(connection, user.id, is_admin=is_admin)
            audit.add(connection, actor, "user.admin", "user", user.id, name=user.name, admin=is_admin)
            return users.get(connection, user.id)

    def set_password(self, actor: Actor, name: str, password: str) -> User:
        """By an administrator. Sessions and tokens end: whoever knew the old one is out."""
        with self._store.db.read() as connection:
            user = self._of(connection, actor, name)
        return self._change_password(actor, user, password)

    def change_password(self, actor: Actor, old: str, new: str) -> User:
        """By oneself, who has to know the old one. Ends every session and token, this one too."""
        user = self.me(actor)
        if user is None:
            raise UserError("The single user of this machine has no password.", "Add users with: studio users add NAME")
        if not self._passwords.right(user.password_hash, old):
            raise AccessError("That is not your password.", "Type the one you signed in with.", "wrong_password")
        return self._change_password(actor, user, new)

    def _change_password(self, actor: Actor, user: User, password: str) -> User:
        hashed = self._passwords.hash(password, user.name)
        with self._store.db.exclusive(SUBJECT) as connection:
            users.change(connection, user.id, password_hash=hashed)
            _end_everything(connection, user.id)
            audit.add(connection, actor, "user.password", "user", user.id, name=user.name)
            return users.get(connection, user.id)

    def _of(self, connection: Connection, actor: Actor, name: str) -> User:
        admin_only(actor)
        return users.get(connection, clean_name(name))


def _end_everything(connection: Connection, user_id: str) -> None:
    users.end_sessions(connection, user_id)
    users.revoke_tokens(connection, user_id)


def _known_tier(tier: str) -> None:
    if tier not in TIERS:
        raise UserError(f"There is no tier {tier[:40]!r}.", f"Choose one of: {', '.join(TIERS)}.")


def _last(name: str) -> UserError:
    return UserError(f"{name!r} is the last administrator.", "Make somebody else one first.", "last_admin")
