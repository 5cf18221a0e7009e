"""A studio with a worker, and the app before it: as a test client, and behind a real server on loopback."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from core.api.service import api
from core.app import Studio
from core.kit.actor import LOCAL
from core.licensing.catalogue import KIND as CATALOGUE
from core.licensing.searching import OWN
from core.store.assets import Asset
from tests import scripted


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--renew", action="store_true", help="write the snapshot of the OpenAPI schema anew")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    made = scripted.build(tmp_path_factory.mktemp("api") / "home", max_upload_mb=2)
    for info in made.registry.known(CATALOGUE):  # nothing here is for the network
        made.registry.switch(CATALOGUE, info.name, on=info.name == OWN)
    made.ensure_worker()
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(studio: Studio) -> FastAPI:
    return api(studio)


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as made:
        yield made


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tone") / "tone.wav"
    seconds = np.arange(44_100) / 44_100
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 440 * seconds), 44_100)
    return path


@pytest.fixture(scope="module")
def asset(studio: Studio, tone: Path) -> Asset:
    return studio.importing.bring_in(LOCAL, tone, name="A tone", licence_id="uploaded-own")[0]


@pytest.fixture(scope="module")
def server(app: FastAPI) -> Iterator[str]:
    """The address of the same app behind uvicorn."""
    running = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not running.started:
        assert time.monotonic() < until, "the server did not start"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    running.should_exit = True
    thread.join(timeout=10)


@pytest.fixture
def held(studio: Studio) -> Iterator[Studio]:
    """While the queue is paused, what is submitted stays waiting."""
    studio.jobs.pause(LOCAL)
    yield studio
    for job in studio.jobs.list(LOCAL, statuses=("waiting",), limit=500):
        studio.jobs.cancel(LOCAL, job.id)
    studio.jobs.resume(LOCAL)
