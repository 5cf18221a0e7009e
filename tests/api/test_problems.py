"""Whatever comes in, one clear answer goes out: never a 5xx, never the inside of the studio."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from core.api.docs import PROBLEMS
from core.api.service import api
from core.kit.actor import LOCAL
from core.kit.errors import AccessError

SPEAK = "/api/voice/speak"
JSON = {"Content-Type": "application/json"}


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = dict(answer.json())
    assert {"type", "title", "status", "detail", "code", "hint"} <= set(told)
    assert told["status"] == status
    assert told["detail"]
    return told


def test_every_kind_of_wrong_request_has_the_same_shape(client: TestClient) -> None:
    assert problem(client.get("/api/nowhere"), 404)["code"] == "no_such_path"
    wrong = client.put(SPEAK)
    assert problem(wrong, 405)["hint"] == "Possible: POST."
    assert wrong.headers["allow"] == "POST"
    assert problem(client.post(SPEAK, content=b"text=hello", headers={"Content-Type": "text/plain"}), 415)
    assert problem(client.post(SPEAK, content=b'{"text": "hello"}'), 415)
    assert problem(client.post(SPEAK, content=b'{"text": ', headers=JSON), 400)["code"] == "bad_json"
    told = problem(client.post(SPEAK, json={"text": "a", "speed": 9, "pitch": "high", "volume": 1}), 422)
    assert {each["field"] for each in told["errors"]} == {"speed", "pitch", "volume"}
    assert problem(client.post(SPEAK, json={"text": " "}), 422)["code"] == "empty_text"
    assert problem(client.post(SPEAK, json={"text": "x" * 50_001}), 422)["code"] == "text_too_long"


def test_the_page_of_a_problem_type_is_there(client: TestClient) -> None:
    page = client.get("/api/docs").text
    for status in PROBLEMS:
        assert f'id="problem-{status}"' in page
    assert problem(client.get("/api/nowhere"), 404)["type"] == "/api/docs#problem-404"
    for loads in ("src=", 'href="http', "@import", "url(", "<link", "<script"):
        assert loads not in page, "the page fetches nothing from elsewhere"


@pytest.mark.parametrize(
    "body",
    [
        b'{"text": "a", "speed": NaN}', b'{"text": "a", "speed": Infinity}', b'{"text": "a", "cap_usd": "NaN"}',
        b'{"text": "a", "cap_usd": -1}', b'{"text": "a", "seed": 1e400}', b'{"text": "nul \\u0000"}',
        b'{"text": "half \\ud800"}', b'{"text": "a", "name": "\\u0000"}', b'{"te\\u0000xt": "a"}', b"[]", b"null", b'"a"',
        b"{}", b"\xff\xfe", b'{"text": ' + b"[" * 100_000, b'{"text": {"a": ' * 3000 + b"1" + b"}" * 6000,
        b'{"text": "a", "pronunciations": {"a\\u0000": "b"}}', b'{"text": "a", "seed": ' + b"9" * 5000 + b"}",
    ],
)  # fmt: skip
def test_odd_bodies_are_refused_in_words(client: TestClient, body: bytes) -> None:
    answer = client.post(SPEAK, content=body, headers=JSON)
    assert 400 <= answer.status_code < 500, answer.text
    told = problem(answer, answer.status_code)
    assert "Traceback" not in json.dumps(told)
    assert len(answer.content) < 4000


@pytest.mark.parametrize(
    "path",
    [
        "/api/jobs?limit=-1", "/api/jobs?limit=100000", "/api/jobs?offset=-5", "/api/jobs?offset=99999999999999999999",
        "/api/jobs?limit=NaN", "/api/jobs?status=sleeping", "/api/jobs/%00", "/api/jobs?x=%00", "/media/%00",
        "/api/audio-studio/library?search=" + "x" * 9000, "/api/voice/voices?search=" + "x" * 300,
        "/api/projects/x/versions/0", "/api/projects/x/versions/99999999999999999999", "/api/jobs/job_1?wait=NaN",
        "/api/jobs/job_1?wait=1e9", "/api/analytics/cost?startDate=yesterday", "/api/music/serve/..%2f..%2fetc%2fpasswd",
        "/api/analytics/cost?startDate=2026-02-02&endDate=2026-01-01", "/api/analytics/usage?period=hourly",
        "/api/analytics/cost?startDate=9999-12-31", "/api/ai-music/batch/status",
    ],
)  # fmt: skip
def test_odd_paths_and_queries_are_refused_in_words(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert 400 <= answer.status_code < 500, answer.text
    problem(answer, answer.status_code)


@pytest.mark.parametrize("day", ["0001-01-01", "0001-01-15", "9999-12-31"])
def test_the_ends_of_the_calendar_are_days_too(client: TestClient, day: str) -> None:
    for path in ("/api/analytics/cost", "/api/analytics/usage", "/api/ai-music/analytics/usage"):
        for name in ("startDate", "endDate"):
            assert client.get(path, params={name: day, "period": "weekly"}).status_code in (200, 422)


def test_a_header_that_is_no_text_changes_nothing(client: TestClient) -> None:
    for value in (b"\xff\xfe", b"a" * 300, b"", b"\xe9"):
        answer = client.post(SPEAK, json={"text": "a"}, headers={b"Idempotency-Key": value})  # type: ignore[dict-item]
        problem(answer, 422)
    assert client.get("/api/jobs", headers={b"Accept": b"\xff"}).status_code == 200  # type: ignore[dict-item]


def test_our_own_mistake_is_said_without_its_insides(app: FastAPI, monkeypatch: Any) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("password=hunter2")

    studio = app.state.studio
    monkeypatch.setattr(studio.jobs, "list", fail)
    strict = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=True)  # the server sees no error
    told = problem(strict.get("/api/jobs"), 500)
    assert "hunter2" not in json.dumps(told)
    assert "RuntimeError" in (studio.settings.home / "errors.log").read_text()


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (OSError(28, "No space left on device"), 507, "disk_full"),
        (sqlite3.OperationalError("database or disk is full"), 507, "disk_full"),
        (sqlite3.OperationalError("database is locked"), 503, "unavailable"),
    ],
)
def test_a_full_disk_and_a_database_that_is_away_are_told_as_such(
    app: FastAPI, client: TestClient, monkeypatch: Any, error: Exception, status: int, code: str
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(app.state.studio.voice, "speak", fail)
    answer = client.post(SPEAK, json={"text": "a"})
    assert problem(answer, status)["code"] == code
    assert ("retry-after" in answer.headers) == (status == 503)


def test_a_quota_says_when_to_come_back(app: FastAPI, client: TestClient, monkeypatch: Any) -> None:
    def spent(*_: Any, **__: Any) -> None:
        raise AccessError("The tier free makes 10 a day.", "It begins anew at midnight.", "quota_day")

    monkeypatch.setattr(app.state.studio.voice, "speak", spent)
    answer = client.post(SPEAK, json={"text": "a"})
    assert problem(answer, 429)["code"] == "quota_day"
    assert 1 <= int(answer.headers["retry-after"]) <= 24 * 3600


def test_the_public_demo_makes_nothing_over_rest(app: FastAPI) -> None:
    studio = app.state.studio
    demo = replace(studio, settings=studio.settings.model_copy(update={"space_id": "someone/studio"}))
    before = len(studio.jobs.list(LOCAL, limit=500))
    with TestClient(api(demo), base_url="http://127.0.0.1") as stranger:
        for path, body in (
            (SPEAK, {"text": "a"}), ("/api/music/generate", {}), ("/audio/generate", {"text": "a"}),
            ("/api/batches", {"items": [{"kind": "music"}]}), ("/api/ai-music/batch/generate", {"tracks": [{}]}),
            ("/v1/audio/speech", {"model": "tts-1", "input": "a", "voice": "alloy"}),
        ):  # fmt: skip
            assert stranger.post(path, json=body).status_code == 403, path
    assert len(studio.jobs.list(LOCAL, limit=500)) == before
