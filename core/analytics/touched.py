"""Which rows of the marts the rows just read can have changed: collected while they are read, worked out by touched.sql.
The tables are temporary; the SQL of the marts refers to them in lines that end with `-- increment`."""

from __future__ import annotations

import duckdb

from core.analytics import files

_KEYS = (
    "changed_jobs", "changed_assets", "changed_trials", "touched_jobs", "touched_attempts", "touched_assets",
    "touched_music", "touched_trials", "touched_scenes", "touched_suggestions",
    "touched_scored", "touched_track_licences", "touched_track_uses", "touched_catalogue_calls",
)  # fmt: skip
# For each noun, where its incoming (or purged) rows leave their mark.
_MARKS: dict[str, tuple[str, ...]] = {
    "jobs": (
        "changed_jobs SELECT id", "touched_scored SELECT DISTINCT parent_id",
        "touched_days SELECT DISTINCT CAST(created_at AS DATE)",
    ),
    "attempts": (
        "touched_attempts SELECT id", "touched_catalogue_calls SELECT id", "touched_jobs SELECT DISTINCT job_id",
        "touched_days SELECT DISTINCT CAST(created_at AS DATE)",
    ),
    "charges": (
        "touched_jobs SELECT DISTINCT job_id", "touched_catalogue_calls SELECT DISTINCT attempt_id",
        "touched_days SELECT DISTINCT day",
    ),
    "voices": ("changed_assets SELECT id",),  # as a source: what was said with it may have other rights now
    "trials": ("changed_trials SELECT id",),
    "trial_choices": ("touched_trials SELECT id",),
    "scenes": ("touched_scenes SELECT id",),
    "track_licences": ("touched_track_licences SELECT id",),
    "track_uses": ("touched_track_uses SELECT id",),
    "suggestions": ("touched_suggestions SELECT job_id",),
    "assets": (
        "changed_assets SELECT id", "touched_music SELECT DISTINCT job_id",
        "touched_days SELECT DISTINCT CAST(created_at AS DATE)",
    ),
}  # fmt: skip


def begin(connection: duckdb.DuckDBPyConnection) -> None:
    for name in _KEYS:
        connection.execute(f"CREATE TEMP TABLE {name} (id VARCHAR)")
    connection.execute("CREATE TEMP TABLE touched_days (day DATE)")


def note(connection: duckdb.DuckDBPyConnection, noun: str, rows: str) -> None:
    """`rows`: what to read them from, such as a table and a condition."""
    for mark in _MARKS.get(noun, ()):
        connection.execute(f"INSERT INTO {mark} FROM {rows}")


def work_out(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(files.sql(".", "touched"))
