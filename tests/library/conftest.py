from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.app import Studio, build_studio
from core.kit.settings import load_settings


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio with a worker, shared by a module: every test brings its own assets."""
    built = build_studio(load_settings(home=tmp_path_factory.mktemp("shop") / "home"))
    built.ensure_worker()
    yield built
    built.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path
