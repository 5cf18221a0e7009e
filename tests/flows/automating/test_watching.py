"""Folders that are watched, and files that are handed out: taken once, when they are whole, and nowhere outside."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.app import Studio, build_studio
from core.kit.actor import LOCAL
from core.kit.errors import SetupError, UserError
from core.kit.settings import load_settings
from core.store.automation_runs import Run
from core.store.automations import Automation
from tests.flows.clips_apart import apart
from tests.video import films

APART: list[dict[str, Any]] = [{"type": "take_apart"}]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "watched" / "inbox"
    made.mkdir(parents=True)
    return made


@pytest.fixture
def desk(home: Path, folder: Path) -> Iterator[Studio]:
    """Without a worker: these tests are the chores."""
    built = build_studio(load_settings(home=home, watch_dir=folder.parent))
    yield built
    built.close()


def watch(studio: Studio, actions: list[dict[str, Any]] = APART, **trigger: Any) -> Automation:
    said = {"type": "watch_folder", "folder": "inbox", "licence": "uploaded-own", **trigger}
    return studio.automations.create(LOCAL, name="Inbox", trigger=said, actions=actions)


def look(studio: Studio) -> int:
    """Twice, as a file has to stand still that long, and what was claimed is brought in."""
    claimed = studio.automations.watching.look() + studio.automations.watching.look()
    studio.automations.firing.tick()
    return claimed


def log(studio: Studio, rule: Automation) -> list[Run]:
    return studio.automations.runs(LOCAL, rule.id)


def brought_in(studio: Studio) -> list[str]:
    return [asset.name for asset in studio.library.search(LOCAL, kinds=("video",))[0]]


def test_a_film_is_taken_once_whatever_it_is_called(desk: Studio, home: Path, folder: Path) -> None:
    shutil.copy(films.MONTAGE, folder / "old.mp4")
    rule = watch(desk)
    assert look(desk) == 0, "what lay there is left alone"
    (folder / "old.mp4").rename(folder / "old, called otherwise.mp4")
    shutil.copy(films.MONTAGE, folder / "The spot.mp4")
    assert desk.automations.watching.look() == 0, "it may still be coming"
    assert look(desk) == 1
    shutil.copy(films.MONTAGE, folder / "the same again.mp4")
    assert look(desk) == 0
    again = build_studio(load_settings(home=home, watch_dir=folder.parent))
    assert look(again) == 0
    (folder / "The spot.mp4").rename(folder / "renamed.mp4")
    assert look(again) == 0
    again.close()
    assert brought_in(desk) == ["The spot"]
    run = log(desk, rule)[0]
    job = desk.jobs.show(LOCAL, run.jobs[0].job_id)
    assert (len(log(desk, rule)), run.name, run.came_to, job.kind) == (1, "The spot.mp4", "waiting", "scenes")
    assert job.request["asset_id"] == run.asset_id
    film = desk.library.get(LOCAL, run.asset_id or "")
    assert (film.licence["id"], film.generation_config["file"]) == ("uploaded-own", "The spot.mp4")


def test_what_is_still_coming_is_waited_for(desk: Studio, folder: Path) -> None:
    watch(desk)
    whole = films.MONTAGE.read_bytes()
    file = folder / "slow.mp4"
    for part in (0, 1000, 2000):
        file.write_bytes(whole[:part])
        assert desk.automations.watching.look() == 0
    (folder / "film.mp4.part").write_bytes(whole)
    (folder / ".hidden.mp4").write_bytes(whole)
    (folder / "sub").mkdir()
    (folder / "link.mp4").symlink_to(films.MONTAGE)
    file.write_bytes(whole)
    assert (look(desk), brought_in(desk)) == (1, ["slow"])


def test_a_bad_file_is_logged_once_and_left_alone(desk: Studio, folder: Path) -> None:
    rule = watch(desk)
    (folder / "notes.txt").write_text("no film")
    look(desk)
    look(desk)
    run = log(desk, rule)[0]
    assert run.error is not None
    assert (len(log(desk, rule)), run.came_to, "notes.txt" in run.error["message"]) == (1, "failed", True)
    assert (folder / "notes.txt").read_text() == "no film"
    shutil.copy(films.MONTAGE, folder / "notes.txt")
    assert (look(desk), brought_in(desk)) == (1, ["notes"]), "it has become a film"


def test_gone_or_changed_before_it_was_brought_in(desk: Studio, folder: Path) -> None:
    rule = watch(desk)
    shutil.copy(films.MONTAGE, folder / "a.mp4")
    for _ in range(2):
        desk.automations.watching.look()
    (folder / "a.mp4").rename(folder / "b.mp4")
    desk.automations.firing.tick()
    assert (log(desk, rule), brought_in(desk)) == ([], [])
    assert look(desk) == 1
    assert (log(desk, rule)[0].name, brought_in(desk)) == ("b.mp4", ["b"])
    other = folder / "c.mp4"
    films.mute(other)
    for _ in range(2):
        desk.automations.watching.look()
    other.unlink()
    desk.automations.firing.tick()
    assert len(log(desk, rule)) == 1


def test_what_comes_while_it_is_off_stays_where_it_is(desk: Studio, folder: Path) -> None:
    rule = watch(desk)
    desk.automations.switch(LOCAL, rule.id, on=False)
    shutil.copy(films.MONTAGE, folder / "meanwhile.mp4")
    desk.automations.switch(LOCAL, rule.id, on=True)
    assert look(desk) == 0
    os.utime(folder / "meanwhile.mp4")
    assert look(desk) == 1, "saved again since"


def test_brought_in_before_a_crash_and_not_again(desk: Studio, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also a film that somebody brought in by hand."""
    rule = watch(desk)
    shutil.copy(films.MONTAGE, folder / "a.mp4")

    def gone(*_: Any, **__: Any) -> Any:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(desk.video, "take_apart", gone)
        with pytest.raises(SystemExit):
            look(desk)
    with desk.store.db.write() as connection:
        from core.store import automation_runs

        automation_runs.change_run(connection, log(desk, rule)[0].id, taken_at=None, asset_id=None)
    assert desk.automations.firing.tick() == 1
    assert brought_in(desk) == ["a"]


