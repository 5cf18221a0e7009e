"""Charges: the ledger. Everything made is a row, at $0 too; nothing is ever deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Date,
    Index,
    Select,
    String,
    Table,
    and_,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Connection

from core.kit.clock import now
from core.store import attempts
from core.store.db import Usd, Utc, metadata

RESERVED, SETTLED, RELEASED = "reserved", "settled", "released"

table = Table(
    "charges",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("attempt_id", String(60), nullable=False, unique=True),
    Column("job_id", String(60), nullable=False, index=True),
    Column("root_job_id", String(60), nullable=False, index=True),
    Column("user_id", String(60), nullable=False),
    Column("organisation_id", String(60), nullable=False),
    Column("provider", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("model", String(80), nullable=False),
    Column("units", JSON, nullable=False),
    Column("plan_units", JSON(none_as_null=True)),  # what of it a monthly plan paid for, in the plan's own unit
    Column("plan", String(60)),
    Column("plan_used", Usd),  # the same quantity as a number that SQL can add up exactly; nothing to do with dollars
    Column("refund_of", String(60), index=True),  # the attempt whose bill this row gives back, in negative dollars
    Column("status", String(10), nullable=False),
    Column("reserved_usd", Usd, nullable=False),
    Column("settled_usd", Usd, nullable=False),
    Column("price", JSON, nullable=False),
    Column("day", Date, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False, index=True),
    Index("ix_charges_day_user", "day", "user_id"),
    Index("ix_charges_provider_status_day", "provider", "status", "day"),
    # What a search of the history sums up, from the index alone.
    Index("ix_charges_root_settled", "root_job_id", "status", "settled_usd"),
    Index("ix_charges_job_settled", "job_id", "status", "settled_usd", "root_job_id"),
)

# What a row holds of a cap: the reservation while it is open, the bill once it is settled, nothing when released.
_held = case(
    (table.c.status == RESERVED, table.c.reserved_usd),
    (table.c.status == SETTLED, table.c.settled_usd),
    else_=Decimal(0),
)


@dataclass(frozen=True)
class Charge:
    id: str
    attempt_id: str
    job_id: str
    root_job_id: str
    user_id: str
    organisation_id: str
    provider: str
    kind: str
    model: str
    units: dict[str, str]
    plan_units: dict[str, str] | None
    plan: str | None
    plan_used: Decimal | None
    refund_of: str | None
    status: str
    reserved_usd: Decimal
    settled_usd: Decimal
    price: dict[str, Any]
    day: date
    created_at: datetime
    updated_at: datetime


def add(connection: Connection, row: Mapping[str, Any]) -> None:
    connection.execute(insert(table).values(**row, updated_at=now()))


def add_many(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    moment = now()
    connection.execute(insert(table), [{**row, "updated_at": moment} for row in rows])


def by_attempt(connection: Connection, attempt_id: str) -> Charge | None:
    row = connection.execute(select(table).where(table.c.attempt_id == attempt_id)).mappings().first()
    return None if row is None else Charge(**row)


def change(connection: Connection, charge_id: str, **values: Any) -> None:
    connection.execute(update(table).where(table.c.id == charge_id).values(**values, updated_at=now()))


def held(
    connection: Connection,
    *,
    root_job_id: str | None = None,
    user_id: str | None = None,
    provider: str | None = None,
    kind: str | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
) -> Decimal:
    """Dollars settled plus dollars reserved within a scope."""
    where: list[ColumnElement[bool]] = []
    if root_job_id is not None:
        where.append(table.c.root_job_id == root_job_id)
    if user_id is not None:
        where.append(table.c.user_id == user_id)
    if provider is not None:
        where.append(table.c.provider == provider)
    if kind is not None:
        where.append(table.c.kind == kind)
    if first_day is not None:
        where.append(table.c.day >= first_day)
    if last_day is not None:
        where.append(table.c.day <= last_day)
    total = connection.execute(select(func.coalesce(func.sum(_held), 0)).where(*where)).scalar_one()
    return Decimal(total)


def held_under(connection: Connection, root_job_ids: Select[Any]) -> dict[str, Decimal]:
    """As held(), by root job, of all that a query of ids names."""
    rows = select(table.c.root_job_id, func.sum(_held)).where(table.c.root_job_id.in_(root_job_ids))
    return {str(root): Decimal(total) for root, total in connection.execute(rows.group_by(table.c.root_job_id))}


_SETTLED_OF = select(func.coalesce(func.sum(table.c.settled_usd), 0)).where(table.c.job_id == bindparam("job"))


def settled_of(connection: Connection, job_id: str) -> Decimal:
    """Dollars settled for this job alone."""
    return Decimal(connection.execute(_SETTLED_OF, {"job": job_id}).scalar_one())


def settled_under(connection: Connection, root_job_id: str) -> dict[str, Decimal]:
    """Dollars settled for every job under a root, the root among them."""
    found = (
        select(table.c.job_id, func.sum(table.c.settled_usd))
        .where(table.c.root_job_id == root_job_id)
        .group_by(table.c.job_id)
    )
    return {job_id: Decimal(usd) for job_id, usd in connection.execute(found)}


def of_job(connection: Connection, job_id: str) -> list[Charge]:
    rows = connection.execute(select(table).where(table.c.job_id == job_id).order_by(table.c.created_at))
    return [Charge(**row) for row in rows.mappings()]


def summary(
    connection: Connection, *, first_day: date, last_day: date, user_id: str | None = None
) -> list[dict[str, Any]]:
    """Per provider and kind: how many charges (a refund is none), dollars settled less refunds, dollars still reserved."""
    where = [table.c.day >= first_day, table.c.day <= last_day, table.c.status != RELEASED]
    if user_id is not None:
        where.append(table.c.user_id == user_id)
    rows = connection.execute(
        select(table.c.provider, table.c.kind,
               func.sum(case((table.c.refund_of.is_(None), 1), else_=0)).label("count"),
               func.sum(case((table.c.status == SETTLED, table.c.settled_usd), else_=Decimal(0))).label("settled"),
               func.sum(case((table.c.status == RESERVED, table.c.reserved_usd), else_=Decimal(0))).label("reserved"))
        .where(*where).group_by(table.c.provider, table.c.kind).order_by(table.c.provider, table.c.kind)
    )  # fmt: skip
    return [
        {
            "provider": row["provider"],
            "kind": row["kind"],
            "count": int(row["count"]),
            "settled_usd": Decimal(row["settled"]),
            "reserved_usd": Decimal(row["reserved"]),
        }
        for row in rows.mappings()
    ]


def refunded(connection: Connection, attempt_id: str) -> Decimal:
    """Dollars already given back of one attempt's bill, as a positive amount."""
    total = select(func.coalesce(func.sum(table.c.settled_usd), 0)).where(table.c.refund_of == attempt_id)
    return -Decimal(connection.execute(total).scalar_one())


