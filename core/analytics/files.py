"""The SQL of the mart: which files, in which order, and a version that changes when any of them does."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "sql"

STAGING = (
    "assets", "jobs", "attempts", "charges", "charge_units", "caps", "trial_values", "trial_choices", "scenes",
    "suggestions", "track_licences",
)  # fmt: skip
MARTS = (
    "jobs", "attempts", "assets", "music", "trials", "scenes", "suggestions", "scored", "track_licences", "track_uses",
    "catalogue_calls",
    "daily_cost", "provider_performance", "call_times", "job_days", "job_times", "failures", "usage", "plan_days",
    "budget_state",
)  # fmt: skip
"""In this order: first what has a row a job, call or piece, then the days that are counted from them."""
VIEWS = ("music_fates",)
"""Worked out whenever somebody asks: what a row says depends on others, of any day."""
INCREMENT = "-- increment"


@cache
def sql(kind: str, name: str) -> str:
    return (FOLDER / kind / f"{name}.sql").read_text(encoding="utf-8")


def select(mart: str, *, fresh: bool) -> str:
    lines = sql("marts", mart).splitlines()
    return "\n".join(line for line in lines if not (fresh and line.endswith(INCREMENT)))


def checks() -> list[str]:
    return sorted(file.stem for file in (FOLDER / "checks").glob("*.sql"))


@cache
def digest(shape: str) -> str:
    """Version of a mart made by these files from raw tables of this shape: a mart of another version is rebuilt."""
    parts = [
        shape,
        sql(".", "macros"),
        *(sql("staging", name) for name in STAGING),
        *(sql("marts", name) for name in (*MARTS, *VIEWS)),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
