"""Random schedules of everything that can happen to money, by several users, against a model that only adds numbers up:
no cap is ever passed by what is held, no allowance by what is used, and every sum says the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.app import Studio
from core.kit.actor import Actor
from core.kit.clock import today
from core.kit.errors import MoneyError, UserError
from core.money.prices import PriceBook
from core.store import budgets, charges, plans
from core.store.audit import table as trail
from tests import scripted
from tests.money.till import charge, held, hold_plan, refund, release, reserve, settle

USERS = [Actor(name, tier="studio") for name in ("ann", "bob", "cleo")]
CAPS = {"job": Decimal("0.80"), "user_day": Decimal("1.20"), "day": Decimal("2.00"), "month": Decimal("2.50")}
JOBS = ("job_1", "job_2", "job_3")
ALLOWANCE = 6

some = st.integers(0, 30)
RESERVE = st.tuples(st.just("reserve"), some, some, st.integers(1, 9))
SETTLE = st.tuples(st.just("settle"), some, st.integers(0, 9), some)
REFUND = st.tuples(st.just("refund"), some, st.integers(1, 60), some)
PRICE = st.tuples(st.just("price"), st.integers(1, 40), some, some)
RARE = st.tuples(st.sampled_from(["release", "plan"]), some, some, some)
STEPS = st.lists(st.one_of(RESERVE, RESERVE, SETTLE, SETTLE, REFUND, REFUND, PRICE, RARE), min_size=12, max_size=40)


@dataclass
class Model:
    """What ought to be held, by attempt, and used of the plan."""

    usd: dict[str, Decimal] = field(default_factory=dict)
    bill: dict[str, Decimal] = field(default_factory=dict)
    owner: dict[str, str] = field(default_factory=dict)
    job: dict[str, str] = field(default_factory=dict)
    open: dict[str, int] = field(default_factory=dict)
    each: dict[str, Decimal] = field(default_factory=dict)
    used: dict[str, Decimal] = field(default_factory=dict)


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prices")


@pytest.fixture(scope="module")
def till(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    built = scripted.build(tmp_path_factory.mktemp("schedules") / "home")
    for scope, limit in CAPS.items():
        built.budgets.set_limit(scope, limit)
    yield built
    built.close()


def empty(studio: Studio) -> None:
    with studio.store.db.write() as connection:
        for table in (charges.table, plans.chosen, budgets.alerts, budgets.blocked, trail):
            connection.execute(table.delete())


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS, st.sampled_from(["stop", "prices", "0.07"]))
def test_no_schedule_passes_a_cap_or_an_allowance(till: Studio, prices: Path, steps: list[Any], beyond: str) -> None:
    empty(till)
    write_price(till, prices, 10)
    model = Model()
    for step in steps:
        take(till, prices, model, step, beyond)
        agree(till, model)


def write_price(studio: Studio, prices: Path, cents: int) -> None:
    usd = Decimal(cents) / 100
    line = f'- {{provider: scripted, unit: tracks, usd: "{usd}", source: t, checked_on: 2026-01-01, valid_from: 2026-01-01}}\n'
    (prices / "own.yaml").write_text(line + f"# {cents}")
    studio.prices._folders = PriceBook(prices)._folders


def take(studio: Studio, prices: Path, model: Model, step: tuple[str, int, int, int], beyond: str) -> None:
    what, a, b, c = step
    attempts = sorted(model.open if what in ("settle", "release") else model.bill)
    if what == "price":
        write_price(studio, prices, a)
    elif what == "plan":
        if a % 2:
            hold_plan(studio, prices, allowance=str(ALLOWANCE), beyond=beyond)
        else:
            studio.plans.end("scripted")
    elif what == "reserve":
        user, job = USERS[a % 3], JOBS[b % 3]
        try:
            attempt = reserve(studio, {"tracks": c}, actor=user, job_id=job)
        except MoneyError:
            return
        row = charge(studio, attempt)
        model.open[attempt], model.owner[attempt], model.job[attempt] = c, user.user_id, job
        model.usd[attempt], model.used[attempt] = row.reserved_usd, row.plan_used or Decimal(0)
        line = row.price["lines"][0]
        model.each[attempt] = Decimal(line.get("usd_each", "0"))
    elif attempts and what == "settle":
        attempt = attempts[-1 - a % min(2, len(attempts))]  # a recent one, so that things happen to it twice
        asked = model.open.pop(attempt)
        used = min(b, asked)
        bill = settle(studio, attempt, {"tracks": used})
        model.used[attempt] = min(model.used[attempt], Decimal(used))
        assert bill == (used - model.used[attempt]) * model.each[attempt], "not the price that was reserved"
        model.usd[attempt] = model.bill[attempt] = bill
    elif attempts and what == "release":
        attempt = attempts[-1 - a % min(2, len(attempts))]  # a recent one, so that things happen to it twice
        release(studio, attempt)
        del model.open[attempt]
        model.usd[attempt] = model.used[attempt] = Decimal(0)
    elif attempts and what == "refund":
        attempt = attempts[-1 - a % min(2, len(attempts))]  # a recent one, so that things happen to it twice
        try:
            refund(studio, attempt, f"0.{b:02d}")
        except UserError:
            assert Decimal(b) / 100 > model.usd[attempt]
            return
        model.usd[attempt] -= Decimal(b) / 100
        assert model.usd[attempt] >= 0


def agree(studio: Studio, model: Model) -> None:
    everything = sum(model.usd.values(), Decimal(0))
    assert held(studio) == held(studio, first_day=today(), last_day=today()) == everything
    assert everything <= CAPS["day"]
    for user in USERS:
        own = sum((usd for attempt, usd in model.usd.items() if model.owner[attempt] == user.user_id), Decimal(0))
        assert held(studio, user_id=user.user_id) == own <= CAPS["user_day"]
    for job in JOBS:
        spent = sum((usd for attempt, usd in model.usd.items() if model.job[attempt] == job), Decimal(0))
        assert held(studio, root_job_id=job) == spent <= CAPS["job"]
    with studio.store.db.read() as connection:
        used = charges.plan_used(connection, "scripted", "basic", first_day=today(), last_day=today())
        rows = charges.summary(connection, first_day=today(), last_day=today())
        assert not budgets.blocks(connection)
    assert used == sum(model.used.values(), Decimal(0)) <= ALLOWANCE
    assert sum((row["settled_usd"] + row["reserved_usd"] for row in rows), Decimal(0)) == everything
