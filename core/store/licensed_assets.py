"""Library assets beside catalogue tracks: which of them an actor may hear, and which came from a catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.store import assets

_AT_ONCE = 500


@dataclass(frozen=True)
class HeardAsset:
    id: str
    kind: str
    source: str
    name: str
    tags: list[str]
    duration_s: float | None
    bpm: float | None
    key: str | None
    genre: str | None
    mood: str | None
    instruments: list[str]
    licence: dict[str, Any]
    catalogue: dict[str, Any]
    """Of what came from one: provider, track_id, title, artist."""
    draft: bool


def of_ids(connection: Connection, actor: Actor, asset_ids: Iterable[str]) -> dict[str, HeardAsset]:
    """Those among them that the actor may hear and that are not in the bin."""
    wanted = list(dict.fromkeys(asset_ids))
    found: dict[str, HeardAsset] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = assets.table.c.id.in_(wanted[start : start + _AT_ONCE])
        found |= {one.id: one for one in _heard(connection, actor, some)}
    return found


def listing(connection: Connection, actor: Actor) -> list[HeardAsset]:
    """All that are licensed music, the newest first."""
    return _heard(connection, actor, assets.table.c.source == "licensed")


def _heard(connection: Connection, actor: Actor, which: Any) -> list[HeardAsset]:
    table = assets.table
    names = [name for name in HeardAsset.__dataclass_fields__ if name != "catalogue"]
    found = (
        select(*(table.c[name] for name in names), table.c.generation_config)
        .where(which, assets.visible(actor), table.c.deleted_at.is_(None), table.c.kind.in_(sorted(assets.SOUNDING)))
        .order_by(table.c.created_at.desc(), table.c.id.desc())
    )
    rows = []
    for row in connection.execute(found).mappings():
        came = row["generation_config"].get("catalogue")
        known = came if isinstance(came, dict) else {}
        rows.append(HeardAsset(**{name: row[name] for name in names}, catalogue=known))
    return rows
