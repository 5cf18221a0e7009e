"""studio automations, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.cli.automations import AutomationLine, AutomationRunLine
from tests.cli.conftest import Command

SNAPSHOTS = Path(__file__).with_name("planning_snapshots")
MODELS = {model.__name__: model for model in (AutomationLine, AutomationRunLine)}


def test_a_rule_by_hand(cli: Command, tmp_path: Path) -> None:
    made = cli(
        "automations", "create", "Beds", "--provider", "composer", "--save", "--month", "5", "--off", "--json"
    ).json
    AutomationLine.model_validate(made)
    key = made["id"]
    assert (made["on"], made["month_usd"], made["actions"][0]["config"]) == (
        False, "5", {"provider": "composer", "autoDownload": True},
    )  # fmt: skip
    assert "Beds" in cli("automations", "list").out
    assert cli("automations", "on", key, "--json").json["on"] is True
    assert cli("automations", "off", key, "--json").json["on"] is False
    (tmp_path / "rule.json").write_text('{"actions": [{"type": "score_clip", "config": {"one": true}}]}')
    edited = cli("automations", "edit", key, "--rule", "@rule.json", "--month", "none", "--json").json
    assert (edited["actions"][0]["type"], edited["month_usd"]) == ("score_clip", None)
    assert "It has not fired yet." in cli("automations", "runs", key).out
    assert cli("automations", "delete", key, "--json").json == {"id": key}
    cli("automations", "runs", key).fails(2)


@pytest.mark.parametrize(
    "arguments",
    [("create", "x", "--do", "dance"), ("create", "--rule", "{"), ("create", "--rule", '{"trigger": {}}'),
     ("create", "x", "--month", "much"), ("run", "automation_x", "clip_x"), ("on", "automation_x")],
)  # fmt: skip
def test_what_cannot_be(cli: Command, arguments: tuple[str, ...]) -> None:
    cli("automations", *arguments).fails(2)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_the_json_is_a_promise(name: str) -> None:
    schema = json.dumps(MODELS[name].model_json_schema(), indent=2, sort_keys=True) + "\n"
    assert (SNAPSHOTS / f"{name}.json").read_text() == schema
