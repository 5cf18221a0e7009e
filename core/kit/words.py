"""Text that people typed, made fit for a name."""

from __future__ import annotations

import unicodedata
from typing import Any


def one_line(value: Any, longest: int = 200) -> str:
    """One line without control characters or halves of characters, which no database and no page can hold."""
    kept = "".join(c if c.isprintable() or c.isspace() else "" for c in str(value))
    return " ".join(kept.split())[:longest].strip()


def folded(text: str) -> str:
    """Lower case without accents, whatever the script: how words are compared."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def marked(text: str) -> str:
    """Letters and digits alone, folded: “Lo-Fi”, “lo fi” and “LOFI” are one."""
    return "".join(c for c in folded(text) if c.isalnum())
