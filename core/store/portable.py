"""Every table as lines of JSON, the same on SQLite and PostgreSQL: what a backup holds of the database.

Tables are read from the database itself, not from this code's definitions, so that rows of an older version load into
tables of that version and are migrated from there.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import JSON, MetaData, Table, delete, func, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from core.kit.errors import SetupError
from core.store import attempts, automations, catalogue_tracks, jobs, preferences, schedules
from core.store.holds import NAME as HOLD
from core.store.migrate import revision_of

LEFT_OUT = catalogue_tracks.SHADOWS | {
    "alembic_version",
    "workers",
    "permits",
    "sessions",
    "askings",
    "provider_pauses",
}
"""What is true of the running processes only, and what triggers make of other rows. Sessions: whoever restores an old
state signs in anew."""
ROWS = 2000
_MOMENT, _DAY, _BYTES = "$moment", "$day", "$bytes"


def tables(connection: Connection) -> list[Table]:
    """All that are carried, parents before children."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name not in LEFT_OUT)
    for table in found.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, JSON):
                # None in a nullable column is NULL, in any other the JSON value null.
                column.type = JSON(none_as_null=bool(column.nullable))
    return found.sorted_tables


def lines(connection: Connection, table: Table) -> Iterator[tuple[int, bytes]]:
    """(rows, JSON lines) a piece; pieces are small enough for memory whatever the table holds."""
    names = [column.name for column in table.columns]
    result = connection.execution_options(yield_per=ROWS).execute(select(table))
    for rows in result.partitions():
        text = "".join(
            json.dumps(dict(zip(names, map(_out, row), strict=True)), separators=(",", ":")) + "\n" for row in rows
        )
        yield len(rows), text.encode("ascii")


def load(connection: Connection, table: Table, text: bytes) -> int:
    """Insert a piece that lines() made. SetupError when a row does not fit into the table."""
    known = {column.name for column in table.columns}
    rows: list[dict[str, Any]] = []
    try:
        for line in text.splitlines():
            row = json.loads(line)
            if not isinstance(row, dict) or set(row) != known:
                raise ValueError("other columns")
            rows.append({name: _in(value) for name, value in row.items()})
        if rows:
            connection.execute(insert(table), rows)
    except (ValueError, TypeError, DBAPIError) as error:
        cause = str(getattr(error, "orig", error)).split("\n", 1)[0][:200]
        raise SetupError(
            f"A row of {table.name!r} in this backup does not fit into this database: {cause}.",
            "Take another backup; this one is damaged or was changed.",
            "backup_damaged",
        ) from error
    return len(rows)


def empty(connection: Connection) -> bool:
    """Whether no table holds anything; also true where there are no tables yet."""
    return revision_of(connection) is None or not any(
        connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables(connection)
    )


def paid_files(connection: Connection) -> list[str]:
    """Files that attempts made and whose job has not kept them yet: lost, they would have to be bought again."""
    rows = connection.execute(
        select(attempts.table.c.result)
        .join(jobs.table, jobs.table.c.id == attempts.table.c.job_id)
        .where(attempts.table.c.status == attempts.SUCCEEDED, jobs.table.c.status != jobs.DONE)
    )
    return [str(output["path"]) for row in rows for output in (row.result or {}).get("outputs", [])]


def move_files(connection: Connection, old_work: str, new_work: str) -> None:
    """What attempts made lies in another folder now."""
    rows = connection.execute(
        select(attempts.table.c.id, attempts.table.c.result)
        .join(jobs.table, jobs.table.c.id == attempts.table.c.job_id)
        .where(attempts.table.c.status == attempts.SUCCEEDED, jobs.table.c.status != jobs.DONE)
    ).all()
    for row in rows:
        outputs = [dict(output) for output in (row.result or {}).get("outputs", [])]
        for output in outputs:
            path = PurePosixPath(output["path"])
            if path.is_relative_to(old_work):
                output["path"] = str(PurePosixPath(new_work) / path.relative_to(old_work))
        if outputs:
            moved = {**row.result, "outputs": outputs}
            connection.execute(update(attempts.table).where(attempts.table.c.id == row.id).values(result=moved))


def wake(connection: Connection, *, moved: bool) -> int:
    """After a restore: nobody works on the running jobs. Answers how many jobs are live.

    When the studio only `moved`, its running jobs go on by the usual recovery. Otherwise the old one may have gone on
    after the backup and bought what is only announced here: everything waits in a paused queue, and a paid request
    that was about to be sent counts as sent, so that a person is asked instead of buying twice.
    """
    connection.execute(delete(preferences.table).where(preferences.table.c.name == HOLD))
    running = jobs.table.c.status == jobs.RUNNING
    live = connection.execute(
        select(func.count()).select_from(jobs.table).where(jobs.table.c.status.in_(jobs.LIVE))
    ).scalar_one()
    if moved:
        connection.execute(update(jobs.table).where(running).values(worker_id=None))
        return int(live)
    announced = select(jobs.table.c.id).where(running)
    connection.execute(
        update(attempts.table)
        .where(attempts.table.c.status == attempts.RESERVED, attempts.table.c.job_id.in_(announced))
        .values(status=attempts.INTENDED)
    )
    connection.execute(
        update(jobs.table)
        .where(running)
        .values(status=jobs.WAITING, worker_id=None, epoch=jobs.table.c.epoch + 1, stage="Waiting", paused=False)
    )
    # Their next runs may have been made there: nothing is bought again before somebody has looked.
    schedules.pause_all(connection, "Paused when this studio was restored from a backup.")
    automations.switch_all_off(connection, "Switched off when this studio was restored from a backup.")
    if live:
        preferences.write(connection, "queue_paused", True)
    return int(live)


def counts(connection: Connection, among: Sequence[Table]) -> dict[str, int]:
    return {
        table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one()) for table in among
    }


def _out(value: Any) -> Any:
    if isinstance(value, datetime):
        return {_MOMENT: value.isoformat()}
    if isinstance(value, date):
        return {_DAY: value.isoformat()}
    if isinstance(value, bytes):
        return {_BYTES: base64.b64encode(value).decode()}
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in (_MOMENT, _DAY, _BYTES, "$json"):
        return {"$json": value}  # a document that looks like one of our own marks
    return value


def _in(value: Any) -> Any:
    if isinstance(value, dict) and len(value) == 1:
        mark, inner = next(iter(value.items()))
        if mark == _MOMENT:
            return datetime.fromisoformat(inner)
        if mark == _DAY:
            return date.fromisoformat(inner)
        if mark == _BYTES:
            return base64.b64decode(inner)
        if mark == "$json":
            return inner
    return value
