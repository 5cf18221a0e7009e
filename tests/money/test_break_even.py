"""From how many tracks a month on a plan without limit pays."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from core.money.break_even import break_evens
from core.money.plans import PlanBook


def test_the_documents_plans_pay_from_990_and_980_tracks_on() -> None:
    found = {one.plan.provider: one for one in break_evens(PlanBook(), "music")}
    assert {name: (one.pieces, one.paid) for name, one in found.items()} == {
        "mubert": (990, False),
        "soundraw": (980, False),
    }


def test_what_was_paid_counts_before_the_list_and_part_of_a_piece_is_a_piece() -> None:
    found = {one.plan.provider: one for one in break_evens(PlanBook(), "music", {"mubert": Decimal("0.07")})}
    assert (found["mubert"].pieces, found["mubert"].paid) == (1415, True)  # 99 / 0.07 = 1414.3
    assert not found["soundraw"].paid


def test_a_plan_of_ones_own_without_a_price_by_the_piece_is_left_out_until_something_was_paid(tmp_path: Path) -> None:
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "own.yaml").write_text(
        '- {provider: beatoven, plan: all, title: All, usd_per_month: "20", allowance: null, unit: tracks,\n'
        '   draws: [{kind: music, unit: tracks, each: "1"}], beyond: stop, source: mine, checked_on: 2026-01-01,\n'
        "   valid_from: 2026-01-01}\n"
    )
    assert "beatoven" not in {one.plan.provider for one in break_evens(PlanBook(tmp_path), "music")}
    paid = break_evens(PlanBook(tmp_path), "music", {"beatoven": Decimal("0.50")})
    assert next(one.pieces for one in paid if one.plan.provider == "beatoven") == 40
    assert break_evens(PlanBook(), "speech") == []
