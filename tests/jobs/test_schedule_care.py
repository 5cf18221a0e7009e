"""What may be planned, by whom, and what is left of it: changed, refused, hidden from others, restored, forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.errors import NotFound, UserError
from core.store import portable
from core.store import schedules as rows
from tests.jobs.scheduling import MONDAY, Clock, log, plan, state


@pytest.mark.usefixtures("clock")
def test_another_time_and_another_request(studio: Studio, tmp_path: Path) -> None:
    planned = plan(studio, tmp_path / "a")
    moved = studio.schedules.edit(
        LOCAL, planned.id, cron="every day at 07:00", zone="America/New_York", title="Early", cap_usd=Decimal(1)
    )
    assert (moved.cron, moved.title, moved.cap_usd) == ("0 7 * * *", "Early", Decimal(1))
    assert moved.next_at == datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    once = studio.schedules.edit(LOCAL, planned.id, at="2026-12-24 18:30", zone="Europe/Berlin")
    assert (once.cron, once.next_at) == ("", datetime(2026, 12, 24, 17, 30, tzinfo=UTC))
    assert studio.schedules.edit(LOCAL, planned.id, cap_usd=None).cap_usd is None


@pytest.mark.usefixtures("clock")
def test_what_cannot_be_planned(studio: Studio, tmp_path: Path) -> None:
    bad: list[dict[str, Any]] = [
        {"cron": "sometimes"}, {"cron": "@daily", "at": "2027-01-01 00:00"}, {"at": "2020-01-01 00:00"}, {"zone": "Nowhere"},
        {"missed": "maybe"}, {"overlap": "queue"}, {"times": 0}, {"cap_usd": Decimal(-1)}, {"cap_usd": Decimal("NaN")},
        {"until": "2026-11-21 00:00"}, {"cron": ""},
    ]  # fmt: skip
    for values in bad:
        with pytest.raises(UserError):
            plan(studio, tmp_path / "a", **({"cron": "every Monday at 09:00"} | values))
    with pytest.raises(UserError) as refused:
        studio.schedules.add(LOCAL, kind="dance", request={}, cron="@daily")
    assert refused.value.code == "no_submitter"
    with pytest.raises(UserError):  # checked when it is planned, not when it is due
        studio.schedules.add(LOCAL, kind="music", request={"prompt": "x", "bpm": 900}, cron="@daily")
    for request in ({"actor": "root", "text": "x"}, {"text": "x", "idempotency_key": "y"}, {"text": "x", "self": 1}):
        with pytest.raises(UserError):
            studio.schedules.add(LOCAL, kind="speech", request=request, cron="@daily")
    assert studio.schedules.list(LOCAL) == []


@pytest.mark.usefixtures("clock")
def test_schedules_of_others_do_not_exist(studio: Studio, tmp_path: Path) -> None:
    planned = plan(studio, tmp_path / "a")
    ann = Actor("ann")
    service = studio.schedules
    for act in (service.show, service.log, service.pause, service.resume, service.delete, service.run):
        with pytest.raises(NotFound):
            act(ann, planned.id)
    with pytest.raises(NotFound):
        service.edit(ann, planned.id, title="mine")
    assert service.list(ann) == []


def test_a_restored_studio_buys_nothing_by_itself(studio: Studio, clock: Clock, tmp_path: Path) -> None:
    planned = plan(studio, tmp_path / "a")
    with studio.store.db.write() as connection:
        portable.wake(connection, moved=True)
    assert state(studio, planned).state == "active"
    with studio.store.db.write() as connection:
        portable.wake(connection, moved=False)
    assert state(studio, planned).state == "paused"
    clock.moment = MONDAY
    assert studio.schedules.runs.tick() == 0


def test_old_lines_leave_the_log(studio: Studio, clock: Clock, tmp_path: Path) -> None:
    planned = plan(studio, tmp_path / "a", cron="@monthly", zone="UTC", overlap="allow")
    for _ in range(8):
        clock.moment = state(studio, planned).next_at or clock.moment
        studio.schedules.runs.tick()
    assert [run.due.month for run in log(studio, planned)] == [7, 6, 5], "90 days"
    with studio.store.db.read() as connection:
        assert rows.waiting_runs(connection, clock.moment + timedelta(days=1)) == []
