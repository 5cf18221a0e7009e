"""Takes of a passage: which stretch of which piece an asset was spoken for anew, and which of them is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text, func, insert, select, update
from sqlalchemy.engine import Connection

from core.kit.clock import now
from core.store import assets
from core.store.db import Utc, metadata

table = Table(
    "takes",
    metadata,
    Column("asset_id", ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True),
    # Of the piece it is a take of; no key, since a take outlives it.
    Column("original_id", String(40), nullable=False, index=True),
    Column("first", Integer, nullable=False),
    Column("past", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("label", String(80), nullable=False),
    Column("words", Text, nullable=False),
    Column("chosen", Boolean, nullable=False),
    Column("created_at", Utc, nullable=False),
)


@dataclass(frozen=True)
class Take:
    asset_id: str
    original_id: str
    first: int
    """Place in the original's text of the passage's first character, and past its last."""
    past: int
    number: int
    """Of the passage, from 2: the first take is what stands in the original."""
    label: str
    words: str
    """What is said instead, markup and all; "": the same words."""
    chosen: bool

    def overlaps(self, other: Take) -> bool:
        return self.first < other.past and other.first < self.past


def add(connection: Connection, asset_id: str, take: Mapping[str, Any]) -> None:
    connection.execute(insert(table).values(asset_id=asset_id, chosen=False, created_at=now(), **take))


def of(connection: Connection, actor: Any, original_id: str) -> list[Take]:
    """That the actor may see and that are not in the bin, by passage and number."""
    columns = [table.c[name] for name in Take.__dataclass_fields__]
    found = (
        select(*columns)
        .join(assets.table, assets.table.c.id == table.c.asset_id)
        .where(table.c.original_id == original_id, assets.visible(actor), assets.table.c.deleted_at.is_(None))
        .order_by(table.c.first, table.c.past, table.c.number, table.c.created_at)
    )
    return [Take(**row) for row in connection.execute(found).mappings()]


def original_of(connection: Connection, asset_id: str) -> str | None:
    return connection.execute(select(table.c.original_id).where(table.c.asset_id == asset_id)).scalar()


def last_number(connection: Connection, original_id: str, first: int, past: int) -> int:
    """1 where there is none yet."""
    highest = select(func.max(table.c.number)).where(
        table.c.original_id == original_id, table.c.first == first, table.c.past == past
    )
    return connection.execute(highest).scalar() or 1


def choose(connection: Connection, chosen: list[str], others: list[str]) -> None:
    """`others` are chosen no longer."""
    for ids, stands in ((chosen, True), (others, False)):
        if ids:
            connection.execute(update(table).where(table.c.asset_id.in_(ids)).values(chosen=stands))
