from __future__ import annotations

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
def store(settings: Settings) -> Iterator[Store]:
    opened = open_store(settings)
    yield opened
    opened.db.close()


@pytest.fixture
def written(store: Store) -> studio_rows.Written:
    """Three weeks of test data (see studio_rows)."""
    return studio_rows.fill(store, days=20, per_day=6)
