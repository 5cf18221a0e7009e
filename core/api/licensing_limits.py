"""Limits, cache and configuration of the catalogues of licensed music, on the music-licensing document's own paths."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AliasGenerator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from core.api.analytics import Asked
from core.api.submitting import TheStudio, Who
from core.calls.cache import ClassFigures
from core.licensing.configuring import Usage

router = APIRouter(tags=["music licensing"])
GOAL = (0.6, 0.8)
Catalogue = Annotated[str, Query(max_length=40, description="a catalogue; empty: all")]
Class = Literal["search", "details", "validation"]


class _Camel(BaseModel):
    model_config = ConfigDict(
        alias_generator=AliasGenerator(validation_alias=to_camel, serialization_alias=to_camel), populate_by_name=True,
        extra="forbid",
    )  # fmt: skip


class PerWindow(_Camel):
    per_minute: int | None
    per_hour: int | None
    per_day: int | None


class RateLimit(_Camel):
    provider: str
    title: str
    usage: PerWindow = Field(description="requests within the last minute, hour and day, over all workers")
    remaining: PerWindow = Field(description="null: no limit")
    limits: PerWindow = Field(description="null: no limit")
    frees_in_s: dict[str, float] = Field(description="seconds until a full window has room again; windows with room: 0")
    near: list[str] = Field(description="windows of which four fifths are used: it is asked more slowly")
    paused_s: float = Field(description="it said itself that it may not be asked for so long")

    @classmethod
    def of(cls, one: Usage) -> RateLimit:
        def per(name: str) -> PerWindow:
            return PerWindow(**{f"per_{window}": getattr(each, name) for window, each in one.windows.items()})

        return cls(
            provider=one.provider, title=one.title, usage=per("used"), remaining=per("left"), limits=per("limit"),
            frees_in_s={f"per{name.title()}": round(each.full_s, 1) for name, each in one.windows.items()},
            near=[f"per{name.title()}" for name in one.near], paused_s=round(one.paused_s, 1),
        )  # fmt: skip


class RateLimits(_Camel):
    rate_limits: list[RateLimit]


class CacheFigures(_Camel):
    hits: int = Field(description="answers that the provider was not asked for")
    joined: int = Field(description="of the hits: asked in the same moment as another, and shared its answer")
    misses: int
    stale: int = Field(description="answers given although they had expired, since the provider could not be asked")
    hit_rate: float | None = Field(description="of all that was asked; null before anything was")
    entries: int
    fresh: int = Field(description="entries that have not expired")
    oldest_s: float | None = Field(description="age of the oldest entry in seconds")
    calls_saved: int
    usd_saved: str


class CacheClass(CacheFigures):
    provider: str
    cache_class: str
    newest_s: float | None
    ttl_s: float | None

    @classmethod
    def of(cls, one: ClassFigures) -> CacheClass:
        return cls(
            provider=one.provider, cache_class=one.cache_class, newest_s=one.newest_s, ttl_s=one.ttl_s,
            **_sums([one]).model_dump(),
        )  # fmt: skip


class CachePeriod(BaseModel):
    id: str = Field(serialization_alias="_id")
    hits: int
    misses: int
    stale: int


class Cache(_Camel):
    cache: CacheFigures
    goal: tuple[float, float] = Field(GOAL, description="the hit rate that is hoped for")
    classes: list[CacheClass]
    cache_over_time: list[CachePeriod]


class Limits(_Camel):
    """Requests allowed; null: no limit. Left out: as before."""

    requests_per_minute: int | None = None
    requests_per_hour: int | None = None
    requests_per_day: int | None = None


class Ttls(_Camel):
    """Seconds. Left out: as before; 0: such answers are not kept."""

    search: float | None = None
    details: float | None = None
    validation: float | None = None


class Change(_Camel):
    provider: str = Field(max_length=40)
    enabled: bool | None = None
    rate_limit: Limits | None = None
    cache_ttl: Ttls | None = None
    reset: bool = Field(default=False, description="back to what is shipped, before the rest of this counts")


class AllLimits(_Camel):
    requests_per_minute: int | None
    requests_per_hour: int | None
    requests_per_day: int | None


class AllTtls(_Camel):
    search: float
    details: float
    validation: float


class Configuration(_Camel):
    provider: str
    title: str
    enabled: bool
    rate_limit: AllLimits
    cache_ttl: AllTtls
    key: Literal["set", "missing", "not_needed", "unreadable"] = Field(description="the key itself is never told")
    ready: bool
    why: str
    remedy: str
    changed: bool = Field(description="something differs from what is shipped")


class Configurations(_Camel):
    providers: list[Configuration]


class Forgotten(_Camel):
    forgotten: int


@router.get("/api/music-licensing/analytics/rate-limits")
def rate_limits(actor: Who, studio: TheStudio, provider: Catalogue = "") -> RateLimits:
    """How far each catalogue's limits are used."""
    return RateLimits(
        rate_limits=[RateLimit.of(one) for one in studio.catalogue_settings.usage(actor, provider or None)]
    )


