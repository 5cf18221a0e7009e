"""Killable child processes for heavy or dangerous native code.

essentia holds the GIL and hangs on NaN, espeak-ng keeps global state, synthesis burns a core: none of that belongs in
the process that serves pages or owns a database. A child is a fresh interpreter (never a fork), it reads one pickled
request at a time from its standard input and answers on a private pipe. It is kept warm between requests, killed at a
deadline or a cancel, and leaves by itself when nobody asks for long or its parent goes away (its input closes).
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pickle
import queue
import struct
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

from core.kit.errors import Cancelled, ProviderError, StudioError
from core.kit.paths import ROOT

Progress = Callable[[str, float], None]
"""Called with a stage name and how much of that stage is done, 0 to 1."""

_HEADER = struct.Struct("<Q")
_POLL_SECONDS = 0.05
_LEAVES_AFTER_SECONDS = 5.0
"""Longer than the parent would still use it, so that no request meets a child on its way out."""


@dataclass(frozen=True)
class Kept:
    """A child of its own for work that is dear to begin, such as a loaded model: one for each name, one request at a
    time. What it holds in its modules is there for the next request, until it was idle for so long."""

    name: str
    idle_seconds: float = 600.0
    threads: int = 1


def _write(pipe: IO[bytes], message: object) -> None:
    blob = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.write(_HEADER.pack(len(blob)))
    pipe.write(blob)
    pipe.flush()


def _read(pipe: IO[bytes]) -> Any:
    header = pipe.read(_HEADER.size)
    if len(header) < _HEADER.size:
        raise EOFError
    size = _HEADER.unpack(header)[0]
    blob = pipe.read(size)
    if len(blob) < size:
        raise EOFError
    return pickle.loads(blob)


class Child:
    """One warm process. Used by one thread at a time; `Children` sees to that."""

    def __init__(self, idle_seconds: float = 60.0, threads: int = 1) -> None:
        from core.kit.settings import child_environment  # here, so that the child itself does not load pydantic for it

        leave_after = idle_seconds + _LEAVES_AFTER_SECONDS
        self.process = subprocess.Popen(
            [sys.executable, "-c", f"from core.kit.children import serve; serve({leave_after!r})"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env=child_environment(threads),
            start_new_session=True,  # Ctrl-C in a terminal must reach the studio, which then ends its children
        )
        self.messages: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.idle_since = time.monotonic()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        try:
            while True:
                self.messages.put(_read(self.process.stdout))
        except (EOFError, OSError, pickle.UnpicklingError, ValueError):
            self.messages.put(("gone", None))
            self.process.wait()

    def send(self, target: str, request: object) -> None:
        assert self.process.stdin is not None
        _write(self.process.stdin, (target, request))

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


class Children:
    """A small pool of warm children, one request each. Safe to use from many threads."""

    def __init__(self, limit: int = 2, idle_seconds: float = 60.0, threads: int = 1) -> None:
        self._idle: list[Child] = []
        self._kept: dict[Kept, Children] = {}
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(limit)
        self._idle_seconds = idle_seconds
        self._threads = threads
        self._at_work = 0
        self._closed = False

    def run(
        self,
        target: Callable[..., Any],
        request: object,
        *,
        progress: Progress | None = None,
        cancelled: Callable[[], bool] | None = None,
        timeout_s: float = 600.0,
        kept: Kept | None = None,
    ) -> Any:
        """`target(request, progress)` in a child. `target` is a module-level function; request and answer must pickle.
        With `kept`, in the child of that name, which waits for its turn.

        Raises Cancelled, the StudioError the child raised, or ProviderError when it died or ran out of time.
        """
        if kept is not None:
            own = self._home(kept)
            return own.run(target, request, progress=progress, cancelled=cancelled, timeout_s=timeout_s)
        name = f"{target.__module__}:{target.__qualname__}"
        deadline = time.monotonic() + timeout_s
        while not self._slots.acquire(timeout=_POLL_SECONDS):
            if cancelled is not None and cancelled():
                raise Cancelled
            if time.monotonic() > deadline:
                raise ProviderError(
                    "The machine is busy: no process became free in time.", "Try again later.", cost_nothing=True
                )
        with self._lock:
            self._at_work += 1
        try:
            return self._run(name, request, progress, cancelled, deadline)
        finally:
            with self._lock:
                self._at_work -= 1
            self._slots.release()

    @property
    def at_work(self) -> int:
        """How many work now, kept ones left aside: whoever is alone may use more than one core."""
        return self._at_work

    def _home(self, kept: Kept) -> Children:
        with self._lock:
            if kept not in self._kept:
                self._kept[kept] = Children(1, kept.idle_seconds, kept.threads)
                if self._closed:
                    self._kept[kept].close()
            return self._kept[kept]

    def _run(
        self,
        name: str,
        request: object,
        progress: Progress | None,
        cancelled: Callable[[], bool] | None,
        deadline: float,
    ) -> Any:
        child = self._take()
        try:
            with contextlib.suppress(BrokenPipeError):  # it died while idle: its last message says so below
                child.send(name, request)
            while True:
                try:
                    what, value = child.messages.get(timeout=_POLL_SECONDS)
                except queue.Empty:
                    if cancelled is not None and cancelled():
                        raise Cancelled from None
                    if time.monotonic() > deadline:
                        raise ProviderError(
                            "The work ran past its time limit and was stopped.",
                            "Try a shorter piece, or report this with the job's id.",
                            "timeout",
                            cost_nothing=True,
                        ) from None
                    continue
                if what == "progress":
                    if progress is not None:
                        progress(*value)
                    if cancelled is not None and cancelled():
                        raise Cancelled
                elif what == "result":
                    self._give_back(child)
                    return value
                elif what == "error":
                    self._give_back(child)
                    raise value
                elif what == "defect":
                    # Whatever went wrong there, such as a module half loaded, must not meet the next request.
                    child.kill()
                    raise value
                else:
                    raise ProviderError(
                        "A working process died unexpectedly.",
                        "The file or the request may be damaged; the studio itself is fine.",
                        "process_died",
                        cost_nothing=True,
                    )
        except BaseException:
            if child not in self._idle:
                child.kill()
            raise

    def _take(self) -> Child:
        with self._lock:
            fresh: list[Child] = []
            for child in self._idle:
                if child.alive and time.monotonic() - child.idle_since < self._idle_seconds:
                    fresh.append(child)
                else:
                    child.kill()
            self._idle = fresh
            if self._idle:
                return self._idle.pop()
        return Child(self._idle_seconds, self._threads)

    def _give_back(self, child: Child) -> None:
        child.idle_since = time.monotonic()
        with self._lock:
            if not self._closed:
                self._idle.append(child)
                return
        child.kill()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            for child in self._idle:
                child.kill()
            self._idle.clear()
            kept = list(self._kept.values())
        for own in kept:
            own.close()


def serve(leave_after_seconds: float) -> None:
    """The child's side. Native libraries print to descriptor 1, so the answers get a private copy of it first."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    requests: queue.Queue[tuple[str, Any]] = queue.Queue()

    def listen() -> None:
        try:
            while True:
                requests.put(_read(sys.stdin.buffer))
        except (EOFError, OSError):
            os._exit(0)  # the parent is gone: whatever runs here has nobody to answer to

    threading.Thread(target=listen, daemon=True).start()

    def progress(stage: str, fraction: float) -> None:
        _write(answers, ("progress", (stage, float(fraction))))

    while True:
        try:
            name, request = requests.get(timeout=leave_after_seconds)
        except queue.Empty:
            os._exit(0)  # what it holds, such as a model, is given back to the machine
        try:
            module, _, function = name.partition(":")
            result = getattr(importlib.import_module(module), function)(request, progress)
            _write(answers, ("result", result))
        except StudioError as error:
            _write(answers, ("error", error))
        except Exception as error:
            detail = traceback.format_exception_only(error)[-1].strip()
            _write(
                answers,
                (
                    "defect",
                    ProviderError(f"The work failed: {detail}", "Report this with the job's id.", cost_nothing=True),
                ),
            )
