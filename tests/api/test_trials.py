"""A trial over REST: priced, made, heard blind at one level, chosen, revealed, kept; and shared with a listener."""

from __future__ import annotations

import io
from typing import Any

import soundfile
from fastapi.testclient import TestClient

TRIALS = "/api/ai-music/trials"


def ended(client: TestClient, trial: dict[str, Any]) -> dict[str, Any]:
    assert client.get(f"/api/jobs/{trial['job_id']}", params={"wait": 100}).json()["status"] == "done"
    return dict(client.get(f"{TRIALS}/{trial['id']}").json())


def test_a_trial_from_price_to_keep(client: TestClient) -> None:
    """From a template: every variant carries it, and counts as a use."""
    fields = {"mood": "calm", "seconds": 3, "seed": 11, "bpm": 90}
    template = client.post("/api/templates", json={"name": "Quay", "fields": fields}).json()["id"]
    asked = {"base": {"template": template, "bpm": 100}, "grid": {"intensity": ["low", "high"]}}
    price = client.post(f"{TRIALS}/estimate", json=asked).json()
    assert (len(price["variants"]), price["usd"]) == (2, "0")
    started = client.post(TRIALS, json={**asked, "name": "How loud"})
    assert started.status_code == 201, started.text
    path = f"{TRIALS}/{started.json()['id']}"
    trial = ended(client, started.json())
    assert [each["letter"] for each in trial["variants"]] == ["A", "B"]
    assert client.get(f"/api/templates/{template}").json()["usage_count"] == 2
    assert "intensity" not in str(trial), "no parameters before the choice"
    assert client.get(f"{path}/result").json()["code"] == "blind"
    assert client.post(f"{path}/keep", json={}).json()["code"] == "blind"
    levels = []
    for each in trial["variants"]:
        sound = client.get(each["audio_url"])
        assert sound.headers["content-type"] == "audio/wav"
        samples, rate = soundfile.read(io.BytesIO(sound.content))
        import pyloudnorm

        levels.append(pyloudnorm.Meter(rate).integrated_loudness(samples))
    assert abs(levels[0] - levels[1]) < 1.0, "the louder one would win"
    assert client.post(f"{path}/choices", json={}).json()["code"] == "no_choice"
    assert client.post(f"{path}/choices", json={"winner": "Z"}).status_code == 422
    told = client.post(f"{path}/choices", json={"winner": "b", "pairs": [["B", "A"]], "rating": 4, "note": "warm"})
    assert told.status_code == 201, told.text
    result = told.json()
    winner = next(each for each in result["variants"] if each["wins"])
    assert winner["letter"] == "B"
    assert winner["strength"] > 0.5
    assert {each["values"]["intensity"] for each in result["variants"]} == {"low", "high"}
    assert {each["verdict"] for each in result["rates"]} == {"too few to say"}
    assert client.post(f"{path}/choices", json={"tie": True}).json()["code"] == "chosen"
    rates = client.get(f"{TRIALS}/rates").json()
    assert rates["strengths"]["intensity"][winner["values"]["intensity"]] > 0.5
    proposal = client.post(f"{TRIALS}/propose", json={"axes": {"intensity": ["low", "high"]}, "seed": 1}).json()
    assert "Too few to say" in proposal["said"]
    kept = client.post(f"{path}/keep", json={}).json()
    made_by = kept["generation_config"]
    assert (made_by["template"]["id"], made_by["template"]["version"]) == (template, 1)
    assert (made_by["seed"], made_by["bpm"], made_by["mood"]) == (11, 100, "calm"), (
        "its own seed; the base goes before it"
    )
    assert (kept["id"], kept["favourite"]) == (winner["asset_id"], True)
    loser = next(each for each in result["variants"] if not each["wins"])
    assert client.get(f"/api/audio-studio/library/{loser['asset_id']}").json()["deleted_at"] is not None


def test_what_cannot_be_a_trial(client: TestClient) -> None:
    for body, code in (
        ({}, "no_grid"), ({"grid": {"bpm": [90]}}, "variants"), ({"grid": {"bpm": [90, 900]}}, "bad_request"),
        ({"grid": {"colour": ["red", "blue"]}}, "no_axis"),
    ):  # fmt: skip
        answer = client.post(TRIALS, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert client.get(f"{TRIALS}/trial_none").status_code == 404


def test_a_table_over_rest(client: TestClient) -> None:
    table = "mood;duration\ncalm;3\nblue;3\n".encode("utf-16")
    files = {"file": ("rows.csv", table, "text/csv")}
    price = client.post("/api/batches/table/estimate", files=files).json()
    assert (price["items"], [bad["row"] for bad in price["bad"]]) == (1, [2])
    assert client.post("/api/batches/table", files=files).json()["code"] == "bad_rows"
    made = client.post("/api/batches/table?wait=100", files=files, data={"skip_bad": "true", "title": "One"})
    assert made.status_code == 200, made.text
    job = made.json()["job_id"]
    rows = client.get(f"/api/batches/{job}/rows").json()["rows"]
    assert [row["status"] for row in rows] == ["done", "wrong"]
    assert client.get(f"/api/batches/{job}/file").content[:2] == b"PK"
    status = client.get("/api/ai-music/batch/status", params={"batchId": job}).json()
    assert (status["completed"], status["failed"], status["refused"], status["cost"]) == (1, 1, 0, "0")
    assert client.post(f"/api/batches/{job}/resume").json()["code"] == "nothing_left"
    bad = {"tracks": [{"mood": "calm", "duration": 3}, {"bpm": 900}, {"colour": "red"}], "skip_bad": True}
    started = client.post("/api/ai-music/batch/generate", json=bad).json()
    assert (started["total"], started["started"]) == (3, 1)
    assert [each["generation"]["status"] for each in started["generations"]] == ["pending", "failed", "failed"]


def test_names_and_values_that_are_none(client: TestClient) -> None:
    for row in ({"cap_usd": 1}, {"actor": "x"}, {"count": "two"}, {"seed": "x", "count": 2}, {"provider": 3}, {"mood": 3},
                {"bpm": "fast"}, {"template": "none"}, {"instruments": "harp"}, {"key": 4}, {"melody": "none"}):  # fmt: skip
        answer = client.post("/api/batches/table", json={"rows": [row]})
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_rows"), (row, answer.text)
        if "count" not in row:
            answer = client.post(f"{TRIALS}/estimate", json={"variants": [{**row, "seed": 1}, {**row, "seed": 2}]})
            assert answer.status_code in (404, 422), (row, answer.text)
    hostile = {"name": "T", "values": {"cap_usd": 9, "actor": 1}}
    answer = client.post(f"{TRIALS}/estimate", json={"base": {"template": hostile}, "grid": {"bpm": [80, 90]}})
    assert answer.json()["code"] == "no_field"
    for grid in ({"bpm": [{}, []]}, {"seed": [{"a": 1}, "b"]}, {"template": [{"values": 3}, {"values": []}]}):
        assert client.post(f"{TRIALS}/estimate", json={"grid": grid}).status_code == 422, grid
