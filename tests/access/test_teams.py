"""Teams, and what a team sees: as long as it is shared, and as long as one is in it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.access import teams as module
from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.clock import now
from core.kit.errors import AccessError, NotFound, UserError
from core.sound.projects import document
from core.store import assets
from core.store import teams as rows
from core.store.assets import Asset
from tests.access.conftest import People, actor
from tests.library.sounds import bring


@pytest.fixture
def team(people: People) -> str:
    """Ada's."""
    return people.access.teams.create(people.ada, "Harbour").id


@pytest.fixture
def piece(studio: Studio, people: People, tmp_path: Path) -> Asset:
    return bring(studio, tmp_path, "Ada's tone", actor=people.ada)


def take_in(people: People, team: str, who: Actor, role: str = "editor") -> None:
    code, _ = people.access.teams.invite(people.ada, team, role=role)
    people.access.teams.accept(who, code)


def sees(studio: Studio, who: Actor, asset: Asset) -> bool:
    listed = asset.id in {one.id for one in studio.library.search(who)[0]}
    try:
        studio.library.get(who, asset.id)
        studio.library.file(who, asset.id)
        got = True
    except NotFound:
        got = False
    assert listed == got
    return got


def test_a_shared_piece_is_seen_while_shared_and_while_in_the_team(
    studio: Studio, people: People, team: str, piece: Asset
) -> None:
    assert not sees(studio, people.bob, piece)
    people.access.sharing.share(people.ada, "asset", piece.id, team)
    assert not sees(studio, people.bob, piece), "he is not in the team yet"
    take_in(people, team, people.bob)
    assert sees(studio, people.bob, piece)
    people.access.sharing.unshare(people.ada, "asset", piece.id, team)
    assert not sees(studio, people.bob, piece)
    people.access.sharing.share(people.ada, "asset", piece.id, team)
    assert sees(studio, people.bob, piece)
    stale = people.access.users.actor(people.bob.user_id)
    assert stale is not None
    assert stale.teams == (team,)
    people.access.teams.leave(people.bob, team)
    assert not sees(studio, stale, piece), "an actor from before he left is no key"
    take_in(people, team, people.bob)
    people.access.teams.delete(people.ada, team)
    assert not sees(studio, people.bob, piece)
    assert sees(studio, people.ada, piece)


def test_editors_change_what_is_shared_viewers_look_and_neither_takes_it_over(
    studio: Studio, people: People, team: str, piece: Asset
) -> None:
    people.access.sharing.share(people.ada, "asset", piece.id, team)
    take_in(people, team, people.bob, "viewer")
    with pytest.raises(UserError, match="owner"):
        studio.library.edit(people.bob, piece.id, name="Mine now")
    people.access.teams.set_role(people.ada, team, people.bob.user_id, "editor")
    assert studio.library.edit(people.bob, piece.id, name="Better name", rating=5).name == "Better name"
    for act in (
        lambda: studio.library.edit(people.bob, piece.id, visibility="public"),
        lambda: studio.library.bin(people.bob, [piece.id]),
        lambda: studio.library.declare_rights(people.bob, piece.id, "uploaded-own"),
    ):
        with pytest.raises(UserError):
            act()
    studio.library.bin(people.ada, [piece.id])
    with pytest.raises(UserError):
        studio.library.purge(people.bob, [piece.id])
    with pytest.raises(AccessError):
        people.access.sharing.share(people.bob, "asset", piece.id, team)


def test_only_its_owner_shares_and_only_with_a_team_he_may_give_to(
    studio: Studio, people: People, team: str, piece: Asset, tmp_path: Path
) -> None:
    bobs = people.access.teams.create(people.bob, "Bob's").id
    with pytest.raises(NotFound):
        people.access.sharing.share(people.bob, "asset", piece.id, bobs)
    with pytest.raises(NotFound):
        people.access.sharing.share(people.ada, "asset", piece.id, bobs)
    take_in(people, team, people.bob, "viewer")
    own = bring(studio, tmp_path, "Bob's tone", actor=people.bob)
    with pytest.raises(AccessError, match="not share"):
        people.access.sharing.share(people.bob, "asset", own.id, team)
    with pytest.raises(UserError, match="cannot be shared"):
        people.access.sharing.share(people.ada, "job", "job_1", team)
    people.access.teams.set_role(people.ada, team, people.bob.user_id, "editor")
    people.access.sharing.share(people.bob, "asset", own.id, team)
    people.access.teams.leave(people.bob, team)
    assert [one.name for one in people.access.sharing.teams_of(people.bob, "asset", own.id)] == ["A team you have left"]
    people.access.sharing.unshare(people.bob, "asset", own.id, team)
    assert not sees(studio, people.ada, own)


def test_a_piece_goes_with_its_parts_and_not_with_other_variants(studio: Studio, people: People, team: str) -> None:
    moment = now()
    row: dict[str, Any] = {
        "kind": "music", "source": "ai_music", "name": "x", "folder": "", "tags": [], "favourite": False, "format": "wav",
        "bytes": 1, "sha256": "0" * 64, "instruments": [], "peaks": [], "generation_config": {}, "cost_usd": 0,
        "licence": {"title": "Own"}, "job_id": "job_1", "user_id": people.ada.user_id, "organisation_id": "",
        "visibility": "private", "draft": False, "created_at": moment, "updated_at": moment,
    }  # fmt: skip
    with studio.store.db.write() as connection:
        for role in ("primary", "stem:drums", "variant:2"):
            assets.add(connection, row | {"id": f"asset_{role}", "role": role})
    people.access.sharing.share(people.ada, "asset", "asset_primary", team)
    take_in(people, team, people.bob)
    assert {one.role for one in studio.library.beside(people.bob, "asset_primary")} == {"stem:drums"}
    assert {one.role for one in studio.library.beside(people.ada, "asset_primary")} == {"stem:drums", "variant:2"}


