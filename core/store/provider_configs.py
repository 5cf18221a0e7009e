"""How often a provider may be asked and how long its answers are good for, where an administrator said so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, String, Table, delete, insert, select
from sqlalchemy.engine import Connection

from core.kit.clock import now
from core.store.db import Utc, metadata

table = Table(
    "provider_configs",
    metadata,
    Column("provider", String(40), primary_key=True),
    Column("rate_limit", JSON, nullable=False),  # {"requestsPerMinute": 60, …}; null: no limit; not there: the default
    Column("cache_ttl", JSON, nullable=False),  # {"search": 3600, …} in seconds; 0: not kept; not there: the default
    Column("updated_by", String(60), nullable=False),
    Column("updated_at", Utc, nullable=False),
)


@dataclass(frozen=True)
class ProviderConfig:
    provider: str
    rate_limit: dict[str, int | None]
    cache_ttl: dict[str, float]
    updated_by: str
    updated_at: datetime


def find(connection: Connection, provider: str) -> ProviderConfig | None:
    row = connection.execute(select(table).where(table.c.provider == provider)).mappings().first()
    return None if row is None else ProviderConfig(**row)


def put(
    connection: Connection, provider: str, rate_limit: dict[str, Any], cache_ttl: dict[str, Any], user_id: str
) -> None:
    """Call inside an exclusive transaction on "provider_configs"."""
    connection.execute(delete(table).where(table.c.provider == provider))
    if rate_limit or cache_ttl:
        connection.execute(
            insert(table).values(
                provider=provider, rate_limit=rate_limit, cache_ttl=cache_ttl, updated_by=user_id, updated_at=now()
            )
        )
