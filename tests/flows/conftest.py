"""A studio with a worker for the flows; and one that speaks through a paid stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.app import Studio, build_studio
from core.kit.settings import load_settings
from tests.clouds.openai import KEY, OpenaiServer


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    opened = build_studio(load_settings(home=tmp_path_factory.mktemp("flows") / "home"))
    opened.ensure_worker()
    yield opened
    opened.close()


@pytest.fixture
def server() -> Iterator[OpenaiServer]:
    with OpenaiServer() as running:
        yield running


@pytest.fixture
def paid(home: Path, server: OpenaiServer) -> Iterator[Studio]:
    opened = build_studio(load_settings(home=home, openai_base_url=server.url, openai_api_key=KEY))
    opened.ensure_worker()
    yield opened
    opened.close()
