"""Bring a database to the newest version with alembic, from the first table on."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.kit.errors import SetupError
from core.store.db import Database

_SCRIPTS = Path(__file__).parent / "migrations"


def migrate(database: Database) -> None:
    """Idempotent and safe to call from several processes at once. A database newer than the code is refused."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    scripts = ScriptDirectory.from_config(config)
    with database.read() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
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
        command.upgrade(config, "head")
