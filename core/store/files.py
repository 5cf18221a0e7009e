"""Blobs: content-addressed files, in a folder or in object storage (core.store.objects), by settings alone."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from pathlib import Path
from typing import Protocol

from core.kit.clock import new_id
from core.kit.errors import SetupError


class Blobs(Protocol):
    """Files by the SHA-256 of their bytes. Reference counts live in the database (store.assets); this only keeps and
    removes bytes."""

    def keep(self, file: Path) -> tuple[str, int]:
        """Copy a finished file in and answer its hash and size. Safe against a crash at any point: the bytes appear
        under their name only when they are whole and safe."""
        ...

    def path(self, sha256: str) -> Path:
        """A local file with these bytes, to be read and never written. SetupError when they cannot be had."""
        ...

    def has(self, sha256: str) -> bool: ...

    def remove(self, sha256: str) -> None: ...

    def strays(self, known: set[str], older_than_s: float = 3600.0) -> list[str]:
        """Hashes of bytes no row refers to (a crash between keep and commit leaves some). Young ones are spared: their
        transaction may be about to commit. To be removed only after another look, with drop() in store.assets."""
        ...

    def hashes(self) -> set[str]:
        """Everything there is."""
        ...


class LocalBlobs:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256[2:]

    def has(self, sha256: str) -> bool:
        return self.path(sha256).is_file()

    def keep(self, file: Path) -> tuple[str, int]:
        return copy_in(file, self.folder)

    def remove(self, sha256: str) -> None:
        self.path(sha256).unlink(missing_ok=True)

    def hashes(self) -> set[str]:
        return {file.parent.name + file.name for file in self.folder.glob("[0-9a-f][0-9a-f]/*")}

    def strays(self, known: set[str], older_than_s: float = 3600.0) -> list[str]:
        limit = time.time() - older_than_s
        for unfinished in (self.folder / "incoming").glob("*"):
            if unfinished.stat().st_mtime < limit:
                unfinished.unlink(missing_ok=True)
        return [name for name in self.hashes() - known if self._changed(name) < limit]

    def _changed(self, name: str) -> float:
        try:
            return self.path(name).stat().st_mtime
        except FileNotFoundError:
            return time.time()


def copy_in(file: Path, folder: Path) -> tuple[str, int]:
    """Copy under the name of its hash, whole and on disk before the name exists."""
    digest = hashlib.sha256()
    size = 0
    incoming = folder / "incoming" / new_id("blob")
    try:
        incoming.parent.mkdir(parents=True, exist_ok=True)
        with file.open("rb") as source, incoming.open("wb") as target:
            while chunk := source.read(1 << 20):
                digest.update(chunk)
                target.write(chunk)
                size += len(chunk)
            target.flush()
            os.fsync(target.fileno())
        name = digest.hexdigest()
        final = folder / name[:2] / name[2:]
        final.parent.mkdir(parents=True, exist_ok=True)
        os.replace(incoming, final)
    except OSError as error:
        with contextlib.suppress(OSError):
            incoming.unlink(missing_ok=True)
        raise SetupError(
            f"The file could not be stored: {error.strerror or error}.",
            "Check that the data folder is writable and the disk has space, then try again.",
            "storage_failed",
        ) from error
    return name, size
