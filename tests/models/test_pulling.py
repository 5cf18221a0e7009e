"""Weights from a hub (a stand-in on loopback) and from a folder."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest

from core.kit.errors import SetupError, StudioError, UserError
from core.models import pulling
from core.models.catalogue import Weights, catalogue, find
from core.models.shelf import Shelf
from core.models.taking import take
from tests.clouds.hub import COMMIT, Hub

TINY = Weights(
    name="tiny", title="Tiny", what="a test", repo="somebody/Tiny", size_mb=1, licence="Apache-2.0", licence_url="",
    terms="", files=("config.json", "tiny.pth"), voices=("voices/a.pt", "voices/b.pt"), published={},
)  # fmt: skip


def zipped(size: int, seed: int) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        file.writestr("data", bytes((index * seed) % 251 for index in range(size)))
    return held.getvalue()


FILES = {
    "config.json": b'{"vocab": {}}',
    "tiny.pth": zipped(400_000, 7),
    "voices/a.pt": zipped(70_000, 3),
    "voices/b.pt": zipped(500, 5),
}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "models")


def pull(hub: Hub, shelf: Shelf, told: list[tuple[str, int, int]] | None = None) -> Path:
    seen = [] if told is None else told
    return pulling.pull(TINY, shelf, hub.url, lambda *said: seen.append(said), wait_s=0.01)


def test_all_files_come_from_one_commit_and_are_written_down(shelf: Shelf) -> None:
    told: list[tuple[str, int, int]] = []
    assert shelf.state(TINY).state == "not there"
    with Hub(FILES) as hub:
        place = pull(hub, shelf, told)
        assert [path for path, _ in hub.asked if "/resolve/" in path] == [
            f"/somebody/Tiny/resolve/{revision}/{path}"
            for revision, path in zip(["main", COMMIT, COMMIT, COMMIT], FILES, strict=True)
        ]
    assert {path: (place / path).read_bytes() for path in FILES} == FILES
    state = shelf.state(TINY)
    assert (state.state, state.origin) == ("ready", f"{hub.url}/somebody/Tiny")
    assert json.loads((place / "manifest.json").read_text())["commit"] == COMMIT
    assert ("tiny.pth", len(FILES["tiny.pth"]), len(FILES["tiny.pth"])) in told
    assert shelf.check(TINY) == []
    assert [path.name for path in shelf.folder.iterdir() if path.is_dir()] == ["tiny"]


@pytest.mark.parametrize("fault", ["cut", "fault"])
def test_what_broke_off_is_gone_on_with(shelf: Shelf, fault: str) -> None:
    with Hub(FILES, fault) as hub:
        place = pull(hub, shelf)
        ranges = [asked for path, asked in hub.asked if path == "/storage/tiny.pth"]
    half = len(FILES["tiny.pth"]) // 2
    assert ranges[-1] == (f"bytes={half}-" if fault == "cut" else "")
    assert (place / "tiny.pth").read_bytes() == FILES["tiny.pth"]


def test_a_later_run_goes_on_where_the_first_one_gave_up(shelf: Shelf) -> None:
    with Hub(FILES, "cut", *["fault"] * 6) as hub:
        with pytest.raises(SetupError, match="kept") as error:
            pull(hub, shelf)
        assert "--from FOLDER" in error.value.hint
        assert str(shelf.place(TINY)) in error.value.hint
        assert all(path in error.value.hint for path in TINY.files)
        assert shelf.state(TINY).state == "partial"
        hub.faults.clear()
        hub.asked.clear()
        pull(hub, shelf)
        assert ("/storage/tiny.pth", f"bytes={len(FILES['tiny.pth']) // 2}-") in hub.asked
    assert shelf.check(TINY) == []


def test_a_server_that_knows_no_ranges_sends_the_whole_again(shelf: Shelf) -> None:
    with Hub(FILES, "cut", "cut", "no_range") as hub:
        assert (pull(hub, shelf) / "tiny.pth").read_bytes() == FILES["tiny.pth"]


def test_a_file_replaced_on_the_hub_is_not_gone_on_with_as_the_old_one(shelf: Shelf) -> None:
    with Hub(FILES, "cut", *["fault"] * 6) as hub:
        with pytest.raises(SetupError):
            pull(hub, shelf)
        hub.faults.clear()
        hub.files["tiny.pth"] = zipped(400_000, 11)
        assert (pull(hub, shelf) / "tiny.pth").read_bytes() == hub.files["tiny.pth"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [("wrong", "other content"), ("missing", "HTTP 404"), ("no_etag", "no checksum"), ("circle", "circles")],
)
def test_what_cannot_be_right_is_not_kept(shelf: Shelf, fault: str, said: str) -> None:
    with Hub(FILES, *[fault] * 9) as hub:
        with pytest.raises(SetupError, match=said):
            pull(hub, shelf)
        assert len([path for path, _ in hub.asked if path == "/storage/tiny.pth"]) <= 1
    assert not shelf.place(TINY).exists()
    with pytest.raises(SetupError, match="not all there") as error:
        shelf.ready(TINY)
    assert error.value.hint == "Run: studio models pull tiny"


def test_a_missing_file_is_named(shelf: Shelf) -> None:
    files = {name: content for name, content in FILES.items() if name != "voices/a.pt"}
    with Hub(files) as hub, pytest.raises(SetupError, match=r"voices/a\.pt \(HTTP 404\)"):
        pull(hub, shelf)


def test_without_a_connection_it_says_which_files_go_where(shelf: Shelf) -> None:
    with Hub(FILES) as hub:
        gone = hub.url
    with pytest.raises(SetupError) as error:
        pulling.pull(TINY, shelf, gone, lambda *_: None, wait_s=0.01)
    for part in ("config.json, tiny.pth and voices/*.pt", f"{gone}/somebody/Tiny", str(shelf.place(TINY))):
        assert part in error.value.hint


def test_a_full_disk_is_said_before_and_under_way(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(shelf.folder.parent)
    with Hub(FILES) as hub:
        with monkeypatch.context() as patch:
            patch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10_000))
            with pytest.raises(SetupError, match="0 MB are free") as error:
                pull(hub, shelf)
            assert error.value.code == "no_space"
        if Path("/dev/full").exists():
            part = shelf.coming(TINY) / f"tiny.pth.{hashlib.sha256(FILES['tiny.pth']).hexdigest()[:16]}.part"
            os.symlink("/dev/full", part)
            with pytest.raises(SetupError, match="disk is full"):
                pull(hub, shelf)


def test_a_damaged_or_missing_file_is_noticed(shelf: Shelf) -> None:
    with Hub(FILES) as hub:
        place = pull(hub, shelf)
        (place / "voices/a.pt").write_bytes(bytes(len(FILES["voices/a.pt"])))
        assert shelf.state(TINY).state == "ready"  # by size alone
        assert shelf.check(TINY) == ["voices/a.pt has other content than it should"]
        (place / "voices/a.pt").write_bytes(b"short")
        assert shelf.state(TINY).state == "damaged"
        (place / "tiny.pth").unlink()
        with pytest.raises(SetupError, match=r"tiny\.pth is missing"):
            shelf.ready(TINY)
        pull(hub, shelf)
    assert shelf.check(TINY) == []


def test_two_at_once_are_one_too_many(shelf: Shelf) -> None:
    with Hub(FILES) as hub, shelf.alone(TINY), pytest.raises(UserError, match="already"):
        pull(hub, shelf)


def lay(folder: Path, files: dict[str, bytes]) -> Path:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def test_from_a_folder_with_some_of_the_voices(shelf: Shelf, tmp_path: Path) -> None:
    source = lay(tmp_path / "usb", {name: content for name, content in FILES.items() if name != "voices/b.pt"})
    taken = take(TINY, shelf, source, lambda *_: None)
    assert (taken.voices, taken.unpublished) == (1, ())
    assert shelf.state(TINY).origin == str(source)
    assert (source / "tiny.pth").exists()


@pytest.mark.parametrize(
    ("without", "instead", "said"),
    [
        ("tiny.pth", None, "lacks tiny.pth"),
        ("voices", None, "lacks at least one of voices/a.pt"),
        ("config.json", b"<html>sign in</html>", "config.json is damaged"),
        ("tiny.pth", b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n", "tiny.pth is damaged"),
    ],
)
def test_a_folder_that_will_not_do(
    shelf: Shelf, tmp_path: Path, without: str, instead: bytes | None, said: str
) -> None:
    files = {name: content for name, content in FILES.items() if not name.startswith(without)}
    source = lay(tmp_path / "usb", files | ({without: instead} if instead else {}))
    with pytest.raises(UserError, match=said):
        take(TINY, shelf, source, lambda *_: None)
    assert shelf.state(TINY).state == "not there"
    with pytest.raises(UserError, match="not there"):
        take(TINY, shelf, tmp_path / "nowhere", lambda *_: None)


def test_files_put_there_by_hand_and_removed(shelf: Shelf) -> None:
    lay(shelf.place(TINY), FILES)
    state = shelf.state(TINY)
    assert (state.state, state.origin) == ("ready", "")
    assert shelf.remove(TINY) == pytest.approx(sum(map(len, FILES.values())) / 1e6)
    assert shelf.state(TINY).state == "not there"
    with pytest.raises(UserError, match="nothing of Tiny"):
        shelf.remove(TINY)


def test_the_catalogue_is_whole() -> None:
    for weights in catalogue():
        assert weights.files
        assert bool(weights.repo) != bool(weights.archive)
        assert set(weights.published) <= set(weights.everything)
        assert len(set(weights.everything)) == len(weights.everything)
    with pytest.raises(StudioError, match="no model 'chair'"):
        find("chair")
