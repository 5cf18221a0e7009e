"""Real processes for tests that kill and freeze them: forked from one that has loaded the libraries and done nothing else.

A worker started from nothing pays over two seconds of processor time for its imports, dozens of times over.
`python -m tests.scripted HOME` starts the same from nothing; `studio worker` itself is started in tests/cli and tests/ui.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from multiprocessing.context import ForkServerProcess
from typing import Any

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.loaded"])


class Forked:
    """As much of a Popen as the tests use."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        assert process.pid is not None
        self.pid = process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired(str(self._process), timeout or 0.0)
        return code


def start(main: Callable[..., Any], *arguments: Any, environment: Mapping[str, str], **values: Any) -> Forked:
    """`main(*arguments, **values)` in a process of its own, under this process's environment and those variables."""
    process = _context.Process(target=_run, args=(os.environ | environment, main, arguments, values), daemon=True)
    process.start()
    return Forked(process)


def _run(environment: dict[str, str], main: Callable[..., Any], arguments: Any, values: dict[str, Any]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    main(*arguments, **values)
