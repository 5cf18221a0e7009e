"""Looking at jobs and steering them; following one as it happens."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from core.app import Studio
from core.kit.actor import LOCAL
from tests import scripted

WHAT = ("cancel", "pause", "resume", "retry")


def wait_for(client: TestClient, text: str, **more: Any) -> str:
    return str(client.post("/api/voice/speak", json={"text": text, **more}).json()["job_id"])


@pytest.mark.usefixtures("held")
def test_waiting_jobs_are_listed_in_order_and_can_be_moved_held_and_cancelled(client: TestClient) -> None:
    first, second, third = (wait_for(client, text) for text in ("One.", "Two.", "Three."))
    listed = client.get("/api/jobs", params={"status": "waiting"}).json()["jobs"]
    assert [job["id"] for job in listed] == [first, second, third]
    assert client.post(f"/api/jobs/{third}/reorder", json={"before": second}).json()["position"] == 1
    assert client.post(f"/api/jobs/{second}/reorder", json={}).json()["position"] == 0
    assert client.post(f"/api/jobs/{first}/reorder", json={"priority": "urgent"}).json()["priority"] == "urgent"
    assert client.post(f"/api/jobs/{second}/pause").json()["paused"] is True
    assert client.post(f"/api/jobs/{second}/resume").json()["paused"] is False
    assert client.post(f"/api/jobs/{second}/cancel").json()["status"] == "cancelled"
    assert client.delete(f"/api/jobs/{third}").json()["status"] == "cancelled"
    assert client.post(f"/api/jobs/{second}/pause").status_code == 422
    queue = client.get("/api/queue").json()
    assert (queue["waiting"], queue["paused"]) == (1, True)
    page = client.get("/api/jobs", params={"limit": 1, "offset": 1}).json()
    assert len(page["jobs"]) == 1
    assert page["jobs"][0]["id"] != first


def test_the_queue_is_held_and_let_go(client: TestClient) -> None:
    assert client.post("/api/queue/pause").json()["paused"] is True
    assert client.post("/api/queue/resume").json()["paused"] is False


def test_a_cancelled_job_is_tried_again(client: TestClient, studio: Studio) -> None:
    studio.jobs.pause(LOCAL)
    job_id = wait_for(client, "Once more.")
    client.post(f"/api/jobs/{job_id}/cancel")
    studio.jobs.resume(LOCAL)
    again = client.post(f"/api/jobs/{job_id}/retry")
    assert again.json()["attempt"] == 2
    assert client.get(f"/api/jobs/{job_id}", params={"wait": 60}).json()["status"] == "done"
    assert client.post(f"/api/jobs/{job_id}/retry").status_code == 422


def test_an_unknown_outcome_is_decided_by_a_person(client: TestClient, studio: Studio, tmp_path: Path) -> None:
    job = scripted.submit(studio, LOCAL, tmp_path / "account", acts=["unknown"], cap_usd=Decimal(1))
    studio.wait(LOCAL, job.id, 60)
    shown = client.get(f"/api/jobs/{job.id}").json()
    assert shown["status"] == "unknown"
    assert shown["error"]["code"] == "outcome_unknown"
    assert client.post(f"/api/jobs/{job.id}/retry").status_code == 409
    assert client.post(f"/api/jobs/{job.id}/resolve", json={}).status_code == 422
    decided = client.post(f"/api/jobs/{job.id}/resolve", json={"billed": True}).json()
    assert decided["status"] == "failed"
    assert Decimal(client.get(f"/api/jobs/{job.id}").json()["cost_usd"]) > 0
    assert client.post(f"/api/jobs/{job.id}/resolve", json={"billed": True}).status_code == 422


@pytest.mark.parametrize("what", WHAT)
def test_an_unknown_id_is_its_own_answer(client: TestClient, what: str) -> None:
    for answer in (client.post(f"/api/jobs/job_none/{what}"), client.get("/api/jobs/job_none")):
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"
        assert "job_none" in answer.json()["detail"]
        assert answer.json()["hint"]
    assert client.get("/api/jobs/job_none/events").status_code == 404


def test_progress_is_told_until_the_end(server: str, studio: Studio, tmp_path: Path) -> None:
    job = scripted.submit(studio, LOCAL, tmp_path / "account", kind="local", provider="free", seconds=0.6)
    events: list[tuple[str, dict[str, Any]]] = []
    with httpx.stream("GET", f"{server}/api/jobs/{job.id}/events", timeout=60) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        name = ""
        for line in answer.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                events.append((name, json.loads(line.removeprefix("data: "))))
    assert [name for name, _ in events].count("end") == 1
    assert events[-1][0] == "end"
    assert events[-1][1]["status"] == "done"
    assert events[-1][1]["assets"]
    stages = [(data["stage"], data["fraction"]) for name, data in events if name == "progress"]
    assert ("Generating", 0.5) in stages
    assert len(stages) == len(set(stages)), "nothing is told twice"


def test_an_ended_job_tells_its_end_at_once(client: TestClient) -> None:
    job_id = client.post("/api/voice/speak?wait=60", json={"text": "Done."}).json()["job_id"]
    answer = client.get(f"/api/jobs/{job_id}/events")
    assert answer.text.count("event: end") == 1


def test_the_pending_list_is_taken_out_and_brought_in(client: TestClient, held: Studio) -> None:
    first = wait_for(client, "To be moved.", priority="low")
    listed = client.get("/api/queue/pending").json()
    assert [(job["id"], job["priority"]) for job in listed["jobs"]] == [(first, "low")]
    assert client.delete("/api/queue/pending").json() == {"cancelled": 1}
    moved = {**listed, "jobs": [{**listed["jobs"][0], "id": "job_from_elsewhere"}]}
    [added] = client.post("/api/queue/pending", json=moved).json()["added"]
    assert held.jobs.show(LOCAL, added).request["text"] == "To be moved."
    assert client.post("/api/queue/pending", json=moved).json() == {"added": [], "skipped": ["job_from_elsewhere"]}
    assert client.post("/api/queue/pending", json={"format": "csv", "jobs": []}).status_code == 422
    assert client.post("/api/queue/pending", json={**listed, "jobs": [{"id": "a", "kind": "none"}]}).status_code == 422
