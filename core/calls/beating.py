"""Keep a claim in the database alive while the work it stands for goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from core.kit.patience import if_there


@contextmanager
def beating(renew: Callable[[], None], every_s: float) -> Iterator[None]:
    done = threading.Event()

    def beat() -> None:
        while not done.wait(every_s):
            with if_there():
                renew()

    threading.Thread(target=beat, daemon=True).start()
    try:
        yield
    finally:
        done.set()
