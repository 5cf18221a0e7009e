"""Routing at the doors: REST, the planning document's paths, OpenAI's clients."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from core.api.service import api
from core.kit.actor import LOCAL
from tests.clouds.elevenlabs import error
from tests.voice.routing.conftest import RACHEL, Desk

ONE = "The harbour wakes."


@pytest.fixture
def client(desk: Desk) -> TestClient:
    return TestClient(api(desk.studio))


def test_the_preference_over_rest(client: TestClient) -> None:
    told = client.get("/api/voice/routing").json()
    assert (told["order"], told["off"], told["stand_in"]) == ([], [], "never")
    assert [one["name"] for one in told["engines"]] == ["elevenlabs", "openai", "kokoro", "coqui", "espeak"]
    told = client.put("/api/voice/routing", json={"order": ["openai"], "off": ["kokoro"]}).json()
    assert told["engines"][0]["name"] == "openai"
    told = client.put("/api/voice/routing", json={"stand_in": "mixed"}).json()
    assert (told["order"], told["off"], told["stand_in"]) == (["openai"], ["kokoro"], "mixed")
    wrong = client.put("/api/voice/routing", json={"order": ["nobody"]})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "no_provider")
    assert client.put("/api/voice/routing", json={"stand_in": "perhaps"}).status_code == 422
    told = client.put("/api/voice/engines", json={"name": "openai", "on": False}).json()
    (openai,) = [one for one in told["engines"] if one["name"] == "openai"]
    assert (openai["installed"], openai["ready"]) == (False, False)
    assert client.put("/api/voice/engines", json={"name": "nobody", "on": False}).status_code == 422


def test_what_a_quality_would_cost_and_what_it_made(client: TestClient) -> None:
    told = client.post("/api/voice/estimate", json={"text": ONE, "quality": "premium", "stand_in": "whole"}).json()
    assert (told["voice"], told["stand_ins"]) == (RACHEL, ["Emma"])
    assert told["route"] == "premium: ElevenLabs Rachel, up to $0.0018"
    capped = {"text": ONE, "quality": "premium", "cap_usd": "0.001"}
    refused = client.post("/api/voice/estimate", json=capped)
    assert (refused.status_code, refused.json()["code"]) == (402, "no_route")
    assert "ElevenLabs: over the job's cap" in refused.json()["detail"]
    made = client.post("/api/voice/speak?wait=60", json={"text": ONE, "quality": "premium"}).json()
    tries = client.get(f"/api/jobs/{made['job_id']}/attempts").json()["attempts"]
    assert [(one["provider"], one["status"], float(one["usd"])) for one in tries] == [
        ("elevenlabs", "succeeded", 0.0018)
    ]


def test_every_attempt_is_shown_with_its_reason_and_cost(client: TestClient, desk: Desk) -> None:
    desk.eleven.script.append(error(401, "invalid_api_key"))
    made = client.post("/api/voice/speak?wait=60", json={"text": ONE, "voice": RACHEL, "stand_in": "whole"}).json()
    first, second = client.get(f"/api/jobs/{made['job_id']}/attempts").json()["attempts"]
    assert (first["provider"], first["status"], float(first["usd"])) == ("elevenlabs", "failed", 0)
    assert float(first["reserved_usd"]) > 0
    assert "does not accept the key" in first["why"]
    assert (second["provider"], second["status"], second["why"]) == ("espeak", "succeeded", "")
    assert client.get("/api/jobs/job_nobody/attempts").status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/audio/generate", {"text": ONE, "quality": "premium", "settings": {"stability": 0.3}}),
        (
            "/api/audio-studio/ai-voice/generate",
            {"text": ONE, "quality": "premium", "voice_settings": {"stability": 0.3}},
        ),
    ],
)
def test_the_planning_document_s_paths(client: TestClient, desk: Desk, path: str, body: dict[str, Any]) -> None:
    made = client.post(f"{path}?wait=60", json=body).json()
    assert (made["provider"], made["ignored"]) == ("elevenlabs", [])
    assert desk.eleven.speech[-1].body["voice_settings"]["stability"] == 0.3


def test_a_quality_is_a_model_for_openai_s_clients(client: TestClient, desk: Desk) -> None:
    models = [one["id"] for one in client.get("/v1/models").json()["data"]]
    assert models[-3:] == ["draft", "standard", "premium"]
    body = {"input": ONE, "voice": "nova", "response_format": "wav"}
    premium = client.post("/v1/audio/speech", json=body | {"model": "premium"})
    assert premium.status_code == 200, premium.text
    assert premium.headers["X-Voice"] == RACHEL
    plain = client.post("/v1/audio/speech", json=body | {"model": "tts-1"})
    assert plain.headers["X-Voice"].startswith("espeak:"), "no other name of a model spends money"
    assert desk.studio.jobs.cost(LOCAL, plain.headers["X-Job-Id"]) == 0


def test_a_language_that_is_not_spoken_is_one_clear_message(client: TestClient) -> None:
    refused = client.post("/api/voice/speak", json={"text": "Bonjour.", "voice": "Emma", "language": "fr"})
    assert (refused.status_code, refused.json()["code"]) == (422, "no_language")
    assert "Emma does not speak French" in refused.json()["detail"]
