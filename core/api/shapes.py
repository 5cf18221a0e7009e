"""What REST answers with: jobs, assets, pages. Money is a decimal string, a moment ISO 8601 in UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, Field

from core.store.assets import Asset
from core.store.jobs import PRIORITIES, Job

_PRIORITY_NAMES = {number: name for name, number in PRIORITIES.items()}
PAGE_MAX = 200


class Submitted(BaseModel):
    """A job was written down. Follow it at `Location`, or at its `/events`."""

    job_id: str = Field(examples=["job_01kc0s3t9v6xj4m2n8q5r7w1yz"])
    generation_id: str = Field(description="one job makes one generation: the same id")
    status: str = Field(examples=["waiting"])


class ErrorOut(BaseModel):
    kind: str
    message: str
    hint: str
    code: str


class JobOut(BaseModel):
    id: str
    kind: str = Field(examples=["speech"])
    title: str
    status: str = Field(description="waiting, running, done, failed, cancelled or unknown (a person has to look)")
    stage: str
    fraction: float = Field(ge=0, le=1)
    eta_s: float | None
    position: int | None = Field(default=None, description="how many jobs run before it; null unless it waits")
    priority: str = Field(examples=["normal"])
    paused: bool
    attempt: int
    provider: str | None
    parent_id: str | None
    cap_usd: str | None
    error: ErrorOut | None
    result: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, job: Job, position: int | None = None) -> JobOut:
        own = ("position", "priority", "cap_usd", "error", "fraction")
        fields = {name: getattr(job, name) for name in cls.model_fields if name not in own}
        return cls(
            **fields, position=position, priority=_PRIORITY_NAMES.get(job.priority, str(job.priority)),
            cap_usd=None if job.cap_usd is None else str(job.cap_usd), fraction=min(1.0, max(0.0, job.fraction)),
            error=None if job.error is None else ErrorOut(
                **{name: str(job.error.get(name, "")) for name in ErrorOut.model_fields}
            ),
        )  # fmt: skip


class AssetOut(BaseModel):
    id: str
    kind: str = Field(examples=["voiceover"])
    source: str = Field(examples=["tts"])
    role: str = Field(examples=["primary"])
    name: str
    folder: str
    tags: list[str]
    rating: int | None
    favourite: bool
    duration_s: float | None
    format: str
    sample_rate: int | None
    channels: int | None
    bytes: int
    sha256: str
    lufs: float | None
    true_peak_dbtp: float | None
    bpm: float | None
    key: str | None
    genre: str | None
    mood: str | None
    cost_usd: str
    licence: dict[str, Any]
    generation_config: dict[str, Any] = Field(description="provider, model, text or prompt, settings, seed")
    visibility: str
    draft: bool
    job_id: str | None
    file_url: str
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = Field(description="when it was moved to the bin")

    @classmethod
    def of(cls, asset: Asset) -> AssetOut:
        fields = {name: getattr(asset, name) for name in AssetOut.model_fields if name not in ("cost_usd", "file_url")}
        return cls(**fields, cost_usd=str(asset.cost_usd), file_url=file_url(asset))


class LibraryItem(AssetOut):
    """An asset under the audio-studio document's names as well."""

    audio_id: str
    type: str
    url: str
    duration: float | None = Field(description="seconds")
    size: int = Field(description="bytes")

    @classmethod
    def of(cls, asset: Asset) -> LibraryItem:
        return cls(
            **AssetOut.of(asset).model_dump(), audio_id=asset.id, type=asset.kind, url=file_url(asset),
            duration=asset.duration_s, size=asset.bytes,
        )  # fmt: skip


class Finished(BaseModel):
    """What `?wait=` answers with when the job ended in time."""

    job_id: str
    generation_id: str
    status: str
    cost_usd: str
    assets: list[AssetOut] = Field(description="the primary one first")
    result: dict[str, Any] | None

    @classmethod
    def of(cls, job: Job, cost_usd: str, assets: Sequence[Asset]) -> Finished:
        return cls(
            job_id=job.id, generation_id=job.id, status=job.status, cost_usd=cost_usd,
            assets=[AssetOut.of(asset) for asset in assets], result=job.result,
        )  # fmt: skip


class Page(BaseModel):
    limit: int
    offset: int
    total: int | None = Field(default=None, description="how many there are in all, where that is known")


class JobPage(Page):
    jobs: list[JobOut]


class LibraryPage(Page):
    assets: list[LibraryItem]


def file_url(asset: Asset) -> str:
    return f"/api/audio-studio/library/{quote(asset.id, safe='')}/file"


def job_url(job_id: str) -> str:
    return f"/api/jobs/{quote(job_id, safe='/')}"
