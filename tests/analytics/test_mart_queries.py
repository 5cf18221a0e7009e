"""What the pages ask: right figures from rows small enough to add up by hand."""

from __future__ import annotations

import inspect
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import studio_rows

from core.analytics import files, mart
from core.analytics.queries import Filters, Mart, open_mart
from core.kit.actor import Actor
from core.kit.clock import now, today
from core.kit.settings import Settings
from core.store.store import Store


def year() -> Filters:
    """Until today, also when the tests began yesterday."""
    return Filters(today() - timedelta(days=365), today())


QUESTIONS = [
    name for name, method in inspect.getmembers(Mart, inspect.isfunction)
    if list(inspect.signature(method).parameters) == ["self", "filters"]
]  # fmt: skip


@pytest.fixture
def reader(settings: Settings) -> Mart:
    return open_mart(settings)


def test_without_a_mart_every_answer_is_empty(reader: Mart) -> None:
    assert (reader.version, reader.as_of, reader.problem) == (None, None, "missing")
    assert reader.choices() == {}
    assert reader.budgets().empty
    assert len(QUESTIONS) > 15
    for question in QUESTIONS:
        assert getattr(reader, question)(year()).empty


def test_every_query_file_has_a_method() -> None:
    stored = {file.stem for file in (files.FOLDER / "queries").glob("*.sql")}
    assert stored == {*QUESTIONS, "choices", "budgets"}


def test_the_reader_follows_the_file(settings: Settings, store: Store, reader: Mart) -> None:
    mart.refresh(settings, store)
    first = reader.version
    assert reader.as_of is not None
    assert reader.jobs(year()).empty
    with store.db.write() as connection:
        studio_rows.add_job(connection, "job_1")
    state = mart.refresh(settings, store)
    assert reader.version != first
    assert reader.as_of == state.as_of
    assert len(reader.jobs(year())) == 1
    settings.mart_path.write_bytes(b"damaged")
    assert (reader.version, reader.problem) == (None, "damaged")
    mart.refresh(settings, store)
    assert len(reader.jobs(year())) == 1


def test_costs_by_filter(settings: Settings, store: Store, reader: Mart) -> None:
    with store.db.write() as connection:
        for provider, user, back, amount in (
            ("elevenlabs", "asha", 0, "0.000000001"), ("elevenlabs", "tom", 1, "0.25"), ("composer", "asha", 1, "0"),
        ):  # fmt: skip
            studio_rows.add_charge(
                connection, f"job_{provider}_{user}", provider=provider, user=user, settled=Decimal(amount),
                at=now() - timedelta(days=back), kind="music" if provider == "composer" else "speech",
                units={"characters": "10.5"} if provider == "elevenlabs" else {},
            )  # fmt: skip
        studio_rows.add_charge(connection, "job_y", settled=Decimal(9), status="released")
    mart.refresh(settings, store)
    assert reader.daily_cost(year())["settled_usd"].sum() == pytest.approx(0.250000001, abs=1e-12)
    assert reader.daily_cost(Filters(today(), today()))["settled_usd"].sum() == pytest.approx(1e-9, abs=1e-15)
    assert reader.daily_cost(Filters(year().first_day, today(), user="tom"))["settled_usd"].sum() == 0.25
    assert len(reader.daily_cost(Filters(year().first_day, today(), kinds=("music",)))) == 1
    assert len(reader.daily_cost(Filters(year().first_day, today(), providers=("composer", "espeak")))) == 2
    assert reader.cost_units(year()).to_dict("records") == [
        {"provider": "elevenlabs", "kind": "speech", "unit": "characters", "amount": 21.0}
    ]
    later = reader.budgets(day=today() + timedelta(days=40))
    assert later["held_usd"].sum() == 0


