"""When a line is due: sentences, lines, zones, and the two nights a year on which the clock moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from core.jobs.timing import (
    MOST_MADE_UP,
    Timing,
    cron_line,
    due_until,
    following,
    local_moment,
    next_after,
    told,
    words_of,
    zone_here,
    zone_of,
)
from core.kit.errors import UserError

BERLIN = "Europe/Berlin"


def utc(said: str) -> datetime:
    return datetime.fromisoformat(said).replace(tzinfo=UTC)


@pytest.fixture
def database_url() -> str:
    return ""


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("every Monday at 09:00", "0 9 * * MON"), ("every monday and thursday at 6 pm", "0 18 * * MON,THU"),
        ("Every Saturday, Sunday at 7:15.", "15 7 * * SAT,SUN"), ("every weekday at 18:30", "30 18 * * MON-FRI"),
        ("daily at 7", "0 7 * * *"), ("every day at midnight", "0 0 * * *"), ("every day at 12 am", "0 0 * * *"),
        ("every month on the 1st at 06:30", "30 6 1 * *"), ("every month on the last day at noon", "0 12 L * *"),
        ("every 15 minutes", "*/15 * * * *"), ("every 6 hours", "0 */6 * * *"), ("every hour", "0 * * * *"),
        ("@daily", "0 0 * * *"), ("@Weekly", "0 0 * * 0"), ("0  9 * * mon-fri", "0 9 * * MON-FRI"),
        ("5,35 8-18/2 1-7 jan,jul *", "5,35 8-18/2 1-7 JAN,JUL *"),
    ],
)  # fmt: skip
def test_sentences_aliases_and_lines(said: str, line: str) -> None:
    assert cron_line(said) == line
    assert words_of(line)


@pytest.mark.parametrize(
    "said",
    ["", "sometimes", "every 7 minutes", "every day at 25:00", "every day at 13 pm", "every 0 minutes", "1 2 3", "61 * * * *",
     "0 0 30 2 *", "* * * * * *", "every moonday at 9", "a b c d e", "0 0 * * 9", "*/0 * * * *", "9" * 300, "0 9 * * 5-1"],
)  # fmt: skip
def test_what_is_no_time(said: str) -> None:
    with pytest.raises(UserError) as refused:
        cron_line(said)
    assert refused.value.code == "bad_cron"
    assert "every Monday at 09:00" in refused.value.hint or "day there is" in refused.value.hint


def test_the_hour_that_does_not_exist() -> None:
    daily = Timing(BERLIN, "30 2 * * *")
    found = list(islice(following(daily, utc("2026-03-28T00:00")), 3))
    assert [told(each, BERLIN)[4:] for each in found] == [
        "28 Mar 2026, 02:30", "29 Mar 2026, 03:00", "30 Mar 2026, 02:30",
    ]  # fmt: skip
    twice = Timing(BERLIN, "0,30 2 * * *")
    assert list(islice(following(twice, utc("2026-03-28T12:00")), 2)) == [
        utc("2026-03-29T01:00"),
        utc("2026-03-30T00:00"),
    ]
    hourly = Timing(BERLIN, "0 * * * *")
    assert list(islice(following(hourly, utc("2026-03-28T23:00")), 3)) == [
        utc("2026-03-29T00:00"), utc("2026-03-29T01:00"), utc("2026-03-29T02:00"),
    ]  # fmt: skip


def test_the_hour_that_comes_twice() -> None:
    daily = Timing(BERLIN, "30 2 * * *")
    assert list(islice(following(daily, utc("2026-10-24T12:00")), 2)) == [
        utc("2026-10-25T00:30"),
        utc("2026-10-26T01:30"),
    ]
    # Asked in the second of the two hours, the first lies behind.
    assert next_after(daily, utc("2026-10-25T01:15")) == utc("2026-10-26T01:30")
    hourly = Timing(BERLIN, "0 * * * *")
    assert list(islice(following(hourly, utc("2026-10-24T23:00")), 4)) == [
        utc(f"2026-10-25T0{hour}:00") for hour in range(4)
    ]


@pytest.mark.parametrize("zone", [BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"])
@pytest.mark.parametrize("line", ["30 2 * * *", "10 */4 * * *", "0 0 1 * *", "15 1,2,3 * * SUN"])
def test_a_year_of_moments_only_ever_goes_on(zone: str, line: str) -> None:
    timing, begun = Timing(zone, line), utc("2026-01-01T00:00")
    found = []
    for each in following(timing, begun):
        if each > begun + timedelta(days=366):
            break
        found.append(each)
    assert found == sorted(set(found))
    if line == "30 2 * * *":
        assert 365 <= len(found) <= 366
        assert len({each.astimezone(zone_of(zone)).date() for each in found}) == len(found)


def test_once_at_a_local_moment() -> None:
    assert local_moment("2026-07-01 09:00", BERLIN) == (utc("2026-07-01T07:00"), "")
    assert local_moment("2026-07-01T09:00+00:00", BERLIN) == (utc("2026-07-01T09:00"), "")
    skipped, note = local_moment("2026-03-29 02:30", BERLIN)
    assert (skipped, "03:30" in note) == (utc("2026-03-29T01:30"), True)
    first, note = local_moment("2026-10-25 02:30", BERLIN)
    assert (first, "first" in note) == (utc("2026-10-25T00:30"), True)
    for said in ("tomorrow", "2026-13-01 09:00", "", "9999-12-31T23:59:59-23:59"):
        with pytest.raises(UserError):
            local_moment(said, BERLIN)
    with pytest.raises(UserError) as refused:
        zone_of("Mars/Olympus")
    assert refused.value.code == "no_zone"
    for said in ("../../etc/passwd", "/etc/localtime", ""):
        with pytest.raises(UserError):
            zone_of(said)
    assert zone_of(zone_here())


def test_what_was_due_while_nobody_looked() -> None:
    hourly = Timing("UTC", "0 * * * *")
    due = due_until(hourly, utc("2026-01-01T00:00"), utc("2026-01-01T05:30"))
    assert (due.count, due.moments[0], due.moments[-1]) == (6, utc("2026-01-01T00:00"), utc("2026-01-01T05:00"))
    year = due_until(Timing("UTC", "* * * * *"), utc("2025-01-01T00:00"), utc("2026-01-01T00:00"))
    assert len(year.moments) == MOST_MADE_UP
    assert year.moments[-1] == utc("2026-01-01T00:00")
    assert year.count > 5000, "counted to a point, then only the last days"
    once = Timing("UTC", "", utc("2026-01-01T00:00"))
    assert due_until(once, utc("2026-01-01T00:00"), utc("2026-02-01T00:00")).count == 1
