"""The queue as a user meets it: submit, look, cancel, pause, reorder, retry, batch."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from core.app import Studio
from core.jobs.admission import choose
from core.kit.actor import LOCAL, Actor
from core.kit.errors import AccessError, NotFound, UserError
from core.store.jobs import Job
from tests.leftovers import remaining
from tests.scripted import purchases, submit

OTHER = Actor("other")


def ended(studio: Studio, job: Job, timeout_s: float = 30) -> Job:
    return studio.jobs.wait(LOCAL, job.id, timeout_s)


def test_a_job_is_done_kept_and_charged(working: Studio, tmp_path: Path) -> None:
    job = ended(working, submit(working, LOCAL, tmp_path / "account"))
    assert job.status == "done"
    assert job.fraction == 1.0
    [asset] = working.jobs.assets(LOCAL, job.id)
    assert working.library.file(LOCAL, asset.id).read_bytes().decode() == purchases(tmp_path / "account")[0]["call"]
    assert str(working.jobs.cost(LOCAL, job.id)) == "0.1"
    assert str(asset.cost_usd) == "0.1"
    assert remaining(working.settings.work) == []


def test_the_same_idempotency_key_is_the_same_job(working: Studio, tmp_path: Path) -> None:
    first = submit(working, LOCAL, tmp_path / "account", idempotency_key="once")
    ended(working, first)
    again = submit(working, LOCAL, tmp_path / "account", idempotency_key="once")
    assert again.id == first.id
    theirs = submit(working, OTHER, tmp_path / "account", idempotency_key="once")
    assert theirs.id != first.id
    ended(working, theirs)
    assert len(purchases(tmp_path / "account")) == 2


def test_a_waiting_job_has_a_place_and_can_be_moved(studio: Studio, tmp_path: Path) -> None:
    jobs = [submit(studio, LOCAL, tmp_path / "a") for _ in range(4)]
    urgent = submit(studio, LOCAL, tmp_path / "a", priority="urgent")
    low = submit(studio, LOCAL, tmp_path / "a", priority="low")
    place = lambda job: studio.jobs.position(LOCAL, job.id)  # noqa: E731
    assert [place(urgent), *map(place, jobs), place(low)] == [0, 1, 2, 3, 4, 5]
    studio.jobs.reorder(LOCAL, jobs[3].id)
    assert [place(jobs[3]), place(jobs[0])] == [1, 2]
    studio.jobs.reorder(LOCAL, jobs[3].id, before=jobs[2].id)
    assert [place(job) for job in (jobs[0], jobs[1], jobs[3], jobs[2])] == [1, 2, 3, 4]
    studio.jobs.reorder(LOCAL, low.id, priority="urgent")
    assert place(low) == 1
    assert [job.id for job in studio.jobs.list(LOCAL)] == [
        j.id for j in (urgent, low, jobs[0], jobs[1], jobs[3], jobs[2])
    ]
    with pytest.raises(UserError):
        submit(studio, LOCAL, tmp_path / "a", priority="whenever")


def test_fairness_within_a_priority(studio: Studio, tmp_path: Path) -> None:
    for _ in range(6):
        submit(studio, LOCAL, tmp_path / "a")
    single = submit(studio, OTHER, tmp_path / "a")
    from core.store import claims

    with studio.store.db.read() as connection:
        waiting = claims.candidates(connection, "net")
    chosen = choose(waiting, {"net": 2}, {})
    assert single.id in [job.id for job in chosen], "one user's six jobs shut out another's one"
    assert choose(waiting, {"net": 0, "cpu": 5}, {}) == []


def test_cancel_waiting_and_running(working: Studio, tmp_path: Path) -> None:
    working.jobs.pause(LOCAL)
    waiting = submit(working, LOCAL, tmp_path / "w")
    assert working.jobs.cancel(LOCAL, waiting.id).status == "cancelled"
    working.jobs.resume(LOCAL)
    running = submit(working, LOCAL, tmp_path / "r", seconds=60.0, provider="free", kind="local")
    while not purchases(tmp_path / "r"):
        time.sleep(0.02)
    working.jobs.cancel(LOCAL, running.id)
    assert ended(working, running).status == "cancelled"
    assert working.jobs.assets(LOCAL, running.id) == []
    assert remaining(working.settings.work) == []
    assert purchases(tmp_path / "w") == []


def test_pausing_the_queue_and_a_job(working: Studio, tmp_path: Path) -> None:
    working.jobs.pause(LOCAL)
    held = submit(working, LOCAL, tmp_path / "a")
    time.sleep(0.3)
    assert working.jobs.show(LOCAL, held.id).status == "waiting"
    working.jobs.pause(LOCAL, held.id)
    working.jobs.resume(LOCAL)
    other = submit(working, LOCAL, tmp_path / "a")
    assert ended(working, other).status == "done"
    assert working.jobs.show(LOCAL, held.id).status == "waiting"
    working.jobs.resume(LOCAL, held.id)
    assert ended(working, held).status == "done"
    with pytest.raises(AccessError):
        working.jobs.pause(OTHER)


def test_a_failed_job_can_be_retried(working: Studio, tmp_path: Path) -> None:
    account = tmp_path / "account"
    job = ended(working, submit(working, LOCAL, account, acts=["rejected", "ok"], provider="scripted"))
    assert job.status == "failed"
    assert job.error is not None
    assert job.error["message"] == "this content is refused"
    again = working.jobs.retry(LOCAL, job.id)
    assert again.attempt == 2
    assert ended(working, job).status == "done"
    assert len(purchases(account)) == 1


def test_a_retry_waits_until_the_failed_run_has_tidied_up(
    working: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its row says failed a moment before its folder is removed: the retry's work must not be what is removed."""
    from core.jobs import execution

    tidied, clear = threading.Event(), execution.clear

    def late(folder: Path) -> None:
        assert tidied.wait(30)
        clear(folder)

    monkeypatch.setattr(execution, "clear", late)
    job = ended(working, submit(working, LOCAL, tmp_path / "a", acts=["rejected", "ok"], provider="scripted"))
    assert job.status == "failed"
    working.jobs.retry(LOCAL, job.id)
    assert working.jobs.wait(LOCAL, job.id, 0.5).status == "waiting", "two runs of one job in one folder"
    tidied.set()
    assert ended(working, job).status == "done"


