"""A batch of embedded pieces by one process and by two: items a minute, and whether memory stays flat.

Both run the same pieces (3 s drafts without stems), each in a studio of its own, one after the other.

    python -m tests.bench.batch_speed          60 pieces each
    python -m tests.bench.batch_speed 1000     as the requirement says it
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from core.app import build_studio
from core.flows.music_rows import Row
from core.kit.actor import LOCAL
from core.kit.settings import load_settings
from tests.bench.rows import Row as Figure

GATE = 1.6
FLAT = 1.25
"""The highest memory of the second half over that of the first."""


def measure(items: int = 60) -> list[Figure]:
    one, _ = run(1, items)
    two, memory = run(2, items)
    half = len(memory) // 2
    growth = max(memory[half:]) / max(memory[:half])
    told = f"{items} pieces of 3 s; {one:.0f} and {two:.0f} a minute"
    return [
        Figure("a batch by two processes, times the items a minute of one", two / one, told, at_least=GATE),
        Figure("memory of its second half over that of its first", growth, "highest of each", at_most=FLAT),
    ]


def run(processes: int, items: int) -> tuple[float, list[int]]:
    """Items a minute, and the memory of the worker and its children every half second."""
    with tempfile.TemporaryDirectory() as folder:
        studio = build_studio(load_settings(home=Path(folder) / "home", cpu_jobs=processes))
        try:
            studio.ensure_worker()
            warm = studio.music.compose(LOCAL, seconds=3, seed=1, stems=False, draft=True)
            studio.jobs.wait(LOCAL, warm.id, 300)
            rows = [
                Row(n, {"mood": "calm", "seconds": 3, "seed": n, "stems": False, "draft": True})
                for n in range(1, items + 1)
            ]
            over, memory = threading.Event(), []

            def watch() -> None:
                while not over.wait(0.5):
                    memory.append(_memory())

            thread = threading.Thread(target=watch)
            thread.start()
            begun = time.monotonic()
            job = studio.music_batches.submit(LOCAL, rows)
            job = studio.jobs.wait(LOCAL, job.id, 7200)
            took = time.monotonic() - begun
            over.set()
            thread.join()
            assert job.result is not None, job.error
            assert job.result["done"] == items, job.result
            return 60 * items / took, memory
        finally:
            studio.close()


def _memory() -> int:
    total = 0
    me = psutil.Process()
    for process in [me, *me.children(recursive=True)]:
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


if __name__ == "__main__":
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for figure in measure(int(sys.argv[1]) if len(sys.argv) > 1 else 60):
        print(figure)
