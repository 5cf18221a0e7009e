"""Sound effects through the real worker, ledger and gate: ElevenLabs' SDK against the stand-in on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from core.api.service import api
from core.app import Studio, build_studio
from core.kit.actor import LOCAL
from core.kit.errors import MoneyError, SetupError, UserError
from core.kit.settings import load_settings
from core.rights import gate
from core.store import charges
from core.store.assets import Asset
from core.store.jobs import DONE, Job
from tests.clouds.elevenlabs import KEY, ElevenLabsServer
from ui_gradio.again import again
from ui_gradio.parts.mixdesk import chosen


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


def ended(desk: Studio, job: Job) -> Job:
    return desk.jobs.wait(LOCAL, job.id, timeout_s=60)


def made(desk: Studio, **values: object) -> Asset:
    job = ended(desk, desk.effects.submit(LOCAL, **values))  # type: ignore[arg-type]
    assert job.status == DONE, desk.jobs.failure(job)
    (asset,) = desk.jobs.assets(LOCAL, job.id)
    return asset


def test_an_effect_is_bought_once_kept_and_mixed(desk: Studio, server: ElevenLabsServer) -> None:
    rain = made(desk, text="rain on\na tin roof", seconds=1, loop=True)
    assert (rain.kind, rain.source, rain.name) == ("sound_effect", "ai_sound", "rain on a tin roof")
    assert rain.cost_usd == Decimal("0.12")
    with desk.store.db.read() as connection:
        (charge,) = charges.of_job(connection, str(rain.job_id))
    assert (charge.kind, charge.status, charge.settled_usd) == ("sound_effect", "settled", Decimal("0.12"))
    assert rain.generation_config["prompt"] == "rain on a tin roof"
    # No plan is chosen, so nothing says that it may be sold.
    with desk.store.db.read() as connection:
        assert not gate.may(connection, rain, gate.Use(commercial=True)).allowed

    spoken = desk.jobs.assets(LOCAL, ended(desk, desk.voice.speak(LOCAL, text="It rains.", captions=False)).id)[0]
    mix = ended(desk, desk.sound.voice_over_music(LOCAL, [rain.id, spoken.id], None))
    assert mix.status == DONE, desk.jobs.failure(mix)
    _, document = desk.projects.open(LOCAL, mix.result["project_id"])
    assert {track.role: [clip.asset_id for clip in track.clips] for track in document.tracks} == {
        "voice": [spoken.id], "effects": [rain.id],
    }  # fmt: skip
    assert chosen(document)["voices"] == [rain.id, spoken.id]
    roles = {asset.role for asset in desk.jobs.assets(LOCAL, mix.id)}
    assert {"primary", "stem:voice", "stem:effects"} <= roles

    once_more = ended(desk, again(desk, LOCAL, rain, fresh=True))
    assert once_more.status == DONE
    assert server.asked[-1].body == server.asked[0].body


def test_a_cap_stops_it_before_anything_is_asked(desk: Studio, server: ElevenLabsServer) -> None:
    job = ended(desk, desk.effects.submit(LOCAL, text="a door", cap_usd=Decimal("0.05")))
    assert isinstance(desk.jobs.failure(job), MoneyError)
    assert not server.asked


def test_over_rest(desk: Studio) -> None:
    client = TestClient(api(desk))
    state = client.get("/api/sound/effects").json()
    assert (state["ready"], state["title"], Decimal(state["usd"])) == (True, "ElevenLabs", Decimal("0.12"))
    answer = client.post("/api/sound/effects?wait=60", json={"text": "a door", "seconds": 1})
    assert answer.status_code == 200, answer.text
    assert answer.json()["assets"][0]["kind"] == "sound_effect"
    for wrong in ({"text": ""}, {"text": "x" * 451}, {"text": "x", "seconds": 31}, {"text": "x", "influence": 2}):
        assert client.post("/api/sound/effects", json=wrong).status_code == 422, wrong


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"text": " \n "}, "Nothing says"), ({"text": "x" * 451}, "text = "), ({"text": "a", "seconds": 0.2}, "seconds = 0.2"),
        ({"text": "a", "influence": float("nan")}, "influence = nan"), ({"text": "a", "volume": 3}, "volume = 3"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_before_it_is_queued(desk: Studio, values: dict[str, object], said: str) -> None:
    with pytest.raises(UserError, match=said):
        desk.effects.submit(LOCAL, **values)  # type: ignore[arg-type]
    assert not desk.jobs.list(LOCAL)


def test_without_a_key_it_says_what_is_missing(studio: Studio) -> None:
    state = studio.effects.state()
    assert (state.ready, state.usd) == (False, None)
    assert "STUDIO_ELEVENLABS_API_KEY" in state.why
    with pytest.raises(SetupError, match="ElevenLabs, which is not ready"):
        studio.effects.submit(LOCAL, text="a door")
    client = TestClient(api(studio))
    assert client.get("/api/sound/effects").json()["ready"] is False
    answer = client.post("/api/sound/effects", json={"text": "a door"})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_effects")
