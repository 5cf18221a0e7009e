"""Encryption of secrets at rest: Fernet (AES-128 in CBC mode with HMAC-SHA256), one key for the whole studio.

The key is STUDIO_SECRET_KEY, or a file under STUDIO_HOME that is made once and that only its owner may read. It guards
a copied database or a backup, not a machine that somebody else controls.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
from pathlib import Path

from core.kit.clock import new_id
from core.kit.errors import SetupError
from core.kit.settings import Settings

FILE = "secret.key"
SHORTEST = 16
_SALT = b"creator-workbench stored secrets"


class Cipher:
    """Does nothing until it is first used: most studios never store a secret."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._key = b""

    def seal(self, text: str) -> str:
        from cryptography.fernet import Fernet

        return Fernet(self._given()).encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str) -> str:
        """SetupError when it was sealed with another key, or changed since."""
        from cryptography.fernet import Fernet, InvalidToken

        try:
            return Fernet(self._given()).decrypt(sealed.encode()).decode()
        except (InvalidToken, UnicodeError, ValueError):
            raise SetupError(
                "A stored secret cannot be read: it was encrypted with another key.",
                f"Set STUDIO_SECRET_KEY, or put {FILE} back into {self._settings.home}; or set the secret again.",
                "wrong_secret_key",
            ) from None

    def _given(self) -> bytes:
        if not self._key:
            own = self._settings.secret_key
            self._key = derived(own.get_secret_value()) if own is not None else _from_file(self._settings.home / FILE)
        return self._key


def derived(text: str) -> bytes:
    """A Fernet key as it is; any other text of some length is stretched (scrypt) into one."""
    with contextlib.suppress(ValueError):
        if len(base64.urlsafe_b64decode(text.encode())) == 32:
            return text.encode()
    if len(text) < SHORTEST:
        raise SetupError(
            f"STUDIO_SECRET_KEY is shorter than {SHORTEST} characters.",
            "Use a long random one: openssl rand -base64 32",
            "weak_secret_key",
        )
    return base64.urlsafe_b64encode(hashlib.scrypt(text.encode(), salt=_SALT, n=2**14, r=8, p=1, dklen=32))


def _from_file(path: Path) -> bytes:
    """Read it, or make it. A file is linked into place whole, so two processes that start together agree on one."""
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
        key = path.read_bytes().strip()
        if len(base64.urlsafe_b64decode(key)) != 32:
            raise ValueError
    except ValueError:
        raise SetupError(
            f"The key file {path} is damaged.", "Put it back from a backup made with --with-secrets.", "key_damaged"
        ) from None
    except OSError as error:
        raise SetupError(
            f"The key file {path} cannot be used ({error.strerror}).",
            "Make it readable for the studio's user, or set STUDIO_SECRET_KEY.",
            "key_unreadable",
        ) from error
    return key


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{new_id('new')}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(base64.urlsafe_b64encode(os.urandom(32)))
            out.flush()
            os.fsync(out.fileno())
        with contextlib.suppress(FileExistsError):  # somebody was first: his key counts
            os.link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
