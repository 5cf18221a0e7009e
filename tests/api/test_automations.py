"""Automations over REST: the document's rule as it stands there, its budget, its switch, its log."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from core.app import Studio
from core.kit.actor import LOCAL
from tests.flows.clips_apart import apart

DOCUMENT: dict[str, Any] = {
    "trigger": {"type": "event", "event": "scenes_processed"},
    "actions": [{
        "type": "generate_music_for_scenes",
        "config": {"useRecommendations": True, "provider": "mubert", "autoDownload": True},
    }],
}  # fmt: skip


def test_the_documents_rule_from_its_first_day_to_its_last(client: TestClient) -> None:
    made = client.post("/api/automations", json=DOCUMENT)
    assert made.status_code == 201, made.text
    rule = made.json()
    path = f"/api/automations/{rule['id']}"
    assert made.headers["Location"] == path
    assert {name: rule[name] for name in ("trigger", "actions")} == DOCUMENT
    assert (rule["name"], rule["on"], rule["left_usd"]) == ("Every clip: music for its scenes", True, None)
    edited = client.patch(path, json={"name": "Beds", "month_usd": "5", "cap_usd": "0.5"}).json()
    assert (edited["name"], edited["month_usd"], edited["left_usd"], edited["spent_usd"]) == ("Beds", "5", "5", "0")
    assert client.patch(path, json={"cap_usd": None}).json()["cap_usd"] is None
    off = client.post(f"{path}/switch", json={"on": False}).json()
    assert (off["on"], client.post(f"{path}/switch", json={"on": True}).json()["since"] > rule["since"]) == (
        False,
        True,
    )
    listed = client.get("/api/automations").json()
    assert (listed["watching"], [each["id"] for each in listed["automations"]]) == (False, [rule["id"]])
    assert client.get(f"{path}/runs").json() == {"runs": []}
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_run_on_a_clip_and_told_in_the_log(client: TestClient, studio: Studio) -> None:
    clip = apart(studio, "by hand")
    snake = {"type": "generate_music_for_scenes", "config": {"use_recommendations": False, "provider": "composer"}}
    rule = client.post("/api/automations", json=DOCUMENT | {"actions": [snake], "on": False}).json()
    assert rule["actions"][0]["config"] == {"useRecommendations": False, "provider": "composer"}
    ran = client.post(f"/api/automations/{rule['id']}/run", json={"clip_id": clip}).json()
    assert (ran["manual"], ran["name"], ran["clip_id"]) == (True, "by hand", clip)
    assert studio.wait(LOCAL, ran["jobs"][0]["job_id"]).status == "done"
    run = client.get(f"/api/automations/{rule['id']}/runs").json()["runs"][0]
    assert (run["came_to"], run["error"], run["jobs"][0]["action"]) == ("done", None, "generate_music_for_scenes")
    assert client.get(f"/api/automations/{rule['id']}").json()["last"]["came_to"] == "done"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"trigger": {"type": "event", "event": "noon"}}, "bad_automation"), ({"actions": []}, "bad_automation"),
        ({"trigger": {"type": "watch_folder", "folder": "x"}}, "no_watch_dir"), ({"dance": 1}, "bad_request"),
        ({"actions": [{"type": "score_clip", "config": {"duckDb": 400}}]}, "bad_request"), ({"cap_usd": -1}, "bad_request"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_once(client: TestClient, change: dict[str, Any], code: str) -> None:
    answer = client.post("/api/automations", json=DOCUMENT | change)
    told = answer.json()
    assert (answer.status_code >= 400, told["code"], bool(told["detail"])) == (True, code, True), told


def test_a_clip_there_is_none_of(client: TestClient) -> None:
    rule = client.post("/api/automations", json=DOCUMENT | {"on": False}).json()
    assert client.post(f"/api/automations/{rule['id']}/run", json={"clip_id": "clip_x"}).status_code == 404
    assert client.get("/api/automations/automation_x").json()["code"] == "no_automation"
