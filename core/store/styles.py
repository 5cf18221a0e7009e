"""Styles of one's own: what was measured on somebody's tracks, and the rights he declared in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
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
from core.store import blobs, reach, teams
from core.store.db import Utc, metadata

NOUN = "style"
SOURCE_ROLE = "style"
"""In a lineage: a track that the style of a piece was measured on."""

table = Table(
    "styles",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("folded", String(240), nullable=False),  # the name as it is compared; folding may lengthen it threefold
    Column("profile", JSON, nullable=False),
    Column("rights", JSON, nullable=False),
    Column("sources", JSON, nullable=False),
    Column("engines", JSON, nullable=False),
    Column("job_id", String(60), nullable=False, unique=True),
    Column("user_id", String(60), nullable=False),
    Column("organisation_id", String(60), nullable=False),
    Column("visibility", String(20), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    UniqueConstraint("user_id", "folded"),
)

files = Table(
    "style_files",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("style_id", ForeignKey("styles.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("engine", String(40), nullable=False),
    Column("model", String(80), nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("bytes", BigInteger, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("created_at", Utc, nullable=False),
    UniqueConstraint("style_id", "engine", "model"),
)


@dataclass(frozen=True)
class StyleRow:
    id: str
    name: str
    profile: dict[str, Any]
    """See core.music.styles.profile."""
    rights: dict[str, Any]
    """The statement, who gave it, when, and its SHA-256."""
    sources: list[str]
    """Ids of the tracks it was measured on, as they were then; some may be gone."""
    engines: dict[str, Any]
    """Engine to what it learned: the composer follows every profile."""
    job_id: str
    user_id: str
    organisation_id: str
    visibility: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class StyleFile:
    """What a model learned of a style, as a file of its own."""

    id: str
    style_id: str
    engine: str
    model: str
    sha256: str
    bytes: int
    facts: dict[str, Any]
    """Of the training: see core.music.styles.training."""
    created_at: datetime


def visible(actor: Actor) -> ColumnElement[bool]:
    """One's own and what was shared with one's teams. Administrators see all."""
    return reach.visible(actor, table, NOUN)


def add(connection: Connection, actor: Actor, **values: Any) -> str:
    """`values`: name, profile, rights, sources, engines, job_id."""
    style_id = new_id("style")
    moment = now()
    row = values | {
        "id": style_id, "folded": values["name"].casefold(), "user_id": actor.user_id,
        "organisation_id": actor.organisation_id, "visibility": "private", "created_at": moment, "updated_at": moment,
    }  # fmt: skip
    connection.execute(insert(table).values(row))
    return style_id


def get(connection: Connection, actor: Actor, style_id: str, *, own: bool = False) -> StyleRow:
    """`own`: to change it, which is its owner's or an administrator's; AccessError for one that is only shared."""
    row = connection.execute(select(table).where(table.c.id == style_id, visible(actor))).mappings().first()
    if row is None:
        raise NotFound(f"There is no style {style_id[:60]!r}.", "List yours with: studio styles list", "no_style")
    style = _row(row)
    if own and style.user_id != actor.user_id and not actor.is_admin:
        raise AccessError(
            f"The style {style.name!r} is shared with you: you may use it, not change it.", "Ask its owner."
        )
    return style


def by_job(connection: Connection, job_id: str) -> StyleRow | None:
    row = connection.execute(select(table).where(table.c.job_id == job_id)).mappings().first()
    return None if row is None else _row(row)


def listing(connection: Connection, actor: Actor) -> list[StyleRow]:
    """One's own first, then by name."""
    others = (table.c.user_id != actor.user_id).label("others")
    rows = connection.execute(select(table).where(visible(actor)).order_by(others, table.c.folded, table.c.id))
    return [_row(row) for row in rows.mappings()]


def names_of(connection: Connection, user_id: str) -> dict[str, str]:
    """Folded name to id of all that are this user's."""
    rows = connection.execute(select(table.c.folded, table.c.id).where(table.c.user_id == user_id))
    return {str(row.folded): str(row.id) for row in rows}


def count(connection: Connection, user_id: str) -> int:
    found = select(func.count()).select_from(table).where(table.c.user_id == user_id)
    return int(connection.execute(found).scalar_one())


def rename(connection: Connection, style_id: str, name: str) -> None:
    changed = {"name": name, "folded": name.casefold(), "updated_at": now()}
    connection.execute(update(table).where(table.c.id == style_id).values(changed))


def remove(connection: Connection, style_id: str) -> list[str]:
    """With its shares and files; what was made in it stays, and so does its lineage. Answers the hashes that nobody holds
    any more."""
    teams.unshare(connection, NOUN, [style_id])
    gone = [free for file in files_of(connection, style_id) if (free := _take_out(connection, file)) is not None]
    connection.execute(delete(table).where(table.c.id == style_id))
    return gone


def put(
    connection: Connection, style_id: str, engine: str, model: str, sha256: str, size: int, facts: Mapping[str, Any]
) -> list[str]:
    """In place of what this model learned before; answers the hashes that nobody holds any more. Call under
    shared(BLOBS). NotFound where the style was deleted meanwhile."""
    row = connection.execute(select(table).where(table.c.id == style_id).with_for_update()).mappings().first()
    if row is None:
        raise NotFound("The style was deleted while it was trained.", "Nothing of it was kept.", "no_style")
    before = [file for file in files_of(connection, style_id) if (file.engine, file.model) == (engine, model)]
    blobs.hold(connection, sha256, size)
    gone = [free for file in before if (free := _take_out(connection, file)) is not None]
    values = {"style_id": style_id, "engine": engine, "model": model, "sha256": sha256, "bytes": size}
    connection.execute(insert(files).values(id=new_id("sfile"), **values, facts=dict(facts), created_at=now()))
    models = sorted({file.model for file in files_of(connection, style_id) if file.engine == engine})
    engines = dict(row["engines"]) | {engine: {"models": models}}
    connection.execute(update(table).where(table.c.id == style_id).values(engines=engines, updated_at=now()))
    return gone


def files_of(connection: Connection, style_id: str) -> list[StyleFile]:
    found = select(files).where(files.c.style_id == style_id).order_by(files.c.engine, files.c.model)
    return [StyleFile(**row) for row in connection.execute(found).mappings()]


def _take_out(connection: Connection, file: StyleFile) -> str | None:
    connection.execute(delete(files).where(files.c.id == file.id))
    return blobs.let_go(connection, file.sha256)


def _row(row: Mapping[Any, Any]) -> StyleRow:
    return StyleRow(**{name: row[name] for name in StyleRow.__dataclass_fields__})
