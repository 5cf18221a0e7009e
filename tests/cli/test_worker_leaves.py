"""The worker a command counted on goes away (another command that ran it has ended, `studio up` was stopped)."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from core.app import build_studio
from core.kit.actor import LOCAL
from core.kit.settings import load_settings


def test_a_command_does_not_wait_for_a_worker_that_is_gone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STUDIO_")}
    environment |= {"STUDIO_HOME": str(home)}
    studio = str(Path(sys.executable).with_name("studio"))
    watcher = build_studio(load_settings(home=home))
    worker = subprocess.Popen([studio, "worker"], env=environment)
    command = None
    try:
        while not watcher.worker_alive():
            assert worker.poll() is None
            time.sleep(0.05)
        arguments = [
            "music",
            "--genre",
            "cinematic",
            "--seconds",
            "20",
            "--seed",
            "1",
            "--out",
            str(tmp_path / "o.wav"),
        ]
        command = subprocess.Popen([studio, *arguments], env=environment, stderr=subprocess.PIPE, text=True)
        while not watcher.jobs.list(LOCAL, statuses=["running"]):
            assert command.poll() is None
            time.sleep(0.02)
        worker.terminate()
        worker.wait(timeout=30)
        _, said = command.communicate(timeout=120)
        # Either it ran the job itself, or it says in two lines what happened.
        assert command.returncode == 0 or len(said.splitlines()) == 2
    finally:
        for process in (worker, command):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
        watcher.close()
