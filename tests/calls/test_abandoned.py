"""What a crash left open is closed in the books: also when the job was cancelled first, also by another machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.app import Studio
from core.kit.actor import LOCAL
from core.store import charges
from tests import dying, forked, scripted
from tests.scripted import purchases, submit
from tests.servers import ObjectStorage, Postgres


def die_at(studio: Studio, stage: str) -> None:
    worker = forked.start(
        dying.main, str(studio.settings.home), stage, environment={"STUDIO_DATABASE_URL": studio.settings.database_url}
    )
    assert worker.wait(timeout=90) == -9


@pytest.mark.parametrize(
    ("provider", "stage", "expected"),
    [
        ("scripted", "after reserve", [("released", "0")]),
        ("scripted", "after intent", [("settled", "0.1")]),
        ("remote", "before check", [("settled", "0.1")]),
        ("free", "after intent", [("released", "0")]),
    ],
)
def test_cancelled_after_the_crash(
    studio: Studio, tmp_path: Path, provider: str, stage: str, expected: list[tuple[str, str]]
) -> None:
    account = tmp_path / "account"
    kind = "local" if provider == "free" else "bought"
    job = submit(studio, LOCAL, account, provider=provider, kind=kind, seconds=30.0)
    die_at(studio, stage)
    before = len(purchases(account))
    studio.jobs.cancel(LOCAL, job.id)
    studio.ensure_worker()
    assert studio.jobs.wait(LOCAL, job.id, 60).status == "cancelled"
    with studio.store.db.read() as connection:
        bills = [(bill.status, str(bill.settled_usd)) for bill in charges.of_job(connection, job.id)]
    assert bills == expected
    assert len(purchases(account)) == before


def test_another_machine_keeps_what_a_dead_one_paid_for(postgres: Postgres, tmp_path: Path) -> None:
    """The dead machine's folder is gone with it; what was bought is found in the storage they share."""
    url = postgres.fresh()
    with ObjectStorage() as storage:
        first = scripted.build(tmp_path / "one", database_url=url, **storage.settings)
        account = tmp_path / "account"
        job = submit(first, LOCAL, account, provider="scripted")
        environment = {
            "STUDIO_DATABASE_URL": url, "STUDIO_STORAGE_URL": f"s3://{storage.bucket}/studio",
            "STUDIO_STORAGE_ENDPOINT": storage.endpoint, **storage.keys,
        }  # fmt: skip
        worker = forked.start(dying.main, str(tmp_path / "one"), "before keep", environment=environment)
        assert worker.wait(timeout=90) == -9
        first.close()
        (tmp_path / "one").rename(tmp_path / "gone")
        second = scripted.build(tmp_path / "two", database_url=url, **storage.settings)
        try:
            second.ensure_worker()
            done = second.jobs.wait(LOCAL, job.id, 60)
            assert done.status == "done", done.error
            assert len(purchases(account)) == 1
            assert second.library.file(LOCAL, second.jobs.assets(LOCAL, job.id)[0].id).stat().st_size > 0
        finally:
            second.close()
    postgres.drop(url)
