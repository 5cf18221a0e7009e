"""Every use of a licensed track: what was published where, when, by whom, and on which licence it rested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, ColumnElement, Index, String, Table, func, insert, select, true, update
from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.kit.clock import new_id, now
from core.store.db import Utc, metadata

_AT_ONCE = 500
"""Ids in one question: a database takes only so many."""

table = Table(
    "track_uses",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("provider", String(40), nullable=False),
    Column("track_id", String(200), nullable=False),
    Column("title", String(200), nullable=False),
    Column("artist", String(200), nullable=False),
    Column("genre", String(40)),
    Column("mood", String(40)),
    Column("asset_id", String(40), nullable=False),  # the licensed track in the library
    Column("output_asset_id", String(40), nullable=False),  # what was made with it and taken out
    Column("output_name", String(200), nullable=False),
    Column("project_id", String(60), nullable=False),  # "" where it was no project
    Column("licence_id", String(60)),  # none: an open licence, which nobody has to hold
    Column("platform", String(20), nullable=False),
    Column("channel", String(200), nullable=False),
    Column("territory", String(40), nullable=False),
    Column("commercial", Boolean, nullable=False),
    Column("used_on", String(10), nullable=False),
    Column("reference", String(500), nullable=False),  # address of what was published
    Column("user_id", String(60), nullable=False),
    Column("organisation_id", String(60), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    Index("ix_track_uses_user", "user_id", "used_on"),
    Index("ix_track_uses_licence", "licence_id"),
    Index("ix_track_uses_output", "output_asset_id"),
    Index("ix_track_uses_project", "project_id"),
    Index("ix_track_uses_updated_at", "updated_at"),
)


@dataclass(frozen=True)
class TrackUse:
    id: str
    provider: str
    track_id: str
    title: str
    artist: str
    genre: str | None
    mood: str | None
    asset_id: str
    output_asset_id: str
    output_name: str
    project_id: str
    licence_id: str | None
    platform: str
    channel: str
    territory: str
    commercial: bool
    used_on: str
    reference: str
    user_id: str
    organisation_id: str
    created_at: datetime
    updated_at: datetime


def visible(actor: Actor) -> ColumnElement[bool]:
    """One's own: who published what is nobody else's business, save an administrator's."""
    return true() if actor.is_admin else table.c.user_id == actor.user_id


def add(connection: Connection, actor: Actor, values: Mapping[str, Any]) -> str:
    """One row a track, piece, platform, channel and day: the same file taken out twice is one use."""
    same = [table.c[name] == values[name] for name in ("provider", "track_id", "output_asset_id", "platform", "channel", "used_on")]  # fmt: skip
    known = connection.execute(select(table.c.id).where(*same, table.c.user_id == actor.user_id)).scalar()
    if known is not None:
        connection.execute(
            update(table).where(table.c.id == known).values(licence_id=values["licence_id"], updated_at=now())
        )
        return str(known)
    use_id, moment = new_id("use"), now()
    row = {
        "id": use_id,
        "user_id": actor.user_id,
        "organisation_id": actor.organisation_id,
        "created_at": moment,
        "updated_at": moment,
    }
    connection.execute(insert(table).values(**({"reference": ""} | dict(values) | row)))
    return use_id


def listed(
    connection: Connection,
    actor: Actor,
    *,
    project_id: str = "",
    output_asset_id: str = "",
    provider: str = "",
    track_id: str = "",
    licence_ids: Sequence[str] = (),
    from_day: str = "",
    to_day: str = "",
    limit: int = 1000,
    offset: int = 0,
) -> list[TrackUse]:
    wanted = [visible(actor)]
    given = {"project_id": project_id, "output_asset_id": output_asset_id, "provider": provider, "track_id": track_id}
    wanted += [table.c[name] == value for name, value in given.items() if value]
    if licence_ids:
        wanted.append(table.c.licence_id.in_(licence_ids))
    if from_day:
        wanted.append(table.c.used_on >= from_day)
    if to_day:
        wanted.append(table.c.used_on <= to_day)
    order = (table.c.used_on.desc(), table.c.created_at.desc(), table.c.id)
    rows = connection.execute(select(table).where(*wanted).order_by(*order).limit(limit).offset(offset)).mappings()
    return [TrackUse(**row) for row in rows]


def on_licence(connection: Connection, licence_id: str) -> list[TrackUse]:
    """Everybody's: whether a licence for one piece was used up, and what its end touches."""
    rows = connection.execute(
        select(table).where(table.c.licence_id == licence_id).order_by(table.c.used_on, table.c.id)
    ).mappings()
    return [TrackUse(**row) for row in rows]


def counts(connection: Connection, licence_ids: Sequence[str]) -> dict[str, int]:
    """By licence; one that nothing rests on is not in it."""
    found: dict[str, int] = {}
    for at in range(0, len(licence_ids), _AT_ONCE):
        rows = connection.execute(
            select(table.c.licence_id, func.count())
            .where(table.c.licence_id.in_(licence_ids[at : at + _AT_ONCE]))
            .group_by(table.c.licence_id)
        )
        found |= {str(licence): int(number) for licence, number in rows}
    return found


def published(
    connection: Connection, provider: str, track_id: str, output_asset_id: str, platform: str
) -> list[TrackUse]:
    """Earlier uses of the track in this very piece there."""
    rows = connection.execute(
        select(table).where(
            table.c.provider == provider, table.c.track_id == track_id, table.c.output_asset_id == output_asset_id,
            table.c.platform == platform,
        )
    ).mappings()  # fmt: skip
    return [TrackUse(**row) for row in rows]


def refer(connection: Connection, actor: Actor, output_asset_id: str, reference: str) -> int:
    """Say where a piece was published."""
    done = connection.execute(
        update(table)
        .where(table.c.output_asset_id == output_asset_id, visible(actor))
        .values(reference=reference, updated_at=now())
    )
    return done.rowcount


def count(connection: Connection, actor: Actor) -> int:
    return int(connection.execute(select(func.count()).select_from(table).where(visible(actor))).scalar_one())
