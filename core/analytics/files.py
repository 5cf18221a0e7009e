"""The SQL of the mart: which files, in which order, and a version that changes when any of them does."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "sql"

STAGING = ("assets", "origins", "jobs", "attempts", "charges", "charge_units", "caps")
MARTS = ("daily_cost", "jobs", "attempts", "provider_performance", "assets", "usage", "budget_state")
"""In this order: performance reads attempts, usage reads assets."""


@cache
def sql(kind: str, name: str) -> str:
    return (FOLDER / kind / f"{name}.sql").read_text(encoding="utf-8")


def checks() -> list[str]:
    return sorted(file.stem for file in (FOLDER / "checks").glob("*.sql"))


@cache
def digest(shape: str) -> str:
    """Version of a mart made by these files from raw tables of this shape: a mart of another version is rebuilt."""
    parts = [shape, *(sql("staging", name) for name in STAGING), *(sql("marts", name) for name in MARTS)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
