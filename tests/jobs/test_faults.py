"""Real processes, killed and frozen. Whatever happens, nothing is bought twice and nothing finished is lost."""

from __future__ import annotations

import importlib
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.errors import ProviderError, SetupError
from core.store import assets, attempts, charges
from core.store.jobs import Job
from tests import forked
from tests.forked import Forked
from tests.leftovers import remaining
from tests.scripted import purchases, submit, worker_main


class Workers:
    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.processes: list[Forked] = []

    def start(self) -> Forked:
        settings = self.studio.settings
        process = forked.start(
            worker_main, str(settings.home), environment={"STUDIO_DATABASE_URL": settings.database_url}
        )
        self.processes.append(process)
        return process

    def until(self, true: Callable[[], object], timeout_s: float = 90) -> None:
        deadline = time.monotonic() + timeout_s
        while not true():
            assert time.monotonic() < deadline, "it never happened"
            time.sleep(0.01)

    def ended(self, job: Job, timeout_s: float = 120) -> Job:
        row = self.studio.jobs.wait(LOCAL, job.id, timeout_s)
        assert row.ended, f"still {row.status}: {row.stage}"
        return row


@pytest.fixture
def workers(studio: Studio) -> Iterator[Workers]:
    started = Workers(studio)
    yield started
    for process in started.processes:
        process.kill()
        process.wait()


def tries(studio: Studio, job: Job) -> list[str]:
    with studio.store.db.read() as connection:
        return [attempt.status for attempt in attempts.of_job(connection, job.id)]


def money(studio: Studio, job: Job) -> list[tuple[str, str]]:
    with studio.store.db.read() as connection:
        return [(charge.status, str(charge.settled_usd)) for charge in charges.of_job(connection, job.id)]


def kept(studio: Studio, job: Job) -> int:
    with studio.store.db.read() as connection:
        return len(assets.of_job(connection, job.id))


def freeze(studio: Studio, worker: Forked) -> None:
    """Stop a worker between two transactions: SQLite belongs to whoever was stopped inside one until he thaws."""
    while True:
        os.kill(worker.pid, signal.SIGSTOP)
        if not studio.store.db.is_sqlite:
            return  # there the server ends a transaction that stands still
        probe = sqlite3.connect(studio.settings.home / "studio.sqlite", timeout=0.3, isolation_level=None)
        try:
            probe.execute("BEGIN IMMEDIATE")
            probe.execute("ROLLBACK")
            return
        except sqlite3.OperationalError:
            os.kill(worker.pid, signal.SIGCONT)
            time.sleep(0.05)
        finally:
            probe.close()


def test_kill_9_in_free_work_runs_it_again(workers: Workers, tmp_path: Path) -> None:
    studio, account = workers.studio, tmp_path / "account"
    job = submit(studio, LOCAL, account, kind="local", provider="free", seconds=2.0)
    worker = workers.start()
    workers.until(lambda: purchases(account))
    worker.kill()
    worker.wait()
    assert studio.jobs.show(LOCAL, job.id).status == "running"
    workers.start()
    assert workers.ended(job).status == "done"
    assert kept(studio, job) == 1
    assert money(studio, job) == [("released", "0"), ("settled", "0")]


def test_kill_9_while_a_remote_job_runs_resumes_by_asking(workers: Workers, tmp_path: Path) -> None:
    studio, account = workers.studio, tmp_path / "account"
    job = submit(studio, LOCAL, account, provider="remote", seconds=2.0)
    worker = workers.start()
    workers.until(lambda: tries(studio, job) == ["started"])
    worker.kill()
    worker.wait()
    workers.start()
    assert workers.ended(job).status == "done"
    assert len(purchases(account)) == 1, "the remote job was started twice"
    assert money(studio, job) == [("settled", "0.1")]
    assert kept(studio, job) == 1


def test_kill_9_in_a_paid_request_leaves_it_to_a_person(workers: Workers, tmp_path: Path) -> None:
    studio, account = workers.studio, tmp_path / "account"
    job = submit(studio, LOCAL, account, provider="scripted", seconds=60.0)
    worker = workers.start()
    workers.until(lambda: purchases(account))
    worker.kill()
    worker.wait()
    workers.start()
    row = workers.ended(job)
    assert row.status == "unknown"
    assert row.error is not None
    assert "billed" in row.error["message"]
    assert len(purchases(account)) == 1
    assert money(studio, job) == [("reserved", "0")], "what may have been spent must stay held"
    with pytest.raises(ProviderError):
        studio.jobs.retry(LOCAL, job.id)
    studio.jobs.resolve(LOCAL, job.id, billed=True)
    assert money(studio, job) == [("settled", "0.1")]


