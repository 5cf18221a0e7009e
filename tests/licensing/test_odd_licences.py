"""Licences that are awkward: one that ends today somewhere else, two that overlap, a track that its catalogue withdrew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.clock import today
from core.kit.errors import RightsError
from core.rights import scope
from core.rights.gate import Use
from core.sound.projects import document
from tests.licensing.catalogues import Stockroom, brought, opened

YOUTUBE = Use("youtube", commercial=True)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Studio, Stockroom]]:
    with opened(tmp_path_factory.mktemp("odd")) as made:
        yield made[0], made[1]


@pytest.fixture
def studio(shop: tuple[Studio, Stockroom]) -> Studio:
    return shop[0]


def held(studio: Studio, number: int, **values: object) -> str:
    return studio.licences.add(LOCAL, {"provider": "stockroom", "track_id": str(number), "title": ""} | values).id


@pytest.mark.parametrize(
    ("zone", "hour", "covered"),
    [
        ("Pacific/Kiritimati", 9, True),  # 23:00 there, the same day
        ("Pacific/Kiritimati", 11, False),  # 01:00 there, the day after
        ("Pacific/Pago_Pago", 23, True),  # still noon there
        ("UTC", 23, True),
    ],
)
def test_it_ends_today_somewhere_else(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, zone: str, hour: int, covered: bool
) -> None:
    full, day = brought(studio, 1), date(2026, 6, 15)
    licence = held(studio, 1, zone=zone, starts_on="2026-01-01", ends_on=day.isoformat())
    moment = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=hour)
    monkeypatch.setattr(scope, "now", lambda: moment)
    monkeypatch.setattr(scope, "today", lambda: day)
    verdict = studio.library.may(LOCAL, full.id, Use("youtube", commercial=True, on=day))
    studio.licences.remove(LOCAL, licence)
    assert verdict.allowed is covered, verdict.reasons
    assert covered or "ended on 2026-06-15" in verdict.reasons[0]


def test_of_two_that_overlap_the_one_that_covers_counts(studio: Studio, tmp_path: Path) -> None:
    full, day = brought(studio, 2), today()
    old = held(studio, 2, platforms=["youtube"], ends_on=day.isoformat(), certificate="OLD")
    new = held(studio, 2, platforms=["youtube", "web"], commercial=False, certificate="NEW", code="N-2")
    assert studio.library.may(LOCAL, full.id, YOUTUBE).rests_on == ((full.id, old),), "the other allows no commerce"
    web = studio.library.may(LOCAL, full.id, Use("web"))
    assert (web.rests_on, web.codes) == (((full.id, new),), ("N-2 for 'Piece 2'",))
    neither = studio.library.may(LOCAL, full.id, Use("web", commercial=True))
    assert not neither.allowed, "the rights of two licences do not add up"
    assert sorted("OLD" in each for each in neither.reasons) == [False, True], "each says what it lacks"
    studio.exporting.export(LOCAL, full.id, tmp_path / "out", use=YOUTUBE)
    third = held(studio, 2, platforms=["youtube"], certificate="LATER")
    assert studio.library.may(LOCAL, full.id, YOUTUBE).rests_on == ((full.id, old),), "what it rested on before"
    studio.licences.revoke(LOCAL, old, "over")
    assert studio.library.may(LOCAL, full.id, YOUTUBE).rests_on == ((full.id, third),)


def test_withdrawn_while_it_plays_in_a_project(shop: tuple[Studio, Stockroom], tmp_path: Path) -> None:
    """The file is here and the licence holds: it stays usable. A revoked licence ends that."""
    studio, catalogue = shop
    full = brought(studio, 3)
    licence = held(studio, 3)
    tracks = [{"name": "A", "role": "music", "clips": [{"asset_id": full.id}]}]
    project = studio.projects.create(LOCAL, "Film", document(tracks=tracks, planned_use={"platform": "youtube"})).id
    catalogue.gone.add("3")
    try:
        job = studio.jobs.wait(LOCAL, studio.sound.render(LOCAL, project, stems=False).id, 60)
        assert job.status == "done", job.error
        (piece,) = studio.jobs.assets(LOCAL, job.id)
        assert studio.exporting.export(LOCAL, piece.id, tmp_path / "out").path.exists()
        studio.licences.revoke(LOCAL, licence, "withdrawn by its owner")
        assert "withdrawn by its owner" in studio.timelines.open(LOCAL, project).clearance.reasons[0]  # type: ignore[union-attr]
        with pytest.raises(RightsError, match="withdrawn by its owner"):
            studio.sound.render(LOCAL, project)
    finally:
        catalogue.gone.discard("3")
