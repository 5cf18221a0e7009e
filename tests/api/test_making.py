"""What makes something: 202 with a job, 200 with the result where one waits, never twice under one key."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from core.app import Studio
from core.kit.actor import LOCAL
from core.store.assets import Asset


def made(client: TestClient, path: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
    answer = client.post(f"{path}?wait=60", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_post_answers_at_once_with_a_job_and_where_to_follow_it(client: TestClient) -> None:
    answer = client.post("/api/voice/speak", json={"text": "The harbour wakes."})
    assert answer.status_code == 202
    job = answer.json()
    assert set(job) == {"job_id", "generation_id", "status"}
    assert answer.headers["location"] == f"/api/jobs/{job['job_id']}"
    ended = client.get(answer.headers["location"], params={"wait": 60}).json()
    assert ended["status"] == "done"
    assert ended["cost_usd"] == "0"
    assert ended["assets"][0]["role"] == "primary"
    assert {"captions:srt", "captions:vtt"} <= {each["role"] for each in ended["assets"]}


def test_waiting_answers_with_the_finished_piece(client: TestClient) -> None:
    piece = made(client, "/api/voice/speak", {"text": "A rope creaks.", "voice": "Adam", "captions": False})
    assert piece["status"] == "done"
    [asset] = piece["assets"]
    assert asset["generation_config"]["voice"] == "espeak:en-us+m3"
    sound = client.get(asset["file_url"])
    assert sound.headers["content-type"] == "audio/wav"
    assert len(sound.content) == asset["bytes"]


def test_the_same_key_never_makes_a_second_job(client: TestClient) -> None:
    key = {"Idempotency-Key": "order-7"}
    first = client.post("/api/voice/speak", json={"text": "Once."}, headers=key).json()
    again = client.post("/api/voice/speak?wait=60", json={"text": "Once."}, headers=key).json()
    assert first["job_id"] == again["job_id"]
    assert again["status"] == "done"
    bad = client.post("/api/voice/speak", json={"text": "Once."}, headers={"Idempotency-Key": "x" * 201})
    assert bad.status_code == 422


@pytest.mark.usefixtures("held")
def test_priority_and_cap_reach_the_job(client: TestClient) -> None:
    body = {"text": "Urgent.", "priority": "urgent", "cap_usd": "0.25"}
    job_id = client.post("/api/voice/speak", json=body).json()["job_id"]
    shown = client.get(f"/api/jobs/{job_id}").json()
    assert shown["priority"] == "urgent"
    assert float(shown["cap_usd"]) == 0.25
    assert shown["position"] == 0


@pytest.mark.usefixtures("held")
def test_what_fails_while_one_waits_is_told_as_the_error_it_is(client: TestClient) -> None:
    answer = client.post("/api/voice/speak", json={"text": "Never."}, headers={"Idempotency-Key": "gone"})
    client.post(f"/api/jobs/{answer.json()['job_id']}/cancel")
    again = client.post("/api/voice/speak?wait=5", json={"text": "Never."}, headers={"Idempotency-Key": "gone"})
    assert again.status_code == 409
    assert again.json()["code"] == "cancelled"
    assert again.json()["job_id"] == answer.json()["job_id"]


def test_music_is_composed_read_and_chosen_from(client: TestClient) -> None:
    piece = made(client, "/api/music/compose", {"prompt": "calm ambient piano", "seconds": 5, "seed": 7})
    roles = {asset["role"] for asset in piece["assets"]}
    assert {"primary", "midi"} <= roles
    assert any(role.startswith("stem:") for role in roles)
    assert piece["assets"][0]["duration_s"] == 5.0
    reading = client.post("/api/music/read", json={"prompt": "dark techno 128 bpm, no drums, 20 seconds"}).json()
    assert (reading["bpm"], reading["mood"], reading["seconds"]) == (128, "dark", 20)
    assert reading["excluded"]
    presets = client.get("/api/music/presets").json()["presets"]
    assert set(presets[0]) == {"id", "name", "prompt", "icon"}
    choices = client.get("/api/music/choices").json()
    assert "jazz" in choices["genres"]
    assert "grand_piano" in choices["instruments"]


def test_a_voice_over_music_is_mixed_and_names_its_sources(client: TestClient, studio: Studio, asset: Asset) -> None:
    voice = made(client, "/api/voice/speak", {"text": "Over the music."})["assets"][0]
    mix = made(client, "/api/mix", {"voice_ids": [voice["id"]], "music_id": asset.id, "duck_db": 8, "stems": False})
    [piece] = [each for each in mix["assets"] if each["role"] == "primary"]
    assert piece["kind"] == "mix"
    assert {link.source_id for link in studio.library.sources(LOCAL, piece["id"])} == {voice["id"], asset.id}
    assert client.post("/api/mix", json={}).status_code == 422


def test_a_project_is_saved_in_versions_and_rendered(client: TestClient, asset: Asset) -> None:
    document = {"tracks": [{"name": "Bed", "role": "music", "clips": [{"asset_id": asset.id}]}]}
    answer = client.post("/api/projects", json={"name": "Harbour", "document": document})
    assert answer.status_code == 201
    path = answer.headers["location"]
    louder = {"tracks": [{**document["tracks"][0], "gain_db": 3}]}  # type: ignore[dict-item]
    saved = client.put(path, json={"based_on": 1, "document": louder, "message": "louder"})
    assert saved.json()["version"] == 2
    conflict = client.put(path, json={"based_on": 1, "document": document})
    assert conflict.status_code == 409
    assert conflict.json()["code"] == "version_conflict"
    assert [row["version"] for row in client.get(f"{path}/versions").json()["versions"]] == [2, 1]
    assert client.get(f"{path}/versions/1").json()["document"]["tracks"][0]["gain_db"] == 0
    assert client.get(f"{path}/versions/9").status_code == 404
    rendered = made(client, f"{path}/render", {"version": 1, "stems": False, "name": "First"})
    assert rendered["result"]["version"] == 1
    assert any(row["id"] in path for row in client.get("/api/projects").json()["projects"])
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.get(f"/api/audio-studio/library/{rendered['assets'][0]['id']}").status_code == 200


def test_a_batch_is_checked_whole_and_reports_each(client: TestClient) -> None:
    items = [{"kind": "speech", "text": "One."}, {"kind": "speech", "text": "Two.", "voice": "fr"}]
    batch = made(client, "/api/batches", {"title": "Two lines", "items": items})
    shown = client.get(f"/api/batches/{batch['job_id']}").json()
    assert [child["status"] for child in shown["children"]] == ["done", "done"]
    assert client.get(f"/api/jobs/{batch['job_id']}/1").json()["kind"] == "speech"
    wrong = client.post("/api/batches", json={"items": [*items, {"kind": "speech", "text": "x", "voice": "nobody"}]})
    assert wrong.status_code == 404
    assert wrong.json()["detail"].startswith("items.2:")
    speech = client.post("/api/voice/speak?wait=60", json={"text": "No batch."}).json()
    assert client.get(f"/api/batches/{speech['job_id']}").status_code == 404


def test_voices_are_found_and_heard(client: TestClient) -> None:
    french = client.get("/api/voice/voices", params={"language": "fr", "limit": 3}).json()
    assert len(french["voices"]) == 3
    assert french["total"] > 3
    voice = french["voices"][0]
    sample = client.get(voice["preview_url"])
    assert sample.headers["content-type"] == "audio/wav"
    assert client.get("/api/voice/voices/Emma").json()["id"] == "espeak:en-us+f3"
    near = client.get("/api/voice/voices/Ema")
    assert near.status_code == 404
    assert "Emma" in near.json()["hint"]


def test_pronunciations_are_the_users_own(client: TestClient) -> None:
    assert client.put("/api/voice/pronunciations", json={"words": {"GIF": "jif"}}).json() == {"words": {"GIF": "jif"}}
    assert client.get("/api/voice/pronunciations").json() == {"words": {"GIF": "jif"}}
    client.put("/api/voice/pronunciations", json={"words": {}})


@pytest.mark.usefixtures("held")
def test_who_waited_in_vain_is_told_where_to_look(client: TestClient) -> None:
    answer = client.post("/api/voice/speak?wait=0.3", json={"text": "Not today."})
    assert answer.status_code == 202
    assert client.get(answer.headers["location"]).json()["status"] == "waiting"


@pytest.mark.usefixtures("held")
def test_a_hundred_who_wait_hold_up_nobody(server: str, studio: Studio) -> None:
    """There are 40 threads for requests: who waits must not keep one."""
    started = threading.Barrier(101)

    def wait(number: int) -> str:
        with httpx.Client(base_url=server, timeout=120) as line:
            line.get("/healthz")
            started.wait()
            return line.post("/api/voice/speak?wait=60", json={"text": f"Line {number}."}).json()["code"]

    with ThreadPoolExecutor(100) as pool:
        waiting = [pool.submit(wait, number) for number in range(100)]
        started.wait()
        with httpx.Client(base_url=server, timeout=60) as line:
            while line.get("/api/queue").json()["waiting"] < 100:
                assert not any(each.done() for each in waiting), "all were to wait at the same time"
                time.sleep(0.2)
        studio.pending.cancel_all(LOCAL)
        assert [each.result() for each in waiting] == ["cancelled"] * 100
