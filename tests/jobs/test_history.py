"""Everything ever asked for is found again, whatever became of it; and a hit is made again through its own door."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from core.app import Studio
from core.jobs.history import prompt_of
from core.kit.actor import LOCAL, Actor
from core.kit.clock import now
from core.kit.errors import NotFound, RightsError, UserError
from core.kit.settings import load_settings
from core.store import forgetting, history
from core.store import jobs as job_rows
from core.store.history_search import Filter
from core.store.store import open_store
from tests.bench import history as bench
from tests.scripted import submit

ANN = Actor("ann")


def add(
    studio: Studio, actor: Actor = LOCAL, kind: str = "music", title: str = "A piece", **request: Any
) -> job_rows.Job:
    return studio.jobs.submit(actor, kind, request, title=title)


def titles(studio: Studio, wanted: Filter, actor: Actor = LOCAL, **how: Any) -> list[str]:
    return [hit.job.title for hit in studio.history.search(actor, wanted, **how).hits]


def change(studio: Studio, job: job_rows.Job, **values: Any) -> None:
    with studio.store.db.write() as connection:
        job_rows.change(connection, job.id, **values)


def test_found_by_words_of_prompt_script_name_and_error(studio: Studio) -> None:
    add(studio, title="Rain", prompt="Calm PIANO für einen Abend, 100% sure_thing")
    add(studio, kind="speech", title="Hafen", text="Der Hafen ERWACHT.", voice="espeak:de")
    broken = add(studio, title="Broken", prompt="loud", name="Übung")
    change(studio, broken, status="failed", error={"message": "The Service Refused it."}, finished_at=now())
    for words, expected in {
        "piano": ["Rain"], "FÜR abend": ["Rain"], "erwacht": ["Hafen"], "übung": ["Broken"], "refused": ["Broken"],
        "100%": ["Rain"], "sure_thing": ["Rain"], "%": ["Rain"], "_": ["Rain"], "piano hafen": [], "'; drop": [],
    }.items():  # fmt: skip
        assert titles(studio, Filter(words=words)) == expected, words
    studio.jobs.retry(LOCAL, broken.id)
    assert titles(studio, Filter(words="refused")) == []
    assert titles(studio, Filter(statuses=("live",))) == ["Broken", "Hafen", "Rain"]
    assert titles(studio, Filter(engines=("espeak",))) == ["Hafen"]


def test_every_filter(studio: Studio) -> None:
    slow = add(studio, title="slow", mood="calm", genre="ambient", bpm=70, seconds=90.0, provider="composer")
    add(
        studio,
        title="fast",
        mood="dark",
        genre="electronic",
        bpm=170,
        seconds=30.0,
        provider="mubert",
        template_id="tpl_1",
    )
    add(studio, title="draft", mood="calm", draft=True)
    add(studio, kind="analyse", title="an analysis")
    change(studio, slow, status="cancelled", finished_at=now())
    wants = {
        "slow": [Filter(moods=("calm",)), Filter(genres=("ambient",)), Filter(bpm=(60, 80)), Filter(seconds=(60, None)),
                 Filter(statuses=("cancelled",)), Filter(engines=("composer",))],
        "fast": [Filter(moods=("dark",)), Filter(bpm=(100, None)), Filter(seconds=(None, 45)), Filter(template="tpl_1"),
                 Filter(engines=("mubert",), kinds=("music",))],
    }  # fmt: skip
    for title, filters in wants.items():
        for wanted in filters:
            assert titles(studio, wanted) == [title], wanted
    assert titles(studio, Filter(drafts=True)) == ["draft", "fast", "slow"]
    today = now()
    assert titles(studio, Filter(since=today - timedelta(hours=1))) == ["fast", "slow"]
    assert titles(studio, Filter(before=today - timedelta(hours=1))) == []
    assert titles(studio, Filter(), order="old") == ["slow", "fast"]
    assert titles(studio, Filter(), order="long") == ["slow", "fast"]
    for wrong in (Filter(statuses=("asleep",)), Filter(fates=("eaten",)), Filter(rating=6), Filter(words="x" * 201)):
        with pytest.raises(UserError):
            studio.history.search(LOCAL, wrong)
    for how in ({"order": "random"}, {"limit": 0}, {"limit": 201}, {"after": "???"}, {"after": "WzEsMiwzXQ=="}):
        with pytest.raises(UserError):
            studio.history.search(LOCAL, Filter(), **how)  # type: ignore[arg-type]


def test_pages_meet_without_gap_or_overlap(studio: Studio) -> None:
    for number in range(23):
        add(studio, title=f"{number:02}", seconds=float(number % 4))
    for order in ("new", "old", "long", "dear"):
        seen: list[str] = []
        after = ""
        while True:
            page = studio.history.search(LOCAL, Filter(), order=order, after=after, limit=5)
            seen += [hit.job.id for hit in page.hits]
            after = page.next
            if not after:
                break
        assert len(seen) == len(set(seen)) == 23, order


def test_what_became_of_it(working: Studio, tmp_path: Path) -> None:
    """Kept, in the bin, gone for good, failed; its stars, its price, what its piece turned out to be."""

    def made(name: str, **values: Any) -> job_rows.Job:
        return working.wait(LOCAL, submit(working, LOCAL, tmp_path / name, **values).id)

    kept, binned, purged = (made(name, provider=name) for name in ("scripted", "free", "remote"))
    failed = made("failed", acts=["rejected"], provider="scripted")
    asset = {job.id: working.jobs.assets(LOCAL, job.id)[0].id for job in (kept, binned, purged)}
    working.library.edit(LOCAL, asset[kept.id], rating=4, favourite=True)
    working.library.bin(LOCAL, [asset[binned.id], asset[purged.id]])
    working.library.purge(LOCAL, [asset[purged.id]])

    def ids(**wanted: Any) -> list[str]:
        return [hit.job.id for hit in working.history.search(LOCAL, Filter(**wanted)).hits]

    assert ids(fates=("kept",)) == [kept.id]
    assert ids(fates=("discarded",)) == [binned.id]
    assert ids(fates=("deleted",)) == [purged.id]
    assert ids(fates=("discarded", "deleted")) == [purged.id, binned.id]
    assert ids(statuses=("failed",)) == [failed.id]
    assert ids(rating=4) == [kept.id]
    assert ids(rating=5) == []
    assert ids(favourite=True) == [kept.id]
    assert kept.id not in ids(favourite=False)
    assert set(ids(usd=(Decimal("0.05"), None))) == {kept.id, purged.id}
    assert set(ids(usd=(None, Decimal("0.05")))) == {binned.id, failed.id}
    assert ids(usd=(Decimal("0.05"), Decimal("0.09"))) == []
    assert ids(engines=("remote",)) == [purged.id]
    hits = {hit.job.id: hit for hit in working.history.search(LOCAL, Filter(), order="dear").hits}
    assert [hits[job.id].fate for job in (kept, binned, purged, failed)] == ["kept", "discarded", "deleted", ""]
    assert hits[kept.id].usd == Decimal("0.1")
    assert hits[kept.id].seconds == 1.0, "what it turned out to be"
    assert list(hits)[:2] in ([purged.id, kept.id], [kept.id, purged.id])
    total, counted = working.history.facets(LOCAL, Filter())
    assert total == 4
    assert counted["status"] == {"done": 3, "failed": 1}
    assert counted["fate"] == {"deleted": 1, "discarded": 1, "kept": 1}
    total, counted = working.history.facets(LOCAL, Filter(statuses=("failed",)))
    assert (total, counted["status"], counted["fate"]) == (1, {"done": 3, "failed": 1}, {})


def test_a_batch_and_its_parts(working: Studio, tmp_path: Path) -> None:
    items = [
        {"kind": "bought", "request": {"account": str(tmp_path / f"{n}"), "provider": "scripted"}, "title": f"part {n}"}
        for n in range(3)
    ]
    batch = working.wait(LOCAL, working.batches.submit(LOCAL, items, title="Three").id)
    assert titles(working, Filter(batch=batch.id), order="old") == ["part 0", "part 1", "part 2"]
    whole = next(hit for hit in working.history.search(LOCAL, Filter(kinds=("batch",))).hits)
    assert (whole.usd, whole.fate, whole.job.title) == (Decimal("0.3"), "", "Three")
    assert titles(working, Filter(usd=(Decimal("0.25"), None))) == ["Three"]
    assert "Three" in titles(working, Filter(words="part 2")), "a batch is found by its parts' titles"


def test_of_others_nothing_is_seen(studio: Studio) -> None:
    job = add(studio, LOCAL, title="secret", prompt="secret")
    add(studio, ANN, title="mine", prompt="mine")
    assert titles(studio, Filter(), ANN) == ["mine"]
    assert studio.history.facets(ANN, Filter())[0] == 1
    assert titles(studio, Filter(), LOCAL) == ["mine", "secret"], "an administrator sees all"
    for act in (studio.history.again, studio.history.asked):
        with pytest.raises(NotFound):
            act(ANN, job.id)


def test_made_again_through_its_own_door(studio: Studio) -> None:
    first = studio.music.compose(LOCAL, prompt="calm piano", seconds=5.0, seed=7)
    same = studio.history.again(LOCAL, first.id)
    other = studio.history.again(LOCAL, first.id, new_seed=True, cap_usd=Decimal("0.5"))
    assert (same.request, same.cap_usd) == (first.request, None)
    assert (other.request["prompt"], other.cap_usd) == ("calm piano", Decimal("0.5"))
    assert other.request["seed"] != 7
    spoken = studio.voice.speak(LOCAL, text="Hello.", speed=1.2)
    again = studio.history.again(LOCAL, spoken.id)
    assert {name: again.request[name] for name in ("text", "speed", "voice")} == {
        name: spoken.request[name] for name in ("text", "speed", "voice")
    }
    items = [{"kind": job.kind, "request": job.request, "title": job.title} for job in (first, spoken)]
    batch = studio.history.again(LOCAL, studio.batches.submit(LOCAL, items, title="Both").id)
    assert [item["kind"] for item in batch.request["items"]] == ["music", "speech"]
    assert batch.title == "Both"
    assert prompt_of(studio.history.search(LOCAL, Filter(kinds=("speech",))).hits[0]) == "Hello."


def test_what_cannot_be_made_again_says_why(studio: Studio) -> None:
    gone = add(studio, prompt="calm", seconds=5.0, provider="retired-engine")
    with pytest.raises(UserError) as refused:
        studio.history.again(LOCAL, gone.id)
    assert refused.value.code == "no_provider"
    assert "composer" in refused.value.hint
    with pytest.raises(UserError):
        studio.history.again(LOCAL, add(studio, kind="speech", text="x", voice="nobody:at-all").id)
    with pytest.raises(UserError) as refused:
        studio.history.again(LOCAL, add(studio, kind="speech", text="x", take={"first": 0}).id)
    assert refused.value.code == "a_take"
    with pytest.raises(UserError) as refused:
        studio.history.again(LOCAL, add(studio, kind="voice_training").id)
    assert refused.value.code in ("no_submitter", "gone")
    with pytest.raises((UserError, RightsError)):
        studio.history.again(LOCAL, add(studio, kind="polish", asset_id="asset_gone", preset="clean", overrides={}).id)
    with pytest.raises((UserError, RightsError)):
        studio.history.again(LOCAL, add(studio, kind="mix", project_id="project_gone", version=1).id)


def test_what_visitors_leave_is_forgotten_here_too(studio: Studio) -> None:
    job = add(studio, ANN, title="a visitor's", prompt="words")
    change(studio, job, status="done", result={}, finished_at=now())
    with studio.store.db.write() as connection:
        forgetting.visitors_jobs(connection, now() + timedelta(seconds=1), ("local",))
    assert titles(studio, Filter()) == []


def test_the_filters_agree_with_what_is_read_one_by_one(studio: Studio) -> None:
    """Six hundred invented jobs: every count of the facets is what a walk through all of them finds."""
    bench.fill(studio.store, 600)
    hits, after = [], ""
    while True:
        page = studio.history.search(LOCAL, Filter(), after=after, limit=200)
        hits += page.hits
        after = page.next
        if not after:
            break
    total, counted = studio.history.facets(LOCAL, Filter())
    assert total == len(hits) == 600
    for name, values in counted.items():
        for value, count in values.items():
            seen = sum(
                (hit.fate if name == "fate" else hit.job.status if name == "status" else hit.job.kind if name == "kind" else getattr(hit, name))
                == value
                for hit in hits
            )  # fmt: skip
            assert count == seen, (name, value)
    dear = Filter(usd=(Decimal("1.5"), Decimal("1.6")))
    assert studio.history.facets(LOCAL, dear)[0] == sum(Decimal("1.5") <= hit.usd <= Decimal("1.6") for hit in hits)
    for fate in ("kept", "discarded", "deleted"):
        wanted = replace(dear, usd=(None, None), fates=(fate,))
        assert studio.history.facets(LOCAL, wanted)[0] == sum(hit.fate == fate for hit in hits)


def test_every_question_of_the_bench_is_answered(studio: Studio) -> None:
    bench.fill(studio.store, 200)
    for ask in bench.questions(studio.store).values():
        ask()


def test_older_jobs_are_in_it_after_the_migration(tmp_path: Path) -> None:
    """The row a migration writes is the one that is written today."""
    from alembic import command
    from alembic.config import Config

    from core.store import migrate

    home = tmp_path / "old"
    store = open_store(load_settings(home=home))
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).parent / "migrations"))
    with store.db.write() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0006")
    moment = now()
    row = {
        "id": "job_1", "kind": "music", "title": "Übung", "status": "failed", "priority": 10, "position": 1.0, "resource": "cpu",
        "request": {"prompt": "CALM piano", "mood": "calm", "bpm": 70, "seconds": 5.0, "provider": "composer", "items": [{"title": "One"}]},
        "error": {"message": "It FAILED."}, "root_id": "job_1", "user_id": "local", "organisation_id": "", "visibility": "private",
        "actor": {}, "paused": False, "cancel_requested": False, "stage": "", "fraction": 0.0, "attempt": 1, "epoch": 1,
        "created_at": moment, "updated_at": moment,
    }  # fmt: skip
    with store.db.write() as connection:
        connection.execute(insert(job_rows.table), row)
    store.db.close()
    again = open_store(load_settings(home=home))
    with again.db.read() as connection:
        found = dict(connection.execute(select(history.table)).mappings().one())
    again.db.close()
    assert found == {**history.row_of(row), "created_at": moment}
