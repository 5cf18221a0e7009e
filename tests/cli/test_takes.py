"""studio takes: list, make, choose, assemble."""

from __future__ import annotations

from pathlib import Path

import soundfile

from tests.cli.conftest import Command


def test_a_sentence_is_taken_anew(cli: Command, tmp_path: Path) -> None:
    piece = cli("speak", "The harbour wakes. Gulls argue.", "--out", "old.wav", "--json").json["assets"][0]["id"]
    listed = cli("takes", "list", piece, "--json").json
    assert [line["text"] for line in listed] == ["The harbour wakes.", "Gulls argue."]
    assert "from 1 to 2" in cli("takes", "make", piece, "--sentence", "3").fails(2)
    assert "No take is chosen" in cli("takes", "assemble", piece).fails(2)
    made = cli("takes", "make", piece, "--sentence", "2", "--words", "Gulls argue over bread.", "--json").json
    take = next(each["id"] for each in made["assets"] if each["role"] == "primary")
    assert "no_such" in cli("takes", "choose", "no_such").fails(2)
    cli("takes", "choose", take)
    assert f"{take} *" in cli("takes", "list", piece).out
    cli("takes", "assemble", piece, "--out", "new.wav")
    before = next(each for each in listed if each["number"] == 2)["end_s"]
    assert soundfile.info(str(tmp_path / "new.wav")).duration > before
