"""A job of kind music that a service makes, through a real studio and its books: paid once, whatever dies under way."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.errors import SetupError
from core.music.providers import hearing
from core.store import charges
from core.store.jobs import Job
from tests import forked
from tests.clouds import music_worker
from tests.clouds.mubert import MubertServer
from tests.clouds.service import HTML
from tests.clouds.stability import FILTERED, StabilityServer
from tests.contracts import music_checks as checks

SIGKILLED = -9
WISH: dict[str, Any] = {"prompt": "calm piano", "mood": "calm", "seconds": 16.0}


@pytest.fixture
def mubert() -> Iterator[MubertServer]:
    with MubertServer() as server:
        yield server


@pytest.fixture
def stability() -> Iterator[StabilityServer]:
    with StabilityServer() as server:
        yield server


@pytest.fixture
def settings(mubert: MubertServer, stability: StabilityServer) -> dict[str, Any]:
    return {
        "mubert_url": mubert.url, "mubert_api_key": mubert.KEY,
        "stability_url": stability.url, "stability_api_key": stability.KEY,
    }  # fmt: skip


@pytest.fixture
def studio(home: Path, settings: dict[str, Any]) -> Iterator[Studio]:
    opened = music_worker.build(home, **settings)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "_PAUSE_S", 0.0)


def ended(studio: Studio, provider: str, **values: Any) -> Job:
    job = studio.music.compose(LOCAL, provider=provider, **(WISH | values))
    studio.ensure_worker()
    return studio.jobs.wait(LOCAL, job.id, 60)


def bills(studio: Studio, job: Job) -> list[tuple[str, Decimal]]:
    with studio.store.db.read() as connection:
        return [(bill.status, bill.settled_usd) for bill in charges.of_job(connection, job.id)]


def test_a_piece_is_paid_kept_and_licensed(studio: Studio, stability: StabilityServer) -> None:
    job = ended(studio, "stability3")
    assert job.status == "done", job.error
    assert bills(studio, job) == [("settled", Decimal("0.26"))]
    (piece,) = studio.jobs.assets(LOCAL, job.id)
    assert piece.licence["id"] == "stability-output"
    assert piece.cost_usd == Decimal("0.26")
    assert piece.generation_config["provider"] == "stability3"
    assert piece.generation_config["sent"]["prompt"] == "calm piano"
    assert abs(checks.sounds(studio.library.file(LOCAL, piece.id)) - 16.0) < 0.2
    assert stability.made == 1


def test_a_plan_pays_where_nobody_knows_a_price(studio: Studio, mubert: MubertServer) -> None:
    with pytest.raises(SetupError) as refused:  # said before anything is queued
        ended(studio, "mubert")
    assert refused.value.code == "no_price"
    assert "plan" in refused.value.hint
    assert mubert.seen() == 0
    studio.plans.choose("mubert", "trial")
    job = ended(studio, "mubert")
    assert job.status == "done", job.error
    assert bills(studio, job) == [("settled", Decimal(0))]
    (state,) = [each for each in studio.plans.state() if each.plan.provider == "mubert"]
    assert state.used == 1
    assert mubert.made == 1


def test_what_was_made_and_cannot_be_fetched_is_left_to_a_person(studio: Studio, mubert: MubertServer) -> None:
    studio.plans.choose("mubert", "trial")
    mubert.faults["file"].extend([HTML] * 3)
    job = ended(studio, "mubert")
    assert job.status == "unknown"
    assert job.error is not None
    assert "could not be fetched: its link answers with text/html, not sound" in job.error["message"]
    assert mubert.made == len(mubert.creates()) == 1
    for secret in (mubert.KEY, mubert.token):
        assert secret not in str(job.error)


def test_what_the_filter_took_away_is_left_to_a_person(studio: Studio, stability: StabilityServer) -> None:
    stability.faults["create"].append(FILTERED)
    job = ended(studio, "stability")
    assert job.status == "unknown"
    assert job.error is not None
    assert "content filter" in job.error["message"]
    assert bills(studio, job) == [("reserved", Decimal(0))]
    assert len(stability.creates()) == 1


@pytest.mark.parametrize(
    ("stage", "ends"),
    [("after start", "unknown"), ("after check", "done"), ("before fetch", "done"), ("after fetch", "done")],
)
@pytest.mark.parametrize("provider", ["mubert", pytest.param("stability3", marks=pytest.mark.long)])
def test_killed_under_way_nothing_is_bought_twice(
    studio: Studio, settings: dict[str, Any], mubert: MubertServer, stability: StabilityServer, provider: str,
    stage: str, ends: str,
) -> None:  # fmt: skip
    cloud = mubert if provider == "mubert" else stability
    if provider == "mubert":
        studio.plans.choose("mubert", "trial")
    job = studio.music.compose(LOCAL, provider=provider, **WISH)
    dead = forked.start(music_worker.main, str(studio.settings.home), provider, stage, settings, environment={})
    assert dead.wait(timeout=90) == SIGKILLED
    assert len(cloud.creates()) == 1
    studio.ensure_worker()
    job = studio.jobs.wait(LOCAL, job.id, 60)
    assert job.status == ends, job.error
    assert len(cloud.creates()) == cloud.made == 1
    live = [status for status, _ in bills(studio, job) if status != "released"]
    assert live == ["settled" if ends == "done" else "reserved"]
