"""Webhooks: who wants to be told of what, and what was delivered. Deliveries outlive a crash: they are rows first."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, String, Table, UniqueConstraint

from core.store.db import Utc, metadata

table = Table(
    "webhooks",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("user_id", String(60), nullable=False, index=True),
    Column("url", String(2000), nullable=False),
    Column("events", JSON, nullable=False),
    Column("secret", String(400), nullable=False),  # encrypted (store.secrets): needed in clear to sign
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
