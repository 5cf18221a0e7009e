"""Recommendations over REST: the document's names and our own; what is made costs nothing on the embedded engine."""

from __future__ import annotations

from fastapi.testclient import TestClient

from core.app import Studio
from core.kit.actor import Actor
from core.store.assets import Asset
from tests.video.taken_apart import put


def test_a_scene_is_recommended_and_made_at_once_for_nothing(client: TestClient, studio: Studio) -> None:
    _, (scene,) = put(studio, "action")
    told = client.post(f"/api/ai-music/recommend/scene/{scene}", json={})
    assert told.status_code == 200, told.text
    said = told.json()["recommendations"]
    assert (said["mood"], said["genre"], said["intensity"], said["duration"]) == (
        "energetic",
        "electronic",
        "high",
        4.0,
    )
    assert "Motion 0.8" in said["reason"]
    assert len(said["alternatives"]) > 1
    assert told.json()["generation"] is None
    own = client.get(f"/api/recommend/scenes/{scene}").json()
    assert (own["genre"], own["seconds"], own["bpm"]) == (said["genre"], 4.0, said["bpm"])

    body = {"autoGenerate": True, "provider": "composer"}
    made = client.post(f"/api/ai-music/recommend/scene/{scene}?wait=60", json=body)
    generation = made.json()["generation"]
    assert (made.status_code, generation["status"]) == (200, "completed")
    job = client.get(f"/api/jobs/{generation['jobId']}").json()
    assert (job["result"]["cost_usd"], job["provider"]) == ("0", "composer")
    kept = client.get("/api/recommend/kept").json()["kept"]
    assert {"scene_type": "action", "genre": "electronic", "made": 1, "kept": 1} in kept


def test_a_foreign_scene_is_not_there(client: TestClient, studio: Studio) -> None:
    _, (foreign,) = put(studio, "calm", actor=Actor("mallory"))
    stranger = Actor("eve")
    assert studio.video.list(stranger) == ([], 0)
    for path in ("/api/ai-music/recommend/scene/scene_nowhere", "/api/recommend/scenes/scene_nowhere/generate"):
        answer = client.post(path, json={"autoGenerate": True} if "ai-music" in path else {})
        assert (answer.status_code, answer.json()["code"]) == (404, "no_scene")
    assert foreign not in client.post("/api/recommend/scenes", json={"scene_ids": ["scene_nowhere"]}).text


def test_many_scenes_name_those_that_failed_and_are_the_same_twice(client: TestClient, held: Studio) -> None:
    _, scenes = put(held, "action", "calm")
    body = {"sceneIds": [*scenes, "scene_gone"], "provider": "composer", "useRecommendations": True}
    first = client.post("/api/ai-music/batch/scenes", json=body, headers={"Idempotency-Key": "scenes"})
    assert first.status_code == 202, first.text
    told = first.json()
    assert (told["total"], told["started"]) == (3, 2)
    assert [each["sceneId"] for each in told["generations"]] == scenes
    assert {each["generation"]["status"] for each in told["generations"]} == {"processing"}
    assert [(each["sceneId"], each["code"]) for each in told["failed"]] == [("scene_gone", "no_scene")]
    again = client.post("/api/ai-music/batch/scenes", json=body, headers={"Idempotency-Key": "scenes"})
    assert again.json() == told
    own = client.post("/api/recommend/generate", json={"scene_ids": ["scene_gone"], "genre": "jazz"}).json()
    assert (own["started"], own["failed"][0]["message"]) == (0, "There is no scene 'scene_gone'.")
    advice = client.post("/api/ai-music/recommend/scenes", json={"sceneIds": [*scenes, "scene_gone"]}).json()
    assert (advice["total"], len(advice["recommendations"]), len(advice["failed"])) == (3, 2, 1)
    refused = client.post("/api/ai-music/batch/scenes", json={"sceneIds": scenes, "provider": "nobody"}).json()
    assert (refused["started"], len(refused["failed"])) == (0, 2)
    assert "nobody" in refused["failed"][0]["error"]
    assert client.post("/api/ai-music/batch/scenes", json={"sceneIds": []}).status_code == 422


def test_a_video_is_recommended_music_by_its_words(client: TestClient) -> None:
    french = {"title": "Randonnée en montagne", "category": "Voyages", "tags": ["lac", "coucher de soleil"]}
    said = client.post("/api/ai-music/recommend/video", json=french | {"duration": 45}).json()["recommendations"]
    assert (said["genre"], said["mood"], said["duration"]) == ("cinematic", "inspiring", 45)
    assert said["reason"].startswith("Category Voyages; tags: ")
    own = client.post("/api/recommend/video", json=french | {"seconds": 45}).json()
    assert (own["genre"], own["bpm"], own["seconds"]) == (said["genre"], said["bpm"], 45)
    assert client.post("/api/recommend/video", json={"tags": ["x" * 201]}).status_code == 422


def test_more_like_this(client: TestClient, asset: Asset) -> None:
    own = client.get(f"/api/recommend/like/{asset.id}?limit=3")
    assert own.status_code == 200, own.text
    said = client.post(f"/api/ai-music/recommend/like/{asset.id}", json={"limit": 3}).json()["recommendations"]
    assert [each["assetId"] for each in said] == [each["asset_id"] for each in own.json()["likes"]]
    assert client.get("/api/recommend/like/asset_nowhere").status_code == 404
