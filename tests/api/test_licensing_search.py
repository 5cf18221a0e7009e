"""Licensed music over REST: the document's paths and names, one clear answer for what cannot be."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from core.app import Studio
from core.kit.errors import Unavailable
from core.licensing.catalogue import KIND
from tests.licensing.scripted_catalogue import ScriptedCatalogue, track
from tests.video.taken_apart import put

SEARCH = "/api/music-licensing/search"


@pytest.fixture(autouse=True)
def catalogue(studio: Studio) -> Iterator[ScriptedCatalogue]:
    for info in studio.registry.known(KIND):
        studio.registry.switch(KIND, info.name, on=False)
    made = ScriptedCatalogue("scripted", [track("scripted", number) for number in range(30)])
    made.tracks[0] = track("scripted", 0, id="a/b?c", title="<img src=x onerror=alert(1)>", price_usd="19.90")
    studio.registry.add(made, ScriptedCatalogue("keyed", settings_key="soundraw_api_key"))
    for name in ("scripted", "keyed"):
        studio.registry.switch(KIND, name, on=True)
    yield made
    for name in ("scripted", "keyed"):
        studio.registry.switch(KIND, name, on=False)


def test_a_search_in_the_documents_names(client: TestClient) -> None:
    told = client.get(SEARCH, params={"query": "piece", "genre": "electronic,folk", "bpmMax": 90, "pageSize": 4})
    assert told.status_code == 200, told.text
    found = told.json()
    assert [each["id"] for each in found["tracks"]] == ["t1", "t2", "t3", "t4"]
    assert (found["total"], found["more"], found["page"], found["pageSize"]) == (10, True, 1, 4)
    first = found["tracks"][0]
    assert (first["provider"], first["duration"], first["license"]["id"]) == ("scripted", 61.0, "cc-by-4.0")
    assert first["license"]["shareAlike"] is False
    assert {"value": "folk", "count": 5} in found["facets"]["genres"]
    states = {each["provider"]: (each["state"], each["note"]) for each in found["sources"]}
    assert states["scripted"] == ("ok", "")
    assert states["keyed"][0] == "not_ready"
    assert "STUDIO_SOUNDRAW_API_KEY" in states["keyed"][1]


def test_one_track_whatever_its_id_and_title_hold(client: TestClient) -> None:
    told = client.get("/api/music-licensing/tracks/scripted/a/b%3Fc")
    assert told.status_code == 200, told.text
    assert told.headers["content-type"] == "application/json"
    assert (told.json()["title"], told.json()["priceUsd"]) == ("<img src=x onerror=alert(1)>", "19.90")
    assert client.get("/api/music-licensing/tracks/scripted/t99").status_code == 404
    assert client.get("/api/music-licensing/tracks/nobody/t1").json()["code"] == "no_provider"


def test_what_cannot_be_asked(client: TestClient) -> None:
    for query, code in (
        ("bpmMin=120&bpmMax=90", "contradiction"), ("license=cc-by-nc-4.0&commercial=true", "contradiction"),
        ("sort=price", "bad_request"), ("page=0", "bad_request"), ("provider=nobody", "no_provider"),
        ("key=H%20flat", "unknown_key"), ("bpmMin=loud", "bad_request"),
    ):  # fmt: skip
        told = client.get(f"{SEARCH}?{query}")
        assert (told.status_code, told.json()["code"]) == (422, code), told.text
        assert told.json()["hint"]


def test_a_catalogue_that_is_down_is_no_error_of_the_search(client: TestClient, catalogue: ScriptedCatalogue) -> None:
    catalogue.error = Unavailable("The line is down.")
    told = client.get(SEARCH).json()
    assert told["tracks"] == []
    assert told["sources"][0]["note"].startswith("The line is down.")


def test_a_sync_over_rest(client: TestClient) -> None:
    told = client.post("/api/admin/music-licensing/sync/scripted?wait=60", json={"maxTracks": 10, "genres": ["folk"]})
    assert told.status_code == 200, told.text
    assert (told.json()["status"], told.json()["result"]["new"]) == ("done", 10)
    named = {"provider": "scripted", "trackIds": ["t1", "t999"]}
    told = client.post("/api/admin/music-licensing/sync/tracks", json=named)
    assert (told.status_code, set(told.json()) >= {"jobId", "generationId", "status"}) == (202, True)
    told = client.post("/api/admin/music-licensing/sync/all?wait=60")
    assert told.json()["result"]["catalogues"][0]["provider"] == "scripted"
    history = client.get("/api/admin/music-licensing/sync", params={"provider": "scripted"}).json()
    assert len(history["runs"]) == 3
    assert (history["successRate"], history["goal"]) == (1.0, 0.95)
    assert history["runs"][-1]["request"]["max_tracks"] == 10
    for path, body in (
        ("nobody", {}),
        ("scripted", {"maxTracks": 0}),
        ("tracks", {"provider": "scripted", "trackIds": []}),
    ):
        assert client.post(f"/api/admin/music-licensing/sync/{path}", json=body).status_code == 422


def test_suggestions_over_rest(client: TestClient, studio: Studio) -> None:
    told = client.get("/api/music-licensing/similar/scripted/t3?limit=3")
    assert told.status_code == 200, told.text
    assert len(told.json()["suggestions"]) == 3
    assert told.json()["suggestions"][0]["track"]["license"]["id"] == "cc-by-4.0"
    _, (scene,) = put(studio, "action")
    assert client.get(f"/api/music-licensing/scenes/{scene}").json()["suggestions"][0]["why"]
    assert client.get("/api/music-licensing/like/asset_nowhere").status_code == 404
    assert client.get("/api/music-licensing/suggested").status_code == 200
