"""The synced copy read by what somebody keeps: many tracks by their ids, and all that rules may want."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.engine import Connection

from core.store.catalogue_tracks import table

_AT_ONCE = 500
RANGES = ("bpm", "duration_s")


def of_refs(
    connection: Connection, refs: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], tuple[dict[str, Any], bool]]:
    """(provider, track id) to the track as plain data, and whether it has vanished from its catalogue."""
    wanted: dict[str, list[str]] = {}
    for provider, track_id in refs:
        wanted.setdefault(provider, []).append(track_id)
    found: dict[tuple[str, str], tuple[dict[str, Any], bool]] = {}
    for provider, ids in wanted.items():
        for start in range(0, len(ids), _AT_ONCE):
            some = table.c.track_id.in_(ids[start : start + _AT_ONCE])
            rows = select(table.c.track_id, table.c.document, table.c.gone_at).where(table.c.provider == provider, some)
            for row in connection.execute(rows):
                found[provider, str(row.track_id)] = dict(row.document), row.gone_at is not None
    return found


def standing(
    connection: Connection, ranges: Mapping[str, tuple[float | None, float | None]], providers: Sequence[str] = ()
) -> Iterator[dict[str, Any]]:
    """All that have not vanished and lie within the ranges (of RANGES), without holding all of them at once."""
    where: list[ColumnElement[bool]] = [table.c.gone_at.is_(None)]
    if providers:
        where.append(table.c.provider.in_(providers))
    for name, (low, high) in ranges.items():
        where += [] if low is None else [table.c[name] >= low]
        where += [] if high is None else [table.c[name] <= high]
    rows = connection.execution_options(yield_per=2000).execute(select(table.c.document).where(*where))
    for row in rows:
        yield row.document
