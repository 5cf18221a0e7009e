"""From a search to a finished piece and to its block when a licence ends, over REST: on one's own files and on Openverse (its
stand-in), with no key. The page goes the same way in tests/ui/test_licensing_life.py, the command in
tests/cli/test_the_whole_way_cli.py."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from core.api.service import api
from core.app import Studio, build_studio
from core.kit.clock import today
from core.kit.settings import load_settings
from tests.clouds.openverse import OpenverseServer
from tests.licensing.papers import with_paper
from tests.video import films


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with OpenverseServer() as cloud:
        opened = build_studio(load_settings(home=tmp_path_factory.mktemp("way") / "home", openverse_url=cloud.url))
        opened.ensure_worker()
        yield opened
        opened.close()


def test_over_rest(desk: Studio, tmp_path: Path) -> None:
    sound, paper = with_paper(tmp_path, "Lantern", 311.0)
    film = films.mute(tmp_path / "mute.mp4")
    with TestClient(api(desk), base_url="http://127.0.0.1") as client:

        def asked(method: str, path: str, code: int = 200, **sent: Any) -> Any:
            answer = client.request(method, f"/api/{path}", **sent)
            assert answer.status_code == code, (path, answer.text)
            return answer.json() if answer.headers["content-type"].startswith("application/") else answer

        def made(path: str, body: dict[str, Any]) -> dict[str, Any]:
            done = asked("POST", f"{path}?wait=60", json=body)
            assert done["status"] == "done", done
            asset = done["assets"][0]
            return dict(asset)

        files = {"file": (sound.name, sound.read_bytes()), "paper": (paper.name, paper.read_bytes())}
        (mine,) = asked("POST", "music-licensing/own", 201, files=files)["proposals"]
        licence = asked(
            "POST", f"music-licensing/own/{mine['id']}/confirm", 201, json={"fields": {"derivatives": True}}
        )
        (found,) = asked("GET", "music-licensing/search", params={"query": "Lantern", "provider": "own"})["tracks"]
        open_one = asked("GET", "music-licensing/search", params={"query": "Public Piano", "provider": "openverse"})[
            "tracks"
        ][0]
        assert found["id"] == mine["trackId"]

        taken = asked(
            "POST", "audio-studio/library", 201, files={"file": (film.name, film.read_bytes())}, data={"kind": "video"}
        )
        clip = asked("POST", "video/scenes?wait=60", json={"asset_id": taken["id"]})
        under = {"clip_id": clip["result"]["clip_id"], "seconds": 2}
        heard = made(
            "music-licensing/auditions", {"track": {"provider": "openverse", "track_id": open_one["id"]}} | under
        )
        assert heard["draft"]

        bed = made("music-licensing/tracks", {"provider": "openverse", "track_id": open_one["id"], "form": "full"})
        tracks = [
            {"name": name, "role": "music", "clips": [{"asset_id": each}]}
            for name, each in (("A", mine["id"]), ("B", bed["id"]))
        ]
        plan = {"platform": "tiktok", "commercial": True}
        project = asked(
            "POST", "projects", 201, json={"name": "Film", "document": {"tracks": tracks, "planned_use": plan}}
        )
        assert not project["clearance"]["valid"]
        assert asked("POST", f"projects/{project['id']}/render", 451, json={})["hint"]
        wish = {"based_on": project["version"], "edits": [{"edit": "plan", "use": plan | {"platform": "youtube"}}]}
        assert asked("PATCH", f"projects/{project['id']}", json=wish)["clearance"]["valid"]
        mix = made(f"projects/{project['id']}/render", {"name": "Film", "stems": False})

        out = f"export/{mix['id']}"
        assert client.get(f"/{out}").content[:2] == b"PK", "with its sheets, for what its project is planned for"
        sheet = asked("GET", f"music-licensing/cue-sheet/{mix['id']}", params={"form": "json"})
        assert {cue["title"] for cue in sheet["cues"]} == {"Lantern", open_one["title"]}
        report = asked("GET", "music-licensing/report", params={"form": "json", "project_id": project["id"]})
        assert report["covered"] == report["uses"] == 2, "the open one too"
        proof = asked("GET", f"music-licensing/licenses/{licence['id']}")
        assert (proof["proof_name"], len(proof["proof_sha256"])) == ("Lantern licence", 64)

        yesterday = (today() - timedelta(days=1)).isoformat()
        asked("PATCH", f"music-licensing/licenses/{licence['id']}", json={"fields": {"ends_on": yesterday}})
        late = client.get(f"/{out}")
        assert (late.status_code, "Lantern" in late.json()["detail"]) == (451, True), late.text
        assert asked("POST", f"projects/{project['id']}/render", 451, json={})["hint"]
