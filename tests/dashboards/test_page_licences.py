"""The page of licences, run as Streamlit runs it."""

from __future__ import annotations

from decimal import Decimal

import studio_rows
from licence_rows import ago, call, licence, used
from test_pages import metrics, page, said

from core.analytics import mart
from core.kit.settings import Settings
from core.store.store import Store


def test_licensed_music_against_its_goals(settings: Settings, store: Store) -> None:
    with store.db.write() as connection:
        ended = licence(
            connection, "local", ends_on=ago(3), title="<b>Storm</b>", track_id="2", price_usd=Decimal("30")
        )
        soon = licence(connection, "local", ends_on=ago(-9))
        used(connection, ago(5), ended, "local", track_id="2", title="<b>Storm</b>", genre="rock", mood="tense")
        for days in (1, 2, 9):
            used(connection, ago(days), soon, "local")
        used(connection, ago(1), ended, "local")
        for hit in (True, True, True, False):
            call(
                connection,
                ms=2 if hit else 900,
                hit=hit,
                user="local",
                provider="soundstripe",
                usd="0" if hit else "0.02",
            )
    mart.refresh(settings, store)
    app = page("licences")
    shown = metrics(app)
    assert (shown["Uses"], shown["Covered on the day"], shown["Published, no longer covered"]) == ("5", "80.0%", "1")
    assert (shown["Licences that hold"], shown["Answered by the cache"]) == ("1", "75.0%")
    assert (shown["Answers within 500 ms"], shown["Spent"], shown["Saved by the cache"]) == ("75.0%", "$42.52", "$0.06")
    assert (shown["Highest use of a limit"], shown["Syncs that succeeded"]) == ("1.7%", "–")
    deltas = {metric.label: metric.delta for metric in app.metric}
    assert deltas["Covered on the day"] == "goal 100 %: 1 not covered"
    assert deltas["Answered by the cache"] == "goal 60% to 80%, met"
    tables = {key: found.value for found in app.dataframe for key in found.value.columns}
    assert tables["stands"]["stands"].tolist() == ["Ended", "Holds"]
    assert tables["why"]["why"].tolist() == ["not covered on its day", "its cover has ended"]
    app.segmented_control(key="licences_cut").set_value("Month").run()
    assert not app.exception


def test_without_licensed_music_it_says_what_to_do(settings: Settings, store: Store) -> None:
    studio_rows.fill(store, days=3, per_day=2)
    mart.refresh(settings, store)
    assert "No licensed music yet" in said(page("licences"))
