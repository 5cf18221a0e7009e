"""Favourites and playlists: kept when their catalogue forgets, in order, full at ten thousand, shared, found by rules."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher

from core.access.access import open_access
from core.access.passwords import Passwords
from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.clock import now
from core.kit.errors import AccessError, NotFound, Unavailable, UserError
from core.licensing.catalogue import KIND
from core.licensing.copying import row_of
from core.licensing.playlists.rules import FIELDS, Candidate, matches, rules_of
from core.licensing.playlists.types import Changes, Ref
from core.licensing.types import Terms, Track
from core.providers.base import Found, ProviderInfo, Units
from core.store import assets, catalogue_tracks, playlists
from tests import scripted
from tests.access.conftest import actor
from tests.library.sounds import bring

ADA, BOB, EVE = Actor("ada"), Actor("bob"), Actor("eve")
TRACKS = {
    "1": Track("paper", "1", "=cmd|Rain", artist="Ann", duration_s=61.4, bpm=90, genres=("Ambient",), moods=("calm",),
               preview_url="https://paper.test/1.mp3", released="2024-03-01", terms=Terms("cc", id="cc-by-4.0", commercial=True)),
    "2": Track("paper", "2", "Storm\nover", artist="Bo", bpm=140, genres=("rock",), vocals=True, facts={"mode": 2}),
}  # fmt: skip


class Paper:
    """A catalogue that knows two tracks, for as long as it is open."""

    info = ProviderInfo(name="paper", title="Paper", kind=KIND, form="query", resource="net")
    open = True

    def maximum(self, request: Any) -> Units:
        return {}

    def query(self, request: Any, call: Any) -> Found:
        if not Paper.open:
            raise Unavailable("Paper is closed.")
        found = [TRACKS[each].as_dict() for each in request["ids"] if each in TRACKS]
        return Found({"tracks": found, "gone": [each for each in request["ids"] if each not in TRACKS]})


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    made = scripted.build(tmp_path_factory.mktemp("shelf") / "home")
    made.registry.add(Paper())
    made.access = open_access(made.store, Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)))
    yield made
    made.close()


@pytest.fixture(scope="module")
def licensed(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Storm, bought and brought into Ada's library."""
    asset = bring(studio, tmp_path_factory.mktemp("sound"), "Storm", actor=ADA, licence_id="uploaded-own")
    came = {"provider": "paper", "track_id": "2", "title": "Storm", "artist": "Bo"}
    with studio.store.db.write() as connection:
        changed = assets.table.update().where(assets.table.c.id == asset.id)
        connection.execute(changed.values(source="licensed", generation_config={"catalogue": came}))
    return asset.id


def titles(studio: Studio, actor: Actor, playlist_id: str) -> list[str]:
    return [one.track.title for one in studio.playlists.open(actor, playlist_id).entries]


def test_a_favourite_stays_readable_when_its_catalogue_closes(studio: Studio) -> None:
    shelf = studio.playlists.favourites
    one, new = shelf.add(ADA, "paper", "1", notes="for the harbour", tags=["calm", "calm", " intro "])
    assert (new, one.track.artist, one.tags, one.play.sound) == (True, "Ann", ["calm", "intro"], "preview")
    again, new = shelf.add(ADA, "paper", "1", tags=["rain"])
    assert (new, again.id, again.notes, again.tags) == (False, one.id, "for the harbour", ["rain"])
    Paper.open = False
    try:
        assert [each.track.title for each in shelf.listed(ADA, tag="RAIN")[0]] == ["=cmd|Rain"]
        kept, _ = shelf.add(ADA, "paper", "99", title="Heard once")
        assert (kept.track.title, kept.play.sound) == ("Heard once", "none")
    finally:
        Paper.open = True
    assert shelf.listed(ADA, tag="calm") == ([], 0)
    assert shelf.listed(LOCAL) == ([], 0), "an administrator does not see what others like"
    for act in (lambda: shelf.remove(EVE, one.id), lambda: shelf.add(ADA, "paper", "nope"),
                lambda: shelf.add(ADA, "nobody", "1"), lambda: shelf.add(ADA, "library", "asset_x")):  # fmt: skip
        with pytest.raises(UserError, match=r"There is no|has no track"):
            act()
    for each in shelf.listed(ADA)[0]:
        shelf.remove(ADA, each.id)


