"""The mart at a million ledger rows, with `full` at ten million: a refresh after a thousand new ones beside a rebuild,
and every question of the dashboards beside the same one asked of SQLite.

The million go straight into SQLite and into the mart's raw tables (invented.py); the thousand new ones come through the
store's own tables, and the refresh is the worker's own. What is called a rebuild here is only its second half, from raw
rows to checked marts: the first, reading every row out of the store, takes several times as long.
"""

from __future__ import annotations

import gc
import inspect
import math
import sqlite3
import sys
import tempfile
import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
from sqlalchemy import insert

from core.analytics import making, mart, raw, touched
from core.analytics.queries import Filters, Mart, open_mart
from core.kit.clock import new_id, now, today
from core.kit.settings import Settings, load_settings
from core.store import attempts, changes, charges, jobs
from core.store.store import Store, open_store
from tests.bench import invented
from tests.bench.mart_on_sqlite import LISTS, QUESTIONS
from tests.bench.rows import Row, timed

NEW = 1000
REFRESH_GATE = 0.2
ROLLUP_GATE = 5.0
MILLION, TEN_MILLION = 1_000_000, 10_000_000


def measure(full: bool = False) -> list[Row]:
    rows = _at(MILLION)
    return rows + _at(TEN_MILLION) if full else rows


