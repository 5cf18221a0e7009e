"""The ai-music document's statistics, about music alone, in its camelCase and numbers: what it names, and more beside it.

Cost comes from the ledger, usage and what has ended from the dashboards' mart, what waits from the queue itself.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

import pandas as pd
from fastapi import APIRouter, Query

from core.analytics.queries import Filters, Mart, open_mart
from core.api.analytics import Asked, Every, Range, cost_of, counts, first_day_of, queue_of, usage_of, whose
from core.api.figures import (
    CostCamel,
    GroupCamel,
    ProviderCostCamel,
    QueueCamel,
    QueueGroupCamel,
    UsageCamel,
)
from core.api.submitting import TheStudio, Who
from core.app import Studio
from core.kit.actor import Actor
from core.store import spending

router = APIRouter(tags=["analytics"])
MUSIC = ("music",)
MOST = 1000
"""Groups in an answer."""
Time = Literal["day", "week", "month"]
_PERIODS: dict[str, Every] = {"day": "daily", "week": "weekly", "month": "monthly"}
_COLUMNS = {"provider": "provider", "user": "user_id", "template": "template_id"}

CostBy = Annotated[Time | Literal["provider", "user", "template", "model"] | None, Query(alias="groupBy")]
UsageBy = Annotated[Time | Literal["provider", "user", "template", "mood", "genre"] | None, Query(alias="groupBy")]
QueueBy = Annotated[Time | Literal["provider", "user", "template"] | None, Query(alias="groupBy")]


@router.get("/api/ai-music/analytics/cost", response_model_exclude_none=True)
def music_cost(asked: Asked, actor: Who, studio: TheStudio, by: CostBy = None) -> CostCamel:
    """What music cost, by whom it was made, and what a month like that would cost."""
    found = cost_of(studio, actor, asked, MUSIC).model_dump()
    breakdown = [
        ProviderCostCamel(**{**row, "total_cost": float(row["total_cost"]), "average_cost": float(row["average_cost"])})
        for row in found["provider_breakdown"]
    ]
    return CostCamel(
        total_generations=found["total_generations"], total_cost=float(found["total_cost"]),
        average_cost_per_generation=float(found["average_cost_per_generation"]), provider_breakdown=breakdown,
        estimated_monthly_cost=float(found["estimated_monthly_cost"]),
        groups=None if by is None else _cost_groups(studio, actor, asked, by),
    )  # fmt: skip


@router.get("/api/ai-music/analytics/usage", response_model_exclude_none=True)
def music_usage(
    asked: Asked, actor: Who, studio: TheStudio, period: Every = "daily", by: UsageBy = None
) -> UsageCamel:  # fmt: skip
    """What was made over time, by whom, in which moods and genres and with which templates, and how much was kept.
    groupBy of a time cuts usageOverTime, as `period` does; of anything else it answers `groups`."""
    found = usage_of(studio, actor, asked, _PERIODS.get(by or "", period), MUSIC).model_dump()
    mart = open_mart(studio.settings)
    try:
        filters = _filters(asked, actor)
        days, templates, tastes = mart.music_days(filters), mart.music_templates(filters), mart.music_tastes(filters)
    finally:
        mart.close()
    used = _rows(templates, "uses")
    made = 0 if days.empty else int(days["made"].sum())
    groups = None
    if by in _COLUMNS:
        groups = counts(_rows(days, "made"), _COLUMNS[by], MOST)
    elif by in ("mood", "genre"):
        groups = counts([row for row in _rows(tastes, "made") if row["what"] == by], "value", MOST)
    return UsageCamel.model_validate(found | {
        "popular_templates": counts(used, "name"), "groups": groups,
        "kept_rate": round(int(days["kept"].sum()) / made, 6) if made else None,
    })  # fmt: skip


@router.get("/api/ai-music/analytics/queue", response_model_exclude_none=True)
def music_queue(asked: Asked, actor: Who, studio: TheStudio, by: QueueBy = None) -> QueueCamel:
    """What waits and runs now, whoever is to make it; and how the range's jobs ended, of one provider if it is named."""
    now = queue_of(studio, actor, MUSIC).model_dump(exclude={"by_kind"})
    mart = _opened(studio)
    try:
        filters = _filters(asked, actor)
        days, batches = mart.music_days(filters), mart.music_batches(filters)
    finally:
        mart.close()
    done = 0 if days.empty else int(days["done"].sum())
    ended = 0 if batches.empty else int((batches["done"] + batches["failed"]).sum())
    return QueueCamel.model_validate(now | {
        "done": done, "failed": 0 if days.empty else int(days["failed"].sum()),
        "within_target_share": round(int(days["in_time"].sum()) / done, 6) if done else None,
        "batch_success": round(int(batches["done"].sum()) / ended, 6) if ended else None,
        "groups": None if by is None else _queue_groups(days, by),
    })  # fmt: skip


def _opened(studio: Studio) -> Mart:
    mart = open_mart(studio.settings)
    if mart.version is None:
        studio.refresh_mart()  # no worker has made one yet
    return mart


def _filters(asked: Range, actor: Actor) -> Filters:
    return Filters(asked.first, asked.last, (), (asked.provider,) if asked.provider else (), whose(actor))


def _cost_groups(studio: Studio, actor: Actor, asked: Range, by: str) -> list[GroupCamel]:
    with studio.store.db.read() as connection:
        rows = spending.grouped(
            connection, "day" if by in _PERIODS else by, first_day=asked.first, last_day=asked.last,  # type: ignore[arg-type]
            user_id=whose(actor) or None, kinds=MUSIC, provider=asked.provider,
        )  # fmt: skip
    sums: dict[str, tuple[int, Decimal]] = {}
    for row in rows:
        group = first_day_of(date.fromisoformat(row.group), _PERIODS[by]).isoformat() if by in _PERIODS else row.group
        count, usd = sums.get(group, (0, Decimal(0)))
        sums[group] = (count + row.count, usd + row.usd)
    return [
        GroupCamel(group=group, count=n, total_cost=_six(usd), average_cost=_six(usd / n if n else Decimal(0)))
        for group, (n, usd) in sorted(sums.items())
    ]


def _rows(frame: pd.DataFrame, counted: str = "") -> list[dict[str, Any]]:
    """`counted`: what `counts` is to count."""
    if frame.empty:
        return []
    rows: list[dict[str, Any]] = frame.to_dict("records")  # type: ignore[assignment]
    return [row | {"assets": row[counted]} for row in rows] if counted else rows


def _six(usd: Decimal) -> float:
    return float(round(usd, 6))


def _queue_groups(days: pd.DataFrame, by: str) -> list[QueueGroupCamel]:
    sums: dict[str, list[int]] = {}
    for row in _rows(days):
        group = first_day_of(row["day"].date(), _PERIODS[by]).isoformat() if by in _PERIODS else row[_COLUMNS[by]]
        found = sums.setdefault(str(group), [0, 0, 0, 0])
        for place, what in enumerate(("jobs", "done", "failed", "in_time")):
            found[place] += int(row[what])
    return [
        QueueGroupCamel(group=group, jobs=jobs, done=done, failed=failed, within_target=soon)
        for group, (jobs, done, failed, soon) in sorted(sums.items())
    ]
