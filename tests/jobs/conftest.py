"""This suite runs on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from core.app import Studio
from tests.jobs.scheduling import MONDAY, Clock
from tests.servers import both_databases


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    yield from both_databases(request)


@pytest.fixture
def clock(studio: Studio) -> Clock:
    studio.schedules.runs.clock = Clock(MONDAY - timedelta(days=3))
    return studio.schedules.runs.clock  # type: ignore[return-value]
