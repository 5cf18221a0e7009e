"""The ai-music document's statistics: its shape, its filters, and what groupBy adds; nobody's figures hold another's."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from core.api.analytics import Range
from core.api.music_analytics import music_cost, music_queue, music_usage
from core.api.service import api
from core.app import Studio
from core.kit.actor import Actor
from core.kit.clock import now, today
from core.store import template_uses
from tests import scripted
from tests.days import clear_of_midnight

sys.path.insert(0, str(Path(__file__).parents[1] / "analytics"))
import studio_rows

COST, USAGE, QUEUE = (f"/api/ai-music/analytics/{name}" for name in ("cost", "usage", "queue"))


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Without a worker: twelve pieces by two users at two services, one of long ago, and something that is no music."""
    clear_of_midnight()
    made = scripted.build(tmp_path_factory.mktemp("figures") / "home")
    with made.store.db.write() as connection:
        for number in range(10):
            studio_rows.add_music(
                connection, f"job_{number}", usd="0.10", user="ada", binned=number < 2, mood="calm", genre="jazz", run_s=40.0 if number == 9 else 5.0,
                template=("t1", "Intro") if number < 3 else None, at=now() - timedelta(seconds=number),
            )  # fmt: skip
            if number < 3:
                use = {"job_id": f"job_{number}", "template_id": "t1", "version": 1, "plain": True, "user_id": "ada"}
                connection.execute(template_uses.table.insert().values(use | {"created_at": now()}))
        studio_rows.add_music(connection, "job_his", provider="soundraw", user="bob", usd="0.05", mood="dark")
        studio_rows.add_music(connection, "job_lost", provider="soundraw", user="bob", usd="0", status="failed")
        studio_rows.add_music(connection, "job_old", usd="0.40", user="ada", at=now() - timedelta(days=40))
        studio_rows.add_charge(connection, "job_said", provider="elevenlabs", user="bob", settled=Decimal(9))
    made.refresh_mart()
    yield made
    made.close()


@pytest.fixture(scope="module")
def ask(studio: Studio) -> Iterator[Any]:
    with TestClient(api(studio), base_url="http://127.0.0.1") as client:

        def asked(path: str, **parameters: Any) -> Any:
            answer = client.get(path, params=parameters)
            assert answer.status_code == 200, answer.text
            return answer.json()

        asked.client = client  # type: ignore[attr-defined]
        yield asked


def test_cost_has_the_documents_shape(ask: Any) -> None:
    found = ask(COST, startDate=today().isoformat(), provider="mubert")
    assert found.pop("estimatedMonthlyCostFormula")
    assert found == {
        "totalGenerations": 10, "totalCost": 1.0, "averageCostPerGeneration": 0.1,
        "providerBreakdown": [{"provider": "mubert", "count": 10, "totalCost": 1.0, "averageCost": 0.1}],
        "estimatedMonthlyCost": 30.0,
    }  # fmt: skip


def test_cost_by_dates(ask: Any) -> None:
    assert ask(COST)["totalCost"] == 1.05
    old = (today() - timedelta(days=41)).isoformat()
    assert ask(COST, startDate=old)["totalCost"] == 1.45
    assert ask(COST, startDate=old, endDate=(today() - timedelta(days=2)).isoformat())["totalGenerations"] == 1


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("provider", {"mubert": (10, 1.0), "soundraw": (2, 0.05)}),
        ("user", {"ada": (10, 1.0), "bob": (2, 0.05)}),
        ("template", {"": (9, 0.75), "t1": (3, 0.3)}),
        ("model", {"default": (12, 1.05)}),
        ("day", {today().isoformat(): (12, 1.05)}),
        ("month", {today().replace(day=1).isoformat(): (12, 1.05)}),
        ("week", {(today() - timedelta(days=today().weekday())).isoformat(): (12, 1.05)}),
    ],
)
def test_cost_by_groups_adds_up(ask: Any, by: str, groups: dict[str, tuple[int, float]]) -> None:
    found = ask(COST, groupBy=by)
    assert {row["group"]: (row["count"], row["totalCost"]) for row in found["groups"]} == groups
    assert sum(row["count"] for row in found["groups"]) == found["totalGenerations"]
    for row in found["groups"]:
        assert row["averageCost"] == pytest.approx(row["totalCost"] / row["count"], abs=1e-6)


def test_usage(ask: Any) -> None:
    found = ask(USAGE)
    assert found["popularTemplates"] == [{"name": "Intro", "count": 3}]
    assert found["popularMoods"] == [{"name": "calm", "count": 10}, {"name": "dark", "count": 1}]
    assert found["keptRate"] == round(9 / 11, 6)
    assert "groups" not in found
    assert ask(USAGE, groupBy="mood", provider="soundraw")["groups"] == [{"name": "dark", "count": 1}]
    assert ask(USAGE, groupBy="user")["groups"] == [{"name": "ada", "count": 10}, {"name": "bob", "count": 1}]
    [month] = ask(USAGE, groupBy="month")["usageOverTime"]
    assert month["period"] == today().replace(day=1).isoformat()


def test_the_queue_says_how_jobs_ended(ask: Any) -> None:
    found = ask(QUEUE, groupBy="provider")
    assert (found["waiting"], found["done"], found["failed"]) == (0, 11, 1)
    assert found["withinTargetShare"] == round(10 / 11, 6)
    assert found["groups"][0] == {"group": "mubert", "jobs": 10, "done": 10, "failed": 0, "withinTarget": 9}
    assert (ask(QUEUE, provider="soundraw")["done"], ask(QUEUE, provider="soundraw")["failed"]) == (1, 1)


def test_another_word_for_group_by_is_refused_with_what_there_is(ask: Any) -> None:
    answer = ask.client.get(COST, params={"groupBy": "mood; DROP TABLE charges"})
    assert answer.status_code in (400, 422)
    assert "provider" in answer.text


def test_each_has_only_his_own(studio: Studio) -> None:
    bob, asked = Actor("bob"), Range()
    cost = music_cost(asked, bob, studio, "user")
    assert (cost.total_cost, [group.group for group in cost.groups or []]) == (0.05, ["bob"])
    usage = music_usage(asked, bob, studio, by="user")
    assert ([group.name for group in usage.groups or []], usage.popular_templates) == (["bob"], [])
    queue = music_queue(asked, bob, studio, "user")
    assert (queue.done, queue.failed, [group.group for group in queue.groups or []]) == (1, 1, ["bob"])