def test_a_batch_isolates_errors(working: Studio, tmp_path: Path) -> None:
    items = [
        {
            "kind": "bought",
            "request": {"account": str(tmp_path / f"a{n}"), "acts": [act], "provider": "scripted"},
            "title": act,
        }
        for n, act in enumerate(["ok", "rejected", "ok"])
    ]
    parent = ended(working, working.batches.submit(LOCAL, items, title="three"))
    assert parent.status == "done"
    assert parent.result is not None
    assert (parent.result["done"], parent.result["failed"]) == (2, 1)
    children = working.jobs.children(LOCAL, parent.id)
    assert [child.id for child in children] == [f"{parent.id}/{n}" for n in (1, 2, 3)]
    assert [child.status for child in children] == ["done", "failed", "done"]
    assert len(working.jobs.assets(LOCAL, parent.id)) == 2


def test_cancelling_a_batch_cancels_its_children(working: Studio, tmp_path: Path) -> None:
    items = [
        {
            "kind": "local",
            "request": {"account": str(tmp_path / "a"), "seconds": 60.0, "provider": "free"},
            "title": "slow",
        }
    ] * 5
    parent = working.batches.submit(LOCAL, items, title="five")
    while not purchases(tmp_path / "a"):
        time.sleep(0.02)
    working.jobs.cancel(LOCAL, parent.id)
    assert ended(working, parent, 60).status == "cancelled"
    for child in working.jobs.children(LOCAL, parent.id):
        assert ended(working, child, 60).status == "cancelled"


