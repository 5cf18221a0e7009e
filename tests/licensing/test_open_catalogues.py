"""What is peculiar to each catalogue of open licences, beside what the contract suite asks of all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.children import Children
from core.kit.errors import SetupError, UserError
from core.licensing.catalogue import FILES, KIND
from core.licensing.providers import freesound as freesound_provider
from core.licensing.providers.free_music_archive import FreeMusicArchive
from core.licensing.types import Track
from core.providers.base import Call
from tests.clouds import freesound
from tests.clouds.service import Fault
from tests.contracts.catalogue_case import Case
from tests.contracts.catalogue_clouds import CLOUDS


@pytest.fixture
def opened() -> Iterator[Any]:
    with ExitStack() as servers:
        yield lambda name: CLOUDS[name](servers)


def sent(case: Case, **search: Any) -> dict[str, str]:
    case.search(**search)
    found: dict[str, str] = case.cloud.asked[-1].query
    return found


# --- Openverse --------------------------------------------------------------------------------------------------------


def test_openverse_is_asked_in_its_own_words(opened: Any) -> None:
    case = opened("openverse")
    asked = sent(case, text="rain", commercial=True, to_picture=True, seconds_min=150, seconds_max=200, page_size=100)
    assert asked == {
        "q": "rain", "category": "music", "license_type": "commercial,modification", "length": "medium", "page": "1",
        "page_size": "20",
    }  # fmt: skip
    assert sent(case, text="", licences=["cc-by-4.0", "cc0-1.0"])["license"] == "by,cc0"
    assert "license" not in sent(case, text="", licences=["cc", "cc-by-4.0"])
    assert sent(case, text="rain", genres=["Jazz", "Trip-Hop)"], moods=["calm"])["q"] == "rain (Jazz | Trip Hop) calm"
    assert len(sent(case, text="x" * 200, genres=["ambient" * 9])["q"]) == 200


def test_openverse_shows_the_first_240_and_says_so(opened: Any) -> None:
    case = opened("openverse")
    answer = case.search(page=13)
    assert (answer["tracks"], answer["more"], case.cloud.asked) == ([], False, [])
    assert any("first 240" in note for note in answer["notes"])


@pytest.mark.parametrize("name", ["openverse", "freesound"])
def test_each_question_of_a_call_counts_against_the_limits(opened: Any, name: str) -> None:
    case = opened(name)
    counted: list[int] = []
    call = replace(case.call(), another=lambda: counted.append(len(case.cloud.asked)))
    case.catalogue.query({"op": "tracks", "ids": list(case.cloud.rows)[:3]}, call)
    assert counted == [1, 2], "before each but the first"


def test_code_and_address_of_a_licence_have_to_agree(opened: Any) -> None:
    case = opened("openverse")
    case.row()["license_url"] = "https://creativecommons.org/licenses/by-nc/3.0/"
    [track] = case.found("tracks", ids=[case.known.first])
    assert (track.terms.kind, track.terms.commercial) == ("unknown", False)
    case.row()["license_url"] = "https://creativecommons.org/licenses/by/3.0/fr/"
    [track] = case.found("tracks", ids=[case.known.first])
    assert (track.terms.id, track.terms.title) == ("cc-by-3.0", "CC BY 3.0 FR")


def test_openverse_warns_and_its_line_of_attribution_is_taken_over(opened: Any) -> None:
    case = opened("openverse")
    answer = case.ask("tracks", ids=[case.known.first])["tracks"][0]["terms"]
    assert answer["attribution"].startswith('"Calm Piano" by Ada Moor is licensed under CC BY 3.0.')
    assert "does not warrant" in answer["conditions"][-1]
    assert "does not warrant" in case.ask("validate", id=case.known.first)["note"]
    body = {"result_count": 0, "page_count": 0, "results": [], "warnings": [{"message": "q was cut"}, 7, "old"]}
    case.cloud.faults["search"].append(Fault(200, body))
    assert case.search()["notes"] == ["Openverse: q was cut", "Openverse: old"]


# --- Jamendo ----------------------------------------------------------------------------------------------------------


def test_jamendo_is_asked_for_singles_too_and_in_its_own_words(opened: Any) -> None:
    case = opened("jamendo")
    asked = sent(case, text="rain & snow", commercial=True, to_picture=True, vocals="instrumental", seconds_max=90.5,
                 genres=["Trip Hop"], moods=["calm"], sort="popular")  # fmt: skip
    assert "type=single+albumtrack" in case.cloud.asked[-1].raw_query
    assert "include=licenses+musicinfo" in case.cloud.asked[-1].raw_query
    wanted = {
        "search": "rain & snow", "ccnc": "false", "ccnd": "false", "vocalinstrumental": "instrumental",
        "durationbetween": "0_91", "tags": "triphop calm", "order": "popularity_total_desc", "limit": "20", "offset": "0",
    }  # fmt: skip
    assert {name: asked[name] for name in wanted} == wanted
    assert sent(case, text="", genres=["jazz", "rock"])["fuzzytags"] == "jazz rock"
    assert {track.title for track in case.found(text="kept")} == {"Kept Piano"}


def test_jamendo_genres_are_looked_at_here_too(opened: Any) -> None:
    case = opened("jamendo")
    assert case.found(text="", genres=["ambient", "jazz"], moods=["calm", "sad"])
    case.row()["musicinfo"]["tags"]["genres"] = ["jazz"]
    found = {track.id for track in case.found(text="", genres=["Ambient", "Folk"], moods=["calm"], page_size=50)}
    assert found
    assert case.known.first not in found


@pytest.mark.parametrize("name", ["licenses", "licences"])
def test_flags_that_say_less_than_the_address_are_believed(opened: Any, name: str) -> None:
    case = opened("jamendo")
    row = case.row()
    row["license_ccurl"] = "http://creativecommons.org/licenses/by/3.0/"
    row.pop("licenses")
    assert case.found("tracks", ids=[case.known.first])[0].terms.commercial
    row[name] = {"ccnc": "true", "ccnd": "false", "ccsa": "false"}
    assert case.found("tracks", ids=[case.known.first])[0].terms.id == "unknown"


def test_jamendo_hands_out_no_file_that_its_maker_keeps(opened: Any, tmp_path: Path) -> None:
    case = opened("jamendo")
    [track] = case.found("tracks", ids=["170"])
    assert track.preview_only
    assert any("Content ID" in told for told in track.terms.conditions)
    with pytest.raises(UserError, match="does not allow its download"):
        case.made(tmp_path, cast(Children, None), "full", "170")
    assert case.cloud.asked_for("file") == []


def test_a_warning_of_jamendo_is_passed_on(opened: Any) -> None:
    case = opened("jamendo")
    head = {"status": "succeed", "code": 0, "error_message": "", "warnings": "tags is deprecated", "results_count": 0}
    case.cloud.faults["search"].append(Fault(200, {"headers": head, "results": []}))
    assert case.search()["notes"] == ["Jamendo: tags is deprecated."]


@pytest.mark.parametrize("name", ["jamendo", "freesound"])
def test_a_cursor_that_is_none_is_refused(opened: Any, name: str) -> None:
    with pytest.raises(UserError, match="no place in the list"):
        opened(name).ask("list", cursor="http://elsewhere.example", genres=[])


# --- Freesound --------------------------------------------------------------------------------------------------------


def test_freesound_is_asked_in_the_words_of_its_search(opened: Any) -> None:
    case = opened("freesound")
    asked = sent(case, text="rain", commercial=True, seconds_min=5, seconds_max=60, genres=["lo-fi", 'x") OR id:('])
    assert asked["filter"] == (
        'tag:("lo-fi" OR "x---or-id") license:("Attribution" OR "Creative Commons 0") duration:[5 TO 60]'
    )
    assert (asked["query"], asked["sort"]) == ("rain", "score")
    assert "NonCommercial" in sent(case, text="", to_picture=True)["filter"]
    assert "filter" not in sent(case, text="rain")
    assert sent(case, text="", sort="newest")["sort"] == "created_desc"


def test_freesound_sampling_licences_may_not_be_put_to_picture(opened: Any) -> None:
    [track] = opened("freesound").found("tracks", ids=["1302"])
    assert (track.terms.id, track.terms.commercial, track.terms.derivatives) == ("sampling+-1.0", False, False)


def test_the_address_of_the_next_page_is_never_followed(opened: Any) -> None:
    case = opened("freesound")
    case.ask("search", search={"page_size": 7}, page=1)
    case.ask("search", search={"page_size": 7}, page=2)
    assert [each.path for each in case.cloud.asked] == ["/search/", "/search/"]
    assert all(each.headers["host"].startswith("127.0.0.1") for each in case.cloud.asked)


def test_freesounds_limit_of_a_day_is_waited_for_longer(opened: Any) -> None:
    case = opened("freesound")
    waits = []
    for fault in (Fault(429, {"detail": "Exceeding a request limit rate (60/minute)"}), freesound.OF_A_DAY):
        case.cloud.faults["search"].append(fault)
        with pytest.raises(Exception, match="asked too often") as told:
            case.search()
        waits.append(told.value.wait_s)  # type: ignore[attr-defined]
    assert waits == [60.0, 3600.0]


def test_freesound_is_not_replicated(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freesound_provider, "MOST_LISTED", 20)
    answer = opened("freesound").ask("list", cursor="", genres=[])
    assert answer["cursor"] == ""
    assert any("may not be replicated" in note for note in answer["notes"])


# --- in the studio ----------------------------------------------------------------------------------------------------


def test_the_free_music_archive_says_why_it_is_not_to_be_had(studio: Studio) -> None:
    [state] = [each for each in studio.registry.readiness(KIND) if each.info.name == "free-music-archive"]
    assert not state.ready
    assert "grants no new keys" in state.why
    assert "Openverse" in state.remedy
    with pytest.raises(SetupError):
        FreeMusicArchive().query({"op": "search"}, Call("a", Path(), cast(Children, None)))


def test_openverse_is_ready_and_the_others_wait_for_their_keys(studio: Studio) -> None:
    for kind in (KIND, FILES):
        states = {each.info.name: each for each in studio.registry.readiness(kind)}
        assert states["openverse"].ready
        for name in ("jamendo", "freesound"):
            assert "is not set" in states[name].why
    assert {"jamendo_client_id", "freesound_api_key"} <= studio.registry.settings_keys()


def test_a_search_goes_through_the_studio_and_is_answered_again_for_nothing(studio: Studio, opened: Any) -> None:
    case = opened("openverse")
    studio.registry.add(case.catalogue)
    request = {"op": "search", "search": {"text": "calm piano"}, "page": 1}
    first = studio.direct.query(LOCAL, KIND, request, provider="openverse")
    again = studio.direct.query(LOCAL, KIND, request, provider="openverse")
    assert (first.cached, again.cached, len(case.cloud.asked)) == (False, True, 1)
    assert [Track.of(row) for row in again.value["tracks"]] == [Track.of(row) for row in first.value["tracks"]]