def test_promise_waits_and_failures(settings: Settings, store: Store, reader: Mart) -> None:
    error = {"kind": "ProviderError", "message": "It was busy.", "hint": "", "code": "overloaded"}
    with store.db.write() as connection:
        for number, run in enumerate((1.0, 2.0, 9.5, 12.0)):  # with 0.5 s of waiting, 9.5 is just in time
            studio_rows.add_job(connection, f"job_{number}", wait_s=0.5, run_s=run)
        studio_rows.add_job(connection, "job_m", kind="music", wait_s=1.0, run_s=31.0, provider="composer")
        studio_rows.add_job(connection, "job_f", status="failed", error=error, run_s=1.0)
        studio_rows.add_job(connection, "job_w", status="waiting", wait_s=None, title="Next")
        studio_rows.add_charge(connection, "job_f", failed=True, status="released", reason="overloaded")
        studio_rows.add_charge(connection, "job_0", seconds=2.0)
        studio_rows.add_charge(connection, "job_1", seconds=4.0)
    mart.refresh(settings, store)
    targets = reader.targets(year()).set_index("kind")
    assert (targets.loc["speech", "within"], targets.loc["speech", "done"]) == (3, 4)
    assert targets.loc["speech", "share"] == 0.75
    assert targets.loc["music", "share"] == 0
    waits = reader.waits(year()).set_index("kind")
    assert waits.loc["speech", "run_p50_s"] == pytest.approx(5.75, rel=0.02)
    assert waits.loc["speech", "wait_p95_s"] == pytest.approx(0.5, rel=0.02)
    providers = reader.providers(year()).iloc[0]
    assert (providers["attempts"], providers["succeeded"], providers["failed"]) == (3, 2, 1)
    assert (providers["p50_s"], providers["success"]) == (pytest.approx(3.0, rel=0.02), pytest.approx(2 / 3))
    failures = reader.failures(year())
    assert set(failures["what"]) == {"call", "job"}
    assert set(failures["reason"]) == {"overloaded"}
    assert list(reader.queue_now(year())["title"]) == ["Next"]


def test_library_growth_and_storage(settings: Settings, store: Store, reader: Mart) -> None:
    with store.db.write() as connection:
        studio_rows.add_asset(connection, None, at=now() - timedelta(days=5), sha256="same", bytes=100)
        studio_rows.add_asset(connection, None, at=now() - timedelta(days=1), sha256="same", bytes=100)
        studio_rows.add_asset(connection, None, at=now() - timedelta(days=4), deleted_at=now() - timedelta(days=2))
        studio_rows.add_asset(connection, None, draft=True)
        studio_rows.add_asset(connection, None, role="stem:drums", kind="stem", bytes=7)
    mart.refresh(settings, store)
    growth = reader.library_growth(Filters(today() - timedelta(days=5), today()))
    assert growth["assets"].tolist() == [1, 2, 2, 1, 2, 2]
    storage = reader.storage(year())
    assert storage[(storage["kind"] == "voiceover") & (storage["state"] == "kept")]["bytes"].sum() == 100
    assert storage[storage["kind"] == "stem"]["bytes"].sum() == 7
    assert len(reader.library(year())) == 3


def test_names_of_people_are_values_not_sql(settings: Settings, store: Store, reader: Mart) -> None:
    with store.db.write() as connection:
        studio_rows.add_job(connection, "job_1", user="o'brien; DROP TABLE jobs", title='"quoted" <b>')
    mart.refresh(settings, store)
    found = reader.jobs(Filters(year().first_day, today(), user="o'brien; DROP TABLE jobs"))
    assert list(found["title"]) == ['"quoted" <b>']


def test_cloned_voices_count_what_was_said_with_them(settings: Settings, store: Store, reader: Mart) -> None:
    with store.db.write() as connection:
        studio_rows.add_voice(connection, "voice_a", "Anna", learned_in_s=90, score=0.8, last_used_at=now())
        studio_rows.add_voice(connection, "voice_b", "Ben", learned_in_s=None)
        studio_rows.add_voice(connection, "voice_c", "Gone", deleted_at=now())
        studio_rows.add_voice(connection, "voice_d", "Dora", user="ada", learned_in_s=200)
        by_anna: dict[str, Any] = {"sources": [("voice_a", "speaker")], "source": "cloned"}
        studio_rows.add_asset(connection, None, seconds=30, cost_usd=Decimal("0.02"), **by_anna)
        studio_rows.add_asset(connection, None, seconds=15, deleted_at=now(), **by_anna)
        studio_rows.add_asset(connection, None, seconds=99, draft=True, **by_anna)
        studio_rows.add_asset(connection, None, seconds=99, at=now() - timedelta(days=900), **by_anna)
        studio_rows.add_asset(connection, None, seconds=99, user="ada", sources=[("voice_d", "speaker")])
    mart.refresh(settings, store)
    found = reader.cloned_voices(Filters(today() - timedelta(days=1), today(), user="local")).set_index("id")
    assert list(found.index) == ["voice_a", "voice_b"]
    anna = found.loc["voice_a"]
    assert (anna["uses"], anna["kept"], anna["seconds"], anna["cost_usd"]) == (2, 1, 45, 0.02)
    assert anna["learned_in_s"] == pytest.approx(90, abs=0.1)
    assert (found.loc["voice_b", "uses"], found.loc["voice_b", "status"]) == (0, "pending")
    assert found["learned_in_s"].isna().tolist() == [False, True]
    assert list(reader.seen_by(Actor("ada")).cloned_voices(year())["name"]) == ["Dora"]
