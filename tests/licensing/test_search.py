"""One search over every catalogue: in turns, once each, filtered, and nobody's failure is another's."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.clock import now
from core.kit.errors import NotFound, Unavailable, UserError
from core.licensing.catalogue import FILTERS
from core.licensing.matching import search_of
from core.licensing.searching import FoundTracks, Searching
from core.licensing.types import Search, Terms, Track
from core.store import answers
from tests.licensing.conftest import Stocked
from tests.licensing.scripted_catalogue import SOLD, ScriptedCatalogue, track


def made(name: str, count: int = 45, **how: object) -> ScriptedCatalogue:
    return ScriptedCatalogue(name, [track(name, number) for number in range(count)], **how)  # type: ignore[arg-type]


def find(studio: Studio, **values: object) -> FoundTracks:
    return studio.catalogues.search(LOCAL, search_of(values))


def states(found: FoundTracks) -> dict[str, str]:
    """Of the scripted ones: those that ship are switched off here."""
    return {each.provider: each.state for each in found.sources if "switched off" not in each.note}


def test_in_turns_and_paged_without_overlap_or_gap(stocked: Stocked) -> None:
    studio = stocked(made("ada"), made("bob", 7), made("eve"))
    pages = [find(studio, page=page, page_size=10) for page in range(1, 11)]
    refs = [each.ref for page in pages for each in page.tracks]
    assert refs[:4] == ["ada:t0", "bob:t0", "eve:t0", "ada:t1"]
    assert len(refs) == len(set(refs)) == 97
    assert [len(page.tracks) for page in pages] == [10] * 9 + [7]
    assert [page.more for page in pages] == [True] * 9 + [False]
    assert {page.total for page in pages} == {97}
    assert [each.ref for each in find(studio, page=1, page_size=97).tracks] == refs


def test_equal_questions_are_asked_once_whatever_the_page_size(stocked: Stocked) -> None:
    ada = made("ada", ttl_s=3600.0)
    studio = stocked(ada)
    find(studio, text="piece", page_size=10)
    found = find(studio, text="  piece ", page_size=5, page=2)
    assert len(ada.asked) == 1
    assert states(found) == {"ada": "cached"}


@pytest.mark.parametrize("obeys", [FILTERS, ("text",), ()])
def test_what_a_catalogue_does_not_filter_is_filtered_here(stocked: Stocked, obeys: tuple[str, ...]) -> None:
    studio = stocked(made("ada", 80, obeys=obeys))
    found = find(
        studio, text="piece", genres=["Electronic"], moods=["calm"], bpm_min=90, bpm_max=120, seconds_max=120, key="am",
        vocals="instrumental", licences=["cc"], commercial=True, to_picture=True, price_max_usd=0, page_size=50,
    )  # fmt: skip
    wanted = [
        number for number in range(80)
        if number % 2 and number % 5 and 90 <= 80 + number % 60 <= 120 and number <= 60 and number % 3
    ]  # fmt: skip
    assert [each.id for each in found.tracks] == [f"t{number}" for number in wanted]
    assert ("does not filter by" in found.sources[0].note) == (len(obeys) < len(FILTERS))
    assert found.total == len(wanted)


def test_what_does_not_say_is_no_hit(stocked: Stocked) -> None:
    silent = replace(track("ada", 1), bpm=None, vocals=None, key="H 7", duration_s=None, price_usd=None, terms=SOLD)
    studio = stocked(ScriptedCatalogue("ada", [silent], obeys=()))
    assert find(studio).tracks
    for values in ({"bpm_max": 200}, {"vocals": "vocal"}, {"key": "C"}, {"seconds_min": 1}, {"price_max_usd": 100}):
        assert not find(studio, **values).tracks, values


def test_a_licence_that_forbids_it_is_never_a_hit(stocked: Stocked) -> None:
    """Also where the catalogue claims to filter by it."""
    terms = Terms("cc", "cc-by-nc-nd-4.0", commercial=False, derivatives=False)
    catalogue = made("ada", 1)
    studio = stocked(catalogue)
    catalogue._search = lambda request: {"tracks": [track("ada", 1, terms=terms).as_dict()], "more": False}  # type: ignore[method-assign]
    assert not find(studio, commercial=True).tracks
    assert not find(studio, to_picture=True).tracks
    assert find(studio).tracks


def test_the_same_recording_is_shown_once(stocked: Stocked) -> None:
    one = track("ada", 1, title="Café Noir", artist="Zoë", duration_s=100.0, isrc="GBAYE0000001")
    studio = stocked(
        ScriptedCatalogue("ada", [one, track("ada", 2, title="Cafe Noir", artist="Zoe", duration_s=200.0)]),
        ScriptedCatalogue("bob", [track("bob", 9, title="cafe noir!", artist="ZOE", duration_s=101.5)]),
        ScriptedCatalogue("eve", [track("eve", 4, title="Other name", isrc="gb-aye-00-00001")]),
    )
    found = find(studio)
    assert [each.ref for each in found.tracks] == ["ada:t1", "ada:t2"]
    assert [each.ref for each in found.also["ada:t1"]] == ["bob:t9", "eve:t4"]


def test_facets_count(stocked: Stocked) -> None:
    studio = stocked(made("ada", 10), made("bob", 10))
    found = find(studio, genres=["folk"])
    assert dict(found.facets["provider"]) == {"ada": 5, "bob": 5}
    assert found.facets["genres"] == [("folk", 10)]
    assert dict(found.facets["vocals"]) == {"instrumental": 6, "vocal": 4}
    assert found.facets["licences"] == [("cc-by-4.0", 10)]


@pytest.mark.parametrize("obeys", [FILTERS, ("text",)])
@pytest.mark.parametrize("sort", ["title", "duration", "bpm"])
def test_sorted_over_all_catalogues(stocked: Stocked, obeys: tuple[str, ...], sort: str) -> None:
    studio = stocked(made("ada", 35, obeys=obeys), made("bob", 35, obeys=obeys))
    both = [each for page in (1, 2, 3) for each in find(studio, sort=sort, page=page, page_size=25).tracks]
    assert len({each.ref for each in both}) == 70
    name = {"duration": "duration_s"}.get(sort, sort)
    values = [getattr(each, name) for each in both]
    assert values == sorted(values)


def test_one_that_fails_stands_beside_the_others(stocked: Stocked) -> None:
    ada, bob, eve, joe = made("ada"), made("bob"), made("eve", settings_key="jamendo_client_id"), made("joe")
    ada.error = Unavailable("The line is down.", "Wait for it.")
    bob.nonsense = {"tracks": "none of your business"}
    joe.error = KeyError("duration")
    studio = stocked(ada, bob, eve, joe, made("ok", 3))
    found = find(studio)
    assert states(found) == {"ada": "failed", "bob": "failed", "joe": "failed", "ok": "ok", "eve": "not_ready"}
    notes = {each.provider: each.note for each in found.sources}
    assert notes["ada"] == "The line is down. Wait for it."
    assert "does not understand" in notes["bob"]
    assert "does not understand" in notes["joe"]
    assert "STUDIO_JAMENDO_CLIENT_ID is not set" in notes["eve"]
    assert len(found.tracks) == 3
    assert (found.total, found.more) == (3, False)


def test_a_slow_one_is_not_waited_for(stocked: Stocked) -> None:
    slow = made("ada", ttl_s=3600.0)
    slow.gate = threading.Event()
    studio = stocked(slow, made("bob", 3))
    hurried = Searching(
        studio.store, studio.registry, studio.direct, studio.settings.home / "errors.log", deadline_s=1.0
    )
    found = hurried.search(LOCAL, Search())
    assert states(found) == {"ada": "failed", "bob": "ok"}
    assert "within 1 second" in found.sources[0].note
    slow.gate.set()
    assert states(find(studio)) in ({"ada": "ok", "bob": "cached"}, {"ada": "cached", "bob": "cached"})


def test_a_stale_answer_says_so(stocked: Stocked) -> None:
    ada = made("ada")
    studio = stocked(ada)
    find(studio)
    with studio.store.db.write() as connection:
        connection.execute(update(answers.table).values(expires_at=now() - timedelta(hours=1)))
    ada.error = Unavailable("The line is down.")
    found = find(studio)
    assert states(found) == {"ada": "stale"}
    assert "The line is down." in found.sources[0].note
    assert len(found.tracks) == 20


def test_nobody_is_ready(stocked: Stocked) -> None:
    studio = stocked(made("eve", settings_key="jamendo_client_id"))
    found = find(studio)
    assert states(found) == {"eve": "not_ready"}
    assert not found.tracks
    assert "studio doctor" in found.hint


def test_filters_that_contradict(stocked: Stocked) -> None:
    studio = stocked(made("ada"))
    for values in (
        {"bpm_min": 120, "bpm_max": 90}, {"seconds_min": 9, "seconds_max": 8},
        {"commercial": True, "licences": ["cc-by-nc-4.0"]}, {"to_picture": True, "licences": ["cc-by-nd-4.0"]},
        {"vocals": "instrumental", "instruments": ["Vocals"]}, {"price_max_usd": 0, "licences": ["per-track"]},
    ):  # fmt: skip
        with pytest.raises(UserError, match="contradict") as error:
            find(studio, **values)
        assert error.value.code == "contradiction"
    for values in ({"key": "H flat"}, {"providers": ["nobody"]}, {"page": 0}, {"txt": "x"}, {"sort": "price"}):
        with pytest.raises(UserError):
            find(studio, **values)


def test_rows_that_are_no_tracks_are_left_out(stocked: Stocked) -> None:
    odd = made("ada", 1)
    good = track("ada", 1).as_dict()
    odd.nonsense = {
        "more": "yes", "total": "many", "notes": ["<script>alert(1)</script>"],
        "tracks": [
            None, 7, "x", [], {}, {"id": "", "title": "a"}, {"id": "x" * 300, "title": "a"}, {"id": 5, "title": "Five"},
            good | {"title": "<b>x</b>\x00\n\u202e", "bpm": "fast", "duration_s": float("nan"), "genres": "rock",
                    "moods": [1, None, "sad"], "preview_url": "javascript:alert(1)", "price_usd": "1e999", "terms": 3,
                    "vocals": "yes", "tags": ["x" * 500] * 900},
            good,
        ],
    }  # fmt: skip
    found = find(stocked(odd))
    assert [(each.id, each.title) for each in found.tracks] == [("5", "Five"), ("t1", "<b>x</b>")]
    worst = found.tracks[1]
    assert (worst.bpm, worst.duration_s, worst.genres, worst.moods) == (None, None, (), ("1", "sad"))
    assert (worst.preview_url, worst.price_usd, worst.terms, worst.vocals) == ("", None, Terms("unknown"), None)
    assert "7 of its rows could not be read" in found.sources[0].note


def test_paging_that_goes_in_circles_ends(stocked: Stocked) -> None:
    catalogue = made("ada", 20)
    page = [each.as_dict() for each in catalogue.tracks]
    catalogue._search = lambda request: {"tracks": page, "more": True}  # type: ignore[method-assign]
    found = find(stocked(catalogue), page_size=100)
    assert len(found.tracks) == 20
    assert len(catalogue.asked) < 20


def test_one_track_with_all_it_says(stocked: Stocked) -> None:
    studio = stocked(made("ada"))
    found: Track = studio.catalogues.track(LOCAL, "ada", "t3")
    assert (found.ref, found.terms.attribution) == ("ada:t3", "“X” by Y, CC BY 4.0")
    for track_id in ("t999", "", "x" * 500):
        with pytest.raises(NotFound):
            studio.catalogues.track(LOCAL, "ada", track_id)
    with pytest.raises(UserError, match="nobody"):
        studio.catalogues.track(LOCAL, "nobody", "t1")
