"""A job cancelled at each stage: it ends soon, as cancelled or, when it was quicker, as done; and leaves nothing behind."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.app import Studio, build_studio
from core.kit.actor import LOCAL
from core.kit.settings import load_settings
from core.store import charges
from core.store.assets import Asset
from core.store.jobs import Job
from tests.bad_input.conftest import clean, errors_logged
from tests.library.sounds import bring

STAGES = ("waiting", "start", "middle", "end")
KINDS = ("speech", "music", "mix", "batch")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """With a cold cache of notes: music takes its time to be cancelled in, and what is left in the cache is its own."""
    home = tmp_path_factory.mktemp("desk") / "home"
    (home / "cache" / "notes").mkdir(parents=True)
    built = build_studio(load_settings(home=home))
    built.ensure_worker()
    yield built
    built.close()


@pytest.fixture(scope="module")
def long_voice(desk: Studio, tmp_path_factory: pytest.TempPathFactory) -> Asset:
    return bring(desk, tmp_path_factory.mktemp("long"), "Long", kind="voiceover", seconds=90.0, rate=44_100)


@pytest.fixture(scope="module")
def bed(desk: Studio, tmp_path_factory: pytest.TempPathFactory) -> Asset:
    return bring(desk, tmp_path_factory.mktemp("bed"), "Bed", seconds=30.0, rate=44_100)


def submitter(studio: Studio, kind: str, voice: Asset, bed: Asset) -> Callable[[], Job]:
    script = "The harbour wakes before the town does. " * 60
    if kind == "speech":
        return lambda: studio.voice.speak(LOCAL, text=script)
    if kind == "music":
        return lambda: studio.music.compose(LOCAL, genre="cinematic", seconds=20, seed=3)
    if kind == "mix":
        return lambda: studio.sound.voice_over_music(LOCAL, [voice.id], bed.id)

    def batch() -> Job:
        request = studio.voice.request(LOCAL, text=script).model_dump(mode="json")
        return studio.batches.submit(
            LOCAL, [{"kind": "speech", "request": request, "title": f"{n}"} for n in range(4)], title="B"
        )

    return batch


def reached(job: Job, stage: str) -> bool:
    if job.ended or stage == "waiting":
        return True
    return job.status == "running" and job.fraction >= {"start": 0.0, "middle": 0.35, "end": 0.84}[stage]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_cancel(desk: Studio, long_voice: Asset, bed: Asset, kind: str, stage: str) -> None:
    submit = submitter(desk, kind, long_voice, bed)
    if stage == "waiting":
        desk.jobs.pause(LOCAL)
    try:
        job = submit()
        until = time.monotonic() + 120
        while not reached(desk.jobs.show(LOCAL, job.id), stage):
            assert time.monotonic() < until
            time.sleep(0.005)
        asked = time.monotonic()
        desk.jobs.cancel(LOCAL, job.id)
        ended = desk.jobs.wait(LOCAL, job.id, 30)
        took = time.monotonic() - asked
    finally:
        desk.jobs.resume(LOCAL)
    family = [ended, *desk.jobs.children(LOCAL, job.id)]
    for member in family:
        each = desk.jobs.wait(LOCAL, member.id, 30)
        assert each.status == "cancelled" or (each.status == "done" and stage != "waiting"), each
        if each.status == "cancelled":
            assert each.stage == "Cancelled"  # that it left no assets is among what clean() looks at
    assert took < 15, f"a cancel took {took:.1f} s to be seen"
    assert clean(desk) == []
    with desk.store.db.read() as connection:
        held = charges.held(connection, first_day=ended.created_at.date(), last_day=ended.created_at.date())
    assert held == 0
    assert errors_logged(desk) == ""


def test_cancelled_twice_and_tried_again(desk: Studio) -> None:
    desk.jobs.pause(LOCAL)
    job = desk.voice.speak(LOCAL, text="Once more.")
    assert desk.jobs.cancel(LOCAL, job.id).status == "cancelled"
    assert desk.jobs.cancel(LOCAL, job.id).status == "cancelled"
    desk.jobs.resume(LOCAL)
    time.sleep(0.3)
    assert desk.jobs.show(LOCAL, job.id).status == "cancelled", "a cancelled job ran after all"
    desk.jobs.retry(LOCAL, job.id)
    assert desk.jobs.wait(LOCAL, job.id, 30).status == "done"
    assert len(desk.jobs.assets(LOCAL, job.id)) == 5
    assert clean(desk) == []


def test_no_half_note_is_left_in_the_cache(desk: Studio) -> None:
    """Music was cancelled while notes were being rendered into the bank; it still makes the same piece afterwards."""
    made = []
    for _ in range(2):
        job = desk.jobs.wait(LOCAL, desk.music.compose(LOCAL, genre="cinematic", seconds=20, seed=3).id, 120)
        made.append(desk.jobs.assets(LOCAL, job.id)[0].sha256)
        left = [
            path.name
            for path in Path(desk.settings.cache).rglob("*")
            if path.is_file() and path.suffix not in (".note", ".wav")
        ]
        assert left == []
    assert made[0] == made[1]
