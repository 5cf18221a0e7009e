"""studio schedules and studio history, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.cli.history import HitLine
from core.cli.schedules import RunLine, ScheduleLine
from tests.cli.conftest import Command

SNAPSHOTS = Path(__file__).with_name("planning_snapshots")
MODELS = {model.__name__: model for model in (ScheduleLine, RunLine, HitLine)}


def test_a_schedule_by_hand(cli: Command, tmp_path: Path) -> None:
    (tmp_path / "request.json").write_text('{"text": "The news of the day."}')
    made = cli("schedules", "add", "speech", "--request", "@request.json", "--cron", "every weekday at 18:30", "--zone",
               "Europe/Berlin", "--cap", "0.50", "--title", "News", "--json").json  # fmt: skip
    ScheduleLine.model_validate(made)
    assert (made["title"], made["words"], made["state"], made["cap_usd"]) == (
        "News", "At 18:30 on Monday through Friday", "active", "0.5",
    )  # fmt: skip
    key = made["id"]
    assert "News" in cli("schedules", "list").out
    assert cli("schedules", "pause", key, "--json").json["state"] == "paused"
    assert cli("schedules", "resume", key, "--json").json["state"] == "active"
    ran = cli("schedules", "run", key, "--json").json
    assert (ran["manual"], bool(ran["job_id"])) == (True, True)
    assert [line["job_id"] for line in cli("schedules", "runs", key, "--json").json] == [ran["job_id"]]
    assert cli("schedules", "delete", key, "--json").json == {"id": key}
    assert key not in {line["id"] for line in cli("schedules", "list", "--json").json}
    cli("schedules", "runs", key).fails(2)


@pytest.mark.parametrize(
    "arguments",
    [("add",), ("add", "music", "--cron", "@daily", "--request", "{"), ("add", "music", "--request", "[]", "--cron", "@daily"),
     ("add", "music", "--request", '{"prompt": "x"}', "--cron", "sometimes"), ("add", "music", "--job", "x", "--cron", "@daily"),
     ("add", "music", "--request", '{"prompt": "x"}', "--at", "2001-01-01 00:00"), ("add", "--job", "job_nowhere", "--cron", "@daily"),
     ("add", "music", "--request", '{"prompt": "x"}', "--cron", "@daily", "--cap", "much"), ("run", "schedule_nowhere")],
)  # fmt: skip
def test_what_cannot_be_planned(cli: Command, arguments: tuple[str, ...]) -> None:
    cli("schedules", *arguments).fails(2)


def test_found_and_made_again(cli: Command) -> None:
    job = cli("speak", "A marzipan sentence.", "--out", "m.wav", "--json").json["job_id"]
    found = cli("history", "--text", "MARZIPAN", "--json").json
    HitLine.model_validate(found[0])
    assert [(line["job_id"], line["status"], line["fate"]) for line in found] == [(job, "done", "kept")]
    assert cli("history", "--text", "marzipan", "--fate", "deleted", "--json").json == []
    assert (
        cli("history", "--text", "marzipan", "--seconds", "-60", "--cost", "0-0.5", "--from", "2026-01-01").out.count(
            job
        )
        == 1
    )
    assert cli("history", "--text", "no such words at all").out.startswith("Nothing like that")
    again = cli("history", "--again", job, "--json").json
    assert (again["kind"], again["id"] != job) == ("speech", True)
    planned = cli("schedules", "add", "--job", job, "--at", "2099-01-01 09:00", "--json").json
    assert (planned["kind"], planned["words"]) == ("speech", "Once")
    for wrong in (("--from", "yesterday"), ("--bpm", "fast"), ("--fate", "eaten"), ("--again", "job_nowhere")):
        cli("history", *wrong).fails(2)


@pytest.mark.parametrize("name", MODELS)
def test_the_json_that_scripts_rely_on(name: str) -> None:
    """As in test_keeping: where a change is meant, delete the snapshot."""
    file = SNAPSHOTS / f"{name}.json"
    schema = json.dumps(MODELS[name].model_json_schema(), indent=2, sort_keys=True) + "\n"
    if not file.exists():
        file.write_text(schema)
        pytest.fail(f"{file.name} was missing and is written: look at it and commit it")
    assert file.read_text() == schema
