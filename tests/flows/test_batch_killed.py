"""kill -9 of the worker in the middle of a batch: nothing is lost, nothing doubled, no remote job started twice."""

from __future__ import annotations

import time
from pathlib import Path

from core.app import Studio
from core.kit.actor import LOCAL
from core.store import assets, attempts
from core.store.jobs import Job
from tests import forked, scripted
from tests.scripted import purchases

ITEMS = 10


def children(studio: Studio, job: Job) -> list[Job]:
    return studio.jobs.children(LOCAL, job.id)


def underway(studio: Studio, job: Job) -> bool:
    """Some are done, and what runs has been started at the service and is waited for."""
    found = children(studio, job)
    running = [child for child in found if child.status == "running" and child.kind == "bought"]
    if sum(child.status == "done" for child in found) < 3 or not running:
        return False
    with studio.store.db.read() as connection:
        states = [attempt.status for child in running for attempt in attempts.of_job(connection, child.id)]
    return len(states) == len(running) and set(states) == {attempts.STARTED}


def test_a_batch_survives_its_worker(home: Path, tmp_path: Path) -> None:
    studio = scripted.build(home, lease_seconds=2.0)
    try:
        items = [
            {"kind": kind, "title": f"{kind} {n}",
             "request": {"account": str(tmp_path / f"a{n}"), "provider": provider, "seconds": 0.4}}
            for n in range(ITEMS) for kind, provider in [("bought", "remote") if n % 3 else ("local", "free")]
        ]  # fmt: skip
        job = studio.batches.submit(LOCAL, items, title="ten", at_once=3)
        first = forked.start(
            scripted.worker_main, str(home), environment={"STUDIO_DATABASE_URL": studio.settings.database_url}
        )
        until = time.monotonic() + 90
        while not underway(studio, job):
            assert time.monotonic() < until, [child.status for child in children(studio, job)]
            time.sleep(0.002)
        first.kill()
        first.wait(timeout=30)
        before = {child.id for child in children(studio, job) if child.status == "done"}
        assert len(before) < ITEMS, "it was to die in the middle"
        studio.ensure_worker()
        job = studio.jobs.wait(LOCAL, job.id, 120)
        assert (job.status, (job.result or {})["done"]) == ("done", ITEMS), job.result
        assert [child.attempt for child in children(studio, job)] == [1] * ITEMS
        with studio.store.db.read() as connection:
            made = [len(assets.of_job(connection, f"{job.id}/{n + 1}")) for n in range(ITEMS)]
        assert made == [1] * ITEMS
        remote = [purchases(tmp_path / f"a{n}") for n in range(ITEMS) if n % 3]
        assert [len(each) for each in remote] == [1] * len(remote), "a remote job was started twice"
    finally:
        studio.close()
