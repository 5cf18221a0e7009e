"""The search itself: which jobs match, a page at a time, and how many of which sort there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, exists, false, func, not_, or_, select, true
from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.store import assets, charges, jobs
from core.store.assets import Asset
from core.store.history import table
from core.store.jobs import CANCELLED, DONE, FAILED, UNKNOWN, Job

LIVE = "live"
STATUSES = (LIVE, DONE, FAILED, CANCELLED, UNKNOWN)
KEPT, DRAFT, DISCARDED, DELETED = "kept", "draft", "discarded", "deleted"
FATES = (KEPT, DRAFT, DISCARDED, DELETED)
ORDERS = ("new", "old", "long", "dear")
FACETS = ("kind", "engine", "status", "mood", "genre")
_NO_PIECE = ("batch", "scripts", "voice_training")
"""Kinds that keep no piece of their own: that one has none says nothing."""


@dataclass(frozen=True)
class Filter:
    words: str = ""
    kinds: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    bpm: tuple[float | None, float | None] = (None, None)
    seconds: tuple[float | None, float | None] = (None, None)
    since: datetime | None = None
    before: datetime | None = None
    usd: tuple[Decimal | None, Decimal | None] = (None, None)
    rating: int | None = None
    """At least so many stars."""
    favourite: bool | None = None
    fates: tuple[str, ...] = ()
    template: str = ""
    batch: str = ""
    """Id of the batch, book or other flow it was part of."""
    drafts: bool = False


@dataclass(frozen=True)
class Hit:
    job: Job
    engine: str
    mood: str | None
    genre: str | None
    bpm: float | None
    seconds: float | None
    template: str | None
    usd: Decimal
    """Settled, with everything under it."""
    pieces: tuple[Asset, ...]
    """Primary outputs and variants that are still there, in the bin too."""

    @property
    def fate(self) -> str:
        if any(piece.deleted_at is None and not piece.draft for piece in self.pieces):
            return KEPT
        if any(piece.deleted_at is None for piece in self.pieces):
            return DRAFT
        if self.pieces:
            return DISCARDED
        return DELETED if self.job.status == DONE and self.job.kind not in _NO_PIECE else ""


def page(
    connection: Connection, actor: Actor, wanted: Filter, *, order: str, after: tuple[Any, str] | None, limit: int
) -> list[Hit]:
    """`after`: sort value and job id of the last hit of the page before."""
    key, down = _key(order)
    costs = _costs() if order == "dear" else None
    value: ColumnElement[Any] = key if costs is None else func.coalesce(costs.c.usd, 0)
    where = _where(actor, wanted)
    if order == "long":
        where.append(table.c.seconds.is_not(None))
    if after is not None:
        last, job_id = after
        beyond = value < last if down else value > last
        tied = and_(value == last, table.c.job_id < job_id if down else table.c.job_id > job_id)
        where.append(or_(beyond, tied))
    ways = (value.desc(), table.c.job_id.desc()) if down else (value, table.c.job_id)
    found = select(table, value.label("_value")).where(*where).order_by(*ways).limit(limit)
    if costs is not None:
        found = found.outerjoin(costs, costs.c.job_id == table.c.job_id)
    rows = list(connection.execute(found).mappings())
    ids = [row["job_id"] for row in rows]
    known = {
        row["id"]: jobs.of_row(row)
        for row in connection.execute(select(jobs.table).where(jobs.table.c.id.in_(ids))).mappings()
    }
    spent, pieces = _spent(connection, ids), _pieces(connection, actor, ids)
    return [
        Hit(
            job=known[row["job_id"]], engine=row["engine"], mood=row["mood"], genre=row["genre"], bpm=row["bpm"],
            seconds=row["seconds"], template=row["template"], usd=spent.get(row["job_id"], Decimal(0)),
            pieces=tuple(pieces.get(row["job_id"], ())),
        )
        for row in rows
    ]  # fmt: skip


def sort_value(hit: Hit, order: str) -> Any:
    """Of the page's last hit, where the next page goes on."""
    match order:
        case "long":
            return hit.seconds or 0.0
        case "dear":
            return hit.usd
        case _:
            return hit.job.created_at


def facets(connection: Connection, actor: Actor, wanted: Filter) -> tuple[int, dict[str, dict[str, int]]]:
    """How many match, and of each sort how many, its own choice left aside, so that the others can be chosen.

    Counted here, in one pass: SQLite sorts for every GROUP BY, which takes several times as long as to hand the values
    over."""
    columns: dict[str, ColumnElement[Any]] = {name: table.c[name] for name in FACETS} | {"fate": _which_fate()}
    counted = Counter(tuple(row) for row in connection.execute(select(*columns.values()).where(*_where(actor, wanted))))
    found: dict[str, dict[str, int]] = {}
    for place, (name, column) in enumerate(columns.items()):
        sums: Counter[str] = Counter()
        if _chosen(wanted, name):
            others = select(column, func.count()).where(*_where(actor, wanted, but=name)).group_by(column)
            pairs = [(value, count) for value, count in connection.execute(others)]
        else:
            pairs = [(row[place], count) for row, count in counted.items()]
        for value, count in pairs:
            if value:
                sums[LIVE if name == "status" and value in jobs.LIVE else str(value)] += count
        found[name] = dict(sorted(sums.items(), key=lambda each: (-each[1], each[0])))
    return counted.total(), found


def _chosen(wanted: Filter, name: str) -> bool:
    lists = {"kind": wanted.kinds, "engine": wanted.engines, "status": wanted.statuses, "mood": wanted.moods}
    return bool((lists | {"genre": wanted.genres, "fate": wanted.fates})[name])