def test_a_shared_project_is_heard_edited_and_taken_back(
    studio: Studio, people: People, team: str, piece: Asset, tmp_path: Path
) -> None:
    def with_clips(*pieces: Asset) -> Any:
        clips = [{"asset_id": one.id, "start_s": float(n)} for n, one in enumerate(pieces)]
        return document(tracks=[{"name": "A", "role": "music", "clips": clips}])

    project = studio.projects.create(people.ada, "Episode", with_clips(piece))
    take_in(people, team, people.bob, "viewer")
    with pytest.raises(NotFound):
        studio.projects.open(people.bob, project.id)
    people.access.sharing.share(people.ada, "project", project.id, team)
    assert studio.projects.open(people.bob, project.id)[0].name == "Episode"
    assert [one.id for one in studio.projects.list(people.bob)] == [project.id]
    assert sees(studio, people.bob, piece), "its sounds come along"
    with pytest.raises(AccessError, match="not change"):
        studio.projects.save(people.bob, project.id, 1, with_clips(piece))
    people.access.teams.set_role(people.ada, team, people.bob.user_id, "editor")
    added = bring(studio, tmp_path, "Bob's addition", actor=people.bob)
    assert studio.projects.save(people.bob, project.id, 1, with_clips(piece, added)).version == 2
    assert sees(studio, people.ada, added), "what an editor puts in is heard by the others"
    with pytest.raises(AccessError):
        studio.projects.delete(people.bob, project.id)
    people.access.sharing.unshare(people.ada, "project", project.id, team)
    with pytest.raises(NotFound):
        studio.projects.open(people.bob, project.id)
    assert not sees(studio, people.bob, piece)
    assert not sees(studio, people.ada, added)
    people.access.sharing.share(people.ada, "project", project.id, team)
    people.access.sharing.share(people.ada, "asset", piece.id, team)
    studio.projects.delete(people.ada, project.id)
    assert sees(studio, people.bob, piece), "shared by itself too"
    with studio.store.db.read() as connection:
        assert [one.noun for one in rows.shared(connection, team)] == ["asset"]


def test_an_invitation_lets_one_person_in_once(people: People, team: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code, _ = people.access.teams.invite(people.ada, team, role="viewer", days=2)
    with pytest.raises(UserError, match="already"):
        people.access.teams.accept(people.ada, code)
    people.access.teams.accept(people.bob, f" {code}\n")
    assert people.access.teams.show(people.bob, team).role == "viewer"
    eve = actor(people.access, "eve")
    for wrong in (code, "", "join_x", code[:-1]):
        with pytest.raises(UserError, match="not valid"):
            people.access.teams.accept(eve, wrong)
    late, _ = people.access.teams.invite(people.ada, team, days=2)
    withdrawn, row = people.access.teams.invite(people.ada, team)
    people.access.teams.withdraw(people.ada, team, row.id)
    monkeypatch.setattr(module, "now", lambda: now() + timedelta(days=2, seconds=5))
    for gone in (late, withdrawn):
        with pytest.raises(UserError, match="not valid"):
            people.access.teams.accept(eve, gone)


def test_a_team_is_its_owners_to_run(people: People, team: str) -> None:
    take_in(people, team, people.bob)
    teams = people.access.teams
    for act in (
        lambda: teams.invite(people.bob, team),
        lambda: teams.delete(people.bob, team),
        lambda: teams.set_role(people.bob, team, people.bob.user_id, "owner"),
        lambda: teams.remove(people.bob, team, people.ada.user_id),
    ):
        with pytest.raises(AccessError):
            act()
    assert teams.show(people.bob, team).invitations == []
    with pytest.raises(UserError, match="last owner"):
        teams.leave(people.ada, team)
    with pytest.raises(UserError, match="last owner"):
        teams.set_role(people.ada, team, people.ada.user_id, "viewer")
    with pytest.raises(UserError, match="role"):
        teams.set_role(people.ada, team, people.bob.user_id, "king")
    teams.set_role(people.ada, team, people.bob.user_id, "owner")
    teams.leave(people.ada, team)
    assert teams.list(people.ada) == []
    with pytest.raises(NotFound):
        teams.show(people.ada, team)


def test_a_team_one_is_not_in_does_not_exist(people: People, team: str) -> None:
    teams = people.access.teams
    for act in (
        lambda: teams.show(people.bob, team),
        lambda: teams.invite(people.bob, team),
        lambda: teams.delete(people.bob, team),
        lambda: teams.leave(people.bob, team),
        lambda: teams.remove(people.bob, team, people.ada.user_id),
        lambda: people.access.sharing.shared_with(people.bob, team),
    ):
        with pytest.raises(NotFound):
            act()
    assert teams.list(people.bob) == []


def test_the_single_user_of_a_machine_has_no_teams(people: People) -> None:
    with pytest.raises(UserError, match="made of users"):
        people.access.teams.create(LOCAL, "Alone")
    with pytest.raises(UserError):
        people.access.tokens.create(LOCAL, "script")
    with pytest.raises(UserError):
        people.access.users.change_password(LOCAL, "x", "a password of some length")
