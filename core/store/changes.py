"""What changed since a moment: the reading side of the tables that the analytics mart copies.

Answers plain dicts in batches. Scripts, prompts, waveforms and requests stay behind: the mart needs none of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, and_, case, func, null, or_, select, text
from sqlalchemy.engine import Connection

from core.kit.clock import now
from core.store import (
    assets,
    attempts,
    budgets,
    charges,
    clips,
    jobs,
    suggestions,
    track_licences,
    track_uses,
    trials,
    voices,
)
from core.store.db import Database

OVERLAP = timedelta(minutes=2)
"""A row gets its updated_at before its transaction commits, so one stamped before the watermark may appear after it.
No transaction lasts this long; rows read twice are upserted, so reading too many is only a little slower."""
BATCH = 5000
COUNTED = 200_000
"""Up to so many rows of a noun are counted whenever somebody looks, which takes milliseconds. Of more, now and then."""

_VOICED = ("provider", "model", "voice", "language")
_TOLD = ("request", "result")
_TOLD_OF = ("music", "score")
"""Read of these kinds of job alone, for a few figures; a script of any length stays in the store."""
_WRITTEN = ("prompt", "negative_prompt")
"""What a person wrote and a trial may compare: told by its number."""


@dataclass(frozen=True)
class Noun:
    name: str
    table: Table
    columns: tuple[str, ...]
    key: str = "id"
    stamp: str = "updated_at"
    """The column that tells when a row changed last; of rows that never change, when it was made."""

    def column(self, name: str) -> Column[Any]:
        found: Column[Any] = self.table.c[self.stamp if name == "updated_at" else name]
        return found

    def read(self, name: str) -> ColumnElement[Any]:
        if name == "updated_at":
            return self.column(name).label(name)
        if name == "note":
            said: ColumnElement[Any] = self.table.c.price["note"].as_string().label(name)
            return said
        if name not in _TOLD:
            return self.column(name)
        return case((self.table.c.kind.in_(_TOLD_OF), self.table.c[name]), else_=null()).label(name)


NOUNS: dict[str, Noun] = {
    noun.name: noun
    for noun in (
        Noun(
            "assets",
            assets.table,
            ("id", "kind", "source", "name", "rating", "favourite", "duration_s", "format", "bytes", "sha256", "lufs",
             "true_peak_dbtp", "bpm", "key", "genre", "mood", "intensity", "generation_config", "cost_usd", "licence",
             "made_as", "job_id", "role", "user_id", "organisation_id", "visibility", "draft", "expires_at", "deleted_at",
             "created_at", "updated_at"),
        ),
        Noun(
            "jobs",
            jobs.table,
            ("id", "kind", "title", "status", "priority", "resource", "error", "parent_id", "root_id", "user_id",
             "organisation_id", "cap_usd", "paused", "attempt", "provider", "created_at", "started_at", "finished_at",
             "updated_at", *_TOLD),
        ),
        Noun(
            "attempts",
            attempts.table,
            ("id", "job_id", "step", "number", "provider", "kind", "model", "form", "status", "error", "created_at",
             "finished_at", "updated_at"),
        ),
        Noun(
            "charges",
            charges.table,
            ("id", "attempt_id", "job_id", "root_job_id", "user_id", "organisation_id", "provider", "kind", "model",
             "units", "plan", "status", "reserved_usd", "settled_usd", "note", "day", "created_at", "updated_at"),
        ),
        Noun(
            "voices",
            voices.table,
            ("id", "name", "status", "active", "quality_score", "usage_count", "licence", "user_id", "training_started_at",
             "training_completed_at", "last_used_at", "deleted_at", "created_at", "updated_at"),
        ),
        Noun("trials", trials.table, ("id", "name", "job_id", "axes", "variants", "created_at", "updated_at")),
        Noun(
            "trial_choices",
            trials.choices,
            ("id", "trial_id", "user_id", "winner", "tie", "heard", "created_at", "updated_at"),
            stamp="created_at",
        ),
        Noun(
            "clips",
            clips.table,
            ("id", "asset_id", "name", "job_id", "seconds", "user_id", "organisation_id", "created_at", "updated_at"),
            stamp="created_at",
        ),
        Noun(
            "suggestions",
            suggestions.table,
            ("job_id", "scene_id", "clip_id", "scene_type", "genre", "suggested", "made", "changed", "user_id", "created_at",
             "updated_at"),
            key="job_id",
            stamp="created_at",
        ),
        Noun(
            "track_licences",
            track_licences.table,
            ("id", "provider", "track_id", "title", "artist", "kind", "licensee_kind", "starts_on", "ends_on", "state",
             "event_at", "commercial", "keeps_published", "price_usd", "user_id", "created_at", "updated_at"),
        ),
        Noun(
            "track_uses",
            track_uses.table,
            ("id", "provider", "track_id", "title", "artist", "genre", "mood", "output_asset_id", "output_name", "project_id",
             "licence_id", "platform", "commercial", "used_on", "user_id", "created_at", "updated_at"),
        ),
        Noun("budgets", budgets.table, ("scope", "limit_usd", "alert_percents", "updated_at"), key="scope"),
    )
}  # fmt: skip


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """A read in which every table is seen as of one moment, so that totals of different tables agree."""
    with database.read() as connection:
        if not database.is_sqlite:  # a SQLite read transaction is one already
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        yield connection


def identity(database: Database) -> str:
    """Names this database without its password, to notice when a mart was filled from another one."""
    return hashlib.sha256(database.engine.url.render_as_string(hide_password=True).encode()).hexdigest()[:16]


def changed_since(
    connection: Connection, noun: str, watermark: datetime | None, *, batch: int = BATCH
) -> Iterator[list[dict[str, Any]]]:
    """Rows of a noun changed since the watermark less OVERLAP (None: all rows), oldest first, `batch` at a time.
    Pages by (updated_at, key), so rows that share a moment are neither skipped nor repeated."""
    what = NOUNS[noun]
    stamp, key = what.column("updated_at"), what.column(what.key)
    query = select(*(what.read(name) for name in what.columns)).order_by(stamp, key).limit(batch)
    if watermark is not None:
        query = query.where(stamp >= watermark - OVERLAP)
    after: tuple[datetime, Any] | None = None
    while True:
        page = query
        if after is not None:
            page = query.where(or_(stamp > after[0], and_(stamp == after[0], key > after[1])))
        rows = [_plain(dict(row)) for row in connection.execute(page).mappings()]
        if rows:
            yield rows
        if len(rows) < batch:
            return
        after = (rows[-1]["updated_at"], rows[-1][what.key])


def lineage_of(connection: Connection, asset_ids: list[str]) -> list[dict[str, Any]]:
    """What these assets were made from; written once with the asset, never changed after."""
    found: list[dict[str, Any]] = []
    for start in range(0, len(asset_ids), 500):
        part = asset_ids[start : start + 500]
        rows = connection.execute(select(assets.lineage).where(assets.lineage.c.asset_id.in_(part))).mappings()
        found += [dict(row) for row in rows]
    return found


def scenes_of(connection: Connection, clip_ids: list[str]) -> list[dict[str, Any]]:
    """The scenes of these clips with their figures, without their pictures; written once with the clip."""
    of = clips.scenes.c
    columns = (of.id, of.clip_id, of.number, of.start_s, of.end_s, of.type, of.facts)
    found: list[dict[str, Any]] = []
    for start in range(0, len(clip_ids), 500):
        part = clip_ids[start : start + 500]
        for row in connection.execute(select(*columns).where(of.clip_id.in_(part))).mappings():
            told = dict(row)
            facts = told.pop("facts")
            figures = {name: _number(value) for name, value in facts.get("features", {}).items()}
            found.append(
                figures | told | {"opened": facts.get("opened"), "confidence": _number(facts.get("confidence"))}
            )
    return found


def count(connection: Connection, noun: str, *, most: int | None = None) -> int:
    """Counting looks at every row; with `most` it stops there."""
    counted = select(func.count()).select_from(NOUNS[noun].table)
    if most is not None:
        what = NOUNS[noun]
        counted = select(func.count()).select_from(select(what.column(what.key)).limit(most).subquery())
    return int(connection.execute(counted).scalar_one())


def keys(connection: Connection, noun: str) -> Iterator[Sequence[str]]:
    """Every key there is now, in portions: rows purged for good leave no trace that `changed_since` could find."""
    what = NOUNS[noun]
    found = connection.execution_options(yield_per=50_000).execute(select(what.column(what.key)))
    yield from found.scalars().partitions()


def newest(connection: Connection, noun: str) -> datetime | None:
    stamp = NOUNS[noun].column("updated_at")
    moment: datetime | None = connection.execute(select(func.max(stamp))).scalar_one()
    return moment


def state(database: Database) -> tuple[object, ...]:
    """Equal as long as nothing the mart would show has changed; a worker's heartbeat does not count. Asked every few
    seconds, so beyond COUNTED rows of a noun it no longer hears of a row that was only purged."""
    with database.read() as connection:
        stamps = {noun: newest(connection, noun) for noun in NOUNS}
        # Stamps ahead of the clock hide the changes made since it was set back: then every look counts as a change.
        behind = now() if any(stamp is not None and stamp > now() for stamp in stamps.values()) else None
        return (behind, *((noun, stamp, count(connection, noun, most=COUNTED)) for noun, stamp in stamps.items()))


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Takes from a recipe only who made it, with which voice and how well, from a request only lengths and numbers: the
    text or prompt is the user's own."""
    recipe = row.pop("generation_config", None)
    if recipe is not None:
        for name in _VOICED:
            value = recipe.get(name)
            row[name] = value.get("id") if isinstance(value, dict) else value
        row |= _judged(recipe.get("quality"))
    if "variants" in row:
        row["compared"] = _compared(row.pop("axes"), row.pop("variants"))
    if "request" in row:
        request, result = row.pop("request") or {}, row.pop("result") or {}
        row |= _scored(request) if row["kind"] == "score" else _asked(request) | _reused(result)
    return row


