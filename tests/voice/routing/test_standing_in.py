"""Another voice instead of one that cannot: only where it was allowed, only after what cost nothing, never past a cap."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from core.kit.actor import LOCAL
from core.kit.errors import ProviderError, UserError
from core.store.jobs import Job
from core.voice.streaming import SpokenStream
from tests.clouds.elevenlabs import Fault, error
from tests.voice.routing.conftest import RACHEL, Desk

KEY_GONE = error(401, "invalid_api_key")
FIRST, SECOND = "The harbour wakes.", "A rope creaks."
TWO = f"{FIRST}\n\n{SECOND}"


def tries(desk: Desk, job: Job) -> list[tuple[str, str, str]]:
    found = desk.studio.jobs.attempts(LOCAL, job.id)
    return [(each.provider, each.status, f"{charge.settled_usd:f}" if charge else "") for each, charge in found]


def test_nobody_stands_in_unasked(desk: Desk) -> None:
    desk.eleven.script.append(KEY_GONE)
    job = desk.speak(TWO, voice=RACHEL)
    assert job.status == "failed"
    assert [provider for provider, _, _ in tries(desk, job)] == ["elevenlabs"]


def test_another_voice_says_the_whole_and_everything_says_so(desk: Desk) -> None:
    said = desk.studio.voice.estimate(LOCAL, text=TWO, voice=RACHEL, stand_in="whole")
    assert said.stand_ins == ("Emma",)
    desk.eleven.script.append(KEY_GONE)
    job = desk.speak(TWO, voice=RACHEL, stand_in="whole")
    piece = desk.piece(job)
    config = piece.generation_config
    assert (config["voice"], config["provider"], job.provider) == ("espeak:en-us+f3", "espeak", "espeak")
    assert config["stood_in"] == [
        {"for": RACHEL, "for_name": "Rachel", "voice": "espeak:en-us+f3", "name": "Emma", "engine": "espeak", "pieces": 2}
    ]  # fmt: skip
    (passed,) = config["failovers"]
    assert (passed["engine"], passed["voice"], passed["usd"]) == ("elevenlabs", RACHEL, "0")
    assert "does not accept the key" in passed["why"]
    assert tries(desk, job) == [
        ("elevenlabs", "failed", "0"),
        ("espeak", "succeeded", "0"),
        ("espeak", "succeeded", "0"),
    ]
    assert piece.cost_usd == desk.held_usd(job) == 0
    assert piece.licence["id"] == "own-work", "of what spoke; ElevenLabs' would be private"
    files = {asset.role: asset for asset in desk.studio.jobs.assets(LOCAL, job.id)}
    told = json.loads(desk.studio.library.file(LOCAL, files["captions"].id).read_text())
    assert told["spoken_by"] == ["Emma"]
    assert "NOTE Spoken by Emma" in desk.studio.library.file(LOCAL, files["captions:vtt"].id).read_text()


def test_a_preference_allows_it_for_every_request_and_a_request_forbids_it(desk: Desk) -> None:
    desk.studio.voice.routing.set(LOCAL, stand_in="whole")
    desk.eleven.script.append(KEY_GONE)
    assert desk.piece(desk.speak(FIRST, voice=RACHEL)).generation_config["provider"] == "espeak"
    desk.eleven.script.append(KEY_GONE)
    assert desk.speak(FIRST, voice=RACHEL, stand_in="never").status == "failed"


def test_a_listener_gets_no_second_voice_in_the_middle(desk: Desk) -> None:
    desk.eleven.script.extend([None, KEY_GONE])
    job = desk.speak(TWO, voice=RACHEL, stand_in="whole")
    assert job.status == "failed"
    assert job.error is not None
    assert "before piece 2 of 2 is kept" in job.error["hint"]
    assert [provider for provider, _, _ in tries(desk, job)] == ["elevenlabs", "elevenlabs"]
    piece = desk.piece(desk.again(job))
    assert desk.said().count(FIRST) == 1, "what was paid for was bought again"
    assert piece.generation_config["voice"] == RACHEL
    assert "stood_in" not in piece.generation_config


def test_mixed_voices_go_on_in_the_middle_and_carry_both_licences(desk: Desk) -> None:
    desk.eleven.script.extend([None, KEY_GONE])
    piece = desk.piece(desk.speak(TWO, voice=RACHEL, stand_in="mixed"))
    (row,) = piece.generation_config["stood_in"]
    assert (row["name"], row["pieces"]) == ("Emma", 1)
    assert piece.licence["title"].count("+") == 1
    assert piece.cost_usd == Decimal(len(FIRST)) * Decimal("0.0001")


def test_who_stood_in_goes_on_after_a_failure_of_its_own(desk: Desk) -> None:
    desk.studio.voice.routing.set(LOCAL, off=["espeak"])
    desk.eleven.script.append(KEY_GONE)
    desk.openai.faults.extend(["", "key"])
    job = desk.speak(TWO, voice=RACHEL, stand_in="whole", cap_usd=Decimal(1), captions=False)
    assert job.status == "failed"
    assert "of OpenAI" in json.dumps(job.error) or "OpenAI" in json.dumps(job.error)
    piece = desk.piece(desk.again(job))
    assert desk.said() == [FIRST], "the first voice was asked again"
    assert piece.generation_config["provider"] == "openai"
    assert [request.body["input"] for request in desk.openai.requests].count(FIRST) == 1


@pytest.mark.parametrize(
    "fault", [Fault(act="closed", billed=True), Fault(act="truncated", billed=True)], ids=["lost", "cut"]
)
def test_nobody_is_asked_after_what_may_have_cost_something(desk: Desk, fault: Fault) -> None:
    desk.eleven.script.append(fault)
    job = desk.speak(TWO, voice=RACHEL, stand_in="mixed")
    assert job.status == "unknown"
    assert [provider for provider, _, _ in tries(desk, job)] == ["elevenlabs"]


def test_a_dearer_voice_stands_in_only_under_a_cap_of_the_job(desk: Desk) -> None:
    """OpenAI's upper bound for so short a text is above what ElevenLabs would bill."""
    desk.studio.voice.routing.set(LOCAL, off=["espeak"])
    estimate = desk.studio.voice.estimate
    assert estimate(LOCAL, text=FIRST, voice=RACHEL, stand_in="whole").stand_ins == ()
    assert estimate(LOCAL, text=FIRST, voice=RACHEL, stand_in="whole", cap_usd=Decimal("0.002")).stand_ins == ()
    assert estimate(LOCAL, text=FIRST, voice=RACHEL, stand_in="whole", cap_usd=Decimal(1)).stand_ins == ("Alloy",)


