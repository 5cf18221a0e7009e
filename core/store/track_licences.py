"""Licences that somebody holds for tracks of catalogues: for whom, for what, from when to when, and the proof."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    String,
    Table,
    Text,
    and_,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.kit.clock import new_id, now
from core.kit.errors import AccessError, NotFound
from core.store import reach, teams
from core.store.db import Usd, Utc, metadata

ANY_TRACK = "*"
"""In place of a track's id: a subscription that covers the whole catalogue."""
USER, TEAM, CUSTOMER, CHANNEL = "user", "team", "customer", "channel"
LICENSEES = (USER, TEAM, CUSTOMER, CHANNEL)
ACTIVE, REVOKED, UNKNOWN = "active", "revoked", "unknown"
NOUN = "licence"

table = Table(
    "track_licences",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("provider", String(40), nullable=False),
    Column("track_id", String(200), nullable=False),
    Column("title", String(200), nullable=False),
    Column("artist", String(200), nullable=False),
    Column("kind", String(20), nullable=False),  # of core.licensing.types.Terms
    Column("licensee_kind", String(10), nullable=False),
    Column("licensee", String(200), nullable=False),  # a team's id, or the name of a customer or a channel
    Column("projects", JSON, nullable=False),  # empty lists: not limited to any
    Column("platforms", JSON, nullable=False),
    Column("territories", JSON, nullable=False),
    Column("media", JSON, nullable=False),
    Column("channels", JSON, nullable=False),
    Column("audience_max", Integer),
    Column("commercial", Boolean, nullable=False),
    Column("derivatives", Boolean, nullable=False),
    Column("single_use", Boolean, nullable=False),  # for one published piece
    Column("keeps_published", Boolean, nullable=False),  # what was published while it ran stays covered
    Column("code", String(100), nullable=False),  # that a platform asks for with the piece
    Column("attribution", Text, nullable=False),
    Column("conditions", JSON, nullable=False),
    Column("starts_on", String(10), nullable=False),
    Column("ends_on", String(10)),  # the last day it holds, in its zone; none: for ever
    Column("zone", String(40), nullable=False),
    Column("price_usd", Usd, nullable=False),
    Column("certificate", String(200), nullable=False),
    Column("proof_asset_id", String(40)),  # a document in the library; its hash stays when it is purged
    Column("proof_sha256", String(64)),
    Column("proof_name", String(200), nullable=False),
    Column("job_id", String(60)),  # the purchase it came from
    Column("state", String(10), nullable=False),
    Column("state_why", String(300), nullable=False),
    Column("changed_by_event", String(100), nullable=False),
    Column("event_at", Utc),  # the vendor's own time of its last change, so that older news is passed over
    Column("user_id", String(60), nullable=False),
    Column("organisation_id", String(60), nullable=False),
    Column("visibility", String(20), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    Index("ix_track_licences_track", "provider", "track_id"),
    Index("ix_track_licences_user", "user_id", "ends_on"),
    Index("ix_track_licences_ends_on", "ends_on"),
)

events = Table(
    "licence_events",
    metadata,
    Column("provider", String(40), primary_key=True),
    Column("event_id", String(100), primary_key=True),
    Column("happened_at", Utc, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("what", String(40), nullable=False),
    Column("outcome", String(200), nullable=False),
)


@dataclass(frozen=True)
class TrackLicence:
    id: str
    provider: str
    track_id: str
    title: str
    artist: str
    kind: str
    licensee_kind: str
    licensee: str
    projects: list[str]
    platforms: list[str]
    territories: list[str]
    media: list[str]
    channels: list[str]
    audience_max: int | None
    commercial: bool
    derivatives: bool
    single_use: bool
    keeps_published: bool
    code: str
    attribution: str
    conditions: list[str]
    starts_on: str
    ends_on: str | None
    zone: str
    price_usd: Decimal
    certificate: str
    proof_asset_id: str | None
    proof_sha256: str | None
    proof_name: str
    job_id: str | None
    state: str
    state_why: str
    changed_by_event: str
    event_at: datetime | None
    user_id: str
    organisation_id: str
    visibility: str
    created_at: datetime
    updated_at: datetime


def visible(actor: Actor) -> ColumnElement[bool]:
    """One's own, those of one's teams, and those shared with them."""
    team = and_(table.c.licensee_kind == TEAM, table.c.licensee.in_(actor.teams))
    return reach.visible(actor, table, NOUN, team)


def owned(actor: Actor) -> ColumnElement[bool]:
    return reach.owned(actor, table)


def held_by(user_id: str) -> ColumnElement[bool]:
    """What a piece of this user may rest on: their own licences, and those of teams they are in today."""
    their_teams = select(teams.members.c.team_id).where(teams.members.c.user_id == user_id)
    mine = and_(table.c.licensee_kind != TEAM, table.c.user_id == user_id)
    return or_(mine, and_(table.c.licensee_kind == TEAM, table.c.licensee.in_(their_teams)))


def add(connection: Connection, actor: Actor, values: Mapping[str, Any]) -> str:
    moment = now()
    licence_id = new_id("licence")
    row = {
        "id": licence_id, "user_id": actor.user_id, "organisation_id": actor.organisation_id, "visibility": "private",
        "created_at": moment, "updated_at": moment, "state": ACTIVE, "state_why": "", "changed_by_event": "",
        "proof_name": "", "certificate": "", "code": "", "attribution": "", "zone": "UTC",
    } | dict(values)  # fmt: skip
    connection.execute(insert(table).values(**row))
    return licence_id


def get(connection: Connection, actor: Actor, licence_id: str) -> TrackLicence:
    row = connection.execute(select(table).where(table.c.id == licence_id, visible(actor))).mappings().first()
    if row is None:
        raise NotFound(f"There is no licence {licence_id!r}.", "List them with: studio licences list")
    return TrackLicence(**row)


def find(connection: Connection, licence_id: str) -> TrackLicence | None:
    row = connection.execute(select(table).where(table.c.id == licence_id)).mappings().first()
    return None if row is None else TrackLicence(**row)


def by_job(connection: Connection, job_id: str) -> TrackLicence | None:
    row = connection.execute(select(table).where(table.c.job_id == job_id)).mappings().first()
    return None if row is None else TrackLicence(**row)


def listed(
    connection: Connection,
    actor: Actor,
    *,
    provider: str = "",
    track_id: str = "",
    ends_by: str = "",
    limit: int = 200,
    offset: int = 0,
) -> list[TrackLicence]:
    """Those that end first come first; those that never do last."""
    wanted = [visible(actor)]
    if provider:
        wanted.append(table.c.provider == provider)
    if track_id:
        wanted.append(table.c.track_id == track_id)
    if ends_by:
        wanted.append(and_(table.c.ends_on.is_not(None), table.c.ends_on <= ends_by))
    order = (table.c.ends_on.is_(None), table.c.ends_on, table.c.created_at, table.c.id)
    rows = connection.execute(select(table).where(*wanted).order_by(*order).limit(limit).offset(offset)).mappings()
    return [TrackLicence(**row) for row in rows]


def revoked(connection: Connection, actor: Actor) -> list[TrackLicence]:
    rows = connection.execute(
        select(table).where(table.c.state == REVOKED, visible(actor)).order_by(table.c.updated_at.desc(), table.c.id)
    ).mappings()
    return [TrackLicence(**row) for row in rows]


def holding(
    connection: Connection, user_id: str, tracks: Collection[tuple[str, str]]
) -> dict[tuple[str, str], list[TrackLicence]]:
    """Licences a piece of this user may rest on for each (provider, track), newest first; whether they cover a use,
    core.rights says."""
    found: list[TrackLicence] = []
    for provider in sorted({provider for provider, _ in tracks}):
        ids = [ANY_TRACK, *sorted({track_id for one, track_id in tracks if one == provider})]
        for first in range(0, len(ids), 400):
            rows = connection.execute(
                select(table)
                .where(held_by(user_id), table.c.provider == provider, table.c.track_id.in_(ids[first : first + 400]))
                .order_by(table.c.created_at.desc(), table.c.id)
            ).mappings()
            found += [TrackLicence(**row) for row in rows]
    by_track: dict[tuple[str, str], list[TrackLicence]] = {}
    for each in found:
        by_track.setdefault((each.provider, each.track_id), []).append(each)
    return {
        (provider, track_id): by_track.get((provider, track_id), []) + by_track.get((provider, ANY_TRACK), [])
        for provider, track_id in tracks
    }


def of_provider(connection: Connection, provider: str) -> list[TrackLicence]:
    """Everybody's: for news from the vendor."""
    rows = connection.execute(select(table).where(table.c.provider == provider)).mappings()
    return [TrackLicence(**row) for row in rows]


def ended(connection: Connection, on: str, since: str) -> list[TrackLicence]:
    """Everybody's active licences whose last day was before `on` and not before `since`."""
    rows = connection.execute(
        select(table).where(table.c.state == ACTIVE, table.c.ends_on < on, table.c.ends_on >= since)
    ).mappings()
    return [TrackLicence(**row) for row in rows]


def change(connection: Connection, licence_id: str, **values: Any) -> None:
    """By the studio itself; doors go through edit()."""
    connection.execute(update(table).where(table.c.id == licence_id).values(**values, updated_at=now()))


def edit(connection: Connection, actor: Actor, licence_id: str, **values: Any) -> None:
    done = connection.execute(
        update(table).where(table.c.id == licence_id, owned(actor)).values(**values, updated_at=now())
    )
    if done.rowcount == 0:
        get(connection, actor, licence_id)
        raise AccessError("Only its owner may change this licence.", "Ask the owner.")


def remove(connection: Connection, actor: Actor, licence_id: str) -> None:
    done = connection.execute(delete(table).where(table.c.id == licence_id, owned(actor)))
    if done.rowcount == 0:
        get(connection, actor, licence_id)
        raise AccessError("Only its owner may delete this licence.", "Ask the owner.")


def heard(connection: Connection, provider: str, event_id: str, happened_at: datetime, what: str, outcome: str) -> bool:
    """Whether this news is new; it is known from now on. Call inside `exclusive("licence events")`."""
    seen = connection.execute(
        select(events.c.event_id).where(events.c.provider == provider, events.c.event_id == event_id)
    ).first()
    if seen is not None:
        return False
    connection.execute(
        insert(events).values(provider=provider, event_id=event_id, happened_at=happened_at, received_at=now(),
                              what=what, outcome=outcome)
    )  # fmt: skip
    return True
