"""The synced copy answers as its catalogue would: every filter, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.clock import now
from core.kit.errors import Unavailable
from core.licensing.matching import check, fits, search_of, wanted
from core.licensing.searching import FoundTracks
from core.store import catalogue_runs
from tests.licensing.conftest import Stocked
from tests.licensing.scripted_catalogue import SOLD, ScriptedCatalogue, track
from tests.servers import both_databases


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    yield from both_databases(request)


def find(studio: Studio, **values: Any) -> FoundTracks:
    return studio.catalogues.search(LOCAL, search_of(values))


@pytest.fixture
def ada() -> ScriptedCatalogue:
    made = [track("ada", number) for number in range(150)]
    made[3] = track("ada", 3, title="Ünïcode “Café” 夜曲", genres=("Lo-Fi", "R&B"), tags=("rain's", "a:b*c", "AND"))
    made[4] = track(
        "ada", 4, title="Nothing said", bpm=None, key="", duration_s=None, vocals=None, terms=SOLD, price_usd=None
    )
    made[5] = track("ada", 5, title="Dear", terms=SOLD, price_usd="19.99", instruments=("piano",))
    return ScriptedCatalogue("ada", made)


def copied(studio: Studio) -> None:
    studio.ensure_worker()
    job = studio.catalogue_sync.start(LOCAL, "ada")
    assert studio.jobs.wait(LOCAL, job.id, 60).status == "done"


SEARCHES: list[dict[str, Any]] = [
    {}, {"text": "PIECE"}, {"text": "cafe unicode"}, {"text": "夜曲"}, {"text": "rain"}, {"text": "nothing here at all"},
    {"genres": ["lofi"]}, {"genres": ["r&b", "folk"]}, {"moods": ["Happy"], "genres": ["electronic"]},
    {"instruments": ["Piano"]}, {"bpm_min": 90, "bpm_max": 100}, {"seconds_max": 100}, {"key": "am"}, {"vocals": "vocal"},
    {"licences": ["per-track"]}, {"licences": ["cc-by-4.0"]}, {"commercial": True, "to_picture": True},
    {"price_max_usd": 0}, {"price_max_usd": 20, "licences": ["per-track"]},
    {"text": "piece", "genres": ["electronic"], "bpm_min": 85, "seconds_min": 70, "vocals": "instrumental", "key": "A minor"},
]  # fmt: skip


def test_every_filter_finds_what_the_catalogue_would(stocked: Stocked, ada: ScriptedCatalogue) -> None:
    studio = stocked(ada)
    copied(studio)
    ada.asked.clear()
    for values in SEARCHES:
        found = find(studio, **values, page_size=100)
        more = find(studio, **values, page_size=100, page=2)
        search = check(search_of(values))
        right = {each.id for each in ada.tracks if fits(each, search, wanted(search))}
        assert {each.id for each in (*found.tracks, *more.tracks)} == right, values
        assert (found.total, found.sources[0].state) == (len(right), "copy"), values
        assert sum(count for _, count in found.facets["provider"]) == len(right), values
    assert not ada.asked, "nobody was asked"
    assert ("lo-fi", 1) in find(studio).facets["genres"]


@pytest.mark.parametrize("text", ['"', "'", "*", "a:b*c", "NEAR(", "AND", "rain's", ") OR (", "\\", "-x", "🎵", "&|!:"])
def test_no_text_breaks_the_index(stocked: Stocked, ada: ScriptedCatalogue, text: str) -> None:
    studio = stocked(ada)
    if not catalogue_ready(studio):
        copied(studio)
    assert find(studio, text=text).sources[0].state == "copy"


def catalogue_ready(studio: Studio) -> bool:
    with studio.store.db.read() as connection:
        return "ada" in catalogue_runs.copies(connection)


@pytest.mark.parametrize("sort", ["relevance", "title", "duration", "bpm", "newest", "popular"])
def test_pages_of_a_copy(stocked: Stocked, ada: ScriptedCatalogue, sort: str) -> None:
    studio = stocked(ada)
    copied(studio)
    pages = [find(studio, sort=sort, page=page, page_size=40) for page in (1, 2, 3, 4, 5)]
    ids = [each.id for page in pages for each in page.tracks]
    assert (len(ids), len(set(ids))) == (150, 150)
    assert [page.more for page in pages] == [True, True, True, False, False]


def test_what_is_gone_is_not_found(stocked: Stocked, ada: ScriptedCatalogue) -> None:
    studio = stocked(ada)
    copied(studio)
    del ada.tracks[3]
    ada.tracks[3] = track("ada", 4, title="Renamed altogether")
    copied(studio)
    assert not find(studio, text="unicode").tracks
    assert not find(studio, text="nothing said").tracks
    assert [each.id for each in find(studio, text="renamed alto").tracks] == ["t4"]
    assert find(studio).total == 149


def test_an_old_copy_only_steps_in(stocked: Stocked, ada: ScriptedCatalogue) -> None:
    bob = ScriptedCatalogue("bob", [track("bob", number) for number in range(3)])
    studio = stocked(ada, bob)
    copied(studio)
    found = find(studio, page_size=10)
    assert {each.provider: each.state for each in found.sources} == {"ada": "copy", "bob": "ok"}
    assert [each.provider for each in found.tracks[:4]] == ["ada", "bob", "ada", "bob"]
    assert found.total == 153
    with studio.store.db.write() as connection:
        connection.execute(update(catalogue_runs.table).values(ended_at=now() - timedelta(days=5)))
    assert find(studio, text="live").sources[0].state == "ok"
    ada.error = Unavailable("Down.")
    found = find(studio, text="piece", genres=["folk"])
    assert found.sources[0].state == "copy"
    assert found.sources[0].note == "It could not be asked, this is its copy: Down."
    assert found.sources[0].age_s > 4 * 86_400
