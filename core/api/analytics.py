"""Cost, usage and queue as figures: from the ledger, the mart and the queue itself, as the dashboards show them.

These paths speak snake_case and decimal strings; music_analytics.py has the ai-music document's own.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query

from core.analytics.queries import Filters, open_mart
from core.api.figures import (
    MONTH_DAYS,
    Cost,
    Count,
    Period,
    ProviderCost,
    QueueFigures,
    Usage,
)
from core.api.submitting import TheStudio, Who
from core.app import Studio
from core.kit.actor import Actor
from core.kit.clock import today
from core.kit.errors import UserError
from core.store import charges
from core.store.jobs import RUNNING, WAITING

router = APIRouter(tags=["analytics"])
DEFAULT_DAYS = 30
TOP = 10


class Range:
    """Which charges: UTC days, both included, and a provider. The last 30 days unless said otherwise."""

    def __init__(
        self,
        startDate: Annotated[date | None, Query(description="first UTC day")] = None,
        endDate: Annotated[date | None, Query(description="last UTC day, included")] = None,
        provider: Annotated[str, Query(max_length=60)] = "",
    ) -> None:
        self.last = min(endDate or today(), today())
        self.first = startDate or max(date.min + timedelta(days=DEFAULT_DAYS), self.last) - timedelta(
            days=DEFAULT_DAYS - 1
        )
        self.provider = provider
        if self.first > self.last:
            raise UserError(f"{self.first} comes after {self.last}.", "Give a startDate up to the endDate, and today.")

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


Asked = Annotated[Range, Depends(Range)]


Every = Annotated[Literal["daily", "weekly", "monthly"], Query(description="how usage_over_time is cut")]
Kinds = Annotated[list[str] | None, Query(max_length=20, description="kinds of charge: speech, music, mix …")]


@router.get("/api/analytics/cost")
def cost(asked: Asked, actor: Who, studio: TheStudio, kind: Kinds = None) -> Cost:
    """What was spent, on whom, and what a month like that would cost. Administrators see everybody's."""
    return cost_of(studio, actor, asked, tuple(kind or ()))


@router.get("/api/analytics/usage")
def usage(asked: Asked, actor: Who, studio: TheStudio, period: Every = "daily", kind: Kinds = None) -> Usage:
    """What was made, over time and by provider, mood and genre; from the dashboards' mart."""
    return usage_of(studio, actor, asked, period, tuple(kind or ()))


@router.get("/api/analytics/queue")
def queue(actor: Who, studio: TheStudio) -> QueueFigures:
    """What waits and runs now."""
    return queue_of(studio, actor, ())


def whose(actor: Actor) -> str:
    return "" if actor.is_admin else actor.user_id


def cost_of(studio: Studio, actor: Actor, asked: Range, kinds: tuple[str, ...]) -> Cost:
    with studio.store.db.read() as connection:
        rows = charges.summary(connection, first_day=asked.first, last_day=asked.last, user_id=whose(actor) or None)
    by_provider: dict[str, tuple[int, Decimal]] = {}
    reserved = Decimal(0)
    for row in rows:
        if (kinds and row["kind"] not in kinds) or (asked.provider and row["provider"] != asked.provider):
            continue
        count, total = by_provider.get(row["provider"], (0, Decimal(0)))
        by_provider[row["provider"]] = (count + row["count"], total + row["settled_usd"])
        reserved += row["reserved_usd"]
    count = sum(each for each, _ in by_provider.values())
    total = sum((each for _, each in by_provider.values()), Decimal(0))
    return Cost(
        first_day=asked.first, last_day=asked.last, total_generations=count, total_cost=_usd(total),
        reserved_cost=_usd(reserved), average_cost_per_generation=_usd(total / count if count else Decimal(0)),
        provider_breakdown=[
            ProviderCost(provider=name, count=n, total_cost=_usd(usd), average_cost=_usd(usd / n if n else Decimal(0)))
            for name, (n, usd) in sorted(by_provider.items())
        ],
        estimated_monthly_cost=_usd(total / asked.days * MONTH_DAYS),
    )  # fmt: skip


def _usd(amount: Decimal) -> str:
    """Six decimals, as the ledger keeps them."""
    return f"{amount:.6f}"


def usage_of(studio: Studio, actor: Actor, asked: Range, period: str, kinds: tuple[str, ...]) -> Usage:
    mart = open_mart(studio.settings)
    try:
        if mart.version is None:
            studio.refresh_mart()  # no worker has made one yet
        providers = (asked.provider,) if asked.provider else ()
        frame = mart.usage(Filters(asked.first, asked.last, kinds, providers, whose(actor)))
        as_of = mart.as_of
    finally:
        mart.close()
    rows: list[dict[str, Any]] = [] if frame.empty else frame.to_dict("records")  # type: ignore[assignment]
    over_time: dict[date, list[float]] = {}
    for row in rows:
        sums = over_time.setdefault(first_day_of(row["day"].date(), period), [0, 0.0, 0.0])
        sums[0] += row["assets"]
        sums[1] += row["seconds"]
        sums[2] += row["cost_usd"]
    return Usage(
        first_day=asked.first, last_day=asked.last,
        total_generations=sum(int(row["assets"]) for row in rows),
        total_seconds=round(sum(float(row["seconds"]) for row in rows), 3),
        usage_over_time=[
            Period(period=day, generations=int(n), seconds=round(seconds, 3), total_cost=round(usd, 6))
            for day, (n, seconds, usd) in sorted(over_time.items())
        ],
        provider_breakdown=counts(rows, "provider", limit=1000), popular_moods=counts(rows, "mood"),
        popular_genres=counts(rows, "genre"), as_of=as_of.isoformat() if as_of else None,
    )  # fmt: skip


def first_day_of(day: date, period: str) -> date:
    if period == "weekly":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == "monthly" else day


def counts(rows: list[dict[str, Any]], what: str, limit: int = TOP) -> list[Count]:
    found: dict[str, int] = {}
    for row in rows:
        if row[what]:
            found[str(row[what])] = found.get(str(row[what]), 0) + int(row["assets"])
    ranked = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Count(name=name, count=count) for name, count in ranked[:limit]]


def queue_of(studio: Studio, actor: Actor, kinds: tuple[str, ...]) -> QueueFigures:
    live = [row for row in studio.jobs.live_by_kind(actor) if not kinds or row[0] in kinds]
    by_kind: dict[str, int] = {}
    for kind, _, count in live:
        by_kind[kind] = by_kind.get(kind, 0) + count
    return QueueFigures(
        waiting=sum(count for _, status, count in live if status == WAITING),
        running=sum(count for _, status, count in live if status == RUNNING),
        paused=studio.jobs.queue_paused(), worker_alive=studio.worker_alive(),
        by_kind=[Count(name=name, count=count) for name, count in by_kind.items()],
    )  # fmt: skip
