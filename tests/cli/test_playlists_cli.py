"""studio playlists: fill, order, take out as a file."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Command


def test_a_playlist_by_hand(cli: Command, tmp_path: Path) -> None:
    sound = cli("music", "--mood", "calm", "--seconds", "3", "--out", "rain.wav", "--json").json["assets"][0]["id"]
    made = cli("playlists", "create", "Harbour", sound, "--json").json
    assert (made["count"], made["smart"], made["visibility"]) == (1, False, "private")
    assert cli("playlists", "add", made["id"], sound).out.strip() == "0 added, 1 in it already"
    entry = cli("playlists", "show", made["id"], "--json").json["tracks"][0]
    assert (entry["track_id"], entry["sound"]) == (sound, "file")
    assert cli("playlists", "move", made["id"], entry["entry_id"]).out == "moved\n"
    assert cli("playlists", "export", made["id"], "list.csv").out.strip() == "list.csv"
    assert (tmp_path / "list.csv").read_text().startswith("position,provider,id,title")
    assert cli("playlists", "export", made["id"], "-", "--format", "m3u8").out.startswith(
        "#EXTM3U\n#PLAYLIST:Harbour\n"
    )
    assert "Harbour" in cli("playlists", "list").out
    rules = json.dumps({"rules": [{"field": "favourite", "op": "is", "value": True}]})
    smart = cli("playlists", "create", "Liked", "--rules", rules, "--json").json
    liked = cli("playlists", "like", sound, "--tag", "calm", "--json").json
    assert [one["id"] for one in cli("playlists", "favourites", "--tag", "calm", "--json").json] == [liked["id"]]
    assert cli("playlists", "show", smart["id"], "--json").json["total"] == 1
    assert cli("playlists", "remove", made["id"], entry["entry_id"]).out == "0 tracks are left\n"
    assert cli("playlists", "unlike", liked["id"], "--json").json == {"id": liked["id"]}
    for one in (made, smart):
        assert cli("playlists", "delete", one["id"]).out == "deleted\n"
    assert "no playlist" in cli("playlists", "show", made["id"]).fails(2)
    assert "rules" in cli("playlists", "create", "Bad", "--rules", "{").fails(2)
