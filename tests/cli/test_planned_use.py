"""studio licences plan: what a project is made for, and whether it is cleared for that."""

from __future__ import annotations

from pathlib import Path

from core.app import build_studio
from core.kit.actor import LOCAL
from core.kit.settings import load_settings
from core.sound.projects import document
from tests.cli.conftest import Command
from tests.library.sounds import bring


def test_planned_told_and_planned_no_more(cli: Command, tmp_path: Path) -> None:
    studio = build_studio(load_settings())
    try:
        found = bring(studio, tmp_path, "Found on a disc", licence_id="unknown")
        tracks = [{"name": "A", "role": "music", "clips": [{"asset_id": found.id}]}]
        project = studio.projects.create(LOCAL, "A film", document(tracks=tracks)).id
    finally:
        studio.close()
    said = cli("licences", "plan", project, "youtube").out
    assert said.startswith("Not cleared.")
    assert "may not be published" in said
    assert cli("licences", "plan", project, "private", "--no-commerce", "--json").json["valid"] is True
    assert "no platform" in cli("licences", "plan", project, "the moon").fails(2)
    assert "on" in cli("licences", "plan", project, "web", "--on", "someday").fails(2)
    assert cli("licences", "plan", project).out == "Nothing is planned for it.\n"