def test_an_order_is_kept_through_many_moves(studio: Studio) -> None:
    made, added = studio.playlists.create(
        ADA,
        name="  Harbour \n film ",
        tracks=[Ref("paper", "1", notes="first"), Ref("paper", "2"), Ref("paper", "1"), Ref("paper", "x")],
    )
    assert (made.name, made.count, added.added, added.already, added.unknown) == ("Harbour film", 2, 2, 1, ["paper:x"])
    first, second = studio.playlists.open(ADA, made.id).entries
    assert (first.notes, first.added_by) == ("first", "You")
    for turn in range(70):  # to the top again and again: every gap is used up twice
        mover, other = (second, first) if turn % 2 == 0 else (first, second)
        studio.playlists.change(ADA, made.id, Changes(move=[(mover.id, "")]))
        assert [one.id for one in studio.playlists.open(ADA, made.id).entries] == [mover.id, other.id]
    with pytest.raises(NotFound, match="not in this playlist"):
        studio.playlists.change(ADA, made.id, Changes(name="Not this", move=[(first.id, "entry_x")]))
    assert studio.playlists.get(ADA, made.id).name == "Harbour film", "all of a change, or nothing"
    changed, _ = studio.playlists.change(
        ADA, made.id, Changes(tracks=[Ref("paper", "2", notes="loud"), Ref("paper", "1")], notes={first.id: "soft"})
    )
    assert [(one.track.id, one.notes) for one in studio.playlists.open(ADA, made.id).entries] == [
        ("2", "loud"),
        ("1", "soft"),
    ]
    studio.playlists.change(ADA, changed.id, Changes(remove=[first.id]))
    assert titles(studio, ADA, made.id) == ["Storm\nover"]


def test_ten_thousand_are_a_full_playlist(studio: Studio) -> None:
    made, _ = studio.playlists.create(ADA, name="Long")
    rows = [(Track("paper", f"n{number}", f"Number {number}").as_dict(), "") for number in range(9_999)]
    with studio.store.db.write() as connection:
        playlists.append(connection, ADA, made.id, rows)
    assert studio.playlists.add(ADA, made.id, [Ref("paper", "1")]).added == 1
    with pytest.raises(UserError, match="10,000 tracks; this one has 10,000, and 1 more") as full:
        studio.playlists.add(ADA, made.id, [Ref("paper", "2"), Ref("paper", "1")])
    assert full.value.code == "playlist_full"
    opened = studio.playlists.open(ADA, made.id, limit=2, offset=9_998)
    assert ([one.track.title for one in opened.entries], opened.total) == (["Number 9998", "=cmd|Rain"], 10_000)
    studio.playlists.change(ADA, made.id, Changes(move=[(opened.entries[1].id, "")]))
    assert titles(studio, ADA, made.id)[:2] == ["=cmd|Rain", "Number 0"]
    assert studio.playlists.export(ADA, made.id, "m3u8").text.count("\n# Number") == 9_999
    with pytest.raises(UserError, match="10,001 more"):
        studio.playlists.create(ADA, name="Too long", tracks=[Ref("paper", str(number)) for number in range(10_001)])
    studio.playlists.delete(ADA, made.id)


