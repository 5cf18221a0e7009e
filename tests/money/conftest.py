"""This suite runs on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.days import clear_of_midnight
from tests.servers import both_databases


@pytest.fixture(autouse=True)
def one_day() -> None:
    clear_of_midnight()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    yield from both_databases(request)