def plan_used(connection: Connection, provider: str, plan: str, *, first_day: date, last_day: date) -> Decimal:
    """Units of a plan that open and settled charges of these days take from its allowance."""
    total = select(func.coalesce(func.sum(table.c.plan_used), 0)).where(
        table.c.provider == provider,
        table.c.status.in_((RESERVED, SETTLED)),
        table.c.day >= first_day,
        table.c.day <= last_day,
        table.c.plan == plan,
    )
    return Decimal(connection.execute(total).scalar_one())


def open_of(connection: Connection, provider: str) -> list[Charge]:
    """Reservations of a provider that nobody has settled or released yet."""
    rows = connection.execute(select(table).where(table.c.provider == provider, table.c.status == RESERVED))
    return [Charge(**row) for row in rows.mappings()]


@dataclass(frozen=True)
class Unresolved:
    """A call without a job whose outcome nobody knows; `usd` stays held until a person decides."""

    attempt_id: str
    provider: str
    kind: str
    user_id: str
    usd: Decimal
    why: str
    created_at: datetime


def unresolved(
    connection: Connection, *, no_job: int, silent_since: datetime, user_id: str | None = None
) -> list[Unresolved]:
    """Open reservations of calls that belong to no job: ended without an answer, or silent for so long that the process
    which made them must be gone."""
    made = attempts.table
    lost = and_(made.c.status.in_(attempts.OPEN), made.c.updated_at < silent_since)
    where: list[ColumnElement[bool]] = [
        table.c.status == RESERVED,
        made.c.epoch == no_job,
        or_(made.c.status == attempts.UNKNOWN, lost),
    ]
    if user_id is not None:
        where.append(table.c.user_id == user_id)
    rows = connection.execute(
        select(table.c.attempt_id, table.c.provider, table.c.kind, table.c.user_id, table.c.reserved_usd.label("usd"),
               made.c.error, table.c.created_at)
        .join(made, made.c.id == table.c.attempt_id).where(*where).order_by(table.c.created_at)
    )  # fmt: skip
    lost_words = "the studio stopped while the request was under way"
    return [
        Unresolved(**{name: value for name, value in row.items() if name != "error"},
                   why=str((row["error"] or {}).get("message") or lost_words))
        for row in rows.mappings()
    ]  # fmt: skip
