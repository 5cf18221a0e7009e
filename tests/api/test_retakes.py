"""Takes over REST."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

BASE = "/api/voice/pieces"


def speak(client: TestClient, text: str = "The harbour wakes. Gulls argue.") -> str:
    answer = client.post("/api/voice/speak?wait=60", json={"text": text})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["assets"][0]["id"])


def sheet(client: TestClient, piece: str) -> dict[str, Any]:
    return dict(client.get(f"{BASE}/{piece}/takes").json())


def test_a_passage_is_taken_anew_and_laid_in(client: TestClient) -> None:
    piece = speak(client)
    first, second = sheet(client, piece)["passages"]
    assert (first["text"], second["text"]) == ("The harbour wakes.", "Gulls argue.")
    place = {"first": second["first"], "past": second["past"]}
    assert client.post(f"{BASE}/{piece}/takes/estimate", json=place | {"count": 4}).json() == {"usd": "0"}
    body = place | {"words": "Gulls argue over bread.", "speed": 0.9}
    made = client.post(f"{BASE}/{piece}/takes?wait=60", json=body, headers={"Idempotency-Key": "retake"})
    assert made.status_code == 200, made.text
    again = client.post(f"{BASE}/{piece}/takes?wait=60", json=body, headers={"Idempotency-Key": "retake"})
    assert again.json()["job_id"] == made.json()["job_id"]
    [take] = sheet(client, piece)["takes"]
    assert (take["number"], take["label"], take["chosen"]) == (2, "other words, speed ×0.9", False)
    assert take["words"] == "[speed 0.9]Gulls argue over bread.[/speed]"
    assert client.put(f"/api/voice/takes/{take['asset_id']}", json={}).json() == {"chosen": [take["asset_id"]]}
    told = client.get(f"{BASE}/{piece}/chapters").json()["chapters"]
    assert [(each["asset_id"], each["chosen"]) for each in told] == [(piece, 1)]
    new = client.post(f"{BASE}/{piece}/assemble?wait=60", json={"name": "Second print"})
    assert new.status_code == 200, new.text
    primary = next(each for each in new.json()["assets"] if each["role"] == "primary")
    assert primary["name"] == "Second print"
    assert [each["text"] for each in sheet(client, primary["id"])["passages"]][1].startswith("Gulls argue over")


def test_what_cannot_be_is_said(client: TestClient) -> None:
    piece = speak(client)
    for body, code in (
        ({"first": 1, "past": 4}, "no_passage"), ({"first": 0, "past": 18, "speed": 9}, None),
        ({"first": 0, "past": 18, "voice": "Nobody"}, "no_voice"), ({"first": 0, "past": 18, "count": 99}, None),
    ):  # fmt: skip
        answer = client.post(f"{BASE}/{piece}/takes", json=body)
        assert 400 <= answer.status_code < 500, (body, answer.text)
        assert answer.json()["hint"], body
        assert code is None or answer.json()["code"] == code, answer.text
    assert client.put(f"/api/voice/takes/{piece}", json={"chosen": True}).json()["code"] == "no_take"
    assert client.post(f"{BASE}/{piece}/assemble", json={}).json()["code"] == "nothing_chosen"
    assert client.post(f"{BASE}/{piece}/assemble", json={"cap_usd": "1"}).status_code == 422
