"""A backup becomes a studio again: built beside, checked whole, then put in place with one rename."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from core.care.archive import Manifest, Progress, Reader, damaged
from core.jobs import recovery
from core.kit.clock import new_id, now
from core.kit.errors import SetupError, UserError
from core.kit.settings import Settings
from core.store import portable
from core.store.db import Database
from core.store.migrate import known, migrate, revision_of, undo
from core.store.store import Store, open_blobs

ALLOWED = frozenset({"secret.key"})
"""What may lie in an empty data folder: the key one puts there first, so that stored secrets can be read."""


@dataclass(frozen=True)
class Restored:
    made_at: str
    rows: int
    files: int
    live_jobs: int
    paused: bool
    """The queue is: nothing that was waiting is bought before a person looked."""
    aside: Path | None
    """Where the data folder went that was there before."""
    with_secrets: bool
    missing: tuple[str, ...]
    damaged: tuple[str, ...]


def restore(
    settings: Settings,
    file: Path,
    *,
    replace: bool = False,
    moved: bool = False,
    progress: Progress = lambda stage, fraction: None,
) -> Restored:
    """`replace` moves a data folder that is not empty aside. `moved`: the studio that was backed up has not run since
    (another machine or database), so its jobs just go on; otherwise they wait in a paused queue, see portable.wake."""
    reader = Reader(file)
    try:
        manifest = reader.manifest
        if not known(manifest.revision):
            raise SetupError(
                f"This backup was written by a newer studio ({manifest.studio}).",
                "Update the studio (git pull, make studio), then restore it.",
                "backup_newer",
            )
        _nobody_there(settings, replace)
        stage = settings.home.with_name(f".{settings.home.name}.{new_id('restoring')}")
        try:
            try:
                stage.mkdir(parents=True, mode=0o700)
                staged = settings.model_copy(update={"home": stage})
                live = _build(settings, staged, reader, moved, progress)
                _keep_key(settings, stage)
                aside = _put_in_place(settings.home, stage)
            except OSError as error:
                raise SetupError(
                    f"The backup could not be restored: {error.strerror or error}.",
                    f"Check that {str(settings.home.parent)!r} is writable and has room. Nothing was changed.",
                    "restore_failed",
                ) from error
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    finally:
        reader.close()
    progress("Done", 1.0)
    return Restored(
        made_at=manifest.made_at.isoformat(timespec="seconds"), rows=sum(manifest.rows.values()), files=manifest.blobs,
        live_jobs=live, paused=bool(live) and not moved, aside=aside, with_secrets=manifest.with_secrets,
        missing=tuple(manifest.missing), damaged=tuple(manifest.damaged),
    )  # fmt: skip


def _nobody_there(settings: Settings, replace: bool) -> None:
    home = settings.home
    there = home.exists() and (not home.is_dir() or any(entry.name not in ALLOWED for entry in home.iterdir()))
    server = bool(settings.database_url)
    if (server or (home / "studio.sqlite").exists()) and _worker(settings):
        raise SetupError(
            "A studio works on this data folder.", "Stop it (Ctrl-C, or the service), then restore.", "already_running"
        )
    if server and not _server_empty(settings):
        raise UserError(
            "The database on the server is not empty.",
            "Create a new one and name it in STUDIO_DATABASE_URL; --replace moves only a data folder aside.",
            "not_empty",
        )
    if there and not replace:
        raise UserError(
            f"The data folder {home} is not empty.",
            "Set STUDIO_HOME to an empty folder, or add --replace to move this one aside.",
            "not_empty",
        )


def _worker(settings: Settings) -> bool:
    database = Database(settings.store_url)
    try:
        with database.read() as connection:
            if revision_of(connection) is None:
                return False
            return bool(recovery.alive(connection, timedelta(seconds=settings.lease_seconds)))
    except SetupError as error:
        if error.code == "database_damaged":  # what one restores a backup for
            return False
        raise
    finally:
        database.close()


def _server_empty(settings: Settings) -> bool:
    database = Database(settings.store_url)
    try:
        with database.read() as connection:
            return portable.empty(connection)
    finally:
        database.close()


def _build(settings: Settings, staged: Settings, reader: Reader, moved: bool, progress: Progress) -> int:
    manifest = reader.manifest
    database = Database(staged.store_url)
    try:
        with database.read() as connection:
            used = revision_of(connection) is not None
        if used:
            undo(database)
        migrate(database, manifest.revision)
        try:
            progress("Loading the database", 0.0)
            _tables(database, reader)
            migrate(database)
            with database.write() as connection:
                portable.move_files(connection, f"{manifest.home}/work", str(settings.work))
                live = portable.wake(connection, moved=moved)
            _files(Store(database, open_blobs(staged)), staged, reader, progress)
        except BaseException:
            if not database.is_sqlite:
                undo(database)
            raise
    finally:
        database.close()
    os.sync()  # once for all files, before they take the place of others
    return live


def _tables(database: Database, reader: Reader) -> None:
    with database.write() as connection:
        by_name = {table.name: table for table in portable.tables(connection)}
        for table in by_name.values():
            # A new database is not all empty: migrations may have put rows there, which the backup has as well.
            connection.execute(table.delete())
        for name, _, stream in reader.each("tables"):
            table_name = name.split("/")[1]
            if table_name not in by_name:
                raise damaged(reader.path, f"it has a table {table_name!r} that its version does not know")
            portable.load(connection, by_name[table_name], reader.checked(name, stream))
        if portable.counts(connection, list(by_name.values())) != _rows(reader.manifest, set(by_name)):
            raise damaged(reader.path, "rows are missing")


def _rows(manifest: Manifest, names: set[str]) -> dict[str, int]:
    return {name: 0 for name in names} | manifest.rows


def _files(store: Store, staged: Settings, reader: Reader, progress: Progress) -> None:
    local = not staged.storage_url
    wrong = set(reader.manifest.damaged)
    for number, (name, size, stream) in enumerate(reader.each("blobs")):
        progress("Restoring files", number / max(1, reader.manifest.blobs))
        sha256 = name.split("/")[1]
        target = staged.blobs / sha256[:2] / sha256[2:] if local else staged.work / sha256
        if sha256 in wrong:
            # Damaged before it was backed up: what is left of it is better than nothing, and verify names it.
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as out:
                shutil.copyfileobj(stream, out)
            continue
        reader.copy(name, size, stream, target, sha256)
        if not local:
            store.blobs.keep(target)
            target.unlink()
    for folder, root in (("work", staged.work), ("secrets", staged.home)):
        for name, size, stream in reader.each(folder):
            target = root / name.split("/", 1)[1]
            reader.copy(name, size, stream, target, reader.manifest.members[name].sha256)
            target.chmod(0o600)


def _keep_key(settings: Settings, stage: Path) -> None:
    """A key that was put into the empty folder beforehand stays, unless the backup brought its own."""
    for name in ALLOWED:
        if (settings.home / name).is_file() and not (stage / name).exists():
            shutil.copy2(settings.home / name, stage / name)


def _put_in_place(home: Path, stage: Path) -> Path | None:
    aside = None
    if home.exists():
        aside = home.with_name(f"{home.name}.before-{now():%Y%m%dT%H%M%S}")
        os.rename(home, aside)
    try:
        os.rename(stage, home)
    except OSError:
        if aside is not None:
            os.rename(aside, home)
        raise
    if aside is not None and all(entry.name in ALLOWED for entry in aside.iterdir()):
        shutil.rmtree(aside)
        aside = None
    return aside
