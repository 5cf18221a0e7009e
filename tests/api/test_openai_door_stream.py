"""The speech door as OpenAI's own client uses it while a service still holds the second sentence back."""

from __future__ import annotations

import base64
import json
import socket
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import openai
import pytest

from core.api.service import api
from core.app import Studio, build_studio
from core.kit.actor import LOCAL
from core.kit.settings import load_settings
from core.store import charges
from tests.clouds.elevenlabs import KEY, VOICE, ElevenLabsServer, Fault
from tests.clouds.elevenlabs_gate import Gate

PAID = f"elevenlabs:{VOICE}"
SCRIPT = "The first is here. The second waits. The third as well."


@pytest.fixture(scope="module")
def cloud() -> Iterator[ElevenLabsServer]:
    with ElevenLabsServer() as running:
        yield running


@pytest.fixture
def eleven(cloud: ElevenLabsServer) -> ElevenLabsServer:
    cloud.asked.clear()
    cloud.script.clear()
    cloud.spoken_of = list
    return cloud


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, cloud: ElevenLabsServer) -> Iterator[Studio]:
    home = tmp_path_factory.mktemp("door") / "home"
    made = build_studio(load_settings(home=home, elevenlabs_url=cloud.url, elevenlabs_api_key=KEY))
    made.ensure_worker()
    yield made
    made.close()


@pytest.fixture
def client(server: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{server}/v1", api_key="unused", max_retries=0, timeout=60)


def ended(studio: Studio, job_id: str) -> Any:
    return studio.jobs.wait(LOCAL, job_id, 60)


def test_the_official_client_hears_the_first_sentence_before_the_second_is_made(
    client: openai.OpenAI, studio: Studio, eleven: ElevenLabsServer
) -> None:
    gate = Gate(eleven, "The second")
    speech = client.audio.speech.with_streaming_response
    with speech.create(
        model="tts-1", voice=PAID, input=SCRIPT, response_format="pcm", stream_format="audio"
    ) as answer:  # fmt: skip
        assert answer.headers["content-type"] == "audio/pcm"
        chunks = answer.iter_bytes(4800)
        first = next(chunks)
        assert np.abs(np.frombuffer(first + next(chunks), "<i2")).max() > 500, "sound, not silence"
        assert not gate.open.is_set()
        gate.open.set()
        whole = first + b"".join(chunks)
        job = ended(studio, answer.headers["x-job-id"])
    assert job.status == "done", job.error
    piece = studio.jobs.assets(LOCAL, job.id)[0]
    assert len(whole) / 48_000 == pytest.approx(piece.duration_s, abs=0.3)


def test_events_are_those_that_the_sheet_names(client: openai.OpenAI, studio: Studio) -> None:
    speech = client.audio.speech.with_streaming_response
    with speech.create(
        model="gpt-4o-mini-tts", voice="alloy", input="One is here. Two.", response_format="pcm", stream_format="sse"
    ) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = [json.loads(line.removeprefix("data: ")) for line in answer.iter_lines() if line]
        job = ended(studio, answer.headers["x-job-id"])
    *deltas, done = events
    assert {each["type"] for each in deltas} == {"speech.audio.delta"}
    sound = b"".join(base64.b64decode(each["audio"]) for each in deltas)
    assert len(sound) / 48_000 == pytest.approx(studio.jobs.assets(LOCAL, job.id)[0].duration_s, abs=0.05)
    assert done["type"] == "speech.audio.done"
    assert done["usage"] == {"input_tokens": 16, "output_tokens": 0, "total_tokens": 16}


def test_a_client_that_hangs_up_ends_the_work(server: str, studio: Studio, eleven: ElevenLabsServer) -> None:
    gate = Gate(eleven, "The second")
    body = {"model": "tts-1", "voice": PAID, "input": SCRIPT, "response_format": "pcm", "stream_format": "audio"}
    with httpx.stream("POST", f"{server}/v1/audio/speech", json=body, timeout=60) as answer:
        job_id = answer.headers["x-job-id"]
        next(answer.iter_bytes())
        assert gate.reached.wait(60)
    until = time.monotonic() + 60
    while not studio.jobs.show(LOCAL, job_id).cancel_requested:
        assert time.monotonic() < until, "nobody noticed that the client left"
        time.sleep(0.02)
    gate.open.set()
    assert ended(studio, job_id).status == "cancelled"
    with studio.store.db.read() as connection:
        assert [charge.status for charge in charges.of_job(connection, job_id)] == ["settled", "settled"]
    assert len(eleven.speech) == 2


def test_a_client_that_hangs_up_before_the_first_sound_ends_the_work_too(
    server: str, studio: Studio, eleven: ElevenLabsServer
) -> None:
    gate = Gate(eleven, "The first")
    body = {"model": "tts-1", "voice": PAID, "input": SCRIPT, "stream_format": "audio"}
    place, asked = urlsplit(server), json.dumps(body).encode()
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=60) as line:
        head = f"POST /v1/audio/speech HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json\r\n"
        line.sendall(f"{head}Content-Length: {len(asked)}\r\n\r\n".encode() + asked)
        assert gate.reached.wait(60)
    job = studio.jobs.list(LOCAL)[0]
    until = time.monotonic() + 60
    while not studio.jobs.show(LOCAL, job.id).cancel_requested:
        assert time.monotonic() < until, "nobody noticed that the client left"
        time.sleep(0.02)
    gate.open.set()
    assert ended(studio, job.id).status == "cancelled"
    assert len(eleven.speech) == 1


