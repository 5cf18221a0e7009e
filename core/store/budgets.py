"""Caps that a person set, and the alerts that went off. Defaults come from Settings when a cap has no row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Column, String, Table, UniqueConstraint, delete, insert, select, update
from sqlalchemy.engine import Connection

from core.kit.clock import new_id, now
from core.store import events
from core.store.db import Usd, Utc, metadata

table = Table(
    "budgets",
    metadata,
    Column("scope", String(20), primary_key=True),
    Column("limit_usd", Usd, nullable=False),
    Column("alert_percents", JSON, nullable=False),
    Column("updated_at", Utc, nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("subject", String(120), nullable=False),
    Column("user_id", String(60), nullable=False, server_default=""),  # whom it is for; empty: who runs the studio
    Column("message", String(400), nullable=False),
    Column("seen_at", Utc),
    Column("created_at", Utc, nullable=False),
    UniqueConstraint("subject"),
)

blocked = Table(
    "blocked_providers",
    metadata,
    Column("provider", String(40), primary_key=True),
    Column("reason", String(400), nullable=False),
    Column("created_at", Utc, nullable=False),
)


@dataclass(frozen=True)
class Alert:
    id: str
    subject: str
    user_id: str
    message: str
    seen_at: datetime | None
    created_at: datetime


def limits(connection: Connection) -> dict[str, tuple[Decimal, list[int]]]:
    rows = connection.execute(select(table))
    return {row.scope: (row.limit_usd, list(row.alert_percents)) for row in rows}


def set_limit(connection: Connection, scope: str, limit_usd: Decimal, alert_percents: list[int]) -> None:
    values: dict[str, Any] = {"limit_usd": limit_usd, "alert_percents": alert_percents, "updated_at": now()}
    if connection.execute(update(table).where(table.c.scope == scope).values(**values)).rowcount == 0:
        connection.execute(insert(table).values(scope=scope, **values))


def raise_alert(connection: Connection, subject: str, message: str, user_id: str = "") -> bool:
    """Record an alert once per subject (such as 'day:2026-11-21:75'); answers whether it is new."""
    if connection.execute(select(alerts.c.id).where(alerts.c.subject == subject)).first() is not None:
        return False
    row = {"id": new_id("alert"), "subject": subject, "user_id": user_id, "message": message[:400]}
    connection.execute(insert(alerts).values(**row, created_at=now()))
    events.alert_raised(connection, subject, message, user_id)
    return True


def open_alerts(connection: Connection, user_id: str | None = None) -> list[Alert]:
    """Not yet seen, newest first; with a user only what is meant for him."""
    where = [alerts.c.seen_at.is_(None)] + ([alerts.c.user_id == user_id] if user_id is not None else [])
    rows = connection.execute(select(alerts).where(*where).order_by(alerts.c.created_at.desc()))
    return [Alert(**row) for row in rows.mappings()]


def dismiss(connection: Connection, alert_id: str, user_id: str | None = None) -> bool:
    where = [alerts.c.id == alert_id] + ([alerts.c.user_id == user_id] if user_id is not None else [])
    return connection.execute(update(alerts).where(*where).values(seen_at=now())).rowcount == 1


def block(connection: Connection, provider: str, reason: str) -> None:
    unblock(connection, provider)
    connection.execute(insert(blocked).values(provider=provider, reason=reason, created_at=now()))


def unblock(connection: Connection, provider: str) -> None:
    connection.execute(delete(blocked).where(blocked.c.provider == provider))


def blocks(connection: Connection) -> dict[str, str]:
    return {row.provider: row.reason for row in connection.execute(select(blocked))}
