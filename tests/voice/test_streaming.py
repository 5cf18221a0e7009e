"""Speech heard while it is made: through the real worker and ledger, with a service that holds sentences back."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import pytest
import soundfile

from core.app import Studio, build_studio
from core.audio.meters import integrated_lufs
from core.jobs import work
from core.kit.actor import LOCAL
from core.kit.errors import MoneyError, NotFound, OutcomeUnknown, RateLimited, Rejected, SetupError, UserError
from core.kit.settings import load_settings
from core.store import charges
from core.store.jobs import Job
from core.voice import listeners, pacing
from core.voice.streaming import SpokenStream
from tests.clouds.elevenlabs import KEY, VOICE, ElevenLabsServer, Fault, error
from tests.clouds.elevenlabs_gate import Gate

SCRIPT = "The first is here. The second waits. The third as well."
PAID = f"elevenlabs:{VOICE}"
RATE = 24_000


@pytest.fixture
def server() -> Iterator[ElevenLabsServer]:
    with ElevenLabsServer() as running:
        yield running


@pytest.fixture
def desk(home, server: ElevenLabsServer) -> Iterator[Studio]:  # type: ignore[no-untyped-def]
    opened = build_studio(load_settings(home=home, elevenlabs_url=server.url, elevenlabs_api_key=KEY))
    opened.ensure_worker()
    yield opened
    opened.close()


def some(stream: SpokenStream, least: int) -> bytes:
    """At least so many bytes, or all there are."""
    found = b""
    while len(found) < least:
        chunk = stream.read(20.0)
        assert chunk != b"", "nothing came"
        if chunk is None:
            break
        found += chunk
    return found


def heard(data: bytes) -> np.ndarray:  # type: ignore[type-arg]
    return np.frombuffer(data, "<i2").astype(np.float32) / 32768


def ended(desk: Studio, stream: SpokenStream) -> Job:
    return desk.jobs.wait(LOCAL, stream.job_id, timeout_s=60)


def bills(desk: Studio, job_id: str) -> list[tuple[str, Decimal]]:
    with desk.store.db.read() as connection:
        return [(charge.status, charge.settled_usd) for charge in charges.of_job(connection, job_id)]


def kept(desk: Studio, job: Job) -> tuple[np.ndarray, int]:  # type: ignore[type-arg]
    samples, rate = soundfile.read(desk.library.file(LOCAL, desk.jobs.assets(LOCAL, job.id)[0].id), dtype="float32")
    return samples, rate


def test_the_first_sentence_sounds_before_the_second_is_made(desk: Studio, server: ElevenLabsServer) -> None:
    gate = Gate(server, "The second")
    stream = desk.voice.stream(LOCAL, text=SCRIPT, voice=PAID, format="pcm")
    first = some(stream, RATE)  # half a second: nothing but the first sentence is there
    assert not gate.open.is_set()
    gate.open.set()
    rest = b"".join(stream)
    job = ended(desk, stream)
    assert job.status == "done", job.error
    assert [each.body["text"] for each in server.speech] == [
        "The first is here.",
        "The second waits.",
        "The third as well.",
    ]
    piece = desk.jobs.assets(LOCAL, job.id)[0]
    assert piece.duration_s == pytest.approx(len(first + rest) / 2 / RATE, abs=0.01), "heard and kept are one sound"
    assert piece.cost_usd == sum((usd for _, usd in bills(desk, job.id)), Decimal(0)) > 0
    assert piece.generation_config["provider"] == "elevenlabs"


@pytest.mark.parametrize("look_every_s", [None, 600.0])
def test_who_leaves_pays_what_was_made_and_no_more(
    desk: Studio, server: ElevenLabsServer, monkeypatch: pytest.MonkeyPatch, look_every_s: float | None
) -> None:
    """Also where the job itself did not look yet: the purchase does."""
    if look_every_s is not None:
        monkeypatch.setattr(work, "_LOOK_EVERY_S", look_every_s)
        monkeypatch.setattr(work, "_REPORT_EVERY_S", look_every_s)
    gate = Gate(server, "The second")
    stream = desk.voice.stream(LOCAL, text=SCRIPT, voice=PAID, format="pcm")
    some(stream, 1000)
    assert gate.reached.wait(60)
    stream.close()
    stream.close()
    gate.open.set()
    job = ended(desk, stream)
    assert job.status == "cancelled"
    assert len(server.speech) == 2, "a third sentence was bought for nobody"
    told = bills(desk, job.id)
    assert [status for status, _ in told] == ["settled", "settled"]
    assert sum((usd for _, usd in told), Decimal(0)) == Decimal(server.used) * Decimal("0.0001")


@pytest.mark.parametrize(
    ("fault", "kind", "second"),
    [
        (Fault(act="reset_read", billed=True), OutcomeUnknown, "reserved"),
        (Fault(act="reset_unread"), OutcomeUnknown, "reserved"),
        (error(404, "voice_not_found"), Rejected, "released"),
    ],
)
def test_a_service_that_breaks_in_the_middle(
    desk: Studio, server: ElevenLabsServer, fault: Fault, kind: type[Exception], second: str
) -> None:
    desk.voice.book.others(LOCAL)  # the list of voices is asked for first, and must not take the fault
    server.script.extend([None, fault])
    stream = desk.voice.stream(LOCAL, text=SCRIPT, voice=PAID, format="pcm")
    got: list[bytes] = []
    with pytest.raises(kind):
        got.extend(stream)
    assert len(b"".join(got)) / 2 / RATE > len("The first is here.") * 0.05, "what was made before it broke is heard"
    assert [status for status, _ in bills(desk, stream.job_id)] == ["settled", second]


def test_a_cap_is_met_before_the_first_sentence(desk: Studio, server: ElevenLabsServer) -> None:
    stream = desk.voice.stream(LOCAL, text=SCRIPT, voice=PAID, cap_usd=Decimal("0.0001"))
    with pytest.raises(MoneyError):
        stream.read(20.0)
    stream.close()
    assert server.speech == []
    assert bills(desk, stream.job_id) == []


@pytest.mark.parametrize(
    ("values", "kind", "code"),
    [
        ({"voice": "nobody"}, NotFound, "no_voice"),
        ({"text": "long " * 200_000}, UserError, ""),
        ({"text": " . "}, UserError, "empty_text"),
        ({"format": "wma"}, UserError, ""),
        ({"voice": "openai:alloy"}, SetupError, "provider_not_ready"),
    ],
)
def test_what_cannot_be_spoken_is_refused_at_once(
    desk: Studio, values: dict[str, str], kind: type[Exception], code: str
) -> None:
    with pytest.raises(kind) as told:
        desk.voice.stream(LOCAL, **({"text": SCRIPT, "voice": "Emma"} | values))  # type: ignore[arg-type]
    assert code in ("", told.value.code)  # type: ignore[attr-defined]
    assert desk.jobs.list(LOCAL) == []


def test_pauses_pitch_speed_and_the_dictionary_hold(desk: Studio, median_f0) -> None:  # type: ignore[no-untyped-def]
    text = "The harbour wakes. [pause 2s] [pitch -6]A rope creaks in the wind.[/pitch] GIF."
    values = {"text": text, "voice": "Adam", "speed": 1.5, "pitch": 3.0, "pronunciations": {"GIF": "jif"}}
    stream = desk.voice.stream(LOCAL, **values, format="pcm")  # type: ignore[arg-type]
    sound = heard(b"".join(stream))
    job = ended(desk, stream)
    whole, rate = kept(desk, job)
    assert sound.size / RATE == pytest.approx(whole.size / rate, abs=0.01)
    loud = np.flatnonzero(np.abs(sound) > 0.003)
    gaps = np.diff(loud)
    assert gaps.max() / RATE == pytest.approx(2.0, abs=0.1), "the pause of the script"
    begins = loud[int(gaps.argmax()) + 1]
    lower = sound[begins : begins + RATE]
    assert median_f0(sound[:begins], RATE) / median_f0(lower, RATE) == pytest.approx(2 ** (6 / 12), rel=0.12)
    asked = desk.jobs.show(LOCAL, job.id)
    piece = desk.jobs.assets(LOCAL, asked.id)[0]
    assert piece.generation_config["settings"]["speed"] == 1.5
    assert piece.generation_config["ignored"] == []
    alone = desk.voice.speak(LOCAL, **values)  # type: ignore[arg-type]
    other = desk.jobs.assets(LOCAL, desk.jobs.wait(LOCAL, alone.id, 60).id)[0]
    assert piece.duration_s == pytest.approx(other.duration_s, rel=0.1), "streamed or not, it lasts as long"


def test_what_is_heard_is_as_loud_as_what_is_kept(desk: Studio) -> None:
    stream = desk.voice.stream(LOCAL, text=SCRIPT, voice=PAID, volume_db=-6.0, format="pcm")
    sound = heard(b"".join(stream))[None, :]
    piece = desk.jobs.assets(LOCAL, ended(desk, stream).id)[0]
    assert piece.lufs == pytest.approx(-22.0, abs=0.3)
    assert integrated_lufs(sound, RATE) == pytest.approx(piece.lufs, abs=1.5)


def test_a_slow_or_late_listener_hears_the_rest_from_the_finished_file(
    desk: Studio, server: ElevenLabsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "STANDS_STILL_S", 0.2)
    text = "The first is here, and it takes long to say because nobody hurries. " * 12
    slow = desk.voice.stream(LOCAL, text=text, voice=PAID, format="pcm")
    begun = some(slow, 100)
    job = ended(desk, slow)  # it stands still, so the rest is made
    piece = desk.jobs.assets(LOCAL, job.id)[0]
    assert piece.duration_s is not None
    assert piece.duration_s > 40, "longer than what waits in pipes"
    sound = begun + b"".join(slow)
    assert len(sound) / 2 / RATE == pytest.approx(piece.duration_s, abs=0.05)
    assert desk.jobs.show(LOCAL, job.id).status == "done", "who heard all of it cancels nothing"
    late = desk.voice.listen(LOCAL, job.id, "pcm")
    assert len(b"".join(late)) / 2 / RATE == pytest.approx(piece.duration_s, abs=0.05)
    assert len(server.speech) == 12


def test_what_is_paid_for_is_not_made_long_before_it_is_heard(desk: Studio, server: ElevenLabsServer) -> None:
    text = "A sentence of this length lasts about five seconds, and there are many of them. " * 40
    stream = desk.voice.stream(LOCAL, text=text, voice=PAID, format="wav")
    assert stream.read(20.0)
    made = -1
    while made != len(server.speech):  # until it stands still
        made = len(server.speech)
        time.sleep(1.5)
    assert made < 20, "all of it was bought for somebody who hears the first sentence"
    stream.close()
    job = ended(desk, stream)
    assert job.status == "cancelled"
    bought = len(server.speech)
    assert bought <= made + 1, "more than what was under way was bought for nobody"
    assert [status for status, _ in bills(desk, job.id)] == ["settled"] * bought


def test_a_listener_who_stands_still_holds_no_worker(
    desk: Studio, server: ElevenLabsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "STANDS_STILL_S", 0.5)
    text = "A sentence of this length lasts about five seconds, and there are many of them. " * 15
    stream = desk.voice.stream(LOCAL, text=text, voice=PAID, format="wav")
    assert ended(desk, stream).status == "done"
    assert len(server.speech) == 15
    stream.close()


def test_phonemes_are_heard_when_the_whole_is_done(desk: Studio) -> None:
    stream = desk.voice.stream(
        LOCAL, text="A GIF. Then more.", voice="Emma", pronunciations={"GIF": "[[dZIf]]"}, format="pcm"
    )
    sound = b"".join(stream)
    piece = desk.jobs.assets(LOCAL, ended(desk, stream).id)[0]
    assert len(sound) / 2 / RATE == pytest.approx(piece.duration_s, abs=0.05)


def test_there_is_room_for_so_many_listeners(desk: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    job = desk.jobs.wait(LOCAL, desk.voice.speak(LOCAL, text="Once.", voice="Emma").id, 60)
    monkeypatch.setattr(desk.voice._streams, "_places", threading.BoundedSemaphore(1))
    one = desk.voice.listen(LOCAL, job.id)
    with pytest.raises(RateLimited):
        desk.voice.listen(LOCAL, job.id)
    one.close()
    desk.voice.listen(LOCAL, job.id).close()
    assert listeners.STREAMS_AT_ONCE >= 20
