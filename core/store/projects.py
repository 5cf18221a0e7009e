"""Projects: versioned documents. A version, once written, never changes; a mix is a render of one version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Integer, String, Table, insert, select, true, update
from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.kit.clock import new_id, now
from core.kit.errors import NotFound, UserError
from core.store.db import Utc, metadata

table = Table(
    "projects",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("user_id", String(60), nullable=False, index=True),
    Column("organisation_id", String(60), nullable=False),
    Column("visibility", String(20), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
)

versions = Table(
    "project_versions",
    metadata,
    Column("project_id", ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("document", JSON, nullable=False),
    Column("message", String(200), nullable=False),
    Column("user_id", String(60), nullable=False),
    Column("created_at", Utc, nullable=False),
)


@dataclass(frozen=True)
class ProjectRow:
    id: str
    name: str
    version: int
    user_id: str
    organisation_id: str
    visibility: str
    created_at: datetime
    updated_at: datetime


def create(connection: Connection, actor: Actor, name: str, document: dict[str, Any], message: str) -> str:
    project_id = new_id("project")
    connection.execute(
        insert(table).values(
            id=project_id, name=name, version=1, user_id=actor.user_id, organisation_id=actor.organisation_id,
            visibility="private", created_at=now(), updated_at=now(),
        )
    )  # fmt: skip
    _write(connection, actor, project_id, 1, document, message)
    return project_id


def save(
    connection: Connection, actor: Actor, project_id: str, based_on: int, document: dict[str, Any], message: str
) -> int:
    """Write the next version. Refused when somebody saved since `based_on`, so that no work is overwritten unseen."""
    taken = connection.execute(
        update(table)
        .where(
            table.c.id == project_id,
            table.c.version == based_on,
            true() if actor.is_admin else table.c.user_id == actor.user_id,
        )
        .values(version=based_on + 1, updated_at=now())
    )
    if taken.rowcount == 0:
        current = get(connection, actor, project_id)
        raise UserError(
            f"Project {current.name!r} is at version {current.version}, your change is based on {based_on}.",
            "Open the latest version and make the change there.",
            "version_conflict",
        )
    _write(connection, actor, project_id, based_on + 1, document, message)
    return based_on + 1


def get(connection: Connection, actor: Actor, project_id: str) -> ProjectRow:
    mine = true() if actor.is_admin else table.c.user_id == actor.user_id
    row = connection.execute(select(table).where(table.c.id == project_id, mine)).mappings().first()
    if row is None:
        raise NotFound(f"There is no project {project_id!r}.", "Open a project from the Mix page.")
    return ProjectRow(**row)


def document(connection: Connection, project_id: str, version: int) -> dict[str, Any]:
    found = select(versions.c.document).where(versions.c.project_id == project_id, versions.c.version == version)
    row = connection.execute(found).first()
    if row is None:
        raise NotFound(f"Project {project_id!r} has no version {version}.", "List its versions first.")
    return dict(row.document)


def history(connection: Connection, project_id: str) -> list[dict[str, Any]]:
    rows = connection.execute(
        select(versions.c.version, versions.c.message, versions.c.user_id, versions.c.created_at)
        .where(versions.c.project_id == project_id)
        .order_by(versions.c.version.desc())
    )
    return [dict(row) for row in rows.mappings()]


def listing(connection: Connection, actor: Actor, limit: int = 50) -> list[ProjectRow]:
    mine = true() if actor.is_admin else table.c.user_id == actor.user_id
    rows = connection.execute(select(table).where(mine).order_by(table.c.updated_at.desc()).limit(limit))
    return [ProjectRow(**row) for row in rows.mappings()]


def _write(
    connection: Connection, actor: Actor, project_id: str, version: int, document: dict[str, Any], message: str
) -> None:
    connection.execute(
        insert(versions).values(
            project_id=project_id, version=version, document=document, message=message, user_id=actor.user_id,
            created_at=now(),
        )
    )  # fmt: skip
