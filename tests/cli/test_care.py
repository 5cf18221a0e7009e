"""backup, restore, verify, secrets, webhooks, retention: what they answer and that they do it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from pydantic import BaseModel

from core.cli import care_answers
from core.cli.care_answers import BackupLine, DeliveryLine, NewWebhookLine, RestoreLine, VerifyLine
from core.kit.settings import load_settings
from core.store.store import open_store
from tests.cli.conftest import Command
from tests.ports import free_port


def test_backup_restore_verify(cli: Command, tmp_path: Path) -> None:
    said = cli("speak", "A line to keep.", "--out", "k.wav", "--json").json
    done = BackupLine.model_validate(cli("backup", "out.tar", "--json").json)
    assert (done.missing, done.damaged, done.with_secrets) == ([], [], False)
    assert done.bytes == (tmp_path / "out.tar").stat().st_size
    assert "without keys" in cli("backup", "again.tar").out
    home = str(tmp_path / "elsewhere")
    back = RestoreLine.model_validate(cli("restore", "out.tar", "--json", STUDIO_HOME=home).json)
    assert (back.files, back.moved_aside) == (done.files, None)
    assert cli("library", "show", said["assets"][0]["id"], "--json", STUDIO_HOME=home).json["name"]
    assert VerifyLine.model_validate(cli("verify", "--json", STUDIO_HOME=home).json).sound
    assert "not empty" in cli("restore", "out.tar", STUDIO_HOME=home).fails(2)
    moved = cli("restore", "out.tar", "--replace", "--json", STUDIO_HOME=home).json
    assert Path(moved["moved_aside"]).is_dir()


def test_a_running_studio_is_not_restored_over(cli: Command) -> None:
    cli("backup", "out.tar")
    assert "works on this data folder" in cli("restore", "out.tar", "--replace").fails(3)


def test_verify_says_what_is_wrong_and_leaves_with_1(cli: Command, tmp_path: Path) -> None:
    home = tmp_path / "home"
    store = open_store(load_settings(home=home))
    (tmp_path / "f").write_text("stray")
    sha256, _ = store.blobs.keep(tmp_path / "f")
    os.utime(store.blobs.path(sha256), (1, 1))
    store.db.close()
    found = cli("verify", STUDIO_HOME=str(home))
    assert found.code == 1
    assert sha256 in found.out.splitlines()[0]
    assert "studio verify --fix" in found.out
    assert cli("verify", "--fix", STUDIO_HOME=str(home)).code == 0
    assert "everything fits together" in cli("verify", STUDIO_HOME=str(home)).out


def test_what_is_no_backup(cli: Command, tmp_path: Path) -> None:
    (tmp_path / "noise.tar").write_bytes(b"noise" * 1000)
    cli("restore", "noise.tar", STUDIO_HOME=str(tmp_path / "x")).fails(2)
    cli("restore", "none.tar", STUDIO_HOME=str(tmp_path / "x")).fails(2)
    assert not (tmp_path / "x").exists()
    cli("backup", str(tmp_path)).fails(2)


def test_secrets_are_never_on_the_command_line_nor_shown(cli: Command, tmp_path: Path) -> None:
    home = str(tmp_path / "home")
    key = "sk-0123456789abcdefwxyz"
    assert key not in cli("secrets", "set", "openai_api_key", key, STUDIO_HOME=home).fails(2)
    done = cli("secrets", "set", "openai_api_key", stdin=f"{key}\n", STUDIO_HOME=home)
    assert (done.code, done.out) == (0, "openai_api_key is stored\n")
    listed = cli("secrets", "list", "--json", STUDIO_HOME=home)
    assert [row["ending"] for row in listed.json] == ["wxyz"]
    assert key not in listed.out + cli("secrets", "list", STUDIO_HOME=home).out
    cli("secrets", "set", "no_such_key", stdin=f"{key}\n", STUDIO_HOME=home).fails(2)
    cli("secrets", "set", "openai_api_key", stdin="", STUDIO_HOME=home).fails(2)
    assert cli("secrets", "remove", "openai_api_key", STUDIO_HOME=home).code == 0
    cli("secrets", "remove", "openai_api_key", STUDIO_HOME=home).fails(2)
    assert cli("secrets", "list", STUDIO_HOME=home).out == "No secrets are stored.\n"


def test_webhooks(cli: Command, tmp_path: Path) -> None:
    home = str(tmp_path / "home")
    url = f"http://127.0.0.1:{free_port()}/"  # nobody listens there
    cli("webhooks", "add", url, STUDIO_HOME=home).fails(2)
    private = {"STUDIO_HOME": home, "STUDIO_ALLOW_PRIVATE_URLS": "1"}
    made = NewWebhookLine.model_validate(cli("webhooks", "add", url, "--event", "alert", "--json", **private).json)
    assert made.secret.startswith("whsec_")
    listed = cli("webhooks", "list", "--json", **private)
    assert [row["events"] for row in listed.json] == [["alert"]]
    assert made.secret not in listed.out
    tried = cli("webhooks", "test", made.id, "--json", **private)
    assert tried.code == 1
    assert "could not be reached" in DeliveryLine.model_validate_json(tried.out).answer
    assert cli("webhooks", "deliveries", made.id, "--json", **private).json[0]["status"] == "failed"
    assert cli("webhooks", "remove", made.id, **private).code == 0
    cli("webhooks", "deliveries", made.id, **private).fails(2)
    cli("webhooks", "add", url, "--event", "job.begun", **private).fails(2)


def test_retention(cli: Command, tmp_path: Path) -> None:
    home = str(tmp_path / "home")
    assert cli("retention", "show", "--json", STUDIO_HOME=home).json["sign_ins"] == 90
    assert cli("retention", "set", "sign_ins", "30", "--json", STUDIO_HOME=home).json["sign_ins"] == 30
    assert "sign_ins     30" in cli("retention", "show", STUDIO_HOME=home).out
    cli("retention", "set", "charges", "1", STUDIO_HOME=home).fails(2)


MODELS = {
    name: value for name, value in vars(care_answers).items()
    if isinstance(value, type) and issubclass(value, BaseModel) and value is not BaseModel
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_the_json_that_scripts_rely_on(name: str) -> None:
    """As in test_keeping: a changed field breaks somebody's script."""
    file = Path(__file__).with_name("care_snapshots") / f"{name}.json"
    schema = json.dumps(MODELS[name].model_json_schema(), indent=2, sort_keys=True) + "\n"
    if not file.exists():
        file.write_text(schema)
        pytest.fail(f"{file.name} was missing and is written: look at it and commit it")
    assert file.read_text() == schema