def test_who_hears_and_who_edits(studio: Studio) -> None:
    ada, bob = (actor(studio.access, name) for name in ("ada", "bob"))
    made, _ = studio.playlists.create(ada, name="Shared", tracks=[Ref("paper", "1")])
    with pytest.raises(NotFound):
        studio.playlists.open(bob, made.id)
    team = studio.access.teams.create(ada, "House")
    code, _ = studio.access.teams.invite(ada, team.id, role="editor")
    studio.access.teams.accept(bob, code)
    assert studio.playlists.share(ada, made.id, "team", [team.id]).visibility == "team"
    studio.playlists.add(bob, made.id, [Ref("paper", "2")])
    assert [one.added_by for one in studio.playlists.open(ada, made.id).entries] == ["You", "bob"]
    for act in (lambda: studio.playlists.delete(bob, made.id), lambda: studio.playlists.share(bob, made.id, "public")):
        with pytest.raises(AccessError):
            act()
    studio.playlists.share(ada, made.id, "public")
    seen = studio.playlists.get(EVE, made.id)
    assert (seen.visibility, seen.mine, seen.may_edit, seen.owner) == ("public", False, False, "ada")
    with pytest.raises(AccessError, match="hear"):
        studio.playlists.add(EVE, made.id, [Ref("paper", "2")])
    studio.playlists.share(ada, made.id, "private")
    with pytest.raises(NotFound):
        studio.playlists.open(bob, made.id)


def test_rules_find_favourites_and_what_is_licensed(studio: Studio, licensed: str) -> None:
    studio.playlists.favourites.add(ADA, "paper", "1", tags=["harbour"])
    slow = {
        "match": "any",
        "rules": [
            {"field": "bpm", "op": "between", "value": [None, 100]},
            {"field": "licensed", "op": "is", "value": True},
        ],
    }
    made, _ = studio.playlists.create(ADA, name="Slow or mine", rules=slow)
    found = studio.playlists.open(ADA, made.id)
    assert [(one.track.title, one.play.sound) for one in found.entries] == [("=cmd|Rain", "preview"), ("Storm", "file")]
    assert (found.total, made.smart, made.count) == (2, True, None)
    with pytest.raises(UserError, match="filled by its rules"):
        studio.playlists.add(ADA, made.id, [Ref("paper", "1")])
    studio.playlists.share(ADA, made.id, "public")
    assert studio.playlists.open(EVE, made.id).entries == [], "each sees what his own favourites meet"
    own, total = studio.playlists.try_rules(ADA, {"rules": [{"field": "my_tags", "op": "contains", "value": "HARB"}]})
    assert (total, own[0].track.id) == (1, "1")
    bought, _ = studio.playlists.create(ADA, name="Bought", tracks=[Ref("paper", "2"), Ref("library", licensed)])
    assert [one.play.asset_id for one in studio.playlists.open(ADA, bought.id).entries] == [licensed, licensed]


def test_every_field_has_rules_that_fit_it() -> None:
    rain, storm = Candidate(TRACKS["1"], favourite=True), Candidate(TRACKS["2"])
    for rule, expected in (
        ({"field": "genres", "op": "is", "value": "ambient"}, (True, False)),
        ({"field": "genres", "op": "in", "value": ["ROCK", "pop"]}, (False, True)),
        ({"field": "title", "op": "contains", "value": "RAIN"}, (True, False)),
        ({"field": "vocals", "op": "is", "value": True}, (False, True)),
        ({"field": "vocals", "op": "is", "value": True, "not": True}, (True, False)),
        ({"field": "vocals", "op": "is", "value": None}, (True, False)),
        ({"field": "released", "op": "between", "value": ["2024", "2024-06"]}, (True, False)),
        ({"field": "terms.commercial", "op": "is", "value": True}, (True, False)),
        ({"field": "facts.mode", "op": "between", "value": [1, None]}, (False, True)),
        ({"field": "duration_s", "op": "between", "value": [60, 61.4]}, (True, False)),
        ({"field": "favourite", "op": "is", "value": True}, (True, False)),
    ):
        meets = matches(rules_of({"rules": [rule]}))
        assert (meets(rain), meets(storm)) == expected, rule
    values = {"text": "a", "list": "a", "number": 1, "flag": True}
    for field, kind in FIELDS.items():
        rules_of({"rules": [{"field": field, "op": "is", "value": values[kind]}]})
    for wrong, said in (
        ({"field": "colour", "op": "is", "value": "red"}, "no field 'colour'"),
        ({"field": "bpm", "op": "between", "value": [120, 90]}, "120 is above 90"),
        ({"field": "bpm", "op": "contains", "value": "9"}, "for a field of words"),
        ({"field": "title", "op": "between", "value": ["a", "b"]}, "two numbers"),
        ({"field": "vocals", "op": "is", "value": "yes"}, "no value for it"),
        ({"field": "genres", "op": "in", "value": []}, "1 to 200"),
    ):
        with pytest.raises(UserError, match=said):
            rules_of({"rules": [wrong]})
    with pytest.raises(UserError, match="find nothing"):
        rules_of({"rules": []})


