"""Figures that agree: REST, the ledger and the dashboards' mart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
from fastapi.testclient import TestClient

from core.analytics.queries import Filters, open_mart
from core.api.service import api
from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.clock import today
from tests import scripted


@pytest.fixture(scope="module")
def spent(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Three paid tracks of two providers and a free piece of music."""
    account = tmp_path_factory.mktemp("account") / "account"
    jobs = [
        scripted.submit(studio, LOCAL, account, provider=name, cap_usd=Decimal(2), tracks=tracks)
        for name, tracks in (("scripted", 1), ("scripted", 3), ("idempotent", 2))
    ]
    jobs.append(studio.music.compose(LOCAL, prompt="calm jazz", seconds=3, seed=1))
    for job in jobs:
        assert studio.wait(LOCAL, job.id, 60).status == "done"
    studio.refresh_mart()
    with TestClient(api(studio), base_url="http://127.0.0.1") as client:
        yield client


def test_cost_adds_up_and_says_how_the_month_is_estimated(spent: TestClient, studio: Studio) -> None:
    found = spent.get("/api/analytics/cost").json()
    total = Decimal(found["total_cost"])
    rows = {row["provider"]: row for row in found["provider_breakdown"]}
    assert found["total_generations"] == 4
    assert total == sum(Decimal(row["total_cost"]) for row in rows.values()) > 0
    assert Decimal(rows["scripted"]["average_cost"]) * 2 == Decimal(rows["scripted"]["total_cost"])
    assert Decimal(found["average_cost_per_generation"]) == total / 4
    assert "× 30" in found["estimated_monthly_cost_formula"]
    assert Decimal(found["estimated_monthly_cost"]) == total, "the last 30 days are a month"
    day = spent.get("/api/analytics/cost", params={"startDate": today().isoformat()}).json()
    assert Decimal(day["estimated_monthly_cost"]) == Decimal(day["total_cost"]) * 30
    mart = open_mart(studio.settings)
    frame = mart.daily_cost(Filters(today() - timedelta(days=29), today()))
    mart.close()
    assert Decimal(str(round(frame["settled_usd"].sum(), 6))) == total, "as the dashboards show it"
    assert int(frame["charges"].sum()) == found["total_generations"]


def test_cost_is_filtered_by_day_provider_and_kind(spent: TestClient) -> None:
    only = spent.get("/api/analytics/cost", params={"provider": "idempotent"}).json()
    assert [row["provider"] for row in only["provider_breakdown"]] == ["idempotent"]
    music = spent.get("/api/analytics/cost", params={"kind": "music"}).json()
    assert (music["total_generations"], music["total_cost"]) == (1, "0.000000")
    before = (today() - timedelta(days=1)).isoformat()
    earlier = spent.get("/api/analytics/cost", params={"startDate": "2020-01-01", "endDate": before}).json()
    assert (earlier["total_generations"], earlier["average_cost_per_generation"]) == (0, "0.000000")


def test_the_documents_shape_is_camel_case_with_numbers_about_music(spent: TestClient) -> None:
    found = spent.get("/api/ai-music/analytics/cost").json()
    assert set(found) == {
        "totalGenerations", "totalCost", "averageCostPerGeneration", "providerBreakdown", "estimatedMonthlyCost",
        "estimatedMonthlyCostFormula",
    }  # fmt: skip
    assert found["totalGenerations"] == 1
    assert found["totalCost"] == 0.0
    assert found["providerBreakdown"] == [{"provider": "composer", "count": 1, "totalCost": 0.0, "averageCost": 0.0}]


def test_usage_is_cut_by_day_week_and_month(spent: TestClient) -> None:
    own = spent.get("/api/analytics/usage").json()
    assert own["total_generations"] == 4
    assert own["as_of"]
    music = spent.get("/api/ai-music/analytics/usage", params={"period": "monthly", "provider": "composer"}).json()
    [month] = music["usageOverTime"]
    assert month["period"] == today().replace(day=1).isoformat()
    assert (month["generations"], month["seconds"]) == (1, 3.0)
    assert music["popularGenres"] == [{"name": "jazz", "count": 1}]
    assert music["popularMoods"][0]["name"] == "calm"
    assert spent.get("/api/analytics/usage", params={"period": "weekly"}).json()["usage_over_time"][0]["period"] <= (
        today().isoformat()
    )


def test_the_queue_is_counted_as_it_is(spent: TestClient, studio: Studio) -> None:
    studio.jobs.pause(LOCAL)
    try:
        job = studio.music.compose(LOCAL, prompt="later", seconds=3)
        assert spent.get("/api/ai-music/analytics/queue").json()["waiting"] == 1
        figures = spent.get("/api/analytics/queue").json()
        assert (figures["waiting"], figures["paused"], figures["by_kind"]) == (1, True, [{"name": "music", "count": 1}])
        studio.jobs.cancel(LOCAL, job.id)
    finally:
        studio.jobs.resume(LOCAL)
    assert spent.get("/api/analytics/queue").json()["waiting"] == 0