def test_jobs_of_others_do_not_exist(studio: Studio, tmp_path: Path) -> None:
    job = submit(studio, LOCAL, tmp_path / "a")
    for act in (studio.jobs.show, studio.jobs.cancel, studio.jobs.retry):
        with pytest.raises(NotFound):
            act(OTHER, job.id)
    with pytest.raises(NotFound):
        studio.jobs.show(LOCAL, "job_unknown")
    assert studio.jobs.list(OTHER) == []


def test_remote_jobs_that_sleep_leave_room_for_local_ones(home: Path, tmp_path: Path) -> None:
    from tests import scripted

    studio = scripted.build(home, net_jobs=2, cpu_jobs=1)
    studio.ensure_worker()
    try:
        sleeping = [submit(studio, LOCAL, tmp_path / "s", seconds=60.0, provider="remote") for _ in range(4)]
        local = submit(studio, LOCAL, tmp_path / "l", kind="local", provider="free")
        assert ended(studio, local).status == "done"
        assert studio.jobs.show(LOCAL, sleeping[0].id).status == "running"
        for job in sleeping:
            studio.jobs.cancel(LOCAL, job.id)
        for job in sleeping:
            assert ended(studio, job).status == "cancelled"
    finally:
        studio.close()


def test_more_parents_than_slots_do_not_deadlock(home: Path, tmp_path: Path) -> None:
    from tests import scripted

    studio = scripted.build(home, flow_jobs=2, cpu_jobs=1)
    studio.ensure_worker()
    try:
        item = {"kind": "local", "request": {"account": str(tmp_path / "a"), "provider": "free"}, "title": "child"}
        parents = [studio.batches.submit(LOCAL, [item, item], title=str(n)) for n in range(4)]
        assert [ended(studio, parent, 90).status for parent in parents] == ["done"] * 4
        assert len(purchases(tmp_path / "a")) == 8
    finally:
        studio.close()


def test_the_eta_and_stage_are_shown_while_it_runs(working: Studio, tmp_path: Path) -> None:
    job = submit(working, LOCAL, tmp_path / "a", kind="local", provider="free", seconds=2.0)
    seen = set()
    while not (row := working.jobs.show(LOCAL, job.id)).ended:
        seen.add((row.stage, row.fraction, row.eta_s is not None))
        time.sleep(0.05)
    assert any(stage == "Generating" and fraction == 0.5 and eta for stage, fraction, eta in seen)


def test_old_workflows_are_forgotten_and_their_jobs_are_not(
    working: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    from dbos import DBOS

    from core.jobs import execution

    job = ended(working, submit(working, LOCAL, tmp_path / "a"))
    current = execution._executions["current"]
    deadline = time.monotonic() + 30
    while DBOS.get_workflow_status(f"{job.id}.1").status != "SUCCESS" and time.monotonic() < deadline:
        time.sleep(0.02)
    current.forget()
    assert DBOS.get_workflow_status(f"{job.id}.1") is not None
    monkeypatch.setattr(execution, "KEEP_WORKFLOWS", timedelta(0))
    current.forget()
    assert DBOS.get_workflow_status(f"{job.id}.1") is None
    assert working.jobs.show(LOCAL, job.id).status == "done"


def test_what_a_failed_job_left_goes_after_a_week(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    from core.jobs import keep

    waiting, ended_long_ago = (submit(studio, LOCAL, tmp_path / "a") for _ in range(2))
    studio.jobs.cancel(LOCAL, ended_long_ago.id)
    for job in (waiting, ended_long_ago):
        keep.folder_of(studio.settings.work, job.id).mkdir(parents=True)
    assert keep.sweep(studio.store, studio.settings.work) == 0
    monkeypatch.setattr(keep, "KEEP_FAILED", timedelta(0))
    assert keep.sweep(studio.store, studio.settings.work) == 1
    assert [folder.name for folder in studio.settings.work.iterdir()] == [waiting.id]
