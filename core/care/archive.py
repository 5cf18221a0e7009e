"""The backup file: a plain tar, written and read in one pass, with a manifest as its last member.

Nothing in it is compressed, so nothing can swell. Blobs carry their own SHA-256 as a name; of everything else the
manifest holds size and hash. A file without a manifest is one that was never finished.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO

from pydantic import BaseModel, ValidationError

from core.kit.clock import now
from core.kit.errors import SetupError, UserError

FORMAT = 1
MANIFEST = "manifest.json"
MANIFEST_MAX = 1 << 30
CHUNK = 1 << 20
Progress = Callable[[str, float], None]
"""A stage in words and the fraction of the whole, 0 to 1."""


class Member(BaseModel):
    bytes: int
    sha256: str


class Manifest(BaseModel):
    format: int = FORMAT
    studio: str
    """Version of the studio that wrote it."""
    revision: str
    """Of the database; an older one is migrated after loading."""
    made_at: datetime
    home: str
    with_secrets: bool
    rows: dict[str, int]
    members: dict[str, Member]
    """Tables, work files and secrets, not blobs."""
    blobs: int
    blob_bytes: int
    missing: list[str]
    """Hashes of blobs that were gone when the backup was made."""
    damaged: list[str]
    """Hashes of blobs whose bytes were already others; they are carried as they are."""


class Writer:
    def __init__(self, file: IO[bytes]) -> None:
        self._tar = tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115  closed by finish()
        self.members: dict[str, Member] = {}
        self.blobs = 0
        self.blob_bytes = 0

    def put(self, name: str, data: bytes) -> None:
        self._tar.addfile(_entry(name, len(data)), io.BytesIO(data))
        self.members[name] = Member(bytes=len(data), sha256=hashlib.sha256(data).hexdigest())

    def put_file(self, name: str, path: Path) -> None:
        size, sha256 = self._stream(name, path)
        self.members[name] = Member(bytes=size, sha256=sha256)

    def put_blob(self, sha256: str, path: Path) -> bool:
        """False when the bytes are not the ones that the hash names."""
        size, found = self._stream(f"blobs/{sha256}", path)
        self.blobs += 1
        self.blob_bytes += size
        return found == sha256

    def _stream(self, name: str, path: Path) -> tuple[int, str]:
        with path.open("rb") as source:
            size = source.seek(0, io.SEEK_END)
            source.seek(0)
            hashing = _Hashing(source)
            self._tar.addfile(_entry(name, size), hashing)
        return size, hashing.digest.hexdigest()

    def finish(self, manifest: Manifest) -> None:
        data = manifest.model_dump_json().encode()
        self._tar.addfile(_entry(MANIFEST, len(data)), io.BytesIO(data))
        self._tar.close()


class _Hashing(io.RawIOBase):
    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._source.read(size)
        except OSError as error:
            raise SetupError(
                f"{self._source.name} cannot be read: {error.strerror}.",
                "The disk may be failing: copy the data folder elsewhere, then run studio verify there.",
                "file_unreadable",
            ) from error
        self.digest.update(data)
        return data


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size = size
    entry.mode = 0o600
    entry.mtime = int(now().timestamp())
    return entry


class Reader:
    """Looks at every header before anything is read: only plain files, no name twice, no place outside, nothing the
    manifest does not know, nothing missing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._tar = tarfile.open(path, mode="r:")  # noqa: SIM115  closed by close()
            self._entries = self._tar.getmembers()
        except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
            raise UserError(f"{str(path)!r} cannot be read: {error.strerror}.", "Give the file of a backup.") from None
        except (tarfile.TarError, OSError, EOFError, ValueError) as error:
            raise damaged(path, "it is not a whole tar file") from error
        self.manifest = self._manifest()
        self._check()

    def close(self) -> None:
        self._tar.close()

    def each(self, folder: str) -> Iterator[tuple[str, int, IO[bytes]]]:
        """(name, size, stream) of the members under a folder, in the order they were written."""
        for entry in self._entries:
            if entry.name.startswith(f"{folder}/"):
                stream = self._tar.extractfile(entry)
                assert stream is not None  # only plain files passed the check
                yield entry.name, entry.size, stream

    def checked(self, name: str, stream: IO[bytes]) -> bytes:
        """A small member in memory, after its hash was compared."""
        data = stream.read()
        if hashlib.sha256(data).hexdigest() != self.manifest.members[name].sha256:
            raise damaged(self.path, f"{name} is not as it was written")
        return data

    def copy(self, name: str, size: int, stream: IO[bytes], target: Path, sha256: str) -> None:
        """Stream a member to a file; the hash is compared on the way."""
        digest = hashlib.sha256()
        left = size
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as out:
            while chunk := stream.read(min(CHUNK, left) or 1):
                digest.update(chunk)
                out.write(chunk)
                left -= len(chunk)
        if left or (digest.hexdigest() != sha256):
            raise damaged(self.path, f"{name} is not as it was written")

    def _manifest(self) -> Manifest:
        last = self._entries[-1] if self._entries else None
        if last is None or last.name != MANIFEST or not last.isreg() or last.size > MANIFEST_MAX:
            raise damaged(self.path, "it has no manifest at its end, so it was never finished")
        stream = self._tar.extractfile(last)
        assert stream is not None
        data = stream.read()
        try:
            manifest = Manifest.model_validate_json(data)
        except ValidationError as error:
            raise damaged(self.path, "its manifest cannot be read") from error
        if manifest.format > FORMAT:
            raise SetupError(
                f"This backup was written by a newer studio ({manifest.studio}).",
                "Update the studio (git pull, make studio), then restore it.",
                "backup_newer",
            )
        return manifest

    def _check(self) -> None:
        seen: set[str] = set()
        blob_bytes = 0
        blobs = 0
        for entry in self._entries[:-1]:
            if entry.type != tarfile.REGTYPE or entry.sparse is not None:
                raise damaged(self.path, f"{entry.name!r} is not a plain file")
            if not _inside(entry.name) or entry.name in seen:
                raise damaged(self.path, f"{entry.name!r} is no name a backup has")
            seen.add(entry.name)
            if entry.name.startswith("blobs/"):
                blobs += 1
                blob_bytes += entry.size
            elif entry.name not in self.manifest.members or self.manifest.members[entry.name].bytes != entry.size:
                raise damaged(self.path, f"{entry.name!r} is not in its manifest with this size")
        if set(self.manifest.members) - seen or (blobs, blob_bytes) != (self.manifest.blobs, self.manifest.blob_bytes):
            raise damaged(self.path, "members are missing")


def _inside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or "\\" in name or "\0" in name or str(PurePosixPath(name)) != name:
        return False
    if ".." in parts or "." in parts or len(parts) < 2:
        return False
    if parts[0] == "blobs":
        return len(parts) == 2 and len(parts[1]) == 64 and set(parts[1]) <= set("0123456789abcdef")
    return parts[0] in ("tables", "work", "secrets")


def damaged(path: Path, why: str) -> UserError:
    return UserError(f"{path.name!r} is not a backup that can be used: {why}.", "Take another one.", "backup_damaged")
