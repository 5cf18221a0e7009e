"""From the first release's database to today's: nothing lost, nothing bought twice, and never half of it."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from core.app import Studio
from core.care.backup import backup
from core.care.restore import restore
from core.care.verify import verify
from core.kit.actor import LOCAL, Actor
from core.kit.clock import new_id
from core.kit.errors import SetupError
from core.kit.settings import load_settings
from core.store import answers, assets, attempts, budgets, charges, jobs, migrate, portable, preferences, projects
from core.store.db import Database, metadata
from core.store.files import LocalBlobs
from core.store.migrate import ours, revision_of
from core.store.store import Store, open_store
from tests import scripted
from tests.scripted import purchases
from tests.servers import Postgres

SQL = (Path(__file__).parent / "first_database.sql").read_text(encoding="utf-8")


@pytest.fixture
def database_url() -> str:
    """The first release's own file is SQLite; PostgreSQL has its tests below."""
    return ""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A data folder as the first release left it when its worker was killed."""
    home = tmp_path / "old"
    home.mkdir()
    connection = sqlite3.connect(home / "studio.sqlite")
    connection.executescript(SQL.replace("{HOME}", str(home)))
    blobs = LocalBlobs(home / "blobs")
    for (attempt_id,) in connection.execute("SELECT id FROM attempts WHERE status = 'succeeded'").fetchall():
        (home / "track").write_text(attempt_id)  # what the scripted engines make
        blobs.keep(home / "track")
    (home / "track").unlink()
    connection.close()
    return home


def raw(home: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(home / "studio.sqlite")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def contents(home: Path) -> list[str]:
    connection = sqlite3.connect(home / "studio.sqlite")
    try:
        return sorted(connection.iterdump())
    finally:
        connection.close()


def test_the_fixture_has_rows_in_every_table_of_its_time(old: Path) -> None:
    names = [str(row[0]) for row in raw(old, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    assert len(names) == 16
    assert [name for name in names if raw(old, f'SELECT count(*) FROM "{name}"') == [(0,)]] == []
    assert raw(old, "SELECT * FROM alembic_version") == [("0001",)]


def test_everything_is_still_there_and_readable(old: Path) -> None:
    before = {
        name: raw(old, f'SELECT count(*) FROM "{name}"')[0][0]
        for name in ("assets", "asset_sources", "attempts", "blobs", "charges", "jobs", "projects", "project_versions", "alerts")
    }  # fmt: skip
    sums = raw(old, "SELECT status, sum(reserved_usd), sum(settled_usd) FROM charges GROUP BY status ORDER BY status")
    settings = load_settings(home=old)
    store = open_store(settings)
    with store.db.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False, "include_name": ours})
        assert compare_metadata(context, metadata) == []
        found, total = assets.search(connection, LOCAL, drafts=True, parts=True)
        binned, _ = assets.search(connection, LOCAL, drafts=True, parts=True, binned=True)
        assert total + len(binned) == before["assets"]
        named = next(asset for asset in found if asset.rating == 4)
        assert (named.name, named.tags, named.folder, named.favourite) == ("Rain, é 空", ["rain", "空"], "a/b", True)
        assert assets.search(connection, LOCAL, words="空")[0] == [named]
        assert [link.source_id for link in assets.sources_of(connection, binned[0].id)] == [named.id]
        listed = jobs.listing(connection, LOCAL)
        assert len(listed) == before["jobs"]
        assert sorted(job.status for job in listed) == [
            "done", "done", "done", "failed", "running", "running", "unknown", "waiting", "waiting", "waiting",
        ]  # fmt: skip
        assert jobs.by_idempotency_key(connection, "local", "once") is not None
        assert sum(len(attempts.of_job(connection, job.id)) for job in listed) == before["attempts"]
        of_ann = [job for job in listed if job.user_id == "ann"]
        assert of_ann[0].asked_by() == Actor("ann", "team")
        assert charges.held(connection) == Decimal("0.7")
        project = projects.listing(connection, LOCAL)[0]
        assert [version["version"] for version in projects.history(connection, project.id)] == [2, 1]
        assert projects.document(connection, project.id, 2) == {"tracks": [1]}
        assert budgets.limits(connection)["day"][0] == Decimal("7.50")
        assert [alert.message for alert in budgets.open_alerts(connection)] == ["75 % of the day"]
        assert budgets.blocks(connection) == {"narrow": "billed too much"}
        assert answers.find(connection, "k" * 64).value == {"found": [1, "é"]}  # type: ignore[union-attr]
        assert preferences.read(connection, "queue_paused") is True
    # The two running jobs had a worker, which is no more; nothing else is out of order.
    assert [problem.rule for problem in verify(settings, store).problems] == []
    store.db.close()
    assert (
        raw(old, "SELECT status, sum(reserved_usd), sum(settled_usd) FROM charges GROUP BY status ORDER BY status")
        == sums
    )
    assert {name: raw(old, f'SELECT count(*) FROM "{name}"')[0][0] for name in before} == before


def test_jobs_in_flight_go_on_after_the_upgrade(old: Path) -> None:
    account = old / "acc"
    by_try = dict(raw(old, "SELECT status, job_id FROM attempts WHERE status IN ('started', 'intended')"))
    studio = scripted.build(old)
    try:
        studio.ensure_worker()
        assert studio.jobs.wait(LOCAL, str(by_try["started"]), 30).status == "done"
        assert studio.jobs.wait(LOCAL, str(by_try["intended"]), 30).status == "unknown"
        assert purchases(account) == [], "something was bought again"
        waiting = studio.jobs.list(LOCAL, statuses=["waiting"])
        assert len(waiting) == 3
        studio.jobs.resume(LOCAL)
        assert [studio.jobs.wait(LOCAL, job.id, 30).status for job in waiting] == ["done"] * 3
        counts = {job.status for job in studio.jobs.list(LOCAL)}
        assert counts == {"done", "failed", "unknown"}
        assert sum(job.status == "unknown" for job in studio.jobs.list(LOCAL)) == 2
        assert len(purchases(account)) == 3  # the three that waited, each once
    finally:
        studio.close()


def test_a_migration_that_fails_in_the_middle_leaves_the_old_database(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts = broken_scripts(tmp_path)
    before = contents(old)
    monkeypatch.setattr(migrate, "_SCRIPTS", scripts)
    with pytest.raises(ZeroDivisionError):
        open_store(load_settings(home=old))
    assert contents(old) == before
    monkeypatch.undo()
    open_store(load_settings(home=old)).db.close()
    assert len(raw(old, "SELECT * FROM jobs")) == 10


def broken_scripts(tmp_path: Path) -> Path:
    """Today's migrations, and after them one that changes things and then breaks."""
    scripts = tmp_path / "migrations"
    shutil.copytree(migrate._SCRIPTS, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    head = max(file.name[:4] for file in (scripts / "versions").glob("0*.py"))
    (scripts / "versions" / "9999_breaks.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f'revision = "9999"\ndown_revision = "{head}"\n'
        "def upgrade():\n"
        '    op.create_table("half", sa.Column("id", sa.Integer(), primary_key=True))\n'
        "    op.execute(\"UPDATE jobs SET title = 'half'\")\n"
        "    1 / 0\n"
    )
    return scripts


def test_the_same_on_a_server(postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = postgres.fresh(migrated=False)
    settings = load_settings(home=tmp_path / "home", database_url=url)
    with monkeypatch.context() as patched:
        patched.setattr(migrate, "_SCRIPTS", broken_scripts(tmp_path))
        with pytest.raises(ZeroDivisionError):
            open_store(settings)
    database = Database(settings.store_url)
    with database.read() as connection:
        assert revision_of(connection) is None
        assert portable.tables(connection) == []
    database.close()
    open_store(settings).db.close()
    postgres.drop(url)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_old_backup_restores_and_is_migrated(
    old: Path, tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    """Written at revision 0001 and read by today's code, into either database."""
    before = load_settings(home=old)
    store = Store(Database(before.store_url), LocalBlobs(before.blobs))
    file = backup(before, store, tmp_path / "old.tar").path
    store.db.close()
    more = {}
    if kind == "postgresql":
        more["database_url"] = request.getfixturevalue("postgres").fresh()
    settings = load_settings(home=tmp_path / "new", **more)
    done = restore(settings, file)
    assert (done.live_jobs, done.files) == (5, 3)
    store = open_store(settings)
    with store.db.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False, "include_name": ours})
        assert compare_metadata(context, metadata) == []
        assert charges.held(connection) == Decimal("0.7")
        assert len(jobs.listing(connection, LOCAL, statuses=["waiting"])) == 5
    assert verify(settings, store).problems == ()
    store.db.close()
    if kind == "postgresql":
        request.getfixturevalue("postgres").drop(more["database_url"])


def test_a_newer_database_is_refused_and_left_alone(old: Path) -> None:
    connection = sqlite3.connect(old / "studio.sqlite")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    before = contents(old)
    with pytest.raises(SetupError, match="newer version"):
        open_store(load_settings(home=old))
    assert contents(old) == before


OPEN = (
    "from core.store.store import open_store; from core.kit.settings import load_settings; open_store(load_settings())"
)


@pytest.mark.parametrize("fresh", [False, True])
def test_processes_that_start_together_migrate_once(old: Path, tmp_path: Path, fresh: bool) -> None:
    home = tmp_path / "fresh" if fresh else old
    processes = [
        subprocess.Popen([sys.executable, "-c", OPEN], env={"STUDIO_HOME": str(home)}, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    said = [process.communicate(timeout=60)[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said
    assert len(raw(home, "SELECT * FROM alembic_version")) == 1
    assert len(raw(home, "SELECT * FROM jobs")) == (0 if fresh else 10)


@pytest.fixture
def locked(studio: Studio) -> Callable[[float], subprocess.Popen[bytes]]:
    """Another process that holds SQLite's write lock for some seconds."""
    path = studio.settings.home / "studio.sqlite"

    def hold(seconds: float) -> subprocess.Popen[bytes]:
        code = (
            "import sqlite3, time, sys\n"
            f"c = sqlite3.connect({str(path)!r}, isolation_level=None)\n"
            "c.execute('BEGIN IMMEDIATE'); print('held', flush=True)\n"
            f"time.sleep({seconds}); c.execute('ROLLBACK')"
        )
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        return process

    return hold


def test_a_locked_database_is_waited_for(studio: Studio, locked: Callable[[float], subprocess.Popen[bytes]]) -> None:
    holder = locked(2.0)
    assert studio.jobs.list(LOCAL) == []  # readers do not wait at all
    with studio.store.db.write() as connection:
        preferences.write(connection, "theme", "dark")
    holder.wait()


def test_one_locked_for_longer_is_said(studio: Studio, locked: Callable[[float], subprocess.Popen[bytes]]) -> None:
    """With a shorter patience than the studio's fifteen seconds, so that the test need not wait so long."""
    holder = locked(60.0)
    database = Database(studio.settings.store_url)
    started = time.monotonic()
    with pytest.raises(SetupError, match="busy") as error, database.read() as connection:  # noqa: PT012
        connection.execute(text("PRAGMA busy_timeout=200"))
        preferences.write(connection, new_id("x"), 1)
    assert error.value.code == "database_busy"
    assert time.monotonic() - started < 14, "it waited as long as the studio does"
    database.close()
    holder.kill()
    holder.wait()


def test_the_names_of_the_files_are_the_revisions_in_their_order() -> None:
    """That is how a database is known to be up to date without alembic."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(migrate._config())
    assert migrate._revisions() == [script.revision for script in scripts.walk_revisions()][::-1]
    assert migrate._revisions()[-1] == scripts.get_current_head()


def test_an_up_to_date_studio_opens_without_alembic(studio: Studio) -> None:
    code = "import sys; from core.app import build_studio; build_studio().close(); print('alembic' in sys.modules)"
    environment = {"STUDIO_HOME": str(studio.settings.home)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.strip() == "False", done.stderr


def test_the_hashes_of_the_fixture(old: Path) -> None:
    named = {str(row[0]) for row in raw(old, "SELECT sha256 FROM blobs")}
    kept = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (old / "blobs").glob("??/*")}
    assert named == kept
