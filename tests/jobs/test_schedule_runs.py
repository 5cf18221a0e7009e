"""What is due runs once: at its time, after a crash, with several at it, after a week's sleep, and not when it may not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.clock import now
from core.kit.errors import AccessError, MoneyError, NotFound, Unavailable, UserError
from core.store import jobs as job_rows
from tests import scripted
from tests.jobs.scheduling import MONDAY, Clock, jobs_of, log, plan, state
from tests.scripted import purchases
from tests.servers import Postgres


def test_a_worker_makes_it_at_its_time(working: Studio, tmp_path: Path) -> None:
    soon = (now() + timedelta(seconds=1)).isoformat()
    planned = plan(working, tmp_path / "a", at=soon)
    watched = threading.Event()
    for _ in range(600):
        found = log(working, planned)
        if found and found[0].came_to == "done":
            break
        watched.wait(0.05)
    assert [run.came_to for run in log(working, planned)] == ["done"]
    assert len(purchases(tmp_path / "a")) == 1
    ended = state(working, planned)
    assert (ended.state, ended.next_at) == ("ended", None)
    assert working.jobs.show(LOCAL, found[0].job_id or "").started_at is not None
    assert found[0].due >= datetime.fromisoformat(soon) - timedelta(microseconds=1)


def test_each_time_once_and_on_to_the_next(studio: Studio, clock: Clock, tmp_path: Path) -> None:
    planned = plan(studio, tmp_path / "a", overlap="allow")
    assert planned.next_at == MONDAY
    runs = studio.schedules.runs
    assert runs.tick() == 0
    clock.moment = MONDAY + timedelta(seconds=2)
    assert [runs.tick() for _ in range(3)] == [1, 0, 0]
    assert state(studio, planned).next_at == MONDAY + timedelta(days=7)
    clock.moment = MONDAY - timedelta(hours=1)  # the clock goes back, and there again
    assert runs.tick() == 0
    clock.moment = MONDAY + timedelta(seconds=1)
    assert runs.tick() == 0
    clock.moment = MONDAY + timedelta(days=7)
    assert runs.tick() == 1
    assert [job.idempotency_key for job in jobs_of(studio)] == [
        f"schedule:{planned.id}:{each.isoformat()}" for each in (MONDAY, MONDAY + timedelta(days=7))
    ]


@pytest.mark.parametrize(("rule", "made", "missed"), [("skip", 0, 7), ("once", 1, 6), ("all", 7, 0)])
def test_asleep_for_a_week(studio: Studio, clock: Clock, tmp_path: Path, rule: str, made: int, missed: int) -> None:
    planned = plan(studio, tmp_path / "a", cron="@daily", zone="UTC", missed=rule, overlap="allow")
    clock.forward(days=7, hours=1)
    assert studio.schedules.runs.tick() == made
    assert len(jobs_of(studio)) == made
    left_out = [run for run in log(studio, planned) if run.came_to == "missed"]
    assert sum(run.count for run in left_out) == missed
    assert all(run.late for run in log(studio, planned) if run.job_id)
    coming = state(studio, planned).next_at
    assert coming is not None
    assert clock.moment < coming <= clock.moment + timedelta(days=1)


def test_more_than_can_be_made_up(studio: Studio, clock: Clock, tmp_path: Path) -> None:
    planned = plan(studio, tmp_path / "a", cron="@hourly", zone="UTC", missed="all")
    clock.forward(days=2)
    runs = studio.schedules.runs
    assert runs.tick() == 1, "made up one after another"
    assert runs.tick() == 0
    for _ in range(23):
        for job in studio.jobs.list(LOCAL, statuses=job_rows.LIVE):
            studio.jobs.cancel(LOCAL, job.id)
        assert runs.tick() == 1
    found = log(studio, planned)
    assert [run.count for run in found if run.came_to == "missed"] == [24]
    assert len({run.job_id for run in found if run.job_id}) == 24
    dues = [run.due for run in reversed(found) if run.job_id]
    assert dues == sorted(dues)


def test_a_little_late_is_not_missed(studio: Studio, clock: Clock, tmp_path: Path) -> None:
    plan(studio, tmp_path / "a", missed="skip")
    clock.moment = MONDAY + timedelta(minutes=9)
    assert studio.schedules.runs.tick() == 1


@pytest.mark.parametrize(("overlap", "made"), [("skip", 1), ("allow", 2)])
def test_while_the_last_one_still_works(studio: Studio, clock: Clock, tmp_path: Path, overlap: str, made: int) -> None:
    planned = plan(studio, tmp_path / "a", cron="@hourly", zone="UTC", overlap=overlap)
    for _ in range(2):
        clock.forward(hours=1)
        studio.schedules.runs.tick()
    assert len(jobs_of(studio)) == made
    assert (log(studio, planned)[0].came_to == "skipped") == (made == 1)


def test_the_hour_that_comes_twice_buys_once(studio: Studio, clock: Clock, tmp_path: Path) -> None:
    clock.moment = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    planned = plan(studio, tmp_path / "a", cron="30 2 * * *", overlap="allow", zone="Europe/Berlin")
    for _ in range(16 * 6):
        clock.forward(minutes=10)
        studio.schedules.runs.tick()
    assert [run.due for run in log(studio, planned)] == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_crash_between_claim_and_submission(
    studio: Studio, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    planned = plan(studio, tmp_path / "a")
    clock.moment = MONDAY
    runs = studio.schedules.runs

    def gone(*_: Any, **__: Any) -> Any:
        raise SystemExit  # as far as a process can go without being killed

    with monkeypatch.context() as patched:
        patched.setattr(*((studio.jobs, "submit") if where == "before" else (runs, "_submitted")), gone)
        with pytest.raises(SystemExit):
            runs.tick()
    assert log(studio, planned)[0].came_to == "claimed"
    assert runs.tick() == 0, "somebody may still be at it"
    clock.forward(seconds=61)
    assert runs.tick() == 1
    assert runs.tick() == 0
    assert len(jobs_of(studio)) == 1
    assert log(studio, planned)[0].came_to == "waiting"


def test_many_at_it_at_once(home: Path, database_url: str, studio: Studio, clock: Clock, tmp_path: Path) -> None:
    """Two studios on one database, eight threads: each due moment is one job."""
    other = scripted.build(home, database_url=database_url)
    other.schedules.runs.clock = clock
    planned = [plan(studio, tmp_path / "a", overlap="allow") for _ in range(6)]
    clock.moment = MONDAY
    begin = threading.Barrier(8)
    made: list[int] = []

    def work(at: Studio) -> None:
        begin.wait()
        made.append(sum(at.schedules.runs.tick() for _ in range(3)))

    threads = [threading.Thread(target=work, args=(each,)) for each in (studio, other) * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert sum(made) == 6
    assert len(jobs_of(studio)) == 6
    assert all(len(log(studio, each)) == 1 for each in planned)


def test_deleted_or_paused_while_it_is_due(studio: Studio, clock: Clock, tmp_path: Path) -> None:
    runs = studio.schedules.runs
    gone, paused = (plan(studio, tmp_path / name, missed="skip") for name in "ab")
    clock.moment = MONDAY
    for each in (gone, paused):
        runs._claim(each.id)
    studio.schedules.delete(LOCAL, gone.id)
    studio.schedules.pause(LOCAL, paused.id)
    assert runs.tick() == 0
    with pytest.raises(NotFound):
        studio.schedules.log(LOCAL, gone.id)
    assert log(studio, paused)[0].came_to == "skipped"
    clock.forward(days=7)
    assert runs.tick() == 0, "a paused one claims nothing"
    assert studio.schedules.resume(LOCAL, paused.id).next_at == MONDAY + timedelta(days=14)
    assert jobs_of(studio) == []


def test_an_owner_who_may_not_come_in_any_more(studio: Studio, clock: Clock, tmp_path: Path) -> None:
    users = studio.access.users
    users.add(LOCAL, "root", "a long enough password")
    ada = users.actor(users.add(LOCAL, "ada", "a long enough password").id)
    assert ada is not None
    planned = plan(studio, tmp_path / "a", ada)
    users.disable(LOCAL, "ada")
    clock.moment = MONDAY
    assert studio.schedules.runs.tick() == 0
    assert (state(studio, planned).state, state(studio, planned).reason) == (
        "paused", "Its owner may not come in any more.",
    )  # fmt: skip
    assert log(studio, planned)[0].came_to == "refused"
    users.enable(LOCAL, "ada")
    studio.schedules.resume(ada, planned.id)
    clock.forward(days=7)
    assert studio.schedules.runs.tick() == 1
    assert jobs_of(studio)[0].user_id == ada.user_id


def test_what_is_refused_stands_in_the_log_and_the_next_run_stays(studio: Studio, clock: Clock) -> None:
    errors: list[Exception] = [
        MoneyError("The cap is reached."), AccessError("Enough for today.", code="quota_day"), UserError("The engine is gone."),
        KeyError("a mistake"), AccessError("Not for you."),
    ]  # fmt: skip

    def refuse(*_: Any, **__: Any) -> Any:
        raise errors[0]

    studio.schedules.submitters.add("refusing", lambda _, request: request, refuse)
    planned = studio.schedules.add(LOCAL, kind="refusing", request={}, cron="@daily")
    told = []
    while errors:
        clock.forward(days=1)
        assert studio.schedules.runs.tick() == 0
        run = log(studio, planned)[0]
        assert run.error is not None
        told.append((run.came_to, run.error["code"]))
        found = state(studio, planned)
        assert found.next_at is not None
        assert found.next_at > clock.moment
        errors.pop(0)
    assert told == [
        ("refused", "cap_reached"), ("refused", "quota_day"), ("failed", "bad_request"), ("failed", "defect"),
        ("refused", "not_allowed"),
    ]  # fmt: skip
    assert (state(studio, planned).state, state(studio, planned).reason) == ("paused", "Not for you.")
    with pytest.raises(UserError):
        studio.schedules.edit(LOCAL, planned.id, nonsense=1)


def test_what_passes_is_tried_again(studio: Studio, clock: Clock, tmp_path: Path) -> None:
    tries: list[int] = []

    def submit(actor: Actor, request: dict[str, Any], **how: Any) -> job_rows.Job:
        tries.append(1)
        if len(tries) < 3:
            raise Unavailable("The service cannot be reached.")
        return studio.jobs.submit(actor, "bought", request, **how)

    studio.schedules.submitters.add("shaky", lambda _, request: request, submit)
    planned = studio.schedules.add(
        LOCAL, kind="shaky", request={"account": str(tmp_path / "a")}, cron="@daily", title="x"
    )
    clock.forward(days=1)
    assert studio.schedules.runs.tick() == 0
    assert "cannot be reached" in log(studio, planned)[0].note
    for _ in range(2):
        clock.forward(seconds=61)
        studio.schedules.runs.tick()
    assert (len(tries), [run.came_to for run in log(studio, planned)]) == (3, ["waiting"])


def test_a_cap_for_each_run_and_a_budget_for_the_month(working: Studio, tmp_path: Path) -> None:
    """The scripted service bills 0.10 a track: the month's 0.25 pays two runs, and a third only as far as it goes."""
    account = tmp_path / "a"
    planned = plan(working, account, cap_usd=Decimal("0.20"), month_usd=Decimal("0.25"), overlap="allow")

    def run() -> job_rows.Job:
        done = working.schedules.run(LOCAL, planned.id)
        return working.wait(LOCAL, done.job_id or "")

    first, second = run(), run()
    assert (first.status, first.cap_usd, second.cap_usd) == ("done", Decimal("0.20"), Decimal("0.15"))
    third = run()
    assert (third.status, third.cap_usd) == ("failed", Decimal("0.05"))
    assert third.error is not None
    assert third.error["kind"] == "MoneyError"
    assert len(purchases(account)) == 2
    working.schedules.edit(LOCAL, planned.id, month_usd=Decimal("0.20"))
    with pytest.raises(MoneyError):
        run()
    outcomes = [each.came_to for each in log(working, planned)]
    assert outcomes == ["refused", "failed", "done", "done"]
    assert state(working, planned).state == "active"


