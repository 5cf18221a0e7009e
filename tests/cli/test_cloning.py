"""studio clone: from recordings to a spoken file, and back to nothing."""

from __future__ import annotations

from pathlib import Path

import soundfile

from core.kit.paths import ROOT
from tests.cli.conftest import Command


def test_a_voice_from_recordings_to_its_end(cli: Command, tmp_path: Path) -> None:
    clean = ROOT / "tests" / "media" / "clean_control.flac"
    (tmp_path / "take.flac").write_bytes(clean.read_bytes())
    refused = cli("clone", "add", "Narrator", "take.flac", "--speaker", "Ada").fails(5)
    assert "I, Ada, agree" in refused, "the words to agree to are proposed"
    words = ("--speaker", "Ada", "--statement", "I, Ada, agree that my voice is made from this.")
    added = cli("clone", "add", "Narrator", "take.flac", *words, "--json").json
    assert added["voice"]["status"] == "trained"
    assert added["voice"]["engines"] == ["matching"]
    assert added["advice"]
    listed = cli("clone", "list", "--search", "narr", "--json").json
    assert [line["name"] for line in listed] == ["Narrator"]
    assert "already" in cli("clone", "add", "narrator", "take.flac", *words).fails(2)
    cli("clone", "speak", "narrator", "Good evening.", "--out", "said.wav")
    assert soundfile.info(str(tmp_path / "said.wav")).duration > 0.4
    gone = cli("clone", "delete", "Narrator", "--json").json
    assert gone["files"] == 2
    assert len(gone["remaining"]) == 1
    assert "no voice" in cli("clone", "speak", "Narrator", "Good evening.", "--out", "s.wav").fails(2)
