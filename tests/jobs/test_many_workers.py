"""Several workers on one PostgreSQL: they share the work, respect one set of limits, and take over from each other."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.kit.actor import LOCAL
from core.store import charges, permits
from core.store import jobs as job_rows
from core.store import workers as worker_rows
from core.store.db import ChangeWatch
from tests import scripted
from tests.scripted import purchases, submit
from tests.servers import ObjectStorage, Postgres

ROOT = Path(__file__).parents[2]


class Team:
    """Worker processes, each with a data folder of its own: what they share is the database and the object storage."""

    def __init__(self, folder: Path, url: str, storage: ObjectStorage) -> None:
        self.values = {**storage.settings, "storage_url": f"s3://{storage.bucket}/{folder.name}", "lease_seconds": 3.0,
                       "cpu_jobs": 2, "net_jobs": 4}  # fmt: skip
        self.url = url
        self.folder = folder
        self.studio = scripted.build(folder / "web", database_url=url, **self.values)
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        home = self.folder / f"machine{len(self.processes)}"
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.scripted", str(home), json.dumps(self.values)], cwd=ROOT,
            env=os.environ | {"STUDIO_DATABASE_URL": self.url},
        )  # fmt: skip
        self.processes.append(process)
        return process

    def alive(self) -> int:
        with self.studio.store.db.read() as connection:
            return len(worker_rows.everyone(connection))

    def until(self, true: Callable[[], object], timeout_s: float = 40) -> None:
        deadline = time.monotonic() + timeout_s
        while not true():
            assert time.monotonic() < deadline, "it never happened"
            time.sleep(0.02)

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        self.studio.close()


@pytest.fixture
def team(postgres: Postgres, tmp_path: Path) -> Iterator[Team]:
    url = postgres.fresh()
    with ObjectStorage() as storage:
        together = Team(tmp_path, url, storage)
        yield together
        together.close()
    postgres.drop(url)


def pids(account: Path) -> list[int]:
    return [purchase["pid"] for purchase in purchases(account)]


def test_two_workers_share_the_work_and_one_limit(team: Team, tmp_path: Path) -> None:
    team.start()
    team.start()
    team.until(lambda: team.alive() == 2)
    account = tmp_path / "account"
    jobs = [submit(team.studio, LOCAL, account, provider="scripted", seconds=0.3) for _ in range(16)]
    narrow = [submit(team.studio, LOCAL, tmp_path / "narrow", provider="narrow", seconds=0.2) for _ in range(4)]
    most = 0

    def ended() -> bool:
        nonlocal most
        with team.studio.store.db.read() as connection:
            held = [row for row in connection.execute(permits.table.select()) if row.returned_at is None]
        most = max(most, len(held))
        return all(team.studio.jobs.show(LOCAL, job.id).ended for job in (*jobs, *narrow))

    team.until(ended)
    assert {team.studio.jobs.show(LOCAL, job.id).status for job in (*jobs, *narrow)} == {"done"}
    assert len(set(pids(account))) == 2, "one worker did everything"
    assert len(pids(account)) == 16
    assert most == 1, "a provider for one call at a time was asked by two workers at once"
    for job in jobs:  # kept by another machine, read by this one
        asset = team.studio.jobs.assets(LOCAL, job.id)[0]
        assert team.studio.library.file(LOCAL, asset.id).stat().st_size == asset.bytes


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGSTOP])
def test_another_worker_takes_over(team: Team, tmp_path: Path, death: signal.Signals) -> None:
    """Killed or frozen in mid-work; the frozen one thaws, finds that it was replaced, and leaves."""
    first = team.start()
    team.until(lambda: team.alive() == 1)
    account = tmp_path / "account"
    jobs = [submit(team.studio, LOCAL, account, provider="remote", seconds=4.0) for _ in range(3)]
    team.until(lambda: len(purchases(account)) == 3)
    time.sleep(0.5)  # the ids of the remote jobs are written down by now
    first.send_signal(death)
    team.start()
    team.until(lambda: all(team.studio.jobs.show(LOCAL, job.id).ended for job in jobs), 60)
    assert {team.studio.jobs.show(LOCAL, job.id).status for job in jobs} == {"done"}
    assert len(purchases(account)) == 3, "a remote job was started twice"
    with team.studio.store.db.read() as connection:
        bills = [(c.status, str(c.settled_usd)) for job in jobs for c in charges.of_job(connection, job.id)]
    assert bills == [("settled", "0.1")] * 3
    assert all(len(team.studio.jobs.assets(LOCAL, job.id)) == 1 for job in jobs)
    if death == signal.SIGSTOP:
        first.send_signal(signal.SIGCONT)
        assert first.wait(timeout=30) == 75


def test_a_listener_hears_of_jobs_and_of_nothing_else(team: Team, tmp_path: Path) -> None:
    """By NOTIFY: a worker need not ask ten times a second. Progress is written often and tells nobody."""
    watch = ChangeWatch(team.studio.store.db, listen=True)
    try:
        assert watch.changed(), "the first look counts: who knows what was before"
        assert not watch.changed()
        job = submit(team.studio, LOCAL, tmp_path / "a")
        team.until(watch.changed)
        with team.studio.store.db.write() as connection:
            job_rows.change(connection, job.id, stage="Working", fraction=0.5)
        time.sleep(0.2)
        assert not watch.changed()
        team.studio.jobs.cancel(LOCAL, job.id)
        team.until(watch.changed)
    finally:
        watch.close()
