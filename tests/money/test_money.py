"""Prices, caps, the ledger, failover: what is bought, what it costs, and what is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.errors import SetupError, UserError
from core.money.prices import PriceBook
from core.store import budgets, charges
from core.store.db import Usd
from core.store.jobs import Job
from tests.scripted import PRICES, purchases, submit


def ended(studio: Studio, job: Job) -> Job:
    return studio.jobs.wait(LOCAL, job.id, 60)


def held(studio: Studio) -> Decimal:
    with studio.store.db.read() as connection:
        return charges.held(connection)


def rows(studio: Studio, job: Job) -> list[tuple[str, str, str]]:
    with studio.store.db.read() as connection:
        return [(c.provider, c.status, str(c.settled_usd)) for c in charges.of_job(connection, job.id)]


def test_the_newest_valid_price_counts() -> None:
    book = PriceBook(PRICES)
    tracks = {"tracks": Decimal(3)}
    assert book.quote("scripted", "any", tracks, date(2026, 6, 1)).usd == Decimal("0.30")
    assert book.quote("scripted", "any", tracks, date(2025, 6, 1)).usd == Decimal("0.15")
    with pytest.raises(SetupError, match="no price"):
        book.quote("scripted", "any", tracks, date(2024, 1, 1))
    with pytest.raises(SetupError, match="no price"):
        book.quote("scripted", "any", {"seconds": Decimal(1)}, date(2026, 6, 1))


def test_a_price_that_is_no_quoted_decimal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(
        "- {provider: x, unit: u, usd: 0.1, source: s, checked_on: 2026-01-01, valid_from: 2026-01-01}"
    )
    with pytest.raises(SetupError, match="quoted"):
        PriceBook(tmp_path).quote("x", "m", {"u": Decimal(1)})


@given(st.decimals(min_value=0, max_value=10**8, places=9))
def test_money_survives_the_database_exactly(amount: Decimal) -> None:
    stored = Usd().process_bind_param(amount, None)  # type: ignore[arg-type]
    assert Usd().process_result_value(stored, None) == amount  # type: ignore[arg-type]


def test_fractions_below_a_nano_dollar_round_up() -> None:
    assert Usd().process_bind_param(Decimal("0.0000000001"), None) == 1  # type: ignore[arg-type]


def test_a_paid_provider_without_a_price_is_refused(working: Studio, tmp_path: Path) -> None:
    job = ended(working, submit(working, LOCAL, tmp_path / "a", provider="unpriced"))
    assert job.status == "failed"
    assert job.error is not None
    assert job.error["code"] == "no_price"
    assert purchases(tmp_path / "a") == []


@pytest.mark.parametrize("scope", ["job", "day", "month", "user_day"])
def test_every_cap_holds(working: Studio, tmp_path: Path, scope: str) -> None:
    working.budgets.set_limit(scope, Decimal("0.15"))
    parent = [submit(working, LOCAL, tmp_path / "a", tracks=2) for _ in range(1)]
    job = ended(working, parent[0])
    assert job.status == "failed"
    assert job.error is not None
    assert (job.error["kind"], job.error["code"]) == ("MoneyError", f"cap_{scope}")
    assert "$0.15" in job.error["message"]
    assert purchases(tmp_path / "a") == []
    assert held(working) == 0


def test_a_cap_of_its_own_binds_a_job(working: Studio, tmp_path: Path) -> None:
    job = ended(working, submit(working, LOCAL, tmp_path / "a", tracks=5, cap_usd=Decimal("0.4")))
    assert job.error is not None
    assert job.error["code"] == "cap_job"
    assert ended(working, submit(working, LOCAL, tmp_path / "a", tracks=5, cap_usd=Decimal("0.5"))).status == "done"


def test_forty_jobs_at_once_never_pass_a_cap(working: Studio, tmp_path: Path) -> None:
    working.budgets.set_limit("day", Decimal("1.00"))
    with ThreadPoolExecutor(8) as pool:
        jobs = list(pool.map(lambda n: submit(working, LOCAL, tmp_path / "a", seconds=0.05, acts=["ok"]), range(40)))
    done = [ended(working, job) for job in jobs]
    assert sum(job.status == "done" for job in done) == 10
    assert {job.error["code"] for job in done if job.error} == {"cap_day"}
    assert len(purchases(tmp_path / "a")) == 10
    assert held(working) == Decimal("1.00")


def test_failover_releases_and_reserves_anew(working: Studio, tmp_path: Path) -> None:
    job = ended(working, submit(working, LOCAL, tmp_path / "a", acts=["rejected", "ok"]))
    assert job.status == "done"
    assert rows(working, job) == [("scripted", "released", "0"), ("remote", "settled", "0.1")]
    assert held(working) == Decimal("0.10")


def test_errors_that_cost_nothing_are_tried_again(working: Studio, tmp_path: Path) -> None:
    job = ended(
        working, submit(working, LOCAL, tmp_path / "a", acts=["rate_limited", "unavailable", "ok"], provider="scripted")
    )
    assert job.status == "done"
    assert [status for _, status, _ in rows(working, job)] == ["released", "released", "settled"]
    assert len(purchases(tmp_path / "a")) == 1


@pytest.mark.parametrize("act", ["unknown", "defect"])
def test_an_unknown_outcome_never_falls_over(working: Studio, tmp_path: Path, act: str) -> None:
    job = ended(working, submit(working, LOCAL, tmp_path / "a", acts=[act, "ok"]))
    assert job.status == "unknown"
    assert rows(working, job) == [("scripted", "reserved", "0")]
    working.jobs.resolve(LOCAL, job.id, billed=False)
    assert rows(working, job) == [("scripted", "released", "0")]
    working.jobs.retry(LOCAL, job.id)
    assert ended(working, job).status == "done"


def test_a_bill_above_the_maximum_is_booked_blocked_and_told(working: Studio, tmp_path: Path) -> None:
    job = ended(working, submit(working, LOCAL, tmp_path / "a", bill_tracks=3, provider="scripted"))
    assert job.status == "done"
    assert rows(working, job) == [("scripted", "settled", "0.3")]
    with working.store.db.read() as connection:
        assert "scripted" in budgets.blocks(connection)
        assert any("billed" in alert.message for alert in budgets.open_alerts(connection))
    refused = ended(working, submit(working, LOCAL, tmp_path / "a", provider="scripted"))
    assert refused.error is not None
    assert refused.error["code"] == "provider_not_ready"


def test_cancelling_paid_work_books_the_worst_case(working: Studio, tmp_path: Path) -> None:
    import time

    job = submit(working, LOCAL, tmp_path / "a", provider="scripted", seconds=60.0)
    while not purchases(tmp_path / "a"):
        time.sleep(0.02)
    working.jobs.cancel(LOCAL, job.id)
    assert ended(working, job).status == "cancelled"
    assert rows(working, job) == [("scripted", "settled", "0.1")]


def test_alerts_come_once_at_their_thresholds(working: Studio, tmp_path: Path) -> None:
    working.budgets.set_limit("day", Decimal("1.00"), (50, 90))
    for tracks, expected in ((4, 0), (2, 1), (1, 1), (2, 2), (1, 2)):
        ended(working, submit(working, LOCAL, tmp_path / "a", tracks=tracks))
        with working.store.db.read() as connection:
            told = [alert for alert in budgets.open_alerts(connection) if alert.subject.startswith("day:")]
        assert len(told) == expected, (tracks, told)


def test_permits_hold_a_provider_to_its_concurrency(working: Studio, tmp_path: Path) -> None:
    import time

    started = time.monotonic()
    jobs = [submit(working, LOCAL, tmp_path / "a", provider="narrow", seconds=0.4) for _ in range(3)]
    assert all(ended(working, job).status == "done" for job in jobs)
    assert time.monotonic() - started >= 1.2, "three calls of 0.4 s ran beside each other where one is allowed"


def test_a_try_that_goes_on_does_not_wait_for_its_own_permit(studio: Studio) -> None:
    from datetime import timedelta

    from core.store import permits

    def take(attempt_id: str) -> float:
        with studio.store.db.exclusive("permits:narrow") as connection:
            return permits.take(
                connection, "narrow", attempt_id, concurrency=1, per_minute=None, lasting=timedelta(minutes=1)
            )

    assert take("before the crash") == 0
    assert take("before the crash") == 0
    assert take("another") > 0


def test_nonsense_caps_are_refused(studio: Studio) -> None:
    for scope, amount in (("week", "1"), ("day", "-1"), ("day", "NaN"), ("day", "1e12")):
        with pytest.raises(UserError):
            studio.budgets.set_limit(scope, Decimal(amount))


def test_a_long_call_keeps_its_permit_and_a_dead_one_loses_it(
    working: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time
    from datetime import timedelta

    from core.calls import permits as waiting
    from core.store import permits

    monkeypatch.setattr(waiting, "LASTING", timedelta(seconds=0.3))
    with working.store.db.exclusive("permits:narrow") as connection:  # a worker that died holding the only place
        permits.take(connection, "narrow", "dead", concurrency=1, per_minute=None, lasting=timedelta(seconds=0.3))
    started = time.monotonic()
    jobs = [submit(working, LOCAL, tmp_path / "a", provider="narrow", seconds=2.0) for _ in range(2)]
    assert all(ended(working, job).status == "done" for job in jobs)
    assert time.monotonic() - started >= 4.0, "the second call began while the first, seven permits long, went on"
