"""What the music page asks: right figures from rows small enough to add up by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import studio_rows
from sqlalchemy import delete, update

from core.analytics import mart
from core.analytics.queries import Filters, Mart, open_mart
from core.kit.actor import Actor
from core.kit.clock import now, today
from core.kit.settings import Settings
from core.store import assets
from core.store.store import Store


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


def test_kept_is_what_is_done_no_draft_and_in_no_bin(settings: Settings, store: Store, reader: Mart) -> None:
    with rows(settings, store) as connection:
        studio_rows.add_music(connection, "job_kept", usd="0.10", run_s=29.5)  # with its second of waiting: too late
        studio_rows.add_music(connection, "job_binned", usd="0.10", binned=True)
        studio_rows.add_music(connection, "job_purged", usd="0.10", piece=False)
        studio_rows.add_music(connection, "job_draft", draft=True)
        studio_rows.add_music(connection, "job_failed", status="failed", usd="0.10")
        studio_rows.add_music(connection, "job_running", status="running")
        studio_rows.add_music(connection, "job_had", saved_usd="0.10")
        studio_rows.add_job(connection, "job_said", kind="speech")
    [day] = reader.music_days(month()).to_dict("records")
    assert (day["jobs"], day["made"], day["kept"], day["failed"], day["bought"]) == (7, 4, 2, 1, 4)
    assert (day["done"], day["in_time"], day["reused"]) == (5, 4, 1)
    assert (day["settled_usd"], day["saved_usd"]) == (pytest.approx(0.40), pytest.approx(0.10))
    [engine] = reader.music_engines(month()).to_dict("records")
    assert (engine["kept_rate"], engine["in_time"]) == (0.5, 0.8)
    assert (engine["usd_each"], engine["usd_per_kept"]) == (pytest.approx(0.10), pytest.approx(0.20))


def test_a_piece_changes_sides_when_it_is_binned_purged_or_restored(
    settings: Settings, store: Store, reader: Mart
) -> None:
    """The increment notices: the job itself did not change."""
    with rows(settings, store) as connection:
        studio_rows.add_music(connection, "job_1", at=now() - timedelta(days=3))

    def kept() -> int:
        return int(reader.music_days(month())["kept"].sum())

    assert kept() == 1
    for gone, expected in ((now(), 0), (None, 1)):
        with rows(settings, store) as connection:
            connection.execute(update(assets.table).values(deleted_at=gone, updated_at=now()))
        assert kept() == expected
    with rows(settings, store) as connection:
        connection.execute(delete(assets.table))
    assert kept() == 0
    assert reader.music_days(month())["made"].sum() == 1


def test_lost_is_what_failed_was_discarded_or_was_bought_again(settings: Settings, store: Store, reader: Mart) -> None:
    with rows(settings, store) as connection:
        old = now() - timedelta(days=60)
        studio_rows.add_music(connection, "job_old", usd="0.10", made_as="same", at=old)
        studio_rows.add_music(connection, "job_again", usd="0.10", made_as="same")  # once too often, of long ago
        studio_rows.add_music(connection, "job_other", usd="0.10", made_as="same", user="tom")  # his first
        studio_rows.add_music(connection, "job_binned", usd="0.30", made_as="same", binned=True)  # counted once only
        studio_rows.add_music(connection, "job_failed", usd="0.05", status="failed", provider="soundraw")
        studio_rows.add_music(connection, "job_fine", usd="0.20", provider="soundraw")
        studio_rows.add_music(connection, "job_free", binned=True, provider="composer")
    found = reader.music_losses(month())
    by = {(row.provider, row.fate): (row.pieces, round(row.usd, 9)) for row in found.itertuples()}
    assert by == {
        ("mubert", "repeated"): (1, 0.10), ("mubert", "kept"): (1, 0.10), ("mubert", "discarded"): (1, 0.30),
        ("soundraw", "failed"): (1, 0.05), ("soundraw", "kept"): (1, 0.20),
    }  # fmt: skip
    mubert = found[found["provider"] == "mubert"].iloc[0]
    assert (mubert["of_pieces"], mubert["of_usd"]) == (3, pytest.approx(0.50))
    assert set(reader.music_losses(month(providers=("soundraw",)))["provider"]) == {"soundraw"}


def test_parameters_that_cost_most(settings: Settings, store: Store, reader: Mart) -> None:
    with rows(settings, store) as connection:
        studio_rows.add_music(connection, "job_1", usd="0.30", tries=3, score=70.0, asked_s=120, model="big")
        studio_rows.add_music(connection, "job_2", usd="0.10", asked_s=20, model="big")
        studio_rows.add_music(connection, "job_3", usd="0.02", asked_s=14.9, model="small", binned=True)
    found = reader.music_parameters(month()).set_index("value")
    assert found.loc["mubert · big", "usd_each"] == pytest.approx(0.20)
    assert found.loc["best of 3", "usd_each"] == pytest.approx(0.30)
    assert found.loc["one try", "pieces"] == 2
    assert found.loc["4. 1 to 3 min", "usd"] == pytest.approx(0.30)
    assert found.loc["1. under 15 s", "lost_usd"] == pytest.approx(0.02)
    assert found.loc["mubert · big", "lost_usd"] == 0


def test_quality_by_engine(settings: Settings, store: Store, reader: Mart) -> None:
    with rows(settings, store) as connection:
        for number, score in enumerate((50.0, 60.0, 70.0, 80.0, 90.0)):
            studio_rows.add_music(connection, f"job_{number}", provider="composer", score=score, below=score < 65)
        studio_rows.add_music(connection, "job_unheard", provider="composer")
    [found] = reader.music_engines(month()).to_dict("records")
    assert (found["made"], found["scored"], found["below"]) == (6, 5, 2)
    assert [found[f"quality_{at}"] for at in ("min", "p25", "p50", "p75", "max")] == [50, 60, 70, 80, 90]


def test_templates_and_tastes(settings: Settings, store: Store, reader: Mart) -> None:
    with rows(settings, store) as connection:
        old, intro = now() - timedelta(days=1), "template_intro"
        studio_rows.add_music(
            connection, "job_1", template=(intro, "Old name"), at=old, mood="calm", genre="jazz", usd="0.10"
        )
        studio_rows.add_music(connection, "job_2", template=(intro, "Intro"), mood="calm", genre="lo-fi", binned=True)
        studio_rows.add_music(connection, "job_3", template=(intro, "Intro"), draft=True, mood="dark")
        studio_rows.add_music(connection, "job_4", template=("t2", "Bed"), status="failed")
        studio_rows.add_music(connection, "job_5", mood="happy", genre="jazz")
    intro_row, bed = reader.music_templates(month()).to_dict("records")
    assert (intro_row["name"], intro_row["uses"], intro_row["made"], intro_row["kept"]) == ("Intro", 2, 2, 1)
    assert (intro_row["kept_rate"], intro_row["usd_each"]) == (0.5, pytest.approx(0.05))
    assert (bed["uses"], bed["made"]) == (1, 0)
    tastes = {(row.what, row.value): (row.made, row.kept) for row in reader.music_tastes(month()).itertuples()}
    assert tastes == {
        ("mood", "calm"): (2, 1), ("mood", "happy"): (1, 1), ("genre", "jazz"): (2, 2), ("genre", "lo-fi"): (1, 0),
    }  # fmt: skip


def test_batches(settings: Settings, store: Store, reader: Mart) -> None:
    with rows(settings, store) as connection:
        studio_rows.add_job(connection, "job_b", kind="batch", title="Season 2", status="running", run_s=None)
        for number, status in enumerate(("done", "done", "done", "failed", "waiting")):
            studio_rows.add_music(connection, f"job_{number}", status=status, parent="job_b", usd="0.10")
        studio_rows.add_music(connection, "job_alone")
    [found] = reader.music_batches(month()).to_dict("records")
    assert (found["title"], found["items"], found["done"], found["failed"]) == ("Season 2", 5, 3, 1)
    assert (found["success"], found["settled_usd"]) == (0.75, pytest.approx(0.50))


def test_what_a_plan_paid_for(settings: Settings, store: Store, reader: Mart) -> None:
    with rows(settings, store) as connection:
        for number in range(3):
            studio_rows.add_charge(connection, f"job_{number}", provider="mubert", kind="music", plan="unlimited")
        studio_rows.add_charge(connection, "job_s", provider="mubert", kind="speech", plan="unlimited")
        studio_rows.add_charge(connection, "job_p", provider="mubert", kind="music", settled=Decimal(1))
        studio_rows.add_charge(
            connection, "job_r", provider="mubert", kind="music", plan="unlimited", status="released"
        )
    [found] = reader.plan_months(Filters(today(), today(), kinds=("music",))).to_dict("records")
    assert (found["provider"], found["plan"], found["calls"]) == ("mubert", "unlimited", 3)


def test_others_rows_do_not_count(settings: Settings, store: Store, reader: Mart) -> None:
    with rows(settings, store) as connection:
        for user in ("ada", "bob"):
            studio_rows.add_job(connection, f"batch_{user}", kind="batch", user=user)
            studio_rows.add_music(
                connection, f"job_{user}", user=user, usd="0.10", parent=f"batch_{user}", binned=user == "bob",
                template=(f"t_{user}", user), made_as="same", mood=f"of {user}",
            )  # fmt: skip
            studio_rows.add_charge(connection, f"job_{user}_2", user=user, provider="mubert", plan=f"of-{user}")
    hers = reader.seen_by(Actor("ada"))
    asked = month(user="bob")  # who he is decides, not what he asks for
    assert hers.music_days(asked)["user_id"].tolist() == ["ada"]
    assert hers.music_engines(asked)["made"].sum() == 1
    assert hers.music_templates(asked)["name"].tolist() == ["ada"]
    assert hers.music_tastes(asked)["value"].tolist() == ["of ada"]
    assert hers.music_losses(asked)[["fate", "of_pieces"]].to_numpy().tolist() == [["kept", 1]]
    assert hers.music_parameters(asked)["pieces"].max() == 1
    assert hers.music_batches(asked)["user_id"].tolist() == ["ada"]
    assert hers.plan_months(asked)["plan"].tolist() == ["of-ada"]


def test_prompts_stay_in_the_store(settings: Settings, store: Store) -> None:
    with rows(settings, store) as connection:
        studio_rows.add_music(connection, "job_1", template=("t", "Named"))
    assert b"Nobody's business" not in settings.mart_path.read_bytes()
    assert b"Named" in settings.mart_path.read_bytes()
