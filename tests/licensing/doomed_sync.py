"""A worker whose catalogue kills it with -9 in the middle of a sync."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.store import catalogue_runs
from tests import scripted
from tests.licensing.scripted_catalogue import ScriptedCatalogue, track

COUNT = 200


def catalogue() -> ScriptedCatalogue:
    return ScriptedCatalogue("ada", [track("ada", number) for number in range(COUNT)])


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(home: str, stage: str) -> None:
    """`asked`: the fourth page was asked for. `written`: it is written, and not committed."""
    from core.jobs.worker import run_process

    studio = scripted.build(Path(home), lease_seconds=2.0)
    ada = catalogue()
    studio.registry.add(ada)

    def asked(request: Mapping[str, Any]) -> None:
        if stage == "asked" and request.get("cursor") == "60":
            die()

    def changed(connection: Any, run: Any, **values: Any) -> Any:
        done = plain(connection, run, **values)
        if stage == "written" and values.get("cursor") == "80":
            die()
        return done

    plain = catalogue_runs.change
    catalogue_runs.change = changed
    ada.before = asked
    sys.exit(run_process(studio.worker()))
