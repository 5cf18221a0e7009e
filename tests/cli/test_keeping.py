"""library, jobs, costs, mart, doctor: what they answer and that they do it."""

from __future__ import annotations

import json
import socket
from decimal import Decimal
from pathlib import Path

import pytest

from core.cli import answers
from tests.cli.conftest import Command


@pytest.fixture
def voice(cli: Command) -> dict[str, str]:
    made = cli("speak", "A line to keep.", "--out", "k.wav", "--json").json
    return {"job": made["job_id"], "asset": made["assets"][0]["id"]}


def test_library_from_import_to_purge(cli: Command, tone: Path, tmp_path: Path) -> None:
    asset = cli("library", "import", str(tone), "--name", "Ö 'quoted' | piped", "--licence", "cc-by-4.0", "--credit",
                "Ann Author, Tone", "--json").json  # fmt: skip
    answers.AssetLine.model_validate(asset)
    assert (asset["kind"], asset["source"], asset["licence"]["credit"]) == ("music", "uploaded", "Ann Author, Tone")
    key = asset["id"]
    edited = cli("library", "edit", key, "--folder", "../drafts/./one", "--tags", "rain, slow,rain", "--rating", "4",
                 "--favourite", "--json").json  # fmt: skip
    assert (edited["folder"], edited["tags"], edited["rating"], edited["favourite"]) == (
        "drafts/one",
        ["rain", "slow"],
        4,
        True,
    )
    found = cli("library", "list", "--search", "quoted rain", "--json").json
    assert [line["id"] for line in found] == [key]
    assert cli("library", "list", "--kind", "midi", "--search", "quoted", "--json").json == []
    assert cli("library", "show", key, "--json").json["id"] == key
    out = tmp_path / "out"
    done = cli("library", "export", key, "--to", str(out), "--format", "mp3", "--platform", "youtube", "--commercial")
    assert done.code == 0, done.err
    paths = [Path(line) for line in done.out.splitlines()]
    assert [path.suffix for path in paths] == [".mp3", ".md", ".json"]
    assert all(path.exists() for path in paths)
    assert "Ann Author, Tone" in paths[1].read_text()
    assert json.loads(paths[2].read_text())["cleared"] is True
    assert cli("library", "bin", key).out == "1 moved to the bin\n"
    assert [line["id"] for line in cli("library", "list", "--bin", "--json").json] == [key]
    assert cli("library", "restore", key).code == 0
    cli("library", "purge", key).fails(2)
    assert cli("library", "bin", key).code == 0
    assert cli("library", "purge", key).code == 0
    cli("library", "show", key).fails(2)


def test_export_to_a_folder_beside_you(cli: Command, voice: dict[str, str], tmp_path: Path) -> None:
    done = cli("library", "export", voice["asset"], "--to", "out", "--format", "mp3")
    assert done.code == 0, done.err
    assert len(list((tmp_path / "out").iterdir())) == 3


def test_jobs(cli: Command, voice: dict[str, str]) -> None:
    listed = cli("jobs", "list", "--limit", "500", "--json").json
    shown = cli("jobs", "show", voice["job"], "--json").json
    answers.JobLine.model_validate(shown)
    assert shown["status"] == "done"
    assert shown["percent"] == 100
    assert shown["id"] in {line["id"] for line in listed}
    assert cli("jobs", "cancel", voice["job"], "--json").json["status"] == "done"
    assert {line["status"] for line in cli("jobs", "list", "--status", "done", "--json").json} == {"done"}


