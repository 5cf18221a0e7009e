"""The store: one database and one place for blobs, opened together."""

from __future__ import annotations

from dataclasses import dataclass

from core.kit.errors import SetupError
from core.kit.settings import Settings
from core.store.db import Database
from core.store.files import Blobs
from core.store.migrate import migrate


@dataclass(frozen=True)
class Store:
    db: Database
    blobs: Blobs


def open_store(settings: Settings) -> Store:
    """Opens the database, brings it to the newest version and makes the folders."""
    try:
        for folder in (settings.home, settings.blobs, settings.work, settings.cache):
            folder.mkdir(parents=True, exist_ok=True)
        probe = settings.home / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise SetupError(
            f"The data folder {settings.home} cannot be written to ({error.strerror}).",
            "Make it writable, or set STUDIO_HOME to a folder that is.",
            "home_not_writable",
        ) from error
    database = Database(settings.store_url)
    migrate(database)
    return Store(db=database, blobs=Blobs(settings.blobs))
