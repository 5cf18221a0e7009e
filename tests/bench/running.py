"""The studio as `make studio` runs it, three processes on a folder and ports of their own, for benches that look at it from
outside."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import ClassVar

import httpx
import psutil

from core.kit.paths import ROOT
from tests.ui.conftest import free_port

UP_S = 90.0


class Running:
    """`started` is the moment the processes were asked for, by time.perf_counter()."""

    commands: ClassVar[dict[str, list[str]]] = {
        "page": ["ui_gradio/app.py", "--no-worker"],
        "worker": ["-c", "from core.cli.main import main; main()", "worker"],
        "dashboards": ["-m", "dashboards"],
    }

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.home = folder / "home"
        page, dashboards = free_port(), free_port()
        self.url, self.dashboards_url = f"http://127.0.0.1:{page}", f"http://127.0.0.1:{dashboards}"
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("STUDIO_")} | {
            "STUDIO_HOME": str(self.home), "STUDIO_PORT": str(page), "STUDIO_DASHBOARDS_PORT": str(dashboards),
        }  # fmt: skip
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Running:
        self.started = time.perf_counter()
        with (self._folder / "log").open("w") as log:
            for name, command in self.commands.items():
                self.processes[name] = subprocess.Popen(
                    [sys.executable, *command], cwd=ROOT, env=self._environment, stdout=log, stderr=log
                )
        return self

    def ready(self) -> None:
        """Until page, worker and dashboards answer."""
        self.page_up()
        self._until(lambda: bool(httpx.get(f"{self.url}/healthz").json()["worker"]))
        self._until(lambda: httpx.get(f"{self.dashboards_url}/_stcore/health").status_code == 200)

    def page_up(self) -> None:
        self._until(lambda: httpx.get(f"{self.url}/healthz").status_code == 200)

    def _until(self, holds: Callable[[], bool]) -> None:
        until = time.monotonic() + UP_S
        while time.monotonic() < until:
            gone = [name for name, process in self.processes.items() if process.poll() is not None]
            if gone:
                raise SystemExit(f"{', '.join(gone)} left:\n{(self._folder / 'log').read_text()[-2000:]}")
            with suppress(httpx.TransportError):
                if holds():
                    return
            time.sleep(0.05)
        raise SystemExit(f"the studio did not come up:\n{(self._folder / 'log').read_text()[-2000:]}")

    def memory(self) -> dict[str, float]:
        """MiB of each process with its children; what several share is divided among them (PSS)."""
        found = {}
        for name, process in self.processes.items():
            family = psutil.Process(process.pid)
            total = 0
            for each in [family, *family.children(recursive=True)]:
                with suppress(psutil.NoSuchProcess):
                    total += each.memory_full_info().pss
            found[name] = total / 2**20
        return found

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