def _at(count: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(home=Path(folder) / "home")
        store = open_store(settings)
        made = Path(folder) / "made.duckdb"
        started = time.perf_counter()
        rows = invented.invent(made, count)
        invented.into_sqlite(rows, settings.home / "studio.sqlite")
        rows.close()
        rebuild = _build(settings, store, made)
        made.unlink()
        told = f"{count // 10**6} M ledger rows"
        print(f"# {told}: invented in {time.perf_counter() - started:.0f} s", flush=True)
        try:
            return [*_refreshes(settings, store, rebuild, told), *_questions(settings, told)]
        finally:
            store.db.close()


def _build(settings: Settings, store: Store, made: Path) -> float:
    """The mart as a rebuild leaves it; answers the seconds from raw rows to checked marts."""
    with duckdb.connect(str(settings.mart_path), config=mart.CONFIG) as connection:
        connection.execute("SET preserve_insertion_order = false")
        raw.create(connection)
        invented.into_raw(made, connection)
        connection.execute("INSERT INTO meta.state VALUES (?, ?, ?)",
                           [now().replace(tzinfo=None), raw.version(), changes.identity(store.db)])  # fmt: skip
        for scope in mart.CAPS:
            connection.execute(
                "INSERT INTO meta.default_caps VALUES (?, ?)", [scope, getattr(settings, f"cap_{scope}_usd")]
            )
        for noun in invented.NOUNS:
            connection.execute(
                f"INSERT INTO meta.watermarks SELECT '{noun}', max(updated_at), now() AT TIME ZONE 'UTC' FROM raw.{noun}"
            )
        touched.begin(connection)

        def work() -> None:
            connection.execute("BEGIN")
            making.make(connection, fresh=True)
            making.check(connection)
            connection.execute("COMMIT")
            connection.execute("CHECKPOINT")

        return timed(work)


def _refreshes(settings: Settings, store: Store, rebuild: float, told: str) -> list[Row]:
    taken = []
    for _ in range(3):
        _add(store, NEW)
        state = mart.refresh(settings, store)
        if state.outcome != "refreshed" or state.rows["charges"] < NEW:
            raise SystemExit(f"the mart was {state.outcome}: {state.reason or state.rows}")
        taken.append(state.seconds)
    look = timed(lambda: changes.state(store.db))
    size = settings.mart_path.stat().st_size / 2**20
    # The first: the others read the rows of the last two minutes again.
    detail = f"{taken[0]:.2f} s, then {taken[-1]:.2f} s, against {rebuild:.1f} s; a look whether anything changed {look * 1000:.0f} ms; {size:.0f} MB"
    return [
        Row(f"mart, {told}: refresh of {NEW:,} new / marts made anew", taken[0] / rebuild, detail, at_most=REFRESH_GATE)
    ]


def _add(store: Store, count: int) -> None:
    at = now()
    ids = [new_id("x")[2:] for _ in range(count)]
    with store.db.write() as connection:
        connection.execute(insert(jobs.table), [
            {"id": f"job_{n}", "kind": "speech", "title": "New", "status": "done", "priority": 10, "position": 1.0,
             "resource": "cpu", "request": {}, "parent_id": None, "root_id": f"job_{n}", "user_id": "user_1",
             "organisation_id": "", "visibility": "private", "actor": {}, "paused": False, "cancel_requested": False,
             "stage": "", "fraction": 1.0, "attempt": 1, "epoch": 1, "provider": "elevenlabs", "created_at": at,
             "started_at": at, "finished_at": at + timedelta(seconds=1), "updated_at": at} for n in ids
        ])  # fmt: skip
        connection.execute(insert(attempts.table), [
            {"id": f"attempt_{n}", "job_id": f"job_{n}", "step": "make", "number": 1, "provider": "elevenlabs",
             "kind": "speech", "model": "default", "form": "make", "status": "succeeded", "epoch": 1, "created_at": at,
             "finished_at": at + timedelta(seconds=1), "updated_at": at} for n in ids
        ])  # fmt: skip
        connection.execute(insert(charges.table), [
            {"id": f"charge_{n}", "attempt_id": f"attempt_{n}", "job_id": f"job_{n}", "root_job_id": f"job_{n}",
             "user_id": "user_1", "organisation_id": "", "provider": "elevenlabs", "kind": "speech", "model": "default",
             "units": {"characters": "12"}, "status": "settled", "reserved_usd": Decimal("0.01"), "price": {},
             "settled_usd": Decimal("0.004"), "day": at.date(), "created_at": at, "updated_at": at} for n in ids
        ])  # fmt: skip


def _questions(settings: Settings, told: str) -> list[Row]:
    reader = open_mart(settings)
    asked = {*_with_filters(), "choices", "budgets"}
    if asked != set(QUESTIONS):
        raise SystemExit(f"asked of one and not of the other: {sorted(asked ^ set(QUESTIONS))}")
    ours, theirs = {}, {}
    plain = sqlite3.connect(settings.home / "studio.sqlite")
    plain.execute("PRAGMA cache_size = -500000")
    for name in sorted(asked):
        first = today() - timedelta(days=30 if name in LISTS else 400)
        filters = Filters(first, today())
        arguments = () if name in ("choices", "budgets") else (filters,)
        ours[name] = min(timed(lambda: getattr(reader, name)(*arguments)) for _ in range(3))  # noqa: B023
        days = {"first_day": first.isoformat(), "last_day": today().isoformat()}
        theirs[name] = timed(lambda: plain.execute(QUESTIONS[name], days).fetchall())  # noqa: B023
        gc.collect()
    plain.close()
    reader.close()
    rows = []
    for kind, names, gate in (
        ("sums and percentiles", [name for name in ours if name not in LISTS], ROLLUP_GATE),
        ("lists of the last month", list(LISTS), None),
    ):
        each = ", ".join(f"{name} {ours[name] * 1000:.0f}/{theirs[name] * 1000:.0f}" for name in names)
        ratio = sum(theirs[name] for name in names) / sum(ours[name] for name in names)
        middle = math.exp(sum(math.log(theirs[name] / ours[name]) for name in names) / len(names))
        detail = f"all {len(names)} {sum(ours[name] for name in names):.2f} s, geometric mean {middle:.0f} times; ms each: {each}"
        rows.append(Row(f"mart, {told}: {kind}, SQLite / mart", ratio, detail, at_least=gate))
    return rows


def _with_filters() -> list[str]:
    return [
        name for name, method in inspect.getmembers(Mart, inspect.isfunction)
        if list(inspect.signature(method).parameters) == ["self", "filters"]
    ]  # fmt: skip


if __name__ == "__main__":
    for row in measure("--full" in sys.argv):
        print(row, flush=True)
