"""Too much is cut off while it arrives, and nothing of it stays."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from fastapi.testclient import TestClient

from core.app import Studio
from core.kit.actor import LOCAL
from tests.leftovers import remaining

PATH = "/api/audio-studio/library"
TOP = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
FORM = {"Content-Type": "multipart/form-data; boundary=x"}


def test_json_over_a_megabyte_is_refused(client: TestClient) -> None:
    answer = client.post("/api/voice/speak", json={"text": "x" * 2**20})
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


def test_a_claim_of_four_gigabytes_is_refused_before_a_byte_is_read(server: str) -> None:
    place = urlsplit(server)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=20) as line:
        head = f"POST {PATH} HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: {4 * 2**30}\r\n"
        line.sendall(head.encode() + b"Content-Type: multipart/form-data; boundary=x\r\n\r\n" + TOP)
        answer = b""
        while chunk := line.recv(4096):  # until the server closes: it does not wait for the rest
            answer += chunk
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"application/problem+json" in answer


def test_an_upload_without_an_end_is_cut_off(server: str, studio: Studio) -> None:
    """Chunked, so nothing is claimed. The limit of this studio is 2 MB."""
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        yield TOP
        while sent < 400 * 2**20:
            sent += 2**16
            yield b"\0" * 2**16

    before = studio.library.search(LOCAL)[1]
    status = 0
    with contextlib.suppress(httpx.TransportError):  # the server may close the line while more is coming
        status = httpx.post(f"{server}{PATH}", content=endless(), headers=FORM, timeout=30).status_code
    assert status in (0, 413)
    assert sent < 100 * 2**20, "the server read on"
    assert studio.library.search(LOCAL)[1] == before
    assert remaining(studio.settings.work, "upload-*") == []
    assert httpx.get(f"{server}/healthz", timeout=60).status_code == 200


def test_an_upload_in_the_middle_is_told_of_the_limit(client: TestClient, tone: Path) -> None:
    answer = client.post(PATH, files={"file": ("a.wav", tone.read_bytes() * 30)})
    assert answer.status_code == 413
    assert "2 MB" in answer.json()["hint"]


def test_forms_of_a_thousand_fields_and_of_none(client: TestClient) -> None:
    many = {f"field{number}": "x" for number in range(1000)}
    for answer in (
        client.post(PATH, data=many, files={"file": ("a.wav", b"x")}),
        client.post(PATH, content=b"--x--\r\n", headers=FORM),
        client.post(PATH, content=b"nonsense", headers=FORM),
        client.post(PATH, content=b"nonsense", headers={"Content-Type": "multipart/form-data"}),
        client.post(PATH, data={"file": "a text"}, files={"other": ("a.wav", b"x")}),
    ):
        assert 400 <= answer.status_code < 500, answer.text
        assert answer.headers["content-type"] == "application/problem+json"


def test_who_leaves_in_the_middle_of_an_upload_leaves_nothing(server: str, studio: Studio) -> None:
    place = urlsplit(server)
    log = studio.settings.home / "errors.log"
    before = log.read_text() if log.exists() else ""
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=20) as line:
        head = f"POST {PATH} HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: 1000000\r\n"
        line.sendall(head.encode() + b"Content-Type: multipart/form-data; boundary=x\r\n\r\n" + TOP + b"\0" * 1000)
    assert httpx.get(f"{server}/healthz", timeout=60).status_code == 200
    assert remaining(studio.settings.work, "upload-*") == []
    assert (log.read_text() if log.exists() else "") == before
