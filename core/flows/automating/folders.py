"""Folders that automations look into and write to: under the ones that were set, a user's under his own, and nowhere else."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from core.kit.actor import LOCAL, Actor
from core.kit.errors import SetupError, UserError
from core.kit.settings import Settings
from core.library.exporting import file_name

UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".tmp", ".temp", ".filepart", ".opdownload")
"""How browsers, FTP and copying programs call what is still coming."""
MOST_FILES = 5000


@dataclass(frozen=True)
class Lying:
    """A file as it lies there."""

    name: str
    inode: int
    size: int
    mtime_ns: int

    def as_list(self) -> list[str | int]:
        return [self.name, self.inode, self.size, self.mtime_ns]


class Folders:
    def __init__(self, settings: Settings, name_of: Callable[[Actor], str]) -> None:
        """`name_of`: the name somebody signs in by."""
        self._settings = settings
        self._name_of = name_of

    @property
    def watching(self) -> bool:
        return self._settings.watch_dir is not None

    def watched(self, actor: Actor, folder: str, *, make: bool = False) -> Path:
        """A folder under one's own. UserError where it leads out of it, also by a link."""
        base = self._own(self._root(), actor)
        if "\0" in folder:
            raise UserError("A folder's name cannot hold a NUL character.", "Leave it out.", "bad_folder")
        found = (base / folder.strip()).resolve()
        if not found.is_relative_to(base):
            raise UserError(
                f"The folder {folder[:80]!r} does not lie in the one that may be watched.",
                f"Name a folder under {base}.", "bad_folder",
            )  # fmt: skip
        if make:
            try:
                found.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise UserError(
                    f"The folder {folder[:80]!r} cannot be made: {error.strerror or error}.",
                    "Choose another name.", "bad_folder",
                ) from None  # fmt: skip
        return found

    def exported(self, actor: Actor, parts: Iterable[str]) -> Path:
        """A folder under one's export folder. Every part becomes a plain name, so none leads out of it."""
        base = self._own(self._settings.exports, actor)
        found = base
        for part in parts:
            found /= file_name(part)
        if not found.resolve().is_relative_to(base):  # a link that somebody put there
            raise UserError(
                f"The folder {str(found)!r} leads out of the export folder.", "Remove that link.", "bad_folder"
            )
        return found

    def told(self, actor: Actor, file: Path) -> str:
        """Where it was put: the whole path on a machine of one's own, and under one's own folder where others sign in."""
        if not self._settings.sign_in_required:
            return str(file)
        return str(file.relative_to(self._own(self._settings.exports, actor)))

    def _root(self) -> Path:
        if self._settings.watch_dir is None:
            raise SetupError(
                "No folder may be watched here.",
                "Set STUDIO_WATCH_DIR to a folder whose subfolders may be watched, and start the studio again.",
                "no_watch_dir",
            )
        root = self._settings.watch_dir.expanduser().resolve()
        for name, other in (("STUDIO_HOME", self._settings.home), ("STUDIO_EXPORT_DIR", self._settings.exports)):
            if other.resolve().is_relative_to(root) or root.is_relative_to(other.resolve()):
                raise SetupError(
                    f"STUDIO_WATCH_DIR and {name} lie in one another: the studio would find its own files.",
                    "Choose a folder apart from it.", "bad_watch_dir",
                )  # fmt: skip
        return root

    def _own(self, root: Path, actor: Actor) -> Path:
        """Where everybody signs in, everybody has one: called by his name, which is no path (core.access.users)."""
        if not self._settings.sign_in_required or actor.user_id == LOCAL.user_id:
            return root
        return root / self._name_of(actor)


def lying(folder: Path) -> list[Lying]:
    """Plain files, none of them hidden, empty or named as unfinished. No links are followed, no subfolders. OSError where
    the folder cannot be read."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith((".", "~")) or entry.name.lower().endswith(UNFINISHED):
                continue
            try:
                if not entry.is_file(follow_symlinks=False):
                    continue
                facts = entry.stat(follow_symlinks=False)
            except OSError:  # gone between the two
                continue
            if facts.st_size:
                found.append(Lying(entry.name, facts.st_ino, facts.st_size, facts.st_mtime_ns))
    return sorted(found, key=lambda each: each.name)


def standing(folder: Path) -> list[list[str | int]]:
    """What lies there now, to be left alone."""
    try:
        found = lying(folder)
    except OSError as error:
        raise UserError(
            f"The folder {str(folder)!r} cannot be read: {error.strerror or error}.", "Check that it is there.",
            "bad_folder",
        ) from None  # fmt: skip
    if len(found) > MOST_FILES:
        raise UserError(
            f"{len(found):,} files lie in {str(folder)!r}.",
            f"Watch a folder with at most {MOST_FILES:,}.",
            "bad_folder",
        )
    return [each.as_list() for each in found]


def parts_of(folder: str) -> list[str]:
    """Of a path that somebody typed: its names, without what leads up or nowhere."""
    return [part for part in re.split(r"[/\\]+", folder) if part.strip(" .")]
