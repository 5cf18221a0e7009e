"""Speech of the live services: a few characters each, the rest is free to ask."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.errors import StudioError
from core.store import charges
from core.store.jobs import DONE, Job
from core.voice.types import Voice
from tests.contracts import speech_checks as checks
from tests.live.conftest import Service

pytestmark = pytest.mark.live

TEXT = "One, two."
SLOW_S = 180


def voice_of(live: Studio, service: Service) -> Voice:
    """The first it has: which ones an account may use differs."""
    return next(each for each in live.voice.book.voices(LOCAL) if each.provider == service.name)


def spoken(live: Studio, service: Service, **values: Any) -> Job:
    given = {"text": TEXT, "voice": voice_of(live, service).id, "model": service.model, "draft": True}
    return live.jobs.wait(LOCAL, live.voice.speak(LOCAL, **given | values).id, timeout_s=SLOW_S)  # type: ignore[arg-type]


def test_a_sentence_is_spoken_timed_and_billed_within_its_reservation(live: Studio, service: Service) -> None:
    job = spoken(live, service)
    assert job.status == DONE, live.jobs.failure(job)
    found = {asset.role: asset for asset in live.jobs.assets(LOCAL, job.id)}
    primary = found["primary"]
    assert primary.generation_config["provider"] == service.name
    seconds = checks.sounds(live.library.file(LOCAL, primary.id))
    assert 0.3 < seconds < 10

    told = json.loads(live.library.file(LOCAL, found["captions"].id).read_text(encoding="utf-8"))
    captions = told["captions"]
    assert [each["text"] for each in captions] == [TEXT]
    assert 0 <= captions[0]["start_s"] < captions[0]["end_s"] <= seconds + 0.05
    if service.timed:
        assert [each["word"].strip(".,") for each in told["words"]] == ["One", "two"]

    with live.store.db.read() as connection:
        (charge,) = charges.of_job(connection, job.id)
    assert charge.status == "settled"
    assert Decimal(0) < charge.settled_usd <= charge.reserved_usd


def test_a_voice_it_does_not_have_is_told_in_words_and_costs_nothing(live: Studio, service: Service) -> None:
    """Of its own engine, since the gallery would not find such a voice and ask nobody."""
    from core.providers.base import Call
    from core.voice.engine import Utterance

    engine: Any = live.registry.get("speech", service.name)
    folder = live.settings.work / f"refused-{service.name}"
    folder.mkdir(parents=True, exist_ok=True)
    call = Call("refused", folder, live.children, key=live.registry.key(engine.info))
    with pytest.raises(StudioError) as refused:
        engine.make(Utterance(TEXT, "nosuchvoice0000000000", service.model), call)
    checks.told_in_words(refused.value)
    assert not list(folder.iterdir())


def test_what_is_free_to_ask_is_answered(live: Studio, service: Service) -> None:
    if service.name != "elevenlabs":
        pytest.skip(f"{service.name} has nothing that is free to ask")
    models = live.direct.query(LOCAL, "models", None, provider="elevenlabs").value
    assert service.model in {each["model_id"] for each in models}
    account = live.direct.query(LOCAL, "account", None, provider="elevenlabs").value
    assert account["tier"]


def test_the_whole_run_stays_within_its_budget(live: Studio) -> None:
    """Last on purpose: what all tests together were billed."""
    state = {each.scope: each for each in live.budgets.state(LOCAL.user_id)}
    assert state["day"].held_usd <= state["day"].limit_usd
