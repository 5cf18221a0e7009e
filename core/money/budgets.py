"""Caps: what may be held against a job, a day, a month and a user, and the alerts on the way there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.engine import Connection

from core.kit.clock import today
from core.kit.errors import MoneyError, UserError
from core.kit.settings import Settings
from core.store import budgets, charges
from core.store.db import Database

SCOPES: dict[str, str] = {
    "job": "one job with everything under it",
    "day": "everyone together in one UTC day",
    "month": "everyone together in one calendar month (UTC)",
    "user_day": "one user in one UTC day",
}
ALERT_PERCENTS = (75, 90)


@dataclass(frozen=True)
class CapState:
    scope: str
    title: str
    limit_usd: Decimal
    held_usd: Decimal
    alert_percents: tuple[int, ...]

    @property
    def left_usd(self) -> Decimal:
        return max(Decimal(0), self.limit_usd - self.held_usd)


class Budgets:
    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._db = database

    def limits(self, connection: Connection) -> dict[str, tuple[Decimal, tuple[int, ...]]]:
        """Limit and alert percents per scope: what was set on the page, else the settings' default."""
        stored = budgets.limits(connection)
        result: dict[str, tuple[Decimal, tuple[int, ...]]] = {}
        for scope in SCOPES:
            default: Decimal = getattr(self._settings, f"cap_{scope}_usd")
            limit, percents = stored.get(scope, (default, list(ALERT_PERCENTS)))
            result[scope] = (limit, tuple(percents))
        return result

    def set_limit(self, scope: str, limit_usd: Decimal, alert_percents: tuple[int, ...] = ALERT_PERCENTS) -> None:
        if scope not in SCOPES:
            raise UserError(f"There is no cap {scope!r}.", f"Caps are: {', '.join(SCOPES)}.")
        if not limit_usd.is_finite() or limit_usd < 0 or limit_usd > 1_000_000:
            raise UserError(f"A cap of {limit_usd} dollars makes no sense.", "Give an amount from 0 to 1,000,000.")
        if any(not 0 < percent <= 100 for percent in alert_percents):
            raise UserError("An alert must stand between 1 and 100 percent.", "For example 75 and 90.")
        with self._db.write() as connection:
            budgets.set_limit(connection, scope, limit_usd, sorted(alert_percents))

    def state(self, user_id: str) -> list[CapState]:
        """Every cap but the job's (which has no state of its own), with what is held against it now."""
        with self._db.read() as connection:
            limits = self.limits(connection)
            return [
                CapState(
                    scope,
                    SCOPES[scope],
                    limits[scope][0],
                    _held(connection, scope, "", user_id, today()),
                    limits[scope][1],
                )
                for scope in SCOPES
                if scope != "job"
            ]

    def check(
        self, connection: Connection, amount: Decimal, *, root_job_id: str, user_id: str, job_cap: Decimal | None
    ) -> None:
        """Refuse an amount that any cap has no room for. Call inside the exclusive ledger transaction that will insert
        the reservation, or the answer is worth nothing."""
        if amount == 0:
            return
        for scope, (limit, _) in self.limits(connection).items():
            allowed = min(limit, job_cap) if scope == "job" and job_cap is not None else limit
            held = _held(connection, scope, root_job_id, user_id, today())
            if held + amount > allowed:
                left = max(Decimal(0), allowed - held)
                raise MoneyError(
                    f"This needs up to ${amount:f}, and the cap for {SCOPES[scope]} has ${left:f} of ${allowed:f} left.",
                    "This was not bought. Raise the cap under Status, choose a cheaper or embedded engine, or wait.",
                    f"cap_{scope}",
                )

    def room(self, connection: Connection, user_id: str, job_cap: Decimal | None = None) -> dict[str, Decimal]:
        """What is left under every cap for a job that has spent nothing yet. A look, no promise: nothing is held."""
        left: dict[str, Decimal] = {}
        for scope, (limit, _) in self.limits(connection).items():
            if scope == "job":
                left[scope] = limit if job_cap is None else min(limit, job_cap)
            else:
                left[scope] = max(Decimal(0), limit - _held(connection, scope, "", user_id, today()))
        return left

    def alert(self, connection: Connection, user_id: str) -> None:
        """After a settlement: record an alert for every threshold that was passed, once per day or month."""
        day = today()
        for scope, (limit, percents) in self.limits(connection).items():
            if scope == "job" or limit == 0:
                continue
            held = _held(connection, scope, "", user_id, day)
            period = day.strftime("%Y-%m") if scope == "month" else day.isoformat()
            whose = f":{user_id}" if scope == "user_day" else ""
            for percent in percents:
                if held * 100 >= limit * percent:
                    budgets.raise_alert(
                        connection,
                        f"{scope}{whose}:{period}:{percent}",
                        f"${held:f} of ${limit:f} is used: {percent} % of the cap for {SCOPES[scope]} ({period}).",
                        user_id if scope == "user_day" else "",
                    )


def _held(connection: Connection, scope: str, root_job_id: str, user_id: str, day: date) -> Decimal:
    if scope == "job":
        return charges.held(connection, root_job_id=root_job_id)
    if scope == "day":
        return charges.held(connection, first_day=day, last_day=day)
    if scope == "month":
        return charges.held(connection, first_day=day.replace(day=1), last_day=day)
    return charges.held(connection, user_id=user_id, first_day=day, last_day=day)
