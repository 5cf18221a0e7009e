"""narrate and speak-batch."""

from __future__ import annotations

import zipfile
from pathlib import Path

from PIL import Image

from tests.cli.conftest import Command
from tests.flows.reading_back import read_back


def test_narrate_makes_a_book(cli: Command, tmp_path: Path) -> None:
    (tmp_path / "book.txt").write_text("# One\n\nThe harbour wakes.\n\n# Two\n\nThe town sleeps.", encoding="utf-8")
    Image.new("RGB", (80, 80), "navy").save(tmp_path / "cover.jpg")
    told = cli("narrate", "book.txt", "--plan", "--json").json
    assert [each["title"] for each in told["chapters"]] == ["One", "Two"]
    answer = cli(
        "narrate", "book.txt", "--title", "Two: Places", "--author", "Jo", "--cover", "cover.jpg", "--json"
    ).json
    path = Path(answer["assets"][0]["path"])
    assert path == tmp_path / "Two Places.m4b"
    heard = read_back(path, "m4b")
    assert heard.titles == ["One", "Two"]
    assert heard.has_cover
    done = cli("narrate", "book.txt", "--out", "b.mp3")
    assert done.code == 0, done.err
    assert "2 chapters" in done.out


def test_speak_batch_packs_a_zip(cli: Command, tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("name,text,speed\na,Hello.,1.5\nb,Bye.,9", encoding="utf-8")
    answer = cli("speak-batch", "s.csv", "--out", "o.zip", "--voice", "Emma", "--json").json
    assert [row["status"] for row in answer["rows"]] == ["done", "wrong"]
    with zipfile.ZipFile(tmp_path / "o.zip") as archive:
        assert {"a.wav", "a.srt", "manifest.json", "manifest.csv"} <= set(archive.namelist())
    assert "row 2 (b): speed = '9'" in cli("speak-batch", "s.csv", "--out", "o.zip").out


def test_what_cannot_be_is_two_lines(cli: Command, tmp_path: Path) -> None:
    (tmp_path / "book.txt").write_text("# One\n\n[voice Emma]The harbour wakes.", encoding="utf-8")
    assert "never closed" in cli("narrate", "book.txt").fails(2)
    assert "cannot be read" in cli("narrate", "none.txt").fails(2)
    assert "'m4b' or 'mp3'" in cli("narrate", "book.txt", "--out", "b.wav").fails(2)
    assert "does not end" in cli("narrate", "book.txt", "--out", "b.m4b", "--format", "mp3").fails(2)
    assert "no export format" in cli("speak-batch", "book.txt", "--format", "tape").fails(2)
    assert "no ZIP file name" in cli("speak-batch", "book.txt", "--out", "o.tar").fails(2)
