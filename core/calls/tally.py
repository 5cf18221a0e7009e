"""What the cache did, written down a little later and many at once: a hit must cost hardly more than its look-up.

Of a class of cached answers each hit still becomes an attempt and a charge of $0, within half a second or when somebody
reads the figures. A process that is killed takes that half second's rows with it; they moved no money.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.calls.asking import NO_JOB
from core.kit.actor import Actor
from core.kit.clock import new_id, now, today
from core.kit.errors import StudioError
from core.kit.patience import AWAY
from core.providers.base import ProviderInfo
from core.store import attempts, cache_counts, charges
from core.store.cache_counts import Count
from core.store.db import Database

LATER_S = 0.5
MOST = 2000
"""Kept waiting at most; then whoever comes next writes them."""


@dataclass(frozen=True)
class Hit:
    actor: Actor
    info: ProviderInfo
    model: str
    began_at: datetime
    ended_at: datetime
    note: str


class Tally:
    def __init__(self, database: Database) -> None:
        self._db = database
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._hits: list[Hit] = []
        self._counts: dict[tuple[Any, ...], Count] = {}
        self._timer: threading.Timer | None = None

    def hit(self, hit: Hit, cache_class: str, saved_usd: Decimal, *, joined: bool = False) -> None:
        self.count(hit.info, cache_class, hits=1, joined=int(joined), saved_usd=saved_usd, row=hit)

    def count(
        self,
        info: ProviderInfo,
        cache_class: str,
        *,
        hits: int = 0,
        joined: int = 0,
        misses: int = 0,
        stale: int = 0,
        saved_usd: Decimal = Decimal(0),
        row: Hit | None = None,
    ) -> None:
        counted = Count(info.name, info.kind, cache_class, today(), hits, joined, misses, stale, saved_usd)
        with self._lock:
            before = self._counts.get(counted.key)
            self._counts[counted.key] = counted if before is None else before.plus(counted)
            if row is not None:
                self._hits.append(row)
            full = len(self._hits) >= MOST
            if self._timer is None and not full:
                self._timer = threading.Timer(LATER_S, self.write)
                self._timer.daemon = True
                self._timer.start()
        if full:
            self.write()

    def write(self) -> None:
        """Everything so far. What cannot be written while the database is away waits for the next time."""
        with self._writing:
            with self._lock:
                if self._timer is not None:
                    self._timer.cancel()
                self._timer = None
                hits, self._hits = self._hits, []
                counts, self._counts = self._counts, {}
            if not counts:
                return
            try:
                with self._db.exclusive(cache_counts.SUBJECT) as connection:
                    cache_counts.add(connection, counts.values())
                    if hits:
                        rows = [_rows(hit) for hit in hits]
                        attempts.add_many(connection, [attempt for attempt, _ in rows])
                        charges.add_many(connection, [charge for _, charge in rows])
            except StudioError as error:
                if error.code not in AWAY:
                    raise
                with self._lock:
                    self._hits = hits + self._hits
                    for key, count in counts.items():
                        later = self._counts.get(key)
                        self._counts[key] = count if later is None else count.plus(later)


def _rows(hit: Hit) -> tuple[dict[str, Any], dict[str, Any]]:
    call_id, attempt_id, info = new_id("call"), new_id("attempt"), hit.info
    model = hit.model if hit.model in info.models else info.models[0]
    same = {"job_id": call_id, "provider": info.name, "kind": info.kind, "model": model, "created_at": hit.began_at}
    attempt = same | {
        "id": attempt_id, "step": "main", "number": 1, "form": info.form, "status": attempts.SUCCEEDED, "epoch": NO_JOB,
        "remote_id": None, "result": None, "error": None, "finished_at": hit.ended_at,
    }  # fmt: skip
    charge = same | {
        "id": new_id("charge"), "attempt_id": attempt_id, "root_job_id": call_id, "user_id": hit.actor.user_id,
        "organisation_id": hit.actor.organisation_id, "units": {}, "status": charges.SETTLED, "reserved_usd": Decimal(0),
        "settled_usd": Decimal(0), "price": {"lines": [], "note": hit.note}, "day": now().date(),
    }  # fmt: skip
    return attempt, charge
