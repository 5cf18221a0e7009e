"""What is forgotten when, and what never is."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.app import Studio
from core.care.verify import verify
from core.kit.actor import LOCAL, Actor
from core.kit.clock import new_id, now
from core.kit.errors import AccessError, UserError
from core.store import answers, attempts, charges, clips, jobs, projects, users, webhooks
from tests.scripted import submit
from tests.video import taken_apart


def count(studio: Studio, table: object) -> int:
    with studio.store.db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


@pytest.fixture
def aged(studio: Studio) -> Studio:
    """Of everything one that is old and one that is young."""
    with studio.store.db.write() as connection:
        connection.execute(users.table.insert().values(
            id="ann", name="ann", password_hash="x", tier="free", is_admin=False, active=True, created_at=now(), updated_at=now(),
        ))  # fmt: skip
        webhooks.add(
            connection,
            {"id": "hook", "user_id": "ann", "url": "https://example.org", "events": [], "secret": "x", "active": True},
        )
        for days, name in ((400, "old"), (1, "young")):
            moment = now() - timedelta(days=days)
            connection.execute(users.sessions.insert().values(
                hash=name, user_id="ann", csrf="x", agent="", created_at=moment, seen_at=moment,
                expires_at=moment + timedelta(days=2),
            ))  # fmt: skip
            connection.execute(users.sign_ins.insert().values(
                id=name, name="ann", address="::1", succeeded=False, created_at=moment
            ))  # fmt: skip
            answers.put(connection, answers.CachedAnswer(name, "x", "search", [], moment, moment))
            for status in ("delivered", "failed", "waiting"):
                message = webhooks.put(connection, "hook", status, name, {})
                connection.execute(
                    webhooks.deliveries.update().where(webhooks.deliveries.c.id == message).values(status=status, updated_at=moment)
                )  # fmt: skip
    return studio


TABLES = {
    "sessions": users.sessions,
    "sign_ins": users.sign_ins,
    "answers": answers.table,
    "deliveries": webhooks.deliveries,
}


def test_the_defaults(aged: Studio) -> None:
    done = aged.retention.run()
    assert {name: count(aged, table) for name, table in TABLES.items()} == {
        "sessions": 1, "sign_ins": 1, "answers": 1, "deliveries": 4,
    }  # fmt: skip
    assert done == {
        "sessions": 1,
        "sounds": 0,
        "askings": 0,
        "sign_ins": 1,
        "deliveries": 2,
        "results": 0,
        "answers": 1,
    }
    assert set(aged.retention.run().values()) == {0}


def test_what_was_set_counts_and_zero_keeps(aged: Studio) -> None:
    with pytest.raises(AccessError):
        aged.retention.set(Actor("ann"), sign_ins=1)
    for wrong in ({"charges": 1}, {"sign_ins": -1}, {"sign_ins": 10**9}):
        with pytest.raises(UserError):
            aged.retention.set(LOCAL, **wrong)
    assert aged.retention.set(LOCAL, sign_ins=0, deliveries=500).sign_ins == 0
    aged.retention.run()
    assert count(aged, users.sign_ins) == 2
    assert count(aged, webhooks.deliveries) == 6


def test_results_of_done_jobs_go_and_nothing_else_of_them(working: Studio, tmp_path: Path) -> None:
    job = submit(working, LOCAL, tmp_path / "account", provider="scripted")
    assert working.jobs.wait(LOCAL, job.id, 30).status == "done"
    working.close()
    with working.store.db.write() as connection:
        stamp = attempts.of_job(connection, job.id)[0].updated_at
        connection.execute(jobs.table.update().values(finished_at=now() - timedelta(days=31)))
    assert working.retention.run()["results"] == 1
    with working.store.db.read() as connection:
        made = attempts.of_job(connection, job.id)[0]
        assert (made.result, made.updated_at, made.status) == (None, stamp, "succeeded")
        assert charges.held(connection) > 0
    assert verify(working.settings, working.store).problems == ()


def test_demo_visitors_leave_nothing_of_what_they_wrote(working: Studio, tmp_path: Path) -> None:
    visitor = Actor(new_id("demo"), tier="free")
    mine = submit(working, visitor, tmp_path / "secret words", provider="free", kind="local")
    ours = submit(working, LOCAL, tmp_path / "ours", provider="free", kind="local")
    for job in (mine, ours):
        assert working.jobs.wait(LOCAL, job.id, 30).status == "done"
    working.close()
    with working.store.db.write() as connection:
        for actor in (visitor, LOCAL):
            projects.create(connection, actor, "P", {"text": "secret words"}, "first")
    taken_apart.put(working, "calm", "action", actor=visitor)
    ours_id, _ = taken_apart.put(working, "calm")
    assert working.retention.forget_visitors(timedelta(hours=2), ("local",)) == 0
    assert working.retention.forget_visitors(timedelta(0), ("local",)) == 3
    assert working.retention.forget_visitors(timedelta(0), ("local",)) == 0
    row = working.jobs.show(LOCAL, mine.id)
    assert (row.title, row.request, row.status) == ("(removed)", {}, "done")
    assert working.jobs.show(LOCAL, ours.id).request["account"]
    assert [row.id for row in working.video.list(LOCAL)[0]] == [ours_id]
    assert count(working, clips.scenes) == 1
    assert (count(working, projects.table), count(working, projects.versions)) == (1, 1)
    assert verify(working.settings, working.store).problems == ()
