"""A script spoken by a service, through the real worker and ledger: OpenAI's SDK against the stand-in on loopback."""

from __future__ import annotations

import json
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
from core.store import charges
from core.store.assets import Asset
from core.store.jobs import Job
from tests.clouds.elevenlabs import KEY as ELEVEN_KEY
from tests.clouds.elevenlabs import SECONDS_A_CHARACTER, VOICE, ElevenLabsServer
from tests.clouds.elevenlabs import error as eleven_error
from tests.clouds.openai import KEY, OpenaiServer

SCRIPT = "# Opening\nThe harbour wakes. A rope creaks.\n\n# Close\n[speed 0.5]Slowly.[/speed] [pause 1s] The end."


@pytest.fixture
def server() -> Iterator[OpenaiServer]:
    with OpenaiServer() as running:
        yield running


@pytest.fixture
def desk(home: Path, server: OpenaiServer) -> Iterator[Studio]:
    opened = build_studio(load_settings(home=home, openai_base_url=server.url, openai_api_key=KEY))
    opened.ensure_worker()
    yield opened
    opened.close()


def ended(desk: Studio, job: Job) -> Job:
    return desk.jobs.wait(LOCAL, job.id, timeout_s=60)


def assets(desk: Studio, job: Job) -> dict[str, Asset]:
    return {asset.role or "": asset for asset in desk.jobs.assets(LOCAL, job.id)}


def bills(desk: Studio, job: Job) -> list[tuple[str, Decimal]]:
    with desk.store.db.read() as connection:
        return [(charge.status, charge.settled_usd) for charge in charges.of_job(connection, job.id)]


def speak(desk: Studio, **values: object) -> Job:
    given = {"text": SCRIPT, "voice": "openai:alloy", "model": "tts-1"} | values
    return ended(desk, desk.voice.speak(LOCAL, **given))  # type: ignore[arg-type]


def test_a_script_becomes_one_captioned_file(desk: Studio, server: OpenaiServer) -> None:
    job = speak(desk)
    assert job.status == "done", job.error
    assert [request.body["input"] for request in server.requests] == [
        "The harbour wakes. A rope creaks.", "Slowly.", "The end.",
    ]  # fmt: skip
    assert [request.body.get("speed", 1.0) for request in server.requests] == [1.0, 0.5, 1.0]
    made = assets(desk, job)
    assert set(made) == {"primary", "captions", "captions:srt", "captions:vtt", "captions:ass"}
    piece = made["primary"]
    assert piece.lufs == pytest.approx(-16, abs=0.3)
    assert [section["name"] for section in piece.generation_config["sections"]] == ["Opening", "Close"]
    told = json.loads(desk.library.file(LOCAL, made["captions"].id).read_text())
    assert " ".join(line["text"] for line in told["captions"]).split() == (
        ["The", "harbour", "wakes.", "A", "rope", "creaks.", "Slowly.", "The", "end."]
    )
    # The stand-in says a tone, in which no word can be found: that is noticed, and said.
    assert told["words"] == []
    assert piece.generation_config["captions"].startswith("by the sentence")
    assert piece.licence["id"] == "openai-output"
    spoken = sum(len(request.body["input"]) for request in server.requests)
    assert piece.cost_usd == Decimal(spoken) * Decimal("0.000015")
    assert [status for status, _ in bills(desk, job)] == ["settled"] * 3


def test_the_price_is_said_before_and_holds(desk: Studio, server: OpenaiServer) -> None:
    said = desk.voice.estimate(LOCAL, text=SCRIPT, voice="openai:alloy", model="tts-1")
    assert (said.provider, said.requests, said.sections) == ("openai", 3, 2)
    assert server.requests == []
    assert assets(desk, speak(desk))["primary"].cost_usd == said.usd


def test_a_whole_that_fits_no_cap_is_refused_before_its_first_part(desk: Studio, server: OpenaiServer) -> None:
    said = desk.voice.estimate(LOCAL, text=SCRIPT, voice="openai:alloy", model="tts-1")
    job = speak(desk, cap_usd=said.usd - Decimal("0.000001"))
    assert (job.status, job.error and job.error["code"]) == ("failed", "cap_job")
    assert server.requests == []
    assert bills(desk, job) == []


def test_a_failure_in_the_middle_is_retried_at_that_part(desk: Studio, server: OpenaiServer) -> None:
    server.faults.extend(["", "key"])
    job = speak(desk)
    assert job.status == "failed"
    assert [status for status, _ in bills(desk, job)] == ["settled", "released"]
    desk.jobs.retry(LOCAL, job.id)
    job = ended(desk, job)
    assert job.status == "done", job.error
    said = [request.body["input"] for request in server.requests]
    assert said.count("The harbour wakes. A rope creaks.") == 1, "what was paid for was bought again"
    assert [status for status, _ in bills(desk, job)].count("settled") == 3


