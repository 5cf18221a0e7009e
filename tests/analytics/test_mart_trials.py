"""Trials in the mart: the same win rates as the trials themselves tell, by whoever listened, without what was written."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from core.analytics import mart
from core.analytics.queries import Filters, open_mart
from core.kit.actor import Actor
from core.kit.clock import new_id, today
from core.kit.settings import Settings
from core.music.trials.evidence import of_trials
from core.music.trials.rates import rates
from core.store import trials
from core.store.store import Store
from dashboards.trials import rates as shown

ADA, BOB = Actor("ada"), Actor("bob")
GRID = {"bpm": [90.0, 120.0, 127.5], "mood": ["calm", None]}


def add(connection: Any, axes: dict[str, list[Any]], *, name: str = "A trial", by: Actor = ADA) -> str:
    first, *more = axes
    variants = [
        {first: value} | {axis: axes[axis][n % len(axes[axis])] for axis in more} for n, value in enumerate(axes[first])
    ]
    trial_id = new_id("trial")
    trials.add(
        connection, by, trial_id, name=name, job_id=new_id("job"), base={}, axes=axes, variants=variants, salt="s",
    )  # fmt: skip
    return trial_id


def choose(
    connection: Any, trial_id: str, user: str, winner: int | None, heard: list[int], *, tie: bool = False
) -> None:
    trials.choose(
        connection, trial_id, user, winner=winner, tie=tie, pairs=[], heard=heard, rating=None, note="My own words"
    )


def month(**more: Any) -> Filters:
    return Filters(today() - timedelta(days=29), today(), **more)


def test_rates_are_those_the_trials_tell(settings: Settings, store: Store) -> None:
    """Refreshed in between: what came later is added, nothing twice."""
    chance = random.Random(11)
    for _ in range(3):
        with store.db.write() as connection:
            for _ in range(4):
                trial = add(connection, GRID)
                for user in ("ada", "bob", "eve"):
                    heard = sorted(chance.sample([1, 2, 3], chance.choice((2, 3))))
                    tie = chance.random() < 0.2
                    choose(connection, trial, user, None if tie else chance.choice(heard), heard, tie=tie)
        mart.refresh(settings, store)
    with store.db.read() as connection:
        found = trials.listing(connection, ADA)
        told = rates(of_trials(found, trials.choices_of(connection, [each.id for each in found]), kept=False))
    reader = open_mart(settings)
    rows = shown(reader.music_trials(month())).to_dict("records")
    assert [(row["axis"], row["value"], row["wins"], row["choices"], row["verdict"]) for row in rows] == [
        (each.axis, each.value, each.wins, each.choices, each.verdict) for each in told
    ]
    for row, each in zip(rows, told, strict=True):
        assert (row["low"], row["high"], row["chance"]) == pytest.approx((each.low, each.high, each.chance))
    assert "left open" in {row["value"] for row in rows}
    grown = reader.music_trials(month()).to_csv()
    mart.refresh(settings, store, rebuild=True)
    assert reader.music_trials(month()).to_csv() == grown
    reader.close()


def test_one_trial_ties_and_a_trial_that_is_gone(settings: Settings, store: Store) -> None:
    with store.db.write() as connection:
        kept, gone = add(connection, {"seed": [1, 2]}, name="How it begins"), add(connection, {"seed": [1, 2]})
        for trial in (kept, gone):
            choose(connection, trial, "ada", 2, [1, 2])
            choose(connection, trial, "bob", None, [1, 2], tie=True)
            choose(connection, trial, "eve", None, [1, 2])  # pairs alone
    mart.refresh(settings, store)
    reader = open_mart(settings)
    rows = reader.music_trials(month())
    assert rows[["choices", "wins", "ties"]].to_numpy().tolist() == [[1, 1, 1], [1, 0, 1]] * 2
    assert shown(rows)["choices"].tolist() == [2, 2]
    assert shown(rows, kept)["wins"].tolist() == [1, 0]
    with store.db.write() as connection:
        connection.execute(delete(trials.choices).where(trials.choices.c.trial_id == gone))
        connection.execute(delete(trials.table).where(trials.table.c.id == gone))
    mart.refresh(settings, store)
    assert set(reader.music_trials(month())["trial"]) == {"How it begins"}
    assert reader.music_trials(month(providers=("mubert",))).empty
    reader.close()


def test_each_sees_his_own_choices_and_nobody_the_prompts(settings: Settings, store: Store) -> None:
    with store.db.write() as connection:
        trial = add(connection, {"prompt": ["A secret harbour", "An open field"]})
        choose(connection, trial, "ada", 1, [1, 2])
        choose(connection, trial, "bob", 2, [1, 2])
        choose(connection, add(connection, {"bpm": [80, 90]}, name="Hers alone"), "ada", 1, [1, 2])
    mart.refresh(settings, store)
    reader = open_mart(settings, BOB)
    his = reader.music_trials(month(user="ada"))
    assert his[["axis", "value", "wins"]].to_numpy().tolist() == [["prompt", "2", 1], ["prompt", "1", 0]]
    assert shown(his).empty, "the second prompt of one trial is not the second of another"
    assert len(shown(his, trial)) == 2
    reader.close()
    for words in (b"harbour", b"open field", b"My own words"):
        assert words not in settings.mart_path.read_bytes()
