"""Every POST that makes something: 202 with a job, or, with ?wait=, 200 with what came out. One way for all doors.

Waiting is asynchronous here, against the house's habit: a thread for each of a thousand waiting clients would leave
none to answer the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from core.api.answers import JobEnded
from core.api.bodies import Asked
from core.api.shapes import Finished, Submitted, job_url
from core.api.visitors import actor_of, studio_of
from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import AccessError, Cancelled, StudioError, UserError
from core.store.assets import Asset
from core.store.jobs import CANCELLED, DONE, Job

WAIT_MAX_S = 120
_FIRST_LOOK_S, _SLOWEST_LOOK_S = 0.02, 0.25

Who = Annotated[Actor, Depends(actor_of)]
KNOWN = Depends(actor_of)
"""For routes that show everybody the same: whoever asks has to be somebody, no more."""
TheStudio = Annotated[Studio, Depends(studio_of)]
Wait = Annotated[
    float, Query(ge=0, le=WAIT_MAX_S, allow_inf_nan=False, description="seconds to wait for the result", examples=[30])
]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[\x20-\x7e]+$",
        description="the same key of the same user answers the job it already made, never a second one",
    ),
]  # fmt: skip

SUBMITTED: dict[int | str, dict[str, Any]] = {
    200: {"model": Finished, "description": "done within ?wait="},
    202: {"model": Submitted, "description": "written down; `Location` is where to follow it"},
}


class Making(Asked):
    """What every request to make something may say beside its own values."""

    priority: Literal["urgent", "normal", "low"] = "normal"
    cap_usd: Decimal | None = Field(
        default=None, ge=0, le=1_000_000, max_digits=13, decimal_places=6, allow_inf_nan=False, examples=["0.50"],
        description="the most this job may cost, with everything under it",
    )  # fmt: skip


class Door:
    """Who asks, of which studio, under which key, and how long they will wait."""

    def __init__(
        self, request: Request, actor: Who, studio: TheStudio, wait: Wait = 0.0, idempotency_key: Key = None
    ) -> None:
        self.request = request
        self.actor = actor
        self.studio = studio
        self.wait_s = wait
        self.key = idempotency_key

    async def submit(self, submit: Callable[[], Job]) -> Job:
        """The job, ended or not, after at most `wait` seconds. Raises the error it ended with."""
        admitted(self.studio)
        job = await run_in_threadpool(submit)
        if self.wait_s and not job.ended:
            job = await ended(self.studio, self.actor, job.id, self.wait_s)
        if job.ended and job.status != DONE:
            raise JobEnded(job.id, failure(self.studio, job))
        return job

    async def make(self, submit: Callable[[], Job]) -> JSONResponse:
        """Answers snake_case, for our own paths."""
        job = await self.submit(submit)
        headers = {"Location": job_url(job.id)}
        if not self.wait_s or not job.ended:
            said: BaseModel = Submitted(job_id=job.id, generation_id=job.id, status=job.status)
            return JSONResponse(said.model_dump(mode="json"), 202, headers)
        cost, assets = await run_in_threadpool(self.outcome, job)
        return JSONResponse(Finished.of(job, cost, assets).model_dump(mode="json"), 200, headers)

    def outcome(self, job: Job) -> tuple[str, list[Asset]]:
        return str(self.studio.jobs.cost(self.actor, job.id)), self.studio.jobs.assets(self.actor, job.id)


Submission = Annotated[Door, Depends(Door)]


def admitted(studio: Studio) -> None:
    """The public demo's limits are the page's; over REST anybody would be a new visitor with each request."""
    if studio.settings.demo:
        raise AccessError(
            "The public demo makes nothing over REST.",
            "Use its page, or run the studio on your own machine: it is free.",
        )


async def ended(studio: Studio, actor: Actor, job_id: str, timeout_s: float) -> Job:
    """The job once it has ended, or as it is when the time is up."""
    clock = asyncio.get_running_loop()
    until = clock.time() + timeout_s
    pause = _FIRST_LOOK_S
    while True:
        job = await run_in_threadpool(studio.jobs.show, actor, job_id)
        if job.ended or clock.time() >= until:
            return job
        await asyncio.sleep(min(pause, max(0.0, until - clock.time())))
        pause = min(_SLOWEST_LOOK_S, pause * 1.3)


def failure(studio: Studio, job: Job) -> StudioError:
    if job.status == CANCELLED:
        return Cancelled()
    return studio.jobs.failure(job) or UserError(f"Job {job.id} is {job.status}.", "Retry it.", job.status)
