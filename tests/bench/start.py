"""From nothing running to a page one can click, what an import costs, and what the processes hold before and after work."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import psutil

from core.kit.paths import ROOT
from tests import browser
from tests.bench.rows import Row
from tests.bench.running import Running

START_GATE = 6.0
IMPORT_GATE = 3.0
FLAT = 1.15
WARM_JOBS, JOBS = 100, 500
_LIBRARIES = "import sqlalchemy, pydantic_settings, yaml, numpy"


def measure() -> list[Row]:
    return [_imports(), _to_the_page(), *_memory()]


def _imports() -> Row:
    """CPU seconds of `import core.app`, which is everything but a door, against the libraries no such program goes without."""
    ours, bare = (statistics.median(_cpu(code) for _ in range(5)) for code in ("import core.app", _LIBRARIES))
    return Row("start: CPU of import core.app / of its basic libraries", ours / bare,
               f"{ours:.2f} s against {bare:.2f} s", at_most=IMPORT_GATE)  # fmt: skip


def _cpu(code: str) -> float:
    told = f"import time\n{code}\nprint(time.process_time())"
    return float(
        subprocess.run([sys.executable, "-c", told], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    )


def _to_the_page() -> Row:
    """Three processes from a cold folder until a browser shows the page with its example loaded, against the time a
    process takes to import gradio, which nobody gets around."""
    from playwright.sync_api import sync_playwright

    bare = statistics.median(_wall("import gradio") for _ in range(3))
    taken = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=["--no-sandbox"])
        for _ in range(2):
            with tempfile.TemporaryDirectory() as folder, Running(Path(folder)) as studio:
                studio.page_up()
                page = chromium.new_page()
                page.goto(studio.url)
                page.locator("#nav [data-page=voice][aria-current=page]").wait_for(timeout=60_000)
                page.get_by_role("button", name="Generate").first.wait_for(timeout=60_000)
                taken.append(time.perf_counter() - studio.started)
                page.close()
        chromium.close()
    return Row("start: to a page in the browser / import gradio", min(taken) / bare,
               f"{min(taken):.1f} s against {bare:.1f} s, worker and dashboards starting beside it", at_most=START_GATE)  # fmt: skip


def _wall(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - began


def _memory() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, Running(Path(folder)) as studio:
        studio.ready()
        time.sleep(3)
        idle = _idle_cpu(studio)
        rest = studio.memory()
        with httpx.Client(base_url=studio.url, timeout=60) as client:
            _work(client, WARM_JOBS)
            before = studio.memory()
            _work(client, JOBS)
        after = studio.memory()
    return [
        Row(f"memory: {name} after {JOBS} more jobs / after {WARM_JOBS}", after[name] / before[name],
            f"at rest {rest[name]:.0f} MB, then {before[name]:.0f}, then {after[name]:.0f}; CPU at rest {idle[name]:.1f} %",
            at_most=FLAT)
        for name in rest
    ]  # fmt: skip


def _idle_cpu(studio: Running, seconds: float = 10.0) -> dict[str, float]:
    def spent() -> dict[str, float]:
        times = {name: psutil.Process(process.pid).cpu_times() for name, process in studio.processes.items()}
        return {name: time.user + time.system for name, time in times.items()}

    before = spent()
    time.sleep(seconds)
    return {name: (now - before[name]) / seconds * 100 for name, now in spent().items()}


def _work(client: httpx.Client, count: int) -> None:
    """Pieces of speech, each another text, eight at a time."""
    waiting: list[str] = []
    for number in range(count):
        answer = client.post("/api/voice/speak", json={"text": f"Take {number}."})
        answer.raise_for_status()
        waiting.append(answer.json()["job_id"])
        if len(waiting) == 8:
            _ended(client, waiting.pop(0))
    for job_id in waiting:
        _ended(client, job_id)


def _ended(client: httpx.Client, job_id: str) -> None:
    while True:
        status = client.get(f"/api/jobs/{job_id}").json()["status"]
        if status == "done":
            return
        if status not in ("waiting", "running"):
            raise SystemExit(f"job {job_id} ended as {status}")
        time.sleep(0.02)
