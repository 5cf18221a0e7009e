"""studio catalogue import, own, confirm."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Command
from tests.library.sounds import wav

PAPER = "Title: Weir\nLicence number: W-1\nStart date: 2026-01-01\nTerritory: worldwide\nPlatforms: YouTube\n"


def test_a_file_with_its_paper(cli: Command, tmp_path: Path) -> None:
    wav(tmp_path / "Weir.wav", hertz=377)
    (tmp_path / "Weir.txt").write_text(PAPER)
    said = cli("catalogue", "import", "Weir.wav", "--papers", "Weir.txt").out
    assert "W-1" in said
    assert "to be said: ends_on, commercial" in said
    (one,) = [each for each in cli("catalogue", "own", "--state", "proposed", "--json").json if each["title"] == "Weir"]
    assert "ends_on" in cli("catalogue", "confirm", one["id"]).fails(2)
    done = cli("catalogue", "confirm", one["id"], "--set", "ends_on=null", "--set", "commercial=true", "--json").json
    assert (done["track_id"], done["ends_on"], done["proof"]) == (one["track_id"], None, "Weir")
    assert "no value" in cli("catalogue", "confirm", one["id"], "--set", "ends_on").fails(2)
    assert cli("catalogue", "import", "nowhere.wav").code == 2
