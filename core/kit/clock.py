"""Time and ids. Every stored time is UTC; every money day is a UTC day."""

from __future__ import annotations

from datetime import UTC, date, datetime

from ulid import ULID


def now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    return now().date()


def new_id(prefix: str) -> str:
    """A sortable, readable id such as `job_01k…`; the prefix names the noun."""
    return f"{prefix}_{str(ULID()).lower()}"
