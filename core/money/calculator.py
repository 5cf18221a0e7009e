"""The cheapest way to buy a month's volume: which plans to hold, and what to pay for as you go.

A small integer programme, solved exactly: one variable per plan (held or not, one a provider at most), and for each kind
of work how much of it every plan's allowance, its price beyond that, or a price list takes. Quantities are whole pieces,
so a volume may be split between providers where that is cheaper.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from core.kit.clock import today
from core.kit.errors import UserError
from core.kit.paths import reference
from core.money.plans import Plan, PlanBook
from core.money.prices import PriceBook

UNITS = {"speech": "characters", "music": "tracks", "sound_effect": "tracks"}
"""What a month's volume is counted in, by kind."""
MOST = 100_000_000


@dataclass(frozen=True)
class Volume:
    kind: str
    quantity: int
    seconds_each: int = 0
    """Length of one piece, for who bills by the second."""


@dataclass(frozen=True)
class Offer:
    """One way to have a kind of work made. `plan` empty: by the price list alone."""

    kind: str
    provider: str
    title: str
    model: str
    usd_each: Decimal | None
    """Cash per piece; None: an allowance pays."""
    plan: str = ""
    draws_each: Decimal = Decimal(0)


@dataclass(frozen=True)
class Holding:
    """A plan as the programme sees it."""

    provider: str
    plan: str
    title: str
    usd: Decimal
    allowance: Decimal | None
    commercial: bool = True


@dataclass(frozen=True)
class Part:
    offer: Offer
    quantity: int
    usd: Decimal


@dataclass(frozen=True)
class Mix:
    usd: Decimal
    plans: tuple[Holding, ...]
    parts: tuple[Part, ...]

    @property
    def plans_usd(self) -> Decimal:
        return sum((plan.usd for plan in self.plans), Decimal(0))


@dataclass(frozen=True)
class Free:
    kind: str
    engine: str
    limits: str


@dataclass(frozen=True)
class Advice:
    bought: Mix | None
    """None: nobody known sells all of it."""
    as_you_go: Mix | None
    """The same without any plan, to compare."""
    free: tuple[Free, ...]
    """What the engines in this studio make at $0, with their limits."""
    not_free: tuple[str, ...]
    """Kinds that no engine here makes."""
    unsold: tuple[str, ...] = ()


@dataclass
class Market:
    """Every plan and offer on a day."""

    holdings: list[Holding] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)


class Calculator:
    def __init__(self, prices: PriceBook, plans: PlanBook) -> None:
        self._prices = prices
        self._plans = plans

    def advise(
        self,
        volumes: Sequence[Volume],
        *,
        providers: Sequence[str] = (),
        models: Sequence[str] = (),
        commercial: bool = True,
        examples: bool = False,
    ) -> Advice:
        """`providers`: only these; empty: all that are known. `models`: only these, for the kinds of work they make.
        `commercial`: leave out plans whose output may not be
        used commercially. `examples`: count plans of planning documents too."""
        wanted = _checked(volumes)
        market = self.market(wanted, providers=providers, commercial=commercial, examples=examples)
        asked = {offer.kind for offer in market.offers if offer.model in models}
        if models and not asked:
            raise UserError(f"Nobody known sells {', '.join(models)}.", "Leave the model out, or see the price files.")
        market.offers = [o for o in market.offers if o.kind not in asked or o.model in models or o.model == "*"]
        known = {line["kind"]: Free(line["kind"], line["engine"], line["limits"]) for line in reference("embedded")}
        sold = {offer.kind for offer in market.offers}
        return Advice(
            cheapest(wanted, market), cheapest(wanted, Market([], [o for o in market.offers if not o.plan])),
            tuple(known[each.kind] for each in wanted if each.kind in known),
            tuple(each.kind for each in wanted if each.kind not in known),
            tuple(each.kind for each in wanted if each.kind not in sold),
        )  # fmt: skip

    def market(
        self, volumes: Sequence[Volume], *, providers: Sequence[str], commercial: bool, examples: bool
    ) -> Market:
        day, found = today(), Market()
        prices = [price for price in self._prices.all(day) if not providers or price.provider in providers]
        plans = [
            plan for plan in self._plans.all(day, examples=examples)
            if (not providers or plan.provider in providers) and (plan.commercial or not commercial)
        ]  # fmt: skip
        drawn = {(plan.provider, draw.model, draw.unit): draw.kind for plan in plans for draw in plan.draws}
        for volume in volumes:
            for price in prices:
                kind = drawn.get((price.provider, price.model, price.unit)) or _kind_of(price.model, price.unit)
                per = _per_piece(volume, price.unit)
                if kind == volume.kind and per is not None:
                    found.offers.append(Offer(kind, price.provider, price.provider, price.model, price.usd * per))
            for plan in plans:
                self._of_plan(plan, volume, found)
        used = {(offer.provider, offer.plan) for offer in found.offers if offer.plan}
        found.holdings = [
            Holding(plan.provider, plan.plan, plan.title, plan.usd_per_month, plan.allowance, plan.commercial)
            for plan in plans if (plan.provider, plan.plan) in used
        ]  # fmt: skip
        return found

    def _of_plan(self, plan: Plan, volume: Volume, found: Market) -> None:
        for draw in plan.draws:
            per = _per_piece(volume, draw.unit)
            if draw.kind != volume.kind or per is None:
                continue
            each = draw.each * per
            same = (draw.kind, plan.provider, plan.title, draw.model)
            found.offers.append(Offer(*same, None, plan.plan, each))
            if isinstance(plan.beyond, Decimal) and not plan.unlimited:
                found.offers.append(Offer(*same, plan.beyond * each, plan.plan))


