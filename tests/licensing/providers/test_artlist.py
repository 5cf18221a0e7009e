"""Artlist against its stand-in: tokens, pages of 20, limits told in headers, and downloads that count when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from core.kit.errors import OutcomeUnknown, RateLimited, Rejected, Unavailable, UserError
from core.kit.http import HttpAnswer
from core.kit.secrecy import hide
from core.licensing.providers import artlist
from core.licensing.providers.artlist import ArtlistCatalogue, ArtlistFiles, Tokens, Window
from core.licensing.types import Track
from core.providers import rest
from tests.clouds.artlist import SECRET, ArtlistServer, error
from tests.clouds.service import GARBAGE, HTML, NOTHING, Fault, tone
from tests.licensing.providers.conftest import Asking, Calling


@pytest.fixture
def cloud() -> Iterator[ArtlistServer]:
    with ArtlistServer() as server:
        yield server


@pytest.fixture
def ask(cloud: ArtlistServer, calling: Calling) -> Asking:
    catalogue = ArtlistCatalogue(cloud.url, timeout_s=5)
    return Asking(catalogue, ArtlistFiles(catalogue), calling, cloud.KEY)


def test_a_song_and_what_it_is_asked_by(ask: Asking, cloud: ArtlistServer) -> None:
    wanted = {
        "text": "song 7",
        "vocals": "instrumental",
        "bpm_min": 90,
        "bpm_max": 120.5,
        "seconds_max": 100,
        "genres": ["Pop"],
    }
    answer = ask("search", search=wanted)
    track = Track.of(answer["tracks"][0])
    assert (track.title, track.artist, track.album, track.bpm) == ("Song 7", "The Band", "First", 107.0)
    assert (track.genres, track.terms.kind, track.image_url) == (("Pop",), "subscription", "https://img.example/1.jpg")
    assert cloud.asked[-1].query == {
        "page": "1", "query": "song 7", "vocalType": "INSTRUMENTAL", "bpmMin": "90", "bpmMax": "121", "durationMax": "100",
    }  # fmt: skip
    assert any("genre" in note for note in answer["notes"])
    ask("search", search={"bpm_min": 250, "bpm_max": 300, "seconds_min": 500})
    assert {"bpmMin": "200", "durationMin": "420"}.items() <= cloud.asked[-1].query.items()
    assert "bpmMax" not in cloud.asked[-1].query


def test_any_size_of_page_from_pages_of_twenty(ask: Asking, cloud: ArtlistServer) -> None:
    """45 songs in pages of 15 and of 30."""
    for size, counts in ((15, [15, 15, 15]), (30, [30, 15])):
        pages = [ask("search", search={"page_size": size}, page=number) for number in range(1, len(counts) + 1)]
        assert [len(page["tracks"]) for page in pages] == counts
        assert len({track["id"] for page in pages for track in page["tracks"]}) == 45
        assert [page["more"] for page in pages] == [True] * (len(counts) - 1) + [False]
    assert len([each for each in cloud.asked if cloud.where(each) == "token"]) == 1


def test_the_whole_list_and_never_half_of_it(ask: Asking, cloud: ArtlistServer) -> None:
    cursors, seen = [""], 0
    while len(cursors) == 1 or cursors[-1]:
        answer = ask("list", cursor=cursors[-1], genres=["pop"])
        cursors.append(answer["cursor"])
        seen += len(answer["tracks"])
    assert (seen, cursors) == (45, ["", "2", "3", ""])
    cloud.total = 90
    with pytest.raises(Unavailable, match="ends at page 4"):
        ask("list", cursor="4")
    cloud.faults["search"].append(Fault(200, {"songs": [{"id": "1"}], "total": 1}))
    with pytest.raises(Unavailable, match="shape"):
        ask("list")


def test_a_token_is_kept_renewed_before_its_end_and_once_when_refused(cloud: ArtlistServer) -> None:
    clock = [0.0]
    tokens = Tokens(rest.Service("Artlist", "", "artlist_client_secret", cloud.url), lambda: clock[0])
    first = tokens.token(cloud.KEY)
    clock[0] = 3539.0
    assert tokens.token(cloud.KEY) == first
    clock[0] = 3541.0
    second = tokens.token(cloud.KEY)
    assert second != first
    assert tokens.token(cloud.KEY, instead_of=first) == second  # somebody else has renewed it
    assert tokens.token(cloud.KEY, instead_of=second) != second
    assert hide(f"{second} {SECRET}") == "[hidden] [hidden]"
    cloud.lasts = 0.0  # a service that says so is not asked for a token with every question
    clock[0] = 1e6
    third = tokens.token(cloud.KEY)
    assert tokens.token(cloud.KEY) == third


def test_a_refused_token_is_replaced_once(ask: Asking, cloud: ArtlistServer) -> None:
    ask("search", search={})
    cloud.tokens += 1  # revoked over there
    assert ask("search", search={})["total"] == 45
    cloud.faults["search"].extend([error(401, "no")] * 2)
    with pytest.raises(Rejected):
        ask("search", search={})


def test_wrong_credentials_name_both_settings(ask: Asking, calling: Calling) -> None:
    with pytest.raises(Rejected) as caught:
        ask.catalogue.query({"op": "search", "search": {}}, calling("client:a-wrong-secret-0123"))
    assert "STUDIO_ARTLIST_CLIENT_ID" in caught.value.hint
    assert "STUDIO_ARTLIST_CLIENT_SECRET" in caught.value.hint
    assert "a-wrong-secret" not in str(caught.value.as_dict())


@pytest.mark.parametrize(
    "answer", [HTML, NOTHING, Fault(200, {"token": "x"}), Fault(200, []), Fault(503, ""), Fault(act="closed")]
)
def test_no_token_is_a_fault_of_theirs(ask: Asking, cloud: ArtlistServer, answer: Fault) -> None:
    cloud.faults["token"].append(answer)
    with pytest.raises(Unavailable):
        ask("search", search={})


def test_what_its_headers_say_is_honoured(ask: Asking, cloud: ArtlistServer) -> None:
    cloud.left = "0"
    ask("search", search={})
    before = len(cloud.asked)
    with pytest.raises(RateLimited) as caught:
        ask("search", search={})
    assert 25 < caught.value.wait_s <= 30
    assert len(cloud.asked) == before
    assert ask.catalogue.download("1", ask.calling(ask.key))  # counted apart


def test_a_window_begins_anew_whatever_this_clock_says() -> None:
    clock = [0.0]
    window = Window(lambda: clock[0])
    date = "Mon, 01 Jan 2035 00:00:00 GMT"
    for reset, wait in (("12", 12.0), ("2051222420", 20.0), ("soon", 0.0)):  # a moment 20 s after that date
        window.seen(
            "search", HttpAnswer(200, b"", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": reset, "date": date})
        )
        clock[0] += max(0.0, wait - 1)
        if wait:
            with pytest.raises(RateLimited):
                window.check("search")
        clock[0] += 2
        window.check("search")


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (error(400, "bad"), Rejected), (error(403, "no"), Rejected), (error(422, "page"), Rejected),
        (error(500, "oops"), Unavailable), (error(429, "slow"), RateLimited), (error(429, "inside", http=200), RateLimited),
        (error(503, "inside", http=200), Unavailable), (HTML, Unavailable), (Fault(act="cut"), Unavailable),
        (Fault(200, {"songs": 3}), Unavailable), (Fault(200, [1]), Unavailable),
    ],
)  # fmt: skip
def test_refusals_cost_nothing(ask: Asking, cloud: ArtlistServer, fault: Fault, kind: type[Exception]) -> None:
    cloud.faults["search"].append(fault)
    with pytest.raises(kind) as caught:
        ask("search", search={})
    assert (caught.value.cost_nothing, bool(caught.value.hint)) == (True, True)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "harm", [{"name": None}, {"artist": "X"}, {"duration": "long"}, {"bpmRate": []}, {"genreCategories": 1}]
)
def test_a_changed_schema_costs_a_track_at_most(ask: Asking, cloud: ArtlistServer, harm: dict[str, Any]) -> None:
    cloud.songs["1"] |= harm
    answer = ask("search", search={})
    assert len(answer["tracks"]) in (19, 20)
    assert answer["notes"]


def test_gone_and_doubled(ask: Asking, cloud: ArtlistServer) -> None:
    answer = ask("tracks", ids=["1", "99"])
    assert ([track["id"] for track in answer["tracks"]], answer["gone"]) == (["1"], ["99"])
    assert ask("validate", id="99")["state"] == "withdrawn"
    cloud.faults["search"].append(Fault(200, {"songs": [cloud.song("1"), cloud.song("1")], "total": 2}))
    assert len(ask("search", search={})["tracks"]) == 1
    with pytest.raises(UserError):
        ask("similar", id="1")


def test_the_wave_is_counted_and_the_preview_is_not(ask: Asking, cloud: ArtlistServer) -> None:
    full = ask.make(id="3", form="full")
    assert (full.outputs[0].path.suffix, full.units) == (".wav", {"downloads": Decimal(1)})
    assert full.facts["catalogue"]["track_id"] == "3"
    preview = ask.make(id="3", form="preview")
    assert (preview.units, cloud.counted) == ({"downloads": Decimal(0)}, ["3"])
    cloud.songs["4"]["url"] = None
    with pytest.raises(UserError, match="no preview"):
        ask.make(id="4", form="preview")


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(act="closed"), OutcomeUnknown), (Fault(act="cut"), OutcomeUnknown), (Fault(504, "gateway"), OutcomeUnknown),
        (Fault(200, "<html>", made=True), OutcomeUnknown), (Fault(200, {"link": 1}), OutcomeUnknown),
        (error(429, "slow"), RateLimited), (error(403, "no"), Rejected), (error(404, "gone"), Rejected),
        (error(500, "oops"), Unavailable),
    ],
)  # fmt: skip
def test_what_a_failed_question_for_the_file_means_for_money(
    ask: Asking, cloud: ArtlistServer, fault: Fault, kind: type[Exception]
) -> None:
    cloud.faults["create"].append(fault)
    with pytest.raises(kind) as caught:
        ask.make(id="3", form="full")
    assert caught.value.cost_nothing is (kind is not OutcomeUnknown)  # type: ignore[attr-defined]
    assert len([each for each in cloud.asked if cloud.where(each) == "create"]) == 1


@pytest.mark.parametrize(
    "fault", [Fault(403, "expired"), GARBAGE, Fault(200, tone(0.1, "WAV"), {"content-type": "audio/wav"})]
)
def test_a_file_that_cannot_be_had_after_the_link_was_counted(
    ask: Asking, cloud: ArtlistServer, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.licensing.providers.fetching._SHORTER_S", 0.1)
    cloud.faults["file"].append(fault)
    assert ask.make(id="3", form="full").units["downloads"] == 1
    cloud.faults["file"].extend([fault] * 3)
    with pytest.raises(OutcomeUnknown, match="may have counted"):
        ask.make(id="3", form="full")
    assert cloud.counted == ["3", "3"]  # once for each of the two: what counts is never asked again


def test_its_info_names_both_halves_of_the_credential() -> None:
    for info in (artlist.ArtlistCatalogue.info, artlist.ArtlistFiles.info):
        assert (info.settings_id, info.settings_key) == ("artlist_client_id", "artlist_client_secret")
