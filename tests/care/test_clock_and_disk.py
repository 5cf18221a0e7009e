"""A clock set back and a disk that is full: nothing breaks, nothing is half."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
import soundfile

from core.analytics import mart
from core.app import Studio
from core.kit import clock
from core.kit.actor import LOCAL
from core.kit.errors import SetupError, StudioError
from core.store import assets, permits, workers
from core.store import changes as changed_rows
from tests.care.conftest import put_asset
from tests.scripted import submit

Shift = Callable[[timedelta], None]
SmallFiles = Callable[[int], AbstractContextManager[None]]


@pytest.fixture
def shift() -> Iterator[Shift]:
    """Set the studio's clock, in every module that reads it."""
    real = clock.now
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("core.")]
    readers = [module for module in modules if getattr(module, "now", None) is real]
    assert len(readers) > 10

    def set_to(by: timedelta) -> None:
        def now() -> datetime:
            return real() + by

        for module in readers:
            module.now = now  # type: ignore[attr-defined]

    yield set_to
    for module in readers:
        module.now = real  # type: ignore[attr-defined]


def in_mart(studio: Studio, sql: str) -> list[tuple[Any, ...]]:
    connection = duckdb.connect(":memory:")
    connection.execute(f"ATTACH '{studio.settings.mart_path}' AS studio (READ_ONLY)")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_jobs_and_money_go_on_when_the_clock_is_set_back(working: Studio, shift: Shift, tmp_path: Path) -> None:
    first = submit(working, LOCAL, tmp_path / "a", provider="scripted")
    assert working.jobs.wait(LOCAL, first.id, 30).status == "done"
    shift(timedelta(hours=-1))
    second = submit(working, LOCAL, tmp_path / "b", provider="scripted")
    assert working.jobs.wait(LOCAL, second.id, 30).status == "done"
    assert second.id != first.id
    assert [working.jobs.cost(LOCAL, job.id) for job in (first, second)] == [Decimal("0.1")] * 2
    assert working.worker_alive()
    with working.store.db.read() as connection:
        assert len(workers.everyone(connection)) == 1


def test_rates_do_not_wait_for_the_clock_to_catch_up(studio: Studio, shift: Shift) -> None:
    def take(name: str) -> float:
        with studio.store.db.write() as connection:
            waits = permits.take(
                connection, "x", name, concurrency=None, per_minute=1, lasting=timedelta(minutes=5)
            )  # fmt: skip
            permits.give_back(connection, name)
            return waits

    assert take("a") == 0
    shift(timedelta(hours=-1))
    assert 0 < take("b") <= 60
    shift(timedelta(hours=-1) + timedelta(seconds=61))
    assert take("b") == 0


def test_the_mart_follows_a_clock_set_back(studio: Studio, shift: Shift, tmp_path: Path) -> None:
    asset = put_asset(studio, tmp_path, b"one")
    assert mart.refresh(studio.settings, studio.store).outcome == "rebuilt"
    shift(timedelta(hours=-1))
    before = changed_rows.state(studio.store.db)
    with studio.store.db.write() as connection:
        assets.edit(connection, LOCAL, [asset], rating=5)
    assert changed_rows.state(studio.store.db) != before, "an open dashboard would not hear of it"
    state = mart.refresh(studio.settings, studio.store)
    assert (state.outcome, state.reason) == ("rebuilt", "the clock was set back")
    assert in_mart(studio, "SELECT rating FROM studio.raw.assets") == [(5,)]
    # From then on it goes by the new clock, without starting over each time.
    shift(timedelta(minutes=-55))
    with studio.store.db.write() as connection:
        assets.edit(connection, LOCAL, [asset], rating=3)
    assert mart.refresh(studio.settings, studio.store).outcome == "refreshed"
    assert in_mart(studio, "SELECT rating FROM studio.raw.assets") == [(3,)]


def test_ids_stay_different_when_the_clock_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    real = time.time
    ids = [clock.new_id("x") for _ in range(100)]
    monkeypatch.setattr(time, "time", lambda: real() - 3600)
    ids += [clock.new_id("x") for _ in range(100)]
    assert len(set(ids)) == 200


# A full disk: the kernel refuses to let any file grow, in the middle of a real write.


def test_keep_is_whole_or_not_at_all(studio: Studio, tmp_path: Path, small_files: SmallFiles) -> None:
    (tmp_path / "big").write_bytes(b"x" * 3_000_000)
    with small_files(1_000_000), pytest.raises(SetupError, match="could not be stored") as error:
        studio.store.blobs.keep(tmp_path / "big")
    assert error.value.hint
    assert list((studio.settings.blobs / "incoming").iterdir()) == []
    assert studio.store.blobs.hashes() == set()
    assert studio.store.blobs.keep(tmp_path / "big")[1] == 3_000_000


def test_an_upload_leaves_nothing_behind(studio: Studio, tmp_path: Path, small_files: SmallFiles) -> None:
    file = tmp_path / "long.wav"
    soundfile.write(file, np.zeros((22050 * 60, 2), dtype=np.float32), 22050, subtype="FLOAT")
    with small_files(2_000_000), pytest.raises(StudioError) as error:
        studio.importing.bring_in(LOCAL, file)
    assert error.value.hint
    assert studio.library.search(LOCAL)[1] == 0
    assert studio.store.blobs.hashes() == set()
    assert studio.importing.bring_in(LOCAL, file)[0].duration_s == 60.0


def test_the_mart_before_it_stays(studio: Studio, tmp_path: Path, small_files: SmallFiles) -> None:
    put_asset(studio, tmp_path, b"one")
    mart.refresh(studio.settings, studio.store)
    before = studio.settings.mart_path.read_bytes()
    put_asset(studio, tmp_path, b"two")
    with small_files(100_000), pytest.raises(StudioError) as error:
        mart.refresh(studio.settings, studio.store)
    assert "disk" in error.value.hint
    assert studio.settings.mart_path.read_bytes() == before
    assert list(studio.settings.home.glob("mart.duckdb.next*")) == []
    assert mart.refresh(studio.settings, studio.store).outcome == "refreshed"
    assert in_mart(studio, "SELECT count(*) FROM studio.raw.assets") == [(2,)]


def test_a_stored_key_that_leaked_into_an_error_is_blanked_in_the_mart(studio: Studio, tmp_path: Path) -> None:
    key = "sk-leaked-0123456789"
    studio.vault.put(LOCAL, "openai_api_key", key)
    job = submit(studio, LOCAL, tmp_path / "a")
    studio.jobs.cancel(LOCAL, job.id)
    with studio.store.db.write() as connection:
        from core.store import jobs

        jobs.change(
            connection, job.id, error={"kind": "ProviderError", "message": f"401 for {key}", "hint": "", "code": ""}
        )
    mart.refresh(studio.settings, studio.store)
    assert key.encode() not in studio.settings.mart_path.read_bytes()
    assert "[hidden]" in str(in_mart(studio, "SELECT error FROM studio.raw.jobs"))
