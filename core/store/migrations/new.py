"""Write the next migration from what changed in the tables: `make migration MESSAGE="…"`."""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

from core.store.db import Database
from core.store.migrate import migrate

if __name__ == "__main__":
    scripts = Path(__file__).parent
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/new.sqlite")
        migrate(database)
        config = Config()
        config.set_main_option("script_location", str(scripts))
        number = len(list((scripts / "versions").glob("*.py"))) + 1
        with database.write() as connection:
            config.attributes["connection"] = connection
            command.revision(config, message=sys.argv[1], autogenerate=True, rev_id=f"{number:04d}")
