"""Users: who may come in, what shows that it is them, and the sessions and tokens they hold. Only hashes are stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, Column, ForeignKey, Index, String, Table

from core.store.db import Utc, metadata

table = Table(
    "users",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
    Column("password_hash", String(200), nullable=False),
    Column("tier", String(20), nullable=False),
    Column("is_admin", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    Column("seen_at", Utc),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("agent", String(200), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("seen_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False, index=True),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String(80), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("start", String(16), nullable=False),  # the first characters, by which its owner knows it again
    Column("created_at", Utc, nullable=False),
    Column("used_at", Utc),
    Column("expires_at", Utc),
    Column("revoked_at", Utc),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("address", String(80), nullable=False),
    Column("succeeded", Boolean, nullable=False),
    Column("created_at", Utc, nullable=False),
    Index("ix_sign_ins_name_created_at", "name", "created_at"),
    Index("ix_sign_ins_address_created_at", "address", "created_at"),
)


@dataclass(frozen=True)
class User:
    id: str
    name: str
    password_hash: str
    tier: str
    is_admin: bool
    active: bool
    created_at: datetime
    updated_at: datetime
    seen_at: datetime | None
