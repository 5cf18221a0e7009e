"""Names that nobody else has given: many files share one page, in any order, and find their own things by these."""

from __future__ import annotations

import secrets


def own(words: str) -> str:
    return f"{words} {secrets.token_hex(3)}"
