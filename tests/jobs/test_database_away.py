"""The database goes away in mid-work and comes back: nothing is lost, nothing is bought twice, nobody has to do anything."""

from __future__ import annotations

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.app import Studio
from core.jobs import recovery
from core.kit.actor import LOCAL
from core.kit.errors import SetupError
from core.store import attempts, charges, claims, preferences
from core.store.db import Database
from core.store.jobs import Job
from tests import scripted
from tests.scripted import purchases, submit
from tests.servers import Postgres


def the_end(studio: Studio, job_id: str, longest_s: float = 120.0) -> str:
    until = time.monotonic() + longest_s
    while time.monotonic() < until:
        try:
            job = studio.jobs.show(LOCAL, job_id)
            if job.ended:
                return job.status
        except SetupError:
            pass
        time.sleep(0.05)
    return "never"


@pytest.mark.parametrize("provider", ["scripted", "remote", "free"])
def test_postgresql_crashes_while_work_goes_on(postgres: Postgres, home: Path, tmp_path: Path, provider: str) -> None:
    url = postgres.fresh()
    studio = scripted.build(home, database_url=url, lease_seconds=3.0)
    account = tmp_path / "account"
    try:
        studio.ensure_worker()
        job = submit(
            studio, LOCAL, account, provider=provider, seconds=2.0, kind="local" if provider == "free" else "bought"
        )
        until = time.monotonic() + 60
        while not purchases(account) and time.monotonic() < until:
            time.sleep(0.01)
        if provider == "remote":
            while _statuses(studio, job.id) != ["started"]:
                time.sleep(0.01)
        postgres.crash()
        time.sleep(3.0)  # the provider's answer comes while there is nowhere to write it down
        with pytest.raises(SetupError) as refused:
            studio.jobs.show(LOCAL, job.id)
        assert refused.value.code == "database_gone"
        postgres.start()
        assert the_end(studio, job.id) == "done"
        assert len(purchases(account)) == 1
        with studio.store.db.read() as connection:
            bills = charges.of_job(connection, job.id)
        assert [(bill.status, bill.settled_usd > 0) for bill in bills] == [("settled", provider != "free")]
        assert len(studio.jobs.assets(LOCAL, job.id)) == 1
        after = submit(studio, LOCAL, tmp_path / "after")
        assert the_end(studio, after.id) == "done", "the worker does not work any more"
    finally:
        studio.close()
        postgres.drop(url)


def test_sqlite_locked_by_somebody_else_is_waited_for(home: Path, tmp_path: Path) -> None:
    studio = scripted.build(home, database_wait_seconds=0.3)
    account = tmp_path / "account"
    try:
        studio.ensure_worker()
        job = submit(studio, LOCAL, account, seconds=0.5)
        until = time.monotonic() + 20
        while not purchases(account) and time.monotonic() < until:
            time.sleep(0.01)
        other = sqlite3.connect(home / "studio.sqlite", timeout=10, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(SetupError) as refused:
            submit(studio, LOCAL, account)
        assert refused.value.code == "database_busy"
        time.sleep(2.0)
        other.execute("ROLLBACK")
        other.close()
        assert the_end(studio, job.id) == "done"
        assert len(purchases(account)) == 1
    finally:
        studio.close()


def test_a_takeover_that_met_a_lock_is_made_good(home: Path, tmp_path: Path) -> None:
    """Taken over, but the next write had to wait too long: the job must not stand at "Resuming" for ever."""
    studio = scripted.build(home, database_wait_seconds=0.3, lease_seconds=1.0)
    started: list[int] = []
    execution = SimpleNamespace(resumes=lambda job: False, start=lambda job: started.append(job.epoch))
    try:
        job = submit(studio, LOCAL, tmp_path / "account")
        worker = studio.worker()
        me = recovery.this_process(worker.id)
        with studio.store.db.exclusive("workers") as connection:
            recovery.enter(connection, me, timedelta(seconds=1), alone=True)
            claims.claim(connection, job.id, "worker_that_died", 1)
        time.sleep(1.1)
        assert worker._left_behind(me) == [], "who was late itself judges nobody, for one lease"
        taken: list[Job] = []
        while not taken:
            time.sleep(0.3)
            taken = worker._left_behind(me)
        assert [job.stage for job in taken] == ["Resuming"]
        other = sqlite3.connect(home / "studio.sqlite", timeout=10, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(SetupError, match="busy"):
            worker._go_on(execution, taken)  # type: ignore[arg-type]
        other.execute("ROLLBACK")
        other.close()
        assert started == []
        until = time.monotonic() + 60
        while not started and time.monotonic() < until:  # a machine that is slow just now is late itself, and waits
            worker._go_on(execution, worker._left_behind(me))  # type: ignore[arg-type]
            time.sleep(0.1)
        assert started == [3]
        assert worker._left_behind(me) == [], "started twice"
    finally:
        studio.close()


def test_a_deadlock_is_a_busy_database(postgres: Postgres) -> None:
    """PostgreSQL ends one of the two; it must be a failure that work is patient with, not a defect."""
    url = postgres.fresh()
    studios = Database(url.replace("postgresql://", "postgresql+psycopg://", 1))
    met = threading.Barrier(2)

    def cross(first: str, second: str) -> str:
        try:
            with studios.write() as connection:
                preferences.write(connection, first, 1)
                met.wait(60)
                preferences.write(connection, second, 1)
        except SetupError as error:
            return error.code
        return "written"

    try:
        with ThreadPoolExecutor(2) as both:
            ends = [both.submit(cross, *names) for names in (("a", "b"), ("b", "a"))]
            assert sorted(end.result() for end in ends) == ["database_busy", "written"]
    finally:
        studios.close()
        postgres.drop(url)


def _statuses(studio: Studio, job_id: str) -> list[str]:
    with studio.store.db.read() as connection:
        return [attempt.status for attempt in attempts.of_job(connection, job_id)]
