"""What a step of a job asks of the metered call, and what it gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.kit.actor import Actor
from core.kit.clock import new_id, now
from core.providers.base import Made, Provider
from core.store import attempts
from core.store.attempts import Attempt

NO_JOB = -1
"""Epoch of a call that belongs to no job (core.calls.direct): nobody can take it over, so nothing is compared."""


class Fenced(Exception):
    """The job was taken over by another worker. Not a StudioError: no user sees it, the worker stops."""


@dataclass(frozen=True)
class Ask:
    """One step of a job that wants something made."""

    job_id: str
    root_job_id: str
    epoch: int
    actor: Actor
    kind: str
    request: Any
    folder: Path
    step: str = "main"
    provider: str | None = None
    engines: tuple[str, ...] = ()
    """Only these may be asked, in this order. Empty: the studio's own order."""
    model: str = "default"
    cancelled: Callable[[], bool] = lambda: False
    progress: Callable[[str, float], None] = lambda stage, fraction: None


@dataclass(frozen=True)
class Bought:
    made: Made
    provider: str
    model: str
    licence: str
    attempt_id: str
    reused: bool = False


def new_attempt(ask: Ask, provider: Provider, number: int) -> Attempt:
    info = provider.info
    return Attempt(
        id=new_id("attempt"), job_id=ask.job_id, step=ask.step, number=number, provider=info.name, kind=ask.kind,
        model=ask.model if ask.model in info.models else info.models[0], form=info.form, status=attempts.RESERVED,
        epoch=ask.epoch, remote_id=None, result=None, error=None, created_at=now(), finished_at=None, updated_at=now(),
    )  # fmt: skip
