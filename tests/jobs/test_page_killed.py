"""kill -9 of the page: alone, and with the worker inside (as a Space runs it). Work goes on, or goes on after a restart."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.app import Studio
from core.kit.actor import LOCAL
from core.store import charges
from tests.ports import free_port

ROOT = Path(__file__).parents[2]


class Processes:
    def __init__(self, home: Path) -> None:
        self.home = home
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        self.port = free_port()
        clean = {name: value for name, value in os.environ.items() if not name.startswith("STUDIO_")}
        process = subprocess.Popen(
            [sys.executable, *command], cwd=ROOT,
            env=clean | {"STUDIO_HOME": str(self.home), "STUDIO_PORT": str(self.port), "STUDIO_LEASE_SECONDS": "2"},
        )  # fmt: skip
        self.running.append(process)
        return process

    def until(self, true: Callable[[], object], timeout_s: float = 180) -> None:
        deadline = time.monotonic() + timeout_s
        while not true():
            assert time.monotonic() < deadline, "it never happened"
            time.sleep(0.05)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


@pytest.fixture
def database_url() -> str:
    return ""


@pytest.fixture
def processes(home: Path) -> Iterator[Processes]:
    started = Processes(home)
    yield started
    for process in started.running:
        process.kill()
        process.wait()


def made_once(studio: Studio, job_id: str) -> None:
    job = studio.jobs.wait(LOCAL, job_id, 120)
    assert job.status == "done", job.error
    made = studio.jobs.assets(LOCAL, job_id)
    assert len({asset.role for asset in made}) == len(made) >= 4
    with studio.store.db.read() as connection:
        assert [bill.status for bill in charges.of_job(connection, job_id)].count("settled") == 1


def test_the_page_dies_and_the_work_goes_on(processes: Processes, studio: Studio) -> None:
    page = processes.start("ui_gradio/app.py", "--no-worker")
    processes.until(processes.answers)
    processes.start("-c", "from core.cli.main import main; main()", "worker")
    job = studio.music.compose(LOCAL, genre="jazz", mood="calm", seconds=20, seed=5)
    processes.until(lambda: studio.jobs.show(LOCAL, job.id).fraction > 0.05)
    page.kill()
    page.wait()
    made_once(studio, job.id)
    assert studio.jobs.show(LOCAL, job.id).epoch == 1, "the worker was disturbed"


def test_page_and_worker_die_together_and_a_restart_finishes(processes: Processes, studio: Studio) -> None:
    both = processes.start("ui_gradio/app.py")
    processes.until(studio.worker_alive)
    job = studio.music.compose(LOCAL, genre="jazz", mood="calm", seconds=20, seed=5)
    processes.until(lambda: studio.jobs.show(LOCAL, job.id).fraction > 0.05)
    both.kill()
    both.wait()
    assert not studio.jobs.show(LOCAL, job.id).ended
    processes.start("ui_gradio/app.py")
    made_once(studio, job.id)
