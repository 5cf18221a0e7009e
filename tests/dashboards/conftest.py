from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.kit.settings import Settings, load_settings
from core.store.store import Store, open_store
from tests.days import clear_of_midnight

# The test data of the mart is the test data of the pages.
sys.path.insert(0, str(Path(__file__).parents[1] / "analytics"))


@pytest.fixture(autouse=True)
def one_day() -> None:
    clear_of_midnight()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("STUDIO_PORT", "17860")
    return load_settings()


@pytest.fixture
def store(settings: Settings, migrated: Path) -> Iterator[Store]:
    settings.home.mkdir(parents=True, exist_ok=True)
    shutil.copy(migrated, settings.home / "studio.sqlite")
    opened = open_store(settings)
    yield opened
    opened.db.close()
