"""Schedules and the history over REST: from the first line typed to the log of a run, and from a hit to its like."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from core.app import Studio
from core.kit.actor import LOCAL

PLAN = {
    "title": "Monday's bed", "kind": "music", "request": {"prompt": "calm ambient piano", "seconds": 3},
    "cron": "every Monday at 09:00", "zone": "Europe/Berlin", "cap_usd": "0.50",
}  # fmt: skip


def refused(client: TestClient, method: str, path: str, status: int, **how: Any) -> dict[str, Any]:
    answer = client.request(method, path, **how)
    assert answer.status_code == status, answer.text
    told: dict[str, Any] = answer.json()
    assert told["detail"]
    return told


def test_a_schedule_from_its_first_day_to_its_last(client: TestClient, studio: Studio) -> None:
    seen = client.post("/api/schedules/preview", json={"cron": PLAN["cron"], "zone": PLAN["zone"]}).json()
    assert (seen["cron"], seen["words"], len(seen["told"])) == ("0 9 * * MON", "At 09:00 on Monday", 5)
    assert all(told.startswith("Mon ") and told.endswith("09:00") for told in seen["told"])
    made = client.post("/api/schedules", json=PLAN)
    assert made.status_code == 201, made.text
    planned = made.json()
    assert made.headers["Location"] == f"/api/schedules/{planned['id']}"
    assert (planned["state"], planned["words"], planned["cap_usd"]) == ("active", "At 09:00 on Monday", "0.5")
    assert planned["next_at"] == seen["next"][0]
    path = f"/api/schedules/{planned['id']}"
    edited = client.patch(path, json={"cron": "@daily", "cap_usd": None, "missed": "skip"}).json()
    assert (edited["cron"], edited["cap_usd"], edited["missed"]) == ("0 0 * * *", None, "skip")
    assert client.post(f"{path}/pause").json()["next_at"] is None
    assert client.post(f"{path}/resume").json()["state"] == "active"
    ran = client.post(f"{path}/run").json()
    assert ran["manual"] is True
    studio.wait(LOCAL, ran["job_id"])
    runs = client.get(f"{path}/runs").json()["runs"]
    assert [(run["came_to"], run["job_id"]) for run in runs] == [("done", ran["job_id"])]
    listed = client.get("/api/schedules").json()
    assert "music" in listed["kinds"]
    assert next(each for each in listed["schedules"] if each["id"] == planned["id"])["last"]["came_to"] == "done"
    assert client.delete(path).status_code == 204
    refused(client, "GET", path, 404)


def test_a_job_that_was_made_is_scheduled(client: TestClient, studio: Studio) -> None:
    job = studio.music.compose(LOCAL, prompt="rain", seconds=3.0, seed=5)
    body = {"job_id": job.id, "at": "2099-12-24 18:30"}
    fresh = client.post("/api/schedules", json=body).json()
    same = client.post("/api/schedules", json=body | {"same_seed": True}).json()
    assert (fresh["kind"], fresh["title"], fresh["words"]) == ("music", "rain", "Once: Thu 24 Dec 2099, 18:30")
    assert ("seed" in fresh["request"], same["request"]["seed"]) == (False, 5)
    refused(client, "POST", "/api/schedules", 422, json=body | {"kind": "music"})
    refused(client, "POST", "/api/schedules", 404, json=body | {"job_id": "job_nowhere"})


def test_what_cannot_be_planned_is_said_once(client: TestClient) -> None:
    for change, code in (
        ({"cron": "sometimes"}, "bad_cron"), ({"at": "2099-01-01 00:00"}, "bad_cron"), ({"zone": "Mars"}, "no_zone"),
        ({"kind": "dance"}, "no_submitter"), ({"request": {"prompt": "x", "bpm": 900}}, "bad_request"),
        ({"request": {"dance": 1}}, "bad_request"), ({"until": "2001-01-01"}, "bad_moment"),
    ):  # fmt: skip
        told = refused(client, "POST", "/api/schedules", 422, json=PLAN | change)
        assert told["code"] == code, told
    for wrong in ({"missed": "maybe"}, {"times": 0}, {"cap_usd": "-1"}, {"dance": 1}):
        refused(client, "POST", "/api/schedules", 422, json=PLAN | wrong)
    refused(client, "POST", "/api/schedules/preview", 422, json={"cron": "0 0 30 2 *"})


def test_the_history_is_searched_counted_and_made_again(client: TestClient, studio: Studio) -> None:
    one = studio.wait(LOCAL, studio.music.compose(LOCAL, prompt="zither dusk", seconds=3.0, seed=5).id)
    bad = studio.jobs.submit(
        LOCAL, "music", {"prompt": "zither gone", "seconds": 3.0, "provider": "retired"}, title="gone"
    )
    studio.wait(LOCAL, bad.id)
    hits = client.get("/api/history", params={"text": "ZITHER", "order": "old"}).json()["hits"]
    assert [(hit["job_id"], hit["status"], hit["fate"]) for hit in hits] == [
        (one.id, "done", "kept"),
        (bad.id, "failed", ""),
    ]
    piece = hits[0]["pieces"][0]
    assert client.get(piece["file_url"]).status_code == 200
    assert hits[1]["error"]["message"]
    client.put(f"/api/audio-studio/library/{piece['id']}", json={"rating": 4})
    for params, expected in (
        ({"rating": 4}, [one.id]), ({"status": "failed"}, [bad.id]), ({"fate": "kept"}, [one.id]),
        ({"seconds_min": 60}, []), ({"cost_min": "0.01"}, []), ({"from": "2001-01-01", "to": "2001-12-31"}, []),
        ({"kind": ["music", "speech"], "limit": 1}, [bad.id]),
    ):  # fmt: skip
        found = client.get("/api/history", params={"text": "zither", **params}).json()
        assert [hit["job_id"] for hit in found["hits"]] == expected, params
    page = client.get("/api/history", params={"text": "zither", "limit": 1, "after": found["next"]}).json()
    assert ([hit["job_id"] for hit in page["hits"]], page["next"]) == ([one.id], "")
    counted = client.get("/api/history/facets", params={"text": "zither"}).json()
    assert (counted["total"], counted["facets"]["status"]) == (2, {"done": 1, "failed": 1})
    again = client.post(f"/api/history/{one.id}/again", params={"wait": 60}, json={"new_seed": True})
    assert again.status_code == 200, again.text
    told = refused(client, "POST", f"/api/history/{bad.id}/again", 422, json={})
    assert told["code"] == "no_provider"
    refused(client, "POST", "/api/history/job_nowhere/again", 404, json={})
    refused(client, "GET", "/api/history", 422, params={"after": "nonsense"})
    refused(client, "GET", "/api/history", 422, params={"status": "asleep"})
