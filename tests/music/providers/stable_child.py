"""What the tests of Stable Audio Open run in a working child: it can only import what lies in a module of its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tests.music.providers.stable_checkpoint import build


def build_in_child(request: Path, progress: object) -> None:
    build(request / "stable-audio-open")


def run_out(request: Any, progress: Any) -> Any:
    from core.music.providers import stable_making

    real = stable_making.loaded

    def greedy(*_: object) -> None:
        raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    stable_making.loaded = greedy  # type: ignore[assignment]
    try:
        return stable_making.compose(request, progress)
    finally:
        stable_making.loaded = real


def process(request: object, progress: object) -> int:
    return os.getpid()
