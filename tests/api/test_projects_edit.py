"""Editing a project over REST: edits, conflicts, undo and redo, snapping, and the mix of what was edited."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import soundfile
from fastapi.testclient import TestClient

from core.app import Studio
from core.kit.actor import LOCAL
from core.store.assets import Asset
from tests.library.sounds import bring


@pytest.fixture
def path(client: TestClient, asset: Asset) -> str:
    """A project of one clip of one second on one track."""
    clip = {"id": "a", "type": "audio", "asset_id": asset.id, "start": 0, "duration": 1.0, "volume": 1.0}
    body = {"name": "Line", "document": {"tracks": [{"id": "t", "name": "A", "role": "music", "clips": [clip]}]}}
    answer = client.post("/api/projects", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["location"])


def patch(client: TestClient, path: str, based_on: int, *wishes: dict[str, Any], **more: Any) -> Any:
    return client.patch(path, json={"based_on": based_on, "edits": list(wishes), **more})


def clips(answer: Any) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return [clip for track in answer.json()["document"]["tracks"] for clip in track["clips"]]


def test_edits_are_one_version_and_ids_stay(client: TestClient, path: str, asset: Asset) -> None:
    answer = patch(
        client, path, 1, {"edit": "split", "clip": "a", "at_s": 0.4, "id": "b"}, {"edit": "move", "clip": "b", "by_s": 2},
        {"edit": "add", "track": "t", "asset_id": asset.id, "start": 5, "volume": 0.5}, {"edit": "fade", "clip": "b", "out_s": 0.1},
    )  # fmt: skip
    first, second, third = clips(answer)
    assert (first["id"], first["duration_s"], second["id"], second["start_s"], second["fade_out_s"]) == (
        "a",
        0.4,
        "b",
        2.4,
        0.1,
    )
    assert third["id"]
    assert third["gain_db"] == pytest.approx(-6.02, abs=0.01)
    assert (answer.json()["version"], answer.json()["undo"], answer.json()["redo"]) == (2, 1, None)
    assert client.get(path).json() == answer.json()
    versions = client.get(f"{path}/versions").json()["versions"]
    assert [row["version"] for row in versions] == [2, 1]
    assert versions[0]["message"].startswith("Split a clip, moved a clip")


def test_a_conflicting_edit_is_refused_and_nothing_is_lost(client: TestClient, path: str) -> None:
    one = patch(client, path, 1, {"edit": "mute", "clip": "a"})
    for answer in (patch(client, path, 1, {"edit": "delete", "clip": "a"}),
                   client.put(path, json={"based_on": 1, "document": {"tracks": []}}),
                   client.post(f"{path}/undo", json={"based_on": 1})):  # fmt: skip
        assert answer.status_code == 409
        assert answer.json()["code"] == "version_conflict"
        assert "version 2" in answer.json()["detail"]
        assert answer.json()["hint"]
    assert client.get(path).json() == one.json()


def test_undo_redo_and_restore(client: TestClient, path: str) -> None:
    patch(client, path, 1, {"edit": "move", "clip": "a", "start_s": 1})
    patch(client, path, 2, {"edit": "move", "clip": "a", "start_s": 2})
    back = client.post(f"{path}/undo", json={"based_on": 3})
    assert (clips(back)[0]["start_s"], back.json()["version"], back.json()["undo"], back.json()["redo"]) == (1, 4, 1, 3)
    assert clips(client.post(f"{path}/redo", json={"based_on": 4}))[0]["start_s"] == 2
    assert client.post(f"{path}/redo", json={"based_on": 5}).json()["code"] == "no_step"
    assert clips(client.post(f"{path}/restore", json={"based_on": 5, "version": 1}))[0]["start_s"] == 0
    assert client.post(f"{path}/restore", json={"based_on": 6, "version": 99}).status_code == 404


def test_snapping(client: TestClient, path: str) -> None:
    patch(client, path, 1, {"edit": "marker", "at_s": 3.0, "kind": "scene", "label": "Scene 2", "id": "s2"})
    assert (
        clips(patch(client, path, 2, {"edit": "move", "clip": "a", "start_s": 2.9, "snap": True}))[0]["start_s"] == 3.0
    )
    far = patch(client, path, 3, {"edit": "move", "clip": "a", "start_s": 2.5, "snap": True}, snap_s=0.2)
    assert clips(far)[0]["start_s"] == 2.5
    found = client.get(f"{path}/snaps").json()
    assert found["version"] == 4
    assert {"at_s": 3.0, "kind": "scene", "label": "Scene 2", "clip": ""} in found["targets"]
    assert {point["kind"] for point in found["targets"]} == {"start", "scene", "edge"}


WRONG: dict[str, tuple[list[Any], int, str]] = {
    "no edits": ([], 422, "edits"),
    "an unknown edit": ([{"edit": "explode"}], 422, "edit"),
    "a clip that is not there": ([{"edit": "mute", "clip": "gone"}], 422, "no clip"),
    "after the sound": ([{"edit": "trim", "clip": "a", "end_s": 9}], 422, "ends at"),
    "an asset of nobody": ([{"edit": "add", "track": "t", "asset_id": "ghost"}], 404, "ghost"),
    "a name with markup in its id": ([{"edit": "add_track", "name": "x", "id": "<b>"}], 422, "id"),
    "an unknown loudness": ([{"edit": "piece", "loudness": "louder"}], 422, "loudness"),
    "too many": ([{"edit": "mute", "clip": "a"}] * 501, 422, "edits"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_is_said_and_saves_nothing(client: TestClient, path: str, what: str) -> None:
    wishes, status, said = WRONG[what]
    answer = patch(client, path, 1, *wishes)
    assert answer.status_code == status, answer.text
    assert said in answer.text
    assert client.get(path).json()["version"] == 1


def test_the_mix_is_of_the_edited_version(client: TestClient, path: str, studio: Studio) -> None:
    patch(client, path, 1, {"edit": "move", "clip": "a", "start_s": 1.5}, {"edit": "trim", "clip": "a", "end_s": 2.0})
    answer = client.post(f"{path}/render?wait=60", json={"stems": False})
    assert answer.status_code == 200, answer.text
    assert answer.json()["result"]["version"] == 2
    samples, rate = soundfile.read(studio.library.file(LOCAL, answer.json()["assets"][0]["id"]), always_2d=True)
    assert len(samples) / rate == pytest.approx(2.0, abs=0.01)
    assert abs(samples[: int(1.49 * rate)]).max() < 1e-4
    assert abs(samples[int(1.6 * rate) :]).max() > 0.1


def test_a_planned_use_is_asked_before_a_final_render(
    client: TestClient, path: str, studio: Studio, tmp_path: Path
) -> None:
    made = client.get(path).json()
    assert (made["document"]["planned_use"], made["clearance"]) == (None, None)
    answer = patch(client, path, 1, {"edit": "plan", "use": {"platform": "youtube"}})
    assert answer.json()["clearance"]["valid"] is True, "a sound of one's own"
    found = bring(studio, tmp_path, "Found somewhere", licence_id="unknown")
    answer = patch(client, path, 2, {"edit": "add", "track": "t", "asset_id": found.id})
    missing = answer.json()["clearance"]
    assert missing["valid"] is False
    assert "may not be published" in missing["reasons"][0]
    refused = client.post(f"{path}/render", json={})
    assert refused.status_code == 451, refused.text
    assert missing["reasons"][0] in refused.json()["detail"]
    draft = client.post(f"{path}/render?wait=60", json={"draft": True, "stems": False})
    assert draft.status_code < 300, draft.text
    assert patch(client, path, 3, {"edit": "plan"}).json()["clearance"] is None