def _checked(volumes: Sequence[Volume]) -> list[Volume]:
    wanted = [volume for volume in volumes if volume.quantity != 0]
    for volume in wanted:
        if volume.kind not in UNITS:
            raise UserError(f"Volumes of {volume.kind!r} cannot be calculated.", f"Known: {', '.join(UNITS)}.")
        if not 0 < volume.quantity <= MOST or not 0 <= volume.seconds_each <= 86_400:
            raise UserError(f"{volume.quantity:,} {UNITS[volume.kind]} a month make no sense.", f"Give 0 to {MOST:,}.")
    if not wanted:
        raise UserError("There is nothing to calculate.", "Say how much you need in a month.")
    if len({volume.kind for volume in wanted}) != len(wanted):
        raise UserError("A kind of work is given twice.", "Give its whole volume once.")
    return wanted


def _kind_of(model: str, unit: str) -> str:
    """What a price list's line buys, where no plan says so."""
    if unit == "characters":
        return "speech"
    return "sound_effect" if "effect" in model else "music"


def _per_piece(volume: Volume, unit: str) -> Decimal | None:
    """Billed units in one piece; None where the volume does not tell."""
    if unit == UNITS[volume.kind]:
        return Decimal(1)
    return Decimal(volume.seconds_each) if unit == "seconds" and volume.seconds_each else None


def cheapest(volumes: Sequence[Volume], market: Market) -> Mix | None:
    """The optimum over whole pieces; None when it cannot all be bought. Solved twice: which plans to hold, then, with
    those fixed and every number in its natural size, how much of what. The solver's tolerance (a millionth) can then
    neither use a plan that is not held nor more than an allowance."""
    offers, holdings = market.offers, market.holdings
    need = {volume.kind: volume.quantity for volume in volumes}
    if set(need) - {offer.kind for offer in offers}:
        return None
    place = {(holding.provider, holding.plan): len(offers) + n for n, holding in enumerate(holdings)}
    rows: list[_Rule] = [
        _Rule({n: 1.0 for n, offer in enumerate(offers) if offer.kind == kind}, quantity, quantity)
        for kind, quantity in need.items()
    ]
    whole = list(rows)
    for holding in holdings:
        column = place[holding.provider, holding.plan]
        own = [n for n, offer in enumerate(offers) if place.get((offer.provider, offer.plan)) == column]
        if holding.allowance is not None:
            takes = {n: float(offers[n].draws_each) for n in own if offers[n].usd_each is None}
            whole.append(_Rule(takes, -math.inf, float(holding.allowance)))
            rows.append(_Rule(takes | {column: -float(holding.allowance)}, -math.inf, 0))
        rows += [_Rule({n: 1.0, column: -float(need[offers[n].kind])}, -math.inf, 0) for n in own]
    for provider in {holding.provider for holding in holdings}:
        rows.append(_Rule({place[key]: 1.0 for key in place if key[0] == provider}, 0, 1))
    cost = [float(offer.usd_each or 0) for offer in offers]
    upper = [float(need[offer.kind]) for offer in offers]
    first = _solve([*cost, *(float(plan.usd) for plan in holdings)], rows, upper + [1.0] * len(holdings))
    if first is None:
        return None
    held = {key for key, column in place.items() if first[column]}
    held |= {(offer.provider, offer.plan) for offer, count in zip(offers, first, strict=False) if count and offer.plan}
    open_to = [most if not offer.plan or (offer.provider, offer.plan) in held else 0.0
               for offer, most in zip(offers, upper, strict=True)]  # fmt: skip
    counts = _solve(cost, whole, open_to)
    if counts is None:
        return None
    return _mix(offers, [plan for plan in holdings if (plan.provider, plan.plan) in held], counts)


@dataclass(frozen=True)
class _Rule:
    """at_least ≤ sum of coefficient times column ≤ at_most"""

    row: Mapping[int, float]
    at_least: float
    at_most: float


def _solve(cost: Sequence[float], rules: Sequence[_Rule], upper: Sequence[float]) -> list[int] | None:
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    matrix = np.zeros((len(rules), len(cost)))
    for number, rule in enumerate(rules):
        for column, value in rule.row.items():
            matrix[number, column] = value
    limits = np.array([rule.at_least for rule in rules]), np.array([rule.at_most for rule in rules])
    found = milp(
        np.array(cost), integrality=np.ones(len(cost)), bounds=Bounds(np.zeros(len(cost)), np.array(upper)),
        constraints=LinearConstraint(matrix, *limits), options={"mip_rel_gap": 0.0},
    )  # fmt: skip
    return [round(value) for value in found.x] if found.success else None


def _mix(offers: Sequence[Offer], holdings: Sequence[Holding], counts: Sequence[int]) -> Mix:
    """In exact dollars, what the solver found in floats."""
    parts = tuple(
        Part(offer, count, (offer.usd_each or Decimal(0)) * count)
        for offer, count in zip(offers, counts, strict=True) if count
    )  # fmt: skip
    held = tuple(holdings)
    usd = sum((part.usd for part in parts), Decimal(0)) + sum((plan.usd for plan in held), Decimal(0))
    return Mix(usd, held, parts)
