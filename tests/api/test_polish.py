"""Sound presets over REST."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from core.app import Studio
from core.kit.actor import LOCAL


def take(client: TestClient) -> dict[str, Any]:
    body = {"text": "The harbour wakes before the town does.", "sound": "podcast"}
    answer = client.post("/api/voice/speak?wait=60", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["assets"][0])


def test_the_presets_say_who_asks_for_what(client: TestClient) -> None:
    rows = {row["name"]: row for row in client.get("/api/sound/presets").json()["presets"]}
    assert set(rows) == {"podcast", "audiobook", "video", "clean"}
    assert (rows["podcast"]["lufs_stereo"], rows["podcast"]["lufs_mono"], rows["podcast"]["dbtp"]) == (-16, -19, -1)
    assert "ACX" in rows["audiobook"]["sources"]["noise_floor"]
    assert rows["clean"]["lufs_mono"] is None


def test_a_piece_is_polished(client: TestClient, studio: Studio) -> None:
    spoken = take(client)
    body = {"asset_id": spoken["id"], "preset": "video", "overrides": {"lufs": -15}}
    assert client.post("/api/sound/polish", json=body).status_code == 202
    ended = client.post("/api/sound/polish?wait=60", json=body)
    assert ended.status_code == 200, ended.text
    piece = next(each for each in ended.json()["assets"] if each["role"] == "primary")
    told = studio.library.get(LOCAL, piece["id"]).generation_config["polish"]
    assert abs(told["after"]["lufs"] + 15) < 0.15
    assert (told["preset"], told["overrides"], told["from"]) == ("video", {"lufs": -15.0}, spoken["id"])


def test_what_cannot_be_is_said(client: TestClient) -> None:
    for body, said in (
        ({"asset_id": "asset_none", "preset": "video"}, 404), ({"asset_id": "asset_none", "preset": "loud"}, 422),
        ({"asset_id": "asset_none", "preset": "audiobook", "overrides": {"lufs": -16}}, 422),
        ({"asset_id": "asset_none", "preset": "clean", "cap_usd": "1"}, 422),
        ({"asset_id": "asset_none", "preset": "clean", "overrides": {"lufs": 3}}, 422),
    ):  # fmt: skip
        assert client.post("/api/sound/polish", json=body).status_code == said, body
    assert client.post("/api/voice/speak", json={"text": "One.", "sound": "loud"}).status_code == 422
