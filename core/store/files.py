"""Blobs: content-addressed files under STUDIO_HOME."""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from pathlib import Path

from core.kit.clock import new_id
from core.kit.errors import SetupError


class Blobs:
    """Files by the SHA-256 of their bytes. Reference counts live in the database (store.assets); this only keeps and
    removes bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256[2:]

    def keep(self, file: Path) -> tuple[str, int]:
        """Copy a finished file in and answer its hash and size. Safe against a crash at any point: the bytes appear
        under their name only when they are whole and on disk."""
        digest = hashlib.sha256()
        size = 0
        incoming = self.folder / "incoming" / new_id("blob")
        try:
            incoming.parent.mkdir(parents=True, exist_ok=True)
            with file.open("rb") as source, incoming.open("wb") as target:
                while chunk := source.read(1 << 20):
                    digest.update(chunk)
                    target.write(chunk)
                    size += len(chunk)
                target.flush()
                os.fsync(target.fileno())
            final = self.path(digest.hexdigest())
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
        return digest.hexdigest(), size

    def remove(self, sha256: str) -> None:
        self.path(sha256).unlink(missing_ok=True)

    def sweep(self, known: set[str], older_than_s: float = 3600.0) -> int:
        """Remove bytes no row refers to (a crash between keep and commit leaves some). Young files are spared: their
        transaction may be about to commit."""
        removed = 0
        limit = time.time() - older_than_s
        for file in self.folder.glob("*/*"):
            name = file.name if file.parent.name == "incoming" else file.parent.name + file.name
            if name not in known and file.stat().st_mtime < limit:
                file.unlink(missing_ok=True)
                removed += 1
        return removed
