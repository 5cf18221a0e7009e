"""`studio credentials check`: what a file says about who made it, and its exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.cli.answers import CredentialsLine
from tests.cli.conftest import Command


@pytest.fixture
def exported(cli: Command, tmp_path: Path) -> Path:
    made = cli("speak", "Who said this?", "--out", str(tmp_path / "said.wav"), "--json").json
    return Path(cli("library", "export", made["assets"][0]["id"], "--to", str(tmp_path / "out")).out.splitlines()[0])


def test_an_export_is_checked(cli: Command, exported: Path, tmp_path: Path) -> None:
    answer = cli("credentials", "check", str(exported))
    assert answer.code == 0, answer.err
    assert answer.out.startswith("trusted: ")
    for said in ("espeak", "without a trained model", "Own work", "urn:c2pa:"):
        assert said in answer.out
    line = CredentialsLine.model_validate(cli("credentials", "check", str(exported), "--json").json)
    assert (line.state, line.source_type, line.problems) == ("trusted", "algorithmicMedia", [])
    elsewhere = cli("credentials", "check", str(exported), STUDIO_HOME=str(tmp_path / "elsewhere"))
    assert (elsewhere.code, elsewhere.out.partition(":")[0]) == (0, "valid")
    assert not (tmp_path / "elsewhere").exists(), "looking at a file made a data folder"


def test_a_changed_file_and_one_without_any(cli: Command, exported: Path, tmp_path: Path) -> None:
    whole = bytearray(exported.read_bytes())
    whole[len(whole) // 2] ^= 1
    exported.write_bytes(whole)
    answer = cli("credentials", "check", str(exported), "--json")
    assert (answer.code, json.loads(answer.out)["state"]) == (1, "damaged")
    assert json.loads(answer.out)["problems"]
    text = tmp_path / "text.txt"
    text.write_text("nothing")
    none = cli("credentials", "check", str(text))
    assert (none.code, none.out) == (1, "none: the file carries no content credentials\n")
    assert "absent" in cli("credentials", "check", "absent.wav").fails(2)
    cli("credentials", "check", str(tmp_path)).fails(2)


def test_a_strangers_words_do_not_write_on_the_terminal(cli: Command, tmp_path: Path) -> None:
    from core.rights import certificates
    from core.rights.making import LABEL
    from tests.rights.test_credentials import manifest, signed

    evil = manifest("audio/wav")
    evil["assertions"][1] = {"label": LABEL, "data": {"engine": "a\x1b[2Jb\nc", "licence": {"title": "\x9b2J"}}}
    out, _ = signed(tmp_path, certificates.local(tmp_path / "local"), assertions=evil["assertions"])
    answer = cli("credentials", "check", str(out))
    assert answer.code == 0
    assert "a[2Jb c" in answer.out
    assert all(character.isprintable() or character == "\n" for character in answer.out)
