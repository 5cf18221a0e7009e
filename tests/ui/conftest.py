"""A studio of its own for these tests: its worker runs, its folder is gone afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from core.app import Studio, build_studio
from core.kit.actor import LOCAL
from core.kit.settings import load_settings
from tests import browser, warm
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
expect.set_options(timeout=30_000)  # a busy machine is not a broken page


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", default="", help="folder to keep the pictures of the browser tests in")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    made = build_studio(load_settings(home=tmp_path_factory.mktemp("studio")))
    made.ensure_worker()
    yield made
    made.close()


@pytest.fixture(scope="session")
def pictures(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    chosen = request.config.getoption("--screenshots", default="")
    folder = Path(chosen) if chosen else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """HOME of the started processes; their STUDIO_HOME is the folder `studio` in it."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def dashboards_url(place: Path) -> Iterator[str]:
    """The dashboards beside the page, on the same data."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "dashboards/app.py", f"--server.port={port}"]
    env = dict(os.environ) | {"STUDIO_HOME": str(place / "studio"), "HOME": str(place)}
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 180
        while True:
            assert process.poll() is None, "the dashboards ended at their start"
            assert time.monotonic() < deadline, "the dashboards did not start"
            try:
                if httpx.get(f"http://127.0.0.1:{port}/_stcore/health", timeout=30).is_success:
                    break
            except httpx.TransportError:
                time.sleep(0.3)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.fixture(scope="session")
def page_url(place: Path) -> Iterator[str]:
    """One page for every file that does not ask for a fresh one: its start costs as much as most of these tests."""
    with page_of(place) as url:
        yield url


def no_examples(studio: Studio) -> None:
    """A page makes them for whoever has made nothing yet, which takes as long as a test. Something is in the bin now."""
    used, _ = studio.importing.bring_in(LOCAL, ROOT / "tests" / "media" / "very_short_20ms.wav")
    studio.library.bin(LOCAL, [used.id])


@contextmanager
def bare_page_of(home: Path, **settings: str) -> Iterator[str]:
    """The same without examples."""
    used = build_studio(load_settings(home=home / "studio"))
    no_examples(used)
    used.close()
    with page_of(home, **settings) as url:
        yield url


@contextmanager
def page_of(home: Path, **settings: str) -> Iterator[str]:
    """`python ui_gradio/app.py`, as a user or a Space starts it, on a folder that holds warm caches alone. `settings`: by
    their names in capitals without STUDIO_."""
    port = free_port()
    warm.lend_caches(home / "studio")
    env = {name: value for name, value in os.environ.items() if not name.startswith("STUDIO_") and name != "SPACE_ID"}
    env |= {"STUDIO_HOME": str(home / "studio"), "STUDIO_PORT": str(port), "HOME": str(home)}
    env |= {f"STUDIO_{name}": value for name, value in settings.items()}
    log = (home / "log").open("w")
    process = subprocess.Popen([sys.executable, "ui_gradio/app.py"], cwd=ROOT, env=env, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 180
        while True:
            assert process.poll() is None, (home / "log").read_text()
            assert time.monotonic() < deadline, (home / "log").read_text()
            try:
                if httpx.get(f"{url}/healthz").json()["worker"]:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.3)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()


@pytest.fixture(scope="session")
def chromium() -> str:
    found = browser.find()
    if found is None:
        pytest.skip("there is no Chromium on this machine; install one (Debian: apt install chromium)")
    return found
