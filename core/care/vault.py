"""Keys of providers that are kept in the database, encrypted. What the environment says always wins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from pydantic import SecretStr

from core.kit.actor import Actor
from core.kit.cipher import Cipher
from core.kit.errors import AccessError, NotFound, SetupError, UserError
from core.kit.settings import Settings
from core.store import secrets
from core.store.db import Database

SUBJECT = "secrets"
LONGEST = 1000
_EARLIER = frozenset({"secret_key", "storage_access_key", "storage_secret_key"})
"""Needed before the database is open, or to read it: these stay in the environment."""


@dataclass(frozen=True)
class Shown:
    name: str
    ending: str
    """Its last four characters; empty when it cannot be read with the present key."""
    updated_at: datetime
    overridden: bool
    """The environment has one of the same name, which wins."""


class Vault:
    def __init__(self, settings: Settings, database: Database, known: Callable[[], set[str]] = set) -> None:
        """`known` answers the names that providers ask for beyond the settings' own."""
        self._settings = settings
        self._db = database
        self._cipher = Cipher(settings)
        self._known = known

    def names(self) -> list[str]:
        fields = type(self._settings).model_fields
        own = {name for name, field in fields.items() if SecretStr in (field.annotation, *get_args(field.annotation))}
        return sorted((own | self._known()) - _EARLIER)

    def put(self, actor: Actor, name: str, value: str) -> None:
        _admin(actor)
        name = name.strip().lower().removeprefix("studio_")
        if name not in self.names():
            raise UserError(f"There is no secret {name[:80]!r}.", f"Known are: {', '.join(self.names())}.")
        value = value.strip()
        if not value or len(value) > LONGEST or not value.isprintable() or " " in value:
            raise UserError(
                "That cannot be a key: it is empty, too long, or holds blanks.", "Paste the key alone, on one line."
            )
        sealed = self._cipher.seal(value)
        with self._db.exclusive(SUBJECT) as connection:
            secrets.put(connection, name, sealed)

    def list(self, actor: Actor) -> list[Shown]:
        _admin(actor)
        with self._db.read() as connection:
            rows = secrets.listing(connection)
        return [Shown(row.name, self._ending(row.ciphertext), row.updated_at, self._given(row.name)) for row in rows]

    def remove(self, actor: Actor, name: str) -> None:
        _admin(actor)
        with self._db.write() as connection:
            if not secrets.remove(connection, name.strip().lower().removeprefix("studio_")):
                raise NotFound(f"No secret {name[:80]!r} is stored.", "List them with: studio secrets list")

    def _given(self, name: str) -> bool:
        return bool(getattr(self._settings, name, None))

    def _ending(self, ciphertext: str) -> str:
        try:
            text = self._cipher.open(ciphertext)
        except SetupError:
            return ""
        return text[-4:] if len(text) >= 12 else "…"


def _admin(actor: Actor) -> None:
    if not actor.is_admin:
        raise AccessError("Only an administrator may see to the keys.", "Ask who runs this studio.")
