"""Text that people typed, made fit for a name."""

from __future__ import annotations

from typing import Any


def one_line(value: Any, longest: int = 200) -> str:
    """One line without control characters or halves of characters, which no database and no page can hold."""
    kept = "".join(c if c.isprintable() or c.isspace() else "" for c in str(value))
    return " ".join(kept.split())[:longest].strip()
