"""Voices somebody had made from recordings: the record, its files, and what a purge leaves of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    Integer,
    String,
    Table,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.kit.clock import new_id, now
from core.kit.errors import NotFound
from core.store import blobs, reach
from core.store.db import Utc, metadata

PENDING, TRAINING, TRAINED, FAILED = "pending", "training", "trained", "failed"
STATUSES = (PENDING, TRAINING, TRAINED, FAILED)
SOURCE_ROLE = "speaker"
"""Role in a lineage: the source is a voice of this table, not an asset."""

table = Table(
    "voices",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("description", String(2000), nullable=False),
    Column("language", String(20), nullable=False),
    Column("status", String(20), nullable=False, index=True),
    Column("active", Boolean, nullable=False),
    Column("consent", JSON, nullable=False),
    Column("licence", JSON, nullable=False),
    Column("characteristics", JSON, nullable=False),
    Column("quality_score", Float),
    Column("engines", JSON, nullable=False),
    Column("services", JSON, nullable=False),
    Column("engine", String(40), nullable=False),
    Column("sample_text", String(500), nullable=False),
    Column("sample_version", Integer, nullable=False),
    Column("error", JSON),
    Column("training_job_id", String(60)),
    Column("training_started_at", Utc),
    Column("training_completed_at", Utc),
    Column("usage_count", Integer, nullable=False),
    Column("last_used_at", Utc),
    Column("user_id", String(60), nullable=False, index=True),
    Column("organisation_id", String(60), nullable=False),
    Column("visibility", String(20), nullable=False),
    Column("deleted_at", Utc),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
)

files = Table(
    "voice_files",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("voice_id", ForeignKey("voices.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("role", String(40), nullable=False),  # reference, consent, profile:ENGINE
    Column("name", String(255), nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("bytes", BigInteger, nullable=False),
    Column("facts", JSON, nullable=False),
    Column("created_at", Utc, nullable=False),
)


@dataclass(frozen=True)
class VoiceRow:
    id: str
    name: str
    description: str
    language: str
    """ISO 639-1 of the recordings; "": not said."""
    status: str
    active: bool
    consent: dict[str, Any]
    """core.rights.consent.Consent.as_dict()"""
    licence: dict[str, Any]
    """What the speaker allows; it is a source of everything said with the voice."""
    characteristics: dict[str, Any]
    quality_score: float | None
    engines: dict[str, dict[str, Any]]
    """By engine: what it needs to speak with the voice, and what was measured."""
    services: list[str]
    """Every engine that was ever asked to learn it: each may hold a copy, heard of or not."""
    engine: str
    """The one that is asked first; "": the best that costs nothing."""
    sample_text: str
    sample_version: int
    """Moves whenever the sample has to be made anew."""
    error: dict[str, Any] | None
    training_job_id: str | None
    training_started_at: datetime | None
    training_completed_at: datetime | None
    usage_count: int
    last_used_at: datetime | None
    user_id: str
    organisation_id: str
    visibility: str
    deleted_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class VoiceFile:
    id: str
    voice_id: str
    role: str
    name: str
    sha256: str
    bytes: int
    facts: dict[str, Any]
    created_at: datetime


def visible(actor: Actor) -> ColumnElement[bool]:
    """One's own and what was shared with one's teams. Administrators see all; a voice is never public."""
    return reach.visible(actor, table, "voice")


def owned(actor: Actor) -> ColumnElement[bool]:
    return reach.owned(actor, table)


def add(connection: Connection, actor: Actor, **values: Any) -> str:
    voice_id = new_id("voice")
    row: dict[str, Any] = {
        "id": voice_id, "status": PENDING, "active": True, "characteristics": {}, "engines": {}, "services": [], "engine": "", "usage_count": 0,
        "sample_version": 1, "user_id": actor.user_id, "organisation_id": actor.organisation_id, "visibility": "private",
        "created_at": now(), "updated_at": now(),
    }  # fmt: skip
    connection.execute(insert(table).values(row | values))
    return voice_id


def get(
    connection: Connection, actor: Actor, voice_id: str, *, own: bool = False, hold: bool = False
) -> VoiceRow:  # fmt: skip
    """NotFound also for what was deleted. `own`: the owner (or an administrator) only. `hold`: nobody else changes it
    until this transaction ends; for whoever writes back what was read, or adds a file."""
    allowed = owned(actor) if own else visible(actor)
    found = select(table).where(table.c.id == voice_id, table.c.deleted_at.is_(None), allowed)
    found = found.with_for_update() if hold else found
    row = connection.execute(found).mappings().first()
    if row is None:
        raise NotFound(
            f"There is no voice {voice_id[:60]!r} of yours.", "List yours with: studio clone list", "no_voice"
        )
    return VoiceRow(**row)


def find(connection: Connection, voice_id: str, *, hold: bool = False) -> VoiceRow | None:
    """For a lineage: whosever it is, deleted or not. `hold`: see get()."""
    found = select(table).where(table.c.id == voice_id)
    row = connection.execute(found.with_for_update() if hold else found).mappings().first()
    return None if row is None else VoiceRow(**row)


def listing(
    connection: Connection, actor: Actor, *, status: str = "", words: str = "", active: bool | None = None
) -> list[VoiceRow]:
    found = select(table).where(table.c.deleted_at.is_(None), visible(actor))
    if status:
        found = found.where(table.c.status == status)
    if active is not None:
        found = found.where(table.c.active.is_(active))
    for word in words.lower().split():
        within = [table.c.name, table.c.description, table.c.language]
        found = found.where(or_(*(func.lower(column).contains(word, autoescape=True) for column in within)))
    rows = connection.execute(found.order_by(table.c.created_at.desc(), table.c.id)).mappings()
    return [VoiceRow(**row) for row in rows]


def in_training(connection: Connection) -> list[VoiceRow]:
    """Everybody's."""
    rows = connection.execute(select(table).where(table.c.status == TRAINING, table.c.deleted_at.is_(None))).mappings()
    return [VoiceRow(**row) for row in rows]


