"""Webhooks over REST. How they are signed and delivered: tests/hooks."""

from __future__ import annotations

from fastapi.testclient import TestClient

PATH = "/api/webhooks"


def test_a_webhook_is_added_shown_without_its_secret_and_removed(client: TestClient) -> None:
    answer = client.post(PATH, json={"url": "https://93.184.215.14/hook", "events": ["job.done"]})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["secret"]
    listed = client.get(PATH)
    assert made["secret"] not in listed.text
    assert [hook["id"] for hook in listed.json()["webhooks"]] == [made["id"]]
    assert client.get(f"{PATH}/{made['id']}/deliveries").json() == {"deliveries": []}
    assert client.delete(f"{PATH}/{made['id']}").status_code == 204
    assert client.delete(f"{PATH}/{made['id']}").status_code == 404
    assert client.post(f"{PATH}/{made['id']}/test").status_code == 404


def test_private_addresses_and_unknown_events_are_refused(client: TestClient) -> None:
    for url in ("http://127.0.0.1/x", "http://169.254.169.254/latest", "ftp://example.com", "file:///etc/passwd", ""):
        answer = client.post(PATH, json={"url": url})
        assert 400 <= answer.status_code < 500, url
        assert answer.headers["content-type"] == "application/problem+json"
    assert client.post(PATH, json={"url": "https://93.184.215.14/", "events": ["job.began"]}).status_code == 422
    assert client.get(PATH).json() == {"webhooks": []}
