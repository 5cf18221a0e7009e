"""The database goes away in mid-work and comes back: nothing is lost, nothing is bought twice, nobody has to do anything."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.errors import SetupError
from core.store import attempts, charges
from tests import scripted
from tests.scripted import purchases, submit
from tests.servers import Postgres


def the_end(studio: Studio, job_id: str, longest_s: float = 60.0) -> str:
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
        until = time.monotonic() + 20
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


def _statuses(studio: Studio, job_id: str) -> list[str]:
    with studio.store.db.read() as connection:
        return [attempt.status for attempt in attempts.of_job(connection, job_id)]
