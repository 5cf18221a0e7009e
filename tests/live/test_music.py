"""Music of the live services: the shortest piece of each, within the run's budget."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.errors import StudioError
from core.providers.base import Call
from core.store import charges
from core.store.jobs import DONE
from tests.contracts import music_checks as checks
from tests.live.conftest import MusicService

pytestmark = pytest.mark.live

SLOW_S = 600


def test_a_piece_is_made_kept_and_billed_within_its_reservation(live: Studio, composer: MusicService) -> None:
    if composer.plan:
        live.plans.choose(composer.name, composer.plan)
    wish: dict[str, Any] = {"prompt": "calm piano", "mood": "calm", "seconds": composer.seconds, "draft": True}
    job = live.jobs.wait(LOCAL, live.music.compose(LOCAL, provider=composer.name, **wish).id, timeout_s=SLOW_S)
    assert job.status == DONE, live.jobs.failure(job)
    primary = next(asset for asset in live.jobs.assets(LOCAL, job.id) if asset.role == "primary")
    assert primary.generation_config["provider"] == composer.name
    assert checks.sounds(live.library.file(LOCAL, primary.id)) > 1
    with live.store.db.read() as connection:
        (charge,) = charges.of_job(connection, job.id)
    assert charge.status == "settled"
    assert Decimal(0) <= charge.settled_usd <= charge.reserved_usd


def test_a_wrong_key_is_told_in_words_and_costs_nothing(live: Studio, composer: MusicService) -> None:
    engine: Any = live.registry.get("music", composer.name)
    folder = live.settings.work / f"refused-music-{composer.name}"
    folder.mkdir(parents=True, exist_ok=True)
    call = Call("refused", folder, live.children, key="no-such-key-000000:no-such-token-000000")
    request = checks.quick_request(composer.seconds)
    with pytest.raises(StudioError) as refused:
        engine.make(request, call) if engine.info.form == "make" else engine.start(request, call)
    checks.told_in_words(refused.value)
    assert getattr(refused.value, "cost_nothing", True)
