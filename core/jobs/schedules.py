"""Schedules as everyone sees them: make, look, change, pause, resume, run now, delete. core/jobs/due.py runs them."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.engine import Connection

from core.jobs.due import Runs, timing_of
from core.jobs.submitters import Submitters
from core.jobs.timing import Timing, cron_line, following, local_moment, next_after, told, words_of, zone_of
from core.kit.actor import Actor
from core.kit.errors import AccessError, UserError, error_from
from core.kit.words import one_line
from core.store import schedules
from core.store.schedules import ACTIVE, ENDED, PAUSED, Run, Schedule
from core.store.store import Store

MISSED_RULES = ("skip", "once", "all")
OVERLAPS = ("skip", "allow")
MOST = 200
"""Schedules of one user that are not over."""
MOST_TIMES = 100_000
_FIELDS = frozenset(
    {"title", "request", "cron", "at", "zone", "until", "times", "cap_usd", "month_usd", "missed", "overlap"}
)


@dataclass(frozen=True)
class Coming:
    """When a schedule would run, before it is made."""

    cron: str
    zone: str
    words: str
    """“At 09:00 on Monday”, or what is to be said of a single moment."""
    moments: tuple[datetime, ...]
    told: tuple[str, ...]
    """The same in words, in that zone."""


class Schedules:
    def __init__(self, store: Store, submitters: Submitters, runs: Runs, *, demo: bool = False) -> None:
        self._store = store
        self.submitters = submitters
        self._demo = demo
        self.runs = runs

    @property
    def kinds(self) -> tuple[str, ...]:
        return self.submitters.kinds

    def preview(self, *, cron: str = "", at: str = "", zone: str = "UTC", count: int = 5) -> Coming:
        """A line (or a sentence) or a moment, as the next times it means. UserError for what cannot be."""
        timing, note = _timing(cron, at, zone)
        moment = self._now()
        found = tuple(each for _, each in zip(range(count), following(timing, moment), strict=False))
        words = words_of(timing.cron) if timing.cron else note
        return Coming(timing.cron, timing.zone, words, found, tuple(told(each, timing.zone) for each in found))

    def add(
        self,
        actor: Actor,
        *,
        kind: str,
        request: dict[str, Any],
        title: str = "",
        cron: str = "",
        at: str = "",
        zone: str = "UTC",
        until: str = "",
        times: int | None = None,
        cap_usd: Decimal | None = None,
        month_usd: Decimal | None = None,
        missed: str = "once",
        overlap: str = "skip",
    ) -> Schedule:
        """`request`: what that kind's own door takes; it is checked now and again at every run. `cron`: five fields, an
        alias or a sentence; or `at`, a local date and time."""
        if self._demo:
            raise AccessError("The public demo keeps no schedules.", "Run the studio on your own machine: it is free.")
        timing, _ = _timing(cron, at, zone)
        last = local_moment(until, zone)[0] if until else None
        _rules(missed, overlap, times, cap_usd, month_usd)
        checked = self.submitters.get(kind).check(actor, dict(request))
        row = {
            "title": _title(title, kind, checked), "kind": kind, "request": checked, "zone": timing.zone,
            "cron": timing.cron, "once": timing.once, "until": last, "times": times, "cap_usd": cap_usd,
            "month_usd": month_usd, "missed": missed, "overlap": overlap,
        }  # fmt: skip
        with self._store.db.write() as connection:
            if schedules.count(connection, actor.user_id) >= MOST:
                raise UserError(f"You have {MOST} schedules, as many as there can be.", "Delete one first.")
            row["next_at"] = _first(timing, last, self.runs.clock(connection))
            return schedules.add(connection, actor, row)

    def list(self, actor: Actor) -> builtins.list[tuple[Schedule, Run | None]]:
        """What comes next first, each with its latest run."""
        with self._store.db.read() as connection:
            found = schedules.listing(connection, actor)
            latest = schedules.last_runs(connection, [each.id for each in found])
        return [(each, latest.get(each.id)) for each in found]

    def show(self, actor: Actor, schedule_id: str) -> tuple[Schedule, Run | None]:
        with self._store.db.read() as connection:
            found = schedules.get(connection, actor, schedule_id)
            return found, schedules.last_runs(connection, [found.id]).get(found.id)

    def log(self, actor: Actor, schedule_id: str, limit: int = 50) -> builtins.list[Run]:
        """Newest first."""
        with self._store.db.read() as connection:
            schedules.get(connection, actor, schedule_id)
            return schedules.log(connection, schedule_id, limit)

    def edit(self, actor: Actor, schedule_id: str, **changes: Any) -> Schedule:
        """What is not named stays. Names as in add(); None takes a limit away, "" the end."""
        unknown = sorted(set(changes) - _FIELDS)
        if unknown:
            raise UserError(f"A schedule has no {unknown[0]!r}.", f"It has: {', '.join(sorted(_FIELDS))}.")
        row, _ = self.show(actor, schedule_id)
        values: dict[str, Any] = {name: changes[name] for name in ("times", "cap_usd", "month_usd") if name in changes}
        for name in ("missed", "overlap"):
            if changes.get(name) is not None:
                values[name] = changes[name]
        whole = {name: values.get(name, getattr(row, name)) for name in ("times", "cap_usd", "month_usd")}
        _rules(values.get("missed", row.missed), values.get("overlap", row.overlap), **whole)
        if changes.get("request") is not None:
            values["request"] = self.submitters.get(row.kind).check(actor, dict(changes["request"]))
        if changes.get("title") is not None:
            values["title"] = _title(str(changes["title"]), row.kind, row.request)
        with self._store.db.write() as connection:
            held = schedules.get(connection, actor, schedule_id, hold=True)
            schedules.change(connection, held.id, **{**values, **self._moved(connection, held, changes, values)})
            return schedules.get(connection, actor, schedule_id)

    def _moved(
        self, connection: Connection, row: Schedule, changes: dict[str, Any], values: dict[str, Any]
    ) -> dict[str, Any]:
        """Another time, or another end: then the next run is found anew, and what was over may go on."""
        if not {"cron", "at", "zone", "until", "times"} & set(changes):
            return {}
        zone = str(changes.get("zone") or row.zone)
        zone_of(zone)
        timing = Timing(zone, row.cron, row.once)
        if changes.get("cron") or changes.get("at"):
            timing, _ = _timing(str(changes.get("cron") or ""), str(changes.get("at") or ""), zone)
        last = row.until
        if "until" in changes:
            last = local_moment(str(changes["until"]), zone)[0] if changes["until"] else None
        times = values.get("times", row.times)
        moved: dict[str, Any] = {"zone": zone, "cron": timing.cron, "once": timing.once, "until": last}
        if times is not None and row.claimed >= times:
            return {**moved, "state": ENDED, "next_at": None, "reason": "Its last run is over."}
        moved["next_at"] = _first(timing, last, self.runs.clock(connection))
        return moved | ({"state": ACTIVE, "reason": ""} if row.state == ENDED else {})

    def pause(self, actor: Actor, schedule_id: str, reason: str = "") -> Schedule:
        """What falls due meanwhile is not made up."""
        with self._store.db.write() as connection:
            row = schedules.get(connection, actor, schedule_id, hold=True)
            if row.state == ENDED:
                raise UserError(
                    f"“{row.title}” is over; there is nothing to pause.", "Delete it, or give it a new time."
                )
            schedules.change(connection, row.id, state=PAUSED, reason=reason[:300])
            return schedules.get(connection, actor, schedule_id)

    def resume(self, actor: Actor, schedule_id: str) -> Schedule:
        with self._store.db.write() as connection:
            row = schedules.get(connection, actor, schedule_id, hold=True)
            if row.state == ACTIVE:
                return row
            if row.state == ENDED:
                raise UserError(f"“{row.title}” is over.", "Give it a new time, a later end, or more times.")
            coming = _first(timing_of(row), row.until, self.runs.clock(connection))
            schedules.change(connection, row.id, state=ACTIVE, reason="", next_at=coming)
            return schedules.get(connection, actor, schedule_id)

    def delete(self, actor: Actor, schedule_id: str) -> None:
        """With its log. What it made stays, and so does a job that it has already submitted."""
        with self._store.db.write() as connection:
            row = schedules.get(connection, actor, schedule_id, hold=True)
            schedules.remove(connection, row.id)

    def run(self, actor: Actor, schedule_id: str) -> Run:
        """Now, beside its times; also when it is paused or over. Raises what kept it from being submitted."""
        with self._store.db.write() as connection:
            row = schedules.get(connection, actor, schedule_id)
            moment = self.runs.clock(connection)
            schedules.add_run(connection, row.id, moment, manual=True)
            added = next(each for each in schedules.log(connection, row.id) if each.due == moment)
        self.runs.submit_now(added)
        with self._store.db.read() as connection:
            done = next(each for each in schedules.log(connection, row.id) if each.id == added.id)
        if done.job_id is None and done.error is not None:
            raise error_from(done.error)
        return done

    def _now(self) -> datetime:
        with self._store.db.read() as connection:
            return self.runs.clock(connection)


def _timing(cron: str, at: str, zone: str) -> tuple[Timing, str]:
    if bool(cron.strip()) == bool(at.strip()):
        raise UserError(
            "A schedule runs along a cron line or once at a moment.", "Give one of the two: cron or at.", "bad_cron"
        )
    zone_of(zone)
    if cron.strip():
        return Timing(zone, cron_line(cron)), ""
    once, note = local_moment(at, zone)
    return Timing(zone, "", once), note


def _first(timing: Timing, until: datetime | None, moment: datetime) -> datetime:
    coming = next_after(timing, moment)
    if coming is None:
        raise UserError("That moment is over.", "Choose one that is still to come.", "bad_moment")
    if until is not None and coming > until:
        raise UserError(
            f"It would end before its first run ({told(coming, timing.zone)}).", "Choose a later end.", "bad_moment"
        )
    return coming


def _rules(missed: str, overlap: str, times: int | None, cap_usd: Decimal | None, month_usd: Decimal | None) -> None:
    for name, value, allowed in (("missed", missed, MISSED_RULES), ("overlap", overlap, OVERLAPS)):
        if value not in allowed:
            raise UserError(f"{name} = {str(value)[:40]!r} cannot be used.", f"Choose one of: {', '.join(allowed)}.")
    if times is not None and not 1 <= times <= MOST_TIMES:
        raise UserError(f"A schedule cannot run {times} times.", f"Give 1 to {MOST_TIMES:,}, or none for no end.")
    for name, usd in (("cap_usd", cap_usd), ("month_usd", month_usd)):
        if usd is not None and not (usd.is_finite() and 0 <= usd <= 1_000_000):
            raise UserError(f"{name} = {usd} cannot be used.", "Give dollars from 0 to 1,000,000.")


def _title(said: str, kind: str, request: dict[str, Any]) -> str:
    words = said or str(
        request.get("name") or request.get("title") or request.get("prompt") or request.get("text") or ""
    )
    return one_line(words, 200)[:80] or kind.replace("_", " ").capitalize()
