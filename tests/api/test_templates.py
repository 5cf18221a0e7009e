"""Templates over REST: our own paths and the ai-music document's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from fastapi.testclient import TestClient

from core.access.access import open_access
from core.access.passwords import Passwords
from core.api.service import api
from tests import scripted
from tests.access.conftest import actor

HELD = {"name": "Harbour", "use_cases": ["intro"], "fields": {"mood": "calm", "duration": 3, "stems": False}}


def made(client: TestClient, name: str) -> str:
    answer = client.post("/api/templates", json=HELD | {"name": name})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_a_template_from_its_first_day_to_its_last(client: TestClient) -> None:
    template = made(client, "Harbour")
    whole = client.get(f"/api/templates/{template}").json()
    assert (whole["fields"], whole["version"], whole["mine"], whole["best"]) == (
        {"mood": "calm", "seconds": 3.0, "stems": False}, 1, True, None,
    )  # fmt: skip
    assert {field["name"] for field in whole["form"]["fields"]} >= {"mood", "bpm", "seconds"}
    edited = client.patch(f"/api/templates/{template}", json={"based_on": 1, "fields": {"mood": "sad"}})
    assert (edited.status_code, edited.json()["version"]) == (200, 2)

    conflict = client.patch(f"/api/templates/{template}", json={"based_on": 1, "fields": {"mood": "calm", "bpm": 90}})
    assert conflict.status_code == 409
    told = conflict.json()
    assert told["code"] == "version_conflict"
    assert "saved version 2" in told["detail"]
    assert {one["field"]: one["message"] for one in told["errors"]} == {
        "mood": "yours calm; theirs sad; before calm", "bpm": "yours 90; theirs open; before open",
    }  # fmt: skip

    versions = client.get(f"/api/templates/{template}/versions").json()
    assert [(one["version"], one["changed"]) for one in versions] == [(2, ["mood", "seconds", "stems"]), (1, [])]
    old = client.get(f"/api/templates/{template}/versions/1").json()
    assert old["against"] == 2
    assert {"field": "mood", "here": "calm", "there": "sad"} in old["differences"]
    back = client.post(f"/api/templates/{template}/restore", json={"version": 1, "based_on": 2})
    assert (back.json()["version"], back.json()["fields"]) == (3, whole["fields"])

    copy = client.post(f"/api/templates/{template}/duplicate", json={}).json()
    assert copy["name"] == "Harbour copy"
    for one in (template, copy["id"]):
        assert client.delete(f"/api/templates/{one}").status_code == 204
    assert client.get(f"/api/templates/{template}").status_code == 404
    assert client.delete("/api/templates/video-intro").status_code == 403


def test_sharing_stars_and_comments(client: TestClient) -> None:
    template = made(client, "Talked about")
    assert client.put(f"/api/templates/{template}/rating", json={"stars": 4}).json()["code"] == "not_shared"
    assert client.put(f"/api/templates/{template}/sharing", json={"visibility": "team"}).json()["code"] == "no_team"
    public = client.put(f"/api/templates/{template}/sharing", json={"visibility": "public"})
    assert public.json()["visibility"] == "public"
    assert client.put(f"/api/templates/{template}/rating", json={"stars": 4}).json()["rating"] == 4
    assert client.delete(f"/api/templates/{template}/rating").json()["rating"] is None
    said = client.post(f"/api/templates/{template}/comments", json={"text": "Nice"})
    assert said.status_code == 201
    path = f"/api/templates/{template}/comments"
    assert [one["text"] for one in client.get(path).json()] == ["Nice"]
    assert client.delete(f"{path}/{said.json()['id']}").status_code == 204
    assert client.get(path).json() == []


def test_lists_and_choices(client: TestClient) -> None:
    page = client.get("/api/templates", params={"scope": "shipped", "limit": 5}).json()
    assert (page["total"], len(page["templates"])) == (30, 5)
    assert client.get("/api/templates", params={"use_case": "game_loop", "scope": "shipped"}).json()["total"] == 3
    assert client.get("/api/templates", params={"use_case": "elevator"}).json()["code"] == "unknown_use_case"
    assert client.get("/api/templates/popular", params={"by": "kept", "use_case": "ad"}).status_code == 200
    assert client.get("/api/templates/choices").json()["use_cases"]["podcast_bed"] == "Podcast bed"


def test_what_would_be_made_is_told_before_it_is(client: TestClient) -> None:
    plan = client.post("/api/templates/video-intro/plan", json={"overrides": {"bpm": 100, "mood": None}}).json()
    assert (plan["provider"], plan["ready"], plan["ignored"]) == ("composer", True, [])
    assert plan["values"] == {"genre": "cinematic", "seconds": 15, "intensity": "high", "bpm": 100}
    wrong = client.post("/api/templates/video-intro/generate", json={"overrides": {"bpm": 900}})
    assert (wrong.status_code, "bpm" in wrong.json()["detail"]) == (422, True)


def test_generating_raises_the_usage_count_once_a_key(client: TestClient) -> None:
    template = made(client, "Used")
    headers = {"Idempotency-Key": "used-once"}
    answers = [
        client.post(f"/api/templates/{template}/generate", json={"overrides": {"bpm": 100}}, headers=headers)
        for _ in range(3)
    ]
    assert [one.status_code for one in answers] == [202] * 3
    assert len({one.json()["job_id"] for one in answers}) == 1
    assert answers[0].json()["ignored"] == []
    assert answers[0].headers["location"] == f"/api/jobs/{answers[0].json()['job_id']}"
    assert client.get(f"/api/templates/{template}").json()["usage_count"] == 1
    done = client.post(f"/api/templates/{template}/generate?wait=100", json={}).json()
    asset = done["assets"][0]
    assert asset["generation_config"]["template"]["id"] == template
    kept = client.post("/api/templates", json={"name": "From it", "asset_id": asset["id"]}).json()
    assert kept["fields"]["seed"] == asset["generation_config"]["seed"]


def test_yaml_out_and_in(client: TestClient) -> None:
    template = made(client, "Carried")
    text = client.get("/api/templates/export", params={"id": [template, "video-intro"]})
    assert text.headers["content-type"].startswith("application/yaml")
    assert "attachment" in text.headers["content-disposition"]
    told = client.post("/api/templates/import", json={"yaml": text.text, "on_conflict": "skip"})
    assert [(one["name"], one["did"]) for one in told.json()] == [("Carried", "skipped"), ("Video Intro", "created")]
    bad = client.post("/api/templates/import", json={"yaml": "a: &a [*a]"})
    assert (bad.status_code, bad.json()["code"]) == (422, "bad_yaml")


def test_the_documents_own_paths(client: TestClient) -> None:
    body = {"name": "Doc", "useCase": "intro", "mood": "inspiring", "duration": 15, "bpm": 120, "isPublic": True}
    answer = client.post("/api/ai-music/templates", json=body)
    assert answer.status_code == 201, answer.text
    template = answer.json()
    assert {name: template[name] for name in ("useCase", "mood", "duration", "bpm", "isPublic", "usageCount")} == {
        "useCase": ["intro"], "mood": "inspiring", "duration": 15, "bpm": 120, "isPublic": True, "usageCount": 0,
    }  # fmt: skip
    path = f"/api/ai-music/templates/{template['templateId']}"
    started = client.post(f"{path}/generate", json={"duration": 3, "bpm": 90, "stems": False})
    assert started.status_code == 202
    told = started.json()
    assert (told["status"], told["jobId"], told["ignored"]) == ("processing", told["generationId"], [])
    job = client.get(f"/api/jobs/{told['jobId']}").json()
    assert job["title"] == "Doc"
    assert client.get(path).json()["usageCount"] == 1
    listed = client.get("/api/ai-music/templates", params={"useCase": "intro", "search": "doc"}).json()["templates"]
    assert [one["name"] for one in listed] == ["Doc"]
    wrong = client.post(f"{path}/generate", json={"topZ": 3})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "unknown_field")
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_two_people_edit_the_same_template(tmp_path: Path) -> None:
    """Each with a token of her own, as two browsers or programs would."""
    studio = scripted.build(tmp_path / "home", require_sign_in=True)
    studio.access = access = open_access(
        studio.store, Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    )
    _, ada, bob, eve = (actor(access, name) for name in ("root", "ada", "bob", "eve"))
    keys = {who.user_id: access.tokens.create(who, "test")[0] for who in (ada, bob, eve)}
    team = access.teams.create(ada, "House")
    code, _ = access.teams.invite(ada, team.id, role="editor")
    access.teams.accept(bob, code)
    with TestClient(api(studio), base_url="http://127.0.0.1") as client:

        def ask(who: Any, method: str, path: str, body: Any = None) -> httpx.Response:
            headers = {"Authorization": f"Bearer {keys[who.user_id]}"}
            return client.request(method, f"/api/templates{path}", json=body, headers=headers)

        template = ask(ada, "POST", "", HELD).json()["id"]
        assert ask(bob, "GET", f"/{template}").status_code == 404
        shared = ask(ada, "PUT", f"/{template}/sharing", {"visibility": "team", "team_ids": [team.id]})
        assert shared.json()["visibility"] == "team"
        hers, his = (ask(who, "GET", f"/{template}").json() for who in (ada, bob))
        assert (hers["mine"], his["mine"], his["may_edit"], his["owner"]) == (True, False, True, "ada")
        first = ask(bob, "PATCH", f"/{template}", {"based_on": his["version"], "fields": {"mood": "sad"}})
        assert first.status_code == 200
        late = ask(ada, "PATCH", f"/{template}", {"based_on": hers["version"], "fields": {"mood": "epic", "bpm": 90}})
        assert late.status_code == 409
        assert late.json()["detail"].startswith("bob saved version 2 of 'Harbour' on ")
        assert "mood: yours epic, theirs sad" in late.json()["hint"]
        assert {one["field"] for one in late.json()["errors"]} == {"mood", "bpm"}
        merged = ask(ada, "PATCH", f"/{template}", {"based_on": 2, "fields": {"mood": "sad", "bpm": 90}})
        assert (merged.status_code, merged.json()["version"]) == (200, 3)
        assert [one["author"] for one in ask(bob, "GET", f"/{template}/versions").json()] == ["ada", "You", "ada"]
        assert ask(bob, "DELETE", f"/{template}").status_code == 403
        for path in ("", "/versions", "/comments"):
            assert ask(eve, "GET", f"/{template}{path}").status_code == 404
    studio.close()
