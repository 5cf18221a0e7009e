"""Suggestions made into music, what became of them, and how that shifts the next ones; with nothing done silently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.app import Studio, build_studio
from core.kit.actor import LOCAL
from core.kit.clock import new_id
from core.kit.errors import NotFound, UserError
from core.kit.settings import load_settings
from core.store import suggestions, webhooks
from core.store.jobs import DONE
from tests.video.films import MONTAGE
from tests.video.taken_apart import put

ANN, BEN = replace(LOCAL, user_id="ann", is_admin=False), replace(LOCAL, user_id="ben", is_admin=False)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    opened = build_studio(load_settings(home=tmp_path_factory.mktemp("suggesting") / "home"))
    opened.ensure_worker()
    yield opened
    opened.close()


def test_a_scene_is_scored_for_nothing_and_says_what_it_was_made_from(desk: Studio) -> None:
    clip_id, (scene,) = put(desk, "action", actor=ANN)
    said = desk.recommending.for_scene(ANN, scene)
    job = desk.wait(ANN, desk.recommending.generate(ANN, scene, stems=False).id, 120)
    assert job.status == DONE, job.error
    piece = desk.jobs.assets(ANN, job.id)[0]
    assert (piece.genre, piece.mood, piece.cost_usd) == (said.genre, said.mood, 0)
    assert piece.duration_s == pytest.approx(4.0, abs=0.05)
    told = piece.generation_config["suggestion"]
    assert told == {
        "scene_id": scene, "clip_id": clip_id, "scene_type": "action", "mood": said.mood, "genre": said.genre,
        "intensity": said.intensity, "bpm": said.bpm, "changed": [],
    }  # fmt: skip
    with desk.store.db.read() as connection:
        row = suggestions.of_job(connection, job.id)
    assert row is not None
    assert row.made == row.suggested == {name: told[name] for name in suggestions.FIELDS}


def test_what_was_changed_is_written_down_and_the_tempo_goes_with_the_genre(desk: Studio) -> None:
    _, (scene,) = put(desk, "landscape", seconds=20, actor=ANN)
    said = desk.recommending.for_scene(ANN, scene)
    other = said.choices[1]
    job = desk.recommending.generate(ANN, scene, genre=other.genre, idempotency_key="one")
    assert job.request["bpm"] == other.bpm
    assert job.request["suggestion"]["changed"] == ["genre"]
    again = desk.recommending.generate(ANN, scene, genre=other.genre, idempotency_key="one")
    assert again.id == job.id
    with desk.store.db.read() as connection:
        assert [row.genre for row in suggestions.of_clip(connection, "ann", said_clip(desk, scene))] == [other.genre]
    free = desk.recommending.generate(ANN, scene, use_recommendations=False, prompt="a harp")
    assert (free.request["genre"], free.request["seconds"]) == (None, 20)
    assert "suggestion" not in free.request


def said_clip(studio: Studio, scene_id: str) -> str:
    return studio.video.scene(ANN, scene_id)[0].id


def test_kept_and_binned_pieces_shift_the_order_and_it_says_so(desk: Studio) -> None:
    _, (scene,) = put(desk, "montage", actor=BEN)
    before = desk.recommending.for_scene(BEN, scene)
    assert before.learned == ()
    first, second = before.choices[0].genre, before.choices[1].genre

    def make(genre: str, seed: int) -> str:
        job = desk.wait(BEN, desk.recommending.generate(BEN, scene, genre=genre, seed=seed, stems=False).id, 120)
        assert job.status == DONE, job.error
        return desk.jobs.assets(BEN, job.id)[0].id

    binned, rated = make(first, 1), make(first, 2)
    kept = [make(second, seed) for seed in (1, 2)]
    desk.library.bin(BEN, [binned])
    desk.library.edit(BEN, rated, rating=1)
    desk.library.edit(BEN, kept[0], rating=5)
    assert {(each.genre, each.kept, each.made) for each in desk.recommending.kept(BEN)} == {
        (first, 0, 2),
        (second, 2, 2),
    }
    after = desk.recommending.for_scene(BEN, scene)
    assert after.genre == second
    assert set(after.learned) == {f"{first}: kept 0 of 2", f"{second}: kept 2 of 2"}
    assert "you kept 2 of 2" in after.choices[0].why
    assert desk.recommending.kept(ANN) != desk.recommending.kept(BEN)  # nobody learns from another
    desk.library.restore(BEN, [binned])
    assert {each.kept for each in desk.recommending.kept(BEN) if each.genre == first} == {1}


def test_a_batch_names_what_failed_and_is_the_same_twice(desk: Studio) -> None:
    clip_id, scenes = put(desk, "action", "calm", "action", actor=ANN)
    _, (foreign,) = put(desk, "calm", actor=BEN)
    wanted = [*scenes, foreign, "scene_gone", scenes[0]]
    started = desk.recommending.generate_many(ANN, wanted, idempotency_key="batch", stems=False)
    assert (started.total, started.started) == (5, 3)
    assert [(each.scene_id, each.code) for each in started.failed] == [
        (foreign, "no_scene"),
        ("scene_gone", "no_scene"),
    ]
    assert started.failed[0].hint
    jobs = dict(started.generations)
    asked = [jobs[scene].request for scene in scenes]
    assert asked[0]["seed"] == asked[2]["seed"]  # the theme returns
    assert len({request["key"] for request in asked}) <= 2
    again = desk.recommending.generate_many(ANN, wanted, idempotency_key="batch", stems=False)
    assert {job.id for _, job in again.generations} == {job.id for job in jobs.values()}
    desk.video.delete(ANN, clip_id)
    gone = desk.recommending.generate_many(ANN, scenes, idempotency_key="batch", stems=False)
    assert {job.id for _, job in gone.generations} == {job.id for job in jobs.values()}
    with pytest.raises(NotFound):
        desk.recommending.for_scene(ANN, scenes[0])
    with pytest.raises(UserError, match="No scene"):
        desk.recommending.generate_many(ANN, [])


def test_tempos_of_one_clip_are_related(desk: Studio) -> None:
    _, scenes = put(desk, "action", "calm", "landscape", "titles", seconds=9, actor=ANN)
    told, failed = desk.recommending.for_scenes(ANN, scenes)
    assert not failed
    tempos = [said.bpm for _, said in told]
    home = tempos[-1]  # the longest scene's
    for bpm in tempos:
        assert any(bpm / home == pytest.approx(ratio, rel=0.061) for ratio in (0.5, 2 / 3, 0.75, 1, 4 / 3, 1.5, 2))


def test_a_clip_has_one_plan_until_something_is_learned(desk: Studio) -> None:
    clip_id, _ = put(desk, "action", "landscape", seconds=9, actor=ANN)
    assert desk.recommending.for_clip(ANN, clip_id) == desk.recommending.for_clip(ANN, clip_id)
    assert len(desk.recommending.for_clip(ANN, clip_id, one=True)) == 1
    with pytest.raises(NotFound):
        desk.recommending.for_clip(BEN, clip_id)


def test_scenes_found_are_an_event_of_the_jobs_own_end(desk: Studio) -> None:
    hook = {"id": new_id("webhook"), "user_id": LOCAL.user_id, "url": "http://x.invalid", "secret": "",
            "events": ["scenes_processed"], "active": True}  # fmt: skip
    with desk.store.db.write() as connection:
        webhooks.add(connection, hook)
    film, _ = desk.importing.bring_in(LOCAL, MONTAGE, kind="video", licence_id="uploaded-own")
    job = desk.wait(LOCAL, desk.video.take_apart(LOCAL, film.id).id, 120)
    with desk.store.db.write() as connection:
        told = webhooks.history(connection, str(hook["id"]))
        webhooks.remove(connection, str(hook["id"]))
    assert [each.event for each in told] == ["scenes_processed"]
    assert told[0].payload["data"] == {
        "clip_id": job.result["clip_id"], "asset_id": film.id, "scenes": job.result["scenes"],
    }  # fmt: skip


def test_a_clip_is_read_once_for_all_its_scenes(desk: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    _, scenes = put(desk, "action", "calm", "landscape", "titles", actor=ANN)
    one_by_one = [desk.recommending.for_scene(ANN, scene) for scene in scenes]
    read: list[str] = []
    real = desk.video.scene
    monkeypatch.setattr(desk.video, "scene", lambda actor, scene: read.append(scene) or real(actor, scene))
    said, failed = desk.recommending.for_scenes(ANN, scenes)
    assert ([each for _, each in said], failed) == (one_by_one, ())
    wanted = desk.recommending.asked(ANN, scenes)
    assert [each["bpm"] for each in wanted] == [each.bpm for each in one_by_one]
    assert desk.recommending.generate_many(ANN, scenes, stems=False).started == 4
    assert len(read) == 3, "once for each of the three requests"