def test_kill_9_with_an_idempotent_provider_asks_again_under_the_same_key(workers: Workers, tmp_path: Path) -> None:
    studio, account = workers.studio, tmp_path / "account"
    job = submit(studio, LOCAL, account, provider="idempotent", seconds=1.5)
    worker = workers.start()
    workers.until(lambda: purchases(account))
    worker.kill()
    worker.wait()
    workers.start()
    assert workers.ended(job).status == "done"
    assert len({purchase["call"] for purchase in purchases(account)}) == 1, "a second key is a second purchase"
    assert money(studio, job) == [("settled", "0.1")]
    assert kept(studio, job) == 1


def test_a_frozen_worker_that_thaws_does_not_pay_again(workers: Workers, tmp_path: Path) -> None:
    studio, account = workers.studio, tmp_path / "account"
    job = submit(studio, LOCAL, account, provider="remote", seconds=3.0)
    frozen = workers.start()
    importlib.import_module("core.jobs.execution")  # a second that must not pass while the lease is fresh
    workers.until(lambda: tries(studio, job) == ["started"])
    freeze(studio, frozen)
    if studio.store.db.is_sqlite:
        with pytest.raises(SetupError):  # its lease is still fresh: nobody may take over yet
            studio.worker().run()
    time.sleep(2.5)  # the lease of these workers is two seconds
    second = workers.start()
    workers.until(lambda: studio.jobs.show(LOCAL, job.id).epoch == 2)
    os.kill(frozen.pid, signal.SIGCONT)
    assert workers.ended(job).status == "done"
    assert frozen.wait(timeout=60) == 75, "the thawed worker must notice and leave"
    assert second.poll() is None
    assert len(purchases(account)) == 1
    assert money(studio, job) == [("settled", "0.1")]
    assert kept(studio, job) == 1


def test_a_second_worker_on_the_same_folder_says_so(workers: Workers, tmp_path: Path) -> None:
    if not workers.studio.store.db.is_sqlite:
        pytest.skip("on PostgreSQL any number of workers share the work: test_many_workers.py")
    workers.start()
    workers.until(workers.studio.worker_alive)
    with pytest.raises(SetupError, match="already runs"):
        workers.studio.worker().run()
    job = submit(workers.studio, LOCAL, tmp_path / "account")
    assert workers.ended(job).status == "done"
    assert len(purchases(tmp_path / "account")) == 1


def test_kill_9_of_a_batch_goes_on_with_the_same_children(workers: Workers, tmp_path: Path) -> None:
    studio, account = workers.studio, tmp_path / "account"
    item = {
        "kind": "bought",
        "request": {"account": str(account), "provider": "remote", "seconds": 1.0},
        "title": "child",
    }
    parent = studio.batches.submit(LOCAL, [item] * 4, title="four")
    worker = workers.start()
    workers.until(lambda: len(purchases(account)) >= 2)
    worker.kill()
    worker.wait()
    workers.start()
    assert workers.ended(parent).status == "done"
    # A child killed between its intent and the provider's answer is a person's to decide, bought or not.
    unknown = [child for child in studio.jobs.children(LOCAL, parent.id) if child.status == "unknown"]
    assert 4 - len(unknown) <= len(purchases(account)) <= 4
    assert len(studio.jobs.assets(LOCAL, parent.id)) == 4 - len(unknown)


def test_kill_9_in_mid_composition_finishes_after_restart(workers: Workers) -> None:
    studio = workers.studio
    job = studio.music.compose(LOCAL, genre="jazz", mood="calm", seconds=40, seed=5)
    worker = workers.start()
    workers.until(lambda: studio.jobs.show(LOCAL, job.id).fraction > 0.1)
    children = psutil.Process(worker.pid).children(recursive=True)
    worker.kill()
    worker.wait()
    assert psutil.wait_procs(children, timeout=60)[1] == [], "working children must leave with their worker"
    workers.start()
    row = workers.ended(job, 200)
    assert row.status == "done"
    made = studio.jobs.assets(LOCAL, job.id)
    assert len({asset.role for asset in made}) == len(made) >= 4
    assert money(studio, job) == [("released", "0"), ("settled", "0")]
    assert remaining(studio.settings.work) == [], "a half-made file was left behind"


def test_the_worker_stops_cleanly_on_sigterm(workers: Workers) -> None:
    worker = workers.start()
    workers.until(workers.studio.worker_alive)
    worker.terminate()
    assert worker.wait(timeout=60) == 0
    assert not workers.studio.worker_alive()
