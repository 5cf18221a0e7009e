"""Permits: how many calls a provider takes at once and in any minute, hour and day, counted over every worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, Index, String, Table, and_, delete, func, insert, or_, select, update
from sqlalchemy.engine import Connection

from core.store.db import Utc, metadata, moment_of

table = Table(
    "permits",
    metadata,
    Column("attempt_id", String(60), primary_key=True),
    Column("provider", String(40), nullable=False),
    Column("taken_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("returned_at", Utc),
    Index("ix_permits_provider_taken_at", "provider", "taken_at"),
    Index("ix_permits_provider_returned_at", "provider", "returned_at"),
)

SENT_WITHIN = timedelta(seconds=10)
"""A request is taken to reach the provider so long after its permit at the latest: it counts from when it was answered,
or from this on, so that what arrives close together is never more than a window allows."""
NEAR = 0.8
"""From this part of a limit on, what is left of a window is spread over its time."""


@dataclass(frozen=True)
class Window:
    """A provider's use of one window, now."""

    used: int
    limit: int | None
    frees_s: float
    """Until the oldest request in it leaves it."""
    last: datetime | None
    full_s: float = 0.0
    """Until there is room again; 0: there is."""

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.used)

    @property
    def near(self) -> bool:
        return self.limit is not None and self.used >= NEAR * self.limit


@dataclass(frozen=True)
class Room:
    """Whether a provider has room. All 0: it has."""

    places_s: float = 0.0
    """As many calls are under way as it takes at once: look again after this."""
    window_s: float = 0.0
    """A window is full, for so long."""
    pace_s: float = 0.0
    """A limit is near: the next is due after this."""
    windows: Mapping[str, Window] = field(default_factory=dict)


def look(
    connection: Connection,
    provider: str,
    attempt_id: str,
    *,
    concurrency: int | None,
    limits: Mapping[str, int],
    seconds: Mapping[str, float],
) -> Room:
    """Call inside an exclusive transaction on the provider. `seconds`: how long each window is; none is counted but
    these. A try that goes on after a crash finds the permit it had, and does not wait for itself."""
    moment = moment_of(connection)
    mine = table.c.provider == provider
    longest = timedelta(seconds=max(seconds.values(), default=60.0)) + SENT_WITHIN
    # Returned permits stay for as long as a rate counts them; expired ones belong to workers that died.
    connection.execute(
        delete(table).where(mine, table.c.taken_at < moment - longest,
                            (table.c.returned_at.is_not(None)) | (table.c.expires_at < moment))
    )  # fmt: skip
    # A stamp ahead of the clock: it was set back. It counts from now, or everybody would wait until the clock is there.
    connection.execute(update(table).where(mine, table.c.taken_at > moment).values(taken_at=moment))
    if concurrency is not None:
        held = connection.execute(
            select(func.count())
            .select_from(table)
            .where(mine, table.c.returned_at.is_(None), table.c.expires_at > moment, table.c.attempt_id != attempt_id)
        ).scalar_one()
        if held >= concurrency:
            return Room(places_s=0.25)
    found = windows(connection, provider, limits=limits, seconds=seconds)
    full = max((window.full_s for window in found.values()), default=0.0)
    if full:
        return Room(window_s=full, windows=found)
    pace = 0.0
    for window in found.values():
        if window.near and window.left and window.last is not None:
            gap = window.frees_s / window.left
            pace = max(pace, gap - (moment - window.last) / timedelta(seconds=1))
    return Room(pace_s=pace, windows=found)


def windows(
    connection: Connection, provider: str, *, limits: Mapping[str, int], seconds: Mapping[str, float]
) -> dict[str, Window]:
    moment = moment_of(connection)
    found = {}
    for name, lasting in seconds.items():
        begin = moment - timedelta(seconds=lasting)
        within = _within(provider, begin)
        used, oldest, last = connection.execute(
            select(func.count(), func.min(table.c.taken_at), func.max(table.c.taken_at)).where(*within)
        ).one()
        limit = limits.get(name)
        full_s = 0.0
        if limit is not None and used >= limit:
            # The one that has to leave before there is room: the oldest, unless the limit was lowered since.
            leaves = oldest
            if used > limit > 0:
                leaves = connection.execute(
                    select(table.c.taken_at).where(*within).order_by(table.c.taken_at).offset(used - limit).limit(1)
                ).scalar_one()
            full_s = lasting if limit == 0 or leaves is None else max(0.05, (leaves - begin) / timedelta(seconds=1))
        frees_s = 0.0 if oldest is None else max(0.0, (oldest - begin) / timedelta(seconds=1))
        found[name] = Window(int(used), limit, frees_s, last, full_s)
    return found


def _within(provider: str, begin: datetime) -> tuple[ColumnElement[bool], ...]:
    under_way = and_(table.c.returned_at.is_(None), table.c.taken_at > begin - SENT_WITHIN)
    return table.c.provider == provider, or_(table.c.taken_at > begin, under_way)


def put(connection: Connection, provider: str, attempt_id: str, lasting: timedelta) -> None:
    """Take it: `look` found room, in this transaction."""
    moment = moment_of(connection)
    connection.execute(delete(table).where(table.c.attempt_id == attempt_id))
    connection.execute(
        insert(table).values(attempt_id=attempt_id, provider=provider, taken_at=moment, expires_at=moment + lasting)
    )


def take(
    connection: Connection,
    provider: str,
    attempt_id: str,
    *,
    concurrency: int | None,
    per_minute: int | None,
    lasting: timedelta,
) -> float:
    """Take a permit and answer 0, or answer how many seconds to wait before asking again."""
    limits = {} if per_minute is None else {"minute": per_minute}
    room = look(
        connection, provider, attempt_id, concurrency=concurrency, limits=limits, seconds=dict.fromkeys(limits, 60.0)
    )
    if room.places_s or room.window_s:
        return max(room.places_s, room.window_s)
    put(connection, provider, attempt_id, lasting)
    return 0.0


def extend(connection: Connection, attempt_id: str, lasting: timedelta) -> None:
    connection.execute(
        update(table).where(table.c.attempt_id == attempt_id).values(expires_at=moment_of(connection) + lasting)
    )


def give_back(connection: Connection, attempt_id: str) -> None:
    """From now on it counts in the windows from when it can have reached the provider at the latest."""
    moment = moment_of(connection)
    mine = table.c.attempt_id == attempt_id
    latest = moment - SENT_WITHIN
    connection.execute(update(table).where(mine, table.c.taken_at >= latest).values(taken_at=moment))
    connection.execute(update(table).where(mine).values(returned_at=moment))
