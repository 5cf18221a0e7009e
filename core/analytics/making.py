"""The marts out of the raw rows: all of them at a rebuild, otherwise only the rows that what was just read can have
changed. The same SELECT says both: at a rebuild its lines marked `-- increment` are left out."""

from __future__ import annotations

import duckdb

from core.analytics import files, touched
from core.kit.errors import StudioError

_BY_ID = (
    "jobs", "attempts", "assets", "music", "trials", "scenes", "suggestions", "scored", "track_licences", "track_uses",
    "catalogue_calls",
)  # fmt: skip


class CheckFailed(StudioError):
    """A mart did not pass its checks; the one before it stays in place."""

    default_code = "mart_check_failed"

    def __init__(self, check: str, first: str, count: int) -> None:
        super().__init__(
            f"The mart was not replaced: check {check} found {count} row(s), the first: {first}.",
            "The dashboards go on with the mart before it. Report this; it is a defect, not something you did.",
        )
        self.check = check


def make(connection: duckdb.DuckDBPyConnection, *, fresh: bool) -> None:
    """Also leaves the rows made as next_<mart>, for the checks: in an increment the others were checked before."""
    for name in files.STAGING:
        connection.execute(files.sql("staging", name))
    connection.execute(files.sql(".", "macros"))
    if not fresh:
        touched.work_out(connection)
    for name in files.MARTS:
        select = files.select(name, fresh=fresh)
        if fresh:
            connection.execute(f"CREATE TABLE marts.{name} AS {select}")
            connection.execute(f"CREATE TEMP VIEW next_{name} AS SELECT * FROM marts.{name}")
            continue
        connection.execute(f"CREATE TEMP TABLE next_{name} AS {select}")
        connection.execute(f"DELETE FROM marts.{name}{_outdated(name)}")
        connection.execute(f"INSERT INTO marts.{name} SELECT * FROM next_{name}")
    for name in files.VIEWS:
        connection.execute(files.sql("marts", name))


def _outdated(mart: str) -> str:
    if mart == "budget_state":
        return ""
    return (
        f" WHERE id IN (SELECT id FROM touched_{mart})"
        if mart in _BY_ID
        else " WHERE day IN (SELECT day FROM touched_days)"
    )


def check(connection: duckdb.DuckDBPyConnection) -> None:
    for name in files.checks():
        found = connection.execute(files.sql("checks", name))
        columns = [column[0] for column in found.description or []]
        rows = found.fetchall()
        if rows:
            first = ", ".join(f"{column}={value}" for column, value in zip(columns, rows[0], strict=True))
            raise CheckFailed(name, first, len(rows))
