"""studio styles: what it answers, that it does it, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

from core.cli.styles import StyleLine, TrainedLine
from tests.cli.conftest import Command
from tests.music.providers.musicgen_checkpoint import INSTALLED

SNAPSHOTS = Path(__file__).with_name("style_snapshots")


def test_a_style_from_its_first_day_to_its_last(cli: Command) -> None:
    music = ("music", "--genre", "house", "--bpm", "118", "--seconds", "8", "--json")
    tracks = [
        next(
            one["id"]
            for one in cli(*music, "--seed", seed, "--out", f"{seed}.wav").json["assets"]
            if one["role"] == "primary"
        )
        for seed in "123"
    ]
    assert "may be learned from" in cli("styles", "learn", "Night", *tracks).fails(5)
    assert "2 tracks" in cli("styles", "learn", "Night", *tracks[:2], "--rights").fails(2)
    style = cli("styles", "learn", "Night", *tracks, "--rights", "--json").json
    assert (style["name"], style["tracks"], style["genre"], style["engines"]) == ("Night", 3, "house", ["composer"])
    assert 117 < style["figures"]["bpm"]["median"] < 119
    assert "118 BPM (118 to 118)" in cli("styles", "list").out
    assert cli("styles", "rename", style["id"], "Nights", "--json").json["name"] == "Nights"
    made = cli("music", "--style", style["id"], "--seconds", "5", "--out", "new.wav", "--json").json
    assert made["assets"][0]["id"]
    if not INSTALLED:
        assert "pip install -r requirements-musicgen.txt" in cli("styles", "train", style["id"]).fails(3)
    assert "no team" in cli("styles", "share", style["id"], "--team", "team_nowhere").fails(2).lower()
    assert cli("styles", "share", style["id"], "--json").json["id"] == style["id"]
    assert cli("styles", "delete", style["id"], "--json").json == {"id": style["id"]}
    assert cli("styles", "list", "--json").json == []


def test_the_shape_of_an_answer_does_not_change_unseen() -> None:
    for model in (StyleLine, TrainedLine):
        kept = (SNAPSHOTS / f"{model.__name__}.json").read_text(encoding="utf-8")
        assert model.model_json_schema() == json.loads(kept)
