"""Secrets that a user typed in: provider keys, webhook secrets. At rest only as ciphertext."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from core.store.db import Utc, metadata

table = Table(
    "secrets",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("ciphertext", String(4000), nullable=False),
    Column("updated_at", Utc, nullable=False),
)
