"""The folder “Licensed music” in what one may watch: files and papers that are put there are proposed, and never confirmed by
themselves. A worker's chore.

Nothing is remembered but which files stood still: what was taken already, OwnMusic knows by its bytes, so that looking anew
after a start brings nothing in twice, and nothing back that was thrown away.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from core.flows.automating.folders import Folders, Lying, lying
from core.kit.actor import Actor
from core.kit.errors import StudioError
from core.kit.secrecy import hide
from core.kit.settings import Settings
from core.library.exporting import file_name
from core.licensing.importing_own import MOST_FILES, PAPER_ENDINGS, OwnMusic
from core.store import own_tracks
from core.store.store import Store

FOLDER = "Licensed music"


class OwnFolder:
    def __init__(
        self, settings: Settings, store: Store, folders: Folders, own_music: OwnMusic,
        people: Callable[[], Iterable[Actor]],
    ) -> None:  # fmt: skip
        self._settings = settings
        self._store = store
        self._folders = folders
        self._own_music = own_music
        self._people = people
        self._errors_log = Path(settings.home) / "errors.log"
        self._seen: dict[str, set[Lying]] = {}
        self._settled: dict[str, set[Lying]] = {}

    def look(self) -> int:
        """Answers how many files it took."""
        if not self._folders.watching:
            return 0
        return sum(self._look_into(actor) for actor in self._people())

    def _look_into(self, actor: Actor) -> int:
        try:
            folder = self._folders.watched(actor, FOLDER)
            if not folder.is_dir():
                return 0
            found = set(lying(folder))
            still = found & self._seen.get(actor.user_id, set())
            settled = self._settled.setdefault(actor.user_id, set())
            settled &= found
            self._seen[actor.user_id] = found
            new = sorted(still - settled, key=lambda each: each.name)[: MOST_FILES // 2]
            if not new:
                return 0
            settled |= set(new)
            return self._take(actor, folder, new, sorted(still, key=lambda each: each.name))
        except OSError as error:
            self._log(f"{FOLDER} of {actor.user_id}: {error.strerror or error}")
        except StudioError as error:
            self._log(f"{FOLDER} of {actor.user_id}: {error.message}")
        return 0

    def _take(self, actor: Actor, folder: Path, new: list[Lying], still: list[Lying]) -> int:
        """With a new paper everything that lies there is looked at again: it may be of a file that came before it."""
        papers = [each for each in still if _is_paper(each)]
        again = [each for each in still if not _is_paper(each)] if any(map(_is_paper, new)) else new
        wanted = [each for each in again if not _is_paper(each)] + papers
        with tempfile.TemporaryDirectory(dir=self._settings.work, prefix="own-") as name:
            copies = []
            for number, each in enumerate(wanted[:MOST_FILES]):
                copy = Path(name) / str(number) / file_name(each.name.encode("utf-8", "replace").decode())
                with suppress(OSError):  # gone, or not for us to read: the others are taken
                    if self._copied(folder / each.name, each, copy) and not self._binned(actor, copy):
                        copies.append(copy)
            before = {each.asset.id for each in self._own_music.listing(actor)}
            taken = self._own_music.take(actor, copies)
        for file, error in taken.failed:
            self._log(f"{FOLDER} of {actor.user_id}: {file}: {error.message}")
        return len({each.asset.id for each in taken.proposals} - before)

    def _copied(self, path: Path, each: Lying, copy: Path) -> bool:
        """Whether it is still the plain file that stood there."""
        if each.size > self._settings.max_upload_mb * 2**20:
            self._log(f"{FOLDER}: {each.name!r} is larger than {self._settings.max_upload_mb} MB")
            return False
        copy.parent.mkdir(parents=True)
        # Not through a link, and not waiting for ever on a pipe that took the file's place.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file, copy.open("wb") as out:
            facts = os.fstat(file.fileno())
            if (facts.st_ino, facts.st_size, facts.st_mtime_ns) != (each.inode, each.size, each.mtime_ns):
                return False
            shutil.copyfileobj(file, out, 1 << 20)
        return copy.stat().st_size == each.size

    def _binned(self, actor: Actor, copy: Path) -> bool:
        """Thrown away by its owner: it does not come back because its file still lies there."""
        with copy.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        with self._store.db.read() as connection:
            if own_tracks.with_bytes(connection, actor, sha256) is not None:
                return False
            return own_tracks.with_bytes(connection, actor, sha256, binned=True) is not None

    def _log(self, said: str) -> None:
        with self._errors_log.open("a") as log:
            log.write(f"{hide(said)}\n")


def _is_paper(each: Lying) -> bool:
    return Path(each.name).suffix.lower() in PAPER_ENDINGS