def test_an_answer_that_breaks_is_not_taken_for_whole(server: str, eleven: ElevenLabsServer, studio: Studio) -> None:
    studio.voice.book.others(LOCAL)
    body = {"model": "tts-1", "voice": PAID, "input": SCRIPT, "response_format": "pcm", "stream_format": "audio"}
    eleven.script.extend([None, Fault(act="reset_read", billed=True)])
    got: list[bytes] = []
    with (
        httpx.stream("POST", f"{server}/v1/audio/speech", json=body, timeout=60) as answer,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        got.extend(answer.iter_bytes())
    assert len(b"".join(got)) > 20_000
    eleven.script.extend([None, Fault(act="reset_read", billed=True)])
    said = httpx.post(f"{server}/v1/audio/speech", json=body | {"stream_format": "sse"}, timeout=60)
    last = json.loads(said.text.strip().splitlines()[-1].removeprefix("data: "))
    assert last["type"] == "error"
    assert "billed" in last["error"]["message"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"voice": "nobody"}, openai.BadRequestError),
        ({"voice": "openai:alloy"}, openai.InternalServerError),
        ({"input": "long " * 150_000}, openai.BadRequestError),
        ({"model": "tts-9"}, openai.NotFoundError),
        ({"response_format": "wma"}, openai.BadRequestError),
    ],
)
def test_before_the_first_sound_an_error_is_an_answer(
    client: openai.OpenAI, values: dict[str, Any], kind: type[openai.APIStatusError]
) -> None:
    asked: dict[str, Any] = {"model": "tts-1", "voice": "alloy", "input": "Hello.", "stream_format": "audio"} | values
    with pytest.raises(kind):
        client.audio.speech.create(**asked)


def test_a_cap_that_is_reached_is_a_quota(client: openai.OpenAI, studio: Studio, eleven: ElevenLabsServer) -> None:
    studio.budgets.set_limit("day", Decimal("0.00001"))
    try:
        with pytest.raises(openai.RateLimitError) as told:
            client.audio.speech.create(model="tts-1", voice=PAID, input=SCRIPT, stream_format="sse")
    finally:
        studio.budgets.set_limit("day", Decimal(50))
    assert told.value.code == "insufficient_quota"
    assert eleven.speech == []