def at_services(connection: Connection) -> dict[tuple[str, str], str]:
    """Everybody's voices, by engine and its id of the copy there; also copies that a service did not delete."""
    rows = connection.execute(select(table.c.id, table.c.engines))
    return {
        (name, str(copy)): voice_id
        for voice_id, engines in rows
        for name, learned in engines.items()
        for copy in (learned.get("voice"), *learned.get("older", ()))
        if copy
    }


def named(connection: Connection, actor: Actor, name: str) -> VoiceRow | None:
    """Of the actor's own; upper and lower case are one."""
    mine = (table.c.user_id == actor.user_id, table.c.deleted_at.is_(None), func.lower(table.c.name) == name.lower())
    row = connection.execute(select(table).where(*mine)).mappings().first()
    return None if row is None else VoiceRow(**row)


def change(connection: Connection, voice_id: str, **changes: Any) -> None:
    connection.execute(update(table).where(table.c.id == voice_id).values(**changes, updated_at=now()))


def used(connection: Connection, voice_id: str) -> None:
    more = {"usage_count": table.c.usage_count + 1, "last_used_at": now(), "updated_at": now()}
    connection.execute(update(table).where(table.c.id == voice_id).values(more))


def put(
    connection: Connection, voice_id: str, role: str, name: str, sha256: str, size: int, facts: Mapping[str, Any]
) -> str:
    """Call under shared(BLOBS)."""
    blobs.hold(connection, sha256, size)
    file_id = new_id("vfile")
    row = {"id": file_id, "voice_id": voice_id, "role": role, "name": name, "sha256": sha256, "bytes": size}
    connection.execute(insert(files).values(**row, facts=dict(facts), created_at=now()))
    return file_id


def files_of(connection: Connection, voice_id: str, role: str = "") -> list[VoiceFile]:
    found = select(files).where(files.c.voice_id == voice_id)
    if role:
        found = found.where(files.c.role == role)
    rows = connection.execute(found.order_by(files.c.created_at, files.c.id)).mappings()
    return [VoiceFile(**row) for row in rows]


def take_out(connection: Connection, file_ids: Sequence[str]) -> list[str]:
    """Answers the hashes that nobody holds any more."""
    gone = []
    for file_id in file_ids:
        sha256 = connection.execute(select(files.c.sha256).where(files.c.id == file_id)).scalar_one_or_none()
        if sha256 is None:
            continue
        connection.execute(delete(files).where(files.c.id == file_id))
        free = blobs.let_go(connection, sha256)
        gone += [] if free is None else [free]
    return gone
