"""What a search over everything ever made looks at: a narrow row beside each job, so that no search reads the jobs' long
requests. Written in the transactions that write the job; a job without such a row (an analysis) is not searched for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    bindparam,
    delete,
    insert,
    update,
)
from sqlalchemy.engine import Connection

from core.store.db import Utc, metadata

MAKES_NOTHING = frozenset({"analyse"})
LONGEST = 2000
"""Characters of a prompt or script that are searched: of a whole book the beginning."""
_SEVERAL = 20
"""Items of a batch whose titles are searched at the batch itself; each is also a job of its own."""

table = Table(
    "history",
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("parent_id", String(60)),
    Column("user_id", String(60), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("status", String(12), nullable=False),  # waiting while it runs, too
    Column("engine", String(40), nullable=False),  # asked for, then the one that made it
    Column("template", String(60)),
    Column("mood", String(40)),
    Column("genre", String(40)),
    Column("bpm", Float),
    Column("seconds", Float),
    Column("draft", Boolean, nullable=False),
    Column("search", Text, nullable=False),  # title, prompt, text and name in lower case
    Column("failure", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    Index("ix_history_created_at_job_id", "created_at", "job_id"),
    Index("ix_history_user_id_created_at", "user_id", "created_at"),
    Index("ix_history_seconds_job_id", "seconds", "job_id"),
    Index("ix_history_parent_id", "parent_id"),
    Index("ix_history_template", "template"),
)

_NOTE = insert(table)
_MOVED = update(table).where(table.c.job_id == bindparam("job"))


def note(connection: Connection, job: Mapping[str, Any]) -> None:
    """`job`: its row as it is added."""
    if job["kind"] not in MAKES_NOTHING:
        connection.execute(_NOTE, row_of(job))


def moved(connection: Connection, job_id: str, values: Mapping[str, Any]) -> None:
    """The job came to another state than running."""
    changed: dict[str, Any] = {"status": values["status"]}
    if "error" in values:
        changed["failure"] = _lower([(values["error"] or {}).get("message", "")])
    if values.get("provider"):
        changed["engine"] = str(values["provider"])[:40]
    connection.execute(_MOVED.values(**changed), {"job": job_id})


def made(connection: Connection, job_id: str, asset: Mapping[str, Any]) -> None:
    """What the piece turned out to be, where that is known: it counts before what was asked for."""
    found = {
        "mood": asset.get("mood"), "genre": asset.get("genre"), "bpm": asset.get("bpm"), "seconds": asset.get("duration_s"),
    }  # fmt: skip
    changed = {name: value for name, value in found.items() if value is not None}
    if changed:
        connection.execute(_MOVED.values(**changed), {"job": job_id})


def forget(connection: Connection, before: datetime, spared: Iterable[str]) -> None:
    old = delete(table).where(table.c.created_at < before, table.c.user_id.not_in(tuple(spared)))
    connection.execute(old)


def row_of(job: Mapping[str, Any]) -> dict[str, Any]:
    request = job["request"]
    items = [item for item in request.get("items") or () if isinstance(item, dict)][:_SEVERAL]
    words = [job["title"], *(request.get(name) for name in ("name", "title", "prompt", "text"))]
    words += [item.get("title") for item in items]
    voice = request.get("voice")
    first = next(iter(request.get("engines") or ()), "")
    engine = (
        request.get("provider") or first or (voice.partition(":")[0] if isinstance(voice, str) and ":" in voice else "")
    )
    told = request.get("template")
    template = request.get("template_id") or (told.get("id") if isinstance(told, Mapping) else told)
    return {
        "job_id": job["id"], "parent_id": job.get("parent_id"), "user_id": job["user_id"], "kind": job["kind"],
        "status": job["status"], "engine": str(engine)[:40], "template": _short(template, 60),
        "mood": _short(request.get("mood")), "genre": _short(request.get("genre")),
        "bpm": _figure(request.get("bpm")), "seconds": _figure(request.get("seconds")),
        "draft": bool(request.get("draft")), "search": _lower(words),
        "failure": _lower([(job.get("error") or {}).get("message", "")]), "created_at": job["created_at"],
    }  # fmt: skip


def _lower(words: Iterable[Any]) -> str:
    """Lower case as Python knows it: SQLite's own knows ASCII alone."""
    said = dict.fromkeys(word.strip() for word in words if isinstance(word, str) and word.strip())
    return "\n".join(said).lower()[:LONGEST]


def _short(value: Any, longest: int = 40) -> str | None:
    return value[:longest] if isinstance(value, str) and value else None


def _figure(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
