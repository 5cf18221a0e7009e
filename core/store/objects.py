"""Blobs in S3-compatible object storage, with a copy of what was used lately under the cache folder.

obstore is one small wheel over Rust's object_store: no SDK, no event loop, multipart uploads and retries of its own.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.kit.clock import new_id
from core.kit.errors import SetupError
from core.kit.settings import Settings
from core.store.files import copy_in

_HINT = "Check STUDIO_STORAGE_URL, its endpoint and keys, and that the bucket exists; nothing already kept was lost."
_CHUNK = 1 << 20
_TRIM_EVERY = 50
_TRIES = 5


class ObjectBlobs:
    """Every keep uploads, also when the bytes are there already: that makes them young again, so that a sweep that
    began earlier does not take them away from the row about to be written."""

    def __init__(self, settings: Settings) -> None:
        self._cache = settings.cache / "blobs"
        self._limit = round(settings.storage_cache_gb * 2**30)
        self._store = _open(settings)
        self._used = 0

    def keep(self, file: Path) -> tuple[str, int]:
        import obstore

        for _ in range(_TRIES):
            name, size = copy_in(file, self._cache)
            # Somebody who purges the same bytes takes our local copy away as well: then make another.
            with suppress(FileNotFoundError), _spoken():
                obstore.put(self._store, _key(name), self._place(name))
                self._trim()
                return name, size
        raise SetupError("A file could not be kept: its local copy went away each time.", _HINT, "storage_failed")

    def path(self, sha256: str) -> Path:
        place = self._place(sha256)
        if place.is_file():
            with suppress(OSError):
                os.utime(place)  # lately used: the last to be trimmed
            return place
        self._fetch(sha256, place)
        self._trim(spare=place)
        return place

    def has(self, sha256: str) -> bool:
        import obstore

        try:
            with _spoken():
                obstore.head(self._store, _key(sha256))
        except FileNotFoundError:
            return False
        return True

    def remove(self, sha256: str) -> None:
        import obstore

        with _spoken(), suppress(FileNotFoundError):
            obstore.delete(self._store, _key(sha256))
        self._place(sha256).unlink(missing_ok=True)

    def hashes(self) -> set[str]:
        return {name for name, _ in self._listed()}

    def strays(self, known: set[str], older_than_s: float = 3600.0) -> list[str]:
        limit = time.time() - older_than_s
        return [name for name, changed in self._listed() if name not in known and changed < limit]

    def _listed(self) -> Iterator[tuple[str, float]]:
        import obstore

        with _spoken():
            for page in obstore.list(self._store, prefix="blobs"):
                for entry in page:
                    yield entry["path"].removeprefix("blobs/").replace("/", ""), entry["last_modified"].timestamp()

    def _place(self, sha256: str) -> Path:
        return self._cache / sha256[:2] / sha256[2:]

    def _fetch(self, sha256: str, place: Path) -> None:
        """Whole and of the right hash before it has its name."""
        import obstore

        incoming = self._cache / "incoming" / new_id("blob")
        incoming.parent.mkdir(parents=True, exist_ok=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        try:
            with _spoken(), incoming.open("wb") as target:
                for chunk in obstore.get(self._store, _key(sha256)).stream(min_chunk_size=_CHUNK):
                    digest.update(chunk)
                    target.write(chunk)
            if digest.hexdigest() != sha256:
                raise SetupError(
                    "A stored file came back damaged.", "Find every damaged file with: studio verify", "blob_damaged"
                )
            os.replace(incoming, place)
        except FileNotFoundError as error:
            raise SetupError(
                "A stored file is missing.", "Find every missing file with: studio verify", "blob_missing"
            ) from error
        finally:
            incoming.unlink(missing_ok=True)

    def _trim(self, spare: Path | None = None) -> None:
        """Keep the local copies under their limit, the longest unused go first. A reader that has one open keeps it."""
        self._used += 1
        if self._used % _TRIM_EVERY != 1:
            return
        copies = []
        for file in self._cache.glob("[0-9a-f][0-9a-f]/*"):
            with suppress(OSError):
                facts = file.stat()
                copies.append((facts.st_mtime, facts.st_size, file))
        total = sum(size for _, size, _ in copies)
        young = time.time() - 600  # may be handed to a child that has not opened it yet
        for moment, size, file in sorted(copies, key=lambda copy: copy[0]):
            if total <= self._limit or moment > young:
                return
            if file != spare:
                file.unlink(missing_ok=True)
                total -= size


def _key(sha256: str) -> str:
    return f"blobs/{sha256[:2]}/{sha256[2:]}"


def _open(settings: Settings) -> Any:
    from obstore.store import S3Store

    url = urlsplit(settings.storage_url)
    options: dict[str, Any] = {"region": settings.storage_region}
    if settings.storage_endpoint:
        options["endpoint"] = settings.storage_endpoint
    if settings.storage_access_key and settings.storage_secret_key:
        options["access_key_id"] = settings.storage_access_key.get_secret_value()
        options["secret_access_key"] = settings.storage_secret_key.get_secret_value()
    plain = settings.storage_endpoint.startswith("http://")
    return S3Store(
        url.netloc, prefix=url.path.strip("/") or None, **options,
        client_options={"allow_http": plain, "connect_timeout": "10s", "timeout": "120s"},
        retry_config={"max_retries": 4},
    )  # fmt: skip


@contextmanager
def _spoken() -> Iterator[None]:
    import obstore.exceptions

    try:
        yield
    except FileNotFoundError:
        raise
    except (obstore.exceptions.BaseError, OSError) as error:
        cause = str(error).split("\n", 1)[0][:300]
        raise SetupError(f"The object storage did not take the request: {cause}", _HINT, "storage_failed") from error
