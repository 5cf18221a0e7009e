"""The audit trail: sign-ins, shares, purchases, deletions. Rows are only ever added. Purchases are read from the ledger,
which is never deleted from either: written twice, the two could disagree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, String, Table, insert, or_, select
from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.kit.clock import new_id, now
from core.store import charges
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

PURCHASE = "purchase"


@dataclass(frozen=True)
class Entry:
    id: str
    user_id: str
    action: str
    noun: str
    subject_id: str
    detail: dict[str, Any]
    address: str
    created_at: datetime


def add(
    connection: Connection, actor: Actor, action: str, noun: str, subject_id: str, *, address: str = "", **detail: Any
) -> None:
    """Inside the transaction of what it tells of: neither without the other."""
    connection.execute(
        insert(table).values(
            id=new_id("audit"), user_id=actor.user_id, action=action, noun=noun, subject_id=subject_id[:60],
            detail=detail, address=address[:80], created_at=now(),
        )
    )  # fmt: skip


def listing(
    connection: Connection,
    *,
    user_id: str | None = None,
    actions: Sequence[str] = (),
    since: datetime | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[Entry]:
    """Newest first, purchases among them. An action may be a whole one ("team.left") or a group of them ("team")."""
    last = limit + offset
    where: list[ColumnElement[bool]] = []
    if user_id is not None:
        where.append(table.c.user_id == user_id)
    if since is not None:
        where.append(table.c.created_at >= since)
    if actions:
        where.append(or_(*(or_(table.c.action == one, table.c.action.startswith(f"{one}.", autoescape=True))
                           for one in actions)))  # fmt: skip
    rows = connection.execute(
        select(table).where(*where).order_by(table.c.created_at.desc(), table.c.id.desc()).limit(last)
    )
    found = [Entry(**row) for row in rows.mappings()]
    if not actions or PURCHASE in actions:
        found += _purchases(connection, user_id, since, last)
    found.sort(key=lambda entry: (entry.created_at, entry.id), reverse=True)
    return found[offset:last]


def _purchases(connection: Connection, user_id: str | None, since: datetime | None, limit: int) -> list[Entry]:
    paid = charges.table
    where: list[ColumnElement[bool]] = [paid.c.status == charges.SETTLED, paid.c.settled_usd > 0]
    if user_id is not None:
        where.append(paid.c.user_id == user_id)
    if since is not None:
        where.append(paid.c.updated_at >= since)
    rows = connection.execute(select(paid).where(*where).order_by(paid.c.updated_at.desc()).limit(limit))
    return [
        Entry(
            row["id"], row["user_id"], PURCHASE, "job", row["job_id"],
            {"provider": row["provider"], "kind": row["kind"], "usd": f"{row['settled_usd']:f}"}, "", row["updated_at"],
        )
        for row in rows.mappings()
    ]  # fmt: skip
