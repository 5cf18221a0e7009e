"""From how many pieces a month on a plan without limit costs less than paying by the piece."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.money.plans import Plan, PlanBook


@dataclass(frozen=True)
class BreakEven:
    plan: Plan
    usd_each: Decimal
    """What a piece costs without the plan."""
    paid: bool
    """That price is what was really paid on average; else it is the list's."""

    @property
    def pieces(self) -> int:
        """At so many a month the plan costs no more."""
        return math.ceil(self.plan.usd_per_month / self.usd_each)


def break_evens(
    book: PlanBook, kind: str, paid: Mapping[str, Decimal] | None = None, day: date | None = None
) -> list[BreakEven]:
    """For each unlimited plan of this kind of work. `paid`: the average dollars a piece by provider, which counts before
    the list's by-the-piece price. A plan for whose provider no price by the piece is known is left out."""
    plans = [plan for plan in book.all(day) if any(draw.kind == kind for draw in plan.draws)]
    found = []
    for plan in plans:
        if not plan.unlimited:
            continue
        measured = (paid or {}).get(plan.provider, Decimal(0))
        each = measured if measured > 0 else _by_the_piece(plan, plans, kind)
        if each is not None:
            found.append(BreakEven(plan, each, measured > 0))
    return found


def _by_the_piece(unlimited: Plan, plans: list[Plan], kind: str) -> Decimal | None:
    """The cheapest that its provider asks without a monthly fee; an example beside examples only."""
    prices = [
        plan.beyond * draw.each
        for plan in plans
        if plan.provider == unlimited.provider and plan.example == unlimited.example and not plan.usd_per_month
        and isinstance(plan.beyond, Decimal)
        for draw in plan.draws if draw.kind == kind
    ]  # fmt: skip
    return min((price for price in prices if price > 0), default=None)