def test_a_preview_sounds_at_its_own_address(server: str, studio: Studio, eleven: ElevenLabsServer) -> None:
    gate = Gate(eleven, "The second")
    body = {"text": SCRIPT, "voice": PAID, "draft": True}
    told = httpx.post(f"{server}/api/voice/stream", json=body, timeout=60)
    assert told.status_code == 202, told.text
    assert told.headers["location"] == f"/api/jobs/{told.json()['job_id']}"
    with httpx.stream("GET", f"{server}{told.json()['stream_url']}", timeout=60) as answer:
        assert answer.headers["content-type"] == "audio/mpeg"
        next(answer.iter_bytes())
        assert not gate.open.is_set()
    gate.open.set()  # who only listened, and left, ends nothing
    job = ended(studio, told.json()["job_id"])
    assert job.status == "done", job.error
    again = httpx.get(f"{server}{told.json()['stream_url']}", timeout=60)
    assert again.status_code == 200
    assert len(again.content) > 4000
    other = studio.jobs.submit(LOCAL, "music", {}, title="no speech")
    assert httpx.get(f"{server}/api/voice/stream/{other.id}").status_code == 422
    assert httpx.get(f"{server}/api/voice/stream/{job.id}?format=wma").status_code == 422


def test_a_stream_waits_for_no_worker_that_is_not_there(tmp_path: Path) -> None:
    from fastapi.testclient import TestClient

    alone = build_studio(load_settings(home=tmp_path / "home"))
    with TestClient(api(alone), base_url="http://127.0.0.1") as asked:
        told = asked.post("/api/voice/stream", json={"text": "Hello."}).json()
        answer = asked.get(told["stream_url"])
    assert (answer.status_code, answer.json()["code"]) == (409, "not_ready")
    alone.close()


def test_the_voices_it_lists_can_be_asked_for(server: str, client: openai.OpenAI) -> None:
    names = httpx.get(f"{server}/v1/audio/voices", timeout=60).json()["voices"]
    assert {"alloy", "nova", PAID, "espeak:en-us+f3"} <= set(names)
    assert len(names) == len(set(names))
    for name in ("alloy", names[-1], "espeak:en-us+f3"):
        assert client.audio.speech.create(model="tts-1", voice=name, input="Hello.").content


def test_captions_beside_the_sound(server: str) -> None:
    body = {"model": "tts-1", "voice": "alloy", "input": "The harbour wakes. A rope creaks.", "response_format": "wav"}
    said = httpx.post(f"{server}/v1/audio/speech/captions", json=body, timeout=60)
    assert said.status_code == 200, said.text
    told = said.json()
    assert [each["word"] for each in told["words"]] == ["The", "harbour", "wakes.", "A", "rope", "creaks."]
    starts = [each["start"] for each in told["words"]]
    assert starts == sorted(starts)
    assert told["words"][-1]["end"] <= told["duration"]
    assert told["timing"] == "timed by the engine"
    assert base64.b64decode(told["audio"])[:4] == b"RIFF"
    assert httpx.get(f"{server}{told['audio_url']}").status_code == 200
    for form, begins in (("srt", "1\n00:00:0"), ("vtt", "WEBVTT"), ("json", "{")):
        alone = httpx.post(f"{server}/v1/audio/speech/captions", params={"format": form}, json=body, timeout=60)
        assert alone.text.startswith(begins), form
    refused = httpx.post(f"{server}/v1/audio/speech/captions", json=body | {"stream_format": "sse"}, timeout=60)
    assert refused.status_code == 400


def test_captions_of_a_service_say_how_they_were_timed(server: str, eleven: ElevenLabsServer) -> None:
    body = {"model": "tts-1", "voice": PAID, "input": "One is here."}
    told = httpx.post(f"{server}/v1/audio/speech/captions", json=body, timeout=60).json()
    assert told["timing"] == "timed by the engine"
    assert [each["word"] for each in told["words"]] == ["One", "is", "here."]
    assert len(eleven.speech) == 1
