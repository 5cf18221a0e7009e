"""Presets: what may be saved, who may use and change it, and what a request gets from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from core.access.access import open_access
from core.access.passwords import Passwords
from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.errors import AccessError, NotFound, UserError
from core.sound.projects import document
from core.store import voice_presets
from core.voice.presets import Presets
from tests.access.conftest import actor

EMMA = "espeak:en-us"
SLOW = {"voice": "Grace", "speed": 0.8, "sentence_pause_ms": 400}


@dataclass
class Two:
    """Two people in one team."""

    ada: Actor
    bob: Actor
    team_id: str


@pytest.fixture
def presets(studio: Studio) -> Presets:
    return studio.voice.presets


@pytest.fixture
def two(studio: Studio) -> Two:
    studio.access = open_access(studio.store, Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)))
    ada, bob = actor(studio.access, "ada"), actor(studio.access, "bob")
    team = studio.access.teams.create(ada, "House")
    code, _ = studio.access.teams.invite(ada, team.id, role="viewer")
    studio.access.teams.accept(bob, code)
    return Two(ada, bob, team.id)


@pytest.fixture
def written(studio: Studio) -> Callable[..., dict[str, object]]:
    """What a request to speak becomes as a job."""

    def ask(by: Actor = LOCAL, **values: object) -> dict[str, object]:
        return dict(studio.voice.speak(by, text="Good evening.", **values).request)

    return ask


def test_a_preset_keeps_what_was_said_and_the_voices_id(presets: Presets) -> None:
    row = presets.create(LOCAL, "  Audio\nbook ", SLOW)
    assert row.name == "Audio book"
    assert row.settings.keys() == SLOW.keys()
    assert row.settings["voice"].startswith("espeak:")
    assert presets.listing(LOCAL) == [row]


@pytest.mark.parametrize(
    ("settings", "about"),
    [
        ({"speed": 1.0}, "needs a voice"),
        ({"voice": " "}, "needs a voice"),
        ({"voice": "Nobody At All"}, "Nobody"),
        ({"voice": "Grace", "speed": 3}, "speed"),
        ({"voice": "Grace", "text": "Hello"}, "'text'"),
        ({"voice": "Grace", "seed": 1}, "'seed'"),
        ({"voice": "Grace", "loudness": 1}, "'loudness'"),
        ({"voice": "Grace", "emotion": "bored"}, "emotion"),
        ({"voice": "Grace", "pitch": float("nan")}, "pitch"),
    ],
)
def test_what_could_not_be_spoken_with_is_not_saved(presets: Presets, settings: dict[str, object], about: str) -> None:
    with pytest.raises(UserError, match=about):
        presets.create(LOCAL, "Mine", settings)
    assert presets.listing(LOCAL) == []


@pytest.mark.parametrize("name", ["", "   ", "\x00", "x" * 81, "Default"])
def test_a_name_is_needed(presets: Presets, name: str) -> None:
    with pytest.raises(UserError, match="name"):
        presets.create(LOCAL, name, SLOW)


def test_names_are_unique_case_aside_and_to_each_his_own(presets: Presets, two: Two) -> None:
    first = presets.create(two.ada, "Straße", SLOW)
    with pytest.raises(UserError, match="already"):
        presets.create(two.ada, "STRASSE", SLOW)
    presets.create(two.bob, "Straße", SLOW)
    second = presets.create(two.ada, "Second", SLOW)
    with pytest.raises(UserError, match="already"):
        presets.edit(two.ada, second.id, name="straße")
    assert presets.edit(two.ada, first.id, name="STRASSE").name == "STRASSE", "its own name in other letters"


def test_an_edit_takes_the_place_of_all_settings_or_none(presets: Presets) -> None:
    row = presets.create(LOCAL, "Mine", SLOW)
    assert presets.edit(LOCAL, row.id, name="Yours").settings == row.settings
    changed = presets.edit(LOCAL, row.id, settings={"voice": EMMA, "pitch": -2})
    assert (changed.name, changed.settings) == ("Yours", {"voice": EMMA, "pitch": -2.0})
    presets.delete(LOCAL, row.id)
    with pytest.raises(NotFound):
        presets.get(LOCAL, row.id)


def test_a_request_gets_what_it_does_not_say(presets: Presets, written: Callable[..., dict[str, object]]) -> None:
    row = presets.create(LOCAL, "Audiobook", SLOW)
    for wanted in ("Audiobook", "AUDIOBOOK", row.id):
        filled = written(preset=wanted, speed=1.2, voice="")
        assert (filled["voice"], filled["speed"], filled["sentence_pause_ms"]) == (row.settings["voice"], 1.2, 400)
        assert filled["preset"] == "Audiobook"
    assert written(preset="Audiobook", voice=EMMA)["voice"] == EMMA
    plain = written()
    assert plain["speed"] == 1.0
    assert "preset" not in plain
    with pytest.raises(NotFound, match="Podcast"):
        written(preset="Podcast")


def test_an_estimate_counts_with_the_preset(studio: Studio, presets: Presets) -> None:
    presets.create(LOCAL, "Slow", {"voice": EMMA, "speed": 0.5})
    plain = studio.voice.estimate(LOCAL, text="Good evening to you all.", voice=EMMA)
    slow = studio.voice.estimate(LOCAL, text="Good evening to you all.", preset="slow")
    assert slow.seconds > 1.5 * plain.seconds


def test_the_model_of_another_engine_is_left_out(presets: Presets) -> None:
    row = presets.create(LOCAL, "Cloud", {"voice": "openai:nova", "model": "tts-1", "speed": 0.9})
    own, _ = presets.fill(LOCAL, {"preset": row.id, "voice": "openai:alloy"})
    other, _ = presets.fill(LOCAL, {"preset": row.id, "voice": EMMA})
    assert own["model"] == "tts-1"
    assert other == {"voice": EMMA, "speed": 0.9}


def test_the_default_counts_where_it_is_asked_for(
    presets: Presets, studio: Studio, written: Callable[..., dict[str, object]]
) -> None:
    with pytest.raises(NotFound, match="default"):
        written(preset="default")
    mine = presets.create(LOCAL, "Mine", SLOW)
    house = presets.create(LOCAL, "House", {"voice": EMMA, "speed": 1.5})
    project = studio.projects.create(LOCAL, "Film", document(tracks=[]))
    presets.set_default(LOCAL, mine.id)
    assert written()["speed"] == 1.0, "nobody asked for it"
    assert written(preset="Default")["speed"] == 0.8
    assert written(project_id=project.id)["speed"] == 0.8, "the project has none"
    presets.set_default(LOCAL, house.id, project.id)
    assert written(project_id=project.id)["speed"] == 1.5
    assert written(preset="mine", project_id=project.id)["speed"] == 0.8
    presets.delete(LOCAL, house.id)
    assert presets.default(LOCAL, project.id) == mine
    presets.set_default(LOCAL, None)
    assert presets.default(LOCAL) is None


def test_a_deleted_project_takes_its_default_along(presets: Presets, studio: Studio) -> None:
    project = studio.projects.create(LOCAL, "Film", document(tracks=[]))
    presets.set_default(LOCAL, presets.create(LOCAL, "House", SLOW).id, project.id)
    studio.projects.delete(LOCAL, project.id)
    with studio.store.db.read() as connection:
        assert voice_presets.default_id(connection, LOCAL.user_id, project.id) == ""
    with pytest.raises(NotFound):
        presets.default(LOCAL, project.id)


def test_shared_it_may_be_used_and_not_changed(
    presets: Presets, studio: Studio, two: Two, written: Callable[..., dict[str, object]]
) -> None:
    row = presets.create(two.ada, "House", SLOW)
    with pytest.raises(NotFound):
        written(two.bob, preset=row.id)
    sharing = studio.access.sharing
    sharing.share(two.ada, "voice_preset", row.id, two.team_id)
    assert [team.name for team in sharing.teams_of(two.bob, "voice_preset", row.id)] == ["House"]
    assert written(two.bob, preset="house")["speed"] == 0.8
    for act in (
        lambda: presets.edit(two.bob, row.id, name="Mine"),
        lambda: presets.delete(two.bob, row.id),
        lambda: sharing.share(two.bob, "voice_preset", row.id, two.team_id),
    ):
        with pytest.raises(AccessError):
            act()
    presets.set_default(two.bob, row.id)
    own = presets.create(two.bob, "House", {"voice": EMMA, "speed": 1.5})
    assert [each.id for each in presets.listing(two.bob)] == [own.id, row.id]
    assert written(two.bob, preset="House")["speed"] == 1.5, "one's own goes first"
    sharing.unshare(two.ada, "voice_preset", row.id, two.team_id)
    assert presets.default(two.bob) is None
    with pytest.raises(NotFound):
        presets.get(two.bob, row.id)


def test_two_shared_ones_of_one_name_are_told_apart_by_id(presets: Presets, studio: Studio, two: Two) -> None:
    cat = actor(studio.access, "cat")
    code, _ = studio.access.teams.invite(two.ada, two.team_id)
    studio.access.teams.accept(cat, code)
    ids = [presets.create(who, "House", SLOW).id for who in (two.ada, cat)]
    for who, preset_id in zip((two.ada, cat), ids, strict=True):
        studio.access.sharing.share(who, "voice_preset", preset_id, two.team_id)
    with pytest.raises(UserError) as caught:
        presets.find(two.bob, "House")
    assert all(preset_id in caught.value.hint for preset_id in ids)
    assert presets.find(two.bob, ids[1]).id == ids[1]


def test_a_projects_default_is_set_by_those_who_may_change_it(presets: Presets, studio: Studio, two: Two) -> None:
    project = studio.projects.create(two.ada, "Film", document(tracks=[]))
    mine = presets.create(two.bob, "Mine", SLOW)
    with pytest.raises(NotFound):
        presets.set_default(two.bob, mine.id, project.id)
    studio.access.sharing.share(two.ada, "project", project.id, two.team_id)
    with pytest.raises(AccessError, match="look"):
        presets.set_default(two.bob, mine.id, project.id)


def test_a_voice_that_is_gone_is_one_clear_refusal(studio: Studio, written: Callable[..., dict[str, object]]) -> None:
    with studio.store.db.write() as connection:
        voice_presets.add(connection, LOCAL, "Lost", {"voice": "clone:voice_gone", "speed": 0.8})
    with pytest.raises(UserError, match="voice of the preset 'Lost'") as caught:
        written(preset="Lost")
    assert caught.value.code == "preset_voice_gone"
    assert written(preset="Lost", voice=EMMA)["speed"] == 0.8, "beside a voice that is there the rest counts"


def test_the_asset_says_which_preset_and_what_came_of_it(presets: Presets, studio: Studio) -> None:
    presets.create(LOCAL, "Fast", {"voice": EMMA, "speed": 2.0})
    studio.ensure_worker()
    job = studio.wait(LOCAL, studio.voice.speak(LOCAL, text="Hi.", preset="fast", pitch=1, captions=False).id)
    config = studio.jobs.assets(LOCAL, job.id)[0].generation_config
    assert (config["preset"], config["voice"]) == ("Fast", EMMA)
    assert (config["settings"]["speed"], config["settings"]["pitch"]) == (2.0, 1.0)
    assert "preset" not in config["settings"], "it is made again from its settings alone"


def test_favourites_are_ones_own(studio: Studio, two: Two) -> None:
    favourites = studio.voice.favourites
    ids = favourites.add(two.ada, "Grace")
    assert favourites.add(two.ada, EMMA) == [*ids, EMMA]
    assert favourites.add(two.ada, "Grace") == [EMMA, *ids], "once, and last"
    assert favourites.listing(two.bob) == []
    assert favourites.remove(two.ada, EMMA) == ids
    assert favourites.remove(two.ada, "clone:never") == ids
    with pytest.raises(NotFound):
        favourites.add(two.ada, "Nobody At All")


def test_the_demo_forgets_its_visitors_presets(presets: Presets, studio: Studio) -> None:
    visitor = Actor("demo-visitor")
    presets.create(visitor, "Mine", SLOW)
    kept = presets.create(LOCAL, "Mine", SLOW)
    studio.retention.forget_visitors(timedelta(hours=2), (LOCAL.user_id,))
    assert len(presets.listing(visitor)) == 1, "not old enough"
    studio.retention.forget_visitors(timedelta(0), (LOCAL.user_id,))
    assert presets.listing(visitor) == []
    assert presets.listing(LOCAL) == [kept]
