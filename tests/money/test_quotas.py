"""Quotas by tier: exact at the edge and under concurrency, in UTC days, and a fee beyond fair use under every cap."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.errors import AccessError, MoneyError, SetupError, StudioError
from core.money.quotas import Quotas
from core.store import charges, jobs
from core.store.jobs import Job
from tests.scripted import submit

FREE = Actor("ann", tier="free")
PRO = Actor("bob", tier="pro")
HOUSE = Actor("cleo", tier="studio")
SMALL = {
    "tiers": {
        "free": {"per_day": 3, "per_month": 5},
        "studio": {"per_day": None, "per_month": None, "fair_use_month": 2, "usd_each": "0.01"},
    },
    "uncounted": ["analyse"],
}


@pytest.fixture
def small(studio: Studio) -> Studio:
    studio.quotas.__init__(studio.store.db, studio.ledger, SMALL)  # type: ignore[misc]
    return studio


def end(studio: Studio, job: Job, status: str) -> None:
    with studio.store.db.write() as connection:
        jobs.change(connection, job.id, status=status)


def age(studio: Studio, job: Job, **by: int) -> None:
    with studio.store.db.write() as connection:
        jobs.change(connection, job.id, created_at=job.created_at - timedelta(**by))


def fees(studio: Studio) -> list[tuple[str, str]]:
    with studio.store.db.read() as connection:
        rows = connection.execute(charges.table.select().order_by(charges.table.c.created_at)).mappings().all()
    return [(row["status"], f"{row['settled_usd']:f}") for row in rows if row["provider"] == "studio"]


def test_the_tiers_are_the_ones_that_were_asked_for(studio: Studio) -> None:
    tiers = studio.quotas.tiers
    assert (tiers["free"].per_day, tiers["free"].per_month) == (10, 100)
    assert (tiers["pro"].per_day, tiers["pro"].per_month) == (100, 1000)
    assert (tiers["studio"].per_day, tiers["studio"].fair_use_month, tiers["studio"].usd_each) == (
        None,
        1000,
        Decimal("0.01"),
    )


def test_the_eleventh_of_a_day_is_refused_with_what_is_left_and_when(studio: Studio, tmp_path: Path) -> None:
    for _ in range(10):
        submit(studio, FREE, tmp_path / "a")
    with pytest.raises(AccessError, match="10 a day, and 0 of them are left") as refused:
        submit(studio, FREE, tmp_path / "a")
    assert refused.value.code == "quota_day"
    assert "00:00 UTC" in refused.value.hint
    submit(studio, PRO, tmp_path / "a")
    state = studio.quotas.state(FREE)
    assert (state.day_left, state.month_left, state.left) == (0, 90, 0)
    assert state.day_resets_at > datetime.now(UTC)


def test_yesterday_counts_for_the_month_only(small: Studio, tmp_path: Path) -> None:
    today = datetime.now(UTC)
    for _ in range(2):
        age(small, submit(small, FREE, tmp_path / "a"), days=1 if today.day > 1 else 0)
    state = small.quotas.state(FREE)
    if today.day > 1:
        assert (state.day_left, state.month_left) == (3, 3)
    age(small, submit(small, FREE, tmp_path / "a"), days=40)
    assert small.quotas.state(FREE).month_left == 3


def test_the_month_ends_too(small: Studio, tmp_path: Path) -> None:
    if datetime.now(UTC).day == 1:
        pytest.skip("no earlier day in this month")
    for _ in range(3):
        age(small, submit(small, FREE, tmp_path / "a"), days=1)
    submit(small, FREE, tmp_path / "a")
    submit(small, FREE, tmp_path / "a")
    with pytest.raises(AccessError) as refused:
        submit(small, FREE, tmp_path / "a")
    assert refused.value.code == "quota_month"


def test_the_person_at_this_machine_has_none(small: Studio, tmp_path: Path) -> None:
    for _ in range(6):
        submit(small, LOCAL, tmp_path / "a")
    assert not small.quotas.state(LOCAL).applies
    assert small.quotas.state(LOCAL).left is None
    assert fees(small) == []


def test_a_tier_that_nobody_defined_makes_nothing(small: Studio, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no quota for the tier 'gold'"):
        submit(small, Actor("dan", tier="gold"), tmp_path / "a")


def test_what_came_to_nothing_gives_its_place_back_and_a_retry_takes_it_again(small: Studio, tmp_path: Path) -> None:
    made = [submit(small, FREE, tmp_path / "a") for _ in range(3)]
    small.jobs.cancel(FREE, made[0].id)
    assert small.quotas.state(FREE).day_left == 1
    submit(small, FREE, tmp_path / "a")
    with pytest.raises(AccessError):
        small.jobs.retry(FREE, made[0].id)
    end(small, made[1], "failed")
    small.jobs.retry(FREE, made[0].id)
    assert small.quotas.state(FREE).day_left == 0


def test_a_repeated_key_takes_no_second_place(small: Studio, tmp_path: Path) -> None:
    ids = {submit(small, FREE, tmp_path / "a", idempotency_key="one").id for _ in range(6)}
    assert len(ids) == 1
    assert small.quotas.state(FREE).day_used == 1


def test_a_batch_counts_its_children_and_not_itself(small: Studio, tmp_path: Path) -> None:
    def items(count: int) -> list[dict[str, object]]:
        return [{"kind": "bought", "request": {"account": str(tmp_path / "a")}, "title": "t"} for _ in range(count)]

    with pytest.raises(AccessError, match="3 of them are left where 4 are asked for"):
        small.batches.submit(FREE, items(4), title="four")
    batch = small.batches.submit(FREE, items(3), title="three")
    assert small.quotas.state(FREE).day_used == 0
    for number in (1, 2, 3):
        small.jobs.submit_child(batch, FREE, number, "bought", {"account": "a"}, "t")
        small.jobs.submit_child(batch, FREE, number, "bought", {"account": "a"}, "t")  # a restart comes by here again
    assert small.quotas.state(FREE).day_used == 3
    with pytest.raises(AccessError):
        small.jobs.submit_child(batch, FREE, 4, "bought", {"account": "a"}, "t")


def test_thirty_at_once_get_exactly_ten(studio: Studio, tmp_path: Path) -> None:
    def one(_: int) -> bool:
        try:
            submit(studio, FREE, tmp_path / "a")
        except AccessError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(30))) == 10


def test_beyond_fair_use_a_fee_is_reserved_settled_and_released(small: Studio, tmp_path: Path) -> None:
    made = [submit(small, HOUSE, tmp_path / "a") for _ in range(4)]
    assert fees(small) == [("reserved", "0")] * 2
    end(small, made[2], "done")
    end(small, made[3], "failed")
    assert small.quotas.settle_ended() == 2
    assert fees(small) == [("settled", "0.01"), ("released", "0")]
    assert small.quotas.settle_ended() == 0
    small.jobs.retry(HOUSE, made[3].id)
    assert fees(small)[2:] == [("reserved", "0")], "a retry is beyond fair use again"


def test_a_retry_before_the_fee_was_released_is_not_charged_twice(small: Studio, tmp_path: Path) -> None:
    made = [submit(small, HOUSE, tmp_path / "a") for _ in range(3)]
    small.jobs.cancel(HOUSE, made[2].id)
    small.jobs.retry(HOUSE, made[2].id)
    assert fees(small) == [("reserved", "0")]


def test_the_fee_needs_room_under_every_cap(small: Studio, tmp_path: Path) -> None:
    small.budgets.set_limit("user_day", Decimal("0.02"))
    for _ in range(4):
        submit(small, HOUSE, tmp_path / "a")
    with pytest.raises(MoneyError, match=r"\$0 of \$0.02 left") as refused:
        submit(small, HOUSE, tmp_path / "a")
    assert refused.value.code == "cap_user_day"
    assert len(small.jobs.list(HOUSE)) == 4, "the refused job was not written"


def test_an_unknown_outcome_keeps_its_fee_until_a_person_decides(small: Studio, tmp_path: Path) -> None:
    made = [submit(small, HOUSE, tmp_path / "a") for _ in range(3)]
    end(small, made[2], "unknown")
    small.quotas.settle_ended()
    assert fees(small) == [("reserved", "0")]
    small.jobs.resolve(HOUSE, made[2].id, billed=False)
    small.quotas.settle_ended()
    assert fees(small) == [("released", "0")]


def test_a_worker_settles_fees_by_itself(small: Studio, tmp_path: Path) -> None:
    import time

    small.ensure_worker()
    made = [submit(small, HOUSE, tmp_path / "a", provider="free", kind="local") for _ in range(3)]
    for job in made:
        assert small.jobs.wait(HOUSE, job.id, 60).status == "done"
    until = time.monotonic() + 20
    while fees(small) != [("settled", "0.01")]:
        assert time.monotonic() < until, fees(small)
        time.sleep(0.1)


def test_nonsense_in_the_quota_file_is_refused(studio: Studio) -> None:
    with pytest.raises((ValueError, StudioError), match="quoted"):
        Quotas(studio.store.db, studio.ledger, {"tiers": {"x": {"per_day": 1, "per_month": 1, "usd_each": 0.01}}})
