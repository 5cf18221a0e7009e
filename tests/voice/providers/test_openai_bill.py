"""OpenAI speech through the real metered call: what the ledger says."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.app import Studio, build_studio
from core.calls.asking import Ask
from core.jobs.registry import JobKind, Product
from core.jobs.work import Work
from core.kit.actor import LOCAL
from core.kit.settings import load_settings
from core.rights import licences
from core.store import charges
from core.store.jobs import Job
from core.voice.engine import Utterance
from core.voice.providers.openai import OpenaiSpeech
from tests.clouds.openai import KEY, OpenaiServer

HELLO = Utterance(text="Hello, this is a test of the voice.", voice="alloy", model="tts-1")
STEERED = replace(HELLO, model="gpt-4o-mini-tts", voice="marin")


@pytest.fixture
def shop(home: Path, migrated: Path, cloud: OpenaiServer) -> Iterator[Studio]:
    home.mkdir(parents=True)
    shutil.copy(migrated, home / "studio.sqlite")
    settings = load_settings(home=home, OPENAI_API_KEY=KEY)
    studio = build_studio(settings, providers=(OpenaiSpeech(base_url=cloud.url),))
    studio.kinds.add(JobKind("spoken", "net", _speak))
    studio.ensure_worker()
    yield studio
    studio.close()


def _speak(work: Work) -> Product:
    request = Utterance(**work.job.request)
    bought = work.buy("speech", request, provider="openai", model=request.model)
    return Product(
        outputs=bought.made.outputs, name="spoken", source="ai_voice", config={"model": bought.model},
        licence=licences.record(bought.licence), provider=bought.provider,
    )  # fmt: skip


def say(studio: Studio, request: Utterance) -> Job:
    fields = {"text": request.text, "voice": request.voice, "model": request.model}
    job = studio.jobs.submit(LOCAL, "spoken", fields, title="spoken")
    return studio.jobs.wait(LOCAL, job.id, 60)


def bills(studio: Studio, job: Job) -> list[tuple[str, str, Decimal]]:
    with studio.store.db.read() as connection:
        return [(c.model, c.status, c.settled_usd) for c in charges.of_job(connection, job.id)]


def held(studio: Studio) -> Decimal:
    with studio.store.db.read() as connection:
        return charges.held(connection)


def error_of(job: Job) -> dict[str, Any]:
    assert job.error is not None
    return dict(job.error)


def test_a_success_is_billed_once(shop: Studio, cloud: OpenaiServer) -> None:
    job = say(shop, HELLO)
    assert job.status == "done", job.error
    usd = len(HELLO.text) * Decimal("0.000015")
    assert bills(shop, job) == [("tts-1", "settled", usd)]
    assert held(shop) == usd
    assert len(cloud.requests) == 1


def test_tokens_are_settled_as_the_service_counted_them(shop: Studio) -> None:
    job = say(shop, STEERED)
    usd = 9 * Decimal("0.0000006") + 42 * Decimal("0.000012")
    assert bills(shop, job) == [("gpt-4o-mini-tts", "settled", usd)]
    assert held(shop) == usd


def test_a_fault_of_the_service_is_tried_again_and_billed_once(shop: Studio, cloud: OpenaiServer) -> None:
    cloud.faults = ["fault", "rate"]
    job = say(shop, HELLO)
    assert job.status == "done", job.error
    assert [status for _, status, _ in bills(shop, job)] == ["released", "released", "settled"]
    assert held(shop) == len(HELLO.text) * Decimal("0.000015")
    assert len(cloud.requests) == 3


@pytest.mark.parametrize("fault", ["reset", "reset_body", "gateway", "type"])
def test_an_answer_that_got_lost_is_never_asked_for_again(shop: Studio, cloud: OpenaiServer, fault: str) -> None:
    cloud.faults = [fault]
    job = say(shop, HELLO)
    assert job.status == "unknown"
    assert error_of(job)["code"] == "outcome_unknown"
    assert [status for _, status, _ in bills(shop, job)] == ["reserved"]
    assert held(shop) == len(HELLO.text) * Decimal("0.000015")
    assert len(cloud.requests) == 1


@pytest.mark.parametrize("fault", ["key", "quota"])
def test_a_wrong_key_and_an_empty_account_are_not_tried_again(shop: Studio, cloud: OpenaiServer, fault: str) -> None:
    cloud.faults = [fault]
    job = say(shop, HELLO)
    assert job.status == "failed"
    assert error_of(job)["kind"] == "Rejected"
    assert KEY not in str(job.error)
    assert (len(cloud.requests), held(shop)) == (1, Decimal(0))


def test_a_cap_refuses_before_anything_is_sent(shop: Studio, cloud: OpenaiServer) -> None:
    shop.budgets.set_limit("job", Decimal("0.0001"))
    job = say(shop, HELLO)
    assert error_of(job)["code"] == "cap_job"
    assert (cloud.requests, held(shop), bills(shop, job)) == ([], Decimal(0), [])


def test_a_cancelled_job_that_was_heard_half_is_booked(shop: Studio, cloud: OpenaiServer) -> None:
    cloud.faults = ["slow"]
    text = "A longer text. " * 250
    job = shop.jobs.submit(LOCAL, "spoken", {"text": text, "voice": "alloy", "model": "tts-1"}, title="spoken")
    assert cloud.speaking.wait(30)
    shop.jobs.cancel(LOCAL, job.id)
    job = shop.jobs.wait(LOCAL, job.id, 60)
    assert job.status == "cancelled"
    assert bills(shop, job) == [("tts-1", "settled", len(text) * Decimal("0.000015"))]


def test_a_job_cancelled_just_before_the_request_costs_nothing(shop: Studio, cloud: OpenaiServer) -> None:
    def run(work: Work) -> Product:
        # Cancelled from the moment on that the money is reserved.
        ask = Ask(
            job_id=work.job.id, root_job_id=work.job.root_id, epoch=work.job.epoch, actor=work.actor, kind="speech",
            request=HELLO, folder=work.folder, provider="openai", model="tts-1", cancelled=lambda: bool(bills(shop, work.job)),
        )  # fmt: skip
        work.calls.buy(ask)
        raise AssertionError("it went on")

    shop.kinds.add(JobKind("stopped", "net", run))
    job = shop.jobs.wait(LOCAL, shop.jobs.submit(LOCAL, "stopped", {}, title="stopped").id, 60)
    assert job.status == "cancelled"
    assert bills(shop, job) == [("tts-1", "released", Decimal(0))]
    assert (cloud.requests, held(shop)) == ([], Decimal(0))
