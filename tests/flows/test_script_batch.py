"""A batch of scripts through the worker: rows on their own, the ZIP, the manifest, money and cancel."""

from __future__ import annotations

import csv
import io
import json
import time
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
import soundfile

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.errors import NotFound, UserError
from core.rights.gate import Use
from tests.clouds.openai import OpenaiServer

ROWS = """name,text,voice,speed
hello,Hello there.,Emma,1.2
=SUM(A1),A formula for a name.,,
,Nobody says this.,Nobody Such,
fast,Too fast.,,9
,,Emma,
mark,[whisper]Hm.[/whisper],,
last,The end.,,"""


@pytest.fixture(scope="module")
def finished(desk: Studio) -> str:
    job = desk.scripts.submit(LOCAL, [("rows.csv", ROWS.encode())], settings={"voice": "fr"})
    job = desk.jobs.wait(LOCAL, job.id, 120)
    assert job.status == "done", job.error
    assert job.result is not None
    assert (job.result["done"], job.result["failed"]) == (3, 0)
    return job.id


def test_an_error_names_its_row_and_the_others_go_on(desk: Studio, finished: str) -> None:
    rows = desk.scripts.rows(LOCAL, finished)
    assert [(row["row"], row["status"]) for row in rows] == [
        (1, "done"), (2, "done"), (3, "wrong"), (4, "wrong"), (5, "wrong"), (6, "wrong"), (7, "done"),
    ]  # fmt: skip
    assert "no voice" in rows[2]["error"]
    assert "speed = '9'" in rows[3]["error"]
    assert "no text to speak" in rows[4]["error"]
    assert "[whisper]" in rows[5]["error"]
    spoken = desk.library.get(LOCAL, rows[0]["asset_id"])
    assert (spoken.generation_config["voice_name"], spoken.generation_config["settings"]["speed"]) == ("Emma", 1.2)
    assert desk.library.get(LOCAL, rows[6]["asset_id"]).generation_config["voice"] == "espeak:fr"


def test_the_zip_holds_sound_captions_and_manifest(desk: Studio, finished: str, tmp_path: Path) -> None:
    path = tmp_path / "out.zip"
    manifest = desk.scripts.pack(LOCAL, finished, path)
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        for stem in ("hello", "=SUM(A1)", "last"):
            assert {f"{stem}.wav", f"{stem}.srt", f"{stem}.vtt", f"{stem}.json", f"rights/{stem}.json"} <= set(names)
        sound = soundfile.info(io.BytesIO(archive.read("hello.wav")))
        told = json.loads(archive.read("manifest.json"))
        lines = list(csv.DictReader(io.StringIO(archive.read("manifest.csv").decode())))
    assert told == manifest
    assert sound.duration == pytest.approx(told[0]["duration_s"], abs=0.01)
    assert (told[0]["characters"], told[0]["licence"], told[0]["cost_usd"]) == (12, "own-work", "0")
    assert [line["row"] for line in lines] == list("1234567")
    assert lines[1]["file"] == "'=SUM(A1)", "a spreadsheet would run it"
    assert len(list(tmp_path.iterdir())) == 1, "what was packed was left behind"
    desk.scripts.pack(LOCAL, finished, path, format="mp3")
    with zipfile.ZipFile(path) as archive:
        assert {"hello.mp3", "last.mp3"} <= set(archive.namelist())


def test_what_its_rights_forbid_is_left_out_and_said(desk: Studio, finished: str, tmp_path: Path) -> None:
    rows = desk.scripts.rows(LOCAL, finished)
    with desk.store.db.write() as connection:
        from core.rights import licences
        from core.store import assets

        assets.edit(connection, LOCAL, [rows[6]["asset_id"]], licence=licences.record("unknown"))
    manifest = desk.scripts.pack(LOCAL, finished, tmp_path / "out.zip", use=Use(platform="youtube"))
    assert [row["status"] for row in manifest if row["status"] != "wrong"] == ["done", "done", "left out"]
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert "last.wav" not in archive.namelist()


def test_nobody_else_s_batch_is_there(desk: Studio, finished: str, tmp_path: Path) -> None:
    stranger = Actor(user_id="stranger")
    for ask in (
        lambda: desk.scripts.rows(stranger, finished),
        lambda: desk.scripts.pack(stranger, finished, tmp_path / "x"),
    ):
        with pytest.raises(NotFound):
            ask()
    other = desk.voice.speak(LOCAL, text="No batch.")
    with pytest.raises(NotFound, match="no batch of scripts"):
        desk.scripts.rows(LOCAL, other.id)


