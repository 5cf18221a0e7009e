"""`studio analyse`: the quick and the full report, for scripts and for people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.cli.reports import Report

from .conftest import Command

SNAPSHOT = Path(__file__).with_name("report.schema.json")
MEDIA = Path(__file__).parents[1] / "media"


def test_the_json_that_scripts_rely_on() -> None:
    """A changed field breaks somebody's script. If it is meant, delete the snapshot; the test writes it anew."""
    schema = json.dumps(Report.model_json_schema(), indent=2, sort_keys=True) + "\n"
    if not SNAPSHOT.exists():
        SNAPSHOT.write_text(schema)
        pytest.fail(f"{SNAPSHOT.name} was missing and is written: look at it and commit it")
    assert SNAPSHOT.read_text() == schema


def test_full_in_json_and_in_words(cli: Command) -> None:
    sound = str(MEDIA / "hum_50hz.flac")
    full = cli("analyse", sound, "--full", "--json").json
    assert full["report"] == "full"
    assert full["speech_share"] > 0.8
    assert full["curves"]["momentary_lufs"]["values"]
    quick = cli("analyse", sound, "--json").json
    assert quick["report"] == "quick"
    assert quick["beats"] is None
    assert [problem["kind"] for problem in quick["problems"]] == ["hum"]
    words = cli("analyse", sound, "--full").out
    assert "Steady lines" in words
    assert "Sections" in words


def test_the_picture(cli: Command, tmp_path: Path) -> None:
    assert cli("analyse", str(MEDIA / "hum_50hz.flac"), "--picture", str(tmp_path / "mel.png")).code == 0
    assert (tmp_path / "mel.png").read_bytes().startswith(b"\x89PNG")
    cli("analyse", str(MEDIA / "hum_50hz.flac"), "--picture", "mel.jpg").fails(2)
