"""Eight threads that start at once each use another part of scipy, after load(): none may see a half-loaded module."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

RACE = """
import sys, threading, importlib
from core.audio.ready import load
sys.setswitchinterval(1e-6)
parts = ["scipy.signal", "scipy.ndimage", "scipy.fft", "scipy.special", "scipy.io.wavfile", "scipy"]
start, failed = threading.Barrier(len(parts)), []
def use(part):
    start.wait()
    try:
        load()
        importlib.import_module(part)
    except BaseException as error:
        failed.append(f"{part}: {error!r}")
threads = [threading.Thread(target=use, args=[part]) for part in parts]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
sys.exit("; ".join(failed) or 0)
"""


def test_threads_that_load_together_all_get_whole_modules() -> None:
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", RACE], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr


def test_a_worker_loads_before_its_threads_start(tmp_path: Path) -> None:
    """And a studio that makes no sound pays nothing for it."""
    code = "import sys; from core.app import build_studio; {}; print('scipy.signal' in sys.modules)"
    for call, expected in (("build_studio()", "False"), ("build_studio().worker()", "True")):
        done = subprocess.run(
            [sys.executable, "-c", code.format(call)], capture_output=True, text=True, timeout=60, check=True,
            env={"PATH": "", "STUDIO_HOME": str(tmp_path)},
        )  # fmt: skip
        assert done.stdout.strip() == expected
