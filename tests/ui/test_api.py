"""The routes behind the page: sound with seeking, files with their sheets, and what strangers do not see."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from fastapi.testclient import TestClient

from core.api.service import api
from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.store.assets import Asset


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tone") / "tone.wav"
    seconds = np.arange(44_100) / 44_100
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 440 * seconds), 44_100)
    return path


@pytest.fixture(scope="module")
def client(studio: Studio) -> TestClient:
    return TestClient(api(studio), raise_server_exceptions=False)


@pytest.fixture(scope="module")
def asset(studio: Studio, tone: Path) -> Asset:
    return studio.importing.bring_in(LOCAL, tone, name="A tone", licence_id="uploaded-own")[0]


def demo(studio: Studio) -> TestClient:
    from dataclasses import replace

    open_to_all = replace(studio, settings=studio.settings.model_copy(update={"space_id": "someone/studio"}))
    return TestClient(api(open_to_all), raise_server_exceptions=False)


def test_sound_is_served_whole_and_in_parts(client: TestClient, asset: Asset) -> None:
    whole = client.get(f"/media/{asset.id}")
    assert whole.status_code == 200
    assert whole.headers["content-type"] == "audio/wav"
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert len(whole.content) == asset.bytes
    part = client.get(f"/media/{asset.id}", headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.headers["content-range"] == f"bytes 100-199/{asset.bytes}"
    assert part.content == whole.content[100:200]


def test_nothing_is_found_under_made_up_ids_and_paths(client: TestClient) -> None:
    for path in ("/media/asset_none", "/export/asset_none", "/media/..%2F..%2Fstudio.sqlite", "/voices/nobody/preview"):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert b"SQLite" not in answer.content
    told = client.get("/media/asset_none").json()
    assert "asset_none" in told["detail"]
    assert told["code"] == "not_found"


def test_a_person_who_follows_a_dead_link_reads_a_page_not_json(client: TestClient) -> None:
    answer = client.get("/media/%3Cscript%3Ealert(1)", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "<script>" not in answer.text
    assert "Back to the studio" in answer.text


def test_an_export_holds_the_file_and_both_sheets(client: TestClient, asset: Asset, studio: Studio) -> None:
    answer = client.get(f"/export/{asset.id}", params={"format": "mp3", "platform": "youtube", "commercial": True})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert sorted(archive.namelist()) == [
            "A tone.mp3", "A tone.mp3.who-made-what.json", "A tone.mp3.who-made-what.md",
        ]  # fmt: skip
        sheet = json.loads(archive.read("A tone.mp3.who-made-what.json"))
    assert sheet["use"]["platform"] == "youtube"
    assert sheet["cleared"] is True
    assert not list(studio.settings.work.glob("export-*")), "the export left its folder behind"


def test_the_bare_file_can_be_taken_too(client: TestClient, asset: Asset) -> None:
    answer = client.get(f"/export/{asset.id}", params={"format": "flac", "pack": False})
    assert answer.headers["content-type"] == "audio/flac"
    assert soundfile.info(io.BytesIO(answer.content)).format == "FLAC"


def test_wrong_values_are_named_and_what_is_allowed_too(client: TestClient, asset: Asset, studio: Studio) -> None:
    wrong = client.get(f"/export/{asset.id}", params={"format": "wma"})
    assert wrong.status_code == 422
    assert "wma" in wrong.json()["detail"]
    assert "mp3" in wrong.json()["hint"]
    nowhere = client.get(f"/export/{asset.id}", params={"platform": "billboard"})
    assert "billboard" in nowhere.json()["detail"]
    shape = client.get(f"/export/{asset.id}", params={"commercial": "perhaps"})
    assert shape.status_code == 422
    assert "commercial" in shape.json()["detail"]
    assert not list(studio.settings.work.glob("export-*"))


def test_rights_are_asked_before_anything_leaves(client: TestClient, studio: Studio, tone: Path) -> None:
    unknown, _ = studio.importing.bring_in(LOCAL, tone, name="Found somewhere")
    refused = client.get(f"/export/{unknown.id}", params={"platform": "youtube"})
    assert refused.status_code == 451
    assert "Found somewhere" in refused.json()["detail"]
    assert refused.json()["hint"]
    assert client.get(f"/export/{unknown.id}").status_code == 200, "privately it may be used"


@pytest.mark.parametrize(
    "name", ['Say "hi"', "../../etc/passwd", "बारिश की शाम", "Ça va? 100%", "a" * 300, "雨\r\nX: y"]
)
def test_names_of_any_script_and_shape_survive_the_way_out(
    client: TestClient, studio: Studio, tone: Path, name: str
) -> None:
    made, _ = studio.importing.bring_in(LOCAL, tone, name=name, licence_id="uploaded-own")
    for path in (f"/media/{made.id}", f"/export/{made.id}?pack=false", f"/export/{made.id}"):
        answer = client.get(path)
        assert answer.status_code == 200, path
        disposition = answer.headers["content-disposition"]
        assert "\n" not in disposition
        assert "x" not in answer.headers
        assert "/" not in disposition.replace("utf-8''", "").split("filename")[1]


def test_an_upload_becomes_an_asset_with_its_declared_rights(client: TestClient, studio: Studio, tone: Path) -> None:
    form = {"kind": "music", "licence": "cc-by-4.0", "credit": "Ada, Tone"}
    with tone.open("rb") as file:
        answer = client.post("/upload", data=form, files={"file": ("../mein Ton.wav", file)})
    assert answer.status_code == 201, answer.text
    made = studio.library.get(LOCAL, answer.json()["id"])
    assert made.name == "mein Ton"
    assert made.licence["credit"] == "Ada, Tone"
    assert made.duration_s == pytest.approx(1.0)
    assert not list(studio.settings.work.glob("upload-*"))


def test_an_upload_that_is_no_sound_is_refused_in_words(client: TestClient, studio: Studio) -> None:
    before = studio.library.search(LOCAL)[1]
    answer = client.post("/upload", files={"file": ("song.wav", b"this is a text file, not a song")})
    assert answer.status_code == 422
    assert "not a sound file" in answer.json()["detail"]
    no_credit = client.post("/upload", data={"licence": "cc-by-4.0"}, files={"file": ("a.wav", b"x")})
    assert no_credit.json()["code"] == "no_credit"
    assert studio.library.search(LOCAL)[1] == before


def test_another_site_may_not_upload(client: TestClient, tone: Path) -> None:
    answer = client.post(
        "/upload", files={"file": ("a.wav", tone.read_bytes())}, headers={"Origin": "https://elsewhere.example"}
    )
    assert answer.status_code == 403


def test_in_the_demo_each_browser_sees_only_its_own(studio: Studio, tone: Path, asset: Asset) -> None:
    with demo(studio) as client:
        cookie = "ab" * 16
        mine, _ = studio.importing.bring_in(Actor(f"demo-{cookie}", tier="free"), tone, name="Mine")
        client.cookies.set("studio_visitor", cookie)
        assert client.get(f"/media/{mine.id}").status_code == 200
        assert client.get(f"/media/{asset.id}").status_code == 404, "the owner's library is not public"
        client.cookies.set("studio_visitor", "cd" * 16)
        assert client.get(f"/media/{mine.id}").status_code == 404
        assert client.get(f"/export/{mine.id}").status_code == 404
        client.cookies.set("studio_visitor", "../../local")
        assert client.get(f"/media/{asset.id}").status_code == 404


def test_the_demo_gives_a_browser_one_number_no_script_can_read(studio: Studio) -> None:
    with demo(studio) as client:
        first = client.get("/").headers["set-cookie"]
        assert "HttpOnly" in first
        client.cookies.set("studio_visitor", first.split("=")[1].split(";")[0])
        assert "set-cookie" not in client.get("/").headers
    with TestClient(api(studio)) as local:
        assert "set-cookie" not in local.get("/healthz").headers


def test_a_voice_sample_is_made_once_and_played_from_then_on(client: TestClient, studio: Studio) -> None:
    first = client.get("/voices/espeak:en-us+f3/preview")
    assert first.status_code == 200
    assert first.headers["content-type"] == "audio/wav"
    before = len(studio.jobs.list(LOCAL, limit=500))
    assert client.get("/voices/espeak:en-us+f3/preview").content == first.content
    assert len(studio.jobs.list(LOCAL, limit=500)) == before


def test_health_says_whether_a_worker_is_alive(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"ok": True, "worker": True}
