"""Long form over REST: books and batches of scripts."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

TEXT = "# One\n\nThe harbour wakes.\n\n# Two\n\nThe town sleeps."


def sent(client: TestClient, files: list[tuple[str, bytes]], query: str = "", **fields: str) -> httpx.Response:
    parts: Any = [("file", (name, data)) for name, data in files]
    return client.post(f"/api/voice/batch{query}", files=parts, data=fields)


def test_a_book_in_one_request(client: TestClient) -> None:
    planned = client.post("/api/voice/narrations/plan", json={"text": TEXT}).json()
    assert [each["title"] for each in planned["chapters"]] == ["One", "Two"]
    assert planned["usd"] == "0"
    answer = client.post("/api/voice/narrations?wait=60", json={"text": TEXT, "title": "Both", "author": "Jo"})
    assert answer.status_code == 200, answer.text
    assets = {asset["role"]: asset for asset in answer.json()["assets"][:5]}
    assert set(assets) == {"primary", "captions", "captions:srt", "captions:vtt", "captions:chapters"}
    sound = client.get(f"/media/{assets['primary']['id']}")
    assert sound.headers["content-type"] == "audio/mp4"
    assert b"ftyp" in sound.content[:12]


def test_a_long_text_is_taken_and_one_too_long_is_not(client: TestClient) -> None:
    text = "# ब\n\n" + "नमस्ते दुनिया। " * 16_000  # 240,000 characters, 600 kB; escaped as JSON it is over a megabyte
    body = json.dumps({"text": text})
    assert len(body) > 2**20
    headers = {"Content-Type": "application/json"}
    assert client.post("/api/voice/narrations/plan", content=body, headers=headers).status_code == 200
    assert client.post("/api/voice/estimate", content=body, headers=headers).status_code == 413
    refused = client.post("/api/voice/narrations", json={"text": "word " * 100_001})
    assert (refused.status_code, refused.json()["code"]) == (422, "text_too_long")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"text": "# A\n\n[voice Emma]One.\n\n# B\n\nTwo.[/voice]"}, "line 3"),
        ({"text": TEXT, "format": "wav"}, "m4b"),
        ({"text": TEXT, "cover": "asset_none"}, "asset_none"),
        ({"title": "No text"}, "text"),
    ],
)
def test_what_is_wrong_is_said(client: TestClient, body: dict[str, str], told: str) -> None:
    refused = client.post("/api/voice/narrations", json=body)
    assert refused.status_code in (404, 422)
    assert told in refused.text


def test_a_batch_becomes_a_zip(client: TestClient) -> None:
    data = "name,text,speed\nhello,Hello there.,1.2\nbad,Too fast.,9\nlast,The end.,"
    answer = sent(
        client, [("scripts.csv", data.encode()), ("extra.txt", b"Extra.")], "?wait=60", voice="Emma", title="T"
    )
    assert answer.status_code == 200, answer.text
    job = answer.json()["job_id"]
    rows = client.get(f"/api/voice/batch/{job}").json()["rows"]
    assert [(row["row"], row["file"], row["status"]) for row in rows] == [
        (1, "hello", "done"), (2, "bad", "wrong"), (3, "last", "done"), (4, "extra", "done"),
    ]  # fmt: skip
    packed = client.get(f"/api/voice/batch/{job}/file")
    assert packed.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        assert {"hello.wav", "hello.vtt", "last.wav", "extra.wav", "manifest.csv"} <= set(archive.namelist())
        assert "bad.wav" not in archive.namelist()


def test_bad_batches(client: TestClient) -> None:
    assert sent(client, [("x.csv", b"name,txt\na,b")]).json()["code"] == "bad_columns"
    assert sent(client, [("x.txt", b"One.")], speeed="2").json()["code"] == "bad_field"
    assert sent(client, [("x.zip", b"no zip")]).json()["code"] == "bad_zip"
    assert sent(client, [("x.txt", b"One.")], priority="soon").status_code == 422
    assert client.post("/api/voice/batch", json={}).json()["code"] == "wrong_type"
    assert client.post("/api/voice/batch", data={"voice": "Emma"}).status_code == 415
    assert client.get("/api/voice/batch/job_none").status_code == 404
