"""Wait for a provider to have room, over all workers, without spinning and without outliving a cancel."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from core.kit.errors import Cancelled
from core.kit.patience import if_there
from core.providers.base import ProviderInfo
from core.store import permits
from core.store.db import Database

LASTING = timedelta(seconds=60)
"""A permit of a worker that died or froze frees itself after this; a call that goes on renews it."""


@contextmanager
def permit(db: Database, info: ProviderInfo, attempt_id: str, cancelled: Callable[[], bool]) -> Iterator[None]:
    """Holds one of the provider's places while the body runs; given back before any failover."""
    if info.concurrency is None and info.per_minute is None:
        yield
        return
    while True:
        if cancelled():
            raise Cancelled
        with db.exclusive(f"permits:{info.name}") as connection:
            wait_s = permits.take(
                connection,
                info.name,
                attempt_id,
                concurrency=info.concurrency,
                per_minute=info.per_minute,
                lasting=LASTING,
            )
        if wait_s == 0:
            break
        time.sleep(min(wait_s, 1.0))
    done = threading.Event()

    def renew() -> None:
        while not done.wait(LASTING.total_seconds() / 3):
            with if_there(), db.write() as connection:
                permits.extend(connection, attempt_id, LASTING)

    threading.Thread(target=renew, daemon=True).start()
    try:
        yield
    finally:
        done.set()
        with if_there(), db.write() as connection:
            permits.give_back(connection, attempt_id)
