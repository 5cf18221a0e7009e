"""What was made from a suggestion: a row a job, written in the transaction that writes the job. What became of it is
not written down here: it is read from the piece itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, String, Table, and_, case, func, insert, or_, select
from sqlalchemy.engine import Connection

from core.kit.clock import now
from core.store import assets, jobs
from core.store.db import Utc, metadata
from core.store.jobs import DONE, Job

KEY = "suggestion"
"""Under this name a music job's request says what was suggested: {scene_id, clip_id, scene_type, changed, and FIELDS}."""
FIELDS = ("mood", "genre", "intensity", "bpm")
"""What is suggested, by the names a request for music has."""
LIKED_FROM = 3
"""A piece with fewer stars was not liked, though it was not thrown away."""

table = Table(
    "suggestions",
    metadata,
    Column("job_id", String(60), primary_key=True),
    Column("scene_id", String(60), nullable=False),  # of a cue its first one; the scene may be gone
    Column("clip_id", String(60), nullable=False),
    Column("scene_type", String(20), nullable=False),
    Column("genre", String(40), nullable=False),  # of the piece that is made: it is what is kept or not
    Column("suggested", JSON, nullable=False),
    Column("made", JSON, nullable=False),
    Column("changed", JSON, nullable=False),
    Column("user_id", String(60), nullable=False),
    Column("created_at", Utc, nullable=False),
    Index("ix_suggestions_user", "user_id", "scene_type", "genre"),
    Index("ix_suggestions_scene", "scene_id"),
)


@dataclass(frozen=True)
class Suggested:
    job_id: str
    scene_id: str
    clip_id: str
    scene_type: str
    genre: str
    suggested: dict[str, Any]
    """Of FIELDS."""
    made: dict[str, Any]
    changed: list[str]
    """FIELDS that are made otherwise than suggested."""
    user_id: str
    created_at: datetime


@dataclass(frozen=True)
class Fate:
    """Of the pieces of one genre that were made for one kind of scene."""

    scene_type: str
    genre: str
    made: int
    kept: int
    """Still there, in no bin, and not rated under LIKED_FROM."""
    rated: int
    binned: int
    """In the bin, or gone for good."""


def note(connection: Connection, job: Job) -> None:
    """For whoever writes a job: a row, if it is made from a suggestion. Once a job, however often it runs."""
    said = job.request.get(KEY)
    if not isinstance(said, dict) or job.request.get("draft"):
        return
    genre = job.request.get("genre") or said.get("genre")
    scene_id, scene_type = said.get("scene_id"), said.get("scene_type")
    if not all(isinstance(each, str) for each in (genre, scene_id, scene_type)):
        return  # a queue that was brought in says anything
    changed = said.get("changed")
    row = {
        "job_id": job.id, "scene_id": str(scene_id)[:60], "clip_id": str(said.get("clip_id") or "")[:60],
        "scene_type": str(scene_type)[:20], "genre": str(genre)[:40], "suggested": _fields(said),
        "made": _fields(job.request), "changed": [str(each) for each in changed] if isinstance(changed, list) else [],
        "user_id": job.user_id, "created_at": now(),
    }  # fmt: skip
    connection.execute(insert(table).values(row))


def _fields(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values.get(name) for name in FIELDS}


def fates(connection: Connection, user_id: str) -> list[Fate]:
    """Of what this user's jobs made and nobody cancelled; the oftenest made first."""
    of = assets.table.c
    there = and_(of.id.is_not(None), of.deleted_at.is_(None))
    liked = and_(there, or_(of.rating.is_(None), of.rating >= LIKED_FROM))
    made = func.count()
    found = (
        select(
            table.c.scene_type, table.c.genre, made, func.sum(case((liked, 1), else_=0)),
            func.sum(case((and_(there, of.rating.is_not(None)), 1), else_=0)), func.sum(case((there, 0), else_=1)),
        )
        .join(jobs.table, and_(jobs.table.c.id == table.c.job_id, jobs.table.c.status == DONE))
        .outerjoin(assets.table, and_(of.job_id == table.c.job_id, of.role == "primary"))
        .where(table.c.user_id == user_id)
        .group_by(table.c.scene_type, table.c.genre)
        .order_by(made.desc(), table.c.scene_type, table.c.genre)
    )  # fmt: skip
    return [
        Fate(str(kind), str(genre), int(count), int(kept), int(rated), int(binned))
        for kind, genre, count, kept, rated, binned in connection.execute(found)
    ]


def of_job(connection: Connection, job_id: str) -> Suggested | None:
    row = connection.execute(select(table).where(table.c.job_id == job_id)).mappings().first()
    return None if row is None else Suggested(**row)


def of_clip(connection: Connection, user_id: str, clip_id: str) -> list[Suggested]:
    """Newest first; this user's."""
    found = select(table).where(table.c.clip_id == clip_id, table.c.user_id == user_id)
    rows = connection.execute(found.order_by(table.c.created_at.desc(), table.c.job_id.desc()))
    return [Suggested(**row) for row in rows.mappings()]
