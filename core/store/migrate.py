"""Bring a database to the newest version with alembic, from the first table on."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from core.kit.errors import SetupError
from core.store.db import Database

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(database: Database, to: str = "head") -> None:
    """Idempotent and safe to call from several processes at once. A database newer than the code is refused. `to` an
    older revision is for backups of that version."""
    config = _config()
    scripts = ScriptDirectory.from_config(config)
    with database.read() as connection:
        current = revision_of(connection)
    if current == scripts.get_current_head():
        return
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise SetupError(
            "This database was written by a newer version of the studio.",
            "Update the studio (git pull, make studio), or set STUDIO_HOME to another folder.",
            "database_newer",
        )
    with database.exclusive("migrate") as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def undo(database: Database) -> None:
    """Take all tables away again. For a new database on a server, before an older version's rows are put in."""
    config = _config()
    with database.exclusive("migrate") as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")


def revision_of(connection: Connection) -> str | None:
    """None: no tables yet."""
    return MigrationContext.configure(connection).get_current_revision()


def known(revision: str) -> bool:
    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    return config
