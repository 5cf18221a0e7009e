"""`make bench`: what things cost, as ratios within one run. Fails on the gates only; absolute times stand beside the
machine they were taken on and mean nothing on another.

    python -m tests.bench                   everything, about half an hour on two cores
    python -m tests.bench queue ledger      only these
    python -m tests.bench --full load mart  ten minutes of load, ten million rows
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.bench import (
    accuracy,
    alignment,
    analysis_speed,
    batch_speed,
    catalogue_cache,
    catalogue_copy,
    gate_speed,
    history,
    kokoro_speed,
    ledger,
    load,
    making,
    mart,
    musicgen_speed,
    previews,
    quality,
    queue,
    references,
    scoring,
    start,
    takes,
)
from tests.bench.rows import Row


def benches(*, full: bool) -> dict[str, Callable[[], list[Row]]]:
    return {
        "queue": queue.measure,
        "batch": batch_speed.measure,
        "ledger": ledger.measure,
        "making": making.measure,
        "analysis": analysis_speed.measure,
        "start": start.measure,
        "load": lambda: load.measure(load.LONG_S if full else load.SHORT_S),
        "previews": previews.measure,
        "history": history.measure,
        "mart": lambda: mart.measure(full),
        "accuracy": accuracy.write,
        "alignment": alignment.measure,
        "references": references.write,
        "takes": takes.write,
        "quality": quality.write,
        "kokoro": kokoro_speed.measure,
        "musicgen": musicgen_speed.measure,
        "scenes": scoring.scenes,
        "catalogue-cache": catalogue_cache.measure,
        "score": scoring.score,
        "catalogue-copy": catalogue_copy.measure,
        "gate": gate_speed.measure,
    }


def machine() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.split(":", 1)[1].strip() for line in lines if "model name" in line), platform.processor())
    memory = psutil.virtual_memory().total / 2**30
    load_now = os.getloadavg()[0]
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GB, Python {platform.python_version()}, load {load_now:.1f}"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("only", nargs="*", choices=[[], *benches(full=False)], help="these alone")
    parser.add_argument("--full", action="store_true", help="ten million rows, ten minutes of load")
    given = parser.parse_args()
    print(machine(), flush=True)
    failed = []
    for name, measure in benches(full=given.full).items():
        if given.only and name not in given.only:
            continue
        began = time.monotonic()
        for row in measure():
            print(row, flush=True)
            failed += [row.failure] if row.failure else []
        print(f"# {name}: {time.monotonic() - began:.0f} s", flush=True)
    for reason in failed:
        print(f"GATE FAILED  {reason}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
