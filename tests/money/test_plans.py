"""Monthly plans: the allowance before any cash, never more than there is, and what lies beyond."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.errors import MoneyError, SetupError, UserError
from core.money import allowance
from core.money.allowance import PLAN_STOP
from core.money.plans import PlanBook
from core.store import budgets
from tests.money.till import charge, held, hold_plan, release, reserve, settle
from tests.scripted import ScriptedMake, purchases, submit


def left(studio: Studio) -> Decimal | None:
    return studio.plans.state()[0].left


def test_the_shipped_plans_say_what_the_document_and_the_listings_say() -> None:
    book = PlanBook()
    known = {(p.provider, p.plan): (str(p.usd_per_month), p.allowance and int(p.allowance)) for p in book.all()}
    assert known["elevenlabs", "document-creator"] == ("5", 30_000)
    assert known["elevenlabs", "document-pro"] == ("22", 100_000)
    assert known["stability", "document-basic"] == ("12", 500)
    assert known["mubert", "document-unlimited"] == ("99.00", None)
    assert known["elevenlabs", "creator"] == ("22", 100_000)
    assert known["mubert", "startup-plus"] == ("499", 30_000)
    assert all(p.source and p.checked_on and p.valid_from for p in book.all())
    assert not any(p.plan.startswith("document") for p in book.all(examples=False))
    assert not book.all(date(2020, 1, 1)), "no plan is known before it was valid"


def test_what_the_allowance_covers_costs_no_cash_and_is_written_down(studio: Studio, tmp_path: Path) -> None:
    hold_plan(studio, tmp_path, each="2")
    attempt = reserve(studio, {"tracks": 3})
    assert (charge(studio, attempt).reserved_usd, charge(studio, attempt).plan_units) == (0, {"credits": "6"})
    assert left(studio) == 4
    settle(studio, attempt, {"tracks": 2})
    assert (charge(studio, attempt).settled_usd, charge(studio, attempt).plan_units) == (0, {"credits": "4"})
    assert left(studio) == 6, "what was reserved and not used goes back"
    assert held(studio) == 0


@pytest.mark.parametrize(("beyond", "usd"), [("prices", "0.40"), ("0.25", "1.00")])
def test_beyond_the_allowance_the_plans_own_price_or_the_list_counts(
    studio: Studio, tmp_path: Path, beyond: str, usd: str
) -> None:
    hold_plan(studio, tmp_path, beyond=beyond)
    attempt = reserve(studio, {"tracks": 14})
    assert charge(studio, attempt).reserved_usd == Decimal(usd)
    assert charge(studio, attempt).plan_used == 10
    settle(studio, attempt, {"tracks": 12})
    assert charge(studio, attempt).settled_usd == Decimal(usd) / 2, "cash is given back before the allowance is"
    other = reserve(studio, {"tracks": 1})
    assert charge(studio, other).plan_used == 0
    assert charge(studio, other).reserved_usd == Decimal(usd) / 4


def test_a_release_gives_the_allowance_back(studio: Studio, tmp_path: Path) -> None:
    hold_plan(studio, tmp_path)
    attempt = reserve(studio, {"tracks": 10})
    assert left(studio) == 0
    release(studio, attempt)
    assert left(studio) == 10


def test_a_plan_that_stops_refuses_the_whole_request(studio: Studio, tmp_path: Path) -> None:
    hold_plan(studio, tmp_path)
    reserve(studio, {"tracks": 8})
    with pytest.raises(MoneyError, match="2 of 10 left") as refused:
        reserve(studio, {"tracks": 3})
    assert refused.value.code == PLAN_STOP
    assert left(studio) == 2


def test_an_unlimited_plan_never_ends(studio: Studio, tmp_path: Path) -> None:
    hold_plan(studio, tmp_path, allowance=None)
    attempt = reserve(studio, {"tracks": 100_000})
    settle(studio, attempt, {"tracks": 90_000})
    assert (held(studio), left(studio)) == (0, None)
    assert charge(studio, attempt).plan_used == 90_000


def test_the_allowance_begins_anew_each_month(studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowance, "today", lambda: date(2026, 10, 31))
    monkeypatch.setattr("core.money.ledger.today", lambda: date(2026, 10, 31))
    hold_plan(studio, tmp_path)
    reserve(studio, {"tracks": 10})
    assert left(studio) == 0
    monkeypatch.setattr(allowance, "today", lambda: date(2026, 11, 1))
    assert (left(studio), studio.plans.state()[0].resets_on) == (10, date(2026, 12, 1))


def test_another_plan_counts_from_its_first_day_on(studio: Studio, tmp_path: Path) -> None:
    hold_plan(studio, tmp_path)
    reserve(studio, {"tracks": 10})
    hold_plan(studio, tmp_path, name="large", allowance="1000")
    assert [(state.plan.plan, state.left) for state in studio.plans.state()] == [("large", 1000)]
    assert studio.plans.end("scripted")
    assert studio.plans.state() == []
    assert charge(studio, reserve(studio, {"tracks": 1})).reserved_usd == Decimal("0.1")
    with pytest.raises(UserError, match="no plan 'gold'"):
        studio.plans.choose("scripted", "gold")


def test_forty_at_once_never_take_more_than_the_allowance(studio: Studio, tmp_path: Path) -> None:
    hold_plan(studio, tmp_path, allowance="25")

    def one(_: int) -> bool:
        try:
            reserve(studio, {"tracks": 1})
        except MoneyError as error:
            return error.code != PLAN_STOP
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(40))) == 25
    assert left(studio) == 0


def test_a_provider_that_takes_more_than_it_could_is_booked_and_blocked(studio: Studio, tmp_path: Path) -> None:
    hold_plan(studio, tmp_path)
    attempt = reserve(studio, {"tracks": 2})
    settle(studio, attempt, {"tracks": 5})
    assert charge(studio, attempt).plan_used == 5
    with studio.store.db.read() as connection:
        assert "took 5 credits where at most 2" in budgets.blocks(connection)["scripted"]


def test_a_used_up_plan_hands_over_to_the_next_provider(working: Studio, tmp_path: Path) -> None:
    hold_plan(working, tmp_path, allowance="1")
    jobs = [submit(working, LOCAL, tmp_path / "a") for _ in range(2)]
    ended = [working.jobs.wait(LOCAL, job.id, 60) for job in jobs]
    assert {job.status for job in ended} == {"done"}
    assert sorted(str(job.provider) for job in ended) == ["remote", "scripted"]
    assert held(working) == Decimal("0.10"), "the first cost nothing, the second its list price"
    only = submit(working, LOCAL, tmp_path / "a", provider="scripted")
    failed = working.jobs.wait(LOCAL, only.id, 60)
    assert failed.error is not None
    assert (failed.error["kind"], failed.error["code"]) == ("MoneyError", PLAN_STOP)
    assert len(purchases(tmp_path / "a")) == 2


def test_routing_prefers_allowance_among_equals_only(studio: Studio, tmp_path: Path) -> None:
    def order() -> list[str]:
        return [provider.info.name for provider in studio.registry.route("scripted")]

    studio.registry.set_order("scripted", ["free"])
    studio.registry.add(ScriptedMake("other"))
    assert order() == ["free", "scripted", "idempotent", "remote", "narrow", "unpriced", "other"]
    text = (tmp_path / "plans").parent
    hold_plan(studio, text)
    for file in (tmp_path / "plans").glob("*.yaml"):
        file.write_text(file.read_text().replace("provider: scripted", "provider: narrow"))
    studio.plans.end("scripted")
    studio.plans.choose("narrow", "basic")
    assert order() == ["free", "narrow", "scripted", "idempotent", "remote", "unpriced", "other"]
    reserve(studio, {"tracks": 10}, provider="narrow")
    assert order()[1] == "scripted", "a plan that is used up is nobody's reason"
    studio.registry.set_order("scripted", ["scripted", "remote", "narrow"])
    assert order()[:3] == ["scripted", "remote", "narrow"], "what a person put in an order stays in it"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"allowance": 10}, "quoted"),
        ({"beyond": "maybe"}, "beyond"),
        ({"currency": "EUR"}, "US dollars only"),
        ({"price_eur": "5"}, "US dollars only"),
        ({"usd_per_month": "-1"}, "greater than or equal"),
    ],
)
def test_a_plan_file_that_cannot_be_understood_is_one_clear_error(tmp_path: Path, line: Any, said: str) -> None:
    import yaml

    good = {
        "provider": "x", "plan": "p", "title": "P", "usd_per_month": "1", "allowance": "1", "unit": "u", "draws": [],
        "beyond": "stop", "source": "s", "checked_on": date(2026, 1, 1), "valid_from": date(2026, 1, 1),
    }  # fmt: skip
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "x.yaml").write_text(yaml.safe_dump([good | line]))
    with pytest.raises(SetupError, match=said):
        PlanBook(tmp_path).all()
