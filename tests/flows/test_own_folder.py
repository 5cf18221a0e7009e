"""Licensed files that are put into the watched folder are proposed, each once, and never confirmed by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.app import Studio, build_studio
from core.flows.own_folder import FOLDER
from core.kit.actor import LOCAL
from core.kit.settings import load_settings
from tests.library.sounds import wav

PAPER = "Title: Harbour\nLicence number: H-1\nStart date: 2026-01-01\nExpires: never\nTerritory: worldwide\nPlatforms: all\nCommercial use: yes\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "watched" / FOLDER
    made.mkdir(parents=True)
    return made


@pytest.fixture
def desk(home: Path, folder: Path) -> Iterator[Studio]:
    """Without a worker: these tests are its chore."""
    built = build_studio(load_settings(home=home, watch_dir=folder.parent))
    yield built
    built.close()


def look(studio: Studio) -> int:
    """Twice: a file has to stand still that long."""
    return studio.own_folder.look() + studio.own_folder.look()


def test_a_file_and_the_paper_that_comes_after_it(desk: Studio, home: Path, folder: Path) -> None:
    assert look(desk) == 0
    wav(folder / "Harbour.wav")
    (folder / "still.wav.part").write_bytes((folder / "Harbour.wav").read_bytes())
    assert desk.own_folder.look() == 0, "it may still be coming"
    assert look(desk) == 1
    (proposal,) = desk.own_music.listing(LOCAL)
    assert (proposal.title, proposal.state) == ("Harbour", "no paper")
    (folder / "Harbour licence.txt").write_text(PAPER)
    assert look(desk) == 0
    (proposal,) = desk.own_music.listing(LOCAL)
    assert (proposal.state, proposal.missing) == ("proposed", ())
    assert desk.licences.list(LOCAL) == [], "a person confirms it"
    desk.own_music.confirm(LOCAL, proposal.asset.id, {})
    again = build_studio(load_settings(home=home, watch_dir=folder.parent))
    assert look(again) == 0
    assert [each.state for each in again.own_music.listing(LOCAL)] == ["confirmed"]
    again.library.bin(LOCAL, [proposal.asset.id])
    (folder / "more.txt").write_text(PAPER.replace("H-1", "H-2"))
    assert look(again) == 0
    assert again.own_music.listing(LOCAL) == [], "what was thrown away stays away"
    again.close()


def test_what_is_no_sound_and_what_leads_elsewhere(desk: Studio, folder: Path, tmp_path: Path) -> None:
    (folder / "noise.wav").write_bytes(b"no sound")
    (folder / "fake.pdf").write_bytes(b"<html>")
    (folder / "link.wav").symlink_to(wav(tmp_path / "elsewhere.wav"))
    wav(folder / "Good.wav")
    assert look(desk) == 1
    assert look(desk) == 0
    assert [each.title for each in desk.own_music.listing(LOCAL)] == ["Good"]
    assert "fake.pdf" in (desk.settings.home / "errors.log").read_text()


def test_without_a_folder_to_watch_nothing_is_looked_at(home: Path) -> None:
    plain = build_studio(load_settings(home=home))
    assert look(plain) == 0
    plain.close()
