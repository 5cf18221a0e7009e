"""Wait out what passes: a database that is away or locked, a full disk.

For the few writes that record what was already paid for or made: giving up on them would lose it, while the cause is
usually mended within minutes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TypeVar

from core.kit.errors import StudioError

Answer = TypeVar("Answer")

DATABASE_AWAY = frozenset({"database_gone", "database_busy"})
AWAY = DATABASE_AWAY | {"disk_full"}
LONGEST_S = 900.0


def patiently(act: Callable[[], Answer], codes: Collection[str] = AWAY, longest_s: float = LONGEST_S) -> Answer:
    """`act` must be safe to repeat after a commit whose answer got lost. The last error, when the time is up."""
    until = time.monotonic() + longest_s
    pause = 0.1
    while True:
        try:
            return act()
        except StudioError as error:
            if error.code not in codes or time.monotonic() > until:
                raise
        time.sleep(pause)
        pause = min(2.0, pause * 1.5)


@contextmanager
def if_there() -> Iterator[None]:
    """For writes that work must not stop for: progress, a permit given back, which also expires by itself."""
    try:
        yield
    except StudioError as error:
        if error.code not in AWAY:
            raise