def test_a_batch_of_nothing_but_errors_is_refused(desk: Studio) -> None:
    with pytest.raises(UserError, match="Row 1: There is no voice"):
        desk.scripts.submit(LOCAL, [("x.csv", b"text,voice\nOne.,Nobody Such\nTwo.,Nobody Such")])


def test_the_same_key_is_the_same_batch(desk: Studio) -> None:
    first = desk.scripts.submit(LOCAL, [("a.txt", b"One.")], idempotency_key="k1")
    assert desk.scripts.submit(LOCAL, [("a.txt", b"One.")], idempotency_key="k1").id == first.id


def test_a_cancel_takes_the_rows_along(desk: Studio) -> None:
    files = [(f"{n}.txt", b"One two three four. " * 500) for n in range(6)]
    job = desk.scripts.submit(LOCAL, files)
    until = time.monotonic() + 60
    while not desk.jobs.children(LOCAL, job.id):
        assert time.monotonic() < until
        time.sleep(0.01)
    desk.jobs.cancel(LOCAL, job.id)
    assert desk.jobs.wait(LOCAL, job.id, 30).status == "cancelled"
    for child in desk.jobs.children(LOCAL, job.id):
        assert desk.jobs.wait(LOCAL, child.id, 30).status in ("cancelled", "done")
    assert {row["status"] for row in desk.scripts.rows(LOCAL, job.id)} <= {"cancelled", "done"}


def test_files_keep_who_speaks_which_line(desk: Studio) -> None:
    import docx

    out = io.BytesIO()
    document = docx.Document()
    for line in ("ANNA: Is anybody there?", "BEN: Only me.", "ANNA: Good."):
        document.add_paragraph(line)
    document.save(out)
    files = [("scene.docx", out.getvalue()), ("scene.srt", SUBTITLES.encode())]
    job = desk.scripts.submit(LOCAL, files, settings={"voice": "Emma", "speakers": {"ben": "fr"}})
    job = desk.jobs.wait(LOCAL, job.id, 120)
    assert (job.status, (job.result or {}).get("done")) == ("done", 2), job.error
    for row in desk.scripts.rows(LOCAL, job.id):
        config = desk.library.get(LOCAL, row["asset_id"]).generation_config
        cast = config["settings"]["speakers"]
        assert sorted(cast) == ["ANNA", "BEN"]
        assert cast["BEN"] == "fr"
        assert cast["ANNA"].startswith("espeak:en")
        assert cast["ANNA"] != config["voice"], "a voice of her own, not the narrator's"
        assert "ANNA: Is anybody there?" in config["text"]
        captions = {asset.role: asset for asset in desk.jobs.assets(LOCAL, job.id)}["captions:srt"]
        assert "ANNA" not in desk.library.file(LOCAL, captions.id).read_text(), "a name is not spoken"


def test_a_cap_holds_for_all_rows_together(paid: Studio, server: OpenaiServer, tmp_path: Path) -> None:
    """Twelve characters a row at tts-1: the cap has room for two of three."""
    data = "name,text\na,Hello there.\nb,Hello there.\nc,Hello there."
    job = paid.scripts.submit(
        LOCAL,
        [("s.csv", data.encode())],
        settings={"voice": "openai:alloy", "model": "tts-1"},
        cap_usd=Decimal("0.0004"),
    )
    assert paid.jobs.wait(LOCAL, job.id, 60).status == "done"
    rows = paid.scripts.rows(LOCAL, job.id)
    assert sorted(row["status"] for row in rows) == ["done", "done", "failed"]
    assert paid.jobs.cost(LOCAL, job.id) == Decimal("0.00036")
    assert len(server.requests) == 2
    failed = next(row for row in rows if row["status"] == "failed")
    assert "cap" in failed["error"]
    # A row that is mended later is in the next ZIP.
    with paid.store.db.write() as connection:
        from core.store import jobs

        jobs.change(connection, job.id, cap_usd=Decimal(1))
    child = next(child for child in paid.jobs.children(LOCAL, job.id) if child.status == "failed")
    paid.jobs.retry(LOCAL, child.id)
    assert paid.jobs.wait(LOCAL, child.id, 60).status == "done"
    assert {row["status"] for row in paid.scripts.pack(LOCAL, job.id, tmp_path / "out.zip")} == {"done"}


SUBTITLES = """1
00:00:01,000 --> 00:00:02,000
ANNA: Is anybody there?

2
00:00:03,000 --> 00:00:04,000
BEN: Only me.

3
00:00:05,000 --> 00:00:06,000
ANNA: Good.
"""
