"""Fixed monthly costs, shared out over what was kept."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.clock import today
from core.kit.errors import NotFound, UserError
from core.money.periods import month_of
from tests.money.till import hold_plan
from tests.scripted import submit


def make(studio: Studio, tmp_path: Path, count: int, provider: str) -> None:
    for _ in range(count):
        job = submit(studio, LOCAL, tmp_path / "a", provider=provider)
        assert studio.jobs.wait(LOCAL, job.id, 60).status == "done"


def test_a_cost_is_shared_by_the_assets_of_its_provider_or_of_all(working: Studio, tmp_path: Path) -> None:
    first = today().replace(day=1)
    working.fixed_costs.add("Graphics card", Decimal("90"), provider="free", first_day=first)
    working.fixed_costs.add("Storage", Decimal("10"), first_day=first)
    hold_plan(working, tmp_path, fee="8")
    make(working, tmp_path, 3, "free")
    make(working, tmp_path, 1, "scripted")
    shares = {share.name: (share.usd, share.assets, share.usd_per_asset) for share in working.fixed_costs.month()}
    assert shares == {
        "Graphics card": (90, 3, 30), "Storage": (10, 4, Decimal("2.5")), "Plan basic at scripted": (8, 1, 8),
    }  # fmt: skip
    assert working.fixed_costs.per_asset() == {"free": Decimal("32.5"), "scripted": Decimal("10.5")}


def test_a_cost_counts_for_the_days_it_was_there(studio: Studio) -> None:
    costs = studio.fixed_costs
    costs.add("Short", Decimal("30"), first_day=date(2026, 9, 11), last_day=date(2026, 9, 20))
    costs.add("Later", Decimal("30"), first_day=date(2026, 10, 1))
    assert [(share.name, share.usd) for share in costs.month(date(2026, 9, 1))] == [("Short", 10)]
    assert [(share.name, share.usd) for share in costs.month(date(2026, 10, 5))] == [("Later", 30)]
    assert costs.month(date(2026, 9, 1))[0].usd_per_asset is None
    assert costs.month(date(2026, 8, 31)) == []


def test_an_end_is_a_last_day(studio: Studio) -> None:
    costs = studio.fixed_costs
    begun = costs.add("Card", Decimal("30"), first_day=date(2026, 9, 1))
    costs.end(begun, date(2026, 9, 15))
    assert costs.month(date(2026, 9, 1))[0].usd == 15
    future = costs.add("Never", Decimal("1"), first_day=date(2999, 1, 1))
    costs.end(future)
    assert [cost.id for cost in costs.all()] == [begun]
    with pytest.raises(NotFound):
        costs.end("fixed_nobody")


def test_nonsense_is_refused(studio: Studio) -> None:
    for name, usd in (("", "1"), ("x", "0"), ("x", "-1"), ("x", "NaN")):
        with pytest.raises(UserError):
            studio.fixed_costs.add(name, Decimal(usd))
    with pytest.raises(UserError, match="before it begins"):
        studio.fixed_costs.add("x", Decimal(1), first_day=date(2026, 2, 1), last_day=date(2026, 1, 1))


def test_months_have_their_own_lengths() -> None:
    assert month_of(date(2028, 2, 9)) == (date(2028, 2, 1), date(2028, 2, 29))
    assert month_of(date(2026, 12, 31)) == (date(2026, 12, 1), date(2026, 12, 31))