def _key(order: str) -> tuple[ColumnElement[Any], bool]:
    match order:
        case "long":
            return table.c.seconds, True
        case "old":
            return table.c.created_at, False
        case _:
            return table.c.created_at, True


def _where(actor: Actor, wanted: Filter, *, but: str = "") -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [true() if actor.is_admin else table.c.user_id == actor.user_id]
    for word in wanted.words.lower().split():
        where.append(
            or_(table.c.search.contains(word, autoescape=True), table.c.failure.contains(word, autoescape=True))
        )
    lists = {
        "kind": wanted.kinds, "engine": wanted.engines, "mood": wanted.moods, "genre": wanted.genres,
        "status": tuple(state for each in wanted.statuses for state in (jobs.LIVE if each == LIVE else (each,))),
    }  # fmt: skip
    where += [table.c[name].in_(values) for name, values in lists.items() if values and name != but]
    for column, (low, high) in ((table.c.bpm, wanted.bpm), (table.c.seconds, wanted.seconds)):
        where += ([column >= low] if low is not None else []) + ([column <= high] if high is not None else [])
    if wanted.since is not None:
        where.append(table.c.created_at >= wanted.since)
    if wanted.before is not None:
        where.append(table.c.created_at < wanted.before)
    if wanted.usd != (None, None):
        where.append(_cost_between(*wanted.usd))
    asset = assets.table
    if wanted.rating is not None:
        where.append(table.c.job_id.in_(select(asset.c.job_id).where(asset.c.rating >= wanted.rating)))
    if wanted.favourite is not None:
        liked = table.c.job_id.in_(
            select(asset.c.job_id).where(asset.c.favourite.is_(True), asset.c.job_id.is_not(None))
        )
        where.append(liked if wanted.favourite else not_(liked))
    if wanted.fates and but != "fate":
        where.append(or_(false(), *(_fate(each) for each in wanted.fates)))
    if wanted.template:
        where.append(table.c.template == wanted.template)
    if wanted.batch:
        where.append(table.c.parent_id == wanted.batch)
    if not wanted.drafts:
        where.append(table.c.draft.is_(False))
    return where


def _which_fate() -> ColumnElement[str]:
    """As _fate() of all four: one look at a job's pieces instead of one for each."""
    asset = assets.table
    best = case((asset.c.deleted_at.is_not(None), 2), (asset.c.draft.is_(True), 1), else_=0)
    of_pieces = or_(asset.c.role == "primary", asset.c.role.like("variant:%"))
    found = select(func.min(best)).where(asset.c.job_id == table.c.job_id, of_pieces).scalar_subquery()
    none = case((and_(table.c.status == DONE, table.c.kind.not_in(_NO_PIECE)), DELETED), else_="")
    return case({0: KEPT, 1: DRAFT, 2: DISCARDED}, value=found, else_=none)


def _fate(which: str) -> ColumnElement[bool]:
    """As Hit.fate says it of one."""
    asset = assets.table
    piece = [asset.c.job_id == table.c.job_id, or_(asset.c.role == "primary", asset.c.role.like("variant:%"))]
    there = exists(asset.c.role).where(*piece, asset.c.deleted_at.is_(None))
    kept = exists(asset.c.role).where(*piece, asset.c.deleted_at.is_(None), asset.c.draft.is_(False))
    match which:
        case "kept":
            return kept
        case "draft":
            return and_(there, not_(kept))
        case "discarded":
            return and_(exists(asset.c.role).where(*piece), not_(there))
        case _:
            return and_(
                table.c.status == DONE, table.c.kind.not_in(_NO_PIECE), not_(exists(asset.c.role).where(*piece))
            )


def _costs() -> Subquery:
    """Settled dollars by job: of a root with everything under it, of a child its own."""
    bill = charges.table
    settled = bill.c.status == charges.SETTLED
    roots = select(bill.c.root_job_id.label("job_id"), func.sum(bill.c.settled_usd).label("usd")).where(settled)
    own = select(bill.c.job_id.label("job_id"), func.sum(bill.c.settled_usd).label("usd"))
    children = own.where(settled, bill.c.job_id != bill.c.root_job_id)
    return roots.group_by(bill.c.root_job_id).union_all(children.group_by(bill.c.job_id)).subquery()


def _cost_between(low: Decimal | None, high: Decimal | None) -> ColumnElement[bool]:
    costs = _costs()
    if low is None or low <= 0:  # also what cost nothing: all but those that cost more
        if high is None:
            return true()
        return table.c.job_id.not_in(select(costs.c.job_id).where(costs.c.usd > high))
    found = select(costs.c.job_id).where(costs.c.usd >= low)
    return table.c.job_id.in_(found if high is None else found.where(costs.c.usd <= high))


def _spent(connection: Connection, ids: Sequence[str]) -> dict[str, Decimal]:
    bill = charges.table
    found: dict[str, Decimal] = {}
    for column in (bill.c.job_id, bill.c.root_job_id):  # a root's sum comes last and holds its own
        rows = connection.execute(
            select(column, func.sum(bill.c.settled_usd))
            .where(column.in_(ids), bill.c.status == charges.SETTLED)
            .group_by(column)
        )
        found |= {str(job_id): Decimal(usd) for job_id, usd in rows}
    return found


def _pieces(connection: Connection, actor: Actor, ids: Sequence[str]) -> dict[str, list[Asset]]:
    asset = assets.table
    piece = or_(asset.c.role == "primary", asset.c.role.like("variant:%"))
    rows = connection.execute(
        select(asset).where(asset.c.job_id.in_(ids), piece, assets.visible(actor)).order_by(asset.c.role)
    )
    found: dict[str, list[Asset]] = {}
    for row in rows.mappings():
        found.setdefault(row["job_id"], []).append(Asset(**row))
    return found
