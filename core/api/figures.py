"""The shapes of the figures: our own, and the ai-music document's camelCase ones."""

from __future__ import annotations

from datetime import date

from pydantic import AliasGenerator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

MONTH_DAYS = 30
FORMULA = (
    f"estimated monthly cost = total cost / days × {MONTH_DAYS}, where days counts the UTC days from the first to the "
    "last of the range, both included, none of them in the future"
)


class ProviderCost(BaseModel):
    provider: str
    count: int = Field(description="charges, at $0 too")
    total_cost: str
    average_cost: str


class Cost(BaseModel):
    first_day: date
    last_day: date
    total_generations: int = Field(description="charges settled or reserved: one for each attempt that made something")
    total_cost: str = Field(description="dollars settled")
    reserved_cost: str = Field(description="dollars held for what is being made now")
    average_cost_per_generation: str
    provider_breakdown: list[ProviderCost]
    estimated_monthly_cost: str
    estimated_monthly_cost_formula: str = FORMULA


class Period(BaseModel):
    period: date = Field(description="its first day")
    generations: int
    seconds: float
    total_cost: float


class Count(BaseModel):
    name: str
    count: int


class Usage(BaseModel):
    first_day: date
    last_day: date
    total_generations: int = Field(description="finished pieces: no previews, no stems")
    total_seconds: float
    usage_over_time: list[Period]
    provider_breakdown: list[Count]
    popular_moods: list[Count]
    popular_genres: list[Count]
    as_of: str | None = Field(description="up to when the mart knows")


class QueueFigures(BaseModel):
    waiting: int
    running: int
    paused: bool
    by_kind: list[Count]
    worker_alive: bool


class _Camel(BaseModel):
    model_config = ConfigDict(
        alias_generator=AliasGenerator(serialization_alias=to_camel, validation_alias=None), populate_by_name=True
    )


class ProviderCostCamel(_Camel):
    provider: str
    count: int
    total_cost: float
    average_cost: float


class GroupCamel(_Camel):
    """A part of the figures, as groupBy cuts them."""

    group: str = Field(description="a day (a week's or month's first), a name or an id; empty: no template")
    count: int
    total_cost: float
    average_cost: float


class CostCamel(_Camel):
    total_generations: int
    total_cost: float
    average_cost_per_generation: float
    provider_breakdown: list[ProviderCostCamel]
    estimated_monthly_cost: float
    estimated_monthly_cost_formula: str = FORMULA
    groups: list[GroupCamel] | None = Field(None, description="with groupBy alone; they add up to the totals")


class PeriodCamel(_Camel):
    period: date
    generations: int
    seconds: float
    total_cost: float


class UsageCamel(_Camel):
    total_generations: int
    total_seconds: float
    usage_over_time: list[PeriodCamel]
    provider_breakdown: list[Count]
    popular_moods: list[Count]
    popular_genres: list[Count]
    popular_templates: list[Count] = Field([], description="by use, failed ones too; drafts are none")
    kept_rate: float | None = Field(None, description="of the pieces made, the part that is in no bin")
    groups: list[Count] | None = Field(None, description="with groupBy of provider, user, template, mood or genre")


class QueueGroupCamel(_Camel):
    group: str
    jobs: int
    done: int
    failed: int = Field(description="cancelled ones too")
    within_target: int = Field(description="done within 30 s of being asked for")


class QueueCamel(_Camel):
    waiting: int
    running: int
    paused: bool
    worker_alive: bool
    done: int = Field(0, description="jobs of the range that are done; from the dashboards' mart")
    failed: int = Field(0, description="jobs of the range that failed or were cancelled")
    within_target_share: float | None = Field(None, description="of those done, the part within 30 s")
    batch_success: float | None = Field(None, description="of the pieces of batches that ended, the part that was made")
    groups: list[QueueGroupCamel] | None = Field(None, description="with groupBy alone")
