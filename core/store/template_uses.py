"""What was made with templates: a row a job, written in the transaction that writes the job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, and_, case, delete, func, insert, select, update
from sqlalchemy.engine import Connection

from core.kit.clock import now
from core.store import assets, jobs
from core.store.db import Utc, metadata
from core.store.jobs import DONE, Job

KEY = "template"
"""Under this name a job's request says which template it is made with: {id, version, name, plain, …}."""

table = Table(
    "template_uses",
    metadata,
    Column("job_id", String(60), primary_key=True),
    Column("template_id", String(60), nullable=False),
    Column("version", Integer, nullable=False),
    # Whether no more than length, seed, name and engine were said differently: only then does its seed say anything.
    Column("plain", Boolean, nullable=False),
    Column("user_id", String(60), nullable=False),
    Column("exported_at", Utc),
    Column("created_at", Utc, nullable=False),
    Index("ix_template_uses_template_id_version", "template_id", "version"),
)


@dataclass(frozen=True)
class Uses:
    count: int = 0
    """Jobs submitted; previews are none."""
    done: int = 0
    kept: int = 0
    """Of those done: the piece is still there, in no bin and no draft."""


@dataclass(frozen=True)
class Piece:
    """One that was kept, and how well it was liked."""

    asset_id: str
    version: int
    liked: bool
    """Marked as a favourite or exported."""
    rating: int
    config: dict[str, Any]
    created_at: datetime


def count(connection: Connection, job: Job) -> None:
    """For whoever writes a job: a use, if it is made with a template. Once a job, however often it runs."""
    said = job.request.get(KEY)
    if not isinstance(said, dict) or job.request.get("draft"):
        return
    template_id, version = said.get("id"), said.get("version")
    if not isinstance(template_id, str) or not isinstance(version, int):  # a queue that was brought in says anything
        return
    row = {
        "job_id": job.id, "template_id": template_id[:60], "version": version,
        "plain": bool(said.get("plain")), "user_id": job.user_id, "created_at": now(),
    }  # fmt: skip
    connection.execute(insert(table).values(row))


_KEPT = and_(assets.table.c.id.is_not(None), assets.table.c.draft.is_(False), assets.table.c.deleted_at.is_(None))
_MADE = and_(assets.table.c.job_id == table.c.job_id, assets.table.c.role == "primary")


def totals(connection: Connection, template_id: str = "") -> dict[str, Uses]:
    """By template; of one alone if it is named."""
    done = jobs.table.c.status == DONE
    found = (
        select(
            table.c.template_id, func.count(), func.sum(case((done, 1), else_=0)),
            func.sum(case((and_(done, _KEPT), 1), else_=0)),
        )
        .outerjoin(jobs.table, jobs.table.c.id == table.c.job_id)
        .outerjoin(assets.table, _MADE)
        .group_by(table.c.template_id)
    )  # fmt: skip
    if template_id:
        found = found.where(table.c.template_id == template_id)
    return {str(of): Uses(int(uses), int(ended), int(kept)) for of, uses, ended, kept in connection.execute(found)}


def liked(connection: Connection, template_id: str, versions: Sequence[int], limit: int = 100) -> list[Piece]:
    """What was kept of these versions, as they are: the best liked first, then the newest."""
    of = assets.table.c
    marked = case((of.favourite.is_(True), 1), (table.c.exported_at.is_not(None), 1), else_=0)
    rating = func.coalesce(of.rating, 0)
    found = (
        select(
            of.id, table.c.version, marked.label("marked"), rating.label("rating"), of.generation_config, of.created_at
        )
        .join(assets.table, _MADE)
        .where(table.c.template_id == template_id, table.c.version.in_(versions), table.c.plain.is_(True), _KEPT)
        .order_by(marked.desc(), rating.desc(), of.created_at.desc(), of.id)
        .limit(limit)
    )
    return [
        Piece(row.id, row.version, bool(row.marked), int(row.rating), row.generation_config, row.created_at)
        for row in connection.execute(found)
    ]


def exported(connection: Connection, job_id: str) -> None:
    """Somebody took the piece out of the studio. Only the first time is written down."""
    where = (table.c.job_id == job_id, table.c.exported_at.is_(None))
    connection.execute(update(table).where(*where).values(exported_at=now()))


def counted(connection: Connection, job_id: str) -> bool:
    """Whether it is a use that nobody has exported yet."""
    where = (table.c.job_id == job_id, table.c.exported_at.is_(None))
    return connection.execute(select(table.c.job_id).where(*where)).first() is not None


def forget(connection: Connection, template_id: str) -> None:
    connection.execute(delete(table).where(table.c.template_id == template_id))
