"""A film over REST: sent along or named, its scenes, their stills, and the way back out."""

from __future__ import annotations

from fastapi.testclient import TestClient

from core.store.assets import Asset
from tests.video.films import MONTAGE, MONTAGE_CUTS


def test_a_film_that_is_sent_along_is_taken_apart(client: TestClient) -> None:
    with MONTAGE.open("rb") as film:
        sent = {"file": (MONTAGE.name, film, "video/mp4")}
        made = client.post(
            "/api/video/scenes?wait=100", files=sent, data={"licence": "uploaded-own", "name": "The spot"}
        )
    assert made.status_code == 200, made.text
    result = made.json()["result"]
    clip = client.get(f"/api/video/scenes/{result['clip_id']}").json()
    assert (clip["name"], clip["asset_id"]) == ("The spot", result["asset_id"])
    assert [round(scene["start_s"] * clip["fps"]) for scene in clip["scenes"]] == [0, *MONTAGE_CUTS]
    assert [scene["id"] for scene in clip["scenes"]] == result["scenes"]
    assert 0 <= clip["scenes"][0]["features"]["motion"] <= 1
    still = client.get(clip["scenes"][0]["picture_url"])
    assert (still.status_code, still.headers["content-type"], still.content[:2]) == (200, "image/jpeg", b"\xff\xd8")
    listed = client.get("/api/video/scenes?limit=5").json()
    assert (listed["total"], listed["clips"][0]["id"]) == (1, clip["id"])

    again = client.post("/api/video/scenes", json={"asset_id": clip["asset_id"]}, headers={"Idempotency-Key": "film"})
    same = client.post("/api/video/scenes", json={"asset_id": clip["asset_id"]}, headers={"Idempotency-Key": "film"})
    assert (again.status_code, again.json()["job_id"]) == (202, same.json()["job_id"])

    assert client.delete(f"/api/video/scenes/{clip['id']}").status_code == 204
    for path in (f"/api/video/scenes/{clip['id']}", clip["scenes"][0]["picture_url"]):
        assert client.get(path).status_code == 404
    assert client.get(f"/api/audio-studio/library/{clip['asset_id']}").status_code == 200
    advice = client.post(f"/api/ai-music/recommend/scene/{result['scenes'][0]}", json={"autoGenerate": True})
    assert (advice.status_code, advice.json()["code"]) == (404, "no_scene")


def test_what_is_no_film_is_refused_in_words(client: TestClient, asset: Asset) -> None:
    refused = client.post("/api/video/scenes", json={"asset_id": asset.id})
    assert (refused.status_code, refused.json()["code"]) == (422, "no_video")
    sent = client.post("/api/video/scenes", files={"file": ("song.mp4", b"no film at all", "video/mp4")})
    assert sent.status_code == 422
    assert "song.mp4" in sent.json()["detail"]
    assert client.post("/api/video/scenes", json={"asset_id": "asset_nowhere"}).status_code == 404
    assert client.post("/api/video/scenes", json={}).status_code == 422
    assert client.post("/api/video/scenes", content=b"x", headers={"Content-Type": "text/plain"}).status_code == 415


def test_a_clip_is_planned_and_scored(client: TestClient) -> None:
    with MONTAGE.open("rb") as film:
        taken = client.post("/api/video/scenes?wait=100", files={"file": (MONTAGE.name, film, "video/mp4")}).json()
    body = {"clip_id": taken["result"]["clip_id"], "one": True, "seed": 3}
    plan = client.post("/api/score/plan", json=body)
    assert plan.status_code == 200, plan.text
    dry = client.post("/api/score", json=body | {"dry_run": True})
    assert (dry.status_code, dry.json()) == (200, plan.json())
    assert (float(plan.json()["usd"]), plan.json()["seed"], len(plan.json()["cues"])) == (0, 3, 1)
    cue = plan.json()["cues"][0] | {"genre": "ambient", "bpm": 80.0}
    made = client.post("/api/score?wait=120", json=body | {"cues": [cue]})
    assert made.status_code == 200, made.text
    told = client.get(f"/api/score/{made.json()['job_id']}").json()
    assert (told["status"], told["cost_usd"], told["seconds"] > 15) == ("done", "0", True)
    roles = {each["id"]: each["role"] for each in made.json()["assets"]}
    assert (roles[told["film"]], roles[told["cue_sheet"]]) == ("primary", "cue_sheet")
    assert told["stems"]
    assert all(client.get(f"/media/{each}").status_code == 200 for each in (told["mix"], *told["stems"].values()))
    assert client.get(f"/api/projects/{told['project_id']}").status_code == 200
    piece = client.get(f"/api/audio-studio/library/{told['pieces'][0]}").json()
    assert piece["generation_config"]["suggestion"]["changed"] == ["genre", "bpm"]
    assert (told["cues"][0]["licence_id"], told["cues"][0]["asset_id"]) == ("own-work", told["pieces"][0])
    assert client.post("/api/score", json={"clip_id": "clip_nowhere"}).status_code == 404
    assert client.post("/api/score", json=body | {"cues": [cue, cue]}).status_code == 422
    assert client.get("/api/score/job_nowhere").status_code == 404
