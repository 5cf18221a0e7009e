"""A backup of everything, while the studio runs: one file, one moment.

The database is read in one snapshot. Before it is taken, a hold keeps all bytes where they are, so that every file the
snapshot knows is still there when it is copied, also one whose asset was purged meanwhile.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.care.archive import Manifest, Progress, Writer
from core.kit.clock import new_id, now
from core.kit.errors import SetupError, StudioError, UserError
from core.kit.settings import Settings
from core.store import changes, checking, holds, portable
from core.store.migrate import revision_of
from core.store.store import BLOBS, Store

RENEW_S = 60.0
_STAGE = "Copying files"


@dataclass(frozen=True)
class Backup:
    path: Path
    bytes: int
    rows: int
    files: int
    with_secrets: bool
    missing: tuple[str, ...]
    """Hashes of files that the library lists and that are gone: they were lost before."""
    damaged: tuple[str, ...]
    seconds: float

    @property
    def whole(self) -> bool:
        return not self.missing and not self.damaged


def backup(
    settings: Settings,
    store: Store,
    file: Path,
    *,
    with_secrets: bool = False,
    progress: Progress = lambda stage, fraction: None,
) -> Backup:
    """Write everything but the mart (rebuilt), caches, sign-in sessions and, unless asked for, keys. The file appears
    under its name only when it is whole, and only its owner may read it: it holds password hashes."""
    started = time.monotonic()
    if file.is_dir():
        raise UserError(f"{str(file)!r} is a folder.", "Give a file name, such as studio.tar.")
    if settings.home in file.resolve().parents:
        raise UserError("A backup inside the data folder is no backup.", "Choose a place outside it.")
    part = file.with_name(f".{file.name}.{new_id('part')}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            manifest = _write(settings, store, Writer(out), with_secrets, progress)
            out.flush()
            os.fsync(out.fileno())
        size = part.stat().st_size
        os.replace(part, file)
    except OSError as error:
        raise SetupError(
            f"The backup could not be written: {error.strerror or error}.",
            f"Check that {str(file.parent)!r} is writable and has room, then try again.",
            "backup_failed",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return Backup(
        file, size, sum(manifest.rows.values()), manifest.blobs, with_secrets, tuple(manifest.missing),
        tuple(manifest.damaged), time.monotonic() - started,
    )  # fmt: skip


def _write(settings: Settings, store: Store, writer: Writer, with_secrets: bool, progress: Progress) -> Manifest:
    missing: list[str] = []
    wrong: list[str] = []
    with _holding(store) as renew:
        progress("Reading the database", 0.0)
        with changes.snapshot(store.db) as connection:
            made_at = now()
            revision = revision_of(connection) or ""
            _paid_files(settings, writer, portable.paid_files(connection))
            rows = {}
            for table in portable.tables(connection):
                rows[table.name] = 0
                for number, (count, text) in enumerate(portable.lines(connection, table), 1):
                    writer.put(f"tables/{table.name}/{number:06d}.jsonl", text)
                    rows[table.name] += count
            hashes = sorted(checking.blob_sizes(connection))
        for number, sha256 in enumerate(hashes):
            progress(_STAGE, number / len(hashes))
            renew()
            try:
                if not writer.put_blob(sha256, store.blobs.path(sha256)):
                    wrong.append(sha256)
            except (FileNotFoundError, StudioError) as error:
                # Object storage says so in a StudioError; one that cannot be reached at all has to stop the backup.
                if isinstance(error, StudioError) and error.code not in ("blob_missing", "blob_damaged"):
                    raise
                missing.append(sha256)
    if with_secrets:
        _secrets(settings, writer)
    manifest = Manifest(
        studio=importlib.metadata.version("creator-workbench"), revision=revision, made_at=made_at,
        home=str(settings.home), with_secrets=with_secrets, rows=rows, members=writer.members, blobs=writer.blobs,
        blob_bytes=writer.blob_bytes, missing=missing, damaged=wrong,
    )  # fmt: skip
    writer.finish(manifest)
    progress("Done", 1.0)
    return manifest


def _paid_files(settings: Settings, writer: Writer, paths: list[str]) -> None:
    """First of all: a job that ends now takes its folder away. What is gone already was kept by then; should it be
    missing after a restore, its job asks a person instead of buying it again."""
    for path in sorted({Path(path) for path in paths}):
        if path.is_relative_to(settings.work):
            with contextlib.suppress(FileNotFoundError):
                writer.put_file(f"work/{path.relative_to(settings.work).as_posix()}", path)


def _secrets(settings: Settings, writer: Writer) -> None:
    key = settings.home / "secret.key"
    if key.is_file():
        writer.put_file("secrets/secret.key", key)
    for path in sorted((settings.home / "certificates").rglob("*")):
        if path.is_file():
            writer.put_file(f"secrets/{path.relative_to(settings.home).as_posix()}", path)


class _Renew:
    def __init__(self, store: Store, holder: str) -> None:
        self._store = store
        self._holder = holder
        self._last = time.monotonic()

    def __call__(self) -> None:
        if time.monotonic() - self._last > RENEW_S:
            self._last = time.monotonic()
            with self._store.db.write() as connection:
                holds.hold(connection, self._holder)


@contextmanager
def _holding(store: Store) -> Iterator[_Renew]:
    holder = new_id("backup")
    with store.db.exclusive(BLOBS) as connection:
        holds.hold(connection, holder)
    try:
        yield _Renew(store, holder)
    finally:
        with store.db.write() as connection:
            holds.let_go(connection, holder)
