"""Catalogues copied: counted, resumed where they broke off, never emptied by a catalogue that is ill. On both databases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.errors import AccessError, RateLimited, Rejected, Unavailable, UserError
from core.licensing.copying import track_of
from core.store import catalogue_tracks
from core.store.catalogue_runs import Run
from core.store.jobs import Job
from tests import forked
from tests.licensing import doomed_sync
from tests.licensing.conftest import Stocked
from tests.licensing.scripted_catalogue import ScriptedCatalogue, track
from tests.servers import both_databases


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    yield from both_databases(request)


@pytest.fixture
def ada() -> ScriptedCatalogue:
    return ScriptedCatalogue("ada", [track("ada", number) for number in range(50)])


def synced(studio: Studio, provider: str | None = "ada", **how: Any) -> Job:
    studio.ensure_worker()
    job = studio.catalogue_sync.start(LOCAL, provider, **how)
    return studio.jobs.wait(LOCAL, job.id, 60)


def counts(studio: Studio, number: int = 0) -> tuple[int, int, int, int]:
    run = latest(studio, number)
    return run.new, run.changed, run.gone, run.unchanged


def latest(studio: Studio, number: int = 0) -> Run:
    return studio.catalogue_sync.runs(LOCAL)[number]


def copy_of(studio: Studio, track_id: str) -> Any:
    with studio.store.db.read() as connection:
        return catalogue_tracks.find(connection, "ada", track_id)


def test_new_changed_gone_and_back(stocked: Stocked, ada: ScriptedCatalogue) -> None:
    studio = stocked(ada)
    assert synced(studio).status == "done"
    assert counts(studio) == (50, 0, 0, 0)
    assert track_of(copy_of(studio, "t7")) == ada.tracks[7]
    ada.tracks[7] = track("ada", 7, title="Another name")
    ada.tracks[8] = track("ada", 8, preview_url="https://cdn.example/other?sig=1", popularity=99.0)
    del ada.tracks[40:]
    assert synced(studio).status == "done"
    assert counts(studio) == (0, 1, 10, 39)
    assert copy_of(studio, "t45").gone_at is not None
    assert track_of(copy_of(studio, "t7")).title == "Another name"
    ada.tracks.append(track("ada", 45))
    synced(studio)
    assert counts(studio) == (0, 1, 0, 40)
    assert copy_of(studio, "t45").gone_at is None
    assert studio.catalogue_sync.success(LOCAL).rate == 1.0


def test_part_of_a_catalogue(stocked: Stocked, ada: ScriptedCatalogue) -> None:
    studio = stocked(ada)
    synced(studio, max_tracks=30)
    assert counts(studio) == (30, 0, 0, 0)
    assert len(ada.asked) == 2
    synced(studio, genres=["Electronic"])  # odd numbers: fifteen are known
    assert counts(studio) == (0, 0, 0, 0), "the scripted catalogue knows its genres as it spells them"
    synced(studio, genres=["electronic"])
    assert counts(studio) == (10, 0, 0, 15)
    ada.tracks[1] = track("ada", 1, title="Another name")
    synced(studio, update_existing=False)
    assert counts(studio) == (10, 0, 0, 40)
    assert track_of(copy_of(studio, "t1")).title == "ada piece 1"


def test_tracks_by_name(stocked: Stocked, ada: ScriptedCatalogue) -> None:
    studio = stocked(ada)
    synced(studio)
    del ada.tracks[3]
    ada.tracks[10] = track("ada", 11, title="Another name")
    job = synced(studio, track_ids=["t3", "t11", "t12", "t12", "t999"])
    assert job.result is not None
    assert {name: job.result[name] for name in ("new", "changed", "gone", "unchanged")} == {
        "new": 0, "changed": 1, "gone": 1, "unchanged": 1,
    }  # fmt: skip
    assert copy_of(studio, "t3").gone_at is not None


def test_what_passes_is_waited_for_and_told(stocked: Stocked, ada: ScriptedCatalogue) -> None:
    studio = stocked(ada)
    answers: list[Exception | None] = [None, RateLimited("Too many.", wait_s=0.05), Unavailable("Down."), None, None]

    def before(_: Any) -> None:
        ada.error = answers.pop(0)

    ada.before = before
    assert synced(studio).status == "done"
    assert counts(studio) == (50, 0, 0, 0)
    assert [(each["page"], each["message"]) for each in latest(studio).errors] == [(2, "Too many."), (2, "Down.")]


def test_a_run_that_broke_off_is_gone_on_with(stocked: Stocked, ada: ScriptedCatalogue) -> None:
    studio = stocked(ada)
    synced(studio)
    del ada.tracks[45:]
    answers = [None, Rejected("This page is refused.")]

    def before(_: Any) -> None:
        ada.error = answers.pop(0)

    ada.before = before
    first = synced(studio)
    assert (first.status, latest(studio).state, latest(studio).cursor) == ("failed", "failed", "20")
    assert latest(studio).errors[-1]["message"] == "This page is refused."
    assert studio.catalogue_sync.success(LOCAL).rate == 0.5
    ada.before, ada.error = lambda request: None, None
    ada.asked.clear()
    synced(studio)
    assert [each["cursor"] for each in ada.asked] == ["20", "40"]
    assert counts(studio) == (0, 0, 5, 25), "what the first run met is not gone"
    ada.asked.clear()
    studio.jobs.retry(LOCAL, first.id)
    assert studio.jobs.wait(LOCAL, first.id, 60).status == "done"
    assert [each["cursor"] for each in ada.asked] == ["20", "40"]


@pytest.mark.parametrize("stage", ["asked", "written"])
def test_killed_in_the_middle(home: Any, studio: Studio, stage: str) -> None:
    ada = doomed_sync.catalogue()
    studio.registry.add(ada)
    job = studio.catalogue_sync.start(LOCAL, "ada")
    environment = {"STUDIO_DATABASE_URL": studio.settings.database_url}
    doomed = forked.start(doomed_sync.main, str(home), stage, environment=environment)
    assert doomed.wait(timeout=90) == -9, "it was to die in the middle"
    run = latest(studio)
    assert (run.cursor, run.new, run.state) == ("60", 60, "running")
    studio.ensure_worker()
    assert studio.jobs.wait(LOCAL, job.id, 90).status == "done"
    assert ada.asked[0]["cursor"] == "60"
    assert counts(studio) == (doomed_sync.COUNT, 0, 0, 0)
    assert len(studio.catalogue_sync.runs(LOCAL)) == 1


def test_an_ill_catalogue_takes_nothing_away(stocked: Stocked, ada: ScriptedCatalogue) -> None:
    studio = stocked(ada)
    synced(studio)
    del ada.tracks[3:]
    assert synced(studio).status == "done"
    assert counts(studio) == (0, 0, 0, 3)
    assert latest(studio).errors[0]["code"] == "too_many_gone"
    assert copy_of(studio, "t45").gone_at is None


def test_odd_pages(stocked: Stocked, ada: ScriptedCatalogue) -> None:
    studio = stocked(ada)
    page = [each.as_dict() for each in ada.tracks[:3]]
    ada.nonsense = {"tracks": [*page, *page, {"id": 1}, "x"], "cursor": "same"}
    assert synced(studio).error["code"] == "bad_paging"  # type: ignore[index]
    assert (counts(studio), latest(studio).odd) == ((3, 0, 0, 0), 4)
    numbers = iter(range(10_000))
    ada.nonsense = None
    ada._list = lambda request: {"tracks": page, "cursor": f"c{next(numbers)}"}  # type: ignore[method-assign]
    assert synced(studio, max_tracks=40).error["code"] == "bad_paging"  # type: ignore[index]
    assert next(numbers) < 100
    ada.nonsense = {"items": []}
    assert synced(studio, max_tracks=41).error["code"] == "catalogue_changed"  # type: ignore[index]


def test_all_that_can_be_listed(stocked: Stocked, ada: ScriptedCatalogue) -> None:
    bob, eve = ScriptedCatalogue("bob", [track("bob", 1)]), ScriptedCatalogue("eve", settings_key="soundraw_api_key")
    bob.error = Rejected("No.")
    studio = stocked(ada, bob, eve)
    job = synced(studio, None)
    assert job.status == "done"
    assert [(each["provider"], each["status"], each["new"]) for each in job.result["catalogues"]] == [  # type: ignore[index]
        ("ada", "done", 50), ("bob", "failed", None),
    ]  # fmt: skip
    ada.error = Rejected("No.")
    assert synced(studio, None).status == "failed"


def test_who_may_and_what_cannot_be(stocked: Stocked, ada: ScriptedCatalogue) -> None:
    unlisted = ScriptedCatalogue("bob")
    unlisted.info = unlisted.info.__class__(**unlisted.info.__dict__ | {"capabilities": frozenset({"search"})})
    studio = stocked(ada, unlisted)
    for act in (studio.catalogue_sync.start, studio.catalogue_sync.runs, studio.catalogue_sync.success):
        with pytest.raises(AccessError):
            act(Actor("bob"))  # type: ignore[operator]
    for provider, how in (("bob", {}), ("nobody", {}), ("ada", {"max_tracks": 0}), (None, {"track_ids": ["1"]})):
        with pytest.raises(UserError):
            studio.catalogue_sync.start(LOCAL, provider, **how)
    studio.catalogue_sync.start(LOCAL, "ada")
    with pytest.raises(UserError, match="being synced"):
        studio.catalogue_sync.start(LOCAL, "ada", max_tracks=5)
