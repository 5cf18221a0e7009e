"""How long it will take, said before it starts: as long for each character as the last text with this model on this machine."""

from __future__ import annotations

import json
import os
from pathlib import Path


def known(cache: Path | None, model: str, device: str) -> float | None:
    """Seconds of work for a character; None where nothing was spoken yet."""
    try:
        held = json.loads(_file(cache, model, device).read_text(encoding="utf-8")) if cache else {}
        pace = float(held["seconds_per_character"])
        return pace if pace > 0 else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(cache: Path | None, model: str, device: str, characters: int, seconds: float) -> None:
    if cache is None or characters < 20:  # what a few words take says little
        return
    file = _file(cache, model, device)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}")
    part.write_text(json.dumps({"seconds_per_character": round(seconds / characters, 5)}), encoding="utf-8")
    part.replace(file)


def told(pace: float | None, characters: int) -> str:
    """For a person who waits."""
    if pace is None:
        return "Starting; how long it takes is known after the first sentence"
    seconds = pace * characters
    return (
        f"Starting; about {seconds:.0f} s of work"
        if seconds < 90
        else f"Starting; about {seconds / 60:.0f} min of work"
    )


def _file(cache: Path, model: str, device: str) -> Path:
    return cache / "pace" / f"{model}-{device}.json"
