"""Wait for a provider to have room, over all workers, without spinning and without outliving a cancel."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.engine import Connection

from core.calls.beating import beating
from core.calls.limits import WINDOWS, counted_apart, limits_of, shipped
from core.kit.clock import today
from core.kit.errors import Cancelled, RateLimited
from core.kit.patience import if_there
from core.providers.base import ProviderInfo
from core.store import budgets, pauses, permits
from core.store.db import Database

LASTING = timedelta(seconds=60)
"""A permit of a worker that died or froze frees itself after this; a call that goes on renews it."""
JOBS_WAIT_S = 90.0
"""A job waits so long for a window that is full; the rest is the queue's to wait."""
SLOWEST_S = 2.0
"""A person waits no longer than this only because a limit is near; who has the patience waits his turn."""
LEAST_PAUSE_S = 0.05


@contextmanager
def permit(
    db: Database,
    info: ProviderInfo,
    attempt_id: str,
    cancelled: Callable[[], bool],
    patience_s: float | None = None,
) -> Iterator[Callable[[], None]]:
    """Holds one of the provider's places while the body runs; given back before any failover. Yields what the body calls
    before each further request. RateLimited, which says when it is free, where that is longer off than `patience_s`
    altogether (None: longer than a job waits at once). When the body ends in RateLimited, the provider is left alone by
    everybody for as long as it said."""
    counted = _counted(info)
    if not counted:
        if info.resource == "net":
            with db.read() as connection:
                left = pauses.left_s(connection, info.name)
            _wait(info, left, patience_s, cancelled)
        with _heeding(db, info):
            yield lambda: None
        return
    if counted_apart(info):
        files, apart = replace(info, name=f"{info.name}:files"), f"{attempt_id}+files"[-60:]
        _take(db, files, apart, cancelled, patience_s, places=False)
        with if_there(), db.write() as connection:
            permits.give_back(connection, apart)
    _take(db, info, attempt_id, cancelled, patience_s)
    more = 0

    def another() -> None:
        nonlocal more
        more += 1
        beside = f"{attempt_id}+{more}"[-60:]
        _take(db, info, beside, cancelled, patience_s, places=False)
        with if_there(), db.write() as connection:
            permits.give_back(connection, beside)

    def renew() -> None:
        with db.write() as connection:
            permits.extend(connection, attempt_id, LASTING)

    try:
        with beating(renew, LASTING.total_seconds() / 3), _heeding(db, info):
            yield another
    finally:
        with if_there(), db.write() as connection:
            permits.give_back(connection, attempt_id)


def _counted(info: ProviderInfo) -> bool:
    limited = (info.concurrency, info.per_minute, info.per_hour, info.per_day) != (None, None, None, None)
    return limited or _shown(info)


def _shown(info: ProviderInfo) -> bool:
    """A catalogue: its use is shown, and may be limited, whether it says something of limits or not."""
    return info.kind.startswith("catalogue") or bool(shipped(info.name))


def _take(
    db: Database,
    info: ProviderInfo,
    attempt_id: str,
    cancelled: Callable[[], bool],
    patience_s: float | None,
    *,
    places: bool = True,
) -> None:
    began, shown = time.monotonic(), _shown(info)
    paced_s = SLOWEST_S if patience_s is None else min(patience_s, max(SLOWEST_S, patience_s / 2))
    while True:
        if cancelled():
            raise Cancelled
        waited = time.monotonic() - began
        with db.exclusive(f"permits:{info.name}") as connection:
            limits = limits_of(connection, info)
            pause = pauses.left_s(connection, info.name)
            room = permits.look(
                connection, info.name, attempt_id, concurrency=info.concurrency if places else None, limits=limits,
                seconds=WINDOWS if shown else {name: WINDOWS[name] for name in limits},
            )  # fmt: skip
            firm = max(pause, room.window_s)
            pace = max(0.0, min(room.pace_s, paced_s - waited))
            if not firm and not room.places_s and not pace:
                permits.put(connection, info.name, attempt_id, LASTING)
                _warn(connection, info, room)
                return
        if firm:
            _check(info, firm, patience_s, waited, said=pause >= room.window_s)
        time.sleep(min(max(firm, room.places_s, pace), 1.0 if firm or room.places_s else 0.25))


def _warn(connection: Connection, info: ProviderInfo, room: permits.Room) -> None:
    """Once a day and window. The one who runs the studio reads it among the alerts."""
    for name, window in room.windows.items():
        if window.limit and window.used + 1 >= permits.NEAR * window.limit:
            budgets.raise_alert(
                connection, f"rate:{info.name}:{name}:{today().isoformat()}",
                f"{info.title} was asked {window.used + 1} of the {window.limit} times that a {name} allows; it is asked more "
                "slowly from here on.",
            )  # fmt: skip


def _wait(info: ProviderInfo, left: float, patience_s: float | None, cancelled: Callable[[], bool]) -> None:
    if left:
        _check(info, left, patience_s, 0.0, said=True)
    until = time.monotonic() + left
    while (still := until - time.monotonic()) > 0:
        if cancelled():
            raise Cancelled
        time.sleep(min(still, 0.25))


def _check(info: ProviderInfo, wait_s: float, patience_s: float | None, waited: float, *, said: bool) -> None:
    if wait_s <= JOBS_WAIT_S if patience_s is None else waited + wait_s <= patience_s:
        return
    why = "asked not to be called" if said else "may not be asked more often"
    raise Full(f"{info.title} {why} for another {spell(wait_s)}.", "Try again then.", wait_s=wait_s)


class Full(RateLimited):
    """Our own limits, before anything was asked: no word of the provider's, so nobody else is held up by it."""


@contextmanager
def _heeding(db: Database, info: ProviderInfo) -> Iterator[None]:
    try:
        yield
    except Full:
        raise
    except RateLimited as error:
        if error.wait_s >= LEAST_PAUSE_S:
            with if_there(), db.exclusive(f"permits:{info.name}") as connection:
                pauses.say(connection, info.name, error.wait_s)
        raise


def spell(seconds: float) -> str:
    """About how long: 12 seconds, 5 minutes, 3 hours."""
    for name, unit in (("hour", 3600.0), ("minute", 60.0)):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {name}s"
    return f"{max(1, round(seconds))} second{'s' if round(seconds) > 1 else ''}"