def test_a_dialogue_of_two_engines(desk: Studio, server: OpenaiServer) -> None:
    job = speak(desk, text="Who is there? [voice Emma]It is me, from this machine.[/voice] Come in.")
    assert job.status == "done", job.error
    assert [request.body["input"] for request in server.requests] == ["Who is there?", "Come in."]
    piece = assets(desk, job)["primary"]
    assert piece.licence["title"].count("+") == 1, "the file carries both licences"
    assert piece.cost_usd == Decimal(len("Who is there?Come in.")) * Decimal("0.000015")


def test_what_the_engine_has_no_knob_for_is_named(desk: Studio) -> None:
    piece = assets(desk, speak(desk, text="One.", stability=0.2, pitch=-3))["primary"]
    assert piece.generation_config["ignored"] == ["stability"]


def test_a_draft_buys_two_hundred_characters(desk: Studio, server: OpenaiServer) -> None:
    speak(desk, text="This is a sentence of forty characters. " * 30, draft=True)
    assert sum(len(request.body["input"]) for request in server.requests) <= 200


def test_listening_does_not_spend_unasked(desk: Studio, server: OpenaiServer) -> None:
    with pytest.raises(MoneyError, match="not made unasked") as refused:
        desk.voice.preview_file(LOCAL, "openai:alloy")
    assert refused.value.code == "preview_costs"
    assert server.requests == []
    first = desk.voice.preview_file(LOCAL, "openai:alloy", max_usd=Decimal("0.05"))
    assert desk.voice.preview_file(LOCAL, "openai:alloy") == first
    assert len(server.requests) == 1


def test_unknown_models_and_voices_are_told(desk: Studio) -> None:
    with pytest.raises(UserError, match="no model"):
        desk.voice.speak(LOCAL, text="One.", voice="openai:alloy", model="tts-9")
    with pytest.raises(UserError, match="no voice"):
        desk.voice.speak(LOCAL, text="One.", voice="openai:nobody", model="tts-1")


def test_the_book_lists_it_only_where_it_is_set_up(desk: Studio, home: Path) -> None:
    assert any(voice.provider == "openai" for voice in desk.voice.book.voices(LOCAL, tier="premium"))
    keyless = build_studio(load_settings(home=home))
    assert not keyless.voice.book.voices(LOCAL, tier="premium")
    keyless.close()


@pytest.fixture
def eleven() -> Iterator[ElevenLabsServer]:
    with ElevenLabsServer() as running:
        yield running


@pytest.fixture
def rich(home: Path, eleven: ElevenLabsServer) -> Iterator[Studio]:
    opened = build_studio(load_settings(home=home, elevenlabs_url=eleven.url, elevenlabs_api_key=ELEVEN_KEY))
    opened.ensure_worker()
    yield opened
    opened.close()


def test_captions_are_as_exact_as_the_service_s_times(rich: Studio, eleven: ElevenLabsServer) -> None:
    """The stand-in says every character at a known time; half speed is stretched here, beyond what the service does."""
    text = "The harbour wakes. [speed 0.5]A rope creaks.[/speed]"
    job = speak(rich, text=text, voice=f"elevenlabs:{VOICE}", model="")
    assert job.status == "done", job.error
    first, second = eleven.speech
    assert second.body["voice_settings"]["speed"] == 0.7
    assert (first.body.get("next_text"), second.body.get("previous_text")) == ("A rope creaks.", "The harbour wakes.")
    made = assets(rich, job)
    words = json.loads(rich.library.file(LOCAL, made["captions"].id).read_text())["words"]
    assert [word["word"] for word in words] == ["The", "harbour", "wakes.", "A", "rope", "creaks."]
    # Silence at the front is cut and 40 ms put there; a character takes 62.5 ms at its own speed.
    assert words[1]["start_s"] - words[0]["start_s"] == pytest.approx(4 * SECONDS_A_CHARACTER, abs=0.03)
    slowed = words[4]["start_s"] - words[3]["start_s"]
    assert slowed == pytest.approx(2 * SECONDS_A_CHARACTER / 0.5, abs=0.06)
    assert made["primary"].generation_config["captions"] == "timed by the engine"
    assert len(made["primary"].generation_config["requests"]) == 2


def test_both_accounts_agree(rich: Studio, eleven: ElevenLabsServer) -> None:
    piece = assets(rich, speak(rich, text="The harbour wakes.", voice=f"elevenlabs:{VOICE}", model=""))["primary"]
    assert eleven.used == len("The harbour wakes.")
    assert piece.cost_usd == Decimal(eleven.used) * Decimal("0.0001")