def test_a_folder_that_goes_away_is_told_and_comes_back(desk: Studio, folder: Path) -> None:
    rule = watch(desk)
    folder.rmdir()
    assert look(desk) == 0
    assert "cannot be read" in desk.automations.show(LOCAL, rule.id).rule.reason
    folder.mkdir()
    shutil.copy(films.MONTAGE, folder / "a.mp4")
    assert look(desk) == 1
    assert desk.automations.show(LOCAL, rule.id).rule.reason == ""


def test_only_folders_under_the_one_that_was_set(desk: Studio, home: Path, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (folder.parent / "out").symlink_to(tmp_path / "elsewhere")
    for bad in ("../elsewhere", str(tmp_path / "elsewhere"), "out", "inbox/../../elsewhere", "a\0b"):
        with pytest.raises(UserError) as refused:
            watch(desk, folder=bad)
        assert refused.value.code == "bad_folder"
    assert watch(desk, folder=str(folder)).on
    watch(desk, folder="made/anew")
    assert (folder.parent / "made" / "anew").is_dir()
    with pytest.raises(UserError):
        watch(desk, licence="nonsense")
    off = build_studio(load_settings(home=home))
    with pytest.raises(SetupError, match="No folder may be watched"):
        watch(off)
    assert off.automations.watching.look() == 0
    off.close()
    inside = build_studio(load_settings(home=home, watch_dir=home / "watched"))
    with pytest.raises(SetupError, match="lie in one another"):
        watch(inside)
    inside.close()


def test_where_everybody_signs_in_everybody_has_a_folder(home: Path, folder: Path) -> None:
    studio = build_studio(load_settings(home=home, watch_dir=folder.parent, require_sign_in=True))
    users = studio.access.users
    users.add(LOCAL, "root", "a long enough password")
    ada = users.actor(users.add(LOCAL, "ada", "a long enough password").id)
    assert ada is not None
    trigger = {"type": "watch_folder", "folder": "films"}
    studio.automations.create(ada, name="Mine", trigger=trigger, actions=APART)
    assert (folder.parent / "ada" / "films").is_dir()
    with pytest.raises(UserError, match="does not lie"):
        studio.automations.create(ada, name="Theirs", trigger=trigger | {"folder": "../inbox"}, actions=APART)
    shutil.copy(films.MONTAGE, folder / "not hers.mp4")
    shutil.copy(films.MONTAGE, folder.parent / "ada" / "films" / "hers.mp4")
    assert look(studio) == 1
    assert [asset.name for asset in studio.library.search(ada, kinds=("video",))[0]] == ["hers"]
    studio.close()


def test_what_was_made_is_handed_out_by_its_name_and_nowhere_else(home: Path, tmp_path: Path) -> None:
    """One real worker: from scenes that were found to files in the export folder."""
    studio = build_studio(load_settings(home=home, export_dir=tmp_path / "out"))
    studio.ensure_worker()
    config = {"autoDownload": True, "folder": "../../../etc/passwd/..", "format": "flac"}
    actions = [{"type": "generate_music_for_scenes", "config": config}]
    rule = studio.automations.create(
        LOCAL, name="Hand out", trigger={"type": "event", "event": "scenes_processed"}, actions=actions
    )
    clip = apart(studio, "a/../clip:?")
    run = until(studio, rule, lambda run: run.came_to == "done" and run.jobs[0].saving == "saved")
    assert run.subject == clip
    files = [Path(file) for file in run.jobs[0].files]
    assert [file.suffix for file in files] == [".flac", ".flac"]
    folder = tmp_path / "out" / "etc" / "passwd"
    assert {file.parent.parent for file in files} == {folder}
    assert all(file.stat().st_size > 10_000 for file in files)
    assert not [each for each in folder.rglob("*") if each.name.endswith(".part")]
    assert len(studio.jobs.list(LOCAL, limit=100, roots_only=True)) == 2, "the taking apart, and one batch"
    studio.close()


def until(studio: Studio, rule: Automation, true: Any) -> Run:
    import time

    deadline = time.monotonic() + 240
    while True:
        found = log(studio, rule)
        if found and true(found[0]):
            return found[0]
        assert time.monotonic() < deadline, found
        time.sleep(0.1)


def test_from_a_watched_folder_to_a_scored_film(desk: Studio, home: Path, folder: Path) -> None:
    """Through every stage: claimed, brought in, taken apart, made."""
    desk.ensure_worker()
    score = {"type": "score_clip", "config": {"one": True, "stems": False, "autoDownload": True}}
    rule = watch(desk, [{"type": "generate_music_for_scenes"}, score])
    films.ffmpeg("-i", films.MONTAGE, "-t", 4, "-c", "copy", folder.parent / "short.mp4")
    (folder.parent / "short.mp4").rename(folder / "short.mp4")
    run = until(desk, rule, lambda run: run.came_to in ("partly", "failed") or (run.jobs[2:] and run.jobs[2].files))
    assert (run.came_to, [each.action for each in run.jobs]) == (
        "done", ["take_apart", "generate_music_for_scenes", "score_clip"],
    )  # fmt: skip
    assert sorted(Path(file).suffix for file in run.jobs[2].files) == [".csv", ".json", ".mp4"]
    assert all(Path(file).is_relative_to(home / "exports" / "Inbox") for file in run.jobs[2].files)
    assert desk.automations.show(LOCAL, rule.id).spent_usd == 0
