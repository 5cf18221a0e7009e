"""Webhooks: who wants to be told of what, and what was delivered. Deliveries outlive a crash: they are rows first.

A row is written in the same transaction in which its event happens (store.jobs.change, store.budgets.raise_alert call
note_*), so no crash can come between the two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    UniqueConstraint,
    delete,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from core.kit.actor import LOCAL, Actor
from core.kit.clock import new_id, now
from core.kit.errors import NotFound
from core.store import users
from core.store.db import Utc, metadata

table = Table(
    "webhooks",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("user_id", String(60), nullable=False, index=True),
    Column("url", String(2000), nullable=False),
    Column("events", JSON, nullable=False),
    Column("secret", String(400), nullable=False),  # encrypted (kit.cipher): needed in clear to sign
    Column("active", Boolean, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
)

deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("webhook_id", ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
    Column("event", String(40), nullable=False),
    Column("subject_id", String(120), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("status", String(10), nullable=False, index=True),  # waiting, delivered, failed
    Column("tries", Integer, nullable=False),
    Column("next_at", Utc, nullable=False),
    Column("answer", String(400), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    UniqueConstraint("webhook_id", "event", "subject_id"),  # one event is told once
)

WAITING, DELIVERED, FAILED = "waiting", "delivered", "failed"
EVENTS = (
    "job.done", "job.failed", "job.cancelled", "job.unknown", "scenes_processed", "alert", "licence.expiring",
    "licence.ended", "licence.changed",
)  # fmt: skip
TEST = "test"


@dataclass(frozen=True)
class Webhook:
    id: str
    user_id: str
    url: str
    events: list[str]
    secret: str
    active: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Delivery:
    id: str
    webhook_id: str
    event: str
    subject_id: str
    payload: dict[str, Any]
    status: str
    tries: int
    next_at: datetime
    answer: str
    created_at: datetime
    updated_at: datetime


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    connection.execute(insert(table).values(**row, created_at=now(), updated_at=now()))


def get(connection: Connection, actor: Actor, webhook_id: str) -> Webhook:
    mine = true() if actor.is_admin else table.c.user_id == actor.user_id
    row = connection.execute(select(table).where(table.c.id == webhook_id, mine)).mappings().first()
    if row is None:
        raise NotFound(f"There is no webhook {webhook_id[:80]!r}.", "List them with: studio webhooks list")
    return Webhook(**row)


def listing(connection: Connection, actor: Actor) -> list[Webhook]:
    mine = true() if actor.is_admin else table.c.user_id == actor.user_id
    rows = connection.execute(select(table).where(mine).order_by(table.c.created_at, table.c.id))
    return [Webhook(**row) for row in rows.mappings()]


def find(connection: Connection, webhook_id: str) -> Webhook | None:
    row = connection.execute(select(table).where(table.c.id == webhook_id)).mappings().first()
    return None if row is None else Webhook(**row)


def remove(connection: Connection, webhook_id: str) -> None:
    connection.execute(delete(deliveries).where(deliveries.c.webhook_id == webhook_id))
    connection.execute(delete(table).where(table.c.id == webhook_id))


def switch_off(connection: Connection, webhook_id: str) -> None:
    connection.execute(update(table).where(table.c.id == webhook_id).values(active=False, updated_at=now()))


_ANY = select(table.c.id).where(table.c.active.is_(True)).limit(1)  # asked at the end of every job


def anybody(connection: Connection) -> bool:
    return connection.execute(_ANY).first() is not None


def note(connection: Connection, user_id: str, event: str, subject_id: str, data: Mapping[str, Any]) -> int:
    """Write a delivery for every webhook that wants this: the user's own, and those of administrators, who are told of
    everything. Answers how many are new. Call in the transaction of the event itself."""
    everyone = select(users.table.c.id).where(users.table.c.is_admin.is_(True), users.table.c.active.is_(True))
    wanted = select(table.c.id, table.c.events).where(
        table.c.active.is_(True),
        or_(table.c.user_id == user_id, table.c.user_id == LOCAL.user_id, table.c.user_id.in_(everyone)),
    )
    told = 0
    for row in connection.execute(wanted).all():
        if event in row.events:
            told += put(connection, row.id, event, subject_id, data) is not None
    return told


def put(connection: Connection, webhook_id: str, event: str, subject_id: str, data: Mapping[str, Any]) -> str | None:
    """One waiting delivery; None when this event was already noted for this webhook."""
    moment = now()
    values = {
        "id": new_id("msg"), "webhook_id": webhook_id, "event": event, "subject_id": subject_id,
        "payload": {"type": event, "timestamp": moment.isoformat(), "data": dict(data)}, "status": WAITING, "tries": 0,
        "next_at": moment, "answer": "", "created_at": moment, "updated_at": moment,
    }  # fmt: skip
    upsert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    once = upsert(deliveries).values(**values).on_conflict_do_nothing().returning(deliveries.c.id)
    return connection.execute(once).scalar_one_or_none()


def due(connection: Connection, limit: int) -> list[Delivery]:
    rows = connection.execute(
        select(deliveries)
        .where(deliveries.c.status == WAITING, deliveries.c.next_at <= now())
        .order_by(deliveries.c.next_at, deliveries.c.id)
        .limit(limit)
    )
    return [Delivery(**row) for row in rows.mappings()]


def take(connection: Connection, limit: int, lease: timedelta) -> list[Delivery]:
    """Claim what is due; whoever claimed it and died gives it back by the passing of time. Call exclusively."""
    taken = due(connection, limit)
    for each in taken:
        change(connection, each.id, tries=each.tries + 1, next_at=now() + lease)
    return taken


def change(connection: Connection, delivery_id: str, **values: Any) -> None:
    connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(**values, updated_at=now()))


def delivery(connection: Connection, delivery_id: str) -> Delivery | None:
    row = connection.execute(select(deliveries).where(deliveries.c.id == delivery_id)).mappings().first()
    return None if row is None else Delivery(**row)


def history(connection: Connection, webhook_id: str, limit: int = 100) -> list[Delivery]:
    """Newest first."""
    rows = connection.execute(
        select(deliveries)
        .where(deliveries.c.webhook_id == webhook_id)
        .order_by(deliveries.c.created_at.desc(), deliveries.c.id.desc())
        .limit(limit)
    )
    return [Delivery(**row) for row in rows.mappings()]
