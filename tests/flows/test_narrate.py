"""A long text becomes a book: real speech, real files, read back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image

from core.app import Studio, build_studio
from core.kit.actor import LOCAL
from core.kit.errors import NotFound, UserError
from core.kit.settings import load_settings
from core.store import assets as asset_rows
from core.store.assets import Asset
from core.store.jobs import Job
from tests.clouds.openai import OpenaiServer
from tests.flows.reading_back import ReadBack, read_back

ROOT = Path(__file__).parents[2]
TEXT = """# The Harbour; dawn

The harbour wakes before the town does. A rope creaks, and somebody sings.

# The Town = awake

[voice Emma]Where were you?[/voice] It is late already. [voice en-us+m3]I was at sea.[/voice]

# The End

[speed 0.8]And so it ends.[/speed] Nobody heard of them again."""
TITLES = ["The Harbour; dawn", "The Town = awake", "The End"]


def made(studio: Studio, job: Job) -> dict[str, Asset]:
    """What the book itself consists of, without its chapters."""
    with studio.store.db.read() as connection:
        return {asset.role: asset for asset in asset_rows.of_job(connection, job.id)}


def chapter_assets(studio: Studio, job: Job) -> list[Asset]:
    return [asset for asset in studio.jobs.assets(LOCAL, job.id) if asset.role == "primary" and asset.job_id != job.id]


@pytest.fixture(scope="module")
def cover(desk: Studio, tmp_path_factory: pytest.TempPathFactory) -> Asset:
    path = tmp_path_factory.mktemp("cover") / "cover.png"
    Image.new("RGBA", (640, 480), (20, 60, 90, 128)).save(path)
    return desk.importing.bring_in(LOCAL, path, kind="image", licence_id="uploaded-own")[0]


@pytest.fixture(scope="module", params=["m4b", "mp3"])
def book(request: pytest.FixtureRequest, desk: Studio, cover: Asset) -> Job:
    """With a cover of its own as M4B, with a made one as MP3."""
    values = {"cover": cover.id, "volume_db": -2.0} if request.param == "m4b" else {}
    job = desk.narrations.submit(
        LOCAL, text=TEXT, title="The Harbour Book", author="Jo Writer", format=request.param, **values
    )
    job = desk.jobs.wait(LOCAL, job.id, 120)
    assert job.status == "done", job.error
    return job


@pytest.fixture(scope="module")
def heard(desk: Studio, book: Job) -> ReadBack:
    asset = made(desk, book)["primary"]
    return read_back(desk.library.file(LOCAL, asset.id), asset.format)


def test_the_file_has_marks_tags_and_a_cover(desk: Studio, book: Job, heard: ReadBack) -> None:
    assert heard.titles == TITLES
    assert heard.has_cover
    assert {heard.tags["title"], heard.tags["artist"]} == {"The Harbour Book", "Jo Writer"}
    spoken = [asset.duration_s or 0 for asset in chapter_assets(desk, book)]
    begins = [0.0, spoken[0] + 1, spoken[0] + spoken[1] + 2]
    assert heard.starts_s == pytest.approx(begins, abs=0.05)
    assert heard.duration_s == pytest.approx(sum(spoken) + 2, abs=0.06)
    told = json.loads(desk.library.file(LOCAL, made(desk, book)["captions:chapters"].id).read_text())
    assert [each["title"] for each in told["chapters"]] == TITLES
    assert [each["startTime"] for each in told["chapters"]] == pytest.approx(begins, abs=0.002)


def test_the_chapters_are_equally_loud(desk: Studio, book: Job, heard: ReadBack) -> None:
    assert max(heard.lufs) - min(heard.lufs) < 0.5
    assert heard.lufs[0] == pytest.approx(-16 + book.request["volume_db"], abs=0.5)
    assert heard.dbtp <= -1.0
    asset = made(desk, book)["primary"]
    assert asset.true_peak_dbtp == pytest.approx(heard.dbtp, abs=0.1)
    assert asset.duration_s == pytest.approx(heard.duration_s, abs=0.06)
    assert max(asset.peaks) > 10


def test_the_captions_of_the_whole_follow_the_sound(desk: Studio, book: Job, heard: ReadBack) -> None:
    found = made(desk, book)
    told = json.loads(desk.library.file(LOCAL, found["captions"].id).read_text())
    assert " ".join(each["text"] for each in told["captions"]).replace("\n", " ") == (
        "The harbour wakes before the town does. A rope creaks, and somebody sings. Where were you? It is late already. "
        "I was at sea. And so it ends. Nobody heard of them again."
    )  # fmt: skip
    words = {word["word"]: word["start_s"] for word in told["words"]}
    assert words["Where"] == pytest.approx(heard.starts_s[1] + 0.04, abs=0.1)
    assert words["And"] == pytest.approx(heard.starts_s[2] + 0.04, abs=0.1)
    srt = desk.library.file(LOCAL, found["captions:srt"].id).read_text()
    assert srt.count("-->") == len(told["captions"])
    assert desk.library.file(LOCAL, found["captions:vtt"].id).read_text().startswith("WEBVTT")


def test_rights_and_lineage_come_from_the_chapters(desk: Studio, book: Job, cover: Asset) -> None:
    asset = made(desk, book)["primary"]
    links = {link.role: link.source_id for link in desk.library.sources(LOCAL, asset.id)}
    chapters = [one.id for one in chapter_assets(desk, book)]
    assert [links[f"chapter:{n}"] for n in (1, 2, 3)] == chapters
    assert links.get("cover", cover.id) == cover.id
    assert asset.licence["commercial"] is True
    assert asset.generation_config["sections"][1]["name"] == "The Town = awake"
    assert desk.jobs.cost(LOCAL, book.id) == 0


def test_the_plan_tells_chapters_before_anything_is_made(desk: Studio) -> None:
    found = desk.narrations.plan(LOCAL, text=TEXT, speed=0.5)
    assert [each.title for each in found.chapters] == TITLES
    assert found.seconds > 15
    assert (found.usd, found.sellers) == (0, ())


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"text": "# A\n\nOne. [voice Nobody Such]Two.[/voice]"}, "no voice"),
        ({"text": TEXT, "format": "m4a"}, "format = 'm4a'"),
        ({"text": TEXT, "speed": 9}, "speed = 9"),
        ({"text": TEXT, "draft": True}, "no draft"),
        ({"text": "a" * 500_001}, "500,001 characters"),
        ({"text": TEXT, "chapter": 3}, "Unknown setting 'chapter'"),
        ({"text": TEXT, "chapter_pause_ms": -1}, "chapter_pause_ms"),
        ({}, "text is missing"),
    ],
)
def test_what_cannot_be_made_is_refused_at_once(desk: Studio, values: dict[str, object], told: str) -> None:
    before = len(desk.jobs.list(LOCAL))
    with pytest.raises(UserError, match=told):
        desk.narrations.submit(LOCAL, **values)
    assert len(desk.jobs.list(LOCAL)) == before


def test_a_cover_is_a_picture(desk: Studio, tmp_path: Path) -> None:
    spoken = desk.jobs.wait(LOCAL, desk.voice.speak(LOCAL, text="No picture.", captions=False).id, 60)
    with pytest.raises(UserError, match="is no picture"):
        desk.narrations.submit(LOCAL, text=TEXT, cover=made(desk, spoken)["primary"].id)
    with pytest.raises(NotFound):
        desk.narrations.submit(LOCAL, text=TEXT, cover="asset_nothing")
    for name, data in (("c.png", b"\x89PNG\r\n\x1a\nrubbish"), ("c.svg", b"<svg/>"), ("c.jpg", b"")):
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(UserError, match="no picture the studio can read"):
            desk.importing.bring_in(LOCAL, path, kind="image")
    bomb = tmp_path / "bomb.png"
    Image.new("1", (10_000, 6_000)).save(bomb)
    with pytest.raises(UserError, match="10000 × 6000"):
        desk.importing.bring_in(LOCAL, bomb, kind="image")


def test_a_picture_keeps_nothing_of_the_camera(desk: Studio, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    path = tmp_path / "c.jpg"
    Image.new("RGB", (64, 64)).save(path, exif=exif)
    kept = desk.importing.bring_in(LOCAL, path, kind="image")[0]
    assert b"Secret Camera" not in desk.library.file(LOCAL, kept.id).read_bytes()
    assert (kept.kind, kept.format, kept.sounds) == ("image", "jpg", False)


def test_a_cancel_takes_the_chapters_along(desk: Studio) -> None:
    job = desk.narrations.submit(LOCAL, text="\n\n".join(f"# {n}\n\n" + "One two three. " * 400 for n in range(6)))
    until = time.monotonic() + 60
    while not desk.jobs.children(LOCAL, job.id):
        assert time.monotonic() < until
        time.sleep(0.01)
    desk.jobs.cancel(LOCAL, job.id)
    assert desk.jobs.wait(LOCAL, job.id, 30).status == "cancelled"
    children = [desk.jobs.wait(LOCAL, child.id, 30) for child in desk.jobs.children(LOCAL, job.id)]
    assert {child.status for child in children} <= {"cancelled", "done"}
    assert "cancelled" in {child.status for child in children}


# Through a paid stand-in: prices, failures, retries.

CLOUD = {
    "voice": "openai:alloy",
    "model": "tts-1",
    "text": "# One\n\nFirst words.\n\n# Two\n\nSecond words.\n\n# Three\n\nThird.",
}


def said(server: OpenaiServer) -> list[str]:
    return sorted(request.body["input"] for request in server.requests)


def test_the_whole_is_foreseen_before_the_first_chapter_is_bought(paid: Studio, server: OpenaiServer) -> None:
    price = paid.narrations.plan(LOCAL, **CLOUD).usd
    assert price > 0
    job = paid.narrations.submit(LOCAL, cap_usd=price - Decimal("0.000001"), **CLOUD)
    job = paid.jobs.wait(LOCAL, job.id, 60)
    assert (job.status, job.error and job.error["code"]) == ("failed", "cap_job")
    assert server.requests == []
    assert paid.jobs.children(LOCAL, job.id) == []
    enough = paid.jobs.wait(LOCAL, paid.narrations.submit(LOCAL, cap_usd=price, **CLOUD).id, 60)
    assert enough.status == "done", enough.error
    assert paid.jobs.cost(LOCAL, enough.id) == price
    assert made(paid, enough)["primary"].licence["id"] == "openai-output"


def test_a_failed_chapter_keeps_the_others_and_a_retry_makes_only_it(paid: Studio, server: OpenaiServer) -> None:
    price = paid.narrations.plan(LOCAL, **CLOUD).usd
    server.faults.append("key")
    job = paid.jobs.wait(LOCAL, paid.narrations.submit(LOCAL, cap_usd=price, **CLOUD).id, 60)
    assert job.status == "failed"
    assert job.error is not None
    assert "1 of 3 chapters" in job.error["message"]
    assert "the others are kept" in job.error["message"]
    failed = [child for child in paid.jobs.children(LOCAL, job.id) if child.status == "failed"]
    assert [f"“{child.title}”" in job.error["message"] for child in failed] == [True]
    assert len(chapter_assets(paid, job)) == 2
    paid.jobs.retry(LOCAL, job.id)
    job = paid.jobs.wait(LOCAL, job.id, 60)
    assert job.status == "done", job.error
    assert sorted(set(said(server))) == ["First words.", "Second words.", "Third."]
    assert len(said(server)) == 4, "a chapter that was paid for was bought again"
    assert paid.jobs.cost(LOCAL, job.id) == price
    assert [each["title"] for each in made(paid, job)["primary"].generation_config["chapters"]] == [
        "One",
        "Two",
        "Three",
    ]


def test_a_retry_without_room_buys_nothing_in_passing(paid: Studio, server: OpenaiServer) -> None:
    """The chapters that wait again for the retry must not be bought one by one when the whole has no room any more."""
    server.faults.extend(["key", "key", "key"])
    job = paid.jobs.wait(LOCAL, paid.narrations.submit(LOCAL, **CLOUD).id, 60)
    assert job.status == "failed"
    asked = len(server.requests)
    paid.budgets.set_limit("day", Decimal(0))
    paid.jobs.retry(LOCAL, job.id)
    job = paid.jobs.wait(LOCAL, job.id, 60)
    assert job.status == "failed"
    for child in paid.jobs.children(LOCAL, job.id):
        assert paid.jobs.wait(LOCAL, child.id, 30).status in ("cancelled", "failed")
    assert len(server.requests) == asked


def test_a_killed_worker_loses_no_chapter(home: Path) -> None:
    """kill -9 while the second chapter is spoken: the next worker goes on with the chapters that are missing."""
    studio = build_studio(load_settings(home=home, lease_seconds=2.0))
    environment = os.environ | {"STUDIO_HOME": str(home), "STUDIO_LEASE_SECONDS": "2", "STUDIO_CPU_JOBS": "1"}
    code = "from core.cli.main import main; main()"
    worker = subprocess.Popen([sys.executable, "-c", code, "worker"], cwd=ROOT, env=environment)
    try:
        text = "\n\n".join(f"# Chapter {n}\n\n" + "The harbour wakes before the town does. " * 60 for n in range(4))
        job = studio.narrations.submit(LOCAL, text=text)
        until = time.monotonic() + 60
        while not any(child.status == "done" for child in studio.jobs.children(LOCAL, job.id)):
            assert time.monotonic() < until, "no chapter was made"
            time.sleep(0.02)
        worker.kill()
        worker.wait(timeout=30)
        first = {child.id: child.finished_at for child in studio.jobs.children(LOCAL, job.id) if child.status == "done"}
        studio.ensure_worker()
        job = studio.wait(LOCAL, job.id, 120)
        assert job.status == "done", job.error
        after = {child.id: child.finished_at for child in studio.jobs.children(LOCAL, job.id)}
        assert len(after) == 4
        assert all(after[child_id] == moment for child_id, moment in first.items()), "made a second time"
        assert len(made(studio, job)["primary"].generation_config["chapters"]) == 4
    finally:
        worker.kill()
        worker.wait(timeout=30)
        studio.close()


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_half_a_million_characters_become_one_book(desk: Studio) -> None:
    paragraph = "The harbour wakes before the town does, and a rope creaks somewhere in the fog. " * 8
    text = "\n\n".join(f"# Chapter {n}\n\n" + "\n\n".join([paragraph] * 30) for n in range(1, 26))
    assert 450_000 < len(text) <= 500_000
    job = desk.jobs.wait(LOCAL, desk.narrations.submit(LOCAL, text=text, title="Long", captions=False).id, 3500)
    assert job.status == "done", job.error
    asset = made(desk, job)["primary"]
    assert (asset.duration_s or 0) > 6 * 3600
    assert [each["title"] for each in asset.generation_config["chapters"]] == [f"Chapter {n}" for n in range(1, 26)]