def test_a_playlist_as_a_file_runs_nothing(studio: Studio) -> None:
    made, _ = studio.playlists.create(
        ADA, name="../Files & =more", tracks=[Ref("paper", "1", notes="@home"), Ref("paper", "2")]
    )
    file = studio.playlists.export(ADA, made.id, "csv")
    rows = list(csv.DictReader(io.StringIO(file.text)))
    assert file.name == "Files-more.csv"
    assert (rows[0]["title"], rows[0]["notes"], rows[0]["sound_url"]) == (
        "'=cmd|Rain",
        "'@home",
        "https://paper.test/1.mp3",
    )
    whole = json.loads(studio.playlists.export(ADA, made.id, "json").text)
    assert [one["track"]["title"] for one in whole["tracks"]] == ["=cmd|Rain", "Storm\nover"]
    lines = studio.playlists.export(ADA, made.id, "m3u8", "http://studio.test/").text.splitlines()
    assert lines[:4] == [
        "#EXTM3U",
        "#PLAYLIST:../Files & =more",
        "#EXTINF:61,Ann - =cmd|Rain",
        "https://paper.test/1.mp3",
    ]
    assert lines[-1] == "http://studio.test/media/" + lines[-1].rpartition("/")[2] or lines[-1].startswith(
        "# Bo - Storm over:"
    )
    with pytest.raises(UserError):
        studio.playlists.export(ADA, made.id, "exe")


def test_the_synced_copy_is_searched_and_says_what_is_gone(studio: Studio) -> None:
    tracks = [
        Track("paper", f"c{number}", f"Copied {number}", bpm=60 + number, genres=("dub",)) for number in range(30)
    ]
    with studio.store.db.write() as connection:
        catalogue_tracks.put(connection, "paper", [row_of(one) for one in tracks], "run_1", update_existing=True)
    between = {"field": "bpm", "op": "between", "value": [70, 72]}
    rules = {"rules": [between, {"field": "genres", "op": "is", "value": "Dub"}], "sort": "bpm"}
    found, total = studio.playlists.try_rules(EVE, rules)
    assert ([one.track.id for one in found], total) == (["c10", "c11", "c12"], 3)
    made, added = studio.playlists.create(EVE, name="Kept", tracks=[Ref("paper", "c10"), Ref("paper", "c11")])
    assert added.added == 2
    with studio.store.db.write() as connection:
        gone = catalogue_tracks.table.update().where(catalogue_tracks.table.c.track_id == "c10")
        connection.execute(gone.values(gone_at=now()))
    shown = [(one.track.title, one.gone, one.play.why) for one in studio.playlists.open(EVE, made.id).entries]
    assert shown[0] == ("Copied 10", True, "Its catalogue no longer has it.")
    assert shown[1][:2] == ("Copied 11", False)
    assert studio.playlists.try_rules(EVE, rules)[1] == 2
