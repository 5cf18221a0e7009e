"""Prices that change under way, bills in other currencies, refunds: the ledger stays what really happened."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.errors import NotFound, SetupError, UserError
from core.money.ledger import Ledger
from core.money.prices import PriceBook
from core.store import audit, budgets, charges
from tests.money.till import charge, held, hold_plan, refund, release, reserve, settle
from tests.scripted import submit

LINE = '- {{provider: scripted, unit: tracks, usd: "{usd}", source: test, checked_on: 2026-11-01, valid_from: 2026-01-02{more}}}\n'


def price(studio: Studio, folder: Path, usd: str, more: str = "") -> None:
    """Today's price, in a file of the user's own."""
    (folder / "own.yaml").write_text(LINE.format(usd=usd, more=more))
    book = PriceBook(folder)
    studio.prices._folders = book._folders


def test_what_was_reserved_is_what_is_paid_whatever_the_price_is_now(studio: Studio, tmp_path: Path) -> None:
    price(studio, tmp_path, "0.10")
    cheap = reserve(studio, {"tracks": 4})
    price(studio, tmp_path, "1.50")
    assert settle(studio, cheap, {"tracks": 3}) == Decimal("0.30")
    dear = reserve(studio, {"tracks": 1})
    assert charge(studio, dear).reserved_usd == Decimal("1.50")
    price(studio, tmp_path, "0.01")
    assert settle(studio, dear, {"tracks": 1}) == Decimal("1.50")
    with studio.store.db.read() as connection:
        assert budgets.blocks(connection) == {}, "a dearer price is no bill above the maximum"


def test_a_price_that_went_away_under_way_does_not_lose_the_bill(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "only.yaml").write_text(LINE.format(usd="0.20", more="").replace("scripted", "lonely"))
    studio.prices._folders = [tmp_path]
    attempt = reserve(studio, {"tracks": 2}, provider="lonely")
    (tmp_path / "only.yaml").unlink()
    assert settle(studio, attempt, {"tracks": 2}) == Decimal("0.40")
    with pytest.raises(SetupError, match="no price"):
        reserve(studio, {"tracks": 1}, provider="lonely")


def test_a_plan_ended_under_way_still_pays(studio: Studio, tmp_path: Path) -> None:
    hold_plan(studio, tmp_path)
    attempt = reserve(studio, {"tracks": 4})
    studio.plans.end("scripted")
    assert settle(studio, attempt, {"tracks": 4}) == 0


@pytest.mark.parametrize("more", [", currency: EUR", ", price_eur: '0.1'"])
def test_a_price_in_another_currency_stops_every_purchase(studio: Studio, tmp_path: Path, more: str) -> None:
    price(studio, tmp_path, "0.10", more)
    with pytest.raises(SetupError, match=r"own\.yaml .* US dollars only") as refused:
        reserve(studio, {"tracks": 1})
    assert refused.value.code == "other_currency"
    price(studio, tmp_path, "0.10", ", currency: USD")
    assert charge(studio, reserve(studio, {"tracks": 1})).reserved_usd == Decimal("0.10")


@pytest.mark.parametrize("text", ["[", "provider: x", "- 5", "- {provider: x}"])
def test_a_broken_price_file_is_one_clear_error(studio: Studio, tmp_path: Path, text: str) -> None:
    (tmp_path / "own.yaml").write_text(text)
    studio.prices._folders = [tmp_path]
    with pytest.raises(SetupError, match=r"own\.yaml"):
        reserve(studio, {"tracks": 1})


@pytest.mark.parametrize(("cost", "currency"), [("0.03", "EUR"), ("-1", "USD"), ("NaN", "USD")])
def test_a_bill_that_cannot_be_counted_books_the_maximum_and_asks_a_person(
    studio: Studio, cost: str, currency: str
) -> None:
    attempt = reserve(studio, {"tracks": 4})
    assert settle(studio, attempt, {"tracks": 1}, cost_usd=Decimal(cost), currency=currency) == Decimal("0.40")
    with studio.store.db.read() as connection:
        assert currency in budgets.blocks(connection)["scripted"]
        assert any("cannot count" in alert.message for alert in budgets.open_alerts(connection))
    assert currency in charge(studio, attempt).price["lines"][0]["source"]


@pytest.mark.parametrize("said", [{}, {"tracks": "-3"}, {"tracks": "NaN"}])
def test_an_answer_without_sense_is_no_discount(studio: Studio, said: dict[str, str]) -> None:
    attempt = reserve(studio, {"tracks": 4})
    with studio.store.db.exclusive(Ledger.SUBJECT) as connection:
        assert studio.ledger.bill(connection, attempt, {k: Decimal(v) for k, v in said.items()}).usd == Decimal("0.40")


def test_booking_twice_is_booking_once(studio: Studio) -> None:
    attempt = reserve(studio, {"tracks": 4})
    assert settle(studio, attempt, {"tracks": 1}) == Decimal("0.1")
    assert settle(studio, attempt, {"tracks": 4}) == Decimal("0.1")
    release(studio, attempt)
    assert held(studio) == Decimal("0.1")


def test_a_refund_is_a_row_of_its_own_and_every_sum_knows_it(studio: Studio) -> None:
    attempt = reserve(studio, {"tracks": 4}, job_id="job_one")
    settle(studio, attempt, {"tracks": 4})
    assert refund(studio, attempt, "0.15") == Decimal("0.25")
    assert charge(studio, attempt).settled_usd == Decimal("0.40"), "the bill itself stands"
    day = charge(studio, attempt).day
    for scope in ({}, {"root_job_id": "job_one"}, {"user_id": "local"}, {"provider": "scripted"}, {"first_day": day}):
        assert held(studio, **scope) == Decimal("0.25"), scope
    with studio.store.db.read() as connection:
        summary = charges.summary(connection, first_day=day, last_day=day)
        trail = audit.listing(connection)
    assert [(row["count"], row["settled_usd"]) for row in summary] == [(1, Decimal("0.25"))]
    told = next(entry for entry in trail if entry.action == "charge.refunded")
    assert (told.subject_id, told.detail["usd"], told.detail["reason"]) == (attempt, "0.15", "it came out broken")


def test_never_more_comes_back_than_was_paid(studio: Studio) -> None:
    attempt = reserve(studio, {"tracks": 4})
    with pytest.raises(UserError, match="never settled"):
        refund(studio, attempt, "0.1")
    settle(studio, attempt, {"tracks": 4})
    refund(studio, attempt, "0.30")
    for amount in ("0.11", "-0.1", "0", "NaN", "0.0000000001"):
        with pytest.raises(UserError, match=r"\$0.10* of it can still"):
            refund(studio, attempt, amount)
    refund(studio, attempt, "0.10")
    assert held(studio) == 0
    with pytest.raises(NotFound):
        refund(studio, "attempt_nobody", "1")


def test_the_mart_agrees_with_the_ledger_after_a_refund(studio: Studio) -> None:
    from core.analytics.queries import open_mart

    attempt = reserve(studio, {"tracks": 4})
    settle(studio, attempt, {"tracks": 4})
    refund(studio, attempt, "0.15")
    studio.refresh_mart()
    mart = open_mart(studio.settings)
    found = mart.sql("SELECT sum(settled_usd) AS usd, sum(charges) AS charges FROM studio.marts.daily_cost")
    mart.close()
    assert (round(float(found["usd"][0]), 9), int(found["charges"][0])) == (0.25, 1)


def test_a_job_whose_bill_came_back_costs_less(working: Studio, tmp_path: Path) -> None:
    job = submit(working, LOCAL, tmp_path / "a", tracks=3)
    assert working.jobs.wait(LOCAL, job.id, 60).status == "done"
    with working.store.db.read() as connection:
        [bill] = charges.of_job(connection, job.id)
    refund(working, bill.attempt_id, "0.10", Actor("local", is_admin=True))
    assert working.jobs.cost(LOCAL, job.id) == Decimal("0.20")
