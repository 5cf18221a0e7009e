"""Folders that are watched: a worker's chore. A file that has stood still for two looks is claimed by its bytes, so that
it is taken once whatever it is called, and brought in by the run that was claimed.

What is remembered between looks only spares reading again: whether a file was taken stands in the log.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from core.flows.automating.folders import Folders, Lying, lying
from core.flows.automating.types import WATCH_FOLDER, FolderTrigger, rule_of
from core.kit.actor import LOCAL, Actor
from core.kit.errors import SetupError, StudioError, UserError
from core.kit.settings import Settings
from core.library.exporting import file_name
from core.library.importing import Importing
from core.store import automation_runs as log
from core.store import automations
from core.store.automation_runs import FAILED, Run
from core.store.automations import SUBJECT, Automation
from core.store.store import Store
from core.video.service import VIDEO

_BLOCK = 1 << 20


class Changed(Exception):
    """The file is not, or no longer, what was looked at."""


class Watching:
    def __init__(
        self, settings: Settings, store: Store, folders: Folders, importing: Importing,
        owner: Callable[[str], Actor | None],
    ) -> None:  # fmt: skip
        self._settings = settings
        self._store = store
        self._folders = folders
        self._importing = importing
        self._owner = owner
        self._seen: dict[str, dict[str, Lying]] = {}
        self._settled: dict[str, set[Lying]] = {}

    def look(self) -> int:
        """Answers how many files it claimed."""
        if not self._folders.watching:
            return 0
        with self._store.db.read() as connection:
            rules = automations.listening(connection, WATCH_FOLDER)
        kept = {rule.id for rule in rules}
        for memory in (self._seen, self._settled):
            for gone in set(memory) - kept:
                del memory[gone]
        return sum(self._look_into(rule) for rule in rules)

    def _look_into(self, rule: Automation) -> int:
        actor = LOCAL if rule.user_id == LOCAL.user_id else self._owner(rule.user_id)
        if actor is None:
            with self._store.db.write() as connection:
                automations.change(
                    connection, rule.id, state=automations.OFF, reason="Its owner may not come in any more."
                )
            return 0
        try:
            folder = self._folders.watched(actor, _trigger(rule).folder)
            found = lying(folder)
        except (OSError, StudioError) as error:
            said = error.message if isinstance(error, StudioError) else f"Its folder cannot be read: {error.strerror}."
            self._trouble(rule, said)
            return 0
        self._trouble(rule, "")
        before, settled = self._seen.get(rule.id, {}), self._settled.setdefault(rule.id, set())
        self._seen[rule.id] = {each.name: each for each in found}
        settled &= set(found)
        left_alone = {(name, *facts) for name, *facts in rule.standing}
        moved = {tuple(facts) for _, *facts in rule.standing}
        claimed = 0
        for each in found:
            facts = (each.inode, each.size, each.mtime_ns)
            if each in settled or (each.name, *facts) in left_alone or facts in moved:
                continue
            if before.get(each.name) == each and self._claim(rule, folder, each):
                claimed += 1
        return claimed

    def _claim(self, rule: Automation, folder: Path, each: Lying) -> bool:
        settled = self._settled[rule.id]
        with self._store.db.read() as connection:
            if log.file_known(connection, rule.id, each.name, each.size, each.mtime_ns):
                settled.add(each)
                return False
        facts = {"file": each.name, "file_size": each.size, "file_mtime_ns": each.mtime_ns}
        error: StudioError | None = None
        sha256 = ""
        try:
            self._not_too_large(each)
            sha256 = _read(folder / each.name, each, None)
        except Changed:
            return False  # looked at again, with what it has become
        except UserError as too_large:
            error = too_large
        except OSError as unreadable:
            error = UserError(
                f"{each.name!r} cannot be read: {unreadable.strerror or unreadable}.",
                "Let the studio's user read it, then save it anew.", "unreadable",
            )  # fmt: skip
        if error is None:
            subject = f"file:{sha256}"
            values = facts | {"sha256": sha256}
        else:
            mark = hashlib.sha256(f"{each.name}\0{each.size}\0{each.mtime_ns}".encode("utf-8", "replace")).hexdigest()
            subject, values = f"path:{mark}", facts | {"outcome": FAILED, "error": error.as_dict()}
        with self._store.db.exclusive(SUBJECT) as connection:
            held = automations.find(connection, rule.id, hold=True)
            if held is None or not held.on or held.since != rule.since:
                return False  # switched off, deleted or changed meanwhile
            added = log.add_run(connection, rule.id, subject, _shown(each.name), **values)
        settled.add(each)
        return added is not None and error is None

    def bring_in(self, actor: Actor, rule: Automation, run: Run) -> str | None:
        """The asset that a claimed file becomes; one that is there already, by hand or from before a crash, is taken as it
        is. None, and no line in the log, where the file is gone or another one by now: what lies there is looked at anew."""
        if run.sha256 is None or run.file is None:
            raise UserError("This run has neither a clip nor a film.", "Run the automation on a clip.")
        with self._store.db.read() as connection:
            there = log.own_film(connection, actor.user_id, run.sha256)
        if there is not None:
            return there
        trigger = _trigger(rule)
        each = Lying(run.file, 0, run.file_size or 0, run.file_mtime_ns or 0)
        try:
            path = self._folders.watched(actor, trigger.folder) / run.file
            with self._copied(path, each, run.sha256) as copy:
                asset, _ = self._importing.bring_in(
                    actor, copy, name=_shown(Path(run.file).stem), kind=VIDEO, licence_id=trigger.licence,
                    note="from a watched folder",
                )  # fmt: skip
        except (Changed, FileNotFoundError):
            with self._store.db.write() as connection:
                log.drop(connection, run.id)
            self._settled.get(rule.id, set()).clear()
            return None
        except OSError as error:
            raise SetupError(
                f"{run.name!r} could not be copied: {error.strerror or error}.",
                "Check that the file can be read and that the data folder has space.", "storage_failed",
            ) from None  # fmt: skip
        return asset.id

    @contextmanager
    def _copied(self, path: Path, each: Lying, sha256: str) -> Iterator[Path]:
        """A copy of our own with exactly the bytes that were claimed."""
        self._settings.work.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._settings.work) as folder:
            copy = Path(folder) / file_name(_shown(each.name))
            with copy.open("wb") as out:
                if _read(path, each, out) != sha256:
                    raise Changed
            yield copy

    def _not_too_large(self, each: Lying) -> None:
        if each.size > self._settings.max_upload_mb * 2**20:
            raise UserError(
                f"{each.name!r} is larger than {self._settings.max_upload_mb} MB.",
                "Put a shorter or compressed film there, or raise STUDIO_MAX_UPLOAD_MB.", "too_large",
            )  # fmt: skip

    def _trouble(self, rule: Automation, said: str) -> None:
        if rule.reason != said[:300]:
            with self._store.db.write() as connection:
                automations.change(connection, rule.id, reason=said[:300])


def _trigger(rule: Automation) -> FolderTrigger:
    trigger = rule_of({"name": rule.name, "trigger": rule.trigger, "actions": rule.actions}).trigger
    assert isinstance(trigger, FolderTrigger)
    return trigger


def _read(path: Path, each: Lying, out: BinaryIO | None) -> str:
    """The hash of a plain file that stays what it was while it is read; copied, where `out` says so. Changed otherwise."""
    digest = hashlib.sha256()
    try:
        # Not through a link, and not waiting for ever on a pipe that took the file's place.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise Changed from None
    with os.fdopen(descriptor, "rb") as file:
        if _facts(file) != (each.size, each.mtime_ns):
            raise Changed
        while block := file.read(_BLOCK):
            digest.update(block)
            if out is not None:
                out.write(block)
        if _facts(file) != (each.size, each.mtime_ns):
            raise Changed
    return digest.hexdigest()


def _facts(file: BinaryIO) -> tuple[int, int]:
    found = os.fstat(file.fileno())
    return found.st_size, found.st_mtime_ns


def _shown(name: str) -> str:
    """A file name may hold bytes that are no text."""
    return name.encode("utf-8", "replace").decode()