def test_the_licence_is_that_of_the_plan_held_when_it_was_made(rich: Studio) -> None:
    before = assets(rich, speak(rich, text="One.", voice=f"elevenlabs:{VOICE}", model=""))["primary"]
    rich.plans.choose("elevenlabs", "creator")
    after = assets(rich, speak(rich, text="One.", voice=f"elevenlabs:{VOICE}", model=""))["primary"]
    assert (before.licence["id"], after.licence["id"]) == ("unknown", "elevenlabs-paid")
    assert after.cost_usd == 0, "the plan's allowance pays for it"


def test_the_voices_of_the_account_are_in_the_book(rich: Studio, eleven: ElevenLabsServer) -> None:
    for _ in range(3):
        found = rich.voice.book.find(LOCAL, "Rachel")
    assert found.id == f"elevenlabs:{VOICE}"
    assert len([asked for asked in eleven.asked if asked.path == "/v2/voices"]) == 1
    eleven.voices.append({"voice_id": "another", "name": "Another"})
    assert not any(voice.name == "Another" for voice in rich.voice.book.voices(LOCAL))


def test_a_service_that_does_not_answer_hides_no_other_voice(home: Path) -> None:
    gone = build_studio(load_settings(home=home, elevenlabs_url="http://127.0.0.1:9", elevenlabs_api_key=ELEVEN_KEY))
    assert gone.voice.book.voices(LOCAL, language="fr")
    assert "elevenlabs" in gone.voice.book.notes()
    assert gone.voice.book.find(LOCAL, f"elevenlabs:{VOICE}").provider == "elevenlabs"
    gone.close()


@pytest.mark.parametrize("voice", ["elevenlabs:anybody", "openai:alloy"])
def test_a_service_without_its_key_is_said_at_once(home: Path, voice: str) -> None:
    opened = build_studio(load_settings(home=home))
    with pytest.raises(SetupError, match="API_KEY is not set"):
        opened.voice.speak(LOCAL, text="One.", voice=voice)
    assert opened.jobs.list(LOCAL) == []
    opened.close()


def test_a_closed_service_says_so(home: Path) -> None:
    opened = build_studio(load_settings(home=home))
    with pytest.raises(SetupError, match="retired on 2025-12-31"):
        opened.voice.speak(LOCAL, text="One.", voice="playht:anybody")
    opened.close()


# What a stranger's review found, each of them once wrong.


def test_a_retry_is_not_refused_by_what_it_bought_itself(desk: Studio, server: OpenaiServer) -> None:
    said = desk.voice.estimate(LOCAL, text=SCRIPT, voice="openai:alloy", model="tts-1")
    server.faults.extend(["", "key"])
    job = speak(desk, cap_usd=said.usd)
    assert job.status == "failed"
    desk.jobs.retry(LOCAL, job.id)
    job = ended(desk, job)
    assert job.status == "done", job.error
    assert assets(desk, job)["primary"].cost_usd == said.usd


def test_a_script_wholly_in_another_voice(desk: Studio) -> None:
    text = "[voice openai:alloy]All of it.[/voice]"
    said = desk.voice.estimate(LOCAL, text=text)
    assert said.sellers == ("OpenAI",)
    assert said.usd > 0
    job = ended(desk, desk.voice.speak(LOCAL, text=text))
    assert job.status == "done", job.error
    back = desk.voice.estimate(LOCAL, text="[voice Emma]All of it.[/voice]", voice="openai:alloy")
    assert (back.sellers, back.usd) == ((), 0)


def test_a_plan_s_units_are_not_spent_by_listening(rich: Studio, eleven: ElevenLabsServer) -> None:
    rich.plans.choose("elevenlabs", "creator")
    with pytest.raises(MoneyError, match="units of your plan"):
        rich.voice.preview_file(LOCAL, f"elevenlabs:{VOICE}")
    assert eleven.speech == []


def test_who_asks_for_a_sample_twice_buys_it_once(desk: Studio, server: OpenaiServer) -> None:
    sample = {"text": "A sample.", "voice": "openai:alloy", "draft": True, "captions": False, "model": "tts-1"}
    alloy = desk.voice.book.find(LOCAL, "openai:alloy")
    first = desk.voice._sample(LOCAL, alloy, sample, Decimal(1))
    again = desk.voice._sample(LOCAL, alloy, sample, Decimal(1))
    assert first.id == again.id
    ended(desk, first)
    assert desk.voice._sample(LOCAL, alloy, sample, Decimal(1)).id == first.id
    assert len(server.requests) == 1


