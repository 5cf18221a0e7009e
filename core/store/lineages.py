"""What an asset was made from, and that from, to the far end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from core.store import assets
from core.store.assets import Link


def walk(connection: Connection, asset_id: str) -> tuple[dict[str, list[Link]], dict[str, dict[str, Any]]]:
    """All it was made from, a level at a time: (links by asset, the licence of each source that is still there)."""
    links: dict[str, list[Link]] = {}
    licences: dict[str, dict[str, Any]] = {}
    level = [asset_id]
    while level:
        links |= {each: [] for each in level}
        for part in _parts(level):
            rows = connection.execute(
                select(assets.lineage).where(assets.lineage.c.asset_id.in_(part)).order_by(assets.lineage.c.role)
            )
            for row in rows.mappings():
                links[row["asset_id"]].append(Link(**row))
        level = list({link.source_id for each in level for link in links[each]} - links.keys())
        for part in _parts(level):
            found = connection.execute(
                select(assets.table.c.id, assets.table.c.licence).where(assets.table.c.id.in_(part))
            )
            licences |= {row.id: row.licence for row in found}
    return links, licences


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[first : first + 400] for first in range(0, len(ids), 400))
