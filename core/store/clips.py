"""Clips that were taken apart, and their scenes. What was measured stands in the rows; the film itself is an asset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    delete,
    func,
    insert,
    or_,
    select,
    true,
)
from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.kit.clock import new_id, now
from core.kit.errors import NotFound
from core.store import assets
from core.store.db import Utc, metadata

table = Table(
    "clips",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("asset_id", String(40), nullable=False),  # a purged film leaves its clip: what was made from it names it
    Column("name", String(200), nullable=False),
    Column("job_id", String(60), nullable=False, unique=True),
    Column("seconds", Float, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("user_id", String(60), nullable=False),
    Column("organisation_id", String(60), nullable=False),
    Column("created_at", Utc, nullable=False),
    Index("ix_clips_user", "user_id", "created_at"),
    Index("ix_clips_asset", "asset_id", "created_at"),
)

scenes = Table(
    "scenes",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("clip_id", ForeignKey("clips.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("start_s", Float, nullable=False),
    Column("end_s", Float, nullable=False),
    Column("type", String(20), nullable=False),
    Column("facts", JSON, nullable=False),
    Column("picture", LargeBinary, nullable=False),  # a JPEG of some kilobytes
    UniqueConstraint("clip_id", "number"),
)


@dataclass(frozen=True)
class ClipRow:
    id: str
    asset_id: str
    name: str
    job_id: str
    seconds: float
    facts: dict[str, Any]
    """core.video.types.Clip without its scenes."""
    user_id: str
    organisation_id: str
    created_at: datetime


@dataclass(frozen=True)
class SceneRow:
    id: str
    clip_id: str
    number: int
    start_s: float
    end_s: float
    type: str
    facts: dict[str, Any]
    """core.video.types.Scene without what has a column."""


_CLIP = [column for column in table.c]
_SCENE = [column for column in scenes.c if column.name != "picture"]


def visible(actor: Actor) -> ColumnElement[bool]:
    """One's own, and those of films one may see."""
    if actor.is_admin:
        return true()
    seen = select(assets.table.c.id).where(assets.visible(actor))
    return or_(table.c.user_id == actor.user_id, table.c.asset_id.in_(seen))


def add(
    connection: Connection, values: Mapping[str, Any], found: Sequence[tuple[Mapping[str, Any], bytes]]
) -> tuple[str, list[str]]:
    """(id of the clip, ids of its scenes). `values`: columns of the clip; `found`: columns of each scene and its picture."""
    clip_id = new_id("clip")
    connection.execute(insert(table).values({**values, "id": clip_id, "created_at": now()}))
    ids = [new_id("scene") for _ in found]
    rows = [
        {**row, "id": scene_id, "clip_id": clip_id, "picture": picture}
        for scene_id, (row, picture) in zip(ids, found, strict=True)
    ]
    connection.execute(insert(scenes), rows)
    return clip_id, ids


def by_job(connection: Connection, job_id: str) -> ClipRow | None:
    row = connection.execute(select(table).where(table.c.job_id == job_id)).mappings().first()
    return None if row is None else ClipRow(**row)


def get(connection: Connection, actor: Actor, clip_id: str) -> ClipRow:
    row = connection.execute(select(table).where(table.c.id == clip_id, visible(actor))).mappings().first()
    if row is None:
        raise NotFound(
            f"There is no clip {clip_id[:60]!r}.", "Bring the film in first: its scenes are found then.", "no_clip"
        )
    return ClipRow(**row)


def latest(connection: Connection, actor: Actor, asset_id: str) -> ClipRow | None:
    """The newest taking apart of this film."""
    found = select(table).where(table.c.asset_id == asset_id, visible(actor)).order_by(table.c.created_at.desc())
    row = connection.execute(found.limit(1)).mappings().first()
    return None if row is None else ClipRow(**row)


def listing(connection: Connection, actor: Actor, limit: int = 50, offset: int = 0) -> tuple[list[ClipRow], int]:
    """(newest first, how many there are)."""
    count = connection.execute(select(func.count()).select_from(table).where(visible(actor))).scalar_one()
    rows = connection.execute(
        select(table).where(visible(actor)).order_by(table.c.created_at.desc(), table.c.id).limit(limit).offset(offset)
    )
    return [ClipRow(**row) for row in rows.mappings()], int(count)


def scenes_of(connection: Connection, clip_id: str) -> list[SceneRow]:
    rows = connection.execute(select(*_SCENE).where(scenes.c.clip_id == clip_id).order_by(scenes.c.number))
    return [SceneRow(**row) for row in rows.mappings()]


def scene(connection: Connection, actor: Actor, scene_id: str) -> SceneRow:
    found = select(*_SCENE).join(table, table.c.id == scenes.c.clip_id).where(scenes.c.id == scene_id, visible(actor))
    row = connection.execute(found).mappings().first()
    if row is None:
        raise no_scene(scene_id)
    return SceneRow(**row)


def picture(connection: Connection, actor: Actor, scene_id: str) -> bytes:
    found = (
        select(scenes.c.picture)
        .join(table, table.c.id == scenes.c.clip_id)
        .where(scenes.c.id == scene_id, visible(actor))
    )
    held = connection.execute(found).scalar_one_or_none()
    if held is None:
        raise no_scene(scene_id)
    return bytes(held)


def remove(connection: Connection, actor: Actor, clip_id: str) -> None:
    """With its scenes; the film and what was made for it stay. Its owner's alone."""
    row = get(connection, actor, clip_id)
    if row.user_id != actor.user_id and not actor.is_admin:
        raise NotFound(f"There is no clip {clip_id[:60]!r} of yours.", "Ask whoever brought it in.", "no_clip")
    connection.execute(delete(scenes).where(scenes.c.clip_id == clip_id))
    connection.execute(delete(table).where(table.c.id == clip_id))


def no_scene(scene_id: str) -> NotFound:
    return NotFound(
        f"There is no scene {scene_id[:60]!r}.", "List the scenes of your clips: GET /api/video/scenes", "no_scene"
    )
