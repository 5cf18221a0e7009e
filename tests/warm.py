"""Working children that go from one studio to the next, as they go from one job to the next within a studio.

A fresh one pays over a second of processor time to load scipy before it does anything, and nearly every test of the
studio opens one of its own. What a child must do when its studio closes is tested with the plain ones: tests/kit.
"""

from __future__ import annotations

import threading

from core.kit.children import Child, Children

AT_MOST = 3

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
