"""A worker that kills itself with -9 while a clip is scored: when a certain child is given its work, a moment later, or
when that child is done and nothing of it is kept yet. And a muxer whose disk is full."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

from core.kit.children import Children, Progress
from tests.dying import die

_MOMENT_S = 0.1


def main(home: str, what: str, when: str) -> None:
    """`what`: name of the function that the child is asked for."""
    from core.app import build_studio
    from core.jobs.worker import run_process
    from core.kit.settings import load_settings

    plain = Children.run

    def run(self: Children, target: Any, *given: Any, **values: Any) -> Any:
        if target.__name__ != what:
            return plain(self, target, *given, **values)
        if when == "before":
            die()
        if when == "during":
            threading.Timer(_MOMENT_S, die).start()
        made = plain(self, target, *given, **values)
        die()
        return made

    Children.run = run  # type: ignore[method-assign]
    studio = build_studio(load_settings(home=Path(home), lease_seconds=2.0))
    sys.exit(run_process(studio.worker()))


def mux_in_child(request: tuple[str, str, str, float], progress: Progress) -> Any:
    """The real one, writing to a device on which there is never any room."""
    from core.video import muxing

    film, sound, out, longest = request
    os.symlink("/dev/full", out)
    return muxing.mux_in_child((film, sound, out, longest), progress)
