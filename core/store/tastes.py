"""What a person made outside of trials and what became of it: one row a finished piece of music, the newest first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.store import assets, trials
from core.store.history import table
from core.store.jobs import DONE


@dataclass(frozen=True)
class Taste:
    engine: str
    mood: str | None
    genre: str | None
    bpm: float | None
    seconds: float | None
    template: str | None
    """Its id."""
    gone: bool
    """In the bin, or purged."""
    rating: int | None
    favourite: bool


def of(connection: Connection, actor: Actor, limit: int) -> list[Taste]:
    """One's own alone, an administrator's too: what others keep says nothing of him. No drafts, and nothing that a trial
    made: its choice is known, and its losers went to the bin by themselves."""
    asset = assets.table
    piece = and_(asset.c.job_id == table.c.job_id, asset.c.role == "primary")
    found = (
        select(
            table.c.engine, table.c.mood, table.c.genre, table.c.bpm, table.c.seconds, table.c.template,
            asset.c.id, asset.c.deleted_at, asset.c.rating, asset.c.favourite,
        )
        .outerjoin(asset, piece)
        .where(
            table.c.user_id == actor.user_id, table.c.kind == "music", table.c.status == DONE, table.c.draft.is_(False),
            table.c.parent_id.is_(None) | table.c.parent_id.not_in(select(trials.table.c.job_id)),
        )
        .order_by(table.c.created_at.desc(), table.c.job_id)
        .limit(limit)
    )  # fmt: skip
    return [
        Taste(
            row.engine, row.mood, row.genre, row.bpm, row.seconds, row.template, row.id is None or row.deleted_at is not None,
            row.rating, bool(row.favourite),
        )
        for row in connection.execute(found)
    ]  # fmt: skip
