"""Backup and restore: everything, from one moment, into either database; and nothing else gets in or out."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.app import Studio
from core.care.backup import backup
from core.care.restore import restore
from core.care.verify import verify
from core.kit.actor import LOCAL
from core.kit.errors import SetupError, StudioError, UserError
from core.kit.settings import load_settings
from core.store import portable, preferences
from core.store.store import Store, open_store
from tests import scripted
from tests.care.conftest import Backed, put_asset
from tests.servers import ObjectStorage, Postgres

OF_PROCESSES = portable.LEFT_OUT


def rows(store: Store) -> dict[str, list[dict[str, Any]]]:
    with store.db.read() as connection:
        found = {}
        for table in portable.tables(connection):
            if table.name not in OF_PROCESSES:
                lines = b"".join(text for _, text in portable.lines(connection, table)).splitlines()
                found[table.name] = sorted((json.loads(line) for line in lines), key=repr)
        return found


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Any]]:
    """Settings of an empty studio on either database."""
    made: list[str] = []

    def settings(**more: Any) -> Any:
        if request.param == "postgresql":
            server: Postgres = request.getfixturevalue("postgres")
            made.append(server.fresh(migrated=bool(len(made) % 2)))
            more["database_url"] = made[-1]
        return load_settings(home=tmp_path / "restored" / f"home{len(made)}", **more)

    yield settings
    for url in made:
        request.getfixturevalue("postgres").drop(url)


def test_everything_comes_back_on_either_database(
    furnished: Studio, backed: Backed, target: Any, tmp_path: Path
) -> None:
    before = rows(furnished.store)
    assert sum(map(len, before.values())) > 10
    once = target()
    done = restore(once, backed(furnished))
    assert (done.files, done.live_jobs, done.aside) == (3, 0, None)
    store = open_store(once)
    assert rows(store) == before
    assert verify(once, store).problems == ()
    # And on from there to the other kind of database, through a second file.
    second = backup(once, store, tmp_path / "again.tar").path
    store.db.close()
    back = load_settings(home=tmp_path / "back" / "home")
    restore(back, second)
    store = open_store(back)
    assert rows(store) == before
    store.db.close()


def test_a_purge_during_the_backup_takes_nothing_from_it(furnished: Studio, tmp_path: Path) -> None:
    for number in range(20):
        put_asset(furnished, tmp_path, b"piece %d" % number)
    found, _ = furnished.library.search(LOCAL, limit=100)
    purged = threading.Event()

    def purge(stage: str, fraction: float) -> None:  # noqa: ARG001
        if stage == "Copying files" and not purged.is_set():
            purged.set()
            ids = [asset.id for asset in found]
            furnished.library.bin(LOCAL, ids)
            furnished.library.purge(LOCAL, ids)
            furnished.library.sweep(older_than_s=-60)

    done = backup(furnished.settings, furnished.store, tmp_path / "b.tar", progress=purge)
    assert purged.is_set()
    assert done.whole
    assert done.files == 23
    settings = load_settings(home=tmp_path / "restored")
    restore(settings, done.path)
    store = open_store(settings)
    assert verify(settings, store).problems == ()
    store.db.close()
    # Afterwards the hold is gone and the bytes go with the next sweep.
    assert furnished.library.sweep(older_than_s=-60) == 23


def test_a_backup_while_others_write_holds_one_moment(working: Studio, tmp_path: Path) -> None:
    """Real jobs end all the while; every backup is whole and every one of its jobs has what it says."""
    jobs = [scripted.submit(working, LOCAL, tmp_path / "account", provider="free", kind="local") for _ in range(40)]
    files = []
    while not all(working.jobs.show(LOCAL, job.id).ended for job in jobs):
        files.append(backup(working.settings, working.store, tmp_path / f"{len(files)}.tar").path)
    assert files
    for number, file in enumerate([files[0], files[-1]]):
        settings = load_settings(home=tmp_path / f"r{number}")
        restore(settings, file)
        store = open_store(settings)
        assert [p for p in verify(settings, store).problems if p.rule != "running_without_worker"] == []
        store.db.close()


def test_keys_only_when_asked_for(furnished: Studio, tmp_path: Path) -> None:
    furnished.vault.put(LOCAL, "openai_api_key", "sk-1234567890abcdef")
    (furnished.settings.home / "certificates" / "local").mkdir(parents=True)
    (furnished.settings.home / "certificates" / "local" / "key.pem").write_text("a key that signs")
    key = (furnished.settings.home / "secret.key").read_bytes()
    plain = backup(furnished.settings, furnished.store, tmp_path / "plain.tar").path
    full = backup(furnished.settings, furnished.store, tmp_path / "full.tar", with_secrets=True).path
    assert full.stat().st_mode & 0o777 == 0o600
    for secret in (key, b"sk-1234567890abcdef", b"a key that signs"):
        assert secret not in plain.read_bytes()
    assert b"sk-1234567890abcdef" not in full.read_bytes()
    without, beside, given = (load_settings(home=tmp_path / name) for name in ("without", "beside", "given"))
    beside.home.mkdir()
    (beside.home / "secret.key").write_bytes(key)  # put there by hand, as the hint says
    for settings, file in ((without, plain), (beside, plain), (given, full)):
        restore(settings, file)
    assert (given.home / "certificates" / "local" / "key.pem").read_text() == "a key that signs"
    assert (given.home / "secret.key").stat().st_mode & 0o777 == 0o600
    endings = []
    for settings in (without, beside, given):
        studio = scripted.build(settings.home)
        endings.append(studio.vault.list(LOCAL)[0].ending)
        studio.close()
    assert endings == ["", "cdef", "cdef"]


def test_a_home_in_use_is_refused_and_replace_moves_it_aside(working: Studio, backed: Backed, tmp_path: Path) -> None:
    put_asset(working, tmp_path, b"new")
    file = backed(working)
    with pytest.raises(SetupError, match="works on this data folder"):
        restore(working.settings, file, replace=True)
    working.close()
    with pytest.raises(UserError, match="not empty"):
        restore(working.settings, file)
    (working.settings.home / "mine.txt").write_text("a note")
    done = restore(working.settings, file, replace=True)
    assert done.aside is not None
    assert (done.aside / "mine.txt").read_text() == "a note"
    assert not (working.settings.home / "mine.txt").exists()
    assert [entry.name for entry in working.settings.home.parent.glob(".*restoring*")] == []


def test_a_used_database_on_a_server_is_refused(
    furnished: Studio, backed: Backed, postgres: Postgres, tmp_path: Path
) -> None:
    file = backed(furnished)
    url = postgres.fresh()
    restore(load_settings(home=tmp_path / "one", database_url=url), file)
    with pytest.raises(UserError, match="on the server is not empty"):
        restore(load_settings(home=tmp_path / "two", database_url=url), file, replace=True)
    postgres.drop(url)


def test_object_storage_both_ways(furnished: Studio, backed: Backed, tmp_path: Path) -> None:
    with ObjectStorage() as storage:
        settings = load_settings(home=tmp_path / "restored", **storage.settings)
        restore(settings, backed(furnished))
        store = open_store(settings)
        assert len(store.blobs.hashes()) == 3
        again = backup(settings, store, tmp_path / "from_objects.tar")
        store.db.close()
    assert again.whole
    assert again.files == 3


def test_lost_and_damaged_files_are_named_and_stop_nothing(furnished: Studio, tmp_path: Path) -> None:
    lost, hurt = (hashlib.sha256(data).hexdigest() for data in (b"first bytes", b"derived"))
    furnished.store.blobs.path(lost).unlink()
    furnished.store.blobs.path(hurt).write_bytes(b"derivee")
    done = backup(furnished.settings, furnished.store, tmp_path / "b.tar")
    assert (done.missing, done.damaged, done.whole) == ((lost,), (hurt,), False)
    settings = load_settings(home=tmp_path / "restored")
    assert restore(settings, done.path).missing == (lost,)
    store = open_store(settings)
    assert {problem.rule for problem in verify(settings, store).problems} == {"file_missing", "file_damaged"}
    store.db.close()


# What comes from outside is not trusted: a backup is a file that anybody may have written.


def changed(source: Path, target: Path, change: Callable[[str, bytes], tuple[tarfile.TarInfo, bytes] | None]) -> Path:
    """A copy with each member as `change` wants it; None leaves it out."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for entry in old.getmembers():
            stream = old.extractfile(entry)
            assert stream is not None
            made = change(entry.name, stream.read())
            if made is not None:
                made[0].size = len(made[1])
                new.addfile(made[0], io.BytesIO(made[1]))
    return target


