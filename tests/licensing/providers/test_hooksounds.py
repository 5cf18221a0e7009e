"""HookSounds against its stand-in: key and token in the address and nowhere else, errors inside 200, prices by licence."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from core.kit.errors import NotFound, RateLimited, Rejected, StudioError, Unavailable, UserError
from core.licensing.providers.hooksounds import HooksoundsCatalogue, HooksoundsFiles, length_of
from core.licensing.types import Track
from tests.clouds.hooksounds import PUBLIC, TOKEN, HooksoundsServer, said
from tests.clouds.service import GARBAGE, HTML, NOTHING, Fault
from tests.licensing.providers.conftest import Asking, Calling


@pytest.fixture
def cloud() -> Iterator[HooksoundsServer]:
    with HooksoundsServer() as server:
        yield server


@pytest.fixture
def ask(cloud: HooksoundsServer, calling: Calling) -> Asking:
    catalogue = HooksoundsCatalogue(cloud.url, timeout_s=5)
    return Asking(catalogue, HooksoundsFiles(catalogue), calling, cloud.KEY)


def test_a_track_with_its_prices_by_licence(ask: Asking) -> None:
    track = Track.of(ask("tracks", ids=["7"])["tracks"][0])
    assert (track.id, track.title, track.duration_s, track.bpm) == ("7", "Day 7", 146.0, 120.0)
    assert (track.genres, track.tags, track.released) == (("Corporate",), ("happy",), "2024-01-02")
    assert (track.image_url, track.preview_only, track.price_usd) == ("", True, None)
    assert [(each["title"], each["price"], each["commercial"]) for each in track.facts["prices"]] == [
        ("Non-commercial, with a mention", "0.00", False), ("Pro", "29.00", True), ("Business", "99.00", True),
    ]  # fmt: skip
    assert (track.terms.kind, track.terms.commercial) == ("per-track", True)
    assert any("Pro: 29.00" in each for each in track.terms.conditions)


def test_without_a_licence_for_it_nothing_is_commercial(ask: Asking, cloud: HooksoundsServer) -> None:
    product = cloud.product("1") | {
        "pricing": {"usementionnon-commercial": "0.00", "newlicense": "9.00", "odd": "cheap"}
    }
    cloud.faults["search"].append(Fault(200, {"products": [product]}))
    answer = ask("search", search={})
    track = Track.of(answer["tracks"][0])
    assert not track.terms.commercial
    assert [each["licence"] for each in track.facts["prices"]] == ["usementionnon-commercial", "newlicense"]
    assert any("the price of odd" in note for note in answer["notes"])


def test_pages_searches_and_nothing_found(ask: Asking) -> None:
    pages = [ask("search", search={"page_size": 30}, page=number) for number in (1, 2)]
    assert [(len(page["tracks"]), page["more"], page["total"]) for page in pages] == [
        (30, True, None),
        (25, False, None),
    ]
    assert [each["title"] for each in ask("search", search={"text": "day 55"})["tracks"]] == ["Day 55"]
    assert ask("search", search={"text": "no such thing"})["tracks"] == []  # it says so as an error
    assert any("tempo" in note for note in ask("search", search={"bpm_min": 100})["notes"])


def test_the_whole_list_and_never_the_same_page_again(ask: Asking, cloud: HooksoundsServer) -> None:
    for number in range(56, 206):
        cloud.add(str(number), f"Day {number}")
    first = ask("list", genres=["corporate"])
    rest = ask("list", cursor=first["cursor"])
    assert (len(first["tracks"]), len(rest["tracks"]), rest["cursor"]) == (200, 5, "")
    cloud.paging = "repeats"
    with pytest.raises(Unavailable, match="again as page 2"):
        ask("list", cursor=ask("list")["cursor"])
    with pytest.raises(UserError):
        ask("list", cursor="x:1")
    cloud.faults["search"].append(Fault(200, {"products": [{"id": 1}]}))
    with pytest.raises(Unavailable, match="shape"):
        ask("list")


def test_withdrawn_and_unpublished_are_gone(ask: Asking, cloud: HooksoundsServer) -> None:
    cloud.products["2"]["status"] = "draft"
    answer = ask("tracks", ids=["1", "2", "99"])
    assert ([track["id"] for track in answer["tracks"]], answer["gone"]) == (["1"], ["2", "99"])
    assert ask("validate", id="2")["state"] == "withdrawn"
    assert "2" not in {track["id"] for track in ask("search", search={"page_size": 5})["tracks"]}


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (said("Invalid API key!"), Rejected), (said("You must specify both a token and API key!", 401), Rejected),
        (said("not yours", 403), Rejected), (said("Something odd"), Rejected), (said("slow", 429), RateLimited),
        (said("oops", 500), Unavailable), (HTML, Unavailable), (NOTHING, Unavailable), (Fault(act="cut"), Unavailable),
        (Fault(act="closed"), Unavailable), (Fault(200, {"products": {}}), Unavailable), (Fault(200, [1]), Unavailable),
    ],
)  # fmt: skip
def test_refusals_cost_nothing_and_show_no_key(
    ask: Asking, cloud: HooksoundsServer, fault: Fault, kind: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    cloud.faults["search"].append(fault)
    with pytest.raises(kind) as caught:
        ask("search", search={})
    assert caught.value.cost_nothing  # type: ignore[attr-defined]
    for secret in (PUBLIC, TOKEN):
        assert secret not in str(caught.value.as_dict()) + repr(caught.value)  # type: ignore[attr-defined]
        assert secret not in caplog.text


def test_a_service_that_repeats_the_key_is_not_repeated(ask: Asking, cloud: HooksoundsServer, calling: Calling) -> None:
    cloud.faults["search"].append(said(f"Token {TOKEN} of {PUBLIC} is wrong"))
    with pytest.raises(StudioError) as caught:
        ask("search", search={})
    assert TOKEN not in caught.value.message
    assert PUBLIC not in caught.value.message
    with pytest.raises(Rejected, match="does not accept the key"):
        ask.catalogue.query({"op": "search", "search": {}}, calling("wrong-key-012345:wrong-token-012345"))


@pytest.mark.parametrize(
    "harm", [{"title": 3.5, "id": None}, {"duration": "soon"}, {"bpm": {}}, {"category": "x"}, {"tags": [1]}]
)
def test_a_changed_schema_costs_a_track_at_most(ask: Asking, cloud: HooksoundsServer, harm: dict[str, Any]) -> None:
    product = cloud.product("1")
    product["info"] |= harm
    cloud.faults["search"].append(Fault(200, {"products": [product, cloud.product("2"), cloud.product("2"), 7]}))
    answer = ask("search", search={})
    assert len(answer["tracks"]) in (1, 2)
    assert answer["notes"]


def test_the_preview_and_nothing_else(ask: Asking, cloud: HooksoundsServer) -> None:
    made = ask.make(id="7", form="preview")
    assert (made.outputs[0].path.suffix, made.units) == (".mp3", {})
    cloud.faults["file"].append(Fault(403, "expired"))
    assert ask.make(id="7")
    cloud.faults["file"].extend([GARBAGE] * 3)
    with pytest.raises(Unavailable):
        ask.make(id="7")
    with pytest.raises(UserError) as caught:
        ask.make(id="7", form="full")
    assert "invoice" in caught.value.hint
    with pytest.raises(NotFound):
        ask.make(id="99")


def test_lengths_are_minutes_and_seconds() -> None:
    assert [length_of(each) for each in ("2:26", "0:05", "1:02:26", "2:60", "146", "")] == [
        146.0,
        5.0,
        3746.0,
        None,
        None,
        None,
    ]