@pytest.mark.parametrize("scope", ["user_day", "day", "month", "job"])
def test_a_cap_holds_under_failover(desk: Desk, scope: str) -> None:
    """The room went away between submitting and speaking: nothing is bought of a script that would not fit."""
    desk.studio.voice.routing.set(LOCAL, off=["espeak"])
    desk.studio.jobs.pause(LOCAL)
    job = desk.studio.voice.speak(LOCAL, text=TWO, voice=RACHEL, stand_in="mixed", cap_usd=Decimal(1), captions=False)
    assert "openai:alloy" in json.dumps(job.request["stand_ins"])
    limit = Decimal("0.004")  # room for ElevenLabs, not for OpenAI
    desk.studio.budgets.set_limit(scope, limit)
    desk.eleven.script.append(KEY_GONE)
    desk.studio.jobs.resume(LOCAL)
    ended = desk.studio.jobs.wait(LOCAL, job.id, timeout_s=60)
    assert ended.status == "failed"
    assert desk.openai.requests == []
    assert desk.held_usd(job) == 0 <= limit


def test_every_speaker_keeps_one_voice(desk: Desk) -> None:
    """Anna began with Rachel and cannot go on; Ben's voice is another matter."""
    desk.eleven.script.extend([None, KEY_GONE])
    text = "ANNA: Who is there?\nBEN: Only me.\nANNA: Come in."
    cast = {"Anna": RACHEL, "Ben": "James"}
    job = desk.speak(text, voice="Emma", speakers=cast, stand_in="whole")
    assert job.status == "failed"
    desk.eleven.script.append(KEY_GONE)
    piece = desk.piece(desk.speak(text, voice="Emma", speakers=cast, stand_in="whole"))
    assert [(row["for"], row["name"], row["pieces"]) for row in piece.generation_config["stood_in"]] == [
        (RACHEL, "Emma", 2)
    ]


