"""What was changed on the page and outlives a restart: provider order, pause, pronunciations, page choices."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column, String, Table, bindparam, delete, insert, select, update
from sqlalchemy.engine import Connection

from core.kit.clock import now
from core.store.db import Utc, metadata

table = Table(
    "preferences",
    metadata,
    Column("user_id", String(60), primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("updated_at", Utc, nullable=False),
)

EVERYONE = ""


def words_of(project_id: str = "") -> str:
    """Name of a pronunciation dictionary: a user's, or of a project, which is EVERYONE's who may see the project."""
    return f"pronunciations:{project_id}" if project_id else "pronunciations"


_READ = select(table.c.value).where(table.c.user_id == bindparam("of"), table.c.name == bindparam("called"))


def read(connection: Connection, name: str, default: Any = None, user_id: str = EVERYONE) -> Any:
    row = connection.execute(_READ, {"of": user_id, "called": name}).first()
    return default if row is None else row.value


def write(connection: Connection, name: str, value: Any, user_id: str = EVERYONE) -> None:
    mine = (table.c.user_id == user_id) & (table.c.name == name)
    if connection.execute(update(table).where(mine).values(value=value, updated_at=now())).rowcount == 0:
        connection.execute(insert(table).values(user_id=user_id, name=name, value=value, updated_at=now()))


def drop(connection: Connection, name: str, user_id: str = EVERYONE) -> None:
    connection.execute(delete(table).where(table.c.user_id == user_id, table.c.name == name))
