"""studio recommend, studio score: what they answer, that the files are there, and what they refuse."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from core.cli.scoring import Advice, ScoredFiles, ScorePlanned
from tests.cli.conftest import Command
from tests.video.films import MONTAGE, MONTAGE_CUTS

SNAPSHOTS = Path(__file__).with_name("score_snapshots")


def test_a_film_is_recommended_music_and_comes_back_scored(cli: Command, tmp_path: Path) -> None:
    told = cli("recommend", str(MONTAGE), "--json").json
    assert [round(scene["start_s"] * 24) for scene in told["scenes"]] == [0, *MONTAGE_CUTS]
    assert all(scene["recommendation"]["why"] for scene in told["scenes"])
    assert told["cues"]
    plain = cli("recommend", told["asset_id"]).out
    assert told["scenes"][0]["recommendation"]["why"] in plain
    plan = cli("score", told["asset_id"], "--plan", "--one", "--seed", "3", "--json").json
    assert (plan["clip_id"], float(plan["usd"]), len(plan["cues"])) == (told["clip_id"], 0, 1)

    made = cli(
        "score", str(MONTAGE), "--one", "--seed", "3", "--text", "It is morning.", "--out", "film.mp4", "--stems", "parts",
        "--cue-sheet", "cues.csv", "--json",
    ).json  # fmt: skip
    assert (made["clip_id"], made["cost_usd"], made["licence"]["id"]) == (told["clip_id"], "0", "combined")
    assert Path(made["path"]) == (tmp_path / "film.mp4").resolve()
    assert b"ftyp" in Path(made["path"]).read_bytes()[:16]
    with Path(made["cue_sheet_path"]).open(encoding="utf-8", newline="") as file:
        assert [row["asset_id"] for row in csv.DictReader(file)] == made["pieces"]
    assert set(made["stem_paths"]) == set(made["stems"])
    assert all(Path(path).parent.name == "parts" and Path(path).stat().st_size for path in made["stem_paths"].values())
    assert made["voice"]
    assert abs(made["lufs"] + 14) < 1


def test_what_cannot_be_scored_is_refused_before_anything_is_made(cli: Command, tone: Path) -> None:
    assert "no file 'nowhere.mp4'" in cli("recommend", "nowhere.mp4").fails(2)
    assert "no picture" in cli("score", str(tone), "--out", "film.mp4").fails(2)
    assert ".mp4" in cli("score", str(MONTAGE), "--out", "film.avi").fails(2)
    assert "--plan" in cli("score", str(MONTAGE)).fails(2)
    assert ".csv" in cli("score", str(MONTAGE), "--out", "film.mp4", "--cue-sheet", "cues.xml").fails(2)
    assert "not both" in cli("score", str(MONTAGE), "--voice", str(tone), "--text", "Hi.", "--out", "f.mp4").fails(2)


def test_the_shape_of_an_answer_does_not_change_unseen() -> None:
    for model in (Advice, ScoredFiles, ScorePlanned):
        kept = (SNAPSHOTS / f"{model.__name__}.json").read_text(encoding="utf-8")
        assert model.model_json_schema() == json.loads(kept)
