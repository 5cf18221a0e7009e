"""The job path beside a bare dbos workflow on both databases, and what ten thousand waiting jobs cost."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import insert

from core.app import Studio, build_studio
from core.jobs.registry import JobKind, Product
from core.jobs.work import Work
from core.kit.actor import LOCAL
from core.kit.settings import load_settings
from core.store import jobs
from tests.bench.rows import Row, timed
from tests.servers import Postgres

PATH_GATE = 3.0
PATH_GOAL = 2.0
MANY = 10_000
LOOKING_GATE = 5.0
COUNTING_GATE = 20.0
"""A position is counted along an index, every time anew."""
RUNS = 50
ROUNDS = 4
DRAINED = 300


def empty(work: Work) -> Product:
    return Product(outputs=(), name=work.job.title, source="", config={}, licence={})


def sleeper(work: Work) -> Product:
    while not work.cancelled():
        time.sleep(0.2)
    return empty(work)


def measure() -> list[Row]:
    rows = _path("SQLite", "", "")
    with Postgres(durable=True) as server:
        rows += _path("PostgreSQL", server.fresh(migrated=False), server.fresh(migrated=False))
    return rows + _long_queue()


def _open(folder: str, url: str = "", **settings: object) -> Studio:
    studio = build_studio(load_settings(home=Path(folder) / "home", database_url=url, **settings))
    studio.kinds.add(JobKind("empty", "cpu", empty), JobKind("sleeper", "net", sleeper))
    return studio


def _path(name: str, url: str, bare_url: str) -> list[Row]:
    """An empty job from submission to its end, against a bare dbos workflow of two steps on the same database."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.bench.bare_dbos", folder, str(RUNS), bare_url]
        theirs: list[float] = []
        mine: list[float] = []
        studio = _open(folder, url)
        studio.ensure_worker()
        try:
            for _ in range(ROUNDS):  # by turns, so that the machine's moods fall on both
                answer = subprocess.run(command, check=True, capture_output=True, text=True)
                theirs += json.loads(answer.stdout.splitlines()[-1])
                mine += [timed(lambda: _done(studio)) for _ in range(RUNS)]
            ours, bare = statistics.median(mine), statistics.median(theirs)
            drained = _drained(studio)
        finally:
            studio.close()
    detail = f"{ours * 1000:.1f} ms against {bare * 1000:.1f} ms"
    return [
        Row(f"job: submit to done / bare dbos workflow, {name}", ours / bare, detail, at_most=PATH_GATE, goal=PATH_GOAL),
        Row(f"job: {DRAINED} waiting at once, jobs a second / one after another, {name}", drained * ours,
            f"{drained:.0f} a second"),
    ]  # fmt: skip


def _drained(studio: Studio) -> float:
    """Jobs a second of one worker that always finds some waiting."""
    studio.jobs.pause(LOCAL)
    ids = [studio.jobs.submit(LOCAL, "empty", {}, title="empty").id for _ in range(DRAINED)]
    began = time.perf_counter()
    studio.jobs.resume(LOCAL)
    for job_id in ids:
        studio.jobs.wait(LOCAL, job_id, 120)
    return DRAINED / (time.perf_counter() - began)


def _done(studio: Studio) -> None:
    job = studio.jobs.wait(LOCAL, studio.jobs.submit(LOCAL, "empty", {}, title="empty").id, 60)
    assert job.status == "done", job.error


def _long_queue() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        studio = _open(folder, net_jobs=1)
        studio.ensure_worker()
        try:
            for _ in range(10):
                _done(studio)
            blocker = studio.jobs.submit(LOCAL, "sleeper", {}, title="holds the only place")
            while studio.jobs.show(LOCAL, blocker.id).status != "running":
                time.sleep(0.01)
            waiting = studio.jobs.submit(LOCAL, "sleeper", {}, title="waits")
            acts: dict[str, Callable[[str], object]] = {
                "first page of the list": lambda _: studio.jobs.list(LOCAL, limit=50),
                "a job's position": lambda job_id: studio.jobs.position(LOCAL, job_id),
                "cancel": lambda job_id: studio.jobs.cancel(LOCAL, job_id),
            }
            alone = [studio.jobs.submit(LOCAL, "sleeper", {}, title="waits").id for _ in range(60)]
            few = {name: _median(act, alone) for name, act in acts.items()}
            few_starts = _starts(studio)
            _fill(studio, waiting)
            ids = [f"fill_{number:06d}" for number in range(MANY - 60, MANY)]
            many = {name: _median(act, ids) for name, act in acts.items()}
            many_starts = _starts(studio)
            studio.jobs.cancel(LOCAL, blocker.id)
        finally:
            studio.close()
    rows = [
        Row(f"{name}: {MANY:,} waiting / 60 waiting", many[name] / few[name],
            f"{many[name] * 1000:.1f} ms against {few[name] * 1000:.1f} ms",
            at_most=COUNTING_GATE if "position" in name else LOOKING_GATE)
        for name in acts
    ]  # fmt: skip
    p50, p95 = (statistics.quantiles(many_starts, n=20)[at] for at in (9, 18))
    ratio = statistics.median(many_starts) / statistics.median(few_starts)
    detail = f"p50 {p50 * 1000:.1f} ms, p95 {p95 * 1000:.1f} ms"
    return [*rows, Row(f"submit to start of a fast job: {MANY:,} waiting / none", ratio, detail, at_most=LOOKING_GATE)]


def _median(act: Callable[[str], object], ids: list[str]) -> float:
    return statistics.median(timed(lambda job_id=job_id: act(job_id)) for job_id in ids)  # type: ignore[misc]


def _starts(studio: Studio) -> list[float]:
    waits = []
    for _ in range(40):
        job = studio.jobs.wait(LOCAL, studio.jobs.submit(LOCAL, "empty", {}, title="empty").id, 60)
        assert job.started_at is not None
        waits.append((job.started_at - job.created_at).total_seconds())
    return waits


def _fill(studio: Studio, model: jobs.Job) -> None:
    rows = [
        {**model.__dict__, "id": f"fill_{number:06d}", "root_id": f"fill_{number:06d}", "position": 1e6 + number}
        for number in range(MANY)
    ]
    with studio.store.db.write() as connection:
        connection.execute(insert(jobs.table), rows)
