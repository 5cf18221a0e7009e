"""studio batch and studio trial."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tests.cli.conftest import Command


def test_a_table_becomes_a_zip(cli: Command, tmp_path: Path) -> None:
    Path("rows.csv").write_text("mood,duration,seed\ncalm,3,5\nblue,3,\n")
    assert "row 2: There is no mood 'blue'" in cli("batch", "rows.csv").fails(2)
    assert "no ZIP file name" in cli("batch", "rows.csv", "--out", "x.wav").fails(2)
    assert "no_such.csv" in cli("batch", "no_such.csv").fails(2)
    made = cli("batch", "rows.csv", "--skip-bad", "--json").json
    assert [(row["status"], row["seed"]) for row in made["rows"]] == [("done", 5), ("wrong", None)]
    with zipfile.ZipFile(tmp_path / "music.zip") as archive:
        assert "manifest.csv" in archive.namelist()
    assert "Everything in job" in cli("batch", "rows.csv", "--resume", made["job_id"]).fails(2)


def test_a_trial_is_heard_blind_and_chosen(cli: Command, tmp_path: Path) -> None:
    assert "no name with values" in cli("trial", "start", "--grid", "bpm").fails(2)
    started = cli(
        "trial",
        "start",
        "--grid",
        "intensity=low,high",
        "--base",
        "mood=calm",
        "--seconds",
        "3",
        "--out",
        "heard",
        "--json",
    ).json
    assert [each["letter"] for each in started["variants"]] == ["A", "B"]
    assert sorted(path.name for path in (tmp_path / "heard").iterdir()) == ["A.wav", "B.wav"]
    assert "Choose first" in cli("trial", "result", started["id"]).fails(2)
    assert started["id"] in cli("trial", "show").out
    chosen = cli("trial", "choose", started["id"], "B", "--keep", "--json").json
    winner = chosen["variants"][0]
    assert (winner["letter"], winner["wins"], chosen["kept"] is not None) == ("B", 1, True)
    assert "too few to say" in cli("trial", "result", started["id"]).out
