"""Favourites and playlists over REST, under the document's paths."""

from __future__ import annotations

from fastapi.testclient import TestClient

from core.store.assets import Asset

BASE = "/api/music-licensing"


def test_a_favourite_and_a_playlist_from_first_to_last(client: TestClient, asset: Asset) -> None:
    first = client.post(f"{BASE}/favorites", json={"assetId": asset.id, "notes": "calm", "tags": ["intro"]})
    assert (first.status_code, first.json()["assetId"], first.json()["track"]["title"]) == (201, asset.id, "A tone")
    again = client.post(f"{BASE}/favorites", json={"assetId": asset.id, "tags": ["outro"]})
    assert (again.status_code, again.json()["id"], again.json()["notes"]) == (200, first.json()["id"], "calm")
    assert client.get(f"{BASE}/favorites", params={"tag": "intro"}).json()["total"] == 0
    assert [one["tags"] for one in client.get(f"{BASE}/favorites").json()["favorites"]] == [["outro"]]

    made = client.post(
        f"{BASE}/playlists", json={"name": "Harbour", "isPublic": True, "tracks": [{"assetId": asset.id}]}
    ).json()
    assert (made["count"], made["visibility"], made["isPublic"], made["tracks"]["added"]) == (1, "public", True, 1)
    path = f"{BASE}/playlists/{made['id']}"
    entry = client.get(path).json()["tracks"][0]
    changed = client.put(
        path, json={"name": "Port", "isPublic": False, "notes": {entry["id"]: "loud"}, "move": [{"entryId": entry["id"]}],
                    "add": [{"assetId": asset.id}]},
    ).json()  # fmt: skip
    assert (changed["name"], changed["visibility"], changed["tracks"]["already"]) == ("Port", "private", 1)
    through = client.get(f"{path}/play").json()
    assert (through["playable"], through["steps"][0]["url"], through["seconds"]) == (1, f"/media/{asset.id}", 1.0)
    for form, begin in (("json", "{"), ("csv", "position,"), ("m3u8", "#EXTM3U")):
        file = client.get(f"{path}/export", params={"format": form})
        assert file.text.startswith(begin)
        assert file.headers["content-disposition"] == f'attachment; filename="Port.{form}"'
    assert f"http://127.0.0.1/media/{asset.id}" in client.get(f"{path}/export", params={"format": "m3u8"}).text

    rules = {"match": "all", "rules": [{"field": "favourite", "op": "is", "value": True}]}
    tried = client.post(f"{BASE}/playlists/try", json={"rules": rules}).json()
    smart = client.post(f"{BASE}/playlists", json={"name": "Liked", "rules": rules}).json()
    assert (tried["total"], smart["smart"], smart["count"]) == (1, True, None)
    assert [one["name"] for one in client.get(f"{BASE}/playlists", params={"scope": "mine"}).json()["playlists"]] == [
        "Liked",
        "Port",
    ]
    assert client.delete(f"{BASE}/favorites/{first.json()['id']}").status_code == 204
    assert client.get(f"{BASE}/playlists/{smart['id']}").json()["total"] == 0
    for one in (made, smart):
        assert client.delete(f"{BASE}/playlists/{one['id']}").status_code == 204
    assert client.get(path).json()["code"] == "no_playlist"


def test_what_cannot_work_is_said(client: TestClient, asset: Asset) -> None:
    for path, body, code in (
        ("favorites", {"provider": "nobody", "trackId": "1"}, "no_provider"),
        ("favorites", {"provider": "nobody"}, "bad_request"),
        ("favorites", {"assetId": "asset_nowhere"}, "no_track"),
        ("playlists", {"name": " "}, "bad_name"),
        ("playlists", {"name": "A", "visibility": "team"}, "no_team"),
        ("playlists", {"name": "A", "rules": {"rules": [{"field": "bpm", "op": "is", "value": "fast"}]}}, "bad_rules"),
        ("playlists", {"name": "A", "tracks": [{"assetId": asset.id}] * 10_001}, "playlist_full"),
    ):
        answer = client.post(f"{BASE}/{path}", json=body)
        assert 400 <= answer.status_code < 500, answer.text
        assert answer.json()["code"] == code, answer.text
    assert client.get(f"{BASE}/playlists").json()["total"] == 0, "nothing is left of what was refused"
