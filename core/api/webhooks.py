"""Webhooks over REST: who is told when a job ends or an alert is raised, and what was told them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from core.api.bodies import Asked
from core.api.submitting import TheStudio, Who
from core.store.webhooks import Delivery, Webhook

router = APIRouter(tags=["webhooks"])
WebhookId = Annotated[str, Path(max_length=60, examples=["webhook_01kc0s3t9v6xj4m2n8q5r7w1yz"])]
Event = Literal[
    "job.done",
    "job.failed",
    "job.cancelled",
    "job.unknown",
    "scenes_processed",
    "alert",
    "licence.expiring",
    "licence.ended",
    "licence.changed",
]


class NewWebhook(Asked):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"url": "https://example.com/hook", "events": ["job.done", "job.failed"]}]}
    )

    url: str = Field(max_length=2000)
    events: list[Event] | None = Field(default=None, max_length=9, description="all of them, if left out")


class WebhookOut(BaseModel):
    id: str
    url: str
    events: list[str]
    active: bool
    created_at: datetime

    @classmethod
    def of(cls, hook: Webhook) -> WebhookOut:
        return cls(**{name: getattr(hook, name) for name in WebhookOut.model_fields})


class WebhookMade(WebhookOut):
    secret: str = Field(description="signs every delivery; shown this once")


class Webhooks(BaseModel):
    webhooks: list[WebhookOut]


class DeliveryOut(BaseModel):
    id: str
    event: str
    subject_id: str
    payload: dict[str, Any]
    status: str = Field(description="waiting, delivered or failed")
    tries: int
    answer: str = Field(description="what the other side said")
    created_at: datetime
    next_at: datetime

    @classmethod
    def of(cls, delivery: Delivery) -> DeliveryOut:
        return cls(**{name: getattr(delivery, name) for name in cls.model_fields})


class Deliveries(BaseModel):
    deliveries: list[DeliveryOut]


@router.get("/api/webhooks")
def listing(actor: Who, studio: TheStudio) -> Webhooks:
    return Webhooks(webhooks=[WebhookOut.of(hook) for hook in studio.webhooks.list(actor)])


@router.post("/api/webhooks", status_code=201)
def add(body: NewWebhook, actor: Who, studio: TheStudio, response: Response) -> WebhookMade:
    """Tell this address of these events. The answer holds the secret, which is shown this once."""
    hook, secret = studio.webhooks.add(actor, body.url, body.events)
    response.headers["Location"] = f"/api/webhooks/{hook.id}/deliveries"
    response.headers["Cache-Control"] = "no-store"
    return WebhookMade(**WebhookOut.of(hook).model_dump(), secret=secret)


@router.delete("/api/webhooks/{webhook_id}", status_code=204)
def remove(webhook_id: WebhookId, actor: Who, studio: TheStudio) -> None:
    studio.webhooks.remove(actor, webhook_id)


@router.get("/api/webhooks/{webhook_id}/deliveries")
def deliveries(
    webhook_id: WebhookId, actor: Who, studio: TheStudio, limit: Annotated[int, Query(ge=1, le=200)] = 100
) -> Deliveries:
    """Newest first: what was sent, how often it was tried, and what the other side said."""
    return Deliveries(deliveries=[DeliveryOut.of(row) for row in studio.webhooks.deliveries(actor, webhook_id, limit)])


@router.post("/api/webhooks/{webhook_id}/test")
def test(webhook_id: WebhookId, actor: Who, studio: TheStudio) -> DeliveryOut:
    """Send one event of type "test" now, once."""
    return DeliveryOut.of(studio.webhooks.test(actor, webhook_id))
