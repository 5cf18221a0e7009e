"""A failed piece gets one more try: only where somebody allowed for its price, once, and never twice after a crash.

The stand-in says a tone, in which nothing is spoken: every piece fails until it is given real speech to say.
"""

from __future__ import annotations

import base64
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.app import Studio, build_studio
from core.kit.actor import LOCAL
from core.kit.errors import UserError
from core.kit.settings import load_settings
from core.store import charges
from core.store.jobs import Job
from core.voice import piecewise
from tests.clouds.elevenlabs import KEY, VOICE, Asked, ElevenLabsServer
from tests.voice.conftest import Heard

TEXT = "The harbour wakes before the town does, and a rope creaks."
PRICE = Decimal(len(TEXT)) * Decimal("0.0001")
ROOM = Decimal("1")


@pytest.fixture
def server() -> Iterator[ElevenLabsServer]:
    with ElevenLabsServer() as running:
        yield running


@pytest.fixture
def desk(home: Path, server: ElevenLabsServer) -> Iterator[Studio]:
    opened = build_studio(load_settings(home=home, elevenlabs_url=server.url, elevenlabs_api_key=KEY))
    opened.ensure_worker()
    yield opened
    opened.close()


@pytest.fixture
def spoken(say: Callable[..., Heard]) -> dict[str, Any]:
    """What to put into an answer, so that the text is really said."""
    return {"audio_base64": base64.b64encode((say(TEXT).folder / "speech.wav").read_bytes()).decode()}


def says(server: ElevenLabsServer, *answers: dict[str, Any] | int) -> None:
    """What the service answers to one request for speech after the other: a tone with these fields put in its place, or an
    error. Requests for its lists are not counted."""
    speak, left = server.speak, list(answers)

    def answer(voice_id: str, asked: Asked) -> tuple[int, Any, dict[str, str]]:
        change = left.pop(0) if left else {}
        if isinstance(change, int):
            return change, {"detail": "no"}, {}
        status, body, headers = speak(voice_id, asked)
        return status, body | change, headers

    server.speak = answer  # type: ignore[method-assign]


def speak(desk: Studio, **values: Any) -> Job:
    asked = {"text": TEXT, "voice": f"elevenlabs:{VOICE}", "captions": False} | values
    return desk.jobs.wait(LOCAL, desk.voice.speak(LOCAL, **asked).id, 90)


def quality(desk: Studio, job: Job) -> dict[str, Any]:
    assert job.status == "done", job.error
    found: dict[str, Any] = desk.jobs.assets(LOCAL, job.id)[0].generation_config["quality"]
    return found


def bills(desk: Studio, job: Job) -> list[tuple[str, Decimal]]:
    with desk.store.db.read() as connection:
        return [(charge.status, charge.settled_usd) for charge in charges.of_job(connection, job.id)]


def test_nothing_beyond_the_estimate_is_bought_unasked(desk: Studio, server: ElevenLabsServer) -> None:
    job = speak(desk)
    told = quality(desk, job)
    assert (told["state"], [row["name"] for row in told["findings"]]) == ("failed", ["no_speech"])
    assert "no cap" in told["again"][0]["why_not"]
    assert len(server.speech) == 1


def test_the_better_of_two_is_taken_and_both_charges_stand(
    desk: Studio, server: ElevenLabsServer, spoken: dict[str, Any]
) -> None:
    says(server, {}, spoken)
    job = speak(desk, cap_usd=ROOM)
    told = quality(desk, job)
    assert told["state"] == "good"
    assert (told["again"][0]["taken"], told["again"][0]["first"]["state"]) == ("second", "failed")
    first, second = (asked.body.get("seed") for asked in server.speech)
    assert first is None
    assert second is not None
    assert bills(desk, job) == [("settled", PRICE)] * 2
    assert desk.jobs.assets(LOCAL, job.id)[0].cost_usd == 2 * PRICE


def test_a_second_that_is_no_better_leaves_the_first_and_there_is_no_third(
    desk: Studio, server: ElevenLabsServer
) -> None:
    told = quality(desk, speak(desk, cap_usd=ROOM))
    assert (told["state"], told["again"][0]["taken"]) == ("failed", "first")
    assert len(server.speech) == 2


def test_a_good_take_is_left_alone(desk: Studio, server: ElevenLabsServer, spoken: dict[str, Any]) -> None:
    says(server, spoken)
    told = quality(desk, speak(desk, cap_usd=ROOM))
    assert (told["state"], told["again"]) == ("good", [])
    assert len(server.speech) == 1


def test_a_cap_without_room_keeps_the_first_take(desk: Studio) -> None:
    job = speak(desk, cap_usd=2 * PRICE - Decimal("0.000001"))
    told = quality(desk, job)
    assert told["again"][0]["taken"] == "first"
    assert "cap" in told["again"][0]["why_not"]
    assert bills(desk, job) == [("settled", PRICE)]


