"""The music-licensing document's analytics, in its shapes: what was used, whether it was covered, and how catalogues answer.
All from the dashboards' mart; everybody sees what is his own, administrators all of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import pandas as pd
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from core.analytics import licensing
from core.analytics.queries import Filters, open_mart
from core.api.analytics import Asked, whose
from core.api.submitting import TheStudio, Who
from core.app import Studio
from core.kit.clock import today

router = APIRouter(prefix="/api/music-licensing/analytics", tags=["analytics"])
Period = Literal["day", "week", "month"]
TOP = 20
MOST = 500


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class PeriodOut(Camel):
    period: str = Field(alias="_id", examples=["2024-W01"], description="2024-01-31, 2024-W05 (ISO week) or 2024-01")
    total_usage: int
    unique_tracks: int


class TrackUsed(Camel):
    ref: str = Field(alias="_id", examples=["openverse:8f1c"])
    provider: str
    track_id: str
    title: str
    artist: str
    total_usage: int


class Share(Camel):
    name: str = Field(alias="_id", examples=["ambient"])
    count: int


class UsageOut(Camel):
    start_date: date
    end_date: date
    group_by: Period
    total_usage: int
    unique_tracks: int
    usage_over_time: list[PeriodOut]
    provider_breakdown: list[Share]
    top_tracks: list[TrackUsed]
    genre_distribution: list[Share]
    mood_distribution: list[Share]
    as_of: str | None = Field(description="the moment up to which the figures are in; null: none were gathered yet")


class LapsedUse(Camel):
    used_on: date
    provider: str
    track_id: str
    title: str
    artist: str
    piece: str
    asset_id: str
    platform: str
    project_id: str
    licence_id: str | None
    covered_until: date | None = Field(description="null where it never was")


class LicenceEnding(Camel):
    id: str
    provider: str
    track_id: str
    title: str
    ends_on: date
    days_left: int
    pieces_touched: int = Field(description="published pieces that are no longer covered then")


class ComplianceOut(Camel):
    start_date: date
    end_date: date
    total_uses: int
    covered: int = Field(description="by a licence that was valid on the day of the use, or by an open one")
    compliance_rate: float | None = Field(
        description="covered of totalUses; null where nothing was used. The goal is 1"
    )
    active_licenses: int
    expiring: list[LicenceEnding] = Field(description="within 30 days, whenever they were bought")
    not_covered: list[LapsedUse]
    expired_still_published: list[LapsedUse] = Field(description="was covered, and is not any more")
    as_of: str | None


class ResponseTime(Camel):
    p50_ms: float | None
    p95_ms: float | None


class ProviderOut(Camel):
    provider: str
    searches: int = Field(description="questions, answers from the cache among them")
    cache_hits: int
    failures: int
    rate_limited: int
    response_time: ResponseTime = Field(description="of what was really asked")
    downloads: int
    uses: int
    unique_tracks: int
    licenses: int
    spent_usd: float = Field(description="calls, downloads and licences")
    saved_usd: float = Field(description="by the cache, counted with what asking cost on average")


class ProvidersOut(Camel):
    start_date: date
    end_date: date
    providers: list[ProviderOut]
    total_searches: int
    cache_hit_rate: float | None
    spent_usd: float
    as_of: str | None


@router.get("/usage")
def usage(
    asked: Asked, actor: Who, studio: TheStudio,
    by: Annotated[Period, Query(alias="groupBy", description="how usageOverTime is cut")] = "day",
) -> UsageOut:  # fmt: skip
    """Uses of licensed tracks over time, the most used tracks, genres and moods."""
    found, as_of = _ask(
        studio, Filters(asked.first, asked.last, (), _providers(asked.provider), whose(actor)), "track_uses"
    )
    uses = found["track_uses"]
    return UsageOut(
        start_date=asked.first, end_date=asked.last, group_by=by, total_usage=licensing.total(uses, "uses"),
        unique_tracks=licensing.tracks(uses),
        usage_over_time=[PeriodOut(period=row[0], total_usage=row[1], unique_tracks=row[2])
                         for row in licensing.over_time(uses, by)],
        provider_breakdown=_shares(uses, "provider", MOST),
        top_tracks=[
            TrackUsed(ref=f"{row['provider']}:{row['track_id']}", provider=row["provider"], track_id=row["track_id"],
                      title=row["title"], artist=row["artist"], total_usage=int(row["uses"]))
            for row in _rows(licensing.top_tracks(uses, TOP))
        ],
        genre_distribution=_shares(uses, "genre"), mood_distribution=_shares(uses, "mood"), as_of=as_of,
    )  # fmt: skip


@router.get("/compliance")
def compliance(asked: Asked, actor: Who, studio: TheStudio) -> ComplianceOut:
    """How many uses were covered on their day, which no longer are, and what ends soon."""
    filters = Filters(asked.first, asked.last, (), _providers(asked.provider), whose(actor))
    found, as_of = _ask(studio, filters, "track_uses", "track_lapses", "track_licences")
    uses, lapses, held = found["track_uses"], _rows(found["track_lapses"]), found["track_licences"]
    total, covered = licensing.total(uses, "uses"), licensing.total(uses, "covered")
    return ComplianceOut(
        start_date=asked.first, end_date=asked.last, total_uses=total, covered=covered,
        compliance_rate=round(covered / total, 6) if total else None,
        active_licenses=len(licensing.standing(held, today())),
        expiring=[
            LicenceEnding(id=row["id"], provider=row["provider"], track_id=row["track_id"], title=row["title"],
                          ends_on=row["ends_on"].date(), days_left=int(row["days_left"]),
                          pieces_touched=int(row["pieces_touched"]))
            for row in _rows(licensing.expiring(held, today()))[:MOST]
        ],
        not_covered=[_lapse(row) for row in lapses if not row["covered"]][:MOST],
        expired_still_published=[_lapse(row) for row in lapses if row["covered"]][:MOST], as_of=as_of,
    )  # fmt: skip


@router.get("/providers")
def providers(asked: Asked, actor: Who, studio: TheStudio) -> ProvidersOut:
    """Catalogues side by side: questions, what the cache answered, failures, how fast, and what was paid."""
    filters = Filters(asked.first, asked.last, (), _providers(asked.provider), whose(actor))
    found, as_of = _ask(studio, filters, "catalogue_providers")
    rows = _rows(found["catalogue_providers"])
    searches, hits = (sum(int(row[name]) for row in rows) for name in ("questions", "hits"))
    told = [
        ProviderOut(
            provider=row["provider"], searches=int(row["questions"]), cache_hits=int(row["hits"]), failures=int(row["failed"]),
            rate_limited=int(row["limited"]), downloads=int(row["downloads"]), uses=int(row["uses"]),
            response_time=ResponseTime(p50_ms=_ms(row["p50_s"]), p95_ms=_ms(row["p95_s"])),
            unique_tracks=int(row["tracks"]), licenses=int(row["licences"]),
            spent_usd=round(float(row["settled_usd"]) + float(row["licences_usd"]), 6),
            saved_usd=round(float(row["saved_usd"]), 6),
        )
        for row in rows
    ]  # fmt: skip
    return ProvidersOut(
        start_date=asked.first, end_date=asked.last, providers=told, total_searches=searches,
        cache_hit_rate=round(hits / searches, 6) if searches else None,
        spent_usd=round(sum(one.spent_usd for one in told), 6), as_of=as_of,
    )  # fmt: skip


def _ask(studio: Studio, filters: Filters, *questions: str) -> tuple[dict[str, pd.DataFrame], str | None]:
    mart = open_mart(studio.settings)
    try:
        if mart.version is None:
            studio.refresh_mart()  # no worker has made one yet
        found = {name: getattr(mart, name)(filters) for name in questions}
        return found, mart.as_of.isoformat() if mart.as_of else None
    finally:
        mart.close()


def _providers(provider: str) -> tuple[str, ...]:
    return (provider,) if provider else ()


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return frame.astype(object).where(frame.notna(), None).to_dict("records")  # type: ignore[return-value]


def _shares(uses: pd.DataFrame, what: str, most: int = TOP) -> list[Share]:
    return [Share(name=name, count=count) for name, count in licensing.shares(uses, what)[:most]]


def _lapse(row: dict[str, Any]) -> LapsedUse:
    return LapsedUse(
        used_on=row["day"].date(), provider=row["provider"], track_id=row["track_id"], title=row["title"], artist=row["artist"],
        piece=row["output_name"], asset_id=row["output_asset_id"], platform=row["platform"], project_id=row["project_id"],
        licence_id=row["licence_id"], covered_until=row["covered_until"].date() if row["covered"] else None,
    )  # fmt: skip


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)
