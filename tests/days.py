"""Tests that count what happened today."""

from __future__ import annotations

import time
from datetime import timedelta

from core.kit.clock import now

ROOM = timedelta(minutes=2)
"""More than any of these tests takes."""


def clear_of_midnight() -> None:
    """Between a test's first and last look the UTC day must not change: just before midnight it begins after it."""
    tomorrow = (now() + ROOM).date()
    while now().date() < tomorrow:
        time.sleep(0.5)