def test_a_book_never_changes_its_voice(desk: Desk) -> None:
    desk.studio.voice.routing.set(LOCAL, stand_in="mixed")
    job = desk.studio.narrations.submit(LOCAL, text="# One\n\nIt wakes.\n\n# Two\n\nIt sleeps.", voice=RACHEL)
    assert all("stand_ins" not in item["request"] for item in job.request["items"])
    desk.studio.jobs.cancel(LOCAL, job.id)


def test_a_stream_hears_who_stands_in(desk: Desk) -> None:
    desk.eleven.script.append(KEY_GONE)
    stream: SpokenStream = desk.studio.voice.stream(LOCAL, format="wav", text=TWO, voice=RACHEL, stand_in="whole")
    heard = b"".join(stream)
    assert len(heard) > 20_000
    job = desk.studio.jobs.wait(LOCAL, stream.job_id, timeout_s=60)
    assert desk.piece(job).generation_config["voice"] == "espeak:en-us+f3"


def test_a_list_of_jobs_from_elsewhere_brings_no_voices_in(desk: Desk) -> None:
    desk.studio.jobs.pause(LOCAL)
    desk.studio.voice.speak(LOCAL, text=TWO, voice=RACHEL, stand_in="whole")
    listed = desk.studio.pending.export(LOCAL).model_dump(mode="json")
    listed["jobs"][0]["id"] = "job_of_elsewhere"
    (added,), _ = desk.studio.pending.bring_in(LOCAL, listed)
    assert "stand_ins" not in desk.studio.jobs.show(LOCAL, added).request
    desk.studio.pending.cancel_all(LOCAL)
    desk.studio.jobs.resume(LOCAL)


def test_a_voice_that_cannot_say_the_language_is_no_stand_in(desk: Desk) -> None:
    with pytest.raises(UserError, match="does not speak"):
        desk.studio.voice.estimate(LOCAL, text="Bonjour.", voice=RACHEL, language="fr", stand_in="whole")
    said = desk.studio.voice.estimate(
        LOCAL, text="Bonjour.", voice=RACHEL, model="eleven_flash_v2_5", language="fr", stand_in="whole"
    )
    found = [desk.studio.voice.book.find(LOCAL, name) for name in said.stand_ins]
    assert {voice.language for voice in found} == {"fr-fr"} or {voice.language[:2] for voice in found} == {"fr"}


def test_a_plan_that_sells_no_more_lets_another_speak_for_nothing(desk: Desk) -> None:
    desk.studio.plans.choose("elevenlabs", "free")
    long = "The harbour wakes before the town does. " * 150  # 6,000 of 10,000 characters
    desk.piece(desk.speak(long, voice=RACHEL, captions=False))
    spoken = len(desk.said())
    piece = desk.piece(desk.speak(long, voice=RACHEL, captions=False, stand_in="whole", cap_usd=Decimal(0)))
    assert (piece.generation_config["provider"], piece.cost_usd) == ("espeak", 0)
    assert "has" in piece.generation_config["failovers"][0]["why"]
    assert len(desk.said()) == spoken, "what the plan does not pay for was asked of it"


def test_a_sample_is_always_its_own_voice_s(desk: Desk) -> None:
    desk.studio.voice.routing.set(LOCAL, stand_in="mixed")
    desk.eleven.script.append(KEY_GONE)
    with pytest.raises(ProviderError, match="does not accept the key"):
        desk.studio.voice.preview_file(LOCAL, RACHEL, max_usd=Decimal(1))


def test_made_again_it_is_asked_of_the_voice_that_was_asked(desk: Desk) -> None:
    from ui_gradio.again import again

    desk.eleven.script.append(KEY_GONE)
    piece = desk.piece(desk.speak(FIRST, voice=RACHEL, model="eleven_flash_v2_5", stand_in="whole"))
    job = again(desk.studio, LOCAL, piece, fresh=False)
    assert (job.request["voice"], job.request["model"]) == (RACHEL, "eleven_flash_v2_5")
    desk.studio.jobs.cancel(LOCAL, job.id)