@router.get("/api/music-licensing/analytics/cache")
def cache(
    asked: Asked,
    actor: Who,
    studio: TheStudio,
    by: Annotated[Literal["day", "week", "month"], Query(alias="groupBy")] = "day",
) -> Cache:
    """What the cache of the catalogues' answers did and saved, and what is in it."""
    found = studio.catalogue_settings.cache(actor, asked.provider, asked.first, asked.last)
    over: dict[str, CachePeriod] = {}
    for row in studio.catalogue_settings.counts(actor, asked.first, asked.last, asked.provider):
        one = over.setdefault(period := _period(row.day, by), CachePeriod(id=period, hits=0, misses=0, stale=0))
        one.hits, one.misses, one.stale = one.hits + row.hits, one.misses + row.misses, one.stale + row.stale
    return Cache(
        cache=_sums(found), classes=[CacheClass.of(one) for one in found],
        cache_over_time=[over[period] for period in sorted(over)],
    )  # fmt: skip


@router.get("/api/admin/music-licensing/providers")
def configurations(actor: Who, studio: TheStudio) -> Configurations:
    """Every catalogue's configuration. Administrators only."""
    studio.catalogue_settings.check(actor)
    return Configurations(
        providers=[Configuration.model_validate(one) for one in studio.catalogue_settings.all(actor)]
    )  # fmt: skip


@router.put("/api/admin/music-licensing/providers")
def configure(body: Change, actor: Who, studio: TheStudio) -> Configuration:
    """Switch a catalogue, or change its limits and the times its answers are good for. Administrators only."""
    changed = studio.catalogue_settings.change(
        actor, body.provider, enabled=body.enabled, reset=body.reset, rate_limit=_given(body.rate_limit),
        cache_ttl={name: ttl for name, ttl in _given(body.cache_ttl).items() if ttl is not None},
    )  # fmt: skip
    return Configuration.model_validate(changed)


@router.delete("/api/admin/music-licensing/cache")
def forget(
    actor: Who,
    studio: TheStudio,
    provider: Catalogue = "",
    cache_class: Annotated[Class | None, Query(alias="cacheClass")] = None,
    key: Annotated[str, Query(pattern="^([0-9a-f]{64})?$", description="one question's")] = "",
) -> Forgotten:
    """Drop cached answers: of a catalogue, a class, both, or one question; all without any. Administrators only."""
    return Forgotten(forgotten=studio.catalogue_settings.forget(actor, provider or None, cache_class, key or None))


def _given(body: BaseModel | None) -> dict[str, Any]:
    return {} if body is None else body.model_dump(by_alias=True, exclude_unset=True)


def _sums(found: list[ClassFigures]) -> CacheFigures:
    def total(name: str) -> Any:
        return sum(getattr(one, name) for one in found)

    asked = total("hits") + total("misses") + total("stale")
    ages = [one.oldest_s for one in found if one.oldest_s is not None]
    return CacheFigures(
        hits=total("hits"), joined=total("joined"), misses=total("misses"), stale=total("stale"),
        hit_rate=total("hits") / asked if asked else None, entries=total("entries"), fresh=total("fresh"),
        oldest_s=max(ages, default=None), calls_saved=total("calls_saved"), usd_saved=f"{total('saved_usd'):.6f}",
    )  # fmt: skip


def _period(day: date, by: str) -> str:
    """As the document labels them: 2024-W01."""
    return day.strftime({"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}[by])
