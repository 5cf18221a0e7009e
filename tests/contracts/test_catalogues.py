"""What every catalogue of licensed music owes the studio, and what becomes of each way in which its service misbehaves."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from core.kit.errors import (
    OutcomeUnknown,
    ProviderError,
    RateLimited,
    Rejected,
    SetupError,
    StudioError,
    Unavailable,
    UserError,
)
from core.licensing.catalogue import OPS
from core.licensing.types import Track
from tests.clouds.catalogue import HOSTILE, WIFI, dated_wait
from tests.clouds.service import Fault
from tests.contracts import catalogue_checks as checks
from tests.contracts.catalogue_case import Case
from tests.contracts.catalogue_clouds import CLOUDS, opened

MOST_PAGES = 60


case = opened(CLOUDS)


def failed(case: Case, op: str = "search", **request: Any) -> Any:
    with pytest.raises(StudioError) as told:
        case.search(**request) if op == "search" else case.ask(op, **request)
    checks.told_in_words(told.value, case.key)
    return told.value


def has(case: Case, *names: str) -> None:
    if not set(names) <= case.catalogue.info.capabilities:
        pytest.skip(f"it has no {' and '.join(names)}")


# --- what it is, and what it answers ----------------------------------------------------------------------------------


def test_it_says_what_it_is_what_it_can_and_what_its_terms_ask(case: Case) -> None:
    checks.info_is_whole(case.catalogue)
    assert case.catalogue.maximum({"op": "search"}) == {}


def test_a_search_finds_what_is_known_to_be_there(case: Case) -> None:
    answer = case.search()
    checks.page_is_whole(answer)
    found = {row["id"]: Track.of(row) for row in answer["tracks"]}
    checks.is_as_known(found[case.known.first], case.known.facts)


def test_pages_follow_one_another_and_end(case: Case) -> None:
    seen: list[str] = []
    for number in range(1, MOST_PAGES):
        answer = case.ask("search", search={"page_size": 7}, page=number)
        checks.page_is_whole(answer)
        seen += [row["id"] for row in answer["tracks"]]
        if not answer["more"]:
            break
    assert sorted(seen) == sorted(case.cloud.rows)
    assert answer["total"] in (None, len(seen))


def test_nothing_found_is_an_answer_and_so_is_a_page_far_away(case: Case) -> None:
    answer = case.search(text="zzzz nothing of the kind")
    assert (answer["tracks"], answer["more"]) == ([], False)
    assert case.search(page=499)["tracks"] == []


def test_what_may_not_be_sold_or_put_to_picture_is_left_out(case: Case) -> None:
    everything = case.found(text="", page_size=20)
    assert all(track.terms.commercial for track in case.found(text="", commercial=True))
    assert all(track.terms.derivatives for track in case.found(text="", to_picture=True))
    both = {track.id for track in case.found(text="", commercial=True, to_picture=True, page_size=20)}
    fit = {track.id for track in everything if track.terms.commercial and track.terms.derivatives}
    assert fit <= both


def test_what_it_cannot_search_by_is_said(case: Case) -> None:
    knows = case.catalogue.info.capabilities
    asked = {"bpm": {"bpm_min": 90, "bpm_max": 120}, "key": {"key": "A minor"}, "moods": {"moods": ["calm"]}}
    for name, values in asked.items():
        notes = case.search(text="", **values)["notes"]
        assert any("cannot search by" in note for note in notes) is not (name in knows), name


def test_lengths_are_seconds_and_are_obeyed(case: Case) -> None:
    has(case, "seconds")
    about = case.known.facts["duration_s"]
    low, high = max(0, about - 33), about + 17
    found = case.found(text="", seconds_min=low, seconds_max=high)
    assert case.known.first in {track.id for track in found}
    assert all(track.duration_s is None or low <= track.duration_s <= high for track in found)


def test_details_and_what_is_no_more(case: Case) -> None:
    answer = case.ask("tracks", ids=[case.known.first, case.known.gone])
    [track] = [Track.of(row) for row in answer["tracks"]]
    checks.is_as_known(track, case.known.facts)
    checks.track_is_whole(track)
    assert answer["gone"] == [case.known.gone]


def test_similar_ones_and_never_itself(case: Case) -> None:
    has(case, "similar")
    found = case.found("similar", id=case.known.first)
    assert found
    assert case.known.first not in {track.id for track in found}


def test_a_licence_is_looked_up_again(case: Case) -> None:
    answer = case.ask("validate", id=case.known.first)
    assert answer["state"] == "available"
    assert answer["terms"] == case.ask("tracks", ids=[case.known.first])["tracks"][0]["terms"]
    del case.cloud.rows[case.known.first]
    answer = case.ask("validate", id=case.known.first)
    assert (answer["state"], answer["terms"]) == ("withdrawn", None)
    assert answer["note"].endswith(".")


def test_a_track_that_vanishes_between_two_looks_is_gone(case: Case) -> None:
    found = case.found()[0].id
    del case.cloud.rows[found]
    answer = case.ask("tracks", ids=[found])
    assert (answer["tracks"], answer["gone"]) == ([], [found])


def test_a_list_goes_through_everything_once(case: Case) -> None:
    has(case, "list")
    assert sorted(listed(case)) == sorted(case.cloud.rows)


def listed(case: Case, most: int = MOST_PAGES) -> list[str]:
    cursor, seen = "", []
    for _ in range(most):
        answer = case.ask("list", cursor=cursor, genres=[])
        seen += [row["id"] for row in answer["tracks"]]
        cursor = answer["cursor"]
        if not cursor:
            return seen
    raise AssertionError("the list never ends")


@pytest.mark.parametrize("paging", ["repeats", "endless"])
def test_a_list_whose_pages_repeat_or_never_end_ends(case: Case, paging: str) -> None:
    has(case, "list")
    """Or it says that something is wrong: half a list must not pass for a whole one, whoever copies it."""
    case.cloud.paging = paging
    with suppress(Unavailable):
        listed(case)


def test_a_list_that_shifts_under_way_loses_nothing(case: Case) -> None:
    has(case, "list")
    case.cloud.paging = "shifts"
    assert set(listed(case)) == set(case.cloud.rows)


def test_what_it_does_not_offer_is_refused_with_the_reason(case: Case) -> None:
    for op in {*OPS, "everything", ""} - case.catalogue.info.capabilities:
        error = failed(case, op, id=case.known.first, ids=[case.known.first], cursor="")
        assert isinstance(error, UserError)
        assert error.code == "not_offered"
    assert case.cloud.asked == []


@pytest.mark.parametrize("bad", ["", "../../../me", "1/../2", "a b", "1?x=1", "é", "x" * 500, "1\n2"])
def test_an_id_that_leads_elsewhere_is_never_sent(case: Case, bad: str) -> None:
    assert isinstance(failed(case, "tracks", ids=[bad]), UserError)
    assert isinstance(failed(case, "validate", id=bad), UserError)
    assert case.cloud.asked == []


def test_a_request_that_makes_no_sense_is_told_so(case: Case) -> None:
    assert isinstance(failed(case, "tracks", ids="1"), UserError)
    assert isinstance(failed(case, "tracks", ids=[str(n) for n in range(10_000)]), UserError)
    assert isinstance(failed(case, bpm_min=200, bpm_max=100), UserError)
    assert isinstance(failed(case, nonsense=True), UserError)
    assert isinstance(failed(case, page=0), UserError)
    assert case.cloud.asked == []


# --- how its service misbehaves ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Rejected), (401, Rejected), (403, Rejected), (404, Rejected), (429, RateLimited), (500, Unavailable),
     (503, Unavailable), (307, Rejected)],
)  # fmt: skip
def test_a_refusal_is_told_and_not_repeated(case: Case, status: int, kind: type[ProviderError]) -> None:
    times = 2 if case.renews and status == 401 else 1
    case.cloud.faults["search"].extend(
        [Fault(status, {"detail": "not so"}, {"location": "http://127.0.0.1:9/elsewhere"})] * times
    )
    error = failed(case)
    assert type(error) is kind
    assert error.cost_nothing
    assert len(case.cloud.asked_for("search")) == times


def test_its_own_refusals_are_understood(case: Case) -> None:
    for name, (fault, kind) in case.refusals.items():
        case.cloud.faults["search"].append(fault)
        assert isinstance(failed(case), kind), name


@pytest.mark.parametrize(
    ("fault", "least", "most"),
    [
        (Fault(429, {"detail": "throttled"}, {"retry-after": "7"}), 7, 7),
        (Fault(429, {"detail": "throttled"}), 1, 86_400),
        (Fault(429, {"detail": "throttled"}, {"retry-after": "soon"}), 1, 86_400),
        (Fault(429, {"detail": "throttled"}, {"retry-after": "99999999"}), 1, 86_400),
        (dated_wait("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:44 GMT"), 7, 7),
        (dated_wait("Fri, 31 Dec 2100 23:59:50 GMT", "Fri, 31 Dec 2100 23:59:57 GMT"), 7, 7),
    ],
    ids=["seconds", "without", "words", "for ever", "a clock behind", "a clock ahead"],
)
def test_how_long_to_wait_is_understood(case: Case, fault: Fault, least: float, most: float) -> None:
    case.cloud.faults["search"].append(fault)
    assert least <= failed(case).wait_s <= most


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(WIFI, id="a web page"),
        pytest.param(Fault(200, b""), id="0 bytes"),
        pytest.param(Fault(200, b"\xff\xfe no json {"), id="garbage"),
        pytest.param(Fault(200, [1, 2]), id="a list"),
        pytest.param(Fault(200, {"results": {"1": 2}, "data": "x"}), id="another schema"),
        pytest.param(Fault(act="cut"), id="cut off"),
        pytest.param(Fault(act="closed"), id="not a word"),
    ],
)
def test_an_answer_that_is_none_is_no_empty_list(case: Case, fault: Fault) -> None:
    case.cloud.faults["search"].append(fault)
    assert isinstance(failed(case), Unavailable | OutcomeUnknown)
    case.cloud.faults["track"].append(fault)
    try:
        answer = case.ask("tracks", ids=[case.known.first])
    except Unavailable:
        return
    assert (answer["tracks"], answer["gone"]) == ([], [])
    assert answer["notes"], "neither there nor gone, and said"


def test_a_failure_at_the_details_does_not_make_a_track_gone(case: Case) -> None:
    for status in (403 if case.renews else 401, 429, 500, 503):
        case.cloud.faults["track"].append(Fault(status, {"detail": "not now"}))
        failed(case, "tracks", ids=[case.known.first])
        case.cloud.faults["track"].append(Fault(status, {"detail": "not now"}))
        failed(case, "validate", id=case.known.first)


def test_a_slow_answer_is_waited_for_and_silence_is_not(case: Case) -> None:
    case.cloud.faults["search"].append(Fault(act="slow"))
    assert case.found()
    case.cloud.faults["search"].append(Fault(act="silent"))
    assert isinstance(failed(case.again(case.cloud.url, 0.2)), Unavailable)


def test_nobody_there_is_told(case: Case) -> None:
    assert isinstance(failed(case.again("http://127.0.0.1:9")), Unavailable)


def test_nothing_travels_in_the_open(case: Case) -> None:
    assert isinstance(failed(case.again("http://music.example.com")), SetupError)


def test_without_a_key_or_with_the_wrong_one(case: Case) -> None:
    if not case.key:
        pytest.skip("it needs none")
    for key, kind in (("", SetupError), ("no key\nat all", SetupError), ("wrong-key-000000", Rejected)):
        with pytest.raises(kind) as told:
            case.catalogue.query({"op": "search", "search": {}}, case.call(key))
        assert not key or key not in f"{told.value.as_dict()}"


# --- a schema that changes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, {"en": "x"}, [], ""], ids=["null", "object", "list", "empty"])
def test_a_track_without_a_title_is_left_out_and_said(case: Case, value: Any) -> None:
    changed(case, "title", value)
    answer = case.search(text="")
    checks.page_is_whole(answer)
    assert case.known.first not in {row["id"] for row in answer["tracks"]}
    assert answer["tracks"]
    assert any("could not be read" in note for note in answer["notes"])


def changed(case: Case, field: str, value: Any) -> None:
    """`field` may be a path with points."""
    *path, name = case.known.fields[field].split(".")
    if not name:
        pytest.skip("it has no such field")
    row = case.row()
    for step in path:
        row = row[step]
    row[name] = value


@pytest.mark.parametrize("value", [{"ms": 1}, [1], True, "long", -5, 10**400], ids=str)
def test_a_length_that_is_none_is_left_out_and_the_track_stays(case: Case, value: Any) -> None:
    changed(case, "duration", value)
    answer = case.ask("tracks", ids=[case.known.first])
    assert answer["tracks"][0]["duration_s"] is None
    assert any("another kind" in note for note in answer["notes"])


@pytest.mark.parametrize("value", [None, "", {"name": "by"}, "all rights reserved", "by-nc-nc", 7], ids=str)
def test_a_licence_that_cannot_be_read_allows_nothing(case: Case, value: Any) -> None:
    changed(case, "licence", value)
    [row] = case.ask("tracks", ids=[case.known.first])["tracks"]
    terms = Track.of(row).terms
    assert (terms.commercial, terms.derivatives) == (False, False)
    assert any("nothing is allowed" in told for told in terms.conditions)


def test_links_that_a_page_could_run_are_left_out(case: Case) -> None:
    changed(case, "image", "javascript:alert(1)")
    assert case.ask("tracks", ids=[case.known.first])["tracks"][0]["image_url"] == ""


def test_rows_that_are_no_tracks_are_left_out(case: Case) -> None:
    case.cloud.between = [None, 7, "track", [], {}]
    answer = case.search(text="")
    checks.page_is_whole(answer)
    assert answer["tracks"]
    assert any("5 of its tracks could not be read" in note for note in answer["notes"])


def test_a_track_that_comes_twice_is_there_once(case: Case) -> None:
    case.cloud.rows["twin"] = dict(case.row())
    found = [track.id for track in case.found()]
    assert found.count(case.known.first) == 1


def test_hostile_words_arrive_as_the_text_they_are(case: Case) -> None:
    [row] = case.ask("tracks", ids=[case.known.hostile])["tracks"]
    track = Track.of(row)
    assert track.title == HOSTILE
    changed(case, "title", "Calm\x00 \x1b[31mPiano\n\ud800 " + "x" * 5000)
    [row] = case.ask("tracks", ids=[case.known.first])["tracks"]
    assert len(row["title"]) <= 300
    assert all(c.isprintable() for c in row["title"])
    f"{row}".encode()


def test_constructors_do_nothing() -> None:
    """No key, no network, no heavy import."""
    import subprocess
    import sys

    code = (
        "import sys; from core.licensing.providers.openverse import OpenverseCatalogue;"
        "from core.licensing.providers.jamendo import JamendoCatalogue;"
        "from core.licensing.providers.freesound import FreesoundCatalogue;"
        "[each().info for each in (OpenverseCatalogue, JamendoCatalogue, FreesoundCatalogue)];"
        "print([name for name in ('httpx', 'numpy', 'soundfile') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.strip() == "[]"
