"""Reports over REST: of an asset, of a file that comes along, quick and full."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from core.app import Studio
from core.kit.actor import LOCAL
from core.store.assets import Asset

PATH = "/api/audio/analyse"


def test_an_asset_is_measured_and_its_report_stays(client: TestClient, asset: Asset) -> None:
    answer = client.post(PATH, params={"wait": 60}, json={"asset_id": asset.id})
    assert answer.status_code == 200, answer.text
    report = answer.json()["report"]
    assert (report["report"], report["asset_id"], report["sample_rate"]) == ("quick", asset.id, 44_100)
    assert report["duration_s"] == pytest.approx(1.0)
    assert report["true_peak_dbtp"] == pytest.approx(-10.46, abs=0.3)
    again = client.get(f"{PATH}/{answer.json()['job_id']}").json()
    assert again == answer.json()


def test_a_file_that_comes_along_is_measured_and_kept(client: TestClient, studio: Studio, tone: Path) -> None:
    sent = {"file": ("tone.wav", tone.read_bytes())}
    answer = client.post(PATH, params={"wait": 90}, data={"full": "true", "name": "Sent"}, files=sent)
    assert answer.status_code == 200, answer.text
    report = answer.json()["report"]
    assert report["report"] == "full"
    assert studio.library.get(LOCAL, report["asset_id"]).name == "Sent"


def test_a_report_that_is_not_there_yet_says_so(client: TestClient, held: Studio, asset: Asset) -> None:
    answer = client.post(PATH, json={"asset_id": asset.id})
    assert answer.status_code == 202
    early = client.get(f"{PATH}/{answer.json()['job_id']}")
    assert (early.status_code, early.json()["code"]) == (409, "not_ready")
    speech = held.voice.speak(LOCAL, text="No analysis.")
    assert client.get(f"{PATH}/{speech.id}").status_code == 422
    for wrong in ({"asset_id": "asset_none"}, {"full": True}, {"asset_id": asset.id, "fast": True}):
        told = client.post(PATH, json=wrong)
        assert told.status_code in (404, 422)
        assert told.headers["content-type"] == "application/problem+json"
    assert client.post(PATH, content=b"x", headers={"Content-Type": "text/plain"}).status_code == 415
