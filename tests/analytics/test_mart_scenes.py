"""What the page of scenes asks: scenes as they were found, what became of suggestions, scored films with what all of their jobs cost."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
import studio_rows
from sqlalchemy import select, update

from core.analytics import mart
from core.analytics.queries import Filters, Mart, open_mart
from core.kit.actor import LOCAL, Actor
from core.kit.clock import now, today
from core.kit.settings import Settings
from core.store import assets, charges, clips, jobs, suggestions
from core.store.store import Store

TYPES = ("talking_head", "action", "landscape", "calm")


def month(**more: Any) -> Filters:
    return Filters(today() - timedelta(days=29), today(), **more)


@pytest.fixture
def reader(settings: Settings) -> Iterator[Mart]:
    opened = open_mart(settings)
    yield opened
    opened.close()


@contextmanager
def rows(settings: Settings, store: Store) -> Iterator[Any]:
    """Written, and then in the mart."""
    with store.db.write() as connection:
        yield connection
    mart.refresh(settings, store)


def all_of(settings: Settings, name: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{settings.mart_path}' AS studio (READ_ONLY)")
        return sorted(connection.execute(f"SELECT * FROM studio.marts.{name}").fetchall(), key=repr)


def test_scenes_by_day_type_and_length(settings: Settings, store: Store, reader: Mart) -> None:
    with rows(settings, store) as connection:
        studio_rows.add_clip(connection, [("action", 1.9), ("action", 2.0), ("calm", 61.0)], speech=0.25)
        studio_rows.add_clip(connection, [("calm", 3.0)], at=now() - timedelta(days=2), speech=0.75)
        studio_rows.add_clip(connection, [("calm", 3.0)], at=now() - timedelta(days=60))
    days = reader.scene_days(month())
    assert days[["type", "scenes", "clips"]].to_numpy().tolist() == [["calm", 1, 1], ["action", 2, 1], ["calm", 1, 1]]
    assert days["seconds"].sum() == pytest.approx(67.9)
    calm, action = reader.scene_types(month()).sort_values("type", ascending=False).to_dict("records")
    assert (calm["scenes"], calm["seconds_p50"], calm["speech"]) == (2, pytest.approx(32.0), pytest.approx(0.5))
    assert (action["scenes"], action["motion"], action["confidence"]) == (2, 0.5, 0.5)
    lengths = {(row.type, row.length): row.scenes for row in reader.scene_lengths(month()).itertuples()}
    assert lengths == {
        ("action", "1. under 2 s"): 1, ("action", "2. 2 to 4 s"): 1, ("calm", "2. 2 to 4 s"): 1,
        ("calm", "7. 1 min and over"): 1,
    }  # fmt: skip


def test_scenes_of_a_clip_that_was_removed_disappear(settings: Settings, store: Store, reader: Mart) -> None:
    with rows(settings, store) as connection:
        gone = studio_rows.add_clip(connection, [("action", 5.0), ("calm", 5.0)])
        studio_rows.add_clip(connection, [("titles", 5.0)])
    with rows(settings, store) as connection:
        clips.remove(connection, LOCAL, gone)
    assert reader.scene_types(month())["type"].tolist() == ["titles"]


def test_a_scored_film_costs_what_all_its_jobs_cost(settings: Settings, store: Store, reader: Mart) -> None:
    with rows(settings, store) as connection:
        studio_rows.add_scored(
            connection, "score_a", seconds=90, usd=("0.10", "0.20"), voice_usd="0.15", provider="mubert"
        )
        studio_rows.add_scored(connection, "score_b", seconds=30)
        studio_rows.add_scored(connection, "score_c", seconds=600, usd=("0.03",), status="failed", provider="mubert")
        studio_rows.add_music(connection, "job_alone", usd="5.00")
    by = {row.id: row for row in reader.scored(month()).itertuples()}
    assert (by["score_a"].settled_usd, by["score_a"].cues) == (pytest.approx(0.45), 2)
    assert by["score_a"].usd_per_minute == pytest.approx(0.30)
    assert by["score_a"].engine_s == pytest.approx(3.0)  # of three calls, a second each
    assert (by["score_b"].outcome, by["score_b"].provider, by["score_b"].usd_per_minute) == ("kept", "composer", 0)
    assert (by["score_c"].outcome, by["score_c"].film_s) == ("failed", 600)
    days = {row.provider: row for row in reader.scored_days(month()).itertuples()}
    assert (days["mubert"].minutes, days["mubert"].done, days["mubert"].failed) == (1.5, 1, 1)
    assert days["mubert"].settled_usd == pytest.approx(0.48), "what failed is paid too"
    assert (days["composer"].minutes, days["composer"].settled_usd) == (0.5, 0)
    assert set(reader.scored(month(providers=("composer",)))["id"]) == {"score_b"}


def test_music_of_two_engines_is_found_under_either(settings: Settings, store: Store, reader: Mart) -> None:
    with rows(settings, store) as connection:
        studio_rows.add_scored(connection, "score_a")
        studio_rows.add_music(connection, "more", provider="mubert", parent="score_a")
    for name in ("composer", "mubert"):
        assert reader.scored(month(providers=(name,)))["provider"].tolist() == ["composer + mubert"]
    assert reader.scored(month(providers=("soundraw",))).empty


def test_what_comes_later_changes_the_film_it_belongs_to(settings: Settings, store: Store, reader: Mart) -> None:
    """A piece that is billed, a film that is binned or purged: the score job itself did not change."""
    with rows(settings, store) as connection:
        studio_rows.add_scored(connection, "score_a", at=now() - timedelta(days=2))
    with rows(settings, store) as connection:
        studio_rows.add_charge(connection, "score_a_mix", settled=Decimal("0.50"))
    assert reader.scored(month())["settled_usd"].tolist() == [pytest.approx(0.50)]
    for gone, expected in ((now(), "discarded"), (None, "kept")):
        with rows(settings, store) as connection:
            film = update(assets.table).where(assets.table.c.kind == "video")
            connection.execute(film.values(deleted_at=gone, updated_at=now()))
        assert reader.scored(month())["outcome"].tolist() == [expected]


def test_what_became_of_suggestions(settings: Settings, store: Store, reader: Mart) -> None:
    with rows(settings, store) as connection:
        studio_rows.add_suggested(connection, "job_1")
        studio_rows.add_suggested(connection, "job_2", rating=2)  # still there, but not liked
        studio_rows.add_suggested(connection, "job_3", changed=("mood", "bpm"), rating=4)
        studio_rows.add_suggested(connection, "job_4", changed=("mood",), binned=True)
        studio_rows.add_suggested(connection, "job_5", status="running", run_s=0.0)
        studio_rows.add_suggested(connection, "job_6", status="failed")
        studio_rows.add_suggested(connection, "job_7", scene_type="calm", genre="ambient", piece=False)  # purged
        studio_rows.add_music(connection, "job_8")
    fates = {(row.scene_type, row.fate): row.suggestions for row in reader.suggestion_fates(month()).itertuples()}
    assert fates == {
        ("action", "taken"): 2, ("action", "changed"): 1, ("action", "dropped"): 1, ("action", "open"): 1,
        ("action", "failed"): 1, ("calm", "dropped"): 1,
    }  # fmt: skip
    changes = reader.suggestion_changes(month())[["field", "times", "of_suggestions"]].to_numpy().tolist()
    assert changes == [["mood", 2, 6], ["bpm", 1, 6]]
    [day] = reader.suggestion_days(month()).to_dict("records")
    assert (day["suggestions"], day["taken"], day["made"], day["kept"]) == (7, 5, 5, 2)
    with store.db.read() as connection:
        told = {(one.scene_type, one.genre): (one.made, one.kept) for one in suggestions.fates(connection, "local")}
    kept = {(row.scene_type, row.genre): (row.made, row.kept) for row in reader.suggestion_kept(month()).itertuples()}
    assert kept == told == {("action", "house"): (4, 2), ("calm", "ambient"): (1, 0)}
    with rows(settings, store) as connection:  # the piece changes, the suggestion does not
        connection.execute(
            update(assets.table).where(assets.table.c.job_id == "job_2").values(rating=5, updated_at=now())
        )
    assert reader.suggestion_days(month())["kept"].tolist() == [3]
    assert reader.suggestion_fates(month(providers=("composer",))).empty


def test_rebuilding_gives_what_increments_gave(settings: Settings, store: Store) -> None:
    chance = random.Random(5)
    for turn in range(3):
        with rows(settings, store) as connection:
            made = [
                studio_rows.add_clip(connection, [(chance.choice(TYPES), chance.uniform(1, 70)) for _ in range(5)])
                for _ in range(3)
            ]
            for number in range(3):
                studio_rows.add_scored(
                    connection, f"score_{turn}{number}", usd=("0.01", f"0.0{number}"), status=chance.choice(("done", "failed"))
                )  # fmt: skip
                studio_rows.add_suggested(connection, f"job_{turn}{number}", changed=("mood",) if number else ())
            if turn:
                assets.edit(connection, LOCAL, [_piece(connection, f"job_{turn - 1}1")], deleted_at=now())
                clips.remove(connection, LOCAL, made[0])
                jobs.change(connection, f"score_{turn - 1}1", status="failed", finished_at=now())
                charge = studio_rows.add_charge(connection, f"score_{turn - 1}0_mix", settled=Decimal("0.07"))
                charges.change(connection, charge, settled_usd=Decimal("0.08"))
    grown = {name: all_of(settings, name) for name in ("scenes", "suggestions", "scored")}
    assert {name: len(found) for name, found in grown.items()} == {"scenes": 35, "suggestions": 9, "scored": 9}
    mart.refresh(settings, store, rebuild=True)
    assert {name: all_of(settings, name) for name in grown} == grown


def _piece(connection: Any, job_id: str) -> str:
    return str(connection.execute(select(assets.table.c.id).where(assets.table.c.job_id == job_id)).scalar_one())


def test_each_sees_his_own(settings: Settings, store: Store, reader: Mart) -> None:
    with rows(settings, store) as connection:
        for user, type_ in (("ada", "action"), ("bob", "calm")):
            studio_rows.add_clip(connection, [(type_, 5.0)], user=user)
            studio_rows.add_scored(connection, f"score_{user}", user=user, usd=("0.10",))
            studio_rows.add_suggested(connection, f"job_{user}", user=user, scene_type=type_, changed=("bpm",))
    hers = reader.seen_by(Actor("ada"))
    asked = month(user="bob")  # who she is decides, not what she asks for
    assert hers.scene_days(asked)["type"].tolist() == ["action"]
    assert hers.scene_types(asked)["type"].tolist() == ["action"]
    assert hers.scene_lengths(asked)["type"].tolist() == ["action"]
    assert hers.scored(asked)["id"].tolist() == ["score_ada"]
    assert hers.scored_days(asked)["user_id"].tolist() == ["ada"]
    assert hers.suggestion_days(asked)["suggestions"].tolist() == [1]
    assert hers.suggestion_fates(asked)["scene_type"].tolist() == ["action"]
    assert hers.suggestion_changes(asked)["of_suggestions"].tolist() == [1]
    assert hers.suggestion_kept(asked)["scene_type"].tolist() == ["action"]


def test_what_was_written_or_seen_stays_in_the_store(settings: Settings, store: Store) -> None:
    with rows(settings, store) as connection:
        studio_rows.add_clip(connection, [("action", 5.0)], name="Harbour.mp4")
        studio_rows.add_scored(connection, "score_a")
    held = settings.mart_path.read_bytes()
    assert b"Harbour.mp4" in held
    for words in (b"a picture", b"The script itself"):
        assert words not in held