def test_the_queue_is_paused_moved_and_resumed(cli: Command) -> None:
    from core.app import build_studio
    from core.kit.actor import LOCAL

    assert cli("jobs", "pause").out == "The queue is paused.\n"
    studio = build_studio()
    try:
        first, second, third = (studio.voice.speak(LOCAL, text=f"Queued {n}.").id for n in range(3))
        place = lambda key: cli("jobs", "show", key, "--json").json["position"]  # noqa: E731
        assert [place(key) for key in (first, second, third)] == [0, 1, 2]
        assert cli("jobs", "move", third, "--json").json["position"] == 0
        assert cli("jobs", "move", first, "--priority", "urgent", "--json").json["position"] == 0
        assert cli("jobs", "pause", second, "--json").json["paused"] is True
        assert cli("jobs", "cancel", third, "--json").json["status"] == "cancelled"
        cli("jobs", "move", first, "--priority", "soon").fails(2)
        cli("jobs", "move", first, "--before", "nope").fails(2)
        assert cli("jobs", "resume").code == 0
        assert studio.jobs.wait(LOCAL, first, 30).status == "done"
        assert studio.jobs.show(LOCAL, second).status == "waiting"
        assert cli("jobs", "resume", second, "--json").code == 0
        assert studio.jobs.wait(LOCAL, second, 30).status == "done"
        assert cli("jobs", "retry", third, "--json").json["status"] in ("waiting", "running", "done")
        assert studio.jobs.wait(LOCAL, third, 30).status == "done"
    finally:
        cli("jobs", "resume")
        studio.close()


@pytest.mark.usefixtures("voice")
def test_costs(cli: Command) -> None:
    costs = answers.Costs.model_validate(cli("costs", "--json").json)
    assert {cap.scope for cap in costs.caps} >= {"day", "month", "user_day"}
    for cap in costs.caps:
        assert Decimal(cap.limit_usd) - Decimal(cap.used_usd) == Decimal(cap.left_usd)
    assert sum(Decimal(line.settled_usd) for line in costs.month) == Decimal(costs.month_usd)
    assert next(line.count for line in costs.month if line.provider == "espeak") >= 1


@pytest.mark.usefixtures("voice")
def test_mart(cli: Command) -> None:
    state = answers.MartLine.model_validate(cli("mart", "refresh", "--json").json)
    assert state.as_of is not None
    assert Path(state.path).exists()
    assert cli("mart", "refresh", "--rebuild", "--json").json["outcome"] == "rebuilt"


def test_doctor(typed: Command) -> None:
    found = [answers.CheckLine.model_validate(line) for line in typed("doctor", "--json").json]
    names = {check.name for check in found}
    assert {"disk", "database", "ffmpeg", "voices", "worker", "mart", "ports"} <= names
    assert {check.state for check in found} <= {"ready", "missing", "broken"}
    assert all(check.remedy for check in found if check.state != "ready")
    assert next(check.state for check in found if check.name == "worker") == "ready"


def test_doctor_and_up_name_a_taken_port(typed: Command, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        home = str(tmp_path / "other")
        answer = typed("doctor", "--json", STUDIO_HOME=home, STUDIO_PORT=str(port))
        assert answer.code == 3
        broken = [line for line in json.loads(answer.out) if line["state"] == "broken"]
        assert [line["name"] for line in broken] == ["ports"]
        said = typed("up", STUDIO_HOME=home, STUDIO_PORT=str(port)).fails(3)
        assert str(port) in said


MODELS = {name: value for name, value in vars(answers).items() if isinstance(value, type)
          and issubclass(value, answers.BaseModel) and value is not answers.BaseModel}  # fmt: skip
SNAPSHOTS = Path(__file__).with_name("snapshots")


@pytest.mark.parametrize("name", MODELS)
def test_the_json_that_scripts_rely_on(name: str) -> None:
    """A changed field breaks somebody's script. If it is meant, delete the snapshot; the test writes it anew and fails
    once, so that the change is seen in review."""
    file = SNAPSHOTS / f"{name}.json"
    schema = json.dumps(MODELS[name].model_json_schema(), indent=2, sort_keys=True) + "\n"
    if not file.exists():
        file.write_text(schema)
        pytest.fail(f"{file.name} was missing and is written: look at it and commit it")
    assert file.read_text() == schema


def test_no_snapshot_is_left_of_a_model_that_is_gone() -> None:
    assert {file.stem for file in SNAPSHOTS.iterdir()} == set(MODELS)
