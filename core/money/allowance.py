"""The plans this studio holds: what is left of their allowance, and quotes that use it before any cash.

An allowance is counted over the open and settled charges of the calendar month, in the same exclusive transaction that
writes the next reservation, so that two calls cannot take the same unit of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.engine import Connection

from core.kit.clock import today
from core.kit.errors import MoneyError
from core.money.periods import month_of, next_month
from core.money.plans import Plan, PlanBook
from core.money.prices import PriceBook, Quote
from core.store import charges, plans
from core.store.db import Database

PLAN_STOP = "plan_stop"
"""Code of the MoneyError of a plan that sells nothing beyond its allowance: it cost nothing, so the next may be asked."""
ALL = "all"


@dataclass(frozen=True)
class PlanState:
    plan: Plan
    since: date
    used: Decimal
    resets_on: date

    @property
    def left(self) -> Decimal | None:
        """None: no limit."""
        return None if self.plan.allowance is None else max(Decimal(0), self.plan.allowance - self.used)


class Plans:
    def __init__(self, database: Database, prices: PriceBook, book: PlanBook) -> None:
        self._db = database
        self._prices = prices
        self.book = book

    def choose(self, provider: str, plan: str, first_day: date | None = None) -> None:
        """Hold this plan from a day on (today); the one before ends the day before."""
        self.book.get(provider, plan, first_day)
        with self._db.exclusive("ledger") as connection:
            plans.choose(connection, provider, plan, first_day or today())

    def end(self, provider: str, from_day: date | None = None) -> bool:
        """Back to pay as you go from a day on (today)."""
        with self._db.exclusive("ledger") as connection:
            return plans.end_choice(connection, provider, from_day or today())

    def state(self) -> list[PlanState]:
        with self._db.read() as connection:
            held = plans.choices(connection, today(), today())
            return [self._state(connection, choice) for choice in held]

    def commercial(self, provider: str) -> bool:
        """Whether a plan is held that allows commercial use of what the provider makes."""
        return any(state.plan.provider == provider and state.plan.commercial for state in self.state())

    def bought_commercially(self, charge: charges.Charge) -> bool:
        """Whether it was bought on such a plan, whatever is held now."""
        names = {line["plan"] for line in charge.price.get("lines", ()) if line.get("plan")}
        return any(self.book.get(charge.provider, name, charge.day).commercial for name in names)

    def _state(self, connection: Connection, choice: plans.PlanChoice) -> PlanState:
        first, last = month_of(today())
        plan = self.book.get(choice.provider, choice.plan)
        used = charges.plan_used(connection, plan.provider, plan.plan, first_day=first, last_day=last)
        return PlanState(plan, choice.first_day, used, next_month(first))

    def with_allowance_left(self, kind: str) -> set[str]:
        """Providers whose plan still pays for this kind of work: routing prefers them among equals."""
        return {
            state.plan.provider
            for state in self.state()
            if state.left != 0 and any(draw.kind == kind for draw in state.plan.draws)
        }

    def quote(
        self, connection: Connection, provider: str, kind: str, model: str, units: Mapping[str, Decimal],
        drawn: Decimal = Decimal(0),
    ) -> Quote:  # fmt: skip
        """The plan's allowance first, cash for what is beyond. Raises SetupError where a unit has no price, MoneyError
        (PLAN_STOP) where the plan sells nothing more. `drawn`: what will be taken from the allowance before. A unit that
        none is asked of needs no price."""
        day = today()
        units = {unit: quantity for unit, quantity in units.items() if quantity != 0}
        held = plans.choices(connection, day, day, provider) if units else []
        if not held:
            return self._prices.quote(provider, model, units, day)
        plan = self.book.get(provider, held[-1].plan, day)
        first, last = month_of(day)
        left = plan.allowance
        if left is not None:
            left -= drawn + charges.plan_used(connection, provider, plan.plan, first_day=first, last_day=last)
        lines: list[dict[str, str]] = []
        for unit, quantity in sorted(units.items()):
            line = self._line(plan, kind, model, unit, Decimal(quantity), left, day)
            if left is not None and "covered" in line:
                left -= Decimal(line["covered"])
            lines.append(line)
        return total(lines)

    def _line(
        self, plan: Plan, kind: str, model: str, unit: str, quantity: Decimal, left: Decimal | None, day: date
    ) -> dict[str, str]:
        draw = plan.draw(kind, unit, model)
        if draw is None:
            return self._prices.line(plan.provider, model, unit, quantity, day)
        need = quantity * draw.each
        covered = need if left is None else min(need, max(Decimal(0), left))
        line = {
            "unit": unit, "quantity": str(quantity), "plan": plan.plan, "plan_unit": plan.unit,
            "draws_each": str(draw.each), "covered": ALL if left is None else str(covered), "source": plan.source,
            "checked_on": plan.checked_on.isoformat(),
        }  # fmt: skip
        if isinstance(plan.beyond, Decimal):
            line |= {"usd_each": str(plan.beyond), "per": "plan_unit"}
        elif covered < need:
            if plan.beyond == "stop":
                raise MoneyError(
                    f"This needs {need:f} {plan.unit}, and the plan {plan.title} at {plan.provider} has"
                    f" {max(Decimal(0), left or Decimal(0)):f} of {plan.allowance:f} left this month and sells no more.",
                    f"This was not bought. Choose another engine, a larger plan, or wait until {next_month(day)}.",
                    PLAN_STOP,
                )
            price = self._prices.line(plan.provider, model, unit, quantity, day)
            line |= {"usd_each": price["usd_each"], "per": "unit", "price_source": price["source"]}
        usd, _ = priced(line, quantity)
        return line | {"usd": str(usd)}


def priced(line: Mapping[str, str], quantity: Decimal) -> tuple[Decimal, Decimal]:
    """Cash, and units of the plan, for a quantity at the prices of a line: the same sum for the quote and, with what was
    really used, for the bill."""
    if "plan" not in line:
        return Decimal(line["usd_each"]) * quantity, Decimal(0)
    each = Decimal(line["draws_each"])
    need = quantity * each
    covered = need if line["covered"] == ALL else min(need, Decimal(line["covered"]))
    beyond = need - covered
    if beyond == 0:
        return Decimal(0), covered
    if "usd_each" not in line:
        return Decimal(0), need  # more than was possible, and no price for it: the allowance is overdrawn, and said so
    usd = beyond * Decimal(line["usd_each"])
    return (usd if line["per"] == "plan_unit" else usd / each), covered


def total(lines: list[dict[str, str]]) -> Quote:
    usd, used, plan, unit = Decimal(0), Decimal(0), "", ""
    for line in lines:
        cash, covered = priced(line, Decimal(line["quantity"]))
        usd += cash
        if "plan" in line:
            used, plan, unit = used + covered, line["plan"], line["plan_unit"]
    return Quote(usd, tuple(lines), plan, unit, used if plan else None)


def rebill(lines: list[dict[str, str]], units: Mapping[str, Decimal]) -> Quote:
    """The same lines with what was really used. A unit that the answer leaves out, or gives as nonsense, is no discount:
    its reserved maximum is billed."""
    billed = []
    for line in lines:
        quantity = units.get(line["unit"], Decimal(line["quantity"]))
        if not quantity.is_finite() or quantity < 0:
            quantity = Decimal(line["quantity"])
        usd, covered = priced(line, quantity)
        changed = {"quantity": str(quantity), "usd": str(usd)}
        if "plan" in line and line["covered"] != ALL:
            changed["covered"] = str(covered)
        billed.append({**line, **changed})
    return total(billed)
