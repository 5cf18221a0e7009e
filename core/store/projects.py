"""Projects: versioned documents. A version, once written, never changes; a mix is a render of one version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    ForeignKey,
    Integer,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.kit.clock import new_id, now
from core.kit.errors import AccessError, NotFound, UserError
from core.store import assets, audit, reach, teams, voice_presets
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


def visible(actor: Actor) -> ColumnElement[bool]:
    """One's own, what is public, what was shared with one's teams."""
    return reach.visible(actor, table, "project", reach.public(table))


def owned(actor: Actor) -> ColumnElement[bool]:
    return reach.owned(actor, table)


def editable(actor: Actor) -> ColumnElement[bool]:
    """One's own, and what was shared with a team one may edit in."""
    return reach.editable(actor, table, "project")


def exists(connection: Connection, project_id: str) -> bool:
    return connection.execute(select(table.c.id).where(table.c.id == project_id)).first() is not None


def create(
    connection: Connection, actor: Actor, name: str, document: dict[str, Any], message: str,
    project_id: str | None = None,
) -> str:  # fmt: skip
    project_id = project_id or new_id("project")
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
        .where(table.c.id == project_id, table.c.version == based_on, editable(actor))
        .values(version=based_on + 1, updated_at=now())
    )
    if taken.rowcount == 0:
        at(connection, actor, project_id, based_on)
        to_edit(connection, actor, project_id)
    _write(connection, actor, project_id, based_on + 1, document, message)
    for share in teams.shares_of(connection, "project", project_id):
        share_sounds(connection, actor, project_id, share.team_id)
    return based_on + 1


def at(connection: Connection, actor: Actor, project_id: str, based_on: int) -> ProjectRow:
    """As get(); a conflict where `based_on` is not its newest version."""
    row = get(connection, actor, project_id)
    if row.version != based_on:
        newest = history(connection, project_id)[0]
        by = "you" if newest["user_id"] == actor.user_id else "somebody else"
        done = f", saved by {by}" + (f" ({newest['message']})" if newest["message"] else "")
        raise UserError(
            f"Project {row.name!r} is at version {row.version}{done}; your change is based on {based_on}.",
            "Open the latest version and make the change there.",
            "version_conflict",
        )
    return row


def restores(connection: Connection, project_id: str) -> dict[int, int | None]:
    """Each version and the one it brought back, if it did no more than that."""
    brought = versions.c.document["restores"].as_integer()
    rows = connection.execute(select(versions.c.version, brought).where(versions.c.project_id == project_id))
    return {version: old for version, old in rows}


def sounds(connection: Connection, project_id: str) -> list[str]:
    """Ids of the assets in the newest version."""
    found = (
        select(versions.c.document)
        .join(table, table.c.id == versions.c.project_id)
        .where(table.c.id == project_id, versions.c.version == table.c.version)
    )
    document = connection.execute(found).scalar_one_or_none() or {}
    clips = [clip for track in document.get("tracks", ()) for clip in track.get("clips", ())]
    return list(dict.fromkeys(str(clip["asset_id"]) for clip in clips if clip.get("asset_id")))


def share_sounds(connection: Connection, actor: Actor, project_id: str, team_id: str) -> None:
    """Who may open a project may hear it: the sounds in it that are the actor's own are shared along with it."""
    found = sounds(connection, project_id)
    own = connection.execute(select(assets.table.c.id).where(assets.table.c.id.in_(found), assets.owned(actor)))
    teams.share(connection, actor, "asset", own.scalars(), team_id, via=project_id)


def remove(connection: Connection, actor: Actor, project_id: str) -> None:
    """With every version and share; what was rendered from it stays. Its owner's alone."""
    row = get(connection, actor, project_id)
    teams.unshare(connection, "project", [project_id])
    teams.unshare_along(connection, project_id)
    voice_presets.forget_project(connection, project_id)
    gone = connection.execute(delete(table).where(table.c.id == project_id, owned(actor)))
    if gone.rowcount == 0:
        raise AccessError(f"Only its owner may delete project {row.name!r}.", "Ask the owner.")
    audit.add(connection, actor, "project.deleted", "project", project_id, name=row.name)


def get(connection: Connection, actor: Actor, project_id: str) -> ProjectRow:
    row = connection.execute(select(table).where(table.c.id == project_id, visible(actor))).mappings().first()
    if row is None:
        raise NotFound(f"There is no project {project_id!r}.", "Open a project from the Mix page.")
    return ProjectRow(**row)


def to_edit(connection: Connection, actor: Actor, project_id: str) -> ProjectRow:
    """As get(); AccessError for one that the actor may only look at."""
    row = get(connection, actor, project_id)
    if connection.execute(select(table.c.id).where(table.c.id == project_id, editable(actor))).first() is None:
        raise AccessError(f"You may look at project {row.name!r}, not change it.", "Ask an owner of the team for more.")
    return row


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


def listing(connection: Connection, actor: Actor, limit: int = 50, offset: int = 0) -> list[ProjectRow]:
    found = select(table).where(visible(actor)).order_by(table.c.updated_at.desc(), table.c.id)
    rows = connection.execute(found.limit(limit).offset(offset))
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
