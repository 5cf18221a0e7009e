"""Weights from the hub: every file by its resolve URL, checked against the checksum the hub gives of it, gone on with
where it broke off.

The hub answers a large file with a redirect that carries `x-linked-etag`, the SHA-256 of its content, and a small one with
an `etag` that is git's own hash. A part on the disk has the hash in its name, so that it is never gone on with as another
file. All files come from one commit: the one the first answer names.
"""

from __future__ import annotations

import errno
import hashlib
import re
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from core.kit.addresses import is_loopback
from core.kit.clock import now
from core.kit.errors import SetupError, StudioError, Unavailable, UserError
from core.kit.http import Download, Http
from core.models.catalogue import Weights
from core.models.shelf import Shelf, Stored, parts_of, sha256

Progress = Callable[[str, int, int], None]
"""Path, bytes of it that are there, bytes in all (0: not known)."""

_TRIES = 3
_REDIRECTS = 5
_SILENT_S = 30.0
_SPARE_BYTES = 200e6
_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class _Promised:
    """What the hub says of a file."""

    hash: str
    """64 digits: SHA-256; 40: git's hash of a blob."""
    size: int
    commit: str


def pull(weights: Weights, shelf: Shelf, hub: str, progress: Progress, *, wait_s: float = 1.0) -> Path:
    """All files, checked, then put in place at once. StudioError tells what to do; what came stays for the next try."""
    if weights.archive:
        raise SetupError(
            f"{weights.title} lies in no hub that tells checksums, so it is not fetched from here.",
            f"Fetch {weights.archive} and unpack it, then run: studio models pull {weights.name} --from FOLDER", "by_hand",
        )  # fmt: skip
    with shelf.alone(weights):
        coming = shelf.coming(weights)
        coming.mkdir(exist_ok=True)
        _room(weights, coming)
        stored: dict[str, Stored] = {}
        commit = "main"
        pending = list(weights.everything)
        if weights.sharded:
            pending.append(weights.index)
        while pending:
            path = pending.pop(0)
            fetching = _Fetching(weights, hub, path, coming, progress)
            for tries in range(_TRIES):
                try:
                    stored[path], commit = fetching.fetch(commit)
                    if path == weights.index:
                        pending += parts_of(coming / path)
                    break
                except Unavailable as error:
                    if tries == _TRIES - 1:
                        raise _offline(error, weights, shelf, hub) from None
                    time.sleep(wait_s * 2**tries)
                except UserError as error:
                    if path == weights.index and error.code == "not_given":  # then it lies in one file
                        pending.append(weights.sharded)
                        break
                    raise _offline(error, weights, shelf, hub) from None
                except ValueError as error:
                    raise _offline(UserError(f"{error}."), weights, shelf, hub) from None
        return shelf.finish(
            weights, stored, origin=weights.page(hub), commit=commit, pulled_at=now().isoformat(timespec="seconds")
        )


def _room(weights: Weights, coming: Path) -> None:
    there = sum(path.stat().st_size for path in coming.rglob("*") if path.is_file())
    needed = weights.size_mb * 1e6 - there + _SPARE_BYTES
    free = shutil.disk_usage(coming).free
    if free < needed:
        raise no_space(f"{weights.title} needs {needed / 1e6:,.0f} MB and {free / 1e6:,.0f} MB are free.")


def no_space(message: str) -> SetupError:
    return SetupError(
        message, "Free some space, or set STUDIO_MODELS_DIR to a larger disk. What came so far is kept.", "no_space"
    )


def _offline(error: StudioError, weights: Weights, shelf: Shelf, hub: str) -> StudioError:
    some = [each.rpartition("/")[0] + "/*" + Path(each).suffix for each in weights.voices[:1]]
    return SetupError(
        f"{error.message.rstrip('.')}. What came so far is kept.",
        f"Run the same command again later. Without the internet: on another machine take {_listed([*weights.files, *([weights.sharded] if weights.sharded else []), *some])} "
        f"from {weights.page(hub)}, put them into {shelf.place(weights)} under the same names, or into any "
        f"folder and run: studio models pull {weights.name} --from FOLDER",
        "not_pulled",
    )


