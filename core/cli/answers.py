"""What `--json` prints: pydantic models, so that scripts can rely on the fields."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from core.rights.credentials import Credentials
from core.store.assets import Asset
from core.store.jobs import Job


class MadeAsset(BaseModel):
    id: str
    role: str
    path: str


class Made(BaseModel):
    """speak, music, mix"""

    job_id: str
    assets: list[MadeAsset]
    cost_usd: str
    licence: dict[str, Any]


class JobLine(BaseModel):
    id: str
    kind: str
    title: str
    status: str
    stage: str
    percent: int
    eta_s: float | None
    position: int | None
    priority: int
    paused: bool
    provider: str | None
    parent_id: str | None
    error: dict[str, Any] | None
    result: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, job: Job, position: int | None = None) -> JobLine:
        fields = {name: getattr(job, name) for name in cls.model_fields if name not in ("percent", "position")}
        return cls(**fields, percent=round(job.fraction * 100), position=position)


class AssetLine(BaseModel):
    id: str
    kind: str
    source: str
    name: str
    folder: str
    tags: list[str]
    rating: int | None
    favourite: bool
    duration_s: float | None
    format: str
    bytes: int
    lufs: float | None
    bpm: float | None
    key: str | None
    genre: str | None
    mood: str | None
    cost_usd: str
    licence: dict[str, Any]
    job_id: str | None
    role: str
    created_at: datetime

    @classmethod
    def of(cls, asset: Asset) -> AssetLine:
        fields = {name: getattr(asset, name) for name in cls.model_fields if name != "cost_usd"}
        return cls(**fields, cost_usd=str(asset.cost_usd))


class Deleted(BaseModel):
    """templates delete, schedules delete, styles delete"""

    id: str


class CapLine(BaseModel):
    scope: str
    limit_usd: str
    used_usd: str
    left_usd: str


class CostLine(BaseModel):
    provider: str
    kind: str
    count: int
    settled_usd: str
    reserved_usd: str


class Costs(BaseModel):
    today_usd: str
    month_usd: str
    caps: list[CapLine]
    month: list[CostLine]


class CheckLine(BaseModel):
    name: str
    state: str
    detail: str
    remedy: str


class MartLine(BaseModel):
    outcome: str
    path: str
    as_of: datetime | None
    rows: dict[str, int]


class CredentialsLine(BaseModel):
    state: str
    """trusted, valid, expired, damaged; none: the file carries no credentials"""
    problems: list[str]
    signed_by: str
    generator: str
    title: str
    source_type: str
    origin: str
    actions: list[str]
    ingredients: list[str]
    making: dict[str, Any] | None
    claim: str

    @classmethod
    def of(cls, found: Credentials | None) -> CredentialsLine:
        if found is None:
            return cls(
                state="none", problems=[], signed_by="", generator="", title="", source_type="", origin="", actions=[],
                ingredients=[], making=None, claim="",
            )  # fmt: skip
        fields = {name: getattr(found, name) for name in cls.model_fields}
        return cls(**{name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()})
