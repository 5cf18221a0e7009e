"""Readers, refreshers and other processes at the same time."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta
from decimal import Decimal

import studio_rows

from core.analytics import mart
from core.analytics.queries import Filters, open_mart
from core.kit.clock import today
from core.kit.settings import Settings
from core.store.store import Store

_HOLD = """
import sys
from pathlib import Path
from core.analytics.lock import held_lock
with held_lock(Path(sys.argv[1]), wait=True) as mine:
    print("held" if mine else "lost", flush=True)
    sys.stdin.readline()
"""

_REFRESH = """
import sys
from core.analytics import mart
from core.kit.settings import load_settings
from core.store.store import open_store
settings = load_settings(home=sys.argv[1])
store = open_store(settings)
print(mart.refresh(settings, store, wait=sys.argv[2] == "wait").outcome, flush=True)
"""


def _python(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_the_lock_holds_between_processes(settings: Settings, store: Store) -> None:
    holder = _python(_HOLD, str(settings.mart_path))
    assert holder.stdin is not None
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "held\n"
        assert mart.refresh(settings, store, wait=False).outcome == "busy"
        other = _python(_REFRESH, str(settings.home), "at once")
        assert other.communicate(timeout=60)[0] == "busy\n"
        assert not settings.mart_path.exists()
        waiting: list[mart.MartState] = []
        thread = threading.Thread(target=lambda: waiting.append(mart.refresh(settings, store)))
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        holder.stdin.write("\n")
        holder.stdin.flush()
        thread.join(30)
        assert [state.outcome for state in waiting] == ["rebuilt"]
    finally:
        holder.kill()
        holder.wait()
        holder.stdin.close()
        holder.stdout.close()


def test_a_killed_refresher_leaves_no_lock_and_no_litter(settings: Settings, store: Store) -> None:
    settings.mart_path.with_name("mart.duckdb.next_of_a_dead_one").write_bytes(b"half")
    holder = _python(_HOLD, str(settings.mart_path))
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    holder.kill()
    holder.communicate()
    assert mart.refresh(settings, store, wait=False).outcome == "rebuilt"
    assert not list(settings.home.glob("mart.duckdb.next*"))


def test_readers_never_err_and_never_see_a_half_while_it_is_refreshed(settings: Settings, store: Store) -> None:
    """Each round adds one charge of one dollar and one job; a reader must always see as many of either."""
    mart.refresh(settings, store)
    reader = open_mart(settings)
    done, errors, seen = threading.Event(), [], set()
    whole = Filters(today() - timedelta(days=2), today() + timedelta(days=1))

    def read() -> None:
        own = open_mart(settings)
        while not done.is_set():
            for one in (own, reader):
                try:
                    found = one.sql(
                        "SELECT (SELECT coalesce(sum(settled_usd), 0) FROM studio.marts.daily_cost) AS usd,"
                        " (SELECT count(*) FROM studio.marts.jobs) AS jobs"
                    )
                    one.daily_cost(whole)
                    seen.add((float(found["usd"].iloc[0]), int(found["jobs"].iloc[0])))
                except Exception as error:
                    errors.append(repr(error))
        own.close()

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    rounds = 8
    for number in range(rounds):
        with store.db.write() as connection:
            studio_rows.add_charge(connection, f"job_{number}", settled=Decimal(1))
            studio_rows.add_job(connection, f"job_{number}")
        mart.refresh(settings, store)
    done.set()
    for thread in threads:
        thread.join(30)
    assert errors == []
    assert len(seen) > 2
    assert all(usd == jobs for usd, jobs in seen)
    assert reader.daily_cost(whole)["settled_usd"].sum() == rounds
    reader.close()


def test_another_process_reads_while_this_one_refreshes(settings: Settings, store: Store) -> None:
    mart.refresh(settings, store)
    code = """
import sys
from core.analytics.queries import open_mart
from core.kit.settings import load_settings
mart, versions = open_mart(load_settings(home=sys.argv[1])), set()
print("ready", flush=True)
while len(versions) < 4:
    assert len(mart.sql("SELECT count(*) AS n FROM studio.marts.jobs")) == 1, mart.problem
    versions.add(mart.version)
print("followed", flush=True)
"""
    other = _python(code, str(settings.home))
    assert other.stdout is not None
    try:
        assert other.stdout.readline() == "ready\n"
        for _ in range(200):
            mart.refresh(settings, store)
            if other.poll() is not None:
                break
        assert other.communicate(timeout=60)[0] == "followed\n"
        assert other.returncode == 0
    finally:
        other.kill()
        other.wait()
