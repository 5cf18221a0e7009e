"""A worker process that kills itself with -9 at a stage of a job's life: `python -m tests.dying HOME STAGE`.

Real SIGKILL in a real process, at a moment that a killer from outside could hardly hit.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.app import Studio

STAGES = (
    "before reserve", "after reserve", "after intent", "after request", "after start", "before check", "after check",
    "before fetch", "after fetch", "before settle", "after settle", "before keep", "between bytes and rows",
    "after keep",
)  # fmt: skip


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def doomed(act: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    def wrapped(*args: Any, **values: Any) -> Any:
        if not after:
            die()
        act(*args, **values)
        die()

    return wrapped


def arm(studio: Studio, stage: str) -> None:
    from core.jobs import execution

    when, _, what = stage.partition(" ")
    after = when == "after"

    def on(owner: object, name: str) -> None:
        setattr(owner, name, doomed(getattr(owner, name), after=after))

    providers = [studio.registry.get("scripted", name) for name in ("scripted", "idempotent", "remote", "free")]
    if what == "reserve":
        on(studio.calls, "_reserve_once")
    elif what == "intent":
        on(studio.calls, "reserve")
    elif what == "settle":
        on(studio.calls, "settle")
    elif what == "keep":
        on(execution, "keep")
    elif what == "bytes and rows":
        studio.store.blobs.keep = doomed(studio.store.blobs.keep, after=True)
    else:
        method = {"request": "make"}.get(what, what)
        for provider in providers:
            if hasattr(provider, method):
                on(provider, method)


def main(home: str, stage: str) -> None:
    from core.jobs.worker import run_process
    from tests import scripted

    studio = scripted.build(Path(home), lease_seconds=2.0)
    arm(studio, stage)
    sys.exit(run_process(studio.worker()))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
