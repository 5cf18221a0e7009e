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


COMPOSE = """
import sys, concurrent.futures as futures
from pathlib import Path
seen = []
class Pool(futures.ThreadPoolExecutor):
    def __init__(self, *args, **values):
        seen.append("scipy.signal" in sys.modules and "scipy.ndimage" in sys.modules)
        super().__init__(*args, **values)
futures.ThreadPoolExecutor = Pool  # before anything of ours takes it
from core.music.providers.composer import Work, produce
from core.music.types import MusicRequest
folder = Path(sys.argv[1])
produce(Work(MusicRequest(prompt="calm piano", seconds=3, seed=1), folder, None), lambda stage, fraction: None)
sys.exit(0 if seen and all(seen) else f"{len(seen)} pools, loaded: {seen}")
"""


def test_the_synthesiser_loads_before_its_threads_start(tmp_path: Path) -> None:
    """As its child process does: a fresh interpreter that composes."""
    done = subprocess.run(
        [sys.executable, "-c", COMPOSE, str(tmp_path)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
