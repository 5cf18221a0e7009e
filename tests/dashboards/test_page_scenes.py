"""The page of scenes and scored films, run as Streamlit runs it."""

from __future__ import annotations

import pandas as pd
import pytest
import studio_rows
from test_pages import metrics, page, said

from core.analytics import mart
from core.kit.settings import Settings
from core.store.store import Store


def test_scenes_and_what_a_scored_minute_cost(settings: Settings, store: Store) -> None:
    with store.db.write() as connection:
        studio_rows.add_clip(connection, [("talking_head", 4.0), ("action", 1.0), ("action", 7.0)])
        studio_rows.add_scored(connection, "score_a", seconds=90, usd=("0.10", "0.20"), provider="mubert")
        studio_rows.add_scored(connection, "score_b", seconds=30)
        studio_rows.add_scored(connection, "score_c", usd=("0.30",), status="failed", provider="mubert")
    mart.refresh(settings, store)
    app = page("scenes")
    shown = metrics(app)
    assert (shown["Scenes found"], shown["A scene is"]) == ("3", "4.0 s")
    assert (shown["Minutes scored"], shown["A scored minute"]) == ("2.0", "$0.30")
    tables = {key: found.value for found in app.dataframe for key in found.value.columns}
    types = tables["seconds_p50"].set_index("type")
    assert types.index.tolist() == ["Action", "Talking head"]
    assert types.loc["Action", "seconds_p50"] == pytest.approx(4.0)
    engines = tables["pace"].set_index("provider")
    assert engines.loc["Mubert", "usd_per_minute"] == pytest.approx(0.40), "what failed is paid by what did not"
    assert engines.loc["Composer", "usd_per_minute"] == 0
    assert tables["film_s"]["status"].tolist().count("Failed") == 1


def test_what_became_of_suggestions(settings: Settings, store: Store) -> None:
    with store.db.write() as connection:
        for number in range(12):
            studio_rows.add_suggested(connection, f"job_{number}", binned=number > 9)
        for number in range(4):
            studio_rows.add_suggested(
                connection, f"more_{number}", scene_type="calm", genre="ambient", changed=("mood", "bpm")[: number % 3], binned=number < 3,
            )  # fmt: skip
    mart.refresh(settings, store)
    app = page("scenes")
    shown = metrics(app)
    assert (shown["Taken as suggested"], shown["Kept of them"]) == ("87.5%", "68.8%")
    assert "Of 16 suggestions." in said(app)

    def table() -> pd.DataFrame:
        return next(found.value for found in app.dataframe if "verdict" in found.value)

    assert table()[["scene_type", "genre", "choices", "wins"]].to_numpy().tolist() == [
        ["Action", "house", 12, 10], ["Calm", "ambient", 4, 1],
    ]  # fmt: skip
    assert table()["between"].tolist()[0] == "55% to 95%"
    assert table()["verdict"].tolist() == ["no difference shown", "too few to say"]
    app.selectbox(key="suggestion_type").set_value("calm").run()
    assert not app.exception
    assert table()["genre"].tolist() == ["ambient"]


def test_when_all_was_free_the_page_counts_minutes(settings: Settings, store: Store) -> None:
    with store.db.write() as connection:
        studio_rows.add_scored(connection, "score_b", seconds=30)
    mart.refresh(settings, store)
    app = page("scenes")
    assert "All of it cost $0.00: counted in minutes of film." in said(app)
    assert metrics(app)["A scored minute"] == "$0.00"
    assert "No scenes in this range." in said(app)


def test_without_films_the_page_says_what_to_do(settings: Settings, store: Store) -> None:
    with store.db.write() as connection:
        studio_rows.add_music(connection, "job_1")
    mart.refresh(settings, store)
    text = said(page("scenes"))
    assert "No films in this range" in text
    assert "Bring a film in" in text
