"""A rule fires once for each clip: beside another worker, after a crash, not when it is off, and not over its budget."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.app import Studio, build_studio
from core.kit.actor import LOCAL, Actor
from core.kit.clock import now
from core.kit.errors import MoneyError, NotFound, Unavailable, UserError
from core.kit.settings import load_settings
from core.store import automations, portable
from core.store.automation_runs import Run
from core.store.automations import Automation
from tests import forked
from tests.flows.clips_apart import RULE, apart, batches_of
from tests.servers import both_databases


@pytest.fixture
def desk(home: Path, database_url: str) -> Iterator[Studio]:
    """Without a worker: these tests are the chore."""
    built = build_studio(load_settings(home=home, database_url=database_url, stability_api_key="sk-unused-in-here"))
    yield built
    built.close()


def tick(studio: Studio) -> int:
    return studio.automations.firing.tick()


def log(studio: Studio, rule: Automation) -> list[Run]:
    return studio.automations.runs(LOCAL, rule.id)


def a_minute_later(studio: Studio) -> None:
    moment: datetime = now() + timedelta(seconds=61)
    studio.automations.firing.clock = lambda connection: moment


def test_once_for_each_clip_also_after_a_restart(desk: Studio, home: Path) -> None:
    apart(desk, "before the rule")
    rule = desk.automations.create(LOCAL, **RULE)
    first = apart(desk, "one", scenes=3)
    assert [tick(desk) for _ in range(3)] == [1, 0, 0]
    again = build_studio(load_settings(home=home))
    assert tick(again) == 0
    second = apart(again, "two")
    assert tick(again) == 1
    again.close()
    found = log(desk, rule)
    assert [(run.subject, run.came_to, len(run.jobs)) for run in found] == [
        (second, "waiting", 1),
        (first, "waiting", 1),
    ]
    made = batches_of(desk)
    assert {job.idempotency_key for job in made} == {f"automation:{rule.id}:{clip}:1" for clip in (first, second)}
    items = next(job for job in made if job.id == found[1].jobs[0].job_id).request["items"]
    assert [(item["kind"], item["request"]["provider"], item["request"]["seconds"]) for item in items] == [
        ("music", "composer", 3.0)
    ] * 3
    assert all(item["request"]["mood"] and item["request"]["genre"] for item in items)


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    if hasattr(request, "param"):
        yield from both_databases(request)
    else:
        yield ""


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_two_workers_at_it_at_once(desk: Studio, home: Path, database_url: str) -> None:
    other = build_studio(load_settings(home=home, database_url=database_url))
    rules = [desk.automations.create(LOCAL, **RULE | {"name": str(n)}) for n in range(2)]
    for n in range(3):
        apart(desk, str(n))
    begin = threading.Barrier(4)
    made: list[int] = []

    def work(at: Studio) -> None:
        begin.wait()
        made.append(sum(tick(at) for _ in range(3)))

    threads = [threading.Thread(target=work, args=(each,)) for each in (desk, other) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert (sum(made), len(batches_of(desk))) == (6, 6)
    assert all(len(log(desk, rule)) == 3 for rule in rules)


def claims_and_hangs(home: str, mark: str) -> None:
    """A worker that is killed between its claim and its submission."""
    studio = build_studio(load_settings(home=home))

    def hang(*_: Any, **__: Any) -> Any:
        Path(mark).touch()
        time.sleep(600)

    studio.jobs.submit = hang  # type: ignore[method-assign]
    studio.automations.firing.tick()


def test_killed_between_claim_and_submission(desk: Studio, home: Path, tmp_path: Path) -> None:
    rule = desk.automations.create(LOCAL, **RULE)
    apart(desk)
    mark = tmp_path / "claimed"
    worker = forked.start(claims_and_hangs, str(home), str(mark), environment={})
    until = time.monotonic() + 120
    while not mark.exists():
        assert worker.poll() is None, "it ended before it submitted"
        assert time.monotonic() < until, "it never came to its submission"
        time.sleep(0.02)
    worker.kill()
    worker.wait(60)
    assert log(desk, rule)[0].came_to == "claimed"
    assert tick(desk) == 0, "somebody may still be at it"
    a_minute_later(desk)
    assert [tick(desk), tick(desk)] == [1, 0]
    assert len(batches_of(desk)) == 1


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_crash_around_the_submission(desk: Studio, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    rule = desk.automations.create(LOCAL, **RULE)
    apart(desk)

    def gone(*_: Any, **__: Any) -> Any:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(*((desk.jobs, "submit") if where == "before" else (desk.automations.firing, "_note")), gone)
        with pytest.raises(SystemExit):
            tick(desk)
    desk.automations.edit(LOCAL, rule.id, name="Called otherwise")
    a_minute_later(desk)
    assert [tick(desk), tick(desk)] == [1, 0]
    assert (len(batches_of(desk)), len(log(desk, rule)[0].jobs)) == (1, 1)


def test_what_comes_while_it_is_off_is_left_alone(desk: Studio) -> None:
    rule = desk.automations.create(LOCAL, **RULE, on=False)
    apart(desk, "while it was off")
    assert tick(desk) == 0
    assert desk.automations.switch(LOCAL, rule.id, on=True).on
    assert tick(desk) == 0
    late = apart(desk, "claimed, then off")
    desk.automations.firing._claim(_happened(desk)[0])
    desk.automations.switch(LOCAL, rule.id, on=False)
    assert tick(desk) == 0
    run = log(desk, rule)[0]
    assert (run.subject, run.came_to, run.note) == (
        late, "skipped", "The rule was switched off before this could start.",
    )  # fmt: skip
    desk.automations.switch(LOCAL, rule.id, on=True)
    assert tick(desk) == 0
    by_hand = desk.automations.run(LOCAL, rule.id, late)
    assert (by_hand.manual, by_hand.came_to) == (True, "waiting")
    assert desk.automations.run(LOCAL, rule.id, late).id != by_hand.id


def _happened(studio: Studio) -> list[Any]:
    from core.store import automation_runs

    with studio.store.db.read() as connection:
        return automation_runs.happened(connection, "scenes_processed")


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
def test_a_budget_of_its_own_forbids_and_says_so(desk: Studio) -> None:
    paid = [{"type": "generate_music_for_scenes", "config": {"provider": "stability"}}]
    rule = desk.automations.create(LOCAL, **RULE | {"actions": paid}, cap_usd=Decimal("0.01"))
    clip = apart(desk)
    assert tick(desk) == 0
    run = log(desk, rule)[0]
    assert run.error is not None
    assert (run.came_to, run.error["code"]) == ("refused", "automation_cap")
    assert "a run of this automation may cost $0.01" in run.error["message"]
    needed = Decimal(run.error["message"].split("$")[1].split(",")[0])
    desk.automations.edit(LOCAL, rule.id, cap_usd=None, month_usd=needed * Decimal("1.5"))
    first = desk.automations.run(LOCAL, rule.id, clip)
    job = desk.jobs.show(LOCAL, first.jobs[0].job_id)
    assert (job.cap_usd, first.allotted_usd) == (needed, needed)
    shown = desk.automations.show(LOCAL, rule.id)
    assert (shown.spent_usd, shown.left_usd) == (needed, needed / 2)
    with pytest.raises(MoneyError, match="this month are left"):
        desk.automations.run(LOCAL, rule.id, clip)
    desk.jobs.cancel(LOCAL, job.id)
    assert desk.automations.show(LOCAL, rule.id).left_usd == needed * Decimal("1.5"), "nothing was bought"
    free = desk.automations.edit(LOCAL, rule.id, month_usd=Decimal(0), actions=RULE["actions"])
    assert desk.automations.run(LOCAL, free.id, clip).came_to == "waiting", "embedded engines cost nothing"


def test_what_goes_wrong_stands_in_the_log_with_its_remedy(desk: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = desk.automations.create(LOCAL, **RULE)
    gone = apart(desk, "deleted")
    desk.automations.firing._claim(_happened(desk)[0])
    desk.video.delete(LOCAL, gone)
    tick(desk)
    run = log(desk, rule)[0]
    assert run.error is not None
    assert (run.came_to, run.error["code"]) == ("failed", "no_clip")
    assert run.error["hint"]
    apart(desk, "shaky")
    errors: list[Exception] = [Unavailable("The service cannot be reached."), KeyError("a mistake")]
    plain = desk.batches.submit

    def shaky(*arguments: Any, **values: Any) -> Any:
        if errors:
            raise errors.pop(0)
        return plain(*arguments, **values)

    monkeypatch.setattr(desk.batches, "submit", shaky)
    tick(desk)
    assert (log(desk, rule)[0].came_to, log(desk, rule)[0].note) == (
        "claimed",
        "Tried 1 time: The service cannot be reached.",
    )
    a_minute_later(desk)
    tick(desk)
    defect = log(desk, rule)[0]
    assert defect.error is not None
    assert (defect.came_to, defect.error["code"]) == ("failed", "defect")


def test_a_rule_ends_with_its_owner_and_is_nobody_elses(desk: Studio) -> None:
    users = desk.access.users
    users.add(LOCAL, "root", "a long enough password")
    ada = users.actor(users.add(LOCAL, "ada", "a long enough password").id)
    assert ada is not None
    rule = desk.automations.create(ada, **RULE)
    apart(desk, "somebody else's")
    assert tick(desk) == 0
    bob = Actor("bob")
    service = desk.automations
    for act in (service.show, service.runs, service.delete):
        with pytest.raises(NotFound):
            act(bob, rule.id)
    for change in (
        lambda: service.edit(bob, rule.id, name="x"), lambda: service.switch(bob, rule.id, on=False),
        lambda: service.run(bob, rule.id, "clip_x"),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            change()
    assert service.list(bob) == []
    apart(desk, "hers", ada)
    users.disable(LOCAL, "ada")
    assert tick(desk) == 0
    shown = service.show(LOCAL, rule.id)
    assert (shown.rule.on, shown.rule.reason) == (False, "Its owner may not come in any more.")
    assert shown.last is not None
    assert shown.last.came_to == "refused"


def test_a_restored_studio_starts_nothing_by_itself(desk: Studio) -> None:
    rule = desk.automations.create(LOCAL, **RULE)
    with desk.store.db.write() as connection:
        portable.wake(connection, moved=False)
    apart(desk)
    assert tick(desk) == 0
    assert "restored" in desk.automations.show(LOCAL, rule.id).rule.reason


def test_edited_and_deleted(desk: Studio) -> None:
    service = desk.automations
    rule = service.create(LOCAL, **RULE, cap_usd=Decimal(1))
    score = [{"type": "score_clip", "config": {"one": True, "duck_db": 6, "autoDownload": True}}]
    edited = service.edit(LOCAL, rule.id, name=" Scored\n", actions=score, cap_usd=None)
    assert (edited.name, edited.cap_usd, edited.since) == ("Scored", None, rule.since)
    assert edited.actions == [{"type": "score_clip", "config": {"one": True, "duckDb": 6.0, "autoDownload": True}}]
    service.edit(LOCAL, rule.id, actions=RULE["actions"])
    apart(desk)
    assert tick(desk) == 1
    service.delete(LOCAL, rule.id)
    with pytest.raises(NotFound):
        service.show(LOCAL, rule.id)
    assert [job.kind for job in desk.jobs.list(LOCAL, statuses=("waiting",))] == ["batch"], "what it submitted stays"


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"name": "x" * 201}, "name"),
    ({"trigger": {"type": "event", "event": "moon_rises"}}, "trigger.event"),
    ({"trigger": {"type": "clock"}}, "trigger"),
    ({"actions": []}, "actions"),
    ({"actions": [{"type": "dance"}]}, "actions.0"),
    ({"actions": [{"type": "take_apart"}]}, "taken apart"),
    ({"actions": [{"type": "score_clip", "config": {"duckDb": 99}}]}, "duck_db"),
    ({"actions": [{"type": "score_clip", "config": {"loudness": "cinema"}}]}, "loudness"),
    ({"actions": [{"type": "generate_music_for_scenes", "config": {"speed": 3}}]}, "actions.0.config.speed"),
    ({"actions": [{"type": "generate_music_for_scenes", "config": {"provider": "nobody"}}]}, "nobody"),
    ({"cap_usd": Decimal(-1)}, "cap_usd"),
    ({"month_usd": Decimal("NaN")}, "month_usd"),
)  # fmt: skip


@pytest.mark.parametrize(("change", "named"), WRONG)
def test_what_cannot_be_a_rule_is_said_once(desk: Studio, change: dict[str, Any], named: str) -> None:
    with pytest.raises(UserError, match=named):
        desk.automations.create(LOCAL, **RULE | change)
    with desk.store.db.read() as connection:
        assert automations.count(connection, LOCAL.user_id) == 0