def test_so_many_times_and_no_longer_than(studio: Studio, clock: Clock, tmp_path: Path) -> None:
    twice = plan(studio, tmp_path / "a", cron="@daily", zone="UTC", times=2, overlap="allow")
    until = plan(studio, tmp_path / "b", cron="@daily", zone="UTC", until="2026-11-22 12:00", overlap="allow")
    for _ in range(5):
        clock.forward(days=1)
        studio.schedules.runs.tick()
    assert [len(log(studio, each)) for each in (twice, until)] == [2, 2]
    assert {state(studio, each).state for each in (twice, until)} == {"ended"}
    with pytest.raises(UserError):
        studio.schedules.resume(LOCAL, twice.id)
    again = studio.schedules.edit(LOCAL, twice.id, times=3)
    assert again.state == "active"
    clock.forward(days=1)
    assert studio.schedules.runs.tick() == 1
    assert state(studio, twice).state == "ended"


@pytest.fixture
def team(postgres: Postgres, tmp_path: Path) -> Iterator[Any]:
    from tests.jobs.test_many_workers import Team
    from tests.servers import ObjectStorage

    url = postgres.fresh()
    with ObjectStorage() as storage:
        together = Team(tmp_path, url, storage, 30.0)
        yield together
        together.close()
    postgres.drop(url)


def test_two_workers_on_a_server(team: Any, tmp_path: Path) -> None:
    """Real workers, real time: eight schedules fall due in the same second, and each buys once."""
    team.start()
    team.start()
    team.at_work(2)
    account, service = tmp_path / "account", team.studio.schedules
    soon = (now() + timedelta(seconds=2)).isoformat()
    planned = [
        service.add(LOCAL, kind="bought", request={"account": str(account), "provider": "scripted"}, title="x", at=soon)
        for _ in range(8)
    ]
    team.until(
        lambda: all(run and run.came_to == "done" for run in (service.show(LOCAL, each.id)[1] for each in planned))
    )
    assert all(len(service.log(LOCAL, each.id)) == 1 for each in planned)
    assert len(purchases(account)) == 8
