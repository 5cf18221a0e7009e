"""From a search to a finished piece and to its block when a licence ends, on the command line: on one's own files and on
Openverse (its stand-in), with no key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.app import Studio, build_studio
from core.cli import (
    catalogue_auditions,
    catalogue_bringing,
    catalogue_own,
    catalogue_search,
    keeping,
    licences,
    making,
    scoring,
)
from core.kit.settings import load_settings
from tests.cli.conftest import Command
from tests.clouds.openverse import OpenverseServer
from tests.licensing.papers import with_paper
from tests.video import films

OPENS = (catalogue_auditions, catalogue_bringing, catalogue_own, catalogue_search, keeping, licences, making, scoring)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Studio]:
    with OpenverseServer() as cloud:
        opened = build_studio(load_settings(home=tmp_path / "way", openverse_url=cloud.url))
        opened.ensure_worker()
        yield opened
        opened.close()


def test_on_the_command_line(cli: Command, desk: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def studio(**_: Any) -> Iterator[Studio]:
        yield desk

    for module in OPENS:
        monkeypatch.setattr(module, "studio", studio)
    with_paper(tmp_path, "Weir", 377.0)
    cli("catalogue", "import", "Weir.wav", "--papers", "Weir licence.txt")
    (mine,) = [each for each in cli("catalogue", "own", "--json").json if each["title"] == "Weir"]
    licence = cli("catalogue", "confirm", mine["id"], "--set", "derivatives=true", "--json").json
    (found,) = cli("catalogue", "search", "Weir", "--provider", "own", "--json").json["tracks"]
    open_one = cli("catalogue", "search", "Public Piano", "--provider", "openverse", "--json").json["tracks"][0]

    film = films.mute(tmp_path / "mute.mp4")
    heard = cli("catalogue", "audition", f"own:{found['id']}", "--under", str(film), "--seconds", "2", "--json").json
    assert not heard["preview"], "one's own lies here whole"
    brought = cli("catalogue", "bring", f"openverse:{open_one['id']}", "--json").json
    again = cli("catalogue", "bring", f"openverse:{open_one['id']}", "--json").json
    assert (again["asset_id"], brought["form"]) == (brought["asset_id"], "full")
    assert "names no track" in cli("catalogue", "bring", "openverse").fails(2)
    tried = cli("catalogue", "bring", f"openverse:{open_one['id']}", "--preview", "--out", "try.mp3", "--json").json
    assert Path(tried["path"]).stat().st_size > 0

    assert cli("licences", "check", "--track", f"own:{found['id']}", "--json").json["valid"]
    mixed = cli("mix", "--voice", mine["id"], "--music", brought["asset_id"], "--out", "film.wav", "--json").json
    mix = mixed["assets"][0]["id"]
    assert cli("licences", "check", "--asset", mix, "--platform", "youtube", "--json").json["valid"]
    assert "Weir" in cli("licences", "check", "--asset", mix, "--platform", "tiktok").fails(5)
    out = cli("library", "export", mix, "--to", "out", "--platform", "youtube", "--commercial").out
    assert all(Path(line).exists() for line in out.split())
    for ending in ("json", "csv", "pdf"):
        cli("licences", "cue-sheet", mix, f"cues.{ending}")
        cli("licences", "report", f"report.{ending}")
        assert (tmp_path / f"cues.{ending}").stat().st_size > 50 < (tmp_path / f"report.{ending}").stat().st_size
    Image.new("RGB", (40, 30), "white").save(tmp_path / "scan.png")
    for paper in ("Weir licence.txt", "scan.png"):
        assert cli("licences", "prove", licence["licence_id"], paper).code == 0
    assert "no_such.pdf" in cli("licences", "prove", licence["licence_id"], "no_such.pdf").fails(2)

    assert cli("licences", "revoke", licence["licence_id"], "--why", "given back").code == 0
    late = cli("library", "export", mix, "--to", "late", "--platform", "youtube", "--commercial")
    assert "Weir" in late.fails(5)
    assert not list((tmp_path / "late").glob("*.wav"))
