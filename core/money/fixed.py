"""Costs that are there whether used or not: a graphics card, storage, the fee of a plan. Shared out over what was kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.kit.clock import today
from core.kit.errors import NotFound, UserError
from core.kit.words import one_line
from core.money.allowance import Plans
from core.money.periods import month_of, next_month, start_of
from core.store import plans
from core.store.db import Database
from core.store.plans import FixedCost


@dataclass(frozen=True)
class Share:
    """One cost in one month. `usd` is its part of the month, by days; `assets` what carries it."""

    name: str
    provider: str
    usd: Decimal
    assets: int
    cost_id: str = ""

    @property
    def usd_per_asset(self) -> Decimal | None:
        """None while nothing was kept that could carry it."""
        return self.usd / self.assets if self.assets else None


class FixedCosts:
    def __init__(self, database: Database, held: Plans) -> None:
        self._db = database
        self._plans = held

    def add(
        self,
        name: str,
        usd_per_month: Decimal,
        *,
        provider: str = "",
        first_day: date | None = None,
        last_day: date | None = None,
    ) -> str:
        """`provider`: whose work carries it (a graphics card for one engine); empty: everything that is kept."""
        first_day = first_day or today()
        if not one_line(name):
            raise UserError("A cost needs a name.", "For example: Storage.")
        if not usd_per_month.is_finite() or not 0 < usd_per_month <= 1_000_000:
            raise UserError(f"{usd_per_month} dollars a month makes no sense.", "Give an amount above 0.")
        if last_day is not None and last_day < first_day:
            raise UserError(f"It cannot end on {last_day}, before it begins on {first_day}.", "Give a later day.")
        row = {
            "name": one_line(name)[:120], "provider": provider[:40], "usd_per_month": usd_per_month,
            "first_day": first_day, "last_day": last_day,
        }  # fmt: skip
        with self._db.write() as connection:
            return plans.add_fixed_cost(connection, row)

    def all(self) -> list[FixedCost]:
        with self._db.read() as connection:
            return plans.all_fixed_costs(connection)

    def end(self, cost_id: str, last_day: date | None = None) -> None:
        """It is paid up to and including that day (today). One that has not begun by then is taken away."""
        with self._db.write() as connection:
            ended = plans.end_fixed_cost(connection, cost_id, last_day or today())
            if not ended and not plans.delete_fixed_cost(connection, cost_id):
                raise NotFound(f"There is no fixed cost {cost_id!r}.", "List them with: studio fixed list")

    def month(self, day: date | None = None) -> list[Share]:
        """The costs of the month a day lies in, plan fees among them, each with what of the month carries it so far."""
        first, last = month_of(day or today())
        with self._db.read() as connection:
            costs = plans.all_fixed_costs(connection, first, last)
            kept = plans.kept_assets(connection, start_of(first), start_of(next_month(first)))
            choices = plans.choices(connection, first, last)
        shares = [
            Share(cost.name, cost.provider, _part(cost.usd_per_month, cost.first_day, cost.last_day, first, last),
                  _carriers(kept, cost.provider), cost.id)
            for cost in costs
        ]  # fmt: skip
        for choice in choices:
            plan = self._plans.book.get(choice.provider, choice.plan, max(first, choice.first_day))
            if plan.usd_per_month > 0:  # a plan is paid by the whole month
                name = f"Plan {plan.title} at {plan.provider}"
                shares.append(Share(name, plan.provider, plan.usd_per_month, _carriers(kept, plan.provider)))
        return shares

    def per_asset(self, day: date | None = None) -> dict[str, Decimal]:
        """Fixed dollars an asset of each provider carries in that month; "" for one of no provider. What a cost without
        a single asset would carry is in none of them."""
        first, _ = month_of(day or today())
        with self._db.read() as connection:
            kept = plans.kept_assets(connection, start_of(first), start_of(next_month(first)))
        shares = self.month(day)
        return {
            provider: sum(
                (share.usd_per_asset or Decimal(0) for share in shares if share.provider in ("", provider)), Decimal(0)
            )
            for provider in kept
        }


def _carriers(kept: dict[str, int], provider: str) -> int:
    return kept.get(provider, 0) if provider else sum(kept.values())


def _part(usd: Decimal, first_day: date, last_day: date | None, first: date, last: date) -> Decimal:
    """The part of a month's cost that falls on the days it was there."""
    begin, end = max(first, first_day), min(last, last_day or last)
    return usd * ((end - begin).days + 1) / ((last - first).days + 1)
