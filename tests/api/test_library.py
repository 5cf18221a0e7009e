"""The library: found, brought in, changed, binned; and its bytes, whole, in parts, or not again."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from core.app import Studio
from core.kit.actor import LOCAL
from core.store.assets import Asset

PATH = "/api/audio-studio/library"


def test_a_file_comes_in_and_is_found_page_by_page(client: TestClient, tone: Path) -> None:
    for number in range(3):
        form = {"name": f"Drone {number}", "licence": "uploaded-own", "kind": "sound_effect"}
        answer = client.post(PATH, data=form, files={"file": ("../drone.wav", tone.read_bytes())})
        assert answer.status_code == 201, answer.text
        kept = answer.json()
        assert answer.headers["location"] == f"{PATH}/{kept['id']}"
        assert (kept["audio_id"], kept["type"], kept["size"]) == (kept["id"], "sound_effect", kept["bytes"])
        assert kept["duration"] == pytest.approx(1.0)
    found = client.get(PATH, params={"search": "drone", "limit": 2, "order": "name"}).json()
    assert (found["total"], [a["name"] for a in found["assets"]]) == (3, ["Drone 0", "Drone 1"])
    rest = client.get(PATH, params={"search": "drone", "limit": 2, "offset": 2, "order": "name"}).json()
    assert [a["name"] for a in rest["assets"]] == ["Drone 2"]
    assert client.get(PATH, params={"search": "drone", "type": "music"}).json()["total"] == 0
    for wrong in ({"limit": 0}, {"limit": 201}, {"offset": -1}, {"limit": "many"}, {"type": "song"}):
        assert client.get(PATH, params=wrong).status_code == 422


def test_what_a_job_made_is_kept_under_a_name(client: TestClient) -> None:
    job = client.post("/api/voice/speak?wait=60", json={"text": "A draft to keep.", "draft": True}).json()
    assert job["assets"][0]["draft"] is True
    kept = client.post(PATH, json={"job_id": job["job_id"], "name": "Kept", "tags": ["a"]}).json()
    assert (kept["name"], kept["draft"], kept["tags"]) == ("Kept", False, ["a"])
    assert client.post(PATH, json={"job_id": "job_none"}).status_code == 404


def test_an_asset_is_changed_binned_restored_and_purged(client: TestClient, studio: Studio, tone: Path) -> None:
    made = studio.importing.bring_in(LOCAL, tone, name="Passing")[0]
    path = f"{PATH}/{made.id}"
    changed = client.put(path, json={"name": "Stays", "tags": ["x", "y"], "rating": 4, "folder": "a/../b"}).json()
    assert (changed["name"], changed["tags"], changed["rating"], changed["folder"]) == ("Stays", ["x", "y"], 4, "a/b")
    assert client.put(path, json={"rating": None}).json()["rating"] is None
    assert client.put(path, json={"name": None}).status_code == 422
    assert client.put(path, json={"rating": 9}).status_code == 422
    assert client.put(path, json={"owner": "me"}).status_code == 422
    assert client.delete(path).json() == {"id": made.id, "binned": 1, "purged": 0}
    assert client.get(path).json()["deleted_at"]
    assert client.put(path, json={"binned": False}).json()["deleted_at"] is None
    assert client.delete(path, params={"purge": True}).json() == {"id": made.id, "binned": 1, "purged": 1}
    gone = client.get(path)
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")


def test_bytes_are_served_whole_in_parts_and_not_twice(client: TestClient, asset: Asset) -> None:
    path = f"{PATH}/{asset.id}/file"
    whole = client.get(path)
    tag = whole.headers["etag"]
    assert tag == f'"{asset.sha256}"'
    assert whole.headers["accept-ranges"] == "bytes"
    assert len(whole.content) == asset.bytes
    head = client.head(path)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(asset.bytes))
    part = client.get(path, headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.headers["content-range"] == f"bytes 100-199/{asset.bytes}"
    assert part.content == whole.content[100:200]
    assert client.get(path, headers={"Range": "bytes=-10"}).content == whole.content[-10:]
    assert client.get(path, headers={"Range": "bytes=0-9", "If-Range": tag}).status_code == 206
    other = client.get(path, headers={"Range": "bytes=0-9", "If-Range": '"another"'})
    assert (other.status_code, len(other.content)) == (200, asset.bytes)
    for sent in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        again = client.get(path, headers={"If-None-Match": sent})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    beyond = client.get(path, headers={"Range": f"bytes={asset.bytes}-"})
    assert beyond.status_code == 416
    assert client.get(path, headers={"Range": "bytes=abc"}).status_code in (200, 400, 416)


@pytest.mark.parametrize("name", ["a\r\nX-Evil: 1.wav", 'q";x=".wav', "雨の夜.wav", "a" * 400 + ".wav", "..", ""])
def test_no_name_reaches_a_header_as_it_came(client: TestClient, tone: Path, name: str) -> None:
    form = {"name": name, "licence": "uploaded-own"}
    answer = client.post(PATH, data=form, files={"file": ("x.wav", tone.read_bytes())})
    assert answer.status_code == 201, answer.text
    sound = client.get(answer.json()["file_url"])
    assert sound.status_code == 200
    assert "x-evil" not in sound.headers
    assert "\r" not in sound.headers["content-disposition"]
    assert "\n" not in sound.headers["content-disposition"]


def test_what_is_no_sound_is_refused_by_its_content(client: TestClient, studio: Studio) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("song.wav", b"\0" * 1_000_000)
    before = studio.library.search(LOCAL)[1]
    for content in (packed.getvalue(), b"<html>", b"", b"RIFF\xff\xff\xff\xffWAVE"):
        answer = client.post(PATH, files={"file": ("song.wav", content)})
        assert answer.status_code == 422, content[:10]
        assert answer.headers["content-type"] == "application/problem+json"
    assert studio.library.search(LOCAL)[1] == before
    assert not list(studio.settings.work.glob("upload-*"))
