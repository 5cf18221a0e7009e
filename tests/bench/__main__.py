"""`make bench`: what things cost, as ratios within one run. Fails on the gates only; absolute times stand beside the
machine they were taken on and mean nothing on another."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from core.app import Studio, build_studio
from core.jobs.registry import JobKind, Product
from core.jobs.work import Work
from core.kit.actor import LOCAL
from core.kit.settings import load_settings

COLD_GATE = 10.0
WARM_GATE = 15.0
WARM_GOAL = 25.0
MUSIC_SECONDS = 120
SENTENCE = "The harbour wakes before the town does, and a boat knocks twice against the stone."


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def machine() -> str:
    model = next(
        (line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.processor(),
    ) if Path("/proc/cpuinfo").exists() else platform.processor()  # fmt: skip
    memory = psutil.virtual_memory().total / 2**30
    load = os.getloadavg()[0]
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}, load {load:.1f}"


def done(studio: Studio, job_id: str) -> None:
    job = studio.jobs.wait(LOCAL, job_id, 600)
    if job.status != "done":
        raise SystemExit(f"a benchmark job ended as {job.status}: {job.error}")


def speech(studio: Studio) -> None:
    """Request to kept file, against the engine alone in a process of its own speaking the same sentence to a file."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.bench.bare_espeak", SENTENCE, str(Path(folder) / "bare.wav")]
        bare = [timed(lambda: subprocess.run(command, check=True)) for _ in range(9)]
    ours = [timed(lambda: done(studio, studio.voice.speak(LOCAL, text=SENTENCE).id)) for _ in range(9)]
    line("speech: request to file / bare espeak process", statistics.median(ours[1:]) / statistics.median(bare[1:]),
         f"{statistics.median(ours[1:]):.3f} s against {statistics.median(bare[1:]):.3f} s")  # fmt: skip


def music(studio: Studio) -> list[str]:
    """A piece with stems and mastering, request to kept files: how many times faster than it plays."""
    failed = []
    request = {"genre": "pop", "mood": "happy", "bpm": 112, "key": "D major", "seconds": MUSIC_SECONDS, "seed": 11}
    # Cold: no note is there yet, and no child process. Warm: every note is in the bank. Between them, and without a
    # gate: another piece of the same kind, which finds only some of its notes.
    cold = timed(lambda: done(studio, studio.music.compose(LOCAL, **request).id))
    other = timed(lambda: done(studio, studio.music.compose(LOCAL, **request | {"seed": 12, "key": "F major"}).id))
    warm = min(timed(lambda: done(studio, studio.music.compose(LOCAL, **request).id)) for _ in range(2))
    for name, seconds, gate in (
        ("cold", cold, COLD_GATE),
        ("other piece", other, 0.0),
        ("warm note bank", warm, WARM_GATE),
    ):
        factor = MUSIC_SECONDS / seconds
        line(
            f"music {MUSIC_SECONDS} s with stems, times real time, {name}",
            factor,
            f"{seconds:.2f} s" + (f"; gate {gate:.0f}, goal {WARM_GOAL:.0f}" if gate else ""),
        )
        if factor < gate:
            failed.append(f"music {name}: {factor:.1f} times real time is under the gate of {gate:.0f}")
    return failed


def job_path(studio: Studio) -> None:
    """An empty job from submission to its end, against a bare dbos workflow of two steps."""
    count = 100
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.bench.bare_dbos", folder, str(count)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True)
        bare = json.loads(answer.stdout.splitlines()[-1])
    ours = [timed(lambda: done(studio, studio.jobs.submit(LOCAL, "empty", {}, title="empty").id)) for _ in range(count)]
    line("job: submit to done / bare dbos workflow", statistics.median(ours) / statistics.median(bare),
         f"{statistics.median(ours) * 1000:.1f} ms against {statistics.median(bare) * 1000:.1f} ms")  # fmt: skip


def line(name: str, ratio: float, absolute: str) -> None:
    print(f"{name:<62} {ratio:7.2f}   ({absolute})", flush=True)


def empty(work: Work) -> Product:
    return Product(outputs=(), name=work.job.title, source="", config={}, licence={})


def main() -> int:
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        studio = build_studio(load_settings(home=Path(folder) / "home"))
        studio.kinds.add(JobKind("empty", "cpu", empty))
        studio.ensure_worker()
        try:
            job_path(studio)
            speech(studio)
            failed = music(studio)
        finally:
            studio.close()
    for reason in failed:
        print(f"GATE FAILED  {reason}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
