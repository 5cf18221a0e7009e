"""Bring a database to the newest version with alembic, from the first table on.

alembic takes a sixth of a second to load. A database that is up to date, as nearly every one is, does without: its
revision is one row, and the revisions there are stand in the names of the files.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from core.kit.errors import SetupError
from core.store.catalogue_tracks import SHADOWS
from core.store.db import Database

if TYPE_CHECKING:
    from alembic.config import Config

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(database: Database, to: str = "head") -> None:
    """Idempotent and safe to call from several processes at once. A database newer than the code is refused. `to` an
    older revision is for backups of that version."""
    with database.read() as connection:
        current = revision_of(connection)
    if current == _revisions()[-1]:
        return
    if current is not None and not known(current):
        raise SetupError(
            "This database was written by a newer version of the studio.",
            "Update the studio (git pull, make studio), or set STUDIO_HOME to another folder.",
            "database_newer",
        )
    from alembic import command

    config = _config()
    with database.exclusive("migrate") as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def undo(database: Database) -> None:
    """Take all tables away again. For a new database on a server, before an older version's rows are put in."""
    from alembic import command

    config = _config()
    with database.exclusive("migrate") as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")


def revision_of(connection: Connection) -> str | None:
    """None: no tables yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found


def ours(name: str | None, kind: str, _parents: Any) -> bool:
    """For alembic's comparisons: whether the definitions in the code speak of it. An index of words is the database's own."""
    return kind != "table" or name not in SHADOWS


def known(revision: str) -> bool:
    return revision in _revisions()


def _revisions() -> list[str]:
    """In order: 0001_what_it_does.py is revision 0001, and follows the one before it (tests/store/test_migrations.py)."""
    return sorted(file.name.partition("_")[0] for file in (_SCRIPTS / "versions").glob("[0-9]*_*.py"))


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    return config
