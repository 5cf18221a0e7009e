"""Script files over REST."""

from __future__ import annotations

import io

import pytest
from docx import Document
from fastapi.testclient import TestClient

PATH = "/api/voice/script"


def test_a_pasted_dialogue_gets_its_cast(client: TestClient) -> None:
    answer = client.post(PATH, json={"text": "# One\nANNA: Is anybody there?\nBEN: Only me.\nANNA: Good."})
    assert answer.status_code == 200
    told = answer.json()
    assert [(one["name"], one["lines"]) for one in told["speakers"]] == [("ANNA", 2), ("BEN", 1)]
    assert told["sections"] == ["One"]
    assert told["characters"] == len(told["text"])
    cast = {one["name"]: one["suggested_voice"] for one in told["speakers"]}
    assert len(set(cast.values())) == 2
    said = client.post("/api/voice/estimate", json={"text": told["text"], "speakers": cast}).json()
    assert said["characters"] == len("Is anybody there?Only me.Good.")


def test_suggestions_speak_the_language_of_the_narrator(client: TestClient) -> None:
    told = client.post(PATH, json={"text": "ANNE: Oui.\nLUC: Non.", "voice": "Camille"}).json()
    assert all(one["suggested_voice"].startswith("espeak:fr") for one in told["speakers"])


def test_a_file_comes_with_notes(client: TestClient) -> None:
    document = Document()
    document.add_heading("Harbour", 1)
    document.add_paragraph("A rope creaks. [sic]")
    out = io.BytesIO()
    document.save(out)
    told = client.post(PATH, files={"file": ("script.docx", out.getvalue())}).json()
    assert told["text"] == "# Harbour\n\nA rope creaks. \\[sic]"
    assert "[sic]" in told["notes"][0]
    cues = "1\n00:00:01,000 --> 00:00:02,000\nOne.\n\n2\n00:00:03,000 --> 00:00:04,000\nTwo.\n"
    told = client.post(PATH, files={"file": ("a.srt", cues)}, data={"gaps": "true"}).json()
    assert told["text"] == "One.\n[pause 1000ms]\nTwo."


@pytest.mark.parametrize(
    ("name", "data", "status", "code"),
    [
        ("a.txt", b"a\0b\0\0", 422, "not_text"),
        ("a.docx", b"broken", 422, "damaged"),
        ("a.txt", b"x" * 300_000, 422, "text_too_long"),
        ("a.txt", b"x" * 2_200_000, 413, "too_large"),
        ("a.xml", b"<html/>", 422, "wrong_format"),
        ("a.txt", b"", 422, "empty_text"),
    ],
)
def test_a_file_that_cannot_be_read(client: TestClient, name: str, data: bytes, status: int, code: str) -> None:
    answer = client.post(PATH, files={"file": (name, data)})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_speaker_whose_voice_is_not_there(client: TestClient) -> None:
    answer = client.post("/api/voice/estimate", json={"text": "ANNA: Hi.", "speakers": {"ANNA": "nobody at all"}})
    assert (answer.status_code, answer.json()["code"]) == (404, "no_voice")
    answer = client.post("/api/voice/estimate", json={"text": "ANNA: Hi.", "speakers": {"AN:NA": "Emma"}})
    assert answer.status_code == 422
