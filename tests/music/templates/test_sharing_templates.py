"""Who sees, uses, changes, rates and deletes whose templates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.clock import now
from core.kit.errors import AccessError, NotFound, UserError
from core.music.templates.desk import TemplateDesk
from core.music.templates.types import Template
from core.store import forgetting
from tests.music.templates.conftest import CALM, House

Calm = Callable[..., Template]


def names(desk: TemplateDesk, who: Actor, scope: str) -> set[str]:
    return {one.name for one in desk.find(who, scope=scope) if one.visibility != "shipped"}


def test_private_team_public(desk: TemplateDesk, calm: Calm, house: House) -> None:
    made = calm(house.ada)
    assert names(desk, house.bob, "all") == set()
    for act in (desk.get, desk.history, desk.duplicate, desk.delete, desk.best):
        with pytest.raises(NotFound):
            act(house.bob, made.id)
    with pytest.raises(NotFound):
        desk.using.generate(house.bob, made.id)

    assert desk.share(house.ada, made.id, "team", [house.team_id]).visibility == "team"
    assert names(desk, house.bob, "team") == names(desk, house.bob, "all") == {"Rain"}
    assert names(desk, house.bob, "mine") == names(desk, house.bob, "public") == names(desk, house.eve, "all") == set()
    assert names(desk, house.ada, "team") == {"Rain"}

    assert desk.share(house.ada, made.id, "public").visibility == "public"
    assert names(desk, house.eve, "public") == {"Rain"}
    seen = desk.get(house.eve, made.id)
    assert (seen.owner, seen.mine, seen.may_edit) == ("ada", False, False)
    assert desk.using.generate(house.eve, made.id).job.user_id == house.eve.user_id

    assert desk.share(house.ada, made.id, "private").visibility == "private"
    assert names(desk, house.bob, "all") == names(desk, house.eve, "all") == set()


def test_only_the_owner_shares_and_deletes(desk: TemplateDesk, calm: Calm, house: House) -> None:
    made = calm(house.ada)
    desk.share(house.ada, made.id, "team", [house.team_id])
    desk.edit(house.bob, made.id, 1, {"fields": CALM | {"bpm": 80}})
    for act in (lambda: desk.share(house.bob, made.id, "public"), lambda: desk.delete(house.bob, made.id)):
        with pytest.raises(AccessError):
            act()
    desk.share(house.ada, made.id, "public")
    with pytest.raises(AccessError, match="not change it"):
        desk.edit(house.eve, made.id, 2, {"name": "Eve's"})
    desk.delete(house.ada, made.id)
    with pytest.raises(NotFound):
        desk.get(house.ada, made.id)


def test_a_viewer_of_the_team_may_use_and_not_change(
    desk: TemplateDesk, calm: Calm, house: House, studio: Studio
) -> None:
    code, _ = studio.access.teams.invite(house.ada, house.team_id, role="viewer")
    studio.access.teams.accept(house.eve, code)
    made = calm(house.ada)
    desk.share(house.ada, made.id, "team", [house.team_id])
    assert desk.using.generate(house.eve, made.id).job.id
    with pytest.raises(AccessError):
        desk.edit(house.eve, made.id, 1, {"name": "Eve's"})


def test_sharing_says_what_is_missing(desk: TemplateDesk, calm: Calm, house: House, studio: Studio) -> None:
    made = calm(house.eve)
    with pytest.raises(UserError, match="which team"):
        desk.share(house.eve, made.id, "team")
    with pytest.raises(UserError, match="everybody"):
        desk.share(house.eve, made.id, "everybody")
    with pytest.raises(NotFound):
        desk.share(house.eve, made.id, "team", [house.team_id])
    own = studio.access.teams.create(house.eve, "Aside")
    with pytest.raises(NotFound):
        desk.share(house.eve, made.id, "team", [own.id, house.team_id])
    assert desk.get(house.eve, made.id).visibility == "private", "with all of them or with none"


def test_stars_are_one_a_person_and_only_for_what_is_shared(desk: TemplateDesk, calm: Calm, house: House) -> None:
    made, talk = calm(house.ada), desk.talking
    with pytest.raises(UserError, match="private"):
        talk.rate(house.ada, made.id, 5)
    with pytest.raises(UserError, match="private"):
        talk.comment(house.ada, made.id, "Nice")
    desk.share(house.ada, made.id, "public")
    talk.rate(house.bob, made.id, 2)
    talk.rate(house.bob, made.id, 4)
    rated = talk.rate(house.eve, made.id, 5)
    assert (rated.rating, rated.ratings, rated.my_rating) == (4.5, 2, 5)
    assert talk.rate(house.eve, made.id, None).rating == 4.0
    for wrong in (0, 6):
        with pytest.raises(UserError):
            talk.rate(house.eve, made.id, wrong)
    assert talk.rate(house.eve, "video-intro", 3).rating == 3.0, "shipped ones are everybody's"


def test_comments_go_by_whoever_wrote_them_or_owns_the_template(desk: TemplateDesk, calm: Calm, house: House) -> None:
    made, talk = calm(house.ada), desk.talking
    desk.share(house.ada, made.id, "public")
    his = talk.comment(house.bob, made.id, "Too\nslow \x00<b>")
    hers = talk.comment(house.eve, made.id, "Lovely")
    seen = talk.comments(house.eve, made.id)
    assert [(one.comment.text, one.author, one.may_delete) for one in seen] == [
        ("Too\nslow <b>", "bob", False), ("Lovely", "You", True),
    ]  # fmt: skip
    with pytest.raises(AccessError):
        talk.uncomment(house.eve, made.id, his.comment.id)
    with pytest.raises(NotFound):
        talk.uncomment(house.eve, "video-intro", hers.comment.id)
    talk.uncomment(house.eve, made.id, hers.comment.id)
    talk.uncomment(house.ada, made.id, his.comment.id)
    assert talk.comments(house.ada, made.id) == []
    for wrong in (" ", "x" * 2001):
        with pytest.raises(UserError):
            talk.comment(house.ada, made.id, wrong)


def test_in_the_public_demo_nothing_is_said_or_made_public(studio: Studio, calm: Calm) -> None:
    made = calm()
    demo = type(studio.templates)(
        studio.settings.model_copy(update={"space_id": "somebody/space"}),
        studio.store,
        studio.jobs,
        studio.registry,
        studio.music,
    )
    with pytest.raises(AccessError):
        demo.share(LOCAL, made.id, "public")
    with pytest.raises(AccessError):
        demo.talking.comment(LOCAL, "video-intro", "Hello")


def test_what_demo_visitors_made_and_said_is_forgotten(
    desk: TemplateDesk, calm: Calm, house: House, studio: Studio
) -> None:
    hers, local = calm(house.ada), calm(LOCAL)
    desk.talking.comment(house.ada, "video-intro", "Hello")
    desk.talking.rate(house.ada, "video-intro", 1)
    with studio.store.db.write() as connection:
        assert forgetting.visitors_templates(connection, now() + timedelta(hours=1), ("local",)) == 1
    with pytest.raises(NotFound):
        desk.get(house.ada, hers.id)
    assert desk.get(LOCAL, local.id) == local
    assert desk.talking.comments(house.ada, "video-intro") == []
    assert desk.get(house.ada, "video-intro").rating is None
