"""One refresher at a time over all processes: a lock on a file beside the mart, freed by the kernel if its holder dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held_lock(mart: Path, *, wait: bool) -> Iterator[bool]:
    """Yields True while the lock is held, False at once when somebody else has it and `wait` is off. Each call opens
    the file anew, so threads of one process exclude each other as processes do."""
    mart.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(mart.with_name(mart.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)
