"""One suite over both places for bytes: a folder, and S3-compatible object storage (moto's server on loopback)."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import obstore
import pytest

from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.errors import SetupError
from core.kit.settings import Settings, load_settings
from core.store.files import Blobs, LocalBlobs
from core.store.objects import ObjectBlobs
from core.store.store import open_store
from tests import scripted
from tests.scripted import submit
from tests.servers import ObjectStorage


@pytest.fixture(scope="session")
def s3() -> Iterator[ObjectStorage]:
    with ObjectStorage() as server:
        yield server


@pytest.fixture(params=["folder", "objects"])
def settings(request: pytest.FixtureRequest, home: Path) -> Settings:
    if request.param == "folder":
        return load_settings(home=home)
    server: ObjectStorage = request.getfixturevalue("s3")
    # A folder of its own in the bucket, so that tests do not see each other's files.
    return load_settings(home=home, **server.settings | {"storage_url": f"s3://{server.bucket}/{home.parent.name}"})


@pytest.fixture
def blobs(settings: Settings) -> Blobs:
    return open_store(settings).blobs


def piece(folder: Path, data: bytes = b"some bytes") -> Path:
    file = folder / "piece.wav"
    file.write_bytes(data)
    return file


def test_what_was_kept_is_there(blobs: Blobs, tmp_path: Path) -> None:
    sha256, size = blobs.keep(piece(tmp_path))
    assert size == len(b"some bytes")
    assert blobs.keep(piece(tmp_path)) == (sha256, size)
    assert blobs.path(sha256).read_bytes() == b"some bytes"
    assert blobs.has(sha256)
    assert not blobs.has("0" * 64)
    assert blobs.hashes() == {sha256}
    blobs.remove(sha256)
    assert not blobs.has(sha256)
    blobs.remove(sha256)


def test_large_files_and_many_threads(blobs: Blobs, tmp_path: Path) -> None:
    """16 MB goes up in several parts."""
    data = [os.urandom(1 << 20) * 16 if number == 0 else os.urandom(1000 + number) for number in range(12)]
    kept: dict[int, str] = {}

    def keep(number: int) -> None:
        file = tmp_path / str(number)
        file.write_bytes(data[number])
        kept[number] = blobs.keep(file)[0]

    threads = [threading.Thread(target=keep, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(blobs.path(kept[number]).read_bytes() == data[number] for number in range(12))


def test_strays_are_old_bytes_that_nobody_knows(blobs: Blobs, tmp_path: Path) -> None:
    known = blobs.keep(piece(tmp_path, b"known"))[0]
    stray = blobs.keep(piece(tmp_path, b"stray"))[0]
    assert blobs.strays({known}, older_than_s=3600) == []
    assert blobs.strays({known}, older_than_s=-5) == [stray]


def test_the_whole_way_of_a_piece(settings: Settings, tmp_path: Path) -> None:
    values = settings.model_dump(include={"storage_url", "storage_endpoint"})
    studio = scripted.build(settings.home, **values, **ObjectStorage.keys)
    try:
        studio.ensure_worker()
        job = studio.jobs.wait(LOCAL, submit(studio, LOCAL, tmp_path / "a").id, 60)
        assert job.status == "done", job.error
        asset = studio.jobs.assets(LOCAL, job.id)[0]
        assert studio.library.file(LOCAL, asset.id).read_bytes()
        studio.library.bin(LOCAL, [asset.id])
        studio.library.purge(LOCAL, [asset.id])
        assert not studio.store.blobs.has(asset.sha256)
    finally:
        studio.close()


def test_bytes_kept_while_the_same_bytes_are_purged_survive(settings: Settings, tmp_path: Path) -> None:
    """Purge looks again under its lock, keep looks again under its own: whoever comes second repairs."""
    values = settings.model_dump(include={"storage_url", "storage_endpoint"})
    studio = scripted.build(settings.home, **values, **ObjectStorage.keys)
    try:
        from core.store import assets
        from tests.store.test_store import row

        for _ in range(10):
            sha256, size = studio.store.blobs.keep(piece(tmp_path, b"the same"))
            old = row(sha256, bytes=size, deleted_at=row()["created_at"])
            with studio.store.db.write() as connection:
                assets.add(connection, old)
            fresh = row(sha256, bytes=size)

            def keep_again(new: dict[str, object] = fresh, same: str = sha256, studio: Studio = studio) -> None:
                studio.store.blobs.keep(piece(tmp_path, b"the same"))
                with studio.store.db.shared("blobs") as connection:
                    assets.add(connection, new)
                    if not studio.store.blobs.has(same):
                        studio.store.blobs.keep(piece(tmp_path, b"the same"))

            other = threading.Thread(target=keep_again)
            other.start()
            studio.library.purge(LOCAL, [str(old["id"])])
            other.join()
            assert studio.store.blobs.has(sha256)
            studio.library.bin(LOCAL, [str(fresh["id"])])
            studio.library.purge(LOCAL, [str(fresh["id"])])
            assert not studio.store.blobs.has(sha256)
    finally:
        studio.close()


def test_a_local_copy_that_a_purge_took_away_is_made_again(
    s3: ObjectStorage, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import obstore

    blobs = ObjectBlobs(load_settings(home=home, **s3.settings))
    put, taken = obstore.put, []

    def purged_just_before(store: object, key: str, place: Path) -> None:
        if not taken:
            taken.append(place)
            place.unlink()
        put(store, key, place)  # type: ignore[arg-type]

    monkeypatch.setattr(obstore, "put", purged_just_before)
    sha256, _ = blobs.keep(piece(tmp_path))
    assert taken
    assert blobs.has(sha256)
    assert blobs.path(sha256).read_bytes() == b"some bytes"


def test_the_folder_needs_no_database_to_find_a_file(home: Path, tmp_path: Path) -> None:
    folder = LocalBlobs(home)
    sha256, _ = folder.keep(piece(tmp_path))
    assert folder.path(sha256) == home / sha256[:2] / sha256[2:]


def test_a_copy_lost_or_damaged_here_is_fetched_anew(s3: ObjectStorage, home: Path, tmp_path: Path) -> None:
    blobs = ObjectBlobs(load_settings(home=home, **s3.settings))
    sha256, _ = blobs.keep(piece(tmp_path))
    blobs.path(sha256).unlink()
    assert blobs.path(sha256).read_bytes() == b"some bytes"


def test_an_object_damaged_there_is_never_handed_out(s3: ObjectStorage, home: Path, tmp_path: Path) -> None:
    blobs = ObjectBlobs(load_settings(home=home, **s3.settings))
    sha256, _ = blobs.keep(piece(tmp_path, b"soon damaged"))
    blobs.path(sha256).unlink()
    obstore.put(blobs._store, f"blobs/{sha256[:2]}/{sha256[2:]}", b"other bytes")
    with pytest.raises(SetupError) as refused:
        blobs.path(sha256)
    assert refused.value.code == "blob_damaged"
    blobs.remove(sha256)
    with pytest.raises(SetupError) as missing:
        blobs.path(sha256)
    assert missing.value.code == "blob_missing"


def test_local_copies_stay_under_their_limit(s3: ObjectStorage, home: Path, tmp_path: Path) -> None:
    blobs = ObjectBlobs(load_settings(home=home, storage_cache_gb=5e-6, **s3.settings))  # about 5 kB
    kept = [blobs.keep(piece(tmp_path, os.urandom(2000)))[0] for _ in range(10)]
    for sha256 in kept:
        os.utime(blobs.path(sha256), (1, 1))
    blobs._used = 0  # the next use looks at the copies
    blobs.keep(piece(tmp_path, b"one more"))
    left = list((home / "cache" / "blobs").glob("[0-9a-f][0-9a-f]/*"))
    assert sum(file.stat().st_size for file in left) <= 5369
    assert all(len(blobs.path(sha256).read_bytes()) == 2000 for sha256 in kept), "only copies were removed"


def test_storage_that_is_away_is_one_clear_error(home: Path, tmp_path: Path) -> None:
    with ObjectStorage() as server:
        blobs = ObjectBlobs(load_settings(home=home, **server.settings))
    with pytest.raises(SetupError) as refused:
        blobs.keep(piece(tmp_path))
    assert refused.value.code == "storage_failed"
    assert "STUDIO_STORAGE_URL" in refused.value.hint
    assert "secret" not in refused.value.message


@pytest.mark.parametrize("url", ["gs://bucket", "s3://", "/folder", "http://bucket"])
def test_other_storage_is_refused_at_the_start(home: Path, url: str) -> None:
    with pytest.raises(SetupError, match="STUDIO_STORAGE_URL"):
        load_settings(home=home, storage_url=url)
