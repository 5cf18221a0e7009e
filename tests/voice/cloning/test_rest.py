"""The audio-studio document's paths for cloning, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from core.api.service import api
from tests.voice.cloning.conftest import SPEAKER, WORDS, Desk

BASE = "/api/audio-studio/voice-cloning"
FIELDS = {"name": "Narrator", "language": "en", "speaker": SPEAKER, "statement": WORDS}


@pytest.fixture
def client(desk: Desk) -> Iterator[TestClient]:
    with TestClient(api(desk.studio), raise_server_exceptions=False) as client:
        yield client


def send(client: TestClient, path: str, takes: list[Path], **fields: str):  # type: ignore[no-untyped-def]
    with ExitStack() as opened:
        files = [("files", (take.name, opened.enter_context(take.open("rb")), "audio/wav")) for take in takes]
        return client.post(f"{BASE}/{path}", files=files, data=fields)


def test_from_the_check_to_the_end(desk: Desk, client: TestClient) -> None:
    checked = send(client, "check", desk.takes, speaker=SPEAKER, name="Narrator").json()
    assert [each["usable"] for each in checked["recordings"]] == [True, True]
    assert SPEAKER in checked["statement"]
    assert client.get(f"{BASE}/voices").json()["cloned_voices"] == [], "a check keeps nothing"

    made = send(client, "upload", desk.takes, **FIELDS)
    assert made.status_code == 201, made.text
    voice = made.json()["voice"]
    assert (voice["status"], voice["is_active"], voice["usage_count"]) == ("pending", True, 0)
    assert voice["consent"]["speaker"] == SPEAKER
    assert len(voice["reference_audios"]) == 2
    sound = client.get(voice["reference_audios"][0]["url"])
    assert sound.status_code == 200
    assert sound.content[:4] == b"RIFF"

    trained = client.post(f"{BASE}/train?wait=60", json={"voice_id": voice["voice_id"], "engines": ["parrot"]})
    assert trained.status_code == 200, trained.text
    one = f"{BASE}/voices/{voice['voice_id']}"
    told = client.get(one).json()
    assert told["status"] == "trained"
    assert told["characteristics"]["gender"] == {"value": "female", "confidence": 0.9}
    assert [each["engine"] for each in told["engines"]] == ["parrot"]

    spoken = client.post(f"{BASE}/generate?wait=60", json={"voice_id": voice["voice_id"], "text": "Good evening."})
    assert spoken.status_code == 200, spoken.text
    assert spoken.json()["provider"] == "parrot"
    assert client.get(one).json()["usage_count"] == 1
    gallery = client.get("/api/audio-studio/ai-voice/voices").json()["voices"]["custom"]
    assert [each["id"] for each in gallery] == [voice["speak_as"]]

    assert client.patch(one, json={"name": "Old man", "is_active": False}).json()["name"] == "Old man"
    assert client.get("/api/audio-studio/ai-voice/voices").json()["voices"]["custom"] == []
    gone = client.delete(one).json()
    assert gone["files_deleted"] == 3
    assert len(gone["remaining"]) == 1
    assert client.get(one).status_code == 404


def test_more_recordings_for_a_voice_that_is_there(desk: Desk, client: TestClient) -> None:
    voice = send(client, "upload", desk.takes[:1], **FIELDS).json()["voice"]
    more = send(client, "upload", desk.takes[1:], voice_id=voice["voice_id"])
    assert [each["name"] for each in more.json()["voice"]["reference_audios"]] == ["first.wav", "second.wav"]
    file_id = more.json()["voice"]["reference_audios"][0]["id"]
    left = client.delete(f"{BASE}/voices/{voice['voice_id']}/recordings/{file_id}").json()
    assert [each["name"] for each in left["reference_audios"]] == ["second.wav"]


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"speaker": "", "statement": ""}, 451, "no_consent"),
        ({"statement": "yes"}, 422, "bad_consent"),
        ({"name": ""}, 422, "bad_name"),
        ({"commercial": "perhaps"}, 422, "field"),
        ({"voice_id": "voice_nowhere"}, 404, "no_voice"),
    ],
)
def test_what_cannot_be_taken(
    desk: Desk, client: TestClient, fields: dict[str, str], status: int, code: str
) -> None:  # fmt: skip
    answer = send(client, "upload", desk.takes[:1], **{**FIELDS, **fields})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert desk.bytes_kept() == 0


def test_forms_that_are_none(client: TestClient, desk: Desk) -> None:
    assert client.post(f"{BASE}/upload", json={}).json()["code"] == "wrong_type"
    wrong = client.post(f"{BASE}/upload", files=[("voice", ("a.wav", b"x"))], data=FIELDS)
    assert wrong.json()["code"] == "field"
    none = client.post(f"{BASE}/upload", files=[("consent_recording", ("a.wav", b"x"))], data=FIELDS)
    assert none.status_code == 422
    assert desk.bytes_kept() == 0
