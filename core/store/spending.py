"""What the ledger says by day, engine, user, template or model: exact to the nano-dollar, and of this moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from sqlalchemy import ColumnElement, String, case, cast, func, select
from sqlalchemy.engine import Connection

from core.store import template_uses
from core.store.charges import RELEASED, SETTLED, table

By = Literal["day", "provider", "user", "template", "model"]
_COLUMNS: dict[str, ColumnElement[str]] = {
    "day": cast(table.c.day, String),
    "provider": table.c.provider,
    "user": table.c.user_id,
    "template": func.coalesce(template_uses.table.c.template_id, ""),
    "model": table.c.model,
}


@dataclass(frozen=True)
class Spent:
    group: str
    """A day as YYYY-MM-DD, a name or an id; "" for work without a template."""
    count: int
    """Charges settled or reserved; a refund is none."""
    usd: Decimal


def grouped(
    connection: Connection, by: By, *, first_day: date, last_day: date, user_id: str | None = None,
    kinds: Sequence[str] = (), provider: str = "",
) -> list[Spent]:  # fmt: skip
    """The same charges as charges.summary, cut otherwise; `user_id` None: everybody's. Ordered by group."""
    where = [table.c.day >= first_day, table.c.day <= last_day, table.c.status != RELEASED]
    if user_id is not None:
        where.append(table.c.user_id == user_id)
    if kinds:
        where.append(table.c.kind.in_(kinds))
    if provider:
        where.append(table.c.provider == provider)
    of = _COLUMNS[by].label("of")
    found = select(
        of, func.sum(case((table.c.refund_of.is_(None), 1), else_=0)),
        func.sum(case((table.c.status == SETTLED, table.c.settled_usd), else_=Decimal(0))),
    ).select_from(table)  # fmt: skip
    if by == "template":
        found = found.outerjoin(template_uses.table, template_uses.table.c.job_id == table.c.job_id)
    rows = connection.execute(found.where(*where).group_by(of).order_by(of))
    return [Spent(str(group), int(count), Decimal(usd)) for group, count, usd in rows]
