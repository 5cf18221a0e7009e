"""What should be gone once nothing runs any more."""

from __future__ import annotations

import time
from pathlib import Path


def remaining(folder: Path, pattern: str = "*", timeout_s: float = 30) -> list[str]:
    """What still lies in a folder of working files. A job's own goes right after its row says it ended, an upload's
    after the line was closed, not before: whoever saw that waits that moment here."""
    deadline = time.monotonic() + timeout_s
    while left := sorted(path.name for path in folder.glob(pattern)):
        if time.monotonic() > deadline:
            return left
        time.sleep(0.02)
    return []
