"""Shared fixtures: every test has a data folder of its own and never the user's."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import cache
from pathlib import Path

import pytest
from httpx._transports import default as transports

from core import app
from core.app import Studio, build_studio
from core.kit.settings import Settings, load_settings
from core.store.store import Store
from tests import scripted, warm
from tests.servers import Postgres

# Compiled modules are kept, whatever the environment says (containers often forbid it): the tests start hundreds of
# processes, and each would compile all of core again, which takes longer than the rest of its start.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Every httpx.get() of a test that waits for an answer would read the list of trusted certificates again, which takes a
# tenth of a second of processor time.
transports.create_ssl_context = cache(transports.create_ssl_context)
# The name Starlette's TestClient calls by; a real studio on one machine answers to that machine's names alone.
os.environ["STUDIO_ALLOWED_HOSTS"] = "testserver"


@pytest.fixture(scope="session", autouse=True)
def warm_children() -> Iterator[None]:
    """The studios of this process hand their working children on."""
    plain, app.Children = app.Children, warm.Shared  # type: ignore[misc]
    yield
    app.Children = plain  # type: ignore[misc]
    warm.dismiss()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def database_url() -> str:
    """SQLite. The suites of store, jobs, money and calls run on PostgreSQL as well (their conftest)."""
    return ""


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with every table, to copy: as Postgres.fresh() does for the other kind."""
    home = tmp_path_factory.mktemp("migrated") / "home"
    build_studio(load_settings(home=home)).close()
    copy = home.parent / "studio.sqlite"
    with closing(sqlite3.connect(home / "studio.sqlite")) as database:
        database.execute("VACUUM INTO ?", [str(copy)])
    return copy


@pytest.fixture(scope="session", autouse=True)
def begun_from_a_copy(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A studio that begins in this process on SQLite begins from that copy, where its migrations would bring it too:
    making the tables anew takes longer than many a test. First beginnings are tested in tests/store, by open_store().
    Its cache begins with what others measured and rendered: tests/warm.py."""
    plain = app.open_store
    warm.keep_caches_in(tmp_path_factory.getbasetemp())

    def open_store(settings: Settings) -> Store:
        warm.lend_caches(settings.home)
        file = settings.home / "studio.sqlite"
        if not settings.database_url and not file.exists():
            with suppress(OSError):  # a folder nobody can write is the studio's to tell
                settings.home.mkdir(parents=True, exist_ok=True)
                shutil.copy(migrated, file)
        return plain(settings)

    app.open_store = open_store
    yield
    app.open_store = plain


@pytest.fixture
def studio(home: Path, database_url: str) -> Iterator[Studio]:
    """A studio with the scripted providers and no worker."""
    built = scripted.build(home, database_url=database_url)
    yield built
    built.close()


@pytest.fixture
def working(studio: Studio) -> Studio:
    """The same with a worker inside."""
    studio.ensure_worker()
    return studio


# One data folder and one worker process for the whole run, for the doors that meet a running studio (CLI, notebooks).


@pytest.fixture(scope="session")
def studio_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("doors") / "home"


@pytest.fixture(scope="session")
def running_studio(studio_home: Path) -> Iterator[Path]:
    """The data folder of a studio whose worker is another process."""
    warm.lend_caches(studio_home)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STUDIO_")}
    worker = subprocess.Popen(
        [sys.executable, "-c", "from core.cli.main import main; main()", "worker"],
        env=environment | {"STUDIO_HOME": str(studio_home)},
    )
    watcher = build_studio(load_settings(home=studio_home))
    try:
        until = time.monotonic() + 180
        while not watcher.worker_alive():
            assert worker.poll() is None, f"the worker left with {worker.returncode}"
            assert time.monotonic() < until, "the worker did not come up"
            time.sleep(0.05)
        yield studio_home
    finally:
        watcher.close()
        worker.terminate()
        worker.wait(timeout=90)
