"""Money counts in UTC days and calendar months."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta


def month_of(day: date) -> tuple[date, date]:
    """First and last day of the calendar month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def start_of(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)


def next_month(day: date) -> date:
    """When what is counted by the month begins anew."""
    return month_of(day)[1] + timedelta(days=1)
