"""The mart: one DuckDB file made from the store, replaced as a whole, so that readers never wait and never see half.

DuckDB lets one process write a file. So a refresh works on a private copy (the file as it is, plus the rows past the
watermark, then staging, marts and checks) and `os.replace`s it; readers attach the file and reopen when it changed.
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import duckdb
from pydantic import SecretStr

from core.analytics import making, raw, touched
from core.analytics.lock import held_lock
from core.analytics.making import CheckFailed
from core.calls import limits
from core.kit.cipher import Cipher
from core.kit.clock import new_id, now
from core.kit.errors import SetupError, StudioError
from core.kit.settings import Settings
from core.store import changes
from core.store import secrets as stored_keys
from core.store.store import Store

CONFIG: dict[str, Any] = {
    # An extension that is missing would be downloaded; nothing here may reach outside.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "threads": 2,
    "memory_limit": "512MB",
}
COUNT_EVERY = timedelta(minutes=10)
"""A noun too large to be counted at every refresh is counted this often; until then purged rows stay to be seen."""
CAPS = ("job", "day", "month", "user_day")


@dataclass(frozen=True)
class MartState:
    outcome: Literal["refreshed", "rebuilt", "busy"]
    path: Path
    as_of: datetime | None
    """The moment up to which the store was read; None when somebody else is refreshing."""
    version: str
    rows: dict[str, int]
    """Rows read from the store by noun, not rows in the mart."""
    seconds: float
    reason: str = ""
    """Why it was rebuilt from scratch."""


class _Stale(Exception):
    """The present file cannot be continued; the text says why."""


def refresh(settings: Settings, store: Store, *, rebuild: bool = False, wait: bool = True) -> MartState:
    """Bring the mart up to date. One at a time over all processes: with `wait` the call waits its turn, without it
    answers outcome "busy" at once. A missing, damaged or outdated mart is rebuilt without being asked."""
    started = time.monotonic()
    path = settings.mart_path
    try:
        with held_lock(path, wait=wait) as mine:
            if not mine:
                return MartState("busy", path, None, raw.version(), {}, time.monotonic() - started)
            _sweep(path)
            reason = "asked to" if rebuild else ""
            if not reason:
                try:
                    as_of, rows = _make(settings, store, fresh=False)
                    return MartState("refreshed", path, as_of, raw.version(), rows, time.monotonic() - started)
                except _Stale as stale:
                    reason = str(stale)
                except CheckFailed as failed:
                    reason = f"check {failed.check} failed"
                except duckdb.Error as error:
                    reason = f"the file could not be used ({type(error).__name__})"
            as_of, rows = _make(settings, store, fresh=True)
            return MartState("rebuilt", path, as_of, raw.version(), rows, time.monotonic() - started, reason)
    except duckdb.Error as error:
        raise StudioError(
            f"The mart could not be made: {str(error).splitlines()[0]}.",
            "The dashboards go on with the mart before it. Check disk space and memory, then run: studio mart refresh",
            "mart_failed",
        ) from error
    except OSError as error:
        raise SetupError(
            f"The mart {path} could not be written ({error.strerror or error}).",
            "Check that the folder is writable and the disk has space, then run: studio mart refresh",
            "mart_not_writable",
        ) from error


def _make(settings: Settings, store: Store, *, fresh: bool) -> tuple[datetime, dict[str, int]]:
    path = settings.mart_path
    copy = path.with_name(f"{path.name}.{new_id('next')}")
    try:
        if not fresh:
            if not path.exists():
                raise _Stale("there was none")
            shutil.copyfile(path, copy)
        with duckdb.connect(str(copy), config=CONFIG) as connection:
            connection.execute("SET preserve_insertion_order = false")
            if fresh:
                raw.create(connection)
            else:
                _must_continue(connection, store)
            touched.begin(connection)
            connection.execute("BEGIN")
            as_of, rows = _load(connection, settings, store, fresh=fresh)
            making.make(connection, fresh=fresh)
            making.check(connection)
            connection.execute("COMMIT")
            connection.execute("CHECKPOINT")
        os.replace(copy, path)
        return as_of, rows
    finally:
        for left in (copy, copy.with_name(copy.name + ".wal")):
            left.unlink(missing_ok=True)


def _must_continue(connection: duckdb.DuckDBPyConnection, store: Store) -> None:
    # fetchall, here and below: after fetchone a DuckDB connection takes its result for unfinished and refuses the next.
    state = connection.execute("SELECT version, source FROM meta.state").fetchall()
    if not state or state[0][0] != raw.version():
        raise _Stale("it was made by another version")
    if state[0][1] != changes.identity(store.db):
        raise _Stale("it was made from another database")


def _load(
    connection: duckdb.DuckDBPyConnection, settings: Settings, store: Store, *, fresh: bool
) -> tuple[datetime, dict[str, int]]:
    read: dict[str, int] = {}
    with changes.snapshot(store.db) as source:
        catalogue_limits = limits.of_catalogues(source)
        secrets = _secrets(settings) + stored_keys.readable(source, Cipher(settings))
        as_of = now()
        last = connection.execute("SELECT as_of FROM meta.state").fetchall()
        if last and last[0][0].replace(tzinfo=UTC) - as_of > changes.OVERLAP / 2:
            raise _Stale("the clock was set back")  # rows changed since carry stamps from before the watermark
        marks = {
            noun: (_utc(stamp), _utc(counted))
            for noun, stamp, counted in connection.execute(
                "SELECT noun, updated_at, counted_at FROM meta.watermarks"
            ).fetchall()
        }
        ledger = changes.newest(source, "charges")
        mark = marks.get("charges", (None, None))[0]
        if mark is not None and (ledger is None or ledger < mark):
            # Charges are never deleted: a ledger that ends earlier than we have read is another, or an older, one.
            raise _Stale("the ledger is older than it")
        connection.execute("DELETE FROM meta.watermarks")
        for noun in changes.NOUNS:
            read[noun] = 0
            newest, counted_at = marks.get(noun, (None, None))
            for rows in changes.changed_since(source, noun, newest):
                raw.upsert(connection, noun, rows, secrets, fresh=fresh)
                read[noun] += len(rows)
                newest = rows[-1]["updated_at"]
                if noun == "assets":
                    lineage = changes.lineage_of(source, [row["id"] for row in rows])
                    raw.upsert(connection, "asset_sources", lineage, fresh=fresh)
                if noun == "clips":
                    found = changes.scenes_of(source, [row["id"] for row in rows])
                    raw.upsert(connection, "scenes", found, fresh=fresh)
            if counted_at is None or as_of - counted_at > COUNT_EVERY or _few(connection, source, noun):
                _same_number(connection, source, noun)
                counted_at = as_of
            # Never ahead of the clock: what is changed next is stamped by it.
            stamps = [
                moment.replace(tzinfo=None) if moment else None
                for moment in (newest and min(newest, as_of), counted_at)
            ]
            connection.execute("INSERT INTO meta.watermarks VALUES (?, ?, ?)", [noun, *stamps])
    connection.execute("DELETE FROM meta.state")
    connection.execute(
        "INSERT INTO meta.state VALUES (?, ?, ?)",
        [as_of.replace(tzinfo=None), raw.version(), changes.identity(store.db)],
    )
    connection.execute("DELETE FROM meta.catalogue_limits")
    for provider, spans in catalogue_limits.items():
        for span, most in spans.items():
            connection.execute("INSERT INTO meta.catalogue_limits VALUES (?, ?, ?)", [provider, span, most])
    connection.execute("DELETE FROM meta.default_caps")
    for scope in CAPS:
        cap: Decimal = getattr(settings, f"cap_{scope}_usd")
        connection.execute("INSERT INTO meta.default_caps VALUES (?, ?)", [scope, cap])
    return as_of, read


def _few(connection: duckdb.DuckDBPyConnection, source: Any, noun: str) -> bool:
    return (
        _rows(connection, noun) < changes.COUNTED
        and changes.count(source, noun, most=changes.COUNTED) < changes.COUNTED
    )


def _same_number(connection: duckdb.DuckDBPyConnection, source: Any, noun: str) -> None:
    """As many rows as the store has: fewer there were purged, more there carry a stamp from before the watermark."""
    present = changes.count(source, noun)
    if _rows(connection, noun) == present:
        return
    raw.keep_only(connection, noun, changes.keys(source, noun))
    if _rows(connection, noun) != present:
        raise _Stale("rows with an older stamp appeared")  # a clock set back, rows restored or imported; or one twice


def _rows(connection: duckdb.DuckDBPyConnection, noun: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM raw.{noun}").fetchall()[0][0])


def _secrets(settings: Settings) -> list[str]:
    held = (getattr(settings, name) for name in type(settings).model_fields)
    return [text for value in held if isinstance(value, SecretStr) and (text := value.get_secret_value())]


def _sweep(path: Path) -> None:
    """Remove what a refresher that was killed left behind. Call with the lock held."""
    for left in path.parent.glob(f"{path.name}.next_*"):
        left.unlink(missing_ok=True)


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)
