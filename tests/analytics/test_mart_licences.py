"""Licensed music in the mart: uses and their cover, licences that end, and how catalogues answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from licence_rows import DAY, ago, call, licence, used
from sqlalchemy import update

from core.analytics import licensing, mart
from core.analytics.queries import Filters, Mart
from core.calls import limits
from core.kit.actor import Actor
from core.kit.clock import now
from core.kit.settings import Settings
from core.store import track_licences
from core.store.store import Store


def month(**values: Any) -> Filters:
    return Filters(DAY - timedelta(days=60), DAY, **values)


@pytest.fixture
def reader(settings: Settings) -> Iterator[Mart]:
    opened = Mart(settings.mart_path)
    yield opened
    opened.close()


@contextmanager
def rows(settings: Settings, store: Store) -> Iterator[Any]:
    with store.db.write() as connection:
        yield connection
    mart.refresh(settings, store)


def test_a_use_is_covered_by_what_held_on_its_day(settings: Settings, store: Store, reader: Mart) -> None:
    with rows(settings, store) as connection:
        ended = licence(connection, ends_on=ago(10))
        kept = licence(connection, track_id="2", ends_on=ago(10), keeps_published=True)
        private = licence(connection, track_id="3", commercial=False)
        for licence_id, days in ((ended, 20), (ended, 5), (kept, 20), (private, 20), (None, 20), ("licence_gone", 20)):
            used(connection, ago(days), licence_id)
    uses = reader.track_uses(month())
    assert (licensing.total(uses, "uses"), licensing.total(uses, "covered")) == (6, 3)
    lapses = [(row.licence_id, row.covered) for row in reader.track_lapses(month()).itertuples()]
    assert sorted(lapses, key=str) == sorted(
        [(ended, False), (private, False), ("licence_gone", False), (ended, True)], key=str
    )
    with rows(settings, store) as connection:  # taken back today: the use was covered, and is no longer
        table = track_licences.table
        connection.execute(update(table).where(table.c.id == kept).values(state="revoked", updated_at=now()))
    lapsed = reader.track_lapses(month())
    assert set(lapsed[lapsed["covered"]]["licence_id"]) == {kept, ended}


def test_usage_is_cut_by_iso_weeks(settings: Settings, store: Store, reader: Mart) -> None:
    with rows(settings, store) as connection:
        for on in ("2023-12-31", "2024-01-01", "2024-01-07"):
            used(connection, on)
        used(connection, "2024-01-08", track_id="2", title="Storm", genre="rock", mood=None)
    uses = reader.track_uses(Filters(date(2023, 1, 1), DAY))
    assert licensing.over_time(uses, "week") == [("2023-W52", 1, 1), ("2024-W01", 2, 1), ("2024-W02", 1, 1)]
    assert licensing.over_time(uses, "month") == [("2023-12", 1, 1), ("2024-01", 3, 2)]
    assert licensing.shares(uses, "genre") == [("ambient", 3), ("rock", 1)]
    assert licensing.shares(uses, "mood") == [("calm", 3)]
    assert licensing.top_tracks(uses, 1)["title"].tolist() == ["Harbour"]
    assert licensing.over_time(reader.track_uses(month(providers=("nobody",))), "day") == []


def test_what_ends_and_what_that_touches(settings: Settings, store: Store, reader: Mart) -> None:
    with rows(settings, store) as connection:
        soon = licence(connection, ends_on=ago(-10))
        licence(connection, ends_on=ago(-31))
        licence(connection, ends_on=ago(1))
        licence(connection, starts_on=ago(-2), ends_on=ago(-3))
        licence(connection, ends_on=ago(-5), state="revoked")
        for _ in range(2):
            used(connection, ago(1), soon)
    held = reader.track_licences(month())
    assert len(licensing.standing(held, DAY)) == 2
    [ending] = licensing.expiring(held, DAY).to_dict("records")
    assert (ending["id"], ending["days_left"], ending["pieces"], ending["pieces_touched"]) == (soon, 10, 2, 2)


def test_how_catalogues_answered(settings: Settings, store: Store, reader: Mart) -> None:
    with rows(settings, store) as connection:
        for ms in (100, 200, 900):
            call(connection, ms=ms)
        for _ in range(6):
            call(connection, ms=2, hit=True)
        call(connection, ms=50, error="rate_limited")
        call(connection, ms=3000, kind="catalogue_file", usd="0.25")
        call(connection, ms=10, user="bob", provider="openverse")
        call(connection, ms=10, kind="voices")  # no catalogue of music
        licence(connection)
        used(connection, ago(1))
    [stock] = reader.catalogue_providers(month(providers=("stockroom",))).to_dict("records")
    assert (stock["questions"], stock["hits"], stock["failed"], stock["limited"], stock["downloads"]) == (
        10,
        6,
        1,
        1,
        1,
    )
    assert (stock["p50_s"], stock["settled_usd"], stock["licences_usd"]) == (
        pytest.approx(0.2),
        pytest.approx(0.25),
        pytest.approx(12.5),
    )
    assert (stock["uses"], stock["tracks"]) == (1, 1)
    [day] = reader.catalogue_days(month(providers=("stockroom",))).to_dict("records")
    assert (day["answered"], day["in_time"]) == (9, 8)
    peaks = {(row.provider, row.span): row for row in reader.catalogue_peaks(month()).itertuples()}
    assert (peaks["stockroom", "day"].calls, peaks["openverse", "hour"].calls) == (5, 1)
    with store.db.read() as connection:
        most = limits.of_catalogues(connection)["openverse"]["day"]
    assert peaks["openverse", "day"].share == pytest.approx(1 / most)


def test_each_sees_his_own_uses(settings: Settings, store: Store, reader: Mart) -> None:
    with rows(settings, store) as connection:
        for user in ("ada", "bob"):
            used(connection, ago(1), licence(connection, user, ends_on=ago(3)), user)
            call(connection, ms=5, user=user)
    hers, asked = reader.seen_by(Actor("ada")), month(user="bob")
    assert hers.track_uses(asked)["uses"].tolist() == [1]
    assert hers.track_lapses(asked)["user_id"].tolist() == ["ada"]
    assert hers.track_licences(asked)["user_id"].tolist() == ["ada"]
    assert hers.catalogue_syncs(asked).empty
    for name in ("catalogue_days", "catalogue_providers"):
        assert getattr(hers, name)(asked)["questions"].tolist() == [1]
    assert set(hers.catalogue_peaks(asked)["calls"]) == {1}


def test_licences_grow_as_they_are_rebuilt(settings: Settings, store: Store, reader: Mart) -> None:
    made: list[str] = []
    for turn in range(3):
        with rows(settings, store) as connection:
            made.append(licence(connection, ends_on=ago(5 - turn)))
            used(connection, ago(6), made[-1])
            call(connection, ms=5, hit=bool(turn))
            if turn:
                track_licences.change(connection, made[turn - 1], ends_on=ago(20))
    question = "SELECT * FROM studio.marts.{} ORDER BY id"
    names = ("track_licences", "track_uses", "catalogue_calls")
    grown = {name: reader.sql(question.format(name)).to_dict("records") for name in names}
    assert [len(found) for found in grown.values()] == [3, 3, 3]
    assert [row["covered"] for row in grown["track_uses"]] == [False, False, True]
    mart.refresh(settings, store, rebuild=True)
    assert {name: reader.sql(question.format(name)).to_dict("records") for name in names} == grown
