"""Music templates: what somebody wants made again and again, every version of it, and what others say of it."""

from __future__ import annotations

from collections.abc import Mapping
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
    UniqueConstraint,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.kit.clock import new_id, now
from core.kit.errors import AccessError, NotFound
from core.store import reach, teams
from core.store.db import Utc, metadata

NOUN = "template"
PRIVATE, PUBLIC, SHIPPED = "private", "public", "shipped"
"""Of a row; with a team it is shared by core.store.teams. Shipped ones stand in a file, not here."""

table = Table(
    "templates",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("folded", String(240), nullable=False),  # the name as it is compared; folding may lengthen it threefold
    Column("description", String(1000), nullable=False),
    Column("use_cases", JSON, nullable=False),
    Column("provider", String(40), nullable=False),
    Column("fields", JSON, nullable=False),
    Column("version", Integer, nullable=False),
    Column("user_id", String(60), nullable=False),
    Column("organisation_id", String(60), nullable=False),
    Column("visibility", String(20), nullable=False, index=True),
    Column("updated_by", String(60), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    UniqueConstraint("user_id", "folded"),
)

versions = Table(
    "template_versions",
    metadata,
    Column("template_id", ForeignKey("templates.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("name", String(80), nullable=False),
    Column("description", String(1000), nullable=False),
    Column("use_cases", JSON, nullable=False),
    Column("provider", String(40), nullable=False),
    Column("fields", JSON, nullable=False),
    Column("message", String(200), nullable=False),
    Column("user_id", String(60), nullable=False),
    Column("created_at", Utc, nullable=False),
)

# Without foreign keys: what is shipped is rated and talked about too, and has no row above.
ratings = Table(
    "template_ratings",
    metadata,
    Column("template_id", String(60), primary_key=True),
    Column("user_id", String(60), primary_key=True),
    Column("stars", Integer, nullable=False),
    Column("updated_at", Utc, nullable=False),
)

comments = Table(
    "template_comments",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("template_id", String(60), nullable=False, index=True),
    Column("user_id", String(60), nullable=False),
    Column("text", String(2000), nullable=False),
    Column("created_at", Utc, nullable=False),
)


@dataclass(frozen=True)
class Content:
    """What a version holds: all of a template that an edit may change."""

    name: str
    description: str
    use_cases: list[str]
    provider: str
    """The engine it is meant for; "": whichever comes first."""
    fields: dict[str, Any]
    """Names and values of core.music.types.MusicRequest that it does not leave open."""


CONTENT = tuple(Content.__dataclass_fields__)


@dataclass(frozen=True)
class TemplateRow:
    id: str
    name: str
    description: str
    use_cases: list[str]
    provider: str
    fields: dict[str, Any]
    version: int
    user_id: str
    organisation_id: str
    visibility: str
    updated_by: str
    created_at: datetime
    updated_at: datetime

    @property
    def content(self) -> Content:
        return Content(**{name: getattr(self, name) for name in CONTENT})


@dataclass(frozen=True)
class VersionRow:
    template_id: str
    version: int
    name: str
    description: str
    use_cases: list[str]
    provider: str
    fields: dict[str, Any]
    message: str
    user_id: str
    created_at: datetime

    @property
    def content(self) -> Content:
        return Content(**{name: getattr(self, name) for name in CONTENT})


@dataclass(frozen=True)
class Comment:
    id: str
    template_id: str
    user_id: str
    text: str
    created_at: datetime


def visible(actor: Actor) -> ColumnElement[bool]:
    """One's own, what is public, and what was shared with one's teams. Administrators see all."""
    return reach.visible(actor, table, NOUN, reach.public(table))


def editable(actor: Actor) -> ColumnElement[bool]:
    """One's own, and what was shared with a team one may edit in. A public one is its owner's alone."""
    return reach.editable(actor, table, NOUN)


def add(connection: Connection, actor: Actor, content: Content, message: str) -> str:
    template_id = new_id("template")
    moment = now()
    row = content.__dict__ | {
        "id": template_id, "folded": content.name.casefold(), "version": 1, "user_id": actor.user_id,
        "organisation_id": actor.organisation_id, "visibility": PRIVATE, "updated_by": actor.user_id,
        "created_at": moment, "updated_at": moment,
    }  # fmt: skip
    connection.execute(insert(table).values(row))
    _write(connection, actor, template_id, 1, content, message)
    return template_id


def save(connection: Connection, actor: Actor, template_id: str, based_on: int, content: Content, message: str) -> bool:
    """The next version; False when somebody saved one since `based_on`, and then nothing is written."""
    changed = content.__dict__ | {
        "folded": content.name.casefold(), "version": based_on + 1, "updated_by": actor.user_id, "updated_at": now()
    }  # fmt: skip
    where = (table.c.id == template_id, table.c.version == based_on)
    if connection.execute(update(table).where(*where).values(changed)).rowcount == 0:
        return False
    _write(connection, actor, template_id, based_on + 1, content, message)
    return True


def _write(
    connection: Connection, actor: Actor, template_id: str, version: int, content: Content, message: str
) -> None:
    row = content.__dict__ | {
        "template_id": template_id, "version": version, "message": message[:200], "user_id": actor.user_id,
        "created_at": now(),
    }  # fmt: skip
    connection.execute(insert(versions).values(row))


def get(connection: Connection, actor: Actor, template_id: str) -> TemplateRow:
    row = connection.execute(select(table).where(table.c.id == template_id, visible(actor))).mappings().first()
    if row is None:
        raise NotFound(
            f"There is no template {template_id[:60]!r}.", "List them with: studio templates list", "no_template"
        )
    return _row(row)


def owned(connection: Connection, actor: Actor, template_id: str) -> TemplateRow:
    """AccessError for one that is somebody else's and visible."""
    row = get(connection, actor, template_id)
    if row.user_id != actor.user_id and not actor.is_admin:
        raise AccessError(f"Only its owner may do that with {row.name!r}.", "Duplicate it: the copy is yours.")
    return row


def to_edit(connection: Connection, actor: Actor, template_id: str) -> TemplateRow:
    """AccessError for one that the actor may use, not change."""
    row = get(connection, actor, template_id)
    if connection.execute(select(table.c.id).where(table.c.id == template_id, editable(actor))).first() is None:
        raise AccessError(
            f"You may use {row.name!r}, not change it.",
            "Duplicate it and change the copy, or ask an owner of the team for the role of an editor.",
        )
    return row


def listing(connection: Connection, actor: Actor, scope: str = "") -> list[TemplateRow]:
    """Newest change first. `scope`: mine, team (shared with a team of the actor's), public; "" all that he sees."""
    where = [visible(actor)]
    if scope == "mine":
        where.append(table.c.user_id == actor.user_id)
    elif scope == "team":
        where.append(teams.shared_with(actor, NOUN, table.c.id))
    elif scope == "public":
        where.append(table.c.visibility == PUBLIC)
    rows = connection.execute(select(table).where(*where).order_by(table.c.updated_at.desc(), table.c.id))
    return [_row(row) for row in rows.mappings()]


def names_of(connection: Connection, user_id: str) -> dict[str, str]:
    """Folded name to id of all that are this user's."""
    rows = connection.execute(select(table.c.folded, table.c.id).where(table.c.user_id == user_id))
    return {str(row.folded): str(row.id) for row in rows}


def editable_among(connection: Connection, actor: Actor) -> set[str]:
    return set(connection.execute(select(table.c.id).where(editable(actor))).scalars())


def set_visibility(connection: Connection, template_id: str, visibility: str) -> None:
    connection.execute(update(table).where(table.c.id == template_id).values(visibility=visibility))


def shared_ids(connection: Connection) -> set[str]:
    """Those that some team was given."""
    found = select(teams.shares.c.subject_id).where(teams.shares.c.noun == NOUN).distinct()
    return set(connection.execute(found).scalars())


def remove(connection: Connection, template_id: str) -> None:
    """With its versions, shares, ratings and comments; what was made with it stays."""
    teams.unshare(connection, NOUN, [template_id])
    for beside in (ratings, comments):
        connection.execute(delete(beside).where(beside.c.template_id == template_id))
    connection.execute(delete(table).where(table.c.id == template_id))


def version(connection: Connection, template_id: str, number: int) -> VersionRow:
    found = select(versions).where(versions.c.template_id == template_id, versions.c.version == number)
    row = connection.execute(found).mappings().first()
    if row is None:
        raise NotFound(f"This template has no version {number}.", "List its versions first.", "no_version")
    return VersionRow(**row)


def history(connection: Connection, template_id: str) -> list[VersionRow]:
    """Newest first."""
    found = select(versions).where(versions.c.template_id == template_id).order_by(versions.c.version.desc())
    return [VersionRow(**row) for row in connection.execute(found).mappings()]


def rate(connection: Connection, actor: Actor, template_id: str, stars: int | None) -> None:
    """One a user; None takes it back."""
    where = (ratings.c.template_id == template_id, ratings.c.user_id == actor.user_id)
    connection.execute(delete(ratings).where(*where))
    if stars is not None:
        row = {"template_id": template_id, "user_id": actor.user_id, "stars": stars, "updated_at": now()}
        connection.execute(insert(ratings).values(row))


def rated(connection: Connection) -> dict[str, tuple[float, int]]:
    """Id to (mean stars, how many)."""
    found = select(ratings.c.template_id, func.avg(ratings.c.stars), func.count()).group_by(ratings.c.template_id)
    return {str(of): (float(mean), int(count)) for of, mean, count in connection.execute(found)}


def rated_by(connection: Connection, actor: Actor) -> dict[str, int]:
    found = select(ratings.c.template_id, ratings.c.stars).where(ratings.c.user_id == actor.user_id)
    return {str(of): int(stars) for of, stars in connection.execute(found)}


def comment(connection: Connection, actor: Actor, template_id: str, text: str) -> Comment:
    row = Comment(new_id("comment"), template_id, actor.user_id, text, now())
    connection.execute(insert(comments).values(row.__dict__))
    return row


def comments_of(connection: Connection, template_id: str) -> list[Comment]:
    """Oldest first."""
    found = select(comments).where(comments.c.template_id == template_id)
    rows = connection.execute(found.order_by(comments.c.created_at, comments.c.id))
    return [Comment(**row) for row in rows.mappings()]


def uncomment(connection: Connection, comment_id: str) -> None:
    connection.execute(delete(comments).where(comments.c.id == comment_id))


def _row(row: Mapping[Any, Any]) -> TemplateRow:
    return TemplateRow(**{name: row[name] for name in TemplateRow.__dataclass_fields__})
