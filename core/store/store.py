"""The store: one database and one place for blobs, opened together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile

from core.kit.errors import SetupError
from core.kit.settings import Settings
from core.store import blobs, holds
from core.store.db import Database
from core.store.files import Blobs, LocalBlobs
from core.store.migrate import migrate

BLOBS = "blobs"
"""Subject of the locks that keep bytes and rows together: shared to add a row, exclusive to remove bytes."""


@dataclass(frozen=True)
class Store:
    db: Database
    blobs: Blobs


def open_store(settings: Settings) -> Store:
    """Opens the database, brings it to the newest version and makes the folders."""
    try:
        for folder in (settings.home, settings.blobs, settings.work, settings.cache):
            folder.mkdir(parents=True, exist_ok=True)
        # A file without a name: page, worker and commands open the same folder at the same moment, and a named probe
        # of one would be taken away under another.
        with TemporaryFile(dir=settings.home):
            pass
    except OSError as error:
        raise SetupError(
            f"The data folder {settings.home} cannot be written to ({error.strerror}).",
            "Make it writable, or set STUDIO_HOME to a folder that is.",
            "home_not_writable",
        ) from error
    database = Database(
        settings.store_url, wait_s=settings.database_wait_seconds, connections=settings.database_connections
    )
    migrate(database)
    return Store(db=database, blobs=open_blobs(settings))


def open_blobs(settings: Settings) -> Blobs:
    if not settings.storage_url:
        return LocalBlobs(settings.blobs)
    from core.store.objects import ObjectBlobs

    return ObjectBlobs(settings)


def drop(store: Store, hashes: Sequence[str]) -> int:
    """Remove bytes, each after another look: somebody may just be keeping the same bytes again."""
    dropped = 0
    for sha256 in hashes:
        with store.db.exclusive(BLOBS) as connection:
            if not blobs.known(connection, sha256) and not holds.held(connection):
                store.blobs.remove(sha256)
                dropped += 1
    return dropped
