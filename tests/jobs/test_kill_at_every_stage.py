"""kill -9 at every stage of a job, for every kind of provider: one true end, nothing doubled, nothing lost.

What cannot be known is said to be unknown and left to a person; the table below is README's "window that remains".
"""

from __future__ import annotations

from pathlib import Path

import pytest

from core.app import Studio
from core.kit.actor import LOCAL
from core.store import assets, charges
from core.store.jobs import Job
from tests import dying, forked, scripted
from tests.dying import STAGES
from tests.scripted import purchases, submit

SIGKILLED = -9

REMOTE_ONLY = {"after start", "before check", "after check", "before fetch", "after fetch"}
MAKE_ONLY = {"after request"}
# Between the written intent and the written answer nobody can know whether the request got out.
UNKNOWN = {
    "scripted": {"after intent", "after request", "before settle"},
    "remote": {"after intent", "after start"},
    "idempotent": set[str](),
    "free": set[str](),
}
CASES = [
    (provider, stage)
    for provider in UNKNOWN
    for stage in STAGES
    if not (stage in REMOTE_ONLY and provider != "remote") and not (stage in MAKE_ONLY and provider == "remote")
]
QUICK = [
    ("remote", stage) for stage in STAGES if stage not in MAKE_ONLY
] + [("scripted", "after intent"), ("scripted", "after request"), ("scripted", "after settle"),
     ("idempotent", "after request"), ("free", "between bytes and rows")]  # fmt: skip


def killed_and_resumed(studio: Studio, account: Path, provider: str, stage: str) -> Job:
    kind = "local" if provider == "free" else "bought"
    job = submit(studio, LOCAL, account, provider=provider, kind=kind, seconds=0.05)
    first = forked.start(
        dying.main, str(studio.settings.home), stage, environment={"STUDIO_DATABASE_URL": studio.settings.database_url}
    )
    assert first.wait(timeout=90) == SIGKILLED, "the worker was to die at this stage"
    studio.ensure_worker()
    return studio.jobs.wait(LOCAL, job.id, 60)


def holds(studio: Studio, account: Path, provider: str, stage: str) -> None:
    job = killed_and_resumed(studio, account, provider, stage)
    bought = purchases(account)
    with studio.store.db.read() as connection:
        bills = charges.of_job(connection, job.id)
        made = assets.of_job(connection, job.id)
    live = [bill for bill in bills if bill.status != "released"]
    if stage in UNKNOWN[provider]:
        assert job.status == "unknown", job.error
        assert job.error is not None
        assert "billed" in job.error["message"]
        assert job.error["hint"]
        assert len(bought) == (0 if stage == "after intent" else 1), "it was bought again"
        assert [(bill.status, str(bill.reserved_usd)) for bill in live] == [("reserved", "0.1")], "no longer held"
        assert made == []
    else:
        assert job.status == "done", job.error
        if provider == "idempotent":
            assert len({purchase["call"] for purchase in bought}) == 1, "a second key is a second purchase"
        elif provider != "free":
            assert len(bought) == 1, "bought twice"
        assert [(bill.status, str(bill.settled_usd)) for bill in live] == [
            ("settled", "0" if provider == "free" else "0.1")
        ]
        assert len(made) == 1
        assert studio.store.blobs.has(made[0].sha256)


@pytest.mark.parametrize(("provider", "stage"), QUICK)
def test_killed(home: Path, tmp_path: Path, provider: str, stage: str) -> None:
    studio = scripted.build(home, lease_seconds=2.0)
    try:
        holds(studio, tmp_path / "account", provider, stage)
    finally:
        studio.close()


@pytest.mark.long
@pytest.mark.parametrize(("provider", "stage"), CASES)
def test_killed_on_both_databases(studio: Studio, tmp_path: Path, provider: str, stage: str) -> None:
    holds(studio, tmp_path / "account", provider, stage)
