"""Alerts a user sets: an amount or a percentage, by provider, kind, day, month; once per period; only one's own."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.errors import AccessError, NotFound, UserError
from tests.money.till import reserve, settle

ANN, BOB = Actor("ann", tier="studio"), Actor("bob", tier="studio")


def spend(studio: Studio, tracks: int, **how: object) -> None:
    settle(studio, reserve(studio, {"tracks": tracks}, **how), {"tracks": tracks})  # type: ignore[arg-type]


def told(studio: Studio, actor: Actor) -> list[str]:
    return [alert.message for alert in studio.alerts.open(actor) if alert.subject.startswith("rule:")]


def test_an_amount_goes_off_once_when_it_is_reached(studio: Studio) -> None:
    studio.alerts.add(LOCAL, period="day", usd=Decimal("0.30"))
    spend(studio, 2)
    assert told(studio, LOCAL) == []
    spend(studio, 1)
    assert told(studio, LOCAL) == [
        f"$0.30 is used for everything in {datetime.now(UTC).date()}; you set an alert at $0.30."
    ]
    spend(studio, 4)
    assert len(told(studio, LOCAL)) == 1


def test_a_percentage_is_of_the_periods_cap(studio: Studio) -> None:
    studio.budgets.set_limit("month", Decimal("4.00"))
    studio.alerts.add(LOCAL, period="month", percent=50)
    spend(studio, 19)
    assert told(studio, LOCAL) == []
    spend(studio, 1)
    assert len(told(studio, LOCAL)) == 1


def test_provider_and_kind_narrow_it_down(studio: Studio) -> None:
    studio.alerts.add(LOCAL, period="day", usd=Decimal("0.10"), provider="remote")
    studio.alerts.add(LOCAL, period="day", usd=Decimal("0.10"), kind="music")
    spend(studio, 5)
    assert told(studio, LOCAL) == []
    spend(studio, 1, provider="remote")
    assert len(told(studio, LOCAL)) == 1
    spend(studio, 1, kind="music")
    assert len(told(studio, LOCAL)) == 2


def test_everybody_hears_of_his_own_spending_and_who_runs_the_studio_of_all(studio: Studio) -> None:
    studio.alerts.add(ANN, period="day", usd=Decimal("0.10"))
    studio.alerts.add(LOCAL, period="day", usd=Decimal("0.30"), everyone=True)
    spend(studio, 2, actor=BOB)
    assert (told(studio, ANN), told(studio, BOB), told(studio, LOCAL)) == ([], [], [])
    spend(studio, 2, actor=ANN)
    assert (len(told(studio, ANN)), len(told(studio, BOB)), len(told(studio, LOCAL))) == (1, 0, 1)
    with pytest.raises(AccessError):
        studio.alerts.add(ANN, period="day", usd=Decimal(1), everyone=True)


def test_seen_is_gone_and_nobody_else_can_say_so(studio: Studio) -> None:
    studio.alerts.add(ANN, period="day", usd=Decimal("0.10"))
    spend(studio, 2, actor=ANN)
    [alert] = studio.alerts.open(ANN)
    with pytest.raises(NotFound):
        studio.alerts.seen(BOB, alert.id)
    studio.alerts.seen(ANN, alert.id)
    assert studio.alerts.open(ANN) == []


def test_a_rule_is_listed_and_taken_away_by_its_owner(studio: Studio) -> None:
    rule = studio.alerts.add(ANN, period="day", usd=Decimal("0.10"))
    assert [each.id for each in studio.alerts.rules(ANN)] == [rule]
    assert studio.alerts.rules(BOB) == []
    with pytest.raises(NotFound):
        studio.alerts.remove(BOB, rule)
    studio.alerts.remove(ANN, rule)
    spend(studio, 5, actor=ANN)
    assert told(studio, ANN) == []


def test_nonsense_is_refused(studio: Studio) -> None:
    for wrong in (
        {"period": "week", "usd": Decimal(1)}, {"period": "day"}, {"period": "day", "usd": Decimal(0)},
        {"period": "day", "usd": Decimal("NaN")}, {"period": "day", "percent": 0}, {"period": "day", "percent": 101},
        {"period": "day", "usd": Decimal(1), "percent": 5},
        {"period": "day", "usd": Decimal(1), "kind": "x" * 21},
    ):  # fmt: skip
        with pytest.raises(UserError):
            studio.alerts.add(LOCAL, **wrong)  # type: ignore[arg-type]
