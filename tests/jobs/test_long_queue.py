"""Ten thousand waiting jobs: their order, a place among them, fairness, and the list as a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import insert

from core.app import Studio
from core.jobs.admission import admit, choose
from core.kit.actor import LOCAL, Actor
from core.kit.errors import NotFound, UserError
from core.store import claims, jobs
from core.store.jobs import WAITING
from tests.scripted import submit

MANY = 10_000
LATE = Actor(user_id="late")


def fill(studio: Studio, account: Path, count: int = MANY) -> list[str]:
    """Rows as submit() writes them, in one transaction."""
    model = submit(studio, LOCAL, account)
    rows = [
        {**model.__dict__, "id": f"job_{number:06d}", "root_id": f"job_{number:06d}", "position": 1.0 + number}
        for number in range(1, count)
    ]
    with studio.store.db.write() as connection:
        connection.execute(insert(jobs.table), rows)
    return [model.id, *(f"job_{number:06d}" for number in range(1, count))]


def test_ten_thousand_wait_in_order(studio: Studio, tmp_path: Path) -> None:
    ids = fill(studio, tmp_path / "a")
    assert [job.id for job in studio.jobs.list(LOCAL, limit=5)] == ids[:5]
    assert [job.id for job in studio.jobs.list(LOCAL, limit=3, offset=9_990)] == ids[9_990:9_993]
    assert studio.jobs.position(LOCAL, ids[-1]) == MANY - 1
    studio.jobs.reorder(LOCAL, ids[-1])
    assert studio.jobs.position(LOCAL, ids[-1]) == 0
    studio.jobs.reorder(LOCAL, ids[-1], before=ids[5_000])
    assert studio.jobs.position(LOCAL, ids[-1]) == 5_000
    assert [job.id for job in studio.jobs.list(LOCAL, limit=2, offset=5_000)] == [ids[-1], ids[5_000]]
    studio.jobs.cancel(LOCAL, ids[0])
    assert studio.jobs.position(LOCAL, ids[1]) == 0
    assert [job.id for job in studio.jobs.list(LOCAL, limit=1, offset=MANY - 1)] == [ids[0]], "ended ones come last"
    assert studio.pending.cancel_all(LOCAL) == MANY - 1
    assert studio.jobs.list(LOCAL, statuses=[WAITING]) == []


def test_ten_thousand_of_one_user_do_not_hide_anothers_one(studio: Studio, tmp_path: Path) -> None:
    fill(studio, tmp_path / "a")
    late = submit(studio, LATE, tmp_path / "b")
    with studio.store.db.read() as connection:
        found = claims.candidates(connection, "net")
    assert late.id in {job.id for job in choose(found, {"net": 2}, {})}
    assert len(found) < 1000, "admission must not read the whole queue"


def test_ten_thousand_that_wait_for_a_provider_do_not_hold_up_local_work(studio: Studio, tmp_path: Path) -> None:
    fill(studio, tmp_path / "a")
    local = submit(studio, LOCAL, tmp_path / "b", kind="local", provider="free")
    with studio.store.db.write() as connection:
        claimed = admit(connection, "worker", {"net": 0, "cpu": 1})
    assert [job.id for job in claimed] == [local.id]


def test_the_pending_list_goes_out_and_comes_in_once(studio: Studio, tmp_path: Path) -> None:
    first = submit(studio, LOCAL, tmp_path / "a", priority="low", cap_usd=1)
    second = submit(studio, LOCAL, tmp_path / "b", priority="urgent")
    listed = json.loads(studio.pending.export(LOCAL).model_dump_json())
    assert [job["id"] for job in listed["jobs"]] == [second.id, first.id], "in the order they would run"
    assert studio.pending.bring_in(LOCAL, listed) == ([], [second.id, first.id]), "they are here already"
    added, skipped = studio.pending.bring_in(LATE, listed)
    assert (len(added), skipped) == (2, [])
    copies = [studio.jobs.show(LATE, job_id) for job_id in added]
    assert [(job.request, job.priority, job.cap_usd) for job in copies] == [
        (job.request, job.priority, job.cap_usd) for job in (second, first)
    ]
    assert studio.pending.bring_in(LATE, listed) == ([], [second.id, first.id]), "the same list once more"


@pytest.mark.parametrize(
    "broken",
    [
        None, [], {"jobs": []}, {"format": "other", "jobs": []},
        {"format": "creator-workbench/pending/1", "jobs": [{"id": "x"}]},
        {"format": "creator-workbench/pending/1", "jobs": [
            {"id": "x", "kind": "no such kind", "title": "t", "request": {}}]},
        {"format": "creator-workbench/pending/1", "jobs": [
            {"id": "x", "kind": "bought", "title": "t", "request": {}, "cap_usd": "-1"}]},
    ],
)  # fmt: skip
def test_a_broken_list_is_refused_whole(studio: Studio, broken: object) -> None:
    with pytest.raises(UserError) as refused:
        studio.pending.bring_in(LOCAL, broken)
    assert refused.value.hint
    assert studio.jobs.list(LOCAL) == []


def test_unknown_ids_are_their_own_answer(studio: Studio, tmp_path: Path) -> None:
    mine = submit(studio, LOCAL, tmp_path / "a")
    for act in (studio.jobs.show, studio.jobs.cancel, studio.jobs.retry, studio.jobs.pause, studio.jobs.reorder,
                studio.jobs.position, studio.jobs.assets, studio.jobs.cost, studio.jobs.children):  # fmt: skip
        with pytest.raises(NotFound):
            act(LOCAL, "job_nobody_has")
    with pytest.raises(NotFound):
        studio.jobs.reorder(LOCAL, mine.id, before="job_nobody_has")
    with pytest.raises(NotFound):
        studio.jobs.resolve(LOCAL, "job_nobody_has", billed=True)