def plain(name: str, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
    return tarfile.TarInfo(name), data


def special(name: str, kind: bytes, link: str) -> tuple[tarfile.TarInfo, bytes]:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, link
    return entry, b""


def refused(file: Path, tmp_path: Path, words: str) -> None:
    settings = load_settings(home=tmp_path / "must_stay_away" / "home")
    with pytest.raises(StudioError, match=words) as error:
        restore(settings, file)
    assert error.value.hint
    assert not settings.home.exists()
    assert list(settings.home.parent.glob(".*")) == []


@pytest.mark.parametrize(
    "name", ["../outside", "/tmp/outside", "work/../../outside", "work/./x", "blobs/../x", "home/x", "work\\x", "x"]
)
def test_no_member_leaves_its_place(furnished: Studio, backed: Backed, tmp_path: Path, name: str) -> None:
    bad = changed(
        backed(furnished), tmp_path / "bad.tar",
        lambda old, data: plain(name, data) if old.startswith("tables/assets") else plain(old, data),
    )  # fmt: skip
    refused(bad, tmp_path, "no name a backup has|not in its manifest")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_links_and_devices_are_refused(furnished: Studio, backed: Backed, tmp_path: Path, kind: bytes) -> None:
    bad = changed(
        backed(furnished), tmp_path / "bad.tar",
        lambda old, data: special(old, kind, "/etc/passwd") if old.startswith("tables/assets") else plain(old, data),
    )  # fmt: skip
    refused(bad, tmp_path, "not a plain file")


def test_every_change_is_noticed(furnished: Studio, backed: Backed, tmp_path: Path) -> None:
    good = backed(furnished)

    def one(part: str, make: Callable[[str, bytes], tuple[tarfile.TarInfo, bytes] | None]) -> Path:
        target = tmp_path / "changed.tar"
        return changed(
            good, target, lambda name, data: make(name, data) if name.startswith(part) else plain(name, data)
        )

    def newer(name: str, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
        return plain(name, json.dumps(json.loads(data) | {"format": 2}).encode())

    def unheard(name: str, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
        return plain(name, json.dumps(json.loads(data) | {"revision": "9999"}).encode())

    def fewer(name: str, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
        manifest = json.loads(data)
        manifest["rows"]["assets"] += 1
        return plain(name, json.dumps(manifest).encode())

    refused(one("blobs", lambda name, data: plain(name, bytes([data[0] ^ 1]) + data[1:])), tmp_path, "not as it was")
    refused(
        one("tables/assets", lambda name, data: plain(name, data.replace(b"piece", b"peace"))), tmp_path, "not as it"
    )
    refused(one("tables/assets", lambda name, data: plain(name, data + b" " * 4096)), tmp_path, "with this size")
    refused(one("blobs", lambda name, data: None), tmp_path, "members are missing")
    refused(one("manifest", lambda name, data: None), tmp_path, "never finished")
    refused(one("manifest", lambda name, data: plain(name, b"{}")), tmp_path, "manifest cannot be read")
    refused(one("manifest", newer), tmp_path, "newer studio")
    refused(one("manifest", unheard), tmp_path, "newer studio")
    refused(one("manifest", fewer), tmp_path, "rows are missing")
    for length in (0, 100, good.stat().st_size // 2, good.stat().st_size - 11_000):
        (tmp_path / "cut.tar").write_bytes(good.read_bytes()[:length])
        refused(tmp_path / "cut.tar", tmp_path, "not a backup")
    (tmp_path / "noise.tar").write_bytes(os.urandom(5000))
    refused(tmp_path / "noise.tar", tmp_path, "not a backup")
    with pytest.raises(UserError, match="cannot be read"):
        restore(load_settings(home=tmp_path / "h"), tmp_path / "there_is_none.tar")


def test_a_bad_place_is_said_before_or_after_but_leaves_nothing(furnished: Studio, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="inside the data folder"):
        backup(furnished.settings, furnished.store, furnished.settings.home / "b.tar")
    with pytest.raises(UserError, match="folder"):
        backup(furnished.settings, furnished.store, tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match="could not be written"):
        backup(furnished.settings, furnished.store, tmp_path / "file" / "b.tar")
    with furnished.store.db.read() as connection:
        assert preferences.read(connection, "theme") == {"$moment": "a document", "nothing": None}


def test_a_full_disk_leaves_no_half_backup(furnished: Studio, backed: Backed, tmp_path: Path, small_files: Any) -> None:
    """A real write that fails: the kernel refuses files past a limit, as a full disk would."""
    put_asset(furnished, tmp_path, os.urandom(1_500_000))
    whole = backed(furnished)
    shutil.copy(whole, tmp_path / "kept.tar")
    with small_files(1_000_000), pytest.raises(SetupError, match="could not be written"):
        backup(furnished.settings, furnished.store, tmp_path / "kept.tar")
    assert (tmp_path / "kept.tar").read_bytes() == whole.read_bytes()  # the one before is still there
    assert list(tmp_path.glob(".*part*")) == []
    settings = load_settings(home=tmp_path / "r" / "home")
    with small_files(1_000_000), pytest.raises(SetupError):
        restore(settings, whole)
    assert not settings.home.exists()
    assert list(settings.home.parent.glob(".*")) == []