def test_what_a_plan_paid_for_outlives_a_failure(rich: Studio, eleven: ElevenLabsServer) -> None:
    """And is what it was bought as: the piece of before the plan stays private."""
    text, voice = "First part.\n\nSecond part.", f"elevenlabs:{VOICE}"
    rich.plans.choose("elevenlabs", "creator")
    rich.voice.book.others(LOCAL)  # so that the next request is for speech
    eleven.script.extend([None, eleven_error(401, "invalid_api_key")])
    job = speak(rich, text=text, voice=voice, model="")
    assert job.status == "failed"
    rich.jobs.retry(LOCAL, job.id)
    job = ended(rich, job)
    assert job.status == "done", job.error
    assert [asked.body["text"] for asked in eleven.speech].count("First part.") == 1
    assert assets(rich, job)["primary"].licence["id"] == "elevenlabs-paid"


def test_a_later_plan_clears_nothing_that_was_made_before(rich: Studio, eleven: ElevenLabsServer) -> None:
    rich.voice.book.others(LOCAL)  # so that the next request is for speech
    eleven.script.extend([None, eleven_error(401, "invalid_api_key")])
    job = speak(rich, text="First part.\n\nSecond part.", voice=f"elevenlabs:{VOICE}", model="")
    rich.plans.choose("elevenlabs", "creator")
    rich.jobs.retry(LOCAL, job.id)
    job = ended(rich, job)
    assert job.status == "done", job.error
    assert assets(rich, job)["primary"].licence["publish"] is False


def test_two_services_are_weighed_together(home: Path, server: OpenaiServer, eleven: ElevenLabsServer) -> None:
    both = build_studio(
        load_settings(
            home=home,
            openai_base_url=server.url,
            openai_api_key=KEY,
            elevenlabs_url=eleven.url,
            elevenlabs_api_key=ELEVEN_KEY,
        )
    )
    both.ensure_worker()
    text = f"{'One service. ' * 10}[voice elevenlabs:{VOICE}]{'Another service. ' * 10}[/voice]"
    said = both.voice.estimate(LOCAL, text=text, voice="openai:alloy", model="tts-1")
    assert said.sellers == ("OpenAI", "ElevenLabs")
    job = speak(both, text=text, cap_usd=said.usd - Decimal("0.000001"))
    assert (job.error or {}).get("code") == "cap_job"
    assert (server.requests, eleven.speech) == ([], [])
    both.close()


def test_what_would_last_for_hours_is_refused_before_it_is_bought(desk: Studio, server: OpenaiServer) -> None:
    text = "\n\n".join("Here is one of very many paragraphs." for _ in range(800))
    with pytest.raises(UserError, match="more than 2 hours"):
        desk.voice.speak(LOCAL, text=text, voice="openai:alloy", model="tts-1", paragraph_pause_ms=10_000)
    assert server.requests == []


def test_a_slip_in_the_model_s_name_buys_no_dearer_one(desk: Studio, server: OpenaiServer) -> None:
    client = TestClient(api(desk), base_url="http://127.0.0.1")
    body = {"text": "One.", "voice_id": "openai:alloy", "model": "tts-1-h"}
    answer = client.post("/api/audio-studio/ai-voice/generate", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "no_model")
    assert server.requests == []


def test_voices_are_written_down_when_a_script_is_submitted(rich: Studio) -> None:
    job = speak(rich, text="One. [voice Emma]Two.[/voice]", voice="Rachel", model="")
    assert job.status == "done", job.error
    assert set(rich.jobs.show(LOCAL, job.id).request["cast"]) == {f"elevenlabs:{VOICE}", "Emma"}


def test_a_cast_of_two_engines_and_a_section_that_is_acted(desk: Studio, server: OpenaiServer) -> None:
    script = "ANNA: Who is there?\nBEN: Only me.\n\n# Night {emotion: sad, pause: 1s}\nThe rope creaks."
    cast = {"Anna": "openai:nova", "Ben": "Emma"}
    said = desk.voice.estimate(LOCAL, text=script, voice="openai:alloy", model="gpt-4o-mini-tts", speakers=cast)
    assert said.characters == len("Who is there?Only me.The rope creaks.")
    job = speak(desk, text=script, model="gpt-4o-mini-tts", speakers=cast)
    assert job.status == "done", job.error
    asked = [(request.body["voice"], request.body["input"]) for request in server.requests]
    assert asked == [("nova", "Who is there?"), ("alloy", "The rope creaks.")]
    first, second = (request.body.get("instructions", "") for request in server.requests)
    assert "sad" in second
    assert "sad" not in first
    config = assets(desk, job)["primary"].generation_config
    assert config["settings"]["speakers"] == cast
    assert "emotion" not in config["ignored"]


def test_an_emotion_in_the_text_that_no_voice_acts_is_named(desk: Studio) -> None:
    job = speak(desk, text="[emotion sad]Only me.[/emotion]", voice="Emma", model="")
    assert assets(desk, job)["primary"].generation_config["ignored"] == ["emotion"]
