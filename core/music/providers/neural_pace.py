"""How long a piece will take, said before it starts: as long for each second of sound as the last one with this model on
this machine."""

from __future__ import annotations

import json
import os
from pathlib import Path


def known(cache: Path | None, name: str) -> float | None:
    """Seconds of work for a second of sound; None where nothing was made yet."""
    try:
        held = json.loads(_file(cache, name).read_text(encoding="utf-8")) if cache else {}
        pace = float(held["seconds_per_second"])
        return pace if 0 < pace < 1e6 else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(cache: Path | None, name: str, seconds: float, work_s: float) -> None:
    if cache is None or seconds < 1 or work_s <= 0:
        return
    file = _file(cache, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}")
    part.write_text(json.dumps({"seconds_per_second": round(work_s / seconds, 5)}), encoding="utf-8")
    part.replace(file)


def told(pace: float, seconds: float, *, measured: bool) -> str:
    """For a person who waits."""
    work = pace * seconds
    said = f"about {work:.0f} s" if work < 90 else f"about {work / 60:.0f} min"
    return f"Starting; {said} of work" + ("" if measured else ", by a rough table: the first piece here tells better")


def _file(cache: Path, name: str) -> Path:
    return cache / "pace" / f"{name}.json"