def _listed(names: list[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


class _Fetching:
    """One file, by one try or several."""

    def __init__(self, weights: Weights, hub: str, path: str, coming: Path, progress: Progress) -> None:
        self._weights = weights
        self._hub = hub
        self._path = path
        self._coming = coming
        self._progress = progress
        # The hub's address is the operator's own setting; where it leads must not be inside the network by surprise.
        self._http = Http(allow_private=is_loopback(urlsplit(hub).hostname or ""), timeout_s=_SILENT_S)

    def fetch(self, commit: str) -> tuple[Stored, str]:
        with ExitStack() as open_answers:
            answer, promised = self._ask(open_answers, commit, {})
            whole = self._coming / self._path
            part = whole.with_name(f"{whole.name}.{promised.hash[:16]}.part")
            whole.parent.mkdir(parents=True, exist_ok=True)
            if whole.is_file() and _matches(whole, promised.hash):
                return self._done(whole, promised)
            have = part.stat().st_size if part.is_file() else 0
            if have and have != promised.size:
                open_answers.close()
                answer, again = self._ask(open_answers, commit, {"Range": f"bytes={have}-"})
                if again.hash != promised.hash:
                    raise Unavailable(f"{self._path} was replaced on the hub a moment ago.", "")
            if not have or have != promised.size:
                self._write(answer, part, have if answer.status == 206 else 0, promised)
            if not _matches(part, promised.hash):
                part.unlink()
                said = f"{self._path} arrived with other content than the hub says it has."
                raise Unavailable(said, "") if have else UserError(said, "")
            part.rename(whole)
            return self._done(whole, promised)

    def _done(self, whole: Path, promised: _Promised) -> tuple[Stored, str]:
        digest = promised.hash if len(promised.hash) == 64 else sha256(whole)
        return Stored(whole.stat().st_size, digest), promised.commit

    def _ask(self, stack: ExitStack, commit: str, headers: Mapping[str, str]) -> tuple[Download, _Promised]:
        url = f"{self._hub.rstrip('/')}/{self._weights.repo}/resolve/{commit}/{self._path}"
        told: dict[str, str] = {}
        for _ in range(_REDIRECTS):
            answer = stack.enter_context(self._http.get(url, headers))
            for name in ("x-linked-etag", "x-linked-size", "x-repo-commit"):
                told.setdefault(name, answer.headers.get(name, ""))
                told[name] = told[name] or answer.headers.get(name, "")
            if answer.status not in (301, 302, 303, 307, 308):
                break
            url = urljoin(url, answer.headers.get("location", ""))
        self._refuse(answer)
        etag = (told["x-linked-etag"] or answer.headers.get("etag", "")).removeprefix("W/").strip('"').lower()
        if not _HASH.fullmatch(etag):
            raise UserError(f"{urlsplit(self._hub).hostname} gives no checksum of {self._path}.", "")
        size = told["x-linked-size"] or (answer.headers.get("content-length", "") if answer.status == 200 else "")
        named = told["x-repo-commit"]
        return answer, _Promised(
            etag, int(size) if size.isdigit() else 0, named if _COMMIT.fullmatch(named) else commit
        )

    def _refuse(self, answer: Download) -> None:
        host = urlsplit(self._hub).hostname
        if answer.status in (200, 206, 416):
            return
        if answer.status in (401, 403, 404):
            raise UserError(f"{host} does not give {self._path} (HTTP {answer.status}).", "", "not_given")
        if answer.status < 400:
            raise UserError(f"{host} sends {self._path} round in circles (HTTP {answer.status}).", "")
        raise Unavailable(f"{host} cannot answer now (HTTP {answer.status}).", "")

    def _write(self, answer: Download, part: Path, have: int, promised: _Promised) -> None:
        if answer.status == 416:
            part.unlink(missing_ok=True)
            raise Unavailable(f"{self._path} cannot be gone on with.", "")
        try:
            with part.open("r+b" if have else "wb") as file:
                file.seek(have)
                for chunk in answer.chunks:
                    file.write(chunk)
                    have += len(chunk)
                    self._progress(self._path, have, promised.size)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise
            raise no_space(f"The disk is full: {self._path} could not be written.") from None
        if promised.size and have < promised.size:
            raise Unavailable(f"{self._path} broke off after {have:,} of {promised.size:,} bytes.", "")


def _matches(path: Path, wanted: str) -> bool:
    if len(wanted) == 64:
        return sha256(path) == wanted
    data = path.read_bytes()  # git's hash is given of small files only
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest() == wanted
