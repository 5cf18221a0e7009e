"""Shared fixtures: every test has a data folder of its own and never the user's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.app import Studio
from tests import scripted


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def studio(home: Path) -> Iterator[Studio]:
    """A studio with the scripted providers and no worker."""
    built = scripted.build(home)
    yield built
    built.close()


@pytest.fixture
def working(studio: Studio) -> Studio:
    """The same with a worker inside."""
    studio.ensure_worker()
    return studio
