"""Several workers on one PostgreSQL: they share the work, respect one set of limits, and take over from each other."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.kit.actor import LOCAL
from core.store import attempts, charges, permits
from core.store import jobs as job_rows
from core.store import workers as worker_rows
from core.store.db import ChangeWatch
from core.store.jobs import Job
from tests import forked, scripted
from tests.forked import Forked
from tests.scripted import purchases, submit
from tests.servers import ObjectStorage, Postgres


class Team:
    """Worker processes, each with a data folder of its own: what they share is the database and the object storage."""

    def __init__(self, folder: Path, url: str, storage: ObjectStorage, lease_seconds: float) -> None:
        self.values = {**storage.settings, "storage_url": f"s3://{storage.bucket}/{folder.name}", "cpu_jobs": 2, "net_jobs": 4,
                       "lease_seconds": lease_seconds}  # fmt: skip
        self.url = url
        self.folder = folder
        self.studio = scripted.build(folder / "web", database_url=url, **self.values)
        self.processes: list[Forked] = []

    def start(self) -> Forked:
        home = self.folder / f"machine{len(self.processes)}"
        process = forked.start(
            scripted.worker_main, str(home), environment={"STUDIO_DATABASE_URL": self.url}, **self.values
        )
        self.processes.append(process)
        return process

    def alive(self) -> int:
        with self.studio.store.db.read() as connection:
            return len(worker_rows.everyone(connection))

    def until(self, true: Callable[[], object], timeout_s: float = 120) -> None:
        deadline = time.monotonic() + timeout_s
        while not true():
            assert time.monotonic() < deadline, "it never happened"
            time.sleep(0.02)

    def at_work(self, count: int) -> None:
        """So many workers have done something: one that is listed may still be starting."""
        warm = self.folder / "warm"
        while len(set(pids(warm))) < count:
            jobs = [submit(self.studio, LOCAL, warm, provider="scripted", seconds=0.1) for _ in range(8)]
            self.until(lambda jobs=jobs: all(self.studio.jobs.show(LOCAL, job.id).ended for job in jobs))

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        self.studio.close()


@pytest.fixture
def lease_seconds() -> float:
    """Long: on a busy machine a worker may well be late by seconds."""
    return 30.0


@pytest.fixture
def team(postgres: Postgres, tmp_path: Path, lease_seconds: float) -> Iterator[Team]:
    url = postgres.fresh()
    with ObjectStorage() as storage:
        together = Team(tmp_path, url, storage, lease_seconds)
        yield together
        together.close()
    postgres.drop(url)


def pids(account: Path) -> list[int]:
    return [purchase["pid"] for purchase in purchases(account)]


def tries(team: Team, job: Job) -> list[str]:
    with team.studio.store.db.read() as connection:
        return [attempt.status for attempt in attempts.of_job(connection, job.id)]


def test_two_workers_share_the_work_and_one_limit(team: Team, tmp_path: Path) -> None:
    team.start()
    team.start()
    team.at_work(2)
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
    ends = [team.studio.jobs.show(LOCAL, job.id) for job in (*jobs, *narrow)]
    assert [(job.status, job.error) for job in ends if job.status != "done"] == []
    assert len(set(pids(account))) == 2, "one worker did everything"
    assert len(pids(account)) == 16
    assert most == 1, "a provider for one call at a time was asked by two workers at once"
    for job in jobs:  # kept by another machine, read by this one
        asset = team.studio.jobs.assets(LOCAL, job.id)[0]
        assert team.studio.library.file(LOCAL, asset.id).stat().st_size == asset.bytes


@pytest.mark.parametrize("lease_seconds", [3.0])
@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGSTOP])
def test_another_worker_takes_over(team: Team, tmp_path: Path, death: signal.Signals) -> None:
    """Killed or frozen in mid-work; the frozen one thaws, finds that it was replaced, and leaves."""
    first = team.start()
    team.until(lambda: team.alive() == 1)
    account = tmp_path / "account"
    jobs = [submit(team.studio, LOCAL, account, provider="remote", seconds=4.0) for _ in range(3)]
    team.until(lambda: len(purchases(account)) == 3)
    team.until(lambda: all(tries(team, job) == ["started"] for job in jobs))
    first.send_signal(death)
    team.start()
    team.until(lambda: all(team.studio.jobs.show(LOCAL, job.id).ended for job in jobs))
    assert {team.studio.jobs.show(LOCAL, job.id).status for job in jobs} == {"done"}
    assert len(purchases(account)) == 3, "a remote job was started twice"
    with team.studio.store.db.read() as connection:
        bills = [(c.status, str(c.settled_usd)) for job in jobs for c in charges.of_job(connection, job.id)]
    assert bills == [("settled", "0.1")] * 3
    assert all(len(team.studio.jobs.assets(LOCAL, job.id)) == 1 for job in jobs)
    if death == signal.SIGSTOP:
        first.send_signal(signal.SIGCONT)
        assert first.wait(timeout=90) == 75


@pytest.mark.parametrize("lease_seconds", [3.0])
def test_a_machine_that_slept_takes_nothing_from_the_others(team: Team, tmp_path: Path) -> None:
    """All are late at once: whoever wakes first may not conclude that the others died."""
    both = [team.start(), team.start()]
    team.until(lambda: team.alive() == 2)
    account = tmp_path / "account"
    jobs = [submit(team.studio, LOCAL, account, provider="scripted", seconds=10.0) for _ in range(8)]
    team.until(lambda: len(purchases(account)) == 8)
    assert len(set(pids(account))) == 2
    for process in both:
        process.send_signal(signal.SIGSTOP)
    time.sleep(5.0)
    for process in both:
        process.send_signal(signal.SIGCONT)
        time.sleep(1.0)
    team.until(lambda: all(team.studio.jobs.show(LOCAL, job.id).ended for job in jobs))
    ends = [team.studio.jobs.show(LOCAL, job.id) for job in jobs]
    assert [(job.status, job.error) for job in ends if job.status != "done"] == []
    assert [process.poll() for process in both] == [None, None]


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
