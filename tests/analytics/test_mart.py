"""The mart against the ledger: real SQLite, real DuckDB, nothing stood in for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import studio_rows
from sqlalchemy import text

from core.analytics import files, mart
from core.kit.actor import LOCAL
from core.kit.clock import now, today
from core.kit.errors import SetupError
from core.kit.settings import Settings, load_settings
from core.store import assets, budgets, charges, jobs
from core.store.store import Store, open_store


@contextmanager
def opened(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(":memory:")
    connection.execute(f"ATTACH '{settings.mart_path}' AS studio (READ_ONLY)")
    try:
        yield connection
    finally:
        connection.close()


def one(settings: Settings, sql: str) -> tuple[object, ...]:
    with opened(settings) as connection:
        row = connection.execute(sql).fetchone()
        assert row is not None
        return row


def everything(settings: Settings) -> dict[str, list[tuple[object, ...]]]:
    with opened(settings) as connection:
        names = [row[0] for row in connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'studio' AND schema_name = 'marts'"
        ).fetchall()]  # fmt: skip
        return {
            name: sorted(connection.execute(f"SELECT * FROM studio.marts.{name}").fetchall(), key=repr)
            for name in sorted(names)
        }


def test_totals_equal_the_ledger_to_the_nano_dollar(
    settings: Settings, store: Store, written: studio_rows.Written
) -> None:
    state = mart.refresh(settings, store)
    assert state.outcome == "rebuilt"
    assert written.settled_usd > 0
    total, calls = one(settings, "SELECT sum(settled_usd), sum(charges + released) FROM studio.marts.daily_cost")
    assert total == written.settled_usd
    assert calls == written.charges
    with opened(settings) as connection:
        rows = connection.execute(
            "SELECT provider, sum(settled_usd) FROM studio.marts.daily_cost GROUP BY ALL"
        ).fetchall()
    by_provider = {provider: amount for provider, amount in rows if amount}
    assert by_provider == {provider: amount for provider, amount in written.settled_by_provider.items() if amount}
    with store.db.read() as connection:
        held = charges.held(connection, first_day=today().replace(day=1), last_day=today())
    assert one(settings, "SELECT held_usd FROM studio.marts.budget_state WHERE scope = 'month'") == (held,)


def test_pieces_are_counted_without_their_stems(settings: Settings, store: Store, written: studio_rows.Written) -> None:
    mart.refresh(settings, store)
    pieces, seconds = one(settings, "SELECT sum(assets), sum(seconds) FROM studio.marts.usage")
    assert pieces == written.assets
    assert seconds == pytest.approx(written.seconds)


def test_changes_are_picked_up_and_only_they_are_read(settings: Settings, store: Store) -> None:
    long_ago = now() - timedelta(days=3)
    with store.db.write() as connection:
        for number in range(20):
            studio_rows.add_job(connection, f"job_old{number}", at=long_ago)
        studio_rows.add_job(connection, "job_a", status="running", run_s=None, at=now() - timedelta(seconds=5))
        charge = studio_rows.add_charge(
            connection, "job_a", provider="elevenlabs", status="reserved", reserved=Decimal("0.5")
        )
    mart.refresh(settings, store)
    assert one(settings, "SELECT settled_usd, reserved_usd FROM studio.marts.daily_cost") == (
        Decimal(0),
        Decimal("0.5"),
    )
    with store.db.write() as connection:
        jobs.change(connection, "job_a", status="done", finished_at=now())
        charges.change(connection, charge, status="settled", settled_usd=Decimal("0.123456789"))
    again = mart.refresh(settings, store)
    assert again.outcome == "refreshed"
    assert again.rows["jobs"] == 1
    assert one(settings, "SELECT status FROM studio.marts.jobs WHERE id = 'job_a'") == ("done",)
    assert one(settings, "SELECT settled_usd, reserved_usd FROM studio.marts.daily_cost") == (
        Decimal("0.123456789"), Decimal(0),
    )  # fmt: skip
    assert one(settings, "SELECT count(*) FROM studio.marts.jobs") == (21,)


def test_a_row_stamped_before_the_watermark_but_committed_after_it_is_not_lost(
    settings: Settings, store: Store
) -> None:
    with store.db.write() as connection:
        studio_rows.add_job(connection, "job_first", at=now(), wait_s=None)
    mart.refresh(settings, store)
    with store.db.write() as connection:
        studio_rows.add_job(connection, "job_late", at=now() - timedelta(seconds=30), wait_s=None)
    assert mart.refresh(settings, store).outcome == "refreshed"
    assert one(settings, "SELECT count(*) FROM studio.marts.jobs") == (2,)


def test_binned_assets_are_marked_and_purged_ones_disappear(settings: Settings, store: Store) -> None:
    with store.db.write() as connection:
        kept, binned, purged = (studio_rows.add_asset(connection, None, name=name) for name in ("a", "b", "c"))
    mart.refresh(settings, store)
    with store.db.write() as connection:
        assets.edit(connection, LOCAL, [binned], deleted_at=now())
        assets.remove(connection, purged)
    assert mart.refresh(settings, store).outcome == "refreshed"
    with opened(settings) as connection:
        states = dict(connection.execute("SELECT id, state FROM studio.marts.assets").fetchall())
    assert states == {kept: "kept", binned: "bin"}


def test_rebuilding_gives_what_increments_gave(settings: Settings, store: Store) -> None:
    for seed in (1, 2, 3):
        written = studio_rows.fill(store, days=12, per_day=4, seed=seed, stamp=True)
        with store.db.write() as connection:
            assets.remove(connection, written.asset_ids[-1])
            assets.edit(connection, LOCAL, written.asset_ids[:2], rating=1)
        assert mart.refresh(settings, store).outcome == ("rebuilt" if seed == 1 else "refreshed")
    grown = everything(settings)
    rebuilt = mart.refresh(settings, store, rebuild=True)
    assert rebuilt.outcome == "rebuilt"
    assert set(grown) == set(files.MARTS)
    assert len(grown["jobs"]) > 30
    assert everything(settings) == grown


def test_a_failed_check_keeps_the_mart_before_it(settings: Settings, store: Store) -> None:
    with store.db.write() as connection:
        studio_rows.add_charge(connection, "job_1", settled=Decimal("0.25"))
    mart.refresh(settings, store)
    before = settings.mart_path.read_bytes()
    with store.db.write() as connection:
        studio_rows.add_charge(connection, "job_2", settled=Decimal("-1"), reserved=Decimal(1))
    with pytest.raises(mart.CheckFailed, match="charges_not_negative"):
        mart.refresh(settings, store)
    assert settings.mart_path.read_bytes() == before
    assert not list(settings.home.glob("mart.duckdb.next*"))
    with store.db.write() as connection:
        connection.execute(text("UPDATE charges SET settled_usd = 0 WHERE settled_usd < 0"))
    assert mart.refresh(settings, store).as_of is not None
    assert one(settings, "SELECT sum(settled_usd) FROM studio.marts.daily_cost") == (Decimal("0.25"),)


def test_a_row_twice_in_the_mart_is_found_and_mended(settings: Settings, store: Store) -> None:
    with store.db.write() as connection:
        studio_rows.add_charge(connection, "job_1", settled=Decimal("0.25"), at=now() - timedelta(hours=1))
        connection.execute(text("UPDATE charges SET updated_at = '2026-01-01 00:00:00'"))
        studio_rows.add_charge(connection, "job_2", settled=Decimal("0.25"))
        studio_rows.add_job(connection, "job_1", at=now() - timedelta(hours=1))
        studio_rows.add_job(connection, "job_2")
    mart.refresh(settings, store)
    with duckdb.connect(str(settings.mart_path)) as connection:
        connection.execute("INSERT INTO raw.jobs SELECT * FROM raw.jobs WHERE id = 'job_1'")
        connection.execute("UPDATE meta.watermarks SET updated_at = updated_at + INTERVAL 1 HOUR WHERE noun = 'jobs'")
    mended = mart.refresh(settings, store)
    assert (mended.outcome, mended.reason) == ("rebuilt", "rows with an older stamp appeared")
    assert one(settings, "SELECT count(*) FROM studio.marts.jobs") == (2,)


@pytest.mark.parametrize("damage", ["garbage", "truncated", "empty", "other_version"])
def test_a_damaged_mart_is_rebuilt(settings: Settings, store: Store, written: studio_rows.Written, damage: str) -> None:
    mart.refresh(settings, store)
    path = settings.mart_path
    if damage == "garbage":
        path.write_bytes(b"this is not a database" * 1000)
    elif damage == "truncated":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif damage == "empty":
        path.write_bytes(b"")
    else:
        with duckdb.connect(str(path)) as connection:
            connection.execute("UPDATE meta.state SET version = 'of another day'")
    assert mart.refresh(settings, store).outcome == "rebuilt"
    assert one(settings, "SELECT sum(settled_usd) FROM studio.marts.daily_cost") == (written.settled_usd,)


def test_a_mart_of_another_or_an_older_database_is_rebuilt(settings: Settings, store: Store, tmp_path: Path) -> None:
    with store.db.write() as connection:
        studio_rows.add_charge(connection, "job_1", settled=Decimal(1))
    mart.refresh(settings, store)
    other = load_settings(home=tmp_path / "other")
    elsewhere = open_store(other)
    elsewhere_state = mart.refresh(settings, elsewhere)
    elsewhere.db.close()
    assert elsewhere_state.reason == "it was made from another database"
    mart.refresh(settings, store)
    with store.db.write() as connection:  # what restoring an older backup looks like
        connection.execute(text("UPDATE charges SET updated_at = '2026-01-01 00:00:00'"))
    assert mart.refresh(settings, store).reason == "the ledger is older than it"


def test_neither_scripts_nor_keys_are_in_the_file(store: Store, settings: Settings) -> None:
    keyed = settings.model_copy(
        update={"openai_api_key": load_settings(openai_api_key="sk-very-secret-1").openai_api_key}
    )
    error = {"kind": "Rejected", "message": "key sk-very-secret-1 was refused", "hint": "", "code": "rejected"}
    with store.db.write() as connection:
        studio_rows.add_job(connection, "job_1", status="failed", error=error, title="The title")
        studio_rows.add_asset(connection, "job_1", voice="en+f3")
    mart.refresh(keyed, store)
    held = settings.mart_path.read_bytes()
    assert b"The title" in held
    assert b"sk-very-secret-1" not in held
    assert b"The script itself" not in held
    assert one(settings, "SELECT error_message FROM studio.marts.jobs") == ("key [hidden] was refused",)
    assert one(settings, "SELECT voice FROM studio.marts.assets") == ("en+f3",)


def test_caps_come_from_the_page_then_the_settings(settings: Settings, store: Store) -> None:
    with store.db.write() as connection:
        studio_rows.add_charge(connection, "job_1", settled=Decimal(3), user="asha")
        studio_rows.add_charge(connection, "job_2", reserved=Decimal(2), status="reserved", user="tom")
    mart.refresh(settings, store)
    sql = "SELECT cap_usd, held_usd, left_usd, percent, set_by FROM studio.marts.budget_state WHERE scope = 'day'"
    assert one(settings, sql) == (settings.cap_day_usd, 5, settings.cap_day_usd - 5, 50.0, "settings")
    with store.db.write() as connection:
        budgets.set_limit(connection, "day", Decimal(4), [50])
    mart.refresh(settings, store)
    assert one(settings, sql) == (4, 5, 0, 125.0, "page")
    with opened(settings) as connection:
        users = connection.execute(
            "SELECT subject, held_usd FROM studio.marts.budget_state WHERE scope = 'user_day' ORDER BY 1"
        ).fetchall()
    assert users == [("asha", 3), ("tom", 2)]


def test_rights_of_a_mix_are_those_of_everything_under_it(settings: Settings, store: Store) -> None:
    ends = today() + timedelta(days=9)
    with store.db.write() as connection:
        own = studio_rows.add_asset(connection, None, name="own")
        strict = studio_rows.add_asset(connection, None, name="strict", licence=studio_rows.NC)
        sync = studio_rows.add_asset(connection, None, licence=studio_rows.SYNC | {"ends": ends.isoformat()})
        clean = studio_rows.add_asset(connection, None, name="clean", sources=[(own, "voice"), (sync, "bed")])
        studio_rows.add_asset(connection, None, name="deep", sources=[(clean, "a"), (strict, "b")])
        gone = studio_rows.add_asset(connection, None, name="gone", licence=studio_rows.UNCLEAR)
        studio_rows.add_asset(connection, None, name="orphan", sources=[(gone, "a"), (own, "b")])
        assets.remove(connection, gone)
    mart.refresh(settings, store)
    with opened(settings) as connection:
        rows = connection.execute(
            "SELECT name, commercial, valid_until, limited_by FROM studio.marts.assets"
        ).fetchall()
    found = {name: rest for name, *rest in rows}
    assert found["clean"] == ["yes", ends, None]
    assert found["deep"] == ["no", ends, "CC BY-NC 4.0"]
    assert found["orphan"] == ["unknown", None, "Rights unknown"]


def test_an_empty_studio_has_a_mart(settings: Settings, store: Store) -> None:
    assert mart.refresh(settings, store).outcome == "rebuilt"
    assert one(settings, "SELECT count(*) FROM studio.marts.jobs") == (0,)
    assert one(settings, "SELECT held_usd, cap_usd FROM studio.marts.budget_state WHERE scope = 'day'") == (
        0, settings.cap_day_usd,
    )  # fmt: skip


def test_a_folder_in_the_way_is_one_clear_error(settings: Settings, store: Store) -> None:
    settings.mart_path.mkdir()
    with pytest.raises(SetupError, match="could not be written"):
        mart.refresh(settings, store)
