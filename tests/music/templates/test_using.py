"""Music made with a template: overrides, engines that lack a field, every use counted once, and what was liked."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from core.app import Studio
from core.flows.batch import KIND as BATCH
from core.kit.actor import LOCAL
from core.kit.errors import NotFound, UserError
from core.music.templates import popular
from core.music.templates.desk import TemplateDesk
from core.music.templates.types import Template
from core.providers.base import Made, ProviderInfo
from core.store import template_uses
from tests.music.templates.conftest import CALM, House

Calm = Callable[..., Template]
Finish = Callable[..., str]


class Simple:
    """An engine that knows a prompt and a length and no more."""

    info = ProviderInfo(name="simple", title="Simple", kind="music", capabilities=frozenset({"prompt", "duration"}))

    default_model = "default"

    def lengths(self, model: str) -> tuple[float, float]:
        return (3.0, 600.0)

    def told(self, request: object) -> dict[str, object]:
        return {}

    def maximum(self, request: object) -> dict[str, object]:
        del request
        return {}

    def make(self, request: object, call: object) -> Made:
        raise NotImplementedError


def test_what_is_said_wins_over_the_template(desk: TemplateDesk) -> None:
    asked, ignored = desk.using.request(LOCAL, "energetic-transition", {"duration": 90, "bpm": 120, "mood": None})
    assert (asked["seconds"], asked["bpm"], asked["mood"], asked["genre"]) == (90, 120, None, "electronic")
    assert asked["name"] == "Energetic Transition"
    assert asked["template"] == {
        "id": "energetic-transition", "version": 1, "name": "Energetic Transition", "plain": False, "ignored": []
    }  # fmt: skip
    assert ignored == ()
    assert isinstance(asked["seed"], int)
    same, _ = desk.using.request(LOCAL, "energetic-transition", {"duration": 90, "bpm": 128, "name": "Mine"})
    assert (same["template"]["plain"], same["name"]) == (True, "Mine")


@pytest.mark.parametrize(
    ("overrides", "about"), [({"bpm": 900}, "bpm"), ({"duration": 1}, "seconds"), ({"loudness": 1}, "loudness"),
                             ({"mood": "bored"}, "bored"), ({"seed": 2**40}, "seed")],
)  # fmt: skip
def test_overrides_out_of_range_are_refused_and_count_nothing(
    desk: TemplateDesk, overrides: dict[str, object], about: str
) -> None:
    with pytest.raises(UserError, match=about):
        desk.using.generate(LOCAL, "video-intro", overrides)
    assert desk.get(LOCAL, "video-intro").usage_count == 0


def test_a_form_has_only_what_the_engine_understands(studio: Studio, desk: TemplateDesk, calm: Calm) -> None:
    studio.registry.add(Simple())
    made = calm(prompt="rain", key="D minor")
    whole = desk.using.form(LOCAL, made.id)
    fields = {field.name: field for field in whole.fields}
    assert whole.provider == "composer"
    assert (fields["mood"].kind, fields["mood"].value) == ("choice", "calm")
    assert "calm" in fields["mood"].choices
    assert (fields["bpm"].kind, fields["bpm"].low, fields["bpm"].high) == ("number", 40, 220)
    assert (fields["prompt"].kind, fields["instruments"].kind, fields["loopable"].kind) == ("long", "list", "flag")
    assert fields["seed"].kind == "whole"
    assert whole.ignored == ()

    less = desk.using.form(LOCAL, made.id, "simple")
    assert [field.name for field in less.fields if field.name in CALM | {"prompt": "", "key": ""}] == [
        "prompt",
        "seconds",
    ]
    assert {one.field for one in less.ignored} == {"mood", "genre", "bpm", "key"}
    assert "Simple has no such setting" in less.ignored[0].why
    asked, ignored = desk.using.request(LOCAL, made.id, provider="simple")
    assert {one.field for one in ignored} == {"mood", "genre", "bpm", "key"} == set(asked["template"]["ignored"])
    assert (asked["provider"], asked["prompt"], asked["bpm"], asked["mood"]) == ("simple", "rain", None, None)
    with pytest.raises(UserError, match="nobody"):
        desk.using.form(LOCAL, made.id, "nobody")


def test_where_no_engine_was_chosen_the_next_one_still_hears_everything(
    studio: Studio, desk: TemplateDesk, calm: Calm
) -> None:
    studio.registry.add(Simple())
    studio.registry.set_order("music", ["simple", "composer"])
    asked, ignored = desk.using.request(LOCAL, calm().id)
    assert {one.field for one in ignored} == {"mood", "genre", "bpm"}, "Simple comes first and lacks them"
    assert asked["bpm"] == 76
    assert "provider" not in asked


def test_a_use_is_counted_once_a_job(studio: Studio, desk: TemplateDesk, calm: Calm) -> None:
    made = calm()
    first = desk.using.generate(LOCAL, made.id, idempotency_key="one")
    assert desk.using.generate(LOCAL, made.id, idempotency_key="one").job.id == first.job.id
    assert desk.get(LOCAL, made.id).usage_count == 1
    desk.using.generate(LOCAL, made.id, {"draft": True})
    assert desk.get(LOCAL, made.id).usage_count == 1, "a preview is no use"
    studio.jobs.cancel(LOCAL, first.job.id)
    studio.jobs.retry(LOCAL, first.job.id)
    assert desk.get(LOCAL, made.id).usage_count == 1, "the same job once more"
    desk.delete(LOCAL, made.id)
    assert desk.using.generate(LOCAL, made.id, idempotency_key="one").job.id == first.job.id, "what was done is done"
    with pytest.raises(NotFound):
        desk.using.generate(LOCAL, made.id)


def test_uses_at_once_are_all_counted(desk: TemplateDesk) -> None:
    def go(number: int) -> None:
        for key in (f"own-{number}", "shared"):
            desk.using.generate(LOCAL, "video-intro", idempotency_key=key)

    threads = [threading.Thread(target=go, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert desk.get(LOCAL, "video-intro").usage_count == 9


def test_tracks_of_a_batch_count_too(studio: Studio, desk: TemplateDesk) -> None:
    request, _ = desk.using.request(LOCAL, "video-intro")
    batch = studio.batches.submit(LOCAL, [{"kind": "music", "request": request, "title": "A"}] * 2, title="Two")
    assert batch.kind == BATCH
    assert desk.get(LOCAL, "video-intro").usage_count == 0, "the batch itself is no piece"
    for number in (1, 2, 2):  # a restart comes by the second again
        studio.jobs.submit_child(batch, LOCAL, number, "music", request, "A")
    assert desk.get(LOCAL, "video-intro").usage_count == 2


def test_a_request_from_elsewhere_cannot_break_the_counting(studio: Studio) -> None:
    data = studio.music.request(LOCAL, prompt="rain")
    for said in ("x", {"id": 3}, {"id": "video-intro", "version": "one"}, None):
        studio.jobs.submit(LOCAL, "music", data | {"template": said}, title="x")
    assert studio.templates.get(LOCAL, "video-intro").usage_count == 0


def test_kept_is_what_is_still_there(studio: Studio, desk: TemplateDesk, calm: Calm, finish: Finish) -> None:
    made = calm()
    for facts in ({}, {}, {"kept": False}, {"draft": True}):
        finish(desk.using.generate(LOCAL, made.id).job, **facts)
    desk.using.generate(LOCAL, made.id)  # has not ended: says nothing yet
    seen = desk.get(LOCAL, made.id)
    assert (seen.usage_count, seen.done, seen.kept, seen.kept_rate) == (5, 4, 2, 0.5)
    [asset, *_] = studio.library.search(LOCAL)[0]
    studio.library.bin(LOCAL, [asset.id])
    assert desk.get(LOCAL, made.id).kept == 1
    studio.library.purge(LOCAL, [asset.id])
    assert desk.get(LOCAL, made.id).kept == 1


def test_little_proves_little() -> None:
    assert popular.at_least(0, 0) == 0
    assert popular.at_least(2, 2) == pytest.approx(0.3424, abs=1e-3), "Wilson 1927: 2 of 2 at 95 %"
    assert popular.at_least(90, 100) == pytest.approx(0.8256, abs=1e-3)
    assert popular.at_least(90, 100) > popular.at_least(2, 2) > popular.at_least(1, 2) > popular.at_least(0, 9) == 0


def test_popular_by_use_and_by_what_is_kept(desk: TemplateDesk, calm: Calm, finish: Finish) -> None:
    loved, used = calm(name="Loved"), calm(name="Used")
    for _ in range(4):
        finish(desk.using.generate(LOCAL, loved.id).job)
    for number in range(6):
        finish(desk.using.generate(LOCAL, used.id).job, kept=number < 2)
    finish(desk.using.generate(LOCAL, "video-intro").job)  # one of one: 100 %, and yet not the first
    assert [one.id for one in desk.find(LOCAL, scope="popular")][:3] == [used.id, loved.id, "video-intro"]
    by_kept = [one.id for one in desk.find(LOCAL, scope="popular", by="kept")]
    assert by_kept[:3] == [loved.id, "video-intro", used.id]
    assert {one.id for one in desk.find(LOCAL, scope="popular", use_case="intro")} == {
        "video-intro", "podcast-intro", "news-opener"
    }  # fmt: skip
    with pytest.raises(UserError, match="luck"):
        desk.find(LOCAL, by="luck")


def test_the_best_seed_is_remembered_and_used(
    studio: Studio, desk: TemplateDesk, calm: Calm, finish: Finish, house: House
) -> None:
    made = calm(house.ada)
    desk.share(house.ada, made.id, "public")
    with pytest.raises(UserError, match="kept yet"):
        desk.using.generate(house.ada, made.id, best_seed=True)
    assert desk.best(house.ada, made.id) is None

    def make(seed: int, **facts: object) -> str:
        return finish(desk.using.generate(house.ada, made.id, {"seed": seed}).job, **facts)

    make(1)
    make(2, kept=False, favourite=True)
    measured = make(3, config={"quality": {"score": 88}})
    plain = desk.best(house.ada, made.id)
    assert plain is not None
    assert (plain.engine, plain.seed, plain.asset_id, plain.why) == ("composer", 3, measured, "measured at 88")
    make(4, rating=5)
    assert desk.best(house.ada, made.id).seed == 4  # type: ignore[union-attr]
    taken = make(5)
    studio.exporting.export(house.ada, taken, studio.settings.home / "out")
    best = desk.best(house.ada, made.id)
    assert best is not None
    assert (best.seed, best.why) == (5, "exported or marked as a favourite")
    assert desk.best(house.eve, made.id).asset_id == "", "the piece is Ada's, the seed no secret"  # type: ignore[union-attr]
    request, _ = desk.using.request(house.eve, made.id, best_seed=True)
    assert (request["seed"], request["provider"]) == (5, "composer")

    finish(desk.using.generate(house.ada, made.id, {"seed": 6, "bpm": 140}).job, favourite=True)
    assert desk.best(house.ada, made.id).seed == 5, "another tempo: another kind of music"  # type: ignore[union-attr]
    desk.edit(house.ada, made.id, 1, {"name": "Renamed"})
    assert desk.best(house.ada, made.id).seed == 5, "the fields are the same"  # type: ignore[union-attr]
    desk.edit(house.ada, made.id, 2, {"fields": CALM | {"bpm": 100}})
    assert desk.best(house.ada, made.id) is None


def test_the_piece_says_which_template_made_it(working: Studio) -> None:
    started = working.templates.using.generate(LOCAL, "video-intro", {"duration": 3, "stems": False})
    job = working.jobs.wait(LOCAL, started.job.id, 120)
    assert job.status == "done", job.error
    asset = working.jobs.assets(LOCAL, job.id)[0]
    assert asset.name == "Video Intro"
    assert asset.generation_config["template"]["id"] == "video-intro"
    assert (asset.mood, asset.genre) == ("inspiring", "cinematic")
    with working.store.db.read() as connection:
        assert template_uses.totals(connection, "video-intro")["video-intro"] == template_uses.Uses(1, 1, 1)
