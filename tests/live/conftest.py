"""The real services, asked through the product's own metered call under one budget for the whole run.

A service is asked when its key is in the environment: STUDIO_ELEVENLABS_API_KEY, STUDIO_OPENAI_API_KEY; for music also
those of the table MUSIC, where a plan is chosen for a service that sells nothing by the piece. What a run may cost in all
is WORKBENCH_LIVE_USD (default 0.75): it is the studio's cap, so nothing is bought past it. With
STUDIO_ELEVENLABS_URL and STUDIO_OPENAI_BASE_URL the same tests speak to a stand-in (tests/contracts/test_live_suite.py).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import pytest

from core.app import Studio, build_studio
from core.kit.settings import load_settings

BUDGET = "WORKBENCH_LIVE_USD"


@dataclass(frozen=True)
class Service:
    name: str
    key: str
    """Of the environment."""
    model: str
    """The cheapest it has."""
    timed: bool
    """It says when each word is spoken; of others the studio finds it where it can."""


SERVICES = (
    Service("elevenlabs", "STUDIO_ELEVENLABS_API_KEY", "eleven_flash_v2", timed=True),
    Service("openai", "STUDIO_OPENAI_API_KEY", "tts-1", timed=False),
)


@dataclass(frozen=True)
class MusicService:
    name: str
    key: str
    """Of the environment."""
    seconds: float
    """The shortest piece that says anything."""
    plan: str = ""
    """Whose allowance the piece is taken from, where nothing is sold by the piece. The account has to hold it."""


MUSIC = (
    MusicService("elevenlabs", "STUDIO_ELEVENLABS_API_KEY", 5.0),
    MusicService("stability", "STUDIO_STABILITY_API_KEY", 5.0),
    MusicService("stability3", "STUDIO_STABILITY_API_KEY", 5.0),
    MusicService("mubert", "STUDIO_MUBERT_API_KEY", 16.0, plan="trial"),
    MusicService("soundraw", "STUDIO_SOUNDRAW_API_KEY", 12.0, plan="api-starter"),
)
"""Beatoven and Lyria have neither a price nor a plan here, so they are never bought."""


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One studio for the whole run, so that its caps hold over all tests together."""
    most = Decimal(os.environ.get(BUDGET, "0.75"))
    opened = build_studio(
        load_settings(
            home=tmp_path_factory.mktemp("live") / "home", cap_job_usd=most, cap_day_usd=most, cap_month_usd=most,
            cap_user_day_usd=most,
        )
    )  # fmt: skip
    opened.ensure_worker()
    yield opened
    opened.close()


@pytest.fixture(params=SERVICES, ids=[each.name for each in SERVICES])
def service(request: pytest.FixtureRequest) -> Service:
    chosen: Service = request.param
    if not os.environ.get(chosen.key):
        pytest.skip(f"{chosen.key} is not set, so {chosen.name} is not asked")
    return chosen


@pytest.fixture(params=MUSIC, ids=[each.name for each in MUSIC])
def composer(request: pytest.FixtureRequest) -> MusicService:
    chosen: MusicService = request.param
    if not os.environ.get(chosen.key):
        pytest.skip(f"{chosen.key} is not set, so {chosen.name} is not asked for music")
    return chosen
