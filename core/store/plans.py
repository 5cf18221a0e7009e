"""What the user pays by the month: plans at providers, costs that are there whether used or not, and alerts of their own."""

from __future__ import annotations

from sqlalchemy import Column, Date, Integer, String, Table

from core.store.db import Usd, Utc, metadata

chosen = Table(
    "plan_choices",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("provider", String(40), nullable=False, index=True),
    Column("plan", String(60), nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
)

fixed_costs = Table(
    "fixed_costs",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("provider", String(40), nullable=False),  # whose work it carries; empty: everybody's
    Column("usd_per_month", Usd, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
)

alert_rules = Table(
    "alert_rules",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("user_id", String(60), nullable=False, index=True),
    Column("period", String(10), nullable=False),  # day, month
    Column("provider", String(40), nullable=False),  # empty: every provider
    Column("kind", String(20), nullable=False),  # empty: every kind
    Column("limit_usd", Usd),  # one of the two
    Column("percent", Integer),  # of the period's cap
    Column("created_at", Utc, nullable=False),
)
