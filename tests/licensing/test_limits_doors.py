"""Limits, cache and configuration of catalogues over REST, in the document's shape, and on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from core.api.service import api
from core.app import Studio
from core.cli.main import app
from core.kit.actor import LOCAL, Actor
from core.kit.errors import AccessError, RateLimited, SetupError, UserError
from core.providers.base import Call, Found, ProviderInfo
from core.store import audit

PATH = "/api/music-licensing/analytics"
ADMIN = "/api/admin/music-licensing"


class Shop:
    info = ProviderInfo(
        name="shop", title="The shop", kind="catalogue", form="query", resource="net", per_minute=60, per_hour=1000,
        settings_key="openai_api_key",
    )  # fmt: skip

    def maximum(self, request: Any) -> dict[str, Decimal]:
        return {}

    def query(self, request: Any, call: Call) -> Found:
        return Found({"tracks": []})


@pytest.fixture
def shop(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Shop:
    made = Shop()
    studio.registry.add(made)
    monkeypatch.setattr(studio.registry, "_given", lambda key: "sk-very-secret" if key == "openai_api_key" else "")
    return made


@pytest.fixture
def client(studio: Studio) -> Iterator[TestClient]:
    with TestClient(api(studio), base_url="http://127.0.0.1") as made:
        yield made


def ask(studio: Studio, text: str = "rain", cache_class: str = "search") -> Any:
    return studio.direct.query(LOCAL, "catalogue", {"text": text}, provider="shop", cache_class=cache_class)


@pytest.mark.usefixtures("shop")
def test_the_rate_limits_in_the_documents_shape(studio: Studio, client: TestClient) -> None:
    for n in range(3):
        ask(studio, str(n))
    told = client.get(f"{PATH}/rate-limits?provider=shop").json()
    (row,) = told["rateLimits"]
    assert row["provider"] == "shop"
    assert row["usage"] == {"perMinute": 3, "perHour": 3, "perDay": 3}
    assert row["remaining"] == {"perMinute": 57, "perHour": 997, "perDay": None}
    assert row["near"] == []
    assert row["freesInS"]["perMinute"] == 0
    assert "shop" in {one["provider"] for one in client.get(f"{PATH}/rate-limits").json()["rateLimits"]}
    assert client.get(f"{PATH}/rate-limits?provider=nobody").status_code == 422


@pytest.mark.usefixtures("shop")
def test_the_cache_and_forgetting(studio: Studio, client: TestClient) -> None:
    for _ in range(3):
        ask(studio)
    ask(studio, cache_class="validation", text="one")
    told = client.get(f"{PATH}/cache?groupBy=week").json()
    cache = told["cache"]
    assert (cache["hits"], cache["misses"], cache["entries"], cache["callsSaved"]) == (2, 2, 2, 2)
    assert cache["hitRate"] == 0.5
    assert {one["cacheClass"]: one["ttlS"] for one in told["classes"]} == {"search": 3600, "validation": 86400}
    (week,) = told["cacheOverTime"]
    assert week["_id"][4:6] == "-W"
    assert week["hits"] == 2
    assert client.delete(f"{ADMIN}/cache?cacheClass=validation").json() == {"forgotten": 1}
    assert client.delete(f"{ADMIN}/cache").json() == {"forgotten": 1}
    assert client.delete(f"{ADMIN}/cache?cacheClass=nonsense").status_code == 422
    assert client.delete(f"{ADMIN}/cache?key=nonsense").status_code == 422


@pytest.mark.usefixtures("shop")
def test_configuration_in_the_documents_shape(studio: Studio, client: TestClient) -> None:
    body = {
        "provider": "shop",
        "rateLimit": {"requestsPerMinute": 30, "requestsPerHour": None, "requestsPerDay": 10000},
        "cacheTtl": {"search": 600},
    }
    ask(studio)
    told = client.put(f"{ADMIN}/providers", json=body)
    assert told.status_code == 200, told.text
    answer = told.json()
    assert answer["rateLimit"] == body["rateLimit"]
    assert answer["cacheTtl"] == {"search": 600, "details": 7200, "validation": 86400}
    assert (answer["enabled"], answer["key"], answer["changed"]) == (True, "set", True)
    everything = client.get(f"{ADMIN}/providers").text
    assert "sk-very-secret" not in everything + told.text
    assert answer in json.loads(everything)["providers"]
    (seen,) = [one for one in studio.direct.answers.figures() if one.provider == "shop"]
    assert seen.ttl_s == 600
    with studio.store.db.read() as connection:
        entries = audit.listing(connection, actions=["catalogue.configured"])
    assert entries[0].detail["rate_limit"] == body["rateLimit"]
    # What is kept already is good for no longer than that.
    client.put(f"{ADMIN}/providers", json={"provider": "shop", "cacheTtl": {"search": 0}})
    assert not ask(studio).cached
    again = client.put(f"{ADMIN}/providers", json={"provider": "shop", "reset": True}).json()
    assert again["rateLimit"] == {"requestsPerMinute": 60, "requestsPerHour": 1000, "requestsPerDay": None}


@pytest.mark.usefixtures("shop")
def test_one_that_is_switched_off_is_not_asked(studio: Studio, client: TestClient) -> None:
    ask(studio)
    assert client.put(f"{ADMIN}/providers", json={"provider": "shop", "enabled": False}).json()["enabled"] is False
    with pytest.raises(SetupError, match="switched off"):
        ask(studio)
    assert client.put(f"{ADMIN}/providers", json={"provider": "shop", "enabled": True}).json()["ready"] is True
    assert ask(studio).cached


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    "body",
    [
        {"provider": "nobody"}, {"provider": "shop", "rateLimit": {"requestsPerMinute": 0}},
        {"provider": "shop", "rateLimit": {"requestsPerSecond": 1}}, {"provider": "shop", "cacheTtl": {"search": -1}},
        {"provider": "shop", "cacheTtl": {"search": 1e12}}, {"provider": "shop", "apiKey": "x"},
    ],
)  # fmt: skip
def test_nonsense_is_refused(client: TestClient, body: dict[str, Any]) -> None:
    answer = client.put(f"{ADMIN}/providers", json=body)
    assert answer.status_code in (400, 422), answer.text


@pytest.mark.usefixtures("shop")
def test_only_an_administrator_changes_anything(studio: Studio) -> None:
    somebody = Actor("ann")
    with pytest.raises(AccessError):
        studio.catalogue_settings.change(somebody, "shop", enabled=False)
    with pytest.raises(AccessError):
        studio.catalogue_settings.forget(somebody)
    assert studio.catalogue_settings.of(somebody, "shop")["key"] == "set"
    with pytest.raises(UserError):
        studio.catalogue_settings.of(somebody, "nobody")


def test_a_configured_limit_holds_at_once(studio: Studio, shop: Shop) -> None:
    studio.catalogue_settings.change(LOCAL, shop.info.name, rate_limit={"requestsPerHour": 2})
    ask(studio, "1")
    ask(studio, "2")
    with pytest.raises(RateLimited):
        ask(studio, "3")
    studio.catalogue_settings.change(LOCAL, shop.info.name, rate_limit={"requestsPerHour": 3})
    ask(studio, "3")


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    for words in (["limits"], ["limits", "--json"], ["cache"], ["cache", "--json"], ["cache", "--forget"]):
        with pytest.raises(SystemExit) as left:
            app(["catalogue", *words])
        assert not left.value.code
    said = capsys.readouterr().out
    assert "own" in said
    assert "0 answers dropped." in said