def _judged(quality: Any) -> dict[str, Any]:
    if not isinstance(quality, dict):
        return {}
    tries = quality.get("tries")
    return {
        "quality": _number(quality.get("score")), "quality_below": bool(quality.get("below")),
        "tries": len(tries) if isinstance(tries, list) else 1,
    }  # fmt: skip


def _compared(axes: dict[str, list[Any]], variants: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What each variant has of each axis."""
    return [
        {"axis": axis, "number": number,
         "value": f"{values.index(own.get(axis)) + 1}" if axis in _WRITTEN else trials.label(own.get(axis))}
        for axis, values in axes.items() for number, own in enumerate(variants, 1)
    ]  # fmt: skip


def _asked(request: dict[str, Any]) -> dict[str, Any]:
    template = request.get("template")
    of = template if isinstance(template, dict) else {}
    best_of = request.get("best_of")
    return {
        "draft": bool(request.get("draft")), "asked_s": _number(request.get("seconds")),
        "best_of": best_of if isinstance(best_of, int) else 1,
        "template_id": str(of["id"]) if of.get("id") else None, "template_name": str(of.get("name") or "") or None,
    }  # fmt: skip


def _scored(request: dict[str, Any]) -> dict[str, Any]:
    """Of the film that is scored: how long it is, and how many pieces of music it is to get."""
    clip, cues = request.get("clip"), request.get("cues")
    return {
        "film_s": _number(clip.get("seconds")) if isinstance(clip, dict) else None,
        "cues": len(cues) if isinstance(cues, list) else None,
    }  # fmt: skip


def _reused(result: dict[str, Any]) -> dict[str, Any]:
    reused = result.get("reused")
    if not isinstance(reused, dict):
        return {}
    try:
        saved = Decimal(str(reused.get("saved_usd") or 0))
    except InvalidOperation:
        saved = Decimal(0)
    return {"reused_id": str(reused.get("asset_id")), "saved_usd": saved if saved.is_finite() else Decimal(0)}


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
