"""Files of the library that somebody holds a licence of their own for: the own catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.kit.clock import now
from core.kit.errors import AccessError
from core.store import assets
from core.store.assets import Asset

OWN = "own"
CATALOGUE = "catalogue"
MOST = 20_000
_NAMES = tuple(each.name for each in fields(Asset))


def _is_own() -> ColumnElement[bool]:
    config = assets.table.c.generation_config
    return and_(assets.table.c.source == "licensed", config[CATALOGUE]["provider"].as_string() == OWN)


def listing(connection: Connection, actor: Actor, *, mine: bool = False, limit: int = MOST) -> list[Asset]:
    """What is not in the bin, newest first. `mine`: nobody else's, whoever asks."""
    table = assets.table
    whose = table.c.user_id == actor.user_id if mine else assets.visible(actor)
    found = select(table).where(_is_own(), whose, table.c.deleted_at.is_(None))
    rows = connection.execute(found.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(limit)).mappings()
    return [_asset(row) for row in rows]


def with_bytes(connection: Connection, actor: Actor, sha256: str, *, binned: bool = False) -> Asset | None:
    """One's own file with exactly these bytes; with `binned` also one that was thrown away."""
    table = assets.table
    wanted = [table.c.sha256 == sha256, table.c.user_id == actor.user_id]
    if not binned:
        wanted.append(table.c.deleted_at.is_(None))
    # One that is in the own catalogue already before one that was only uploaded.
    found = select(table).where(*wanted).order_by(table.c.source != "licensed", table.c.created_at)
    row = connection.execute(found).mappings().first()
    return None if row is None else _asset(row)


def mark(
    connection: Connection, actor: Actor, asset_id: str, config: Mapping[str, Any], licence: Mapping[str, Any]
) -> None:
    """It is licensed music from now on; only its owner may say so."""
    done = connection.execute(
        update(assets.table)
        .where(assets.table.c.id == asset_id, assets.owned(actor))
        .values(source="licensed", generation_config=dict(config), licence=dict(licence), updated_at=now())
    )
    if done.rowcount == 0:
        assets.get(connection, actor, asset_id)
        raise AccessError("Only its owner may say how it is licensed.", "Ask the owner.")


def _asset(row: Mapping[Any, Any]) -> Asset:
    return Asset(**{name: row[name] for name in _NAMES})
