"""plans, quota, alerts, fixed, calculate, calls, refund: what they answer, that they do it, and what they refuse."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from core.app import build_studio
from core.cli import money
from core.kit.actor import LOCAL
from core.kit.errors import OutcomeUnknown
from core.kit.settings import load_settings
from tests.calls.test_direct import Catalogue
from tests.cli.conftest import Command
from tests.money.till import reserve, settle
from tests.scripted import PRICES


@pytest.fixture
def cli(cli: Command, tmp_path: Path) -> Command:
    """On a data folder of its own: a plan or an alert would follow other tests around."""

    def run(*arguments: str, **variables: str) -> Any:
        return cli(*arguments, STUDIO_HOME=str(tmp_path / "money"), **variables)

    return run


def test_a_plan_is_chosen_seen_and_ended(cli: Command) -> None:
    assert cli("plans", "choose", "elevenlabs", "creator").out == "elevenlabs: creator\n"
    rows = cli("plans", "list", "--json").json
    held = [row for row in rows if row["held"]]
    assert [(row["plan"], row["left"], row["beyond"]) for row in held] == [("creator", "100000", "list price")]
    assert not any(row["example"] for row in rows)
    assert any(row["example"] for row in cli("plans", "list", "--examples", "--json").json)
    assert "100000 left until" in cli("plans", "list").out
    assert cli("plans", "end", "elevenlabs").code == 0
    cli("plans", "end", "elevenlabs").fails(2)
    cli("plans", "choose", "elevenlabs", "gold").fails(2)


def test_quota_says_that_your_own_machine_has_none(cli: Command) -> None:
    answer = cli("quota", "--json").json
    assert (answer["applies"], answer["day_limit"], answer["day_used"]) == (False, None, 0)
    assert "no quota" in cli("quota").out


def test_an_alert_is_set_and_taken_away(cli: Command) -> None:
    rule = cli("alerts", "add", "--usd", "5", "--period", "month", "--provider", "elevenlabs").out.strip()
    cli("alerts", "add", "--percent", "80")
    listed = cli("alerts", "list", "--json").json
    assert [(r["what"], r["usd"], r["percent"]) for r in listed["rules"]] == [
        ("elevenlabs", "5", None),
        ("everything", None, 80),
    ]
    assert cli("alerts", "remove", rule).code == 0
    cli("alerts", "remove", rule).fails(2)
    cli("alerts", "seen", "alert_nobody").fails(2)
    for wrong in (["--usd", "x"], ["--usd", "-1"], [], ["--percent", "0"], ["--usd", "1", "--period", "week"]):
        cli("alerts", "add", *wrong).fails(2)


def test_a_fixed_cost_is_added_and_ended(cli: Command) -> None:
    cost = cli("fixed", "add", "Storage", "10", "--first", "2026-01-01").out.strip()
    [row] = cli("fixed", "list", "--json").json
    assert (row["id"], row["usd_this_month"], row["assets"], row["usd_per_asset"]) == (cost, "10.00", 0, None)
    assert cli("fixed", "end", cost, "--last", "2026-01-31").code == 0
    assert cli("fixed", "list", "--json").json == []
    cli("fixed", "add", "Storage", "0").fails(2)


def test_the_calculator_answers(cli: Command) -> None:
    answer = cli("calculate", "--speech", "250000", "--music", "40", "--json").json
    assert answer["bought"]["usd"] == "11.75"
    assert sum(Decimal(part["usd"]) for part in answer["bought"]["parts"]) == Decimal("11.75")
    assert {one["kind"] for one in answer["embedded"]} == {"speech", "music"}
    assert "$11.75 a month" in cli("calculate", "--speech", "250000", "--music", "40").out
    cli("calculate").fails(2)
    cli("calculate", "--music", "-4").fails(2)
    cli("calculate", "--speech", "5", "--model", "no_such").fails(2)


def test_a_refund_and_an_unknown_call(cli: Command, tmp_path: Path) -> None:
    studio = build_studio(load_settings(home=tmp_path / "money", prices_dir=PRICES))
    attempt = reserve(studio, {"tracks": 4}, job_id="job_one")
    settle(studio, attempt, {"tracks": 4})
    settle(studio, reserve(studio, {"tracks": 1}, job_id="job_two"), {"tracks": 1})
    settle(studio, reserve(studio, {"tracks": 1}, job_id="job_two"), {"tracks": 1})
    studio.registry.add(Catalogue(acts=["unknown"]))
    with pytest.raises(OutcomeUnknown):
        studio.direct.query(LOCAL, "search", {"words": "rain"})
    studio.close()
    assert "$0.30 of that bill" in cli("refund", "job_one", "0.10", "--reason", "noise").out
    assert "$0.10 of that bill" in cli("refund", attempt, "0.20", "--reason", "more noise").out
    assert cli("costs", "--json").json["today_usd"] == "0.31"
    cli("refund", "job_one", "0.20", "--reason", "noise").fails(2)
    assert "2 bills" in cli("refund", "job_two", "0.01", "--reason", "noise").fails(2)
    cli("refund", "job_nobody", "1", "--reason", "x").fails(2)
    cli("refund", "job_one", "0.01", "--reason", " ").fails(2)
    [lost] = cli("calls", "unresolved", "--json").json
    assert lost["provider"] == "catalogue"
    assert cli("calls", "resolve", lost["attempt_id"], "--not-billed").code == 0
    assert cli("calls", "unresolved", "--json").json == []
    cli("calls", "resolve", lost["attempt_id"], "--billed").fails(2)


MODELS = {name: value for name, value in vars(money).items() if isinstance(value, type)
          and issubclass(value, BaseModel) and value.__module__ == money.__name__}  # fmt: skip
SNAPSHOTS = Path(__file__).with_name("money_snapshots")


@pytest.mark.parametrize("name", MODELS)
def test_the_json_that_scripts_rely_on(name: str) -> None:
    """As for the other commands: a changed field breaks somebody's script."""
    file = SNAPSHOTS / f"{name}.json"
    schema = json.dumps(MODELS[name].model_json_schema(), indent=2, sort_keys=True) + "\n"
    if not file.exists():
        SNAPSHOTS.mkdir(exist_ok=True)
        file.write_text(schema)
        pytest.fail(f"{file.name} was missing and is written: look at it and commit it")
    assert file.read_text() == schema


def test_no_snapshot_is_left_of_a_model_that_is_gone() -> None:
    assert {file.stem for file in SNAPSHOTS.iterdir()} == set(MODELS)
