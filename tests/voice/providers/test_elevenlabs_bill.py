"""ElevenLabs through the real metered call: the studio's ledger against the account the stand-in keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.app import Studio, build_studio
from core.calls.asking import NO_JOB, Ask, Bought
from core.kit.actor import LOCAL
from core.kit.errors import (
    MoneyError,
    OutcomeUnknown,
    Rejected,
    SetupError,
    UserError,
)
from core.kit.settings import load_settings
from core.store import charges
from core.voice.engine import Utterance
from core.voice.providers.elevenlabs import ElevenLabsSpeech
from tests.clouds.elevenlabs import DOUBTS, KEY, REFUSALS, ElevenLabsServer, Fault, error
from tests.clouds.elevenlabs_saying import SAY, TEXT


@pytest.fixture
def metered(home: Path, migrated: Path, server: ElevenLabsServer) -> Iterator[Callable[..., Studio]]:
    import shutil

    opened: list[Studio] = []

    def build(**settings: Any) -> Studio:
        home.mkdir(parents=True, exist_ok=True)
        shutil.copy(migrated, home / "studio.sqlite")
        given = {"elevenlabs_api_key": KEY} | settings
        built = build_studio(
            load_settings(home=home, **given), providers=(ElevenLabsSpeech(server.url, "wav_16000", 2.0),)
        )
        opened.append(built)
        return built

    yield build
    for each in opened:
        each.close()


def buy(studio: Studio, tmp_path: Path, request: Utterance = SAY, job_id: str = "call_one") -> Bought:
    return studio.calls.buy(
        Ask(job_id=job_id, root_job_id=job_id, epoch=NO_JOB, actor=LOCAL, kind="speech", request=request,
            folder=tmp_path, provider="elevenlabs", model=request.model)
    )  # fmt: skip


def booked(studio: Studio) -> list[tuple[str, Decimal, Decimal]]:
    with studio.store.db.read() as connection:
        rows = connection.execute(charges.table.select().order_by(charges.table.c.created_at)).mappings().all()
    return [(row["status"], Decimal(row["reserved_usd"]), Decimal(row["settled_usd"])) for row in rows]


PRICE = Decimal(len(TEXT)) * Decimal("0.0001")


def test_billed_once_here_and_there(metered: Callable[..., Studio], tmp_path: Path, server: ElevenLabsServer) -> None:
    studio = metered()
    bought = buy(studio, tmp_path)
    assert [(status, settled) for status, _, settled in booked(studio)] == [("settled", PRICE)]
    assert (server.made, server.used) == (1, len(TEXT))
    again = buy(studio, tmp_path)  # a restart comes by here again
    assert again.reused
    assert again.made.facts["words"] == bought.made.facts["words"]
    assert (server.made, len(booked(studio))) == (1, 1)


def test_a_tag_is_billed_too(metered: Callable[..., Studio], tmp_path: Path, server: ElevenLabsServer) -> None:
    studio = metered()
    buy(studio, tmp_path, replace(SAY, model="eleven_v4", emotion="excited"))
    assert server.used == len(TEXT) + len("[excited] ")
    assert booked(studio)[0][2] == Decimal(server.used) * Decimal("0.00008")


def test_a_fault_is_tried_again_and_billed_once(
    metered: Callable[..., Studio], tmp_path: Path, server: ElevenLabsServer
) -> None:
    studio = metered()
    server.script.extend([Fault(500, "oops"), error(429, "rate_limit_exceeded", retry_after_ms="30"), None])
    buy(studio, tmp_path)
    assert [(status, settled) for status, _, settled in booked(studio)] == [
        ("released", 0), ("released", 0), ("settled", PRICE),
    ]  # fmt: skip
    assert (len(server.asked), server.made, server.used) == (3, 1, len(TEXT))


@pytest.mark.parametrize("name", ["reset after reading", "truncated", "no sound"])
def test_a_doubt_is_never_repeated(
    metered: Callable[..., Studio], tmp_path: Path, server: ElevenLabsServer, name: str
) -> None:
    studio = metered()
    server.script.append(DOUBTS[name])
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            buy(studio, tmp_path)
    assert (len(server.asked), server.made) == (1, 1)
    assert booked(studio) == [("reserved", PRICE, 0)]
    (asked_of_a_person,) = studio.direct.unresolved(LOCAL)
    assert asked_of_a_person.provider == "elevenlabs"


@pytest.mark.parametrize("name", ["wrong key", "plan used up", "key may not", "no such voice"])
def test_a_refusal_is_not_tried_again(
    metered: Callable[..., Studio], tmp_path: Path, server: ElevenLabsServer, name: str
) -> None:
    studio = metered()
    server.script.append(REFUSALS[name])
    with pytest.raises(Rejected):
        buy(studio, tmp_path)
    assert (len(server.asked), server.used) == (1, 0)
    assert [(status, settled) for status, _, settled in booked(studio)] == [("released", 0)]


def test_the_account_runs_dry(metered: Callable[..., Studio], tmp_path: Path, server: ElevenLabsServer) -> None:
    studio = metered()
    server.limit = len(TEXT) + 5
    buy(studio, tmp_path)
    with pytest.raises(Rejected, match="used up"):
        buy(studio, tmp_path, job_id="call_two")
    assert server.used == len(TEXT)


def test_a_cap_refuses_before_anything_is_sent(
    metered: Callable[..., Studio], tmp_path: Path, server: ElevenLabsServer
) -> None:
    studio = metered(cap_day_usd=PRICE - Decimal("0.0001"))
    with pytest.raises(MoneyError):
        buy(studio, tmp_path)
    assert (server.asked, booked(studio)) == ([], [])


def test_bad_values_release_what_was_reserved(
    metered: Callable[..., Studio], tmp_path: Path, server: ElevenLabsServer
) -> None:
    studio = metered()
    with pytest.raises(UserError):
        buy(studio, tmp_path, replace(SAY, speed=1.9))
    assert ([row[0] for row in booked(studio)], server.asked) == (["released"], [])


def test_without_a_key_it_is_not_ready(metered: Callable[..., Studio], tmp_path: Path) -> None:
    studio = metered(elevenlabs_api_key=None)
    with pytest.raises(SetupError, match="STUDIO_ELEVENLABS_API_KEY"):
        buy(studio, tmp_path)
