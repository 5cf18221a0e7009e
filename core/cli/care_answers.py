"""What `--json` prints of backup, restore, verify, secrets, webhooks and retention."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel


class BackupLine(BaseModel):
    path: str
    bytes: int
    rows: int
    files: int
    with_secrets: bool
    missing: list[str]
    damaged: list[str]


class RestoreLine(BaseModel):
    made_at: str
    rows: int
    files: int
    live_jobs: int
    queue_paused: bool
    moved_aside: str | None
    with_secrets: bool
    missing: list[str]
    damaged: list[str]


class ProblemLine(BaseModel):
    rule: str
    subject: str
    detail: str
    remedy: str
    fixed: bool


class VerifyLine(BaseModel):
    sound: bool
    files: int
    bytes: int
    problems: list[ProblemLine]


class SecretLine(BaseModel):
    name: str
    ending: str
    updated_at: datetime
    overridden: bool


class WebhookLine(BaseModel):
    id: str
    user_id: str
    url: str
    events: list[str]
    active: bool
    created_at: datetime


class NewWebhookLine(WebhookLine):
    secret: str


class DeliveryLine(BaseModel):
    id: str
    event: str
    subject_id: str
    status: str
    tries: int
    next_at: datetime
    answer: str
    created_at: datetime


class DaysLine(BaseModel):
    sign_ins: int
    deliveries: int
    results: int
    answers: int
