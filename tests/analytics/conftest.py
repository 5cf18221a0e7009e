from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import studio_rows

from core.kit.settings import Settings, load_settings
from core.store.store import Store, open_store
from tests.days import clear_of_midnight


@pytest.fixture(autouse=True)
def one_day() -> None:
    clear_of_midnight()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(home=tmp_path / "home")


@pytest.fixture
def store(settings: Settings, migrated: Path) -> Iterator[Store]:
    settings.home.mkdir(parents=True, exist_ok=True)
    shutil.copy(migrated, settings.home / "studio.sqlite")
    opened = open_store(settings)
    yield opened
    opened.db.close()


@pytest.fixture
def written(store: Store) -> studio_rows.Written:
    """Three weeks of test data (see studio_rows)."""
    return studio_rows.fill(store, days=20, per_day=6)
