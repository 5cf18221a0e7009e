"""Jobs that were under way in a backup. Whatever the old studio did after it, nothing is bought twice."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.app import Studio
from core.care.restore import restore
from core.kit.actor import LOCAL
from core.kit.settings import load_settings
from core.store import attempts, charges, jobs
from core.store.jobs import Job
from tests import scripted
from tests.care.conftest import Backed
from tests.scripted import purchases, submit


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


def tries(studio: Studio, job: Job) -> list[str]:
    with studio.store.db.read() as connection:
        return [attempt.status for attempt in attempts.of_job(connection, job.id)]


def money(studio: Studio, job: Job) -> list[tuple[str, str]]:
    with studio.store.db.read() as connection:
        return [(charge.status, str(charge.settled_usd)) for charge in charges.of_job(connection, job.id)]


@pytest.fixture
def again(tmp_path: Path) -> Iterator[Callable[..., Studio]]:
    opened: list[Studio] = []

    def open_restored(file: Path, *, moved: bool = False) -> Studio:
        home = tmp_path / f"restored{len(opened)}"
        restore(load_settings(home=home), file, moved=moved)
        opened.append(scripted.build(home))
        return opened[-1]

    yield open_restored
    for studio in opened:
        studio.close()


@pytest.mark.parametrize("moved", [False, True])
def test_a_paid_request_under_way_is_left_to_a_person(
    working: Studio, backed: Backed, again: Callable[..., Studio], tmp_path: Path, moved: bool
) -> None:
    account = tmp_path / "account"
    job = submit(working, LOCAL, account, provider="scripted", seconds=2.0)
    until(lambda: purchases(account))
    file = backed(working)
    assert working.jobs.wait(LOCAL, job.id, 30).status == "done"  # the old one goes on, unaware
    working.close()
    studio = again(file, moved=moved)
    studio.ensure_worker()
    if not moved:
        assert studio.jobs.queue_paused()
        time.sleep(0.5)
        assert studio.jobs.show(LOCAL, job.id).status == "waiting"
        studio.jobs.resume(LOCAL)
    assert studio.jobs.wait(LOCAL, job.id, 30).status == "unknown"
    assert len(purchases(account)) == 1
    assert money(studio, job) == [("reserved", "0")]


def test_a_remote_job_under_way_is_asked_about_not_started(
    working: Studio, backed: Backed, again: Callable[..., Studio], tmp_path: Path
) -> None:
    account = tmp_path / "account"
    job = submit(working, LOCAL, account, provider="remote", seconds=1.5)
    until(lambda: tries(working, job) == ["started"])
    file = backed(working)
    working.close()
    studio = again(file)
    studio.ensure_worker()
    studio.jobs.resume(LOCAL)
    assert studio.jobs.wait(LOCAL, job.id, 30).status == "done"
    assert len(purchases(account)) == 1
    assert money(studio, job) == [("settled", "0.1")]


def test_what_was_announced_counts_as_sent(
    studio: Studio, backed: Backed, again: Callable[..., Studio], tmp_path: Path
) -> None:
    """The backup caught a job between its reservation and its request: the old studio went on and bought."""
    account = tmp_path / "account"
    job = submit(studio, LOCAL, account, provider="scripted")
    studio.ensure_worker()
    assert studio.jobs.wait(LOCAL, job.id, 30).status == "done"
    studio.close()
    with studio.store.db.write() as connection:
        made = attempts.of_job(connection, job.id)[0]
        attempts.change(connection, made.id, status=attempts.RESERVED, result=None, finished_at=None)
        charge = charges.by_attempt(connection, made.id)
        assert charge is not None
        charges.change(connection, charge.id, status=charges.RESERVED, settled_usd=0)
        jobs.change(connection, job.id, status=jobs.RUNNING, result=None, finished_at=None)
    restored = again(backed(studio))
    restored.ensure_worker()
    restored.jobs.resume(LOCAL)
    assert restored.jobs.wait(LOCAL, job.id, 30).status == "unknown"
    assert len(purchases(account)) == 1


def test_what_was_paid_and_not_kept_comes_along(
    working: Studio, backed: Backed, again: Callable[..., Studio], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider's file lies in the work folder, the job failed to keep it: its retry elsewhere uses it again."""
    from core.store.files import LocalBlobs

    account = tmp_path / "account"

    def broken(self: LocalBlobs, file: Path) -> tuple[str, int]:  # noqa: ARG001
        raise ValueError("a defect in keep")

    with monkeypatch.context() as patched:
        patched.setattr(LocalBlobs, "keep", broken)
        job = submit(working, LOCAL, account, provider="scripted")
        assert working.jobs.wait(LOCAL, job.id, 30).status == "failed"
    studio = again(backed(working))
    working.close()
    shutil.rmtree(working.settings.home)  # the old machine is gone
    studio.ensure_worker()
    studio.jobs.retry(LOCAL, job.id)
    assert studio.jobs.wait(LOCAL, job.id, 30).status == "done"
    assert len(purchases(account)) == 1
    assert money(studio, job) == [("settled", "0.1")]


def test_waiting_jobs_wait_for_a_person(
    studio: Studio, backed: Backed, again: Callable[..., Studio], tmp_path: Path
) -> None:
    account = tmp_path / "account"
    job = submit(studio, LOCAL, account, provider="scripted")
    restored = again(backed(studio))
    restored.ensure_worker()
    time.sleep(0.5)
    assert purchases(account) == []
    restored.jobs.resume(LOCAL)
    assert restored.jobs.wait(LOCAL, job.id, 30).status == "done"
