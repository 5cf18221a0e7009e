"""What goes from one studio of the tests to the next, as it goes from one job to the next within a studio.

Working children: a fresh one pays over a second of processor time to load scipy before it does anything, and nearly
every test of the studio opens one of its own. What a child must do when its studio closes is tested with the plain
ones: tests/kit.

Two caches, each a folder for any number of writers: the rendered notes of the composer, without which a piece takes
twice as long, and the measured voices that matching begins from. Whoever needs a cold one makes the folder first.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

from core.kit.children import Child, Children

AT_MOST = 3

CACHES = ("notes", "matching")
"""By their names in a studio's cache folder."""

_kept: list[Path] = []
_waiting: list[Child] = []
_lock = threading.Lock()


class Shared(Children):
    """A studio's pool that takes over warm children, and leaves its own for the next."""

    def _take(self) -> Child:
        with _lock, self._lock:
            if not self._idle and _waiting:
                self._idle.append(_waiting.pop())
        return super()._take()

    def close(self) -> None:
        with _lock, self._lock:
            while self._idle and len(_waiting) < AT_MOST:
                _waiting.append(self._idle.pop())
        super().close()


def dismiss() -> None:
    """At the end of all tests."""
    with _lock:
        while _waiting:
            _waiting.pop().kill()


def keep_caches_in(base: Path) -> None:
    """One place for all processes of a run."""
    folder = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    _kept[:] = [folder / "caches"]
    for name in CACHES:
        (_kept[0] / name).mkdir(parents=True, exist_ok=True)


def cache(name: str) -> Path:
    """For tests that render without a studio."""
    return _kept[0] / name


def lend_caches(home: Path) -> None:
    """Before a studio begins in this folder, in this process or another."""
    for name in CACHES:
        with suppress(OSError):  # a folder nobody can write is the studio's to tell; one that is there stays
            (home / "cache").mkdir(parents=True, exist_ok=True)
            (home / "cache" / name).symlink_to(cache(name), target_is_directory=True)
