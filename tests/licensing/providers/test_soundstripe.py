"""Soundstripe against its stand-in: songs read, pages followed, refusals told, files fetched by addresses that expire."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.kit.errors import NotFound, OutcomeUnknown, RateLimited, Rejected, Unavailable, UserError
from core.licensing.providers import fetching
from core.licensing.providers.asking import Pace
from core.licensing.providers.soundstripe import SoundstripeCatalogue, SoundstripeFiles, key_of
from core.licensing.types import Track
from tests.clouds.service import BARE_HTML, GARBAGE, HTML, NOTHING, Fault, tone
from tests.clouds.soundstripe import SECONDS, SoundstripeServer, error
from tests.licensing.providers.conftest import Asking, Calling


@pytest.fixture
def cloud() -> Iterator[SoundstripeServer]:
    with SoundstripeServer() as server:
        yield server


@pytest.fixture
def catalogue(cloud: SoundstripeServer) -> SoundstripeCatalogue:
    return SoundstripeCatalogue(cloud.url, timeout_s=5)


@pytest.fixture
def ask(catalogue: SoundstripeCatalogue, calling: Calling) -> Asking:
    return Asking(catalogue, SoundstripeFiles(catalogue), calling, SoundstripeServer.KEY)


def test_a_song_with_its_artist_files_and_terms(ask: Asking) -> None:
    answer = ask("search", search={"text": "song 2"})
    track = Track.of(answer["tracks"][0])
    assert (track.title, track.artist, track.bpm, track.key) == ("Song 2", "The Strings", 110.0, "A major")
    assert (track.genres, track.moods, track.instruments) == (
        ("Soundtrack / Cinematic",),
        ("Suspenseful",),
        ("Strings",),
    )
    assert (track.vocals, track.explicit, track.duration_s) == (True, False, SECONDS)
    assert track.preview_url.endswith("2-full.mp3")
    assert [file["id"] for file in track.facts["audio_files"]] == ["2-full", "2-instrumental"]
    assert track.terms.kind == "per-project"
    assert any("code" in each for each in track.terms.conditions)
    assert (answer["total"], answer["more"]) == (1, False)


def test_pages_are_followed_to_their_end(ask: Asking, cloud: SoundstripeServer) -> None:
    pages = [ask("search", search={"page_size": 2}, page=number) for number in (1, 2, 3)]
    assert [len(page["tracks"]) for page in pages] == [2, 2, 1]
    assert [page["more"] for page in pages] == [True, True, False]
    assert {page["total"] for page in pages} == {5}
    cloud.follows = {1: 1}
    told = ask("search", search={"page_size": 2})
    assert not told["more"]
    assert any("do not lead on" in note for note in told["notes"])


def test_the_whole_list_and_never_half_of_it(ask: Asking, cloud: SoundstripeServer) -> None:
    for number in range(6, 131):
        cloud.add(str(number), f"Song {number}")
    first = ask("list")
    rest = ask("list", cursor=first["cursor"])
    assert (len(first["tracks"]), len(rest["tracks"]), rest["cursor"]) == (100, 30, "")
    cloud.follows = {1: 1}
    with pytest.raises(Unavailable, match="leads to page 1"):
        ask("list")
    cloud.follows = {1: None}  # type: ignore[dict-item]
    with pytest.raises(Unavailable, match="says it has 130"):
        ask("list")
    with pytest.raises(UserError):
        ask("list", cursor="nowhere")


def test_genres_are_checked_here_too(ask: Asking, cloud: SoundstripeServer) -> None:
    assert len(ask("list", genres=["soundtrack / cinematic", "Pop"])["tracks"]) == 5
    assert not any("filter[tags][genre]" in each.query for each in cloud.asked)  # of several, none is sent
    answer = ask("search", search={"genres": ["Pop"], "bpm_min": 100})
    assert cloud.asked[-1].query["filter[tags][genre]"] == "Pop"
    assert any("tempo" in note and "genre" in note for note in answer["notes"])


def test_duplicates_come_once_and_vanished_ones_are_told(ask: Asking, cloud: SoundstripeServer) -> None:
    page = cloud.page({})
    cloud.faults["search"].append(Fault(200, page | {"data": page["data"] * 2}))
    assert len(ask("search", search={})["tracks"]) == 5
    answer = ask("tracks", ids=["1", "99", "1"])
    assert ([track["id"] for track in answer["tracks"]], answer["gone"]) == (["1"], ["99"])
    assert ask("validate", id="99")["state"] == "withdrawn"
    assert ask("validate", id="1")["state"] == "available"


@pytest.mark.parametrize(
    "harm", [{"title": None}, {"title": ["Song"]}, {"tags": "none"}, {"bpm": "fast"}, {"key": 7}, {"explicit": "no"}]
)
def test_a_changed_schema_costs_a_track_at_most(ask: Asking, cloud: SoundstripeServer, harm: dict[str, Any]) -> None:
    cloud.add("9", "Odd")
    cloud.songs["9"] |= harm
    answer = ask("search", search={"page_size": 50})
    assert len(answer["tracks"]) in (5, 6)
    assert any("Soundstripe" in note for note in answer["notes"])


def test_a_list_that_cannot_be_read_is_not_an_empty_one(ask: Asking, cloud: SoundstripeServer) -> None:
    cloud.faults["search"].append(Fault(200, {"data": [{"id": "1", "attributes": {"name": "moved"}}], "links": {}}))
    with pytest.raises(Unavailable, match="shape"):
        ask("list")
    for body in ({"songs": []}, [], "ok", None, {"data": {}}):
        cloud.faults["search"].append(Fault(200, body))
        with pytest.raises(Unavailable):
            ask("search", search={})


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        (error(400, "bad filter"), Rejected, "bad filter"),
        (error(403, "no access"), Rejected, "agreement"),
        (error(406, "not acceptable"), Rejected, "406"),
        (error(500, "oops"), Unavailable, "fault of its own"),
        (Fault(504, "<html>gateway</html>"), Unavailable, "504"),
        (error(429, "slow down"), RateLimited, "too often"),
        (error(403, "no access inside 200", http=200), Rejected, "no access inside 200"),
        (error(429, "inside 200", http=200), RateLimited, "too often"),
        (HTML, Unavailable, "something else"),
        (NOTHING, Unavailable, "something else"),
        (Fault(act="closed"), Unavailable, "Soundstripe"),
        (Fault(act="cut"), Unavailable, "Soundstripe"),
    ],
)
def test_refusals_cost_nothing_and_say_what_to_do(
    ask: Asking, cloud: SoundstripeServer, fault: Fault, kind: type[Exception], said: str
) -> None:
    cloud.faults["search"].append(fault)
    with pytest.raises(kind) as caught:
        ask("search", search={})
    error_ = caught.value
    assert said in f"{error_} {error_.hint}"  # type: ignore[attr-defined]
    assert (error_.cost_nothing, bool(error_.hint)) == (True, True)  # type: ignore[attr-defined]
    assert ask("search", search={})["total"] == 5


def test_when_to_come_back_is_read_by_its_own_clock(ask: Asking, cloud: SoundstripeServer) -> None:
    skewed = {"retry-after": "Mon, 01 Jan 2035 00:00:30 GMT", "date": "Mon, 01 Jan 2035 00:00:00 GMT"}
    for headers, wait_s in (({"retry-after": "7"}, 7.0), (skewed, 30.0), ({"retry-after": "soon"}, 2.0), ({}, 2.0)):
        cloud.faults["search"].append(Fault(429, {"errors": [{"detail": "slow", "status": 429}]}, headers))
        with pytest.raises(RateLimited) as caught:
            ask("search", search={})
        assert caught.value.wait_s == wait_s


def test_a_wrong_key_is_named_by_its_setting_and_never_shown(catalogue: SoundstripeCatalogue, calling: Calling) -> None:
    with pytest.raises(Rejected) as caught:
        catalogue.query({"op": "search", "search": {}}, calling("another-key-of-soundstripe"))
    assert "STUDIO_SOUNDSTRIPE_API_KEY" in caught.value.hint
    assert "another-key" not in str(caught.value.as_dict())


def test_the_scheme_can_be_another(cloud: SoundstripeServer, calling: Calling) -> None:
    cloud.scheme = "Bearer"
    bearer = SoundstripeCatalogue(cloud.url, 5, "Bearer")
    assert bearer.query({"op": "search", "search": {}}, calling(cloud.KEY)).value["total"] == 5


def test_what_its_api_does_not_offer_is_said(ask: Asking) -> None:
    for op in ("similar", "usage", "buy"):
        with pytest.raises(UserError):
            ask(op, id="1")
    assert any("code" in step and "YouTube" in step for step in ask.catalogue.steps)
    for wrong in ("../admin", "1/2", "", "x" * 200):
        with pytest.raises(UserError):
            ask("tracks", ids=[wrong])


def test_preview_is_the_mp3_and_full_the_wav(ask: Asking) -> None:
    preview, full = ask.make(id="3", form="preview"), ask.make(id="3", form="full")
    assert (preview.outputs[0].path.suffix, full.outputs[0].path.suffix) == (".mp3", ".wav")
    assert (preview.units, full.units) == ({"downloads": Decimal(0)}, {"downloads": Decimal(1)})
    assert full.outputs[0].facts["bpm"] == 110.0
    assert full.facts["catalogue"] == {
        "provider": "soundstripe",
        "track_id": "3",
        "title": "Song 3",
        "artist": "The Strings",
    }
    assert full.facts["file"]["audio_file"] == "3-full"
    assert len(full.facts["file"]["sha256"]) == 64
    other = ask.make(id="3", form="full", vocals="instrumental")
    assert other.facts["file"]["audio_file"] == "3-instrumental"
    for wrong in ({"audio_file": "4-full"}, {"vocals": "duet"}, {"form": "stems"}):
        with pytest.raises(UserError):
            ask.make(**({"id": "3", "form": "full"} | wrong))


def test_an_address_is_read_anew_just_before_the_download(ask: Asking, cloud: SoundstripeServer) -> None:
    ask("tracks", ids=["3"])
    cloud.good = 2
    assert ask.make(id="3", form="full").units["downloads"] == 1
    cloud.faults["file"].append(Fault(403, "expired"))
    assert ask.make(id="3", form="full").units["downloads"] == 1
    cloud.faults["file"].extend([Fault(403, "expired")] * 3)
    with pytest.raises(Unavailable, match="expired"):  # nothing came, so nothing was counted
        ask.make(id="3", form="full")


@pytest.mark.parametrize(
    "fault",
    [
        Fault(act="cut"), GARBAGE, BARE_HTML, Fault(200, tone(0.1, "WAV"), {"content-type": "audio/wav"}),
        Fault(200, tone(SECONDS, "WAV"), {"content-type": "audio/wav", "content-md5": "AAAAAAAAAAAAAAAAAAAAAA=="}),
    ],
    ids=["cut", "no sound", "a page", "short", "another hash"],
)  # fmt: skip
def test_a_wrong_file_is_refused_and_may_have_been_counted(
    ask: Asking, cloud: SoundstripeServer, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "_SHORTER_S", 0.1)
    cloud.faults["file"].append(fault)
    assert ask.make(id="3", form="full").units["downloads"] == 1  # the next try had it
    cloud.faults["file"].extend([fault] * 3)
    with pytest.raises(OutcomeUnknown, match="may have counted"):
        ask.make(id="3", form="full")
    cloud.faults["file"].extend([fault] * 3)
    if fault.act or fault is GARBAGE or fault is BARE_HTML:
        with pytest.raises(Unavailable):  # a preview bills nothing, whatever becomes of it
            ask.make(id="3", form="preview")


def test_a_song_that_vanished_between_two_looks(ask: Asking, cloud: SoundstripeServer) -> None:
    del cloud.songs["3"]
    with pytest.raises(NotFound, match="no such track"):
        ask.make(id="3", form="full")


def test_no_more_than_its_pace() -> None:
    clock, slept = [0.0], []

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))
        clock[0] += seconds

    pace = Pace(3, 1.0, lambda: clock[0], sleep)
    for _ in range(7):
        pace()
        clock[0] += 0.1
    assert slept == [0.7, 0.7]


def test_keys_as_the_studio_writes_them() -> None:
    assert [key_of(*each) for each in (("A", "major"), ("b♭", "Minor"), ("H", "major"), ("", ""), ("C", "dorian"))] == [
        "A major", "Bb minor", "", "", "",
    ]  # fmt: skip


def test_nothing_is_left_lying_about(ask: Asking, cloud: SoundstripeServer, tmp_path: Path) -> None:
    cloud.faults["file"].extend([Fault(act="cut")] * 3)
    with pytest.raises(OutcomeUnknown):
        ask.make(id="3", form="full")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
