"""Automations: what is done by itself when something happens. What came of each time: core.store.automation_runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, Index, String, Table, delete, func, insert, select, true, update
from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.kit.clock import new_id, now
from core.kit.errors import NotFound
from core.store.db import Usd, Utc, metadata

ON, OFF = "on", "off"
SUBJECT = "automations"
"""Of exclusive(): who claims, and who counts a budget, does it alone."""

table = Table(
    "automations",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("event", String(40), nullable=False),  # of the trigger: what is looked for
    Column("trigger", JSON, nullable=False),
    Column("actions", JSON, nullable=False),
    Column("state", String(4), nullable=False),
    Column("reason", String(300), nullable=False),  # why it is off, or what troubles it
    Column("since", Utc, nullable=False),  # what happened before is not its business
    Column("standing", JSON, nullable=False),  # files that lay in its folder at that moment
    Column("cap_usd", Usd),
    Column("month_usd", Usd),
    Column("user_id", String(60), nullable=False, index=True),
    Column("organisation_id", String(60), nullable=False),
    Column("visibility", String(20), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
    Index("ix_automations_state_event", "state", "event"),
)


@dataclass(frozen=True)
class Automation:
    id: str
    name: str
    event: str
    trigger: dict[str, Any]
    actions: list[dict[str, Any]]
    state: str
    reason: str
    since: datetime
    standing: list[list[Any]]
    """[path, inode, bytes, modified in ns]"""
    cap_usd: Decimal | None
    month_usd: Decimal | None
    user_id: str
    organisation_id: str
    visibility: str
    created_at: datetime
    updated_at: datetime

    @property
    def on(self) -> bool:
        return self.state == ON


def visible(actor: Actor) -> ColumnElement[bool]:
    """One's own. An automation is never shared: what it makes can be."""
    return true() if actor.is_admin else table.c.user_id == actor.user_id


def add(connection: Connection, actor: Actor, row: Mapping[str, Any]) -> Automation:
    moment = now()
    whole = {
        "reason": "", "standing": [], **row, "id": new_id("automation"), "user_id": actor.user_id,
        "organisation_id": actor.organisation_id, "visibility": "private", "created_at": moment, "updated_at": moment,
    }  # fmt: skip
    return Automation(**connection.execute(insert(table).values(whole).returning(table)).mappings().one())


def find(connection: Connection, automation_id: str, *, hold: bool = False) -> Automation | None:
    found = select(table).where(table.c.id == automation_id)
    row = connection.execute(found.with_for_update() if hold else found).mappings().first()
    return None if row is None else Automation(**row)


def get(connection: Connection, actor: Actor, automation_id: str, *, hold: bool = False) -> Automation:
    found = find(connection, automation_id, hold=hold)
    if found is None or not (actor.is_admin or found.user_id == actor.user_id):
        raise NotFound(
            f"There is no automation {automation_id[:60]!r}.", "List yours with: studio automations list",
            "no_automation",
        )  # fmt: skip
    return found


def listing(connection: Connection, actor: Actor) -> list[Automation]:
    """Those that are on first, newest first."""
    found = select(table).where(visible(actor)).order_by(table.c.state != ON, table.c.created_at.desc(), table.c.id)
    return [Automation(**row) for row in connection.execute(found).mappings()]


def count(connection: Connection, user_id: str) -> int:
    found = select(func.count()).select_from(table).where(table.c.user_id == user_id)
    return int(connection.execute(found).scalar_one())


def listening(connection: Connection, event: str) -> list[Automation]:
    found = select(table).where(table.c.state == ON, table.c.event == event).order_by(table.c.created_at)
    return [Automation(**row) for row in connection.execute(found).mappings()]


def change(connection: Connection, automation_id: str, **values: Any) -> None:
    connection.execute(update(table).where(table.c.id == automation_id).values(**values, updated_at=now()))


def remove(connection: Connection, automation_id: str) -> None:
    """Its log goes with it (automation_runs.remove first); the jobs it made stay."""
    connection.execute(delete(table).where(table.c.id == automation_id))


def switch_all_off(connection: Connection, reason: str) -> int:
    values = {"state": OFF, "reason": reason, "updated_at": now()}
    return connection.execute(update(table).where(table.c.state == ON).values(**values)).rowcount