def test_the_second_try_of_an_early_piece_never_takes_the_money_of_a_later_one(
    desk: Studio, server: ElevenLabsServer
) -> None:
    text = f"{TEXT}\n\n{TEXT}"
    job = speak(desk, text=text, cap_usd=2 * PRICE + PRICE / 2)
    told = quality(desk, job)
    assert told["pieces"] == 2
    assert len(server.speech) == 2
    assert all(row["why_not"] for row in told["again"])


def test_a_seed_that_was_asked_for_is_kept(desk: Studio, server: ElevenLabsServer) -> None:
    told = quality(desk, speak(desk, cap_usd=ROOM, seed=7))
    assert (told["state"], told["again"]) == ("failed", [])
    assert len(server.speech) == 1


def test_a_draft_is_not_judged(desk: Studio, server: ElevenLabsServer) -> None:
    job = speak(desk, draft=True, cap_usd=ROOM)
    assert "quality" not in desk.jobs.assets(LOCAL, job.id)[0].generation_config
    assert len(server.speech) == 1


def test_a_refused_second_try_is_no_failure(desk: Studio, server: ElevenLabsServer) -> None:
    says(server, {}, 422)
    job = speak(desk, cap_usd=ROOM)
    assert quality(desk, job)["again"][0]["taken"] == "first"
    assert [status for status, _ in bills(desk, job)] == ["settled", "released"]


def test_a_job_that_goes_on_buys_neither_take_again(
    desk: Studio, server: ElevenLabsServer, spoken: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    says(server, {}, spoken)
    with monkeypatch.context() as broken:
        broken.setattr(piecewise, "JoinRequest", _refuse)
        job = speak(desk, cap_usd=ROOM)
        assert job.status == "failed"
    desk.jobs.retry(LOCAL, job.id)
    job = desk.jobs.wait(LOCAL, job.id, 90)
    assert quality(desk, job)["again"][0]["taken"] == "second"
    assert len(server.speech) == 2
    assert bills(desk, job) == [("settled", PRICE)] * 2


def _refuse(*_: object) -> None:
    raise UserError("The disk is full.", "Make room.")


_DYING = """
import os, signal, sys
from core.app import build_studio
from core.kit.settings import load_settings
from pathlib import Path
home, url, key, when = sys.argv[1:]
studio = build_studio(load_settings(home=Path(home), elevenlabs_url=url, elevenlabs_api_key=key, lease_seconds=2.0))
settle, seen = studio.calls.settle, []
def dying(*args, **values):
    seen.append(1)
    if len(seen) == 2 and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    settle(*args, **values)
    if len(seen) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
studio.calls.settle = dying
studio.worker().run()
"""


def crashed(home: Path, server: ElevenLabsServer, when: str) -> tuple[Studio, Job]:
    """A job whose worker was killed at the settling of the second take, and a studio that takes over."""
    settings = load_settings(home=home, elevenlabs_url=server.url, elevenlabs_api_key=KEY, lease_seconds=2.0)
    studio = build_studio(settings)
    job = studio.voice.speak(LOCAL, text=TEXT, voice=f"elevenlabs:{VOICE}", captions=False, cap_usd=ROOM)
    worker = subprocess.run([sys.executable, "-c", _DYING, str(home), server.url, KEY, when], timeout=60, check=False)
    assert worker.returncode == -signal.SIGKILL
    assert len(server.speech) == 2
    studio.ensure_worker()
    return studio, studio.jobs.wait(LOCAL, job.id, 90)


def test_killed_after_the_second_was_settled(home: Path, server: ElevenLabsServer, spoken: dict[str, Any]) -> None:
    says(server, {}, spoken)
    studio, job = crashed(home, server, "after")
    assert quality(studio, job)["again"][0]["taken"] == "second"
    assert len(server.speech) == 2
    assert bills(studio, job) == [("settled", PRICE)] * 2
    studio.close()


def test_killed_before_the_second_was_settled(home: Path, server: ElevenLabsServer, spoken: dict[str, Any]) -> None:
    """Nobody knows whether it was billed: a person says so, and then it is neither bought nor waited for again."""
    says(server, {}, spoken)
    studio, job = crashed(home, server, "before")
    assert job.status == "unknown"
    studio.jobs.resolve(LOCAL, job.id, billed=True)
    studio.jobs.retry(LOCAL, job.id)
    job = studio.jobs.wait(LOCAL, job.id, 90)
    told = quality(studio, job)
    assert (told["state"], told["again"][0]["taken"]) == ("failed", "first")
    assert "billed before" in told["again"][0]["why_not"]
    assert len(server.speech) == 2
    assert bills(studio, job) == [("settled", PRICE)] * 2
    studio.close()
