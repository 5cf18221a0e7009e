"""What the user pays by the month: plans at providers, costs that are there whether used or not, and alerts of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Date,
    Integer,
    String,
    Table,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Connection

from core.kit.clock import new_id, now
from core.store import assets, jobs
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
    Column("everyone", Boolean, nullable=False),  # watches what all users spend together, not only its owner
    Column("created_at", Utc, nullable=False),
)


@dataclass(frozen=True)
class PlanChoice:
    id: str
    provider: str
    plan: str
    first_day: date
    last_day: date | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class FixedCost:
    id: str
    name: str
    provider: str
    usd_per_month: Decimal
    first_day: date
    last_day: date | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class AlertRule:
    id: str
    user_id: str
    period: str
    provider: str
    kind: str
    limit_usd: Decimal | None
    percent: int | None
    everyone: bool
    created_at: datetime


def _on(table: Table, first_day: date, last_day: date) -> ColumnElement[bool]:
    return and_(table.c.first_day <= last_day, or_(table.c.last_day.is_(None), table.c.last_day >= first_day))


def choices(connection: Connection, first_day: date, last_day: date, provider: str | None = None) -> list[PlanChoice]:
    """Plans held on any of these days, oldest first."""
    where = [_on(chosen, first_day, last_day)] + ([chosen.c.provider == provider] if provider is not None else [])
    rows = connection.execute(select(chosen).where(*where).order_by(chosen.c.first_day, chosen.c.created_at))
    return [PlanChoice(**row) for row in rows.mappings()]


def end_choice(connection: Connection, provider: str, from_day: date) -> bool:
    """The plan held on or after a day ends the day before; one that began on that day leaves no trace."""
    gone = delete(chosen).where(chosen.c.provider == provider, chosen.c.first_day >= from_day)
    deleted = connection.execute(gone).rowcount
    ended = update(chosen).where(
        chosen.c.provider == provider, or_(chosen.c.last_day.is_(None), chosen.c.last_day >= from_day)
    )
    values = {"last_day": from_day - timedelta(days=1), "updated_at": now()}
    return connection.execute(ended.values(**values)).rowcount + deleted > 0


def choose(connection: Connection, provider: str, plan: str, first_day: date) -> None:
    end_choice(connection, provider, first_day)
    row = {"id": new_id("choice"), "provider": provider, "plan": plan, "first_day": first_day}
    connection.execute(insert(chosen).values(**row, created_at=now(), updated_at=now()))


def add_fixed_cost(connection: Connection, row: Mapping[str, Any]) -> str:
    cost_id = new_id("fixed")
    connection.execute(insert(fixed_costs).values(id=cost_id, **row, created_at=now(), updated_at=now()))
    return cost_id


def all_fixed_costs(connection: Connection, first_day: date = date.min, last_day: date = date.max) -> list[FixedCost]:
    rows = connection.execute(
        select(fixed_costs).where(_on(fixed_costs, first_day, last_day)).order_by(fixed_costs.c.first_day)
    )
    return [FixedCost(**row) for row in rows.mappings()]


def end_fixed_cost(connection: Connection, cost_id: str, last_day: date) -> bool:
    done = update(fixed_costs).where(fixed_costs.c.id == cost_id, fixed_costs.c.first_day <= last_day)
    return connection.execute(done.values(last_day=last_day, updated_at=now())).rowcount == 1


def delete_fixed_cost(connection: Connection, cost_id: str) -> bool:
    return connection.execute(delete(fixed_costs).where(fixed_costs.c.id == cost_id)).rowcount == 1


def kept_assets(connection: Connection, since: datetime, until: datetime) -> dict[str, int]:
    """Pieces made or brought in within a time and still there, by the provider of their job ("" without one). Stems and
    captions are part of their piece; drafts and binned pieces do not carry any cost."""
    piece = or_(assets.table.c.role == "primary", assets.table.c.role.like("variant:%"))
    rows = connection.execute(
        select(jobs.table.c.provider, func.count())
        .select_from(assets.table.outerjoin(jobs.table, jobs.table.c.id == assets.table.c.job_id))
        .where(piece, assets.table.c.draft.is_(False), assets.table.c.deleted_at.is_(None),
               assets.table.c.created_at >= since, assets.table.c.created_at < until)
        .group_by(jobs.table.c.provider)
    )  # fmt: skip
    found: dict[str, int] = {}
    for provider, count in rows:
        found[provider or ""] = found.get(provider or "", 0) + int(count)
    return found


def add_rule(connection: Connection, row: Mapping[str, Any]) -> str:
    rule_id = new_id("rule")
    connection.execute(insert(alert_rules).values(id=rule_id, **row, created_at=now()))
    return rule_id


def rules(connection: Connection, user_id: str | None = None) -> list[AlertRule]:
    where = [alert_rules.c.user_id == user_id] if user_id is not None else []
    rows = connection.execute(select(alert_rules).where(*where).order_by(alert_rules.c.created_at))
    return [AlertRule(**row) for row in rows.mappings()]


def delete_rule(connection: Connection, rule_id: str, user_id: str | None = None) -> bool:
    where = [alert_rules.c.id == rule_id] + ([alert_rules.c.user_id == user_id] if user_id is not None else [])
    return connection.execute(delete(alert_rules).where(*where)).rowcount == 1


def generations(
    connection: Connection, user_id: str, since: datetime, until: datetime, uncounted: tuple[str, ...]
) -> int:
    """Jobs of a user that make something, submitted within a time; those that ended without a product do not count,
    nor do flows, whose children count each."""
    table = jobs.table
    counted = select(func.count()).select_from(table).where(
        table.c.user_id == user_id, table.c.created_at >= since, table.c.created_at < until,
        table.c.resource != "flow", table.c.kind.not_in(uncounted), table.c.status.not_in((jobs.FAILED, jobs.CANCELLED)),
    )  # fmt: skip
    return int(connection.execute(counted).scalar_one())


def fates(connection: Connection, job_ids: list[str]) -> dict[str, str]:
    """Status by id of those jobs that there are."""
    rows = connection.execute(select(jobs.table.c.id, jobs.table.c.status).where(jobs.table.c.id.in_(job_ids)))
    return {str(job_id): str(status) for job_id, status in rows}
