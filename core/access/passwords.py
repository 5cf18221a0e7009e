"""Passwords and the random secrets that stand for them later. Only hashes are ever stored."""

from __future__ import annotations

import hashlib
import secrets
import threading
import unicodedata
from typing import TYPE_CHECKING

from core.kit.errors import TooManyTries, UserError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST = 10
LONGEST = 1000
AT_ONCE = 2
"""One check takes 64 MB for about 50 ms: more at once would let strangers fill the memory."""
PATIENCE_S = 10.0


def new_secret(prefix: str = "") -> str:
    """256 random bits, so that a plain hash of it can stand in the database."""
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class Passwords:
    """argon2id with the library's own parameters. `hasher` is for tests, which hash often."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._given = hasher
        self._lock = threading.Lock()
        self._turn = threading.BoundedSemaphore(AT_ONCE)
        self._nobody = ""

    def hash(self, password: str, name: str = "") -> str:
        """UserError when it is too short or is the name; nothing else is asked of it."""
        if len(password) < SHORTEST:
            raise UserError(
                f"That password has {len(password)} characters; it needs at least {SHORTEST}.",
                "Three or four words that do not belong together are easy to keep and hard to guess.",
                "weak_password",
            )
        if len(password) > LONGEST:
            raise UserError(f"That password is longer than {LONGEST:,} characters.", "Use a shorter one.")
        if name and password.casefold() == name.casefold():
            raise UserError("The password may not be the name.", "Use another one.", "weak_password")
        with self._in_turn():
            return self._hasher().hash(_plain(password))

    def right(self, hashed: str | None, password: str) -> bool:
        """Takes as long for a user who does not exist (None) as for one who does."""
        from argon2.exceptions import InvalidHashError, VerificationError

        with self._in_turn():
            hasher = self._hasher()
            if not self._nobody:
                self._nobody = hasher.hash(secrets.token_urlsafe(16))
            try:
                return hasher.verify(hashed or self._nobody, _plain(password[:LONGEST])) and hashed is not None
            except (VerificationError, InvalidHashError):
                return False

    def outdated(self, hashed: str) -> bool:
        """Made with weaker parameters than today's."""
        return self._hasher().check_needs_rehash(hashed)

    def _hasher(self) -> PasswordHasher:
        with self._lock:
            if self._given is None:
                from argon2 import PasswordHasher

                self._given = PasswordHasher()
            return self._given

    def _in_turn(self) -> _Turn:
        return _Turn(self._turn)


class _Turn:
    def __init__(self, turn: threading.BoundedSemaphore) -> None:
        self._turn = turn

    def __enter__(self) -> None:
        if not self._turn.acquire(timeout=PATIENCE_S):
            raise TooManyTries("Too many people sign in at this moment.", "Try again in a minute.", "busy", wait_s=60.0)

    def __exit__(self, *_: object) -> None:
        self._turn.release()


def _plain(password: str) -> bytes:
    """One spelling of each letter, whichever keyboard it was typed on."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
