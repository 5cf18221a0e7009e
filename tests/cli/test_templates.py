"""studio templates: what it answers, that it does it, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import soundfile
from pydantic import BaseModel

from core.cli import template_answers
from tests.cli.conftest import Command


def test_a_template_from_its_first_day_to_its_last(cli: Command, tmp_path: Path) -> None:
    made = cli("templates", "create", "Harbour", "--set", "mood=calm", "--set", "duration=4", "--set", "seed=3",
               "--use-case", "intro", "--json").json  # fmt: skip
    assert (made["fields"], made["use_cases"]) == ({"mood": "calm", "seconds": 4.0, "seed": 3}, ["intro"])
    told = cli("templates", "generate", made["id"], "--out", "harbour.wav", "--set", "bpm=100", "--json").json
    assert soundfile.info(str(tmp_path / "harbour.wav")).duration >= 4
    assert told["assets"][0]["role"] == "primary"
    shown = cli("templates", "show", made["id"], "--json").json
    assert (shown["usage_count"], shown["engine"], shown["ignored"]) == (1, "composer", [])
    assert [line["version"] for line in shown["versions"]] == [1]
    assert "used 1 times, 100% kept" in cli("templates", "show", made["id"]).out
    assert cli("templates", "generate", made["id"], "--out", "b.wav", "--best-seed").fails(2), "one with another BPM"

    assert cli("templates", "export", "mine.yaml", "--template", made["id"]).out.strip() == "mine.yaml"
    assert cli("templates", "import", "mine.yaml", "--on-conflict", "skip", "--json").json[0]["did"] == "skipped"
    copied = cli("templates", "import", "mine.yaml", "--json").json
    assert [(line["name"], line["did"]) for line in copied] == [("Harbour (2)", "copied")]
    text = (tmp_path / "mine.yaml").read_text()
    told = cli("templates", "export", "again.yaml", "--template", made["id"], "--json").json
    assert (told, (tmp_path / "again.yaml").read_text()) == ({"path": "again.yaml", "yaml": ""}, text)
    told = cli("templates", "export", "-", "--template", made["id"], "--json").json
    assert told == {"path": "-", "yaml": text}
    assert cli("templates", "export", "-", "--template", made["id"]).out == text
    assert cli("templates", "delete", made["id"]).out == "deleted\n"
    assert cli("templates", "delete", copied[0]["id"], "--json").json == {"id": copied[0]["id"]}
    assert "no template" in cli("templates", "show", made["id"]).fails(2)


def test_the_list_is_filtered(cli: Command) -> None:
    shipped = cli("templates", "list", "--scope", "shipped", "--json").json
    assert len(shipped) == 30
    loops = cli("templates", "list", "--scope", "shipped", "--use-case", "game loop", "--json").json
    assert {line["id"] for line in loops} == {"game-exploration-loop", "game-battle-loop", "game-menu-loop"}
    assert "Video Intro" in cli("templates", "list", "--search", "inspiring cinematic").out
    assert "No template" in cli("templates", "list", "--search", "nothing like it").out


@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        (["list", "--scope", "everything"], "scope"),
        (["list", "--use-case", "elevator"], "use case"),
        (["list", "--by", "luck"], "luck"),
        (["show", "nobody"], "no template"),
        (["create", "X"], "say something"),
        (["create", "X", "--set", "bpm"], "sets nothing"),
        (["create", "X", "--set", "tempo=3"], "tempo"),
        (["create", "X", "--set", "bpm=999"], "bpm"),
        (["create", "X", "--set", "bpm=90", "--asset", "asset_x"], "a piece or from settings"),
        (["generate", "video-intro", "--out", "a.wav", "--set", "seconds=1"], "seconds"),
        (["generate", "video-intro", "--out", "a.txt"], "ending"),
        (["delete", "video-intro"], "comes with the studio"),
        (["import", "nowhere.yaml"], "nowhere.yaml"),
        (["import", "bad.yaml"], "Line 1"),
        (["import", "bytes.yaml"], "UTF-8"),
        (["export", "x.yaml", "--template", "nobody"], "no template"),
    ],
)
def test_what_cannot_work_is_refused(cli: Command, tmp_path: Path, arguments: list[str], about: str) -> None:
    (tmp_path / "bad.yaml").write_text("templates: [&a x, *a]\n")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    assert about in cli("templates", *arguments).fails(2)


MODELS = {name: value for name, value in vars(template_answers).items()
          if isinstance(value, type) and issubclass(value, BaseModel) and value is not BaseModel}  # fmt: skip
SNAPSHOTS = Path(__file__).with_name("template_snapshots")


@pytest.mark.parametrize("name", MODELS)
def test_the_json_that_scripts_rely_on(name: str) -> None:
    """Where the change is meant: delete the snapshot; the test writes it anew and fails once."""
    file, schema = SNAPSHOTS / f"{name}.json", MODELS[name].model_json_schema()
    plain: dict[str, Any] = {key: value for key, value in schema.items() if key != "description"}
    text = json.dumps(plain, indent=2, sort_keys=True) + "\n"
    if not file.exists():
        SNAPSHOTS.mkdir(exist_ok=True)
        file.write_text(text)
        pytest.fail(f"{file.name} was missing and is written: look at it and commit it")
    assert file.read_text() == text


def test_no_snapshot_is_left_of_a_model_that_is_gone() -> None:
    assert {file.stem for file in SNAPSHOTS.iterdir()} == set(MODELS)
