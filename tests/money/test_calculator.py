"""The plan calculator against brute force, and over the shipped plans and prices."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.kit.errors import UserError
from core.money.calculator import Calculator, Holding, Market, Offer, Volume, cheapest
from core.money.plans import PlanBook
from core.money.prices import PriceBook

KINDS = ("speech", "music")


@pytest.fixture(scope="module")
def calculator() -> Calculator:
    return Calculator(PriceBook(), PlanBook())


cents = st.integers(1, 40).map(lambda n: Decimal(n) / 100)


@st.composite
def markets(draw: st.DrawFn) -> Market:
    market = Market()
    for provider in ("p", "q"):
        for plan in ("small", "large")[: draw(st.integers(0, 2))]:
            allowance = draw(st.one_of(st.none(), st.integers(0, 6).map(Decimal)))
            market.holdings.append(Holding(provider, plan, plan, draw(cents), allowance))
            beyond = draw(st.one_of(st.none(), cents)) if allowance is not None else None
            for kind in KINDS[: draw(st.integers(1, 2))]:
                each = draw(st.sampled_from([Decimal("0.5"), Decimal(1), Decimal(2), Decimal("1.5")]))
                market.offers.append(Offer(kind, provider, plan, "*", None, plan, each))
                if beyond is not None:
                    market.offers.append(Offer(kind, provider, plan, "*", beyond * each, plan))
        for kind in KINDS:
            if draw(st.booleans()):
                market.offers.append(Offer(kind, provider, provider, "m", draw(cents)))
    return market


def splits(quantity: int, ways: int) -> Iterator[tuple[int, ...]]:
    if ways == 0:
        if quantity == 0:
            yield ()
        return
    if ways == 1:
        yield (quantity,)
        return
    for first in range(quantity + 1):
        for rest in splits(quantity - first, ways - 1):
            yield (first, *rest)


def brute_force(volumes: list[Volume], market: Market) -> Decimal | None:
    best: Decimal | None = None
    choices = [[None, *(h for h in market.holdings if h.provider == provider)] for provider in ("p", "q")]
    for chosen in itertools.product(*choices):
        held = {(h.provider, h.plan): h for h in chosen if h is not None}
        fees = sum((h.usd for h in held.values()), Decimal(0))
        offers = [o for o in market.offers if not o.plan or (o.provider, o.plan) in held]
        by_kind = [[o for o in offers if o.kind == volume.kind] for volume in volumes]
        ways = [list(splits(v.quantity, len(own))) for v, own in zip(volumes, by_kind, strict=True)]
        for counts in itertools.product(*ways):
            pairs = [(o, n) for own, part in zip(by_kind, counts, strict=True) for o, n in zip(own, part, strict=True)]
            used: dict[tuple[str, str], Decimal] = {}
            for offer, count in pairs:
                if offer.usd_each is None:
                    key = (offer.provider, offer.plan)
                    used[key] = used.get(key, Decimal(0)) + offer.draws_each * count
            if any(held[key].allowance is not None and amount > held[key].allowance for key, amount in used.items()):
                continue
            usd = fees + sum(((o.usd_each or Decimal(0)) * n for o, n in pairs), Decimal(0))
            best = usd if best is None else min(best, usd)
    return best


@settings(max_examples=80, deadline=None)
@given(markets(), st.integers(1, 4), st.integers(1, 3))
def test_nothing_is_cheaper(market: Market, speech: int, music: int) -> None:
    volumes = [Volume("speech", speech), Volume("music", music)]
    found = cheapest(volumes, market)
    expected = brute_force(volumes, market)
    assert (found is None) == (expected is None)
    if found is not None:
        assert found.usd == expected
        for volume in volumes:
            assert sum(part.quantity for part in found.parts if part.offer.kind == volume.kind) == volume.quantity


def test_a_shipped_month(calculator: Calculator) -> None:
    advice = calculator.advise([Volume("speech", 250_000), Volume("music", 40)])
    assert advice.bought is not None
    assert advice.as_you_go is not None
    assert advice.bought.usd <= advice.as_you_go.usd
    assert advice.as_you_go.usd == 250_000 * Decimal("0.000015") + 40 * Decimal("0.20")
    # A starter plan's 30,000 credits speak 60,000 characters with the flash model: for $5 what costs $0.90 as you go.
    assert advice.bought.plans == ()
    assert [free.kind for free in advice.free] == ["speech", "music"]
    assert all(free.limits for free in advice.free)


def test_a_plan_pays_where_there_is_no_cheaper_list(calculator: Calculator) -> None:
    advice = calculator.advise([Volume("music", 130)], providers=["mubert", "soundraw"])
    assert advice.bought is not None
    assert advice.as_you_go is None
    assert advice.bought.usd == Decimal("78.99"), "two small plans are cheaper than one large"
    assert {(plan.provider, plan.plan) for plan in advice.bought.plans} == {
        ("mubert", "trial"),
        ("soundraw", "api-starter"),
    }
    with_documents = calculator.advise([Volume("music", 130)], providers=["mubert", "soundraw"], examples=True)
    assert with_documents.bought is not None
    assert with_documents.bought.usd == Decimal("6.50")


def test_an_unlimited_plan_wins_in_volume(calculator: Calculator) -> None:
    advice = calculator.advise([Volume("music", 5_000)], providers=["soundraw"], examples=True)
    assert advice.bought is not None
    assert [
        (plan.plan, part.quantity) for plan, part in zip(advice.bought.plans, advice.bought.parts, strict=True)
    ] == [("document-unlimited", 5_000)]


def test_a_free_plan_counts_only_where_its_output_may_be_used(calculator: Calculator) -> None:
    volume = [Volume("speech", 10_000)]
    assert calculator.advise(volume, commercial=False).bought.usd == 0  # type: ignore[union-attr]
    assert calculator.advise(volume).bought.usd == Decimal("0.15")  # type: ignore[union-attr]


def test_a_model_that_is_asked_for_is_the_one_that_is_priced(calculator: Calculator) -> None:
    volumes = [Volume("speech", 400_000), Volume("music", 1)]
    advice = calculator.advise(volumes, models=["eleven_multilingual_v2"])
    assert advice.bought is not None
    # 100,000 credits of the Creator plan are worth $10 of the list and cost $22: the list is cheaper still.
    assert advice.bought.usd == 400_000 * Decimal("0.0001") + Decimal("0.20")
    with pytest.raises(UserError, match="Nobody known sells"):
        calculator.advise(volumes, models=["eleven_unheard_of"])


def test_seconds_count_where_they_are_billed(calculator: Calculator) -> None:
    short = calculator.advise([Volume("music", 10, seconds_each=20)])
    long = calculator.advise([Volume("music", 10, seconds_each=180)])
    assert short.bought.usd == Decimal("1.00")  # type: ignore[union-attr]
    assert long.bought.usd == Decimal("2.00")  # type: ignore[union-attr]


def test_large_volumes_stay_exact(calculator: Calculator) -> None:
    advice = calculator.advise([Volume("speech", 99_999_999)])
    assert advice.bought is not None
    assert sum(part.quantity for part in advice.bought.parts) == 99_999_999
    used = sum(part.quantity * part.offer.draws_each for part in advice.bought.parts if part.offer.usd_each is None)
    assert all(plan.allowance is not None and used <= plan.allowance for plan in advice.bought.plans)


@pytest.mark.parametrize(
    "volumes", [[], [Volume("dance", 1)], [Volume("speech", -1)], [Volume("speech", 10**9)], [Volume("speech", 1)] * 2]
)
def test_nonsense_is_refused(calculator: Calculator, volumes: list[Volume]) -> None:
    with pytest.raises(UserError):
        calculator.advise(volumes)
