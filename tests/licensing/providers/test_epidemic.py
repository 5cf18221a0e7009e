"""Epidemic Sound against its stand-in: metadata asked for in one go and kept for minutes, uses reported, links that expire."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from core.kit.errors import OutcomeUnknown, RateLimited, Rejected, Unavailable, UserError
from core.licensing.providers.epidemic import EpidemicCatalogue, EpidemicFiles
from core.licensing.types import Track
from tests.clouds.epidemic import SECONDS, EpidemicServer, error
from tests.clouds.service import GARBAGE, HTML, NOTHING, Fault
from tests.licensing.providers.conftest import Asking, Calling


@pytest.fixture
def cloud() -> Iterator[EpidemicServer]:
    with EpidemicServer() as server:
        yield server


@pytest.fixture
def ask(cloud: EpidemicServer, calling: Calling) -> Asking:
    catalogue = EpidemicCatalogue(cloud.url, timeout_s=5)
    return Asking(catalogue, EpidemicFiles(catalogue), calling, cloud.KEY)


def test_a_track_and_what_it_is_asked_by(ask: Asking, cloud: EpidemicServer) -> None:
    answer = ask("search", search={"text": "night 7", "bpm_min": 90.5, "bpm_max": 92.5, "genres": ["Ambient"]})
    track = Track.of(answer["tracks"][0])
    assert (track.id, track.title, track.artist, track.bpm) == ("track-7", "Night 7", "The Night, A Guest", 92.0)
    assert (track.genres, track.moods, track.vocals, track.explicit) == (("Ambient",), ("Dreamy",), False, False)
    assert (track.duration_s, track.preview_only, track.facts["tier"]) == (SECONDS, False, "PAID")
    assert (track.terms.kind, track.preview_url) == ("subscription", "")
    assert any("safelisted" in each for each in track.terms.conditions)
    assert cloud.asked[-1].query == {"term": "night 7", "bpmMin": "90", "bpmMax": "93", "offset": "0", "limit": "20"}
    assert any("genre" in note for note in answer["notes"])


def test_its_metadata_is_not_kept_for_long(ask: Asking) -> None:
    assert ask.catalogue.info.ttl_s <= 300
    with pytest.raises(UserError, match="forbid"):
        ask("list")


def test_pages_of_any_size_from_sixty_at_most(ask: Asking, cloud: EpidemicServer) -> None:
    whole = ask("search", search={"page_size": 100})
    assert (len(whole["tracks"]), whole["more"], whole["total"]) == (75, False, None)
    assert [each.query["limit"] for each in cloud.asked] == ["60", "40"]
    assert ask("search", search={"page_size": 50})["more"]
    cloud.on = False  # its link is missing: what came is what there is
    assert not ask("search", search={"page_size": 50})["more"]
    cloud.on = True
    cloud.faults["search"].append(Fault(200, {"tracks": [], "links": {"next": "/v0/tracks/search?offset=0"}}))
    assert not ask("search", search={"page_size": 50})["more"]


def test_details_come_in_one_go(ask: Asking, cloud: EpidemicServer) -> None:
    answer = ask("tracks", ids=["track-1", "nowhere", "track-2"])
    assert ([track["id"] for track in answer["tracks"]], answer["gone"]) == (["track-1", "track-2"], ["nowhere"])
    assert len(cloud.asked) == 1
    cloud.faults["track"].append(error(404, "one of them is gone"))
    assert ask("tracks", ids=["track-1", "nowhere"])["gone"] == ["nowhere"]
    assert ask("validate", id="nowhere")["state"] == "withdrawn"
    cloud.tracks["track-1"]["isPreviewOnly"] = True
    found = ask("validate", id="track-1")
    assert (found["state"], "own subscription" in found["note"]) == ("available", True)
    cloud.tracks["track-2"]["title"] = None
    odd = ask("tracks", ids=["track-2"])
    assert (odd["tracks"], odd["gone"], bool(odd["notes"])) == ([], [], True)  # it is there, and cannot be read


def test_similar_tracks_are_others(ask: Asking) -> None:
    assert [track["id"] for track in ask("similar", id="track-1")["tracks"]] == [
        "track-2",
        "track-3",
        "track-4",
        "track-5",
    ]
    with pytest.raises(Rejected, match="no such track"):
        ask("similar", id="nowhere")


def test_a_use_is_reported_for_somebody(ask: Asking, cloud: EpidemicServer) -> None:
    assert ask("usage", ids=["track-1"], platform="youtube", user="user_7") == {"reported": True}
    assert ask("usage", ids=["track-1"], platform="youtube") == {"reported": True}
    sent = {"platform": "youtube", "trackIds": ["track-1"]}
    assert cloud.used == [("user_7", sent), ("creator-workbench", sent)]
    for wrong in ({"ids": []}, {"platform": ""}, {"user": "Ann <ann@example.org>"}):
        with pytest.raises(UserError):
            ask("usage", **({"ids": ["track-1"], "platform": "youtube"} | wrong))
    for fault, kind in (
        (error(429, "slow"), RateLimited),
        (Fault(act="closed"), Unavailable),
        (error(400, "no"), Rejected),
    ):
        cloud.faults["usage"].append(fault)
        with pytest.raises(kind):
            ask("usage", ids=["track-1"], platform="youtube")


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        (error(400, "Bad Request"), Rejected, "too many"), (error(401, "no"), Rejected, "STUDIO_EPIDEMIC_API_KEY"),
        (error(403, "no"), Rejected, "agreement"), (error(429, "slow"), RateLimited, "Again in 2 s"),
        (Fault(429, {"message": "slow"}, {"retry-after": "9"}), RateLimited, "Again in 9 s"), (error(503, "busy"), Unavailable, "503"),
        (HTML, Unavailable, "JSON"), (NOTHING, Unavailable, "JSON"), (Fault(act="cut"), Unavailable, ""),
        (Fault(200, []), Unavailable, "something else"), (Fault(200, {"tracks": None}), Unavailable, "something else"),
    ],
)  # fmt: skip
def test_refusals_cost_nothing(
    ask: Asking, cloud: EpidemicServer, fault: Fault, kind: type[Exception], said: str
) -> None:
    cloud.faults["search"].append(fault)
    with pytest.raises(kind) as caught:
        ask("search", search={})
    assert caught.value.cost_nothing  # type: ignore[attr-defined]
    assert said in f"{caught.value} {caught.value.hint}"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "harm", [{"title": None}, {"moods": "sad"}, {"bpm": "quick"}, {"isPreviewOnly": "no"}, {"images": 3}]
)
def test_a_changed_schema_costs_a_track_at_most(ask: Asking, cloud: EpidemicServer, harm: dict[str, Any]) -> None:
    odd, good = cloud.tracks["track-1"] | harm, cloud.tracks["track-2"]
    cloud.faults["search"].append(Fault(200, {"tracks": [odd, good, good, 7], "links": {}}))
    answer = ask("search", search={})
    assert len(answer["tracks"]) in (1, 2)
    assert answer["notes"]


@pytest.mark.parametrize("streams", ["json", "redirect", "sound"])
def test_the_preview_is_its_stream(ask: Asking, cloud: EpidemicServer, streams: str) -> None:
    cloud.streams = streams
    made = ask.make(id="track-3", form="preview")
    assert (made.units, made.outputs[0].path.suffix, cloud.counted) == ({"downloads": Decimal(0)}, ".mp3", [])


def test_the_full_file_is_counted_once(ask: Asking, cloud: EpidemicServer) -> None:
    made = ask.make(id="track-3", form="full", user="user_7")
    assert (made.units, cloud.counted) == ({"downloads": Decimal(1)}, ["track-3"])
    assert made.facts["file"]["partner_user"] == "user_7"
    assert next(each for each in cloud.asked if cloud.where(each) == "create").headers["x-partner-user-id"] == "user_7"
    cloud.tracks["track-3"]["isPreviewOnly"] = True
    with pytest.raises(UserError) as caught:
        ask.make(id="track-3", form="full")
    assert (caught.value.code, cloud.counted) == ("by_hand", ["track-3"])


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(act="closed"), OutcomeUnknown), (Fault(502, ""), OutcomeUnknown), (Fault(200, {"url": None}), OutcomeUnknown),
        (error(403, "no"), Rejected), (error(429, "slow"), RateLimited), (error(503, "busy"), Unavailable),
    ],
)  # fmt: skip
def test_what_a_failed_question_for_the_file_means_for_money(
    ask: Asking, cloud: EpidemicServer, fault: Fault, kind: type[Exception]
) -> None:
    cloud.faults["create"].append(fault)
    with pytest.raises(kind) as caught:
        ask.make(id="track-3", form="full")
    assert caught.value.cost_nothing is (kind is not OutcomeUnknown)  # type: ignore[attr-defined]


def test_an_expired_link_is_asked_for_anew_and_a_wrong_file_refused(ask: Asking, cloud: EpidemicServer) -> None:
    cloud.faults["file"].append(Fault(403, "expired"))
    assert ask.make(id="track-3", form="full").units["downloads"] == 1
    cloud.faults["file"].extend([GARBAGE] * 3)
    with pytest.raises(OutcomeUnknown, match="may have counted"):
        ask.make(id="track-3", form="full")
