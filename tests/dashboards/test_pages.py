"""Every page, run as Streamlit runs it, on nothing, on little and on much."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import studio_rows
from streamlit.testing.v1 import AppTest

from core.analytics import mart
from core.kit.actor import LOCAL
from core.kit.clock import today
from core.kit.settings import Settings
from core.store import budgets, trials
from core.store.store import Store
from dashboards import words

APP = Path(__file__).parents[2] / "dashboards" / "app.py"
PAGES = ("costs", "usage", "voice", "music", "scenes", "licences", "queue", "library")


def page(name: str, **state: Any) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.session_state["kept_filters"] = {"period": "All", **state}
    app.run()
    if name != "costs":
        app.switch_page(f"views/{name}.py").run()
    assert not app.exception, app.exception[0].stack_trace
    return app


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def said(app: AppTest) -> str:
    parts = [*app.subheader, *app.markdown, *app.caption]
    return "\n".join(str(part.value) for part in parts)


@pytest.mark.parametrize("name", PAGES)
def test_without_a_mart_the_page_says_what_to_do(settings: Settings, name: str) -> None:
    assert not settings.mart_path.exists()
    text = said(page(name))
    assert "There is nothing to show yet" in text
    assert "studio mart refresh" in text


@pytest.mark.parametrize("name", PAGES)
def test_an_empty_mart_says_what_to_do(settings: Settings, store: Store, name: str) -> None:
    mart.refresh(settings, store)
    text = said(page(name))
    assert "Nothing has been made yet" in text
    assert "As of " in text


def test_a_damaged_mart_is_not_an_error_page(settings: Settings) -> None:
    settings.home.mkdir(parents=True)
    settings.mart_path.write_bytes(b"damaged")
    assert "cannot be read" in said(page("costs"))


@pytest.fixture
def written(settings: Settings, store: Store) -> studio_rows.Written:
    written = studio_rows.fill(store, days=16, per_day=6)
    with store.db.write() as connection:
        studio_rows.add_job(connection, "job_waiting", title="Chapter 5", status="waiting", wait_s=None)
    mart.refresh(settings, store)
    return written


def test_costs(written: studio_rows.Written) -> None:
    app = page("costs")
    assert metrics(app)["In the range"] == f"${written.settled_usd:.2f}"
    text = said(app)
    assert "As of " in text
    assert "Per piece" in text
    pieces = next(frame.value for frame in app.dataframe if "cost_usd" in frame.value)
    assert pieces["cost_usd"].sum() == pytest.approx(float(written.settled_usd), abs=1e-9)


@pytest.mark.usefixtures("written")
def test_voice() -> None:
    app = page("voice")
    text = said(app)
    for card in ("Minutes by engine", "Minutes by voice", "What engines billed", "Why engines failed", "Every voice"):
        assert card in text
    rows = next(frame.value for frame in app.dataframe if "usd_per_kept_minute" in frame.value)
    assert metrics(app)["Takes made"] == f"{rows['made'].sum():,}"
    assert (rows["kept"] <= rows["made"]).all()


@pytest.mark.usefixtures("written")
def test_cloned_voices_on_the_voice_page(settings: Settings, store: Store) -> None:
    assert "No cloned voices" in said(page("voice"))
    with store.db.write() as connection:
        studio_rows.add_voice(connection, "voice_a", "Anna", learned_in_s=90, score=0.8)
        studio_rows.add_voice(connection, "voice_b", "Ben", learned_in_s=150, score=0.6)
        studio_rows.add_asset(connection, None, seconds=90, source="cloned", sources=[("voice_a", "speaker")])
    mart.refresh(settings, store)
    shown = metrics(page("voice"))
    assert (shown["Voices used"], shown["Mean quality score"], shown["Learned within 2 min"]) == (
        "1 of 2",
        "0.70",
        "50.0%",
    )
    assert shown["Time spoken"] == words.minutes(90)


def test_music_of_a_studio_that_bills_nothing(written: studio_rows.Written) -> None:
    app = page("music")
    assert (metrics(app)["Spent"], metrics(app)["Kept"], metrics(app)["A paid piece"]) == ("$0.00", "100%", "–")
    text = said(app)
    assert "All of it cost $0.00" in text
    assert "No paid music" in text
    assert written.jobs > int(metrics(app)["Pieces made"]) > 0


def test_music(settings: Settings, store: Store) -> None:
    with store.db.write() as connection:
        studio_rows.add_job(connection, "job_b", kind="batch", title="Season 2")
        for number in range(20):
            studio_rows.add_music(
                connection, f"job_{number}", usd="0.10", binned=number < 14, mood="calm", genre="jazz", score=60.0 + number,
                parent="job_b" if number > 15 else None, template=("t", "Intro") if number % 2 else None,
            )  # fmt: skip
        studio_rows.add_music(connection, "job_lost", status="failed", usd="0.10", provider="soundraw")
        studio_rows.add_music(connection, "job_had", saved_usd="0.10")
        studio_rows.add_charge(connection, "job_plan", provider="mubert", kind="music", plan="document-unlimited")
    mart.refresh(settings, store)
    app = page("music", period="30 d")
    shown, text = metrics(app), said(app)
    assert (shown["Pieces made"], shown["Kept"], shown["Done within 30 s"]) == ("21", "33.3%", "100%")
    assert (shown["Spent"], shown["A month like this"], shown["Lost"]) == ("$2.10", "$2.10", "$1.50")
    assert (shown["A paid piece"], shown["Made of batches"]) == ("$0.10", "100%")
    assert any("$0.10 saved, 1 used again" in metric.delta for metric in app.metric)
    assert r"Mubert: 14 of 20 paid pieces of 30 days were discarded, \$1.40: try a draft first." in text
    assert r"Mubert, Unlimited (document)" in text, "the fee over what it paid for"
    tables = {key: frame.value for frame in app.dataframe for key in frame.value.columns}
    plans = tables["verdict"].set_index("plan")
    assert plans.loc["Mubert, Unlimited (document)", "pieces"] == 990
    assert plans.loc["Mubert, Unlimited (document)", "from"] == "paid"
    assert set(plans["verdict"]) == {"By the piece is cheaper"}
    assert tables["lost_usd"]["lost_usd"].max() == pytest.approx(1.5)  # all of one length
    assert tables["success"]["items"].tolist() == [4]
    for by in ("user_id", "template"):
        app.button_group(key="music_by").set_value(by).run()
        assert not app.exception


def test_what_wins_in_trials(settings: Settings, store: Store) -> None:
    with store.db.write() as connection:
        studio_rows.add_music(connection, "job_1")
        for name, winner in (("How fast", 1), ("Which mood", 2)):
            axes = {"bpm": [90.0, 120.0]} if winner == 1 else {"mood": ["calm", "dark"]}
            variants = [{axis: value} for axis, values in axes.items() for value in values]
            trials.add(
                connection,
                LOCAL,
                f"trial_{winner}",
                name=name,
                job_id="b",
                base={},
                axes=axes,
                variants=variants,
                salt="",
            )
            for user in ("ada", "bob"):
                trials.choose(
                    connection, f"trial_{winner}", user, winner=winner if user == "ada" else None, tie=user == "bob", pairs=[],
                    heard=[1, 2], rating=None, note="",
                )  # fmt: skip
    mart.refresh(settings, store)
    app = page("music")
    assert "Beside them 2 choices of no difference" in said(app)

    def table() -> Any:
        return next(frame.value for frame in app.dataframe if "verdict" in frame.value and "chance" in frame.value)

    assert table()[["what", "value", "wins", "choices"]].to_numpy().tolist() == [
        ["Tempo (BPM)", "90", 1, 1], ["Tempo (BPM)", "120", 0, 1], ["Mood", "dark", 1, 1], ["Mood", "calm", 0, 1],
    ]  # fmt: skip
    assert set(table()["verdict"]) == {"too few to say"}
    app.selectbox(key="music_trial").set_value("trial_2").run()
    assert not app.exception
    assert table()["value"].tolist() == ["dark", "calm"]


def test_costs_of_one_provider_and_one_user(written: studio_rows.Written) -> None:
    one = page("costs", providers=["elevenlabs"])
    assert metrics(one)["In the range"] == f"${written.settled_by_provider['elevenlabs']:.2f}"
    assert metrics(page("costs", providers=["composer"]))["In the range"] == "$0.00"
    shares = [float(metrics(page("costs", user=user))["In the range"].removeprefix("$")) for user in studio_rows.USERS]
    assert sum(shares) == pytest.approx(float(written.settled_usd), abs=0.016)
    assert "Only ElevenLabs" in said(one)


@pytest.mark.usefixtures("written")
def test_kinds_are_chosen_by_pills() -> None:
    app = page("queue")
    everything = metrics(app)["Jobs done"]
    app.button_group(key="Queue and providers_kinds").set_value(["music"]).run()
    assert not app.exception
    assert 0 < int(metrics(app)["Jobs done"]) < int(everything)


def test_usage(written: studio_rows.Written) -> None:
    app = page("usage")
    table = app.dataframe[0].value
    assert table["assets"].sum() == written.assets
    assert metrics(app)["In the library"] == str(written.assets)
    assert table["seconds"].sum() == pytest.approx(written.seconds)
    for step in ("Week", "Month"):
        app.button_group(key="usage_step").set_value([step]).run()
        assert not app.exception


def test_queue(written: studio_rows.Written) -> None:
    app = page("queue")
    figures = metrics(app)
    jobs = next(frame.value for frame in app.dataframe if "wait_s" in frame.value)
    assert len(jobs) == written.jobs + 1
    assert figures["Jobs done"] == str((jobs["status"] == "Done").sum())
    assert figures["Median wait"] == words.seconds(jobs["wait_s"].median())
    assert "**1** waiting" in said(app)
    assert "Rate limited" in {
        reason for frame in app.dataframe if "reason" in frame.value for reason in frame.value["reason"]
    }


def test_library(written: studio_rows.Written) -> None:
    app = page("library")
    figures = metrics(app)
    assert figures["Pieces added"] == str(written.assets)
    pieces = next(frame.value for frame in app.dataframe if "lufs" in frame.value)
    cleared = (pieces["commercial"] == "May be used").sum()
    assert 0 < cleared < written.assets
    assert figures["May be used commercially"] == words.share(cleared / written.assets)
    mixes = pieces[(pieces["kind"] == "Mix") & (pieces["commercial"] != "May be used")]
    assert mixes["limited_by"].notna().all()


def test_when_all_was_free_the_page_says_so_and_counts_calls(settings: Settings, store: Store) -> None:
    with store.db.write() as connection:
        studio_rows.add_charge(connection, "job_1", provider="espeak")
        studio_rows.add_charge(connection, "job_2", provider="composer", kind="music")
    mart.refresh(settings, store)
    app = page("costs")
    assert "All of it cost $0.00" in said(app)
    assert metrics(app)["Made for nothing"] == "100%"


def test_a_cap_that_is_near_or_reached_is_said_in_words(settings: Settings, store: Store) -> None:
    with store.db.write() as connection:
        budgets.set_limit(connection, "day", Decimal(1), [75, 90])
        budgets.set_limit(connection, "month", Decimal("1.25"), [75, 90])
        studio_rows.add_charge(connection, "job_1", provider="elevenlabs", settled=Decimal(1))
    mart.refresh(settings, store)
    app = page("costs")
    texts = [bar.proto.text for bar in app.get("progress")]
    assert any("Today, everyone" in text and "cap reached" in text for text in texts)
    assert any("This month" in text and "over 75 %" in text for text in texts)


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("name", PAGES)
def test_a_range_without_rows_is_no_error(name: str) -> None:
    app = page(
        name, providers=["espeak"], user="tom", charge_kind=["mix"], job_kind=["mix"], asset_kind=["sound_effect"]
    )
    assert "No " in said(app)
    long_ago = today() - timedelta(days=900)
    assert "No " in said(page(name, period="Dates", days=(long_ago, long_ago + timedelta(days=3))))


def test_own_dates(written: studio_rows.Written) -> None:
    whole = (today() - timedelta(days=60), today())
    assert metrics(page("costs", period="Dates", days=whole))["In the range"] == f"${written.settled_usd:.2f}"


@pytest.mark.usefixtures("settings", "store")
def test_the_way_back_to_the_studio() -> None:
    app = page("costs")
    assert [link.proto.url for link in app.get("link_button")] == ["http://127.0.0.1:17860"]
