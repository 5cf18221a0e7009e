"""Alerts a user sets: an amount, or a percentage of a cap, in a day or a month, of one provider or kind or of all. They
stand beside the caps' own and, like them, go off once per period."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.kit.clock import today
from core.kit.errors import AccessError, NotFound, UserError
from core.money.budgets import Budgets
from core.money.periods import month_of
from core.store import budgets, charges, plans
from core.store.budgets import Alert
from core.store.db import Database
from core.store.plans import AlertRule

PERIODS = ("day", "month")
MOST_RULES = 50


class Alerts:
    """A row in the alerts table is the announcement: the page reads it, and webhooks are told in its transaction."""

    def __init__(self, database: Database, budgets_: Budgets) -> None:
        self._db = database
        self._budgets = budgets_

    def add(
        self,
        actor: Actor,
        *,
        period: str,
        usd: Decimal | None = None,
        percent: int | None = None,
        provider: str = "",
        kind: str = "",
        everyone: bool = False,
    ) -> str:
        """The id of the new rule. `everyone` watches what all users spend together; only who runs the studio may."""
        if period not in PERIODS:
            raise UserError(f"There is no period {period!r}.", "Choose day or month.")
        if (usd is None) == (percent is None):
            raise UserError("An alert stands at an amount or at a percentage.", "Give one of the two.")
        if usd is not None and not (usd.is_finite() and 0 < usd <= 1_000_000):
            raise UserError(f"An alert at {usd} dollars makes no sense.", "Give an amount above 0, up to 1,000,000.")
        if percent is not None and not 1 <= percent <= 100:
            raise UserError(f"{percent} percent of a cap makes no sense.", "Give 1 to 100.")
        if everyone and not actor.is_admin:
            raise AccessError("Only who runs the studio may watch what everybody spends.", "Watch your own spending.")
        if len(provider) > 40 or len(kind) > 20:
            raise UserError("That is no provider or kind of work.", "Leave it empty for all.")
        row = {
            "user_id": actor.user_id, "period": period, "provider": provider, "kind": kind, "limit_usd": usd,
            "percent": percent, "everyone": everyone,
        }  # fmt: skip
        with self._db.write() as connection:
            if len(plans.rules(connection, actor.user_id)) >= MOST_RULES:
                raise UserError(f"{MOST_RULES} alerts are set already.", "Take one away first.")
            return plans.add_rule(connection, row)

    def rules(self, actor: Actor) -> list[AlertRule]:
        with self._db.read() as connection:
            return plans.rules(connection, actor.user_id)

    def remove(self, actor: Actor, rule_id: str) -> None:
        with self._db.write() as connection:
            if not plans.delete_rule(connection, rule_id, actor.user_id):
                raise NotFound(f"There is no alert rule {rule_id!r} of yours.", "List them with: studio alerts list")

    def open(self, actor: Actor) -> list[Alert]:
        """What went off and was not yet seen: one's own, and the studio's for who runs it."""
        with self._db.read() as connection:
            own = budgets.open_alerts(connection, actor.user_id)
            studio = budgets.open_alerts(connection, "") if actor.is_admin else []
        return sorted([*own, *studio], key=lambda alert: alert.created_at, reverse=True)

    def seen(self, actor: Actor, alert_id: str) -> None:
        with self._db.write() as connection:
            done = budgets.dismiss(connection, alert_id, actor.user_id)
            if not done and not (actor.is_admin and budgets.dismiss(connection, alert_id, "")):
                raise NotFound(f"There is no alert {alert_id!r} of yours.", "List them with: studio alerts list")

    def check(self, connection: Connection, user_id: str, provider: str, kind: str) -> None:
        """After a settlement, in its transaction: every rule that watches it and is passed goes off, once per period."""
        day = today()
        for rule in plans.rules(connection):
            watched = (rule.everyone or rule.user_id == user_id) and rule.provider in ("", provider)
            if not watched or rule.kind not in ("", kind):
                continue
            threshold = self._threshold(connection, rule)
            first = month_of(day)[0] if rule.period == "month" else day
            held = charges.held(
                connection, user_id=None if rule.everyone else rule.user_id, provider=rule.provider or None,
                kind=rule.kind or None, first_day=first, last_day=day,
            )  # fmt: skip
            if held > 0 and held >= threshold:
                period = day.strftime("%Y-%m") if rule.period == "month" else day.isoformat()
                budgets.raise_alert(
                    connection, f"rule:{rule.id}:{period}",
                    f"{dollars(held)} is used for {words(rule)} in {period}; you set an alert at {dollars(threshold)}.", rule.user_id,
                )  # fmt: skip

    def _threshold(self, connection: Connection, rule: AlertRule) -> Decimal:
        if rule.limit_usd is not None:
            return rule.limit_usd
        scope = "month" if rule.period == "month" else "day" if rule.everyone else "user_day"
        cap = self._budgets.limits(connection)[scope][0]
        return cap * Decimal(rule.percent or 100) / 100


def dollars(usd: Decimal) -> str:
    """Two places, or as many as a small amount needs to be seen at all."""
    return f"${usd:,.2f}" if usd == 0 or abs(usd) >= Decimal("0.01") else f"${usd.normalize():f}"


def words(rule: AlertRule) -> str:
    what = " ".join(part for part in (rule.provider, rule.kind) if part) or "everything"
    return f"{what}{' by everyone' if rule.everyone else ''}"
