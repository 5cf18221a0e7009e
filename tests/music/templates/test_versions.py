"""Making and changing templates: what may stand in one, every version kept, and two people who edit the same one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.errors import AccessError, NotFound, UserError, error_from
from core.music.templates.desk import TemplateDesk
from core.music.templates.service import MOST
from core.music.templates.types import EditConflict, Template
from tests.music.templates.conftest import CALM, House

Calm = Callable[..., Template]


def test_a_template_keeps_what_was_said_and_nothing_else(desk: TemplateDesk) -> None:
    made = desk.create(
        LOCAL, name="  Rain\non glass ", fields={"mood": "Calm", "key": "dm", "duration": 20, "bpm": None, "prompt": ""},
        use_cases=["Podcast bed", "intro"], description="For evenings.",
    )  # fmt: skip
    assert made.name == "Rain on glass"
    assert made.fields == {"mood": "calm", "key": "D minor", "seconds": 20.0}
    assert made.use_cases == ["intro", "podcast_bed"], "in the order they are shown"
    assert (made.version, made.visibility, made.mine, made.usage_count, made.kept_rate) == (1, "private", True, 0, None)
    assert desk.get(LOCAL, made.id) == made


@pytest.mark.parametrize(
    ("fields", "about"),
    [
        ({}, "has to say something"),
        ({"mood": None, "prompt": ""}, "has to say something"),
        ({"mood": "bored"}, "bored"),
        ({"bpm": 500}, "bpm"),
        ({"bpm": True}, "bpm"),
        ({"bpm": float("nan")}, "bpm"),
        ({"seconds": 1}, "seconds"),
        ({"seconds": 20, "duration": 30}, "same field"),
        ({"prompt": "x" * 10_000}, "prompt"),
        ({"prompt": ["a"]}, "prompt"),
        ({"key": "H sharp"}, "H sharp"),
        ({"instruments": ["kazoo"]}, "kazoo"),
        ({"tempo": 3, "name": "x", "volume": 1}, "'tempo', 'name', 'volume'"),
        ({"mood": {"a": 1}}, "mood"),
        ({"instruments": [["a"]]}, "instruments"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_cannot_work_is_refused_in_words(desk: TemplateDesk, fields: dict[str, Any], about: str) -> None:
    with pytest.raises(UserError) as refused:
        desk.create(LOCAL, name="Rain", fields=fields)
    assert about in refused.value.message
    assert refused.value.hint
    assert desk.find(LOCAL, scope="mine") == []


@pytest.mark.parametrize(
    ("values", "about"),
    [
        ({"name": " "}, "1 to 80"),
        ({"name": "n" * 81}, "1 to 80"),
        ({"description": "d" * 1001}, "1,001"),
        ({"use_cases": ["elevator"]}, "elevator"),
        ({"use_cases": [3]}, "use_cases"),
        ({"provider": "nobody"}, "nobody"),
        ({"name": "rain"}, "already"),
    ],
)
def test_what_is_said_about_it_is_checked_as_well(
    desk: TemplateDesk, calm: Calm, values: dict[str, Any], about: str
) -> None:
    calm(name="Rain")
    with pytest.raises(UserError, match=about):
        desk.create(LOCAL, **{"name": "Other", "fields": CALM} | values)


def test_there_is_a_most_of_them(calm: Calm, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST == 500
    monkeypatch.setattr("core.music.templates.service.MOST", 1)
    calm()
    with pytest.raises(UserError, match="You have 1 templates"):
        calm(name="Another")


def test_every_edit_is_a_version_and_one_may_go_back(desk: TemplateDesk, calm: Calm) -> None:
    first = calm()
    second = desk.edit(LOCAL, first.id, 1, {"fields": CALM | {"bpm": 90}}, "Faster")
    third = desk.edit(LOCAL, first.id, 2, {"name": "Storm", "use_cases": ["intro"]})
    assert (second.version, third.version) == (2, 3)
    assert third.fields["bpm"] == 90
    rows = desk.history(LOCAL, first.id)
    assert [(row.version, by, changed) for row, by, changed in rows] == [
        (3, "You", ["name", "use_cases"]), (2, "You", ["bpm"]), (1, "You", []),
    ]  # fmt: skip
    assert rows[1][0].message == "Faster"
    assert desk.version(LOCAL, first.id, 1).fields == first.fields
    back = desk.restore(LOCAL, first.id, 1, 3)
    assert (back.version, back.name, back.fields) == (4, "Rain", first.fields)
    assert len(desk.history(LOCAL, first.id)) == 4, "nothing in between is lost"
    with pytest.raises(NotFound):
        desk.restore(LOCAL, first.id, 9, 4)


def test_an_edit_that_changes_nothing_makes_no_version(desk: TemplateDesk, calm: Calm) -> None:
    made = calm()
    assert desk.edit(LOCAL, made.id, 1, {"name": "Rain", "fields": dict(made.fields)}).version == 1
    with pytest.raises(UserError, match="'owner'"):
        desk.edit(LOCAL, made.id, 1, {"owner": "me"})
    assert len(desk.history(LOCAL, made.id)) == 1


def test_a_copy_is_ones_own(desk: TemplateDesk, calm: Calm, house: House) -> None:
    made = calm(house.ada)
    desk.share(house.ada, made.id, "public")
    copy = desk.duplicate(house.eve, made.id)
    assert (copy.name, copy.mine, copy.visibility, copy.version) == ("Rain copy", True, "private", 1)
    assert copy.fields == made.fields
    assert desk.duplicate(house.eve, made.id).name == "Rain copy (2)"
    with pytest.raises(UserError, match="already"):
        desk.duplicate(house.eve, made.id, name="rain COPY")
    shipped = desk.duplicate(house.eve, "video-intro")
    assert (shipped.name, shipped.fields["seconds"], shipped.may_edit) == ("Video Intro copy", 15, True)


def test_nothing_is_lost_when_two_edit_the_same_version(desk: TemplateDesk, calm: Calm, house: House) -> None:
    made = calm(house.ada)
    desk.share(house.ada, made.id, "team", [house.team_id])
    his = desk.edit(house.bob, made.id, 1, {"fields": CALM | {"bpm": 96, "mood": "sad"}})
    assert (his.version, his.may_edit, his.mine) == (2, True, False)
    with pytest.raises(EditConflict) as refused:
        desk.edit(house.ada, made.id, 1, {"name": "Drizzle", "fields": CALM | {"bpm": 60}})
    error = refused.value
    assert (error.code, error.version, error.by) == ("version_conflict", 2, "bob")
    assert "bob saved version 2" in error.message
    assert "UTC" in error.message
    assert {one.field: (one.yours, one.theirs, one.before) for one in error.differences} == {
        "name": ("Drizzle", "Rain", "Rain"), "bpm": (60.0, 96.0, 76.0), "mood": ("calm", "sad", "calm"),
    }  # fmt: skip
    assert all(word in error.hint for word in ("bpm: yours 60, theirs 96", "mood", "version 2"))
    assert desk.get(house.ada, made.id).fields["bpm"] == 96, "his stands"
    merged = desk.edit(house.ada, made.id, 2, {"name": "Drizzle", "fields": CALM | {"bpm": 60, "mood": "sad"}})
    assert (merged.version, merged.fields["bpm"], merged.fields["mood"]) == (3, 60, "sad")
    assert [by for _, by, _ in desk.history(house.ada, made.id)] == ["You", "bob", "You"]
    again = error_from(error.as_dict())
    assert (type(again), again.message) == (EditConflict, error.message), "it survives a process boundary"


def test_the_same_edit_by_two_is_no_conflict(desk: TemplateDesk, calm: Calm) -> None:
    made = calm()
    desk.edit(LOCAL, made.id, 1, {"fields": CALM | {"bpm": 90}})
    assert desk.edit(LOCAL, made.id, 1, {"fields": CALM | {"bpm": 90}}).version == 2


def test_of_many_edits_at_once_one_wins(desk: TemplateDesk, calm: Calm) -> None:
    made = calm()
    ends: list[str] = []

    def edit(bpm: int) -> None:
        try:
            desk.edit(LOCAL, made.id, 1, {"fields": CALM | {"bpm": bpm}})
            ends.append("saved")
        except EditConflict:
            ends.append("told")

    threads = [threading.Thread(target=edit, args=(80 + n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["saved", *["told"] * 5]
    assert desk.get(LOCAL, made.id).version == 2


def test_shipped_ones_stay_as_they_are(desk: TemplateDesk) -> None:
    for act in (
        lambda: desk.edit(LOCAL, "video-intro", 1, {"name": "Mine"}),
        lambda: desk.restore(LOCAL, "video-intro", 1, 1),
        lambda: desk.share(LOCAL, "video-intro", "private"),
        lambda: desk.delete(LOCAL, "video-intro"),
    ):
        with pytest.raises(AccessError, match="comes with the studio"):
            act()
    assert desk.history(LOCAL, "video-intro") == []


def test_a_piece_becomes_a_template(desk: TemplateDesk, finish: Callable[..., str], studio: Studio) -> None:
    job = studio.music.compose(LOCAL, prompt="calm piano", mood="calm", seconds=8, seed=11)
    settings = {"mood": "calm", "genre": None, "seconds": 8.0, "stems": True, "loopable": False, "instruments": []}
    asset = finish(job, config={"prompt": "calm piano", "seed": 11, "settings": settings})
    made = desk.of_asset(LOCAL, asset, "Piano")
    assert made.fields == {"prompt": "calm piano", "mood": "calm", "seconds": 8.0, "seed": 11}
    assert made.provider == "composer"
    assert desk.of_asset(LOCAL, asset, "Piano").name == "Piano (2)"
