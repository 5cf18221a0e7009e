"""When a schedule is due: once at a moment, or along a cron line in a time zone. Pure, but for the zones' own tables.

Changes of the clock go as in Debian's cron: what names an hour that is skipped in spring runs right after the gap, what
names one that comes twice in autumn runs at the first; what runs every hour or every few minutes runs in each of them.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from core.jobs.cron_words import line_of
from core.kit.errors import SetupError, UserError

MOST_MADE_UP = 24
"""Missed runs that are made up at most; of more, the latest."""
_MOST_COUNTED = 5000
_SURELY_ENOUGH = timedelta(days=2)
"""A line that was due more than _MOST_COUNTED times since some day is due more than MOST_MADE_UP times in two days."""
_ALIASES = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}  # fmt: skip
_HINT = (
    "Five fields: minute hour day month weekday, as in “0 9 * * MON”; or @daily, @weekly, @monthly; or a sentence: "
    "“every Monday at 09:00”."
)
_LONGEST = 200


@dataclass(frozen=True)
class Timing:
    """`cron` holds five fields, or "" where `once` says the moment (UTC)."""

    zone: str
    cron: str = ""
    once: datetime | None = None


@dataclass(frozen=True)
class Due:
    moments: tuple[datetime, ...]
    """The latest MOST_MADE_UP, oldest first."""
    count: int
    """All of them, counted up to _MOST_COUNTED and a little."""


def zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    try:
        ZoneInfo("Europe/London")
    except ZoneInfoNotFoundError:
        raise SetupError(
            "This machine has no table of time zones.", "Install one: apt install tzdata, or pip install tzdata."
        ) from None
    raise UserError(
        f"There is no time zone {name[:60]!r}.", "Use a name such as Europe/Berlin, America/New_York or UTC.", "no_zone"
    )


def zone_here() -> str:
    """The zone this machine's clock is set to; UTC where it does not say."""
    place = Path("/etc/localtime").resolve().parts
    name = "/".join(place[place.index("zoneinfo") + 1 :]) if "zoneinfo" in place else ""
    try:
        return ZoneInfo(name).key if name else "UTC"
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"


def cron_line(text: str) -> str:
    """The five fields of a line, of an alias such as @daily, or of a sentence. UserError for what never comes true."""
    said = " ".join(text.split())
    if not said or len(said) > _LONGEST:
        raise UserError(f"{said[:40]!r} says no time.", _HINT, "bad_cron")
    line = _ALIASES.get(said.lower()) or line_of(said) or said
    if len(line.split()) != 5:
        raise UserError(f"{said[:80]!r} is no cron line.", _HINT, "bad_cron")
    try:
        coming = CronSim(line, datetime(2024, 1, 1))
        next(coming)
    except CronSimError as error:
        raise UserError(f"{said[:80]!r} is no cron line: {str(error).lower()}.", _HINT, "bad_cron") from None
    except StopIteration:
        raise UserError(f"{said[:80]!r} never comes true.", "Choose a day there is.", "bad_cron") from None
    return line.upper()


def words_of(line: str) -> str:
    """“At 09:00 on Monday”."""
    return CronSim(line, datetime(2024, 1, 1)).explain()


def local_moment(said: str, zone: str) -> tuple[datetime, str]:
    """A local date and time as a UTC moment, and what has to be said about it: an hour that is skipped that day, or one
    that comes twice. A time with an offset of its own counts as it stands."""
    tz = zone_of(zone)
    try:
        naive = datetime.fromisoformat(said.strip())
        if naive.tzinfo is not None:
            return naive.astimezone(UTC), ""
        local = naive.replace(tzinfo=tz)
        moment = local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UserError(f"{said[:40]!r} is no date and time.", "Write it as 2026-12-24 18:30.", "bad_moment") from None
    back = moment.astimezone(tz).replace(tzinfo=None)
    if back != naive:
        return moment, f"That hour does not exist on that day (the clock goes forward): it runs at {back:%H:%M}."
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        return moment, "That hour comes twice on that day (the clock goes back): it runs in the first."
    return moment, ""


def following(timing: Timing, after: datetime) -> Iterator[datetime]:
    """Every moment after `after`, in UTC, without end for a cron line (or for fifty years without a match)."""
    if not timing.cron:
        if timing.once is not None and timing.once > after:
            yield timing.once
        return
    last = after
    for local in CronSim(timing.cron, after.astimezone(zone_of(timing.zone))):
        moment = local.astimezone(UTC)
        # In the hour that comes twice the first of both lies behind; two times in a gap fall on one moment.
        if moment > last:
            last = moment
            yield moment


def next_after(timing: Timing, after: datetime) -> datetime | None:
    return next(following(timing, after), None)


def due_until(timing: Timing, first: datetime, until: datetime) -> Due:
    """What was due from `first`, itself a moment of this timing, to `until`."""
    found: deque[datetime] = deque([first], maxlen=MOST_MADE_UP)
    count = 1
    for moment in following(timing, first):
        if moment > until:
            return Due(tuple(found), count)
        count += 1
        found.append(moment)
        if count >= _MOST_COUNTED and moment < until - _SURELY_ENOUGH:
            rest = _latest(timing, until)
            return Due(rest.moments, count + rest.count)
    return Due(tuple(found), count)


def _latest(timing: Timing, until: datetime) -> Due:
    found: deque[datetime] = deque(maxlen=MOST_MADE_UP)
    count = 0
    for moment in following(timing, until - _SURELY_ENOUGH):
        if moment > until:
            break
        count += 1
        found.append(moment)
    return Due(tuple(found), count)


def told(moment: datetime, zone: str) -> str:
    """“Mon 23 Nov 2026, 09:00”, in that zone."""
    return re.sub(r"\b0(\d) ", r"\1 ", f"{moment.astimezone(zone_of(zone)):%a %d %b %Y, %H:%M}", count=1)
