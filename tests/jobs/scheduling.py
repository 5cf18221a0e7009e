"""A clock that a test moves, and short ways to plan and to look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.store import jobs as job_rows
from core.store.schedules import Run, Schedule

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""09:00 in Berlin."""


class Clock:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self, connection: Connection) -> datetime:
        return self.moment

    def forward(self, **span: float) -> None:
        self.moment += timedelta(**span)


def plan(studio: Studio, account: Path, actor: Actor = LOCAL, **values: Any) -> Schedule:
    request = {"account": str(account), **values.pop("request", {})}
    times = {"cron": "every Monday at 09:00", "zone": "Europe/Berlin"} if not {"cron", "at"} & set(values) else {}
    return studio.schedules.add(actor, kind="bought", request=request, title="Planned", **{**times, **values})


def log(studio: Studio, schedule: Schedule) -> list[Run]:
    return studio.schedules.log(LOCAL, schedule.id)


def jobs_of(studio: Studio) -> list[job_rows.Job]:
    return studio.jobs.list(LOCAL, limit=100)


def state(studio: Studio, schedule: Schedule) -> Schedule:
    return studio.schedules.show(LOCAL, schedule.id)[0]
