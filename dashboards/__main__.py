"""`python -m dashboards`: the dashboards on the studio's address and port. Refuses (exit code 3) to listen where others
could reach them before there is anybody to sign in."""

from __future__ import annotations

import sys
from pathlib import Path

from core.access.access import open_access
from core.kit.errors import StudioError
from core.kit.settings import load_settings
from core.store.store import open_store


def main() -> int:
    try:
        settings = load_settings()
        if settings.sign_in_required:
            store = open_store(settings)
            try:
                open_access(store).may_listen(settings)
            finally:
                store.db.close()
    except StudioError as error:
        sys.stderr.write(f"{error.message}\n{error.hint}\n")
        return error.exit_code
    from streamlit.web import cli

    app = Path(__file__).with_name("app.py")
    sys.argv = [
        "streamlit", "run", str(app), f"--server.port={settings.dashboards_port}", f"--server.address={settings.host}"
    ]  # fmt: skip
    return int(cli.main(standalone_mode=False) or 0)


if __name__ == "__main__":
    sys.exit(main())
