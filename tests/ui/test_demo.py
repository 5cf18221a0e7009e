"""The public demo: small limits, nobody sees anybody, and old things go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from core.app import Studio, build_studio
from core.kit.actor import LOCAL, Actor
from core.kit.clock import now
from core.kit.errors import AccessError, UserError
from core.kit.settings import load_settings
from core.rights import consent
from core.store import voices
from ui_gradio import examples, limits, serve

ADA = Actor("demo-" + "a" * 32, tier="free")
BOB = Actor("demo-" + "b" * 32, tier="free")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    made = build_studio(load_settings(home=tmp_path_factory.mktemp("demo"), STUDIO_SPACE_ID="someone/studio"))
    assert made.settings.demo
    made.ensure_worker()
    yield made
    made.close()


def speak(studio: Studio, actor: Actor, text: str) -> str:
    job = studio.voice.speak(actor, **limits.speech(studio, actor, {"text": text}))
    studio.jobs.wait(actor, job.id, timeout_s=60)
    return studio.jobs.assets(actor, job.id)[0].id


def test_the_limits_of_the_demo_are_said_in_words(demo: Studio) -> None:
    with pytest.raises(UserError, match="1,000 characters"):
        limits.speech(demo, ADA, {"text": "word " * 300})
    with pytest.raises(UserError, match="60 seconds"):
        limits.music(demo, ADA, {"seconds": 61})
    with pytest.raises(AccessError, match="cookie"):
        limits.may_submit(demo, Actor("demo-new", tier="free"))
    assert limits.music(demo, ADA, {"seconds": 60})


def test_on_ones_own_machine_nothing_is_refused(demo: Studio) -> None:
    own = replace(demo, settings=demo.settings.model_copy(update={"space_id": ""}))
    assert limits.speech(own, LOCAL, {"text": "word " * 3000})
    assert limits.music(own, LOCAL, {"seconds": 600})
    assert limits.purge_old(own) == 0


def test_old_things_of_visitors_go_and_young_ones_and_the_examples_stay(
    demo: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = speak(demo, ADA, "Mine.")
    theirs = speak(demo, BOB, "Theirs.")
    example = speak(demo, examples.EXAMPLE, "An example.")
    assert limits.purge_old(demo) == 0
    assert demo.library.search(ADA)[1] == 1, "nobody sees anybody else's"
    made = demo.library.get(BOB, theirs).created_at  # the younger of the two, however slowly they were spoken
    later = made + limits.KEEP + timedelta(seconds=5)
    monkeypatch.setattr(limits, "now", lambda: later)
    assert limits.purge_old(demo) >= 2
    kept = {asset.id for asset in demo.library.search(Actor("system", is_admin=True), parts=True)[0]}
    assert example in kept
    assert not {mine, theirs} & kept


def test_a_space_is_reached_from_outside_its_container(demo: Studio) -> None:
    assert serve.host_of(demo.settings) == "0.0.0.0"
    assert serve.host_of(demo.settings.model_copy(update={"space_id": ""})) == "127.0.0.1"


def test_voices_that_visitors_made_go_too(demo: Studio) -> None:
    agreed = consent.given("Ada", "I, Ada, agree to this voice.", commercial=True, recorded_by=ADA.user_id).as_dict()
    old = now() - limits.KEEP - timedelta(minutes=1)
    with demo.store.db.write() as connection:
        rows = {"description": "", "language": "", "consent": agreed, "licence": {}, "sample_text": ""}
        gone = voices.add(connection, ADA, name="Old", created_at=old, **rows)
        young = voices.add(connection, ADA, name="Young", **rows)
    limits.purge_old(demo)
    assert [row.id for row in demo.cloning.listing(ADA)] == [young] != [gone]
