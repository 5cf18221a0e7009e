"""The audit trail: sign-ins, shares, purchases, deletions. Rows are only ever added."""

from __future__ import annotations

from sqlalchemy import JSON, Column, String, Table

from core.store.db import Utc, metadata

table = Table(
    "audit",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("user_id", String(60), nullable=False, index=True),
    Column("action", String(40), nullable=False),
    Column("noun", String(20), nullable=False),
    Column("subject_id", String(60), nullable=False),
    Column("detail", JSON, nullable=False),
    Column("address", String(80), nullable=False),
    Column("created_at", Utc, nullable=False, index=True),
)
