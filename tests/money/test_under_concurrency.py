"""200 submissions at once from two processes under a cap of one dollar, with failures, timeouts and failover.

On SQLite one worker of four threads does the work, on PostgreSQL two of them. The provider's own account, written by the
scripted providers outside the studio, is what is compared with the cap.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from core.app import Studio
from core.kit.actor import LOCAL
from core.store import charges, jobs
from tests import forked, scripted, submitter
from tests.scripted import purchases

CAP = Decimal("1.00")
EACH = {name: Decimal("0.10") for name in ("scripted", "remote", "idempotent")} | {
    "narrow": Decimal("0.01"), "free": Decimal(0)
}  # fmt: skip
LIMITS: dict[str, Any] = {
    "cap_day_usd": str(CAP), "cap_month_usd": "50", "cap_user_day_usd": "50", "cpu_jobs": 4, "net_jobs": 4,
}  # fmt: skip


def spent(folder: Path) -> Decimal:
    """What the outside world bills. A purchase repeated under the same idempotency key is one purchase."""
    bought = {
        (line["provider"], line["call"]): Decimal(line["tracks"]) * EACH[line["provider"]]
        for account in folder.iterdir() if account.suffix != ".tries"
        for line in purchases(account)
    }  # fmt: skip
    return sum(bought.values(), Decimal(0))


def held(studio: Studio) -> Decimal:
    with studio.store.db.read() as connection:
        return charges.held(connection, first_day=date.min, last_day=date.max)


def open_jobs(studio: Studio) -> int:
    with studio.store.db.read() as connection:
        counts = jobs.counts(connection)
    return counts.get("waiting", 0) + counts.get("running", 0)


@contextmanager
def workers(studio: Studio, count: int) -> Iterator[None]:
    limits = {**LIMITS, "lease_seconds": 10}
    environment = {"STUDIO_DATABASE_URL": studio.settings.database_url}
    processes = [
        forked.start(scripted.worker_main, str(studio.settings.home), environment=environment, **limits)
        for _ in range(count)
    ]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=60)


def test_two_hundred_at_once_do_not_pass_one_dollar(home: Path, database_url: str, tmp_path: Path) -> None:
    studio = scripted.build(home, database_url=database_url, **LIMITS)
    folder = tmp_path / "accounts"
    folder.mkdir()
    settings = {**LIMITS, "database_url": database_url}
    submitting = [
        forked.start(submitter.submit_many, home, folder, 100, seed, settings, environment={}) for seed in (1, 2)
    ]
    highest = Decimal(0)
    try:
        with workers(studio, 1 if studio.store.db.is_sqlite else 2):
            for process in submitting:
                assert process.wait(timeout=120) == 0, "a submission was refused"
            until = time.monotonic() + 150
            while open_jobs(studio) and time.monotonic() < until:
                highest = max(highest, held(studio))
                time.sleep(0.05)
        rows = studio.jobs.list(LOCAL, limit=500)
        assert len(rows) == 200
        assert {row.status for row in rows} <= {"done", "failed", "unknown"}
        overspent = max(Decimal(0), spent(folder) - CAP)
        assert overspent == Decimal(0), f"{overspent} dollars over the cap"
        assert highest <= CAP
        assert held(studio) <= CAP
        assert spent(folder) <= held(studio), "the outside world bills something the ledger does not know"
        refused = [row for row in rows if row.error and row.error["code"] == "cap_day"]
        assert len(refused) > 100, "the cap was never reached: nothing was proven"
        assert {row.status for row in refused} == {"failed"}
        assert held(studio) > CAP / 2, "hardly anything was bought"
        for row in rows:
            made = len(studio.jobs.assets(LOCAL, row.id))
            assert made == (1 if row.status == "done" else 0)
    finally:
        for process in submitting:
            process.kill()
        studio.close()


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    seed=some.integers(0, 2**31),
    cap=some.sampled_from(["0.00", "0.10", "0.25", "0.70", "3.00"]),
    job_cap=some.sampled_from([None, "0.10", "0.20"]),
    user_cap=some.sampled_from(["0.30", "50"]),
    count=some.integers(5, 40),
)
def test_random_schedules_hold_every_cap(
    tmp_path_factory: pytest.TempPathFactory, seed: int, cap: str, job_cap: str | None, user_cap: str, count: int
) -> None:
    """Many drawings of the same: random fates, caps and numbers, with four threads in this process."""
    import random

    home = tmp_path_factory.mktemp("schedule")
    dice = random.Random(seed)
    limits = {**LIMITS, "cap_day_usd": cap, "cap_user_day_usd": user_cap}
    studio = scripted.build(home / "home", **limits)
    try:
        asked = [
            scripted.submit(studio, LOCAL, home / str(number), cap_usd=Decimal(job_cap) if job_cap else None,
                            **submitter.fate(dice))
            for number in range(count)
        ]  # fmt: skip
        studio.ensure_worker()
        ends = [studio.jobs.wait(LOCAL, job.id, 60) for job in asked]
        assert all(end.ended for end in ends)
        assert held(studio) <= min(Decimal(cap), Decimal(user_cap))
        for end in ends:
            with studio.store.db.read() as connection:
                of_job = charges.held(connection, root_job_id=end.id)
                rows = charges.of_job(connection, end.id)
            assert job_cap is None or of_job <= Decimal(job_cap)
            still_open = [row for row in rows if row.status == "reserved"]
            assert len(still_open) == (1 if end.status == "unknown" else 0)
            assert sum(row.settled_usd for row in rows) <= sum(row.reserved_usd for row in rows)
    finally:
        studio.close()
