"""Verify: silent on a sound studio, one line for each thing that is wrong, and mends only what loses nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import text

from core.app import Studio
from core.care.verify import REMEDIES, Verified, verify
from core.kit.actor import LOCAL
from core.store import blobs, checking
from tests import scripted
from tests.care.conftest import put_asset
from tests.scripted import submit
from tests.servers import Postgres


def rules(studio: Studio, *, fix: bool = False) -> list[str]:
    return sorted(problem.rule for problem in run(studio, fix=fix).problems)


def run(studio: Studio, *, fix: bool = False) -> Verified:
    return verify(studio.settings, studio.store, fix=fix)


@pytest.fixture
def used(working: Studio, tmp_path: Path) -> Studio:
    """Bought, failed, made for free, and with two files of its own."""
    ends = []
    for values in ({"provider": "scripted"}, {"provider": "scripted", "acts": ["rejected"]}, {"provider": "free"},
                   {"provider": "scripted", "acts": ["unknown"]}):  # fmt: skip
        job = submit(working, LOCAL, tmp_path / f"account{len(ends)}", **values)  # type: ignore[arg-type]
        ends.append(working.jobs.wait(LOCAL, job.id, 30).status)
    assert ends == ["done", "failed", "done", "unknown"]
    put_asset(working, tmp_path, b"one")
    put_asset(working, tmp_path, b"two")
    working.close()
    return working


def test_a_used_studio_is_sound(used: Studio) -> None:
    seen: list[float] = []
    done = verify(used.settings, used.store, progress=lambda stage, fraction: seen.append(fraction))
    assert done.problems == ()
    assert done.sound
    assert done.files == 4
    assert seen[-1] == 1.0


BREAKS = {
    "charge_without_attempt": "DELETE FROM attempts WHERE id = (SELECT attempt_id FROM charges WHERE status = 'settled' LIMIT 1)",
    "charge_disagrees": "UPDATE attempts SET job_id = (SELECT max(id) FROM jobs), step = 'other' WHERE job_id = (SELECT min(id) FROM jobs)",
    "attempt_without_charge": "DELETE FROM charges WHERE status = 'settled'",
    "charge_still_held": "UPDATE charges SET status = 'reserved' WHERE status = 'released'",
    "success_not_billed": "UPDATE charges SET status = 'released' WHERE status = 'settled'",
    "attempt_left_open": "UPDATE attempts SET status = 'intended' WHERE status = 'failed'",
    "unknown_without_attempt": "UPDATE attempts SET status = 'failed' WHERE status = 'unknown'",
    "ended_without_end": "UPDATE jobs SET finished_at = NULL WHERE status = 'failed'",
    "done_without_result": "UPDATE jobs SET result = NULL WHERE status = 'done'",
    "waiting_with_worker": "UPDATE jobs SET status = 'waiting' WHERE status = 'failed'",
    "running_without_worker": "UPDATE jobs SET status = 'running', worker_id = NULL WHERE status = 'failed'",
    "child_without_parent": "UPDATE jobs SET parent_id = 'job_gone' WHERE status = 'failed'",
    "asset_without_job": "UPDATE assets SET job_id = 'job_gone' WHERE id = (SELECT max(id) FROM assets)",
    "asset_of_unfinished_job": "UPDATE jobs SET status = 'failed' WHERE status = 'done'",
    "asset_size_differs": "UPDATE assets SET bytes = bytes + 1",
    "count_differs": 'UPDATE blobs SET "references" = 7 WHERE bytes = 3',
}  # fmt: skip


@pytest.mark.parametrize("rule", sorted(BREAKS))
def test_every_break_is_found(used: Studio, rule: str) -> None:
    with used.store.db.write() as connection:
        connection.execute(text(BREAKS[rule]))
    problem = next(each for each in run(used).problems if each.rule == rule)
    assert problem.subject
    assert problem.remedy
    assert not run(used).sound


def test_rules_and_remedies_are_the_same() -> None:
    of_rows = {rule for rule, _ in checking._rules()}
    assert set(REMEDIES) - of_rows == {"file_missing", "file_damaged", "file_unknown", "folder_unknown"}
    assert of_rows <= set(REMEDIES)


def test_files_lost_and_damaged(used: Studio) -> None:
    found, _ = used.library.search(LOCAL, kinds=["music"])
    lost, hurt = (asset for asset in found if asset.source == "uploaded")
    used.store.blobs.path(lost.sha256).unlink()
    path = used.store.blobs.path(hurt.sha256)
    path.write_bytes(b"2wo")
    done = run(used, fix=True)
    assert {(p.rule, p.subject) for p in done.problems} == {("file_missing", lost.id), ("file_damaged", hurt.id)}
    assert path.exists(), "a damaged file is all there is left of it"
    assert not done.sound


def test_fix_mends_counts_and_takes_away_what_nobody_has(used: Studio, tmp_path: Path) -> None:
    for text_of in (b"stray", b"young stray"):
        (tmp_path / "f").write_bytes(text_of)
        sha256, _ = used.store.blobs.keep(tmp_path / "f")
        if text_of == b"stray":
            os.utime(used.store.blobs.path(sha256), (1, 1))
    young = sha256
    for name in ("job_nobody", "job_just_begun"):
        (used.settings.work / name).mkdir()
    os.utime(used.settings.work / "job_nobody", (1, 1))
    with used.store.db.write() as connection:
        connection.execute(text('UPDATE blobs SET "references" = "references" + 1'))
        rowless = connection.execute(text("SELECT sha256 FROM blobs LIMIT 1")).scalar_one()
        connection.execute(blobs.table.delete().where(blobs.table.c.sha256 == rowless))
    assert rules(used) == ["asset_without_bytes"] + ["count_differs"] * 3 + ["file_unknown", "folder_unknown"]
    done = run(used, fix=True)
    assert done.sound
    assert {problem.remedy for problem in done.problems} == {"mended"}
    assert rules(used) == []
    assert used.store.blobs.has(young)
    assert used.store.blobs.has(rowless)
    assert (used.settings.work / "job_just_begun").exists()


def test_bytes_of_an_asset_without_count_are_no_strays(used: Studio) -> None:
    """The row in blobs is gone, the asset still there: its bytes must never be taken for nobody's."""
    with used.store.db.write() as connection:
        connection.execute(blobs.table.delete())
    for file in used.store.blobs.hashes():
        os.utime(used.store.blobs.path(file), (1, 1))
    assert "file_unknown" not in rules(used, fix=True)
    assert len(used.store.blobs.hashes()) == 4
    assert rules(used) == []


def test_the_same_on_a_server(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.fresh()
    studio = scripted.build(tmp_path / "home", database_url=url)
    for data in (b"one", b"two"):
        put_asset(studio, tmp_path, data)
    with studio.store.db.write() as connection:
        connection.execute(text('UPDATE blobs SET "references" = 3'))
        rowless = connection.execute(text("SELECT sha256 FROM blobs LIMIT 1")).scalar_one()
        connection.execute(blobs.table.delete().where(blobs.table.c.sha256 == rowless))
    assert rules(studio) == ["asset_without_bytes", "count_differs"]
    assert run(studio, fix=True).sound
    assert rules(studio) == []
    studio.close()
    postgres.drop(url)
