"""The own catalogue over REST: a file and its paper in one form, what it says, and its licence."""

from __future__ import annotations

from pathlib import Path

from fastapi.testclient import TestClient

from tests.library.sounds import wav

OWN = "/api/music-licensing/own"
HOSTILE = "<script>alert(1)</script>"
PAPER = f"Title: {HOSTILE}\nLicence number: R-1\nStart date: 2026-01-01\nTerritory: worldwide\nPlatforms: YouTube\nCommercial use: yes"


def test_in_with_its_paper_confirmed_and_cleared(client: TestClient, tmp_path: Path) -> None:
    sound = wav(tmp_path / "Quay.wav", hertz=311)
    sent = client.post(
        OWN, files=[("file", ("../../Quay.wav", sound.read_bytes())), ("paper", ("Quay licence.txt", PAPER.encode()))]
    )
    assert sent.status_code == 201, sent.text
    (one,) = sent.json()["proposals"]
    assert (one["state"], one["missing"], one["title"]) == ("proposed", ["ends_on"], "Quay")
    paper = one["papers"][0]
    assert paper["fields"]["platforms"] == {"value": ["youtube"], "snippet": "Platforms: YouTube"}
    assert one["id"] in [each["id"] for each in client.get(OWN, params={"state": "proposed"}).json()["tracks"]]
    early = client.post(f"{OWN}/{one['id']}/confirm", json={})
    assert (early.status_code, early.json()["code"]) == (422, "to_ask")
    done = client.post(f"{OWN}/{one['id']}/confirm", json={"fields": {"ends_on": None}})
    assert done.status_code == 201, done.text
    assert (done.json()["title"], done.json()["proof_asset_id"]) == (HOSTILE, paper["assetId"])
    assert done.headers["content-type"] == "application/json"
    asked = {"provider": "own", "track_id": one["trackId"], "platform": "youtube"}
    assert client.post("/api/music-licensing/validate", json=asked).json()["valid"]
    found = client.get("/api/music-licensing/search", params={"query": "alert", "provider": "own"}).json()
    assert [each["id"] for each in found["tracks"]] == [one["trackId"]]
    document = client.get(f"/media/{paper['assetId']}")
    assert document.headers["x-content-type-options"] == "nosniff"


def test_a_paper_that_comes_later_and_a_sheet_of_which_one_row_is_meant(client: TestClient, tmp_path: Path) -> None:
    sound = wav(tmp_path / "Late paper.wav", hertz=377)
    (one,) = client.post(OWN, files={"file": ("Late paper.wav", sound.read_bytes())}).json()["proposals"]
    assert one["state"] == "no paper"
    sheet = (
        "File,Licence number,Start date,End date,Platforms,Territory,Commercial use\n"
        "Late paper.wav,L-1,2026-01-01,never,all,worldwide,yes\n"
        "Late paper.wav,L-2,2026-01-01,never,YouTube,worldwide,yes\n"
    )
    sent = client.post(OWN, files={"paper": ("sheet.csv", sheet.encode())}, data={"assetId": one["id"]})
    (now,) = sent.json()["proposals"]
    assert [(each["row"], each["state"]) for each in now["papers"]] == [(2, "proposed"), (3, "proposed")]
    second = {"paper": now["papers"][1]["assetId"], "row": 3, "fields": {"title": "Late paper"}}
    done = client.post(f"{OWN}/{one['id']}/confirm", json=second)
    assert (done.status_code, done.json()["certificate"]) == (201, "L-2")
    again = client.post(f"{OWN}/{one['id']}/confirm", json=second)
    assert (again.status_code, again.json()["code"]) == (422, "confirmed"), "pressed twice, entered once"
    stranger = client.post(OWN, files={"paper": ("sheet.csv", sheet.encode())}, data={"assetId": "asset_nobody"})
    assert stranger.status_code == 404


def test_what_cannot_be_taken(client: TestClient) -> None:
    assert client.post(OWN, files={"other": b"x"}).json()["code"] == "no_file"
    assert client.post(OWN, json={"assetIds": []}).status_code == 422
    assert client.post(OWN, json={"assetIds": ["asset_nobody"]}).status_code == 404
    told = client.post(OWN, files={"file": ("Noise.wav", b"no sound at all"), "paper": ("p.pdf", b"<html>")})
    assert {each["file"]: each["code"] for each in told.json()["failed"]}["p.pdf"] == "bad_pdf"
    assert told.json()["proposals"] == []
