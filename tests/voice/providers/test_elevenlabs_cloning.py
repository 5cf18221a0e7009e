"""Cloning at ElevenLabs: the vendor's own SDK against a stand-in written from the contract sheet. Nothing is made twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.kit.errors import Cancelled, ProviderError, RateLimited, Rejected, SetupError, Unavailable, UserError
from core.providers.base import Call, Made
from core.voice.cloning.engine import Lesson
from core.voice.providers.elevenlabs_cloning import ElevenLabsCloning, ElevenLabsRemoval, ElevenLabsRenaming
from core.voice.providers.elevenlabs_voices import ElevenLabsVoices
from tests.clouds.elevenlabs import DOUBTS, KEY, REFUSALS, ElevenLabsServer, Fault, error, tone

LOST = ("silent", "truncated", "truncated, length not announced", "reset after reading", "closed without a word",
        "half of its JSON", "web page", "nothing")  # fmt: skip
"""Doubts in which the service may have done what was asked."""


@pytest.fixture
def lesson(tmp_path: Path) -> Lesson:
    paths = [tmp_path / "5f", tmp_path / "a0"]  # as the store names them: by their hash, without an ending
    paths[0].write_bytes(tone("wav_16000", 1.0))
    paths[1].write_bytes(tone("mp3_44100_128", 1.0))
    known = {"gender": "female", "age_range": "adult", "pitch_hz": "210.5"}
    return Lesson("Narrator", "warm and close", "en", tuple(map(str, paths)), known, "voice_1", 3)


@pytest.fixture
def learn(server: ElevenLabsServer, call: Call, lesson: Lesson) -> Callable[..., Made]:
    def make(*, timeout_s: float = 20.0, key: str = KEY, **values: Any) -> Made:
        return ElevenLabsCloning(server.url, timeout_s).make(replace(lesson, **values), replace(call, key=key))

    return make


def added(server: ElevenLabsServer) -> list[dict[str, Any]]:
    return [asked.body for asked in server.asked if asked.path == "/v1/voices/add"]


def test_what_is_sent_and_what_comes_back(learn: Callable[..., Made], server: ElevenLabsServer, lesson: Lesson) -> None:
    made = learn()
    (voice,) = server.clones.there
    assert made.outputs == ()
    assert made.facts == {"voice": voice["voice_id"], "older": [], "found": False}
    (sent,) = added(server)
    labels = json.loads(sent["labels"])
    mark = labels.pop("studio")
    assert mark.startswith("voice_1:3:")
    assert labels == {"gender": "female", "age": "adult", "language": "en"}
    assert (sent["name"], sent["description"]) == ("Narrator", "warm and close")
    assert sent["remove_background_noise"] == "false"
    files = [(name, kind) for name, kind, _ in sent["files"]]
    assert files == [("recording-1.wav", "audio/wav"), ("recording-2.mp3", "audio/mpeg")]
    assert [data for _, _, data in sent["files"]] == [Path(path).read_bytes() for path in lesson.recordings]


def test_asked_again_it_is_found(learn: Callable[..., Made], server: ElevenLabsServer) -> None:
    """As after a crash between the answer and what is written of it; on the second page of the list."""
    server.clones.slots = 200
    server.voices += [
        {"voice_id": f"other{number}", "category": "cloned", "labels": {"studio": f"voice_{number}9:3:x"}}
        for number in range(120)
    ]
    first, again = learn(), learn()
    assert again.facts == first.facts | {"found": True}
    assert len(added(server)) == 1


def test_other_recordings_are_another_lesson(learn: Callable[..., Made], lesson: Lesson) -> None:
    first = learn().facts["voice"]
    for changed in ({"version": 4}, {"recordings": lesson.recordings[:1]}):
        made = learn(**changed)
        assert made.facts["voice"] != first
        assert first in made.facts["older"]
    assert learn(recordings=lesson.recordings[::-1]).facts["voice"] == first, "their order says nothing"
    assert learn(id="voice_11").facts["older"] == []


def test_a_lesson_without_a_voice_claims_none(learn: Callable[..., Made], server: ElevenLabsServer) -> None:
    server.voices.append({"voice_id": "hers", "name": "Hers", "category": "cloned", "labels": None})
    assert learn(id="").facts["older"] == []


def test_a_voice_to_be_verified_is_kept_and_says_so(learn: Callable[..., Made], server: ElevenLabsServer) -> None:
    server.clones.verify = True
    made, again = learn(), learn()
    assert "prove whose voice this is" in made.facts["notice"]
    assert again.facts["notice"] == made.facts["notice"]
    server.clones.there[0]["voice_verification"]["is_verified"] = True
    assert "notice" not in learn().facts


# --- what goes wrong --------------------------------------------------------------------------------------------------

MEANINGS = {
    "no free slot": "voice slots",
    "wrong key": "does not accept the key",
    "plan used up": "used up",
    "key may not": "key may not do this",
    "shut out": "shut this account out",
    "to be paid": "lets this account clone no voice",
    "not in the plan": "lets this account clone no voice",
    "bad parameters": "refused the recordings or the name",
    "field by field": "refused the recordings or the name: text: field required",
}


@pytest.mark.parametrize("name", MEANINGS)
def test_a_refusal_says_why(learn: Callable[..., Made], server: ElevenLabsServer, name: str) -> None:
    server.script.extend([None, REFUSALS[name]])
    with pytest.raises(Rejected, match=MEANINGS[name]) as refused:
        learn()
    assert refused.value.hint
    assert KEY not in str(refused.value.as_dict())
    assert (len(server.asked), server.clones.there) == (2, [])


def test_the_free_plan_and_full_slots(learn: Callable[..., Made], server: ElevenLabsServer) -> None:
    server.tier = "free"
    with pytest.raises(Rejected, match="no voice cloning") as refused:
        learn()
    assert "Starter" in refused.value.hint
    server.tier, server.clones.slots = "starter", 0
    with pytest.raises(Rejected, match="voice slots"):
        learn()


@pytest.mark.parametrize("name", LOST)
def test_a_lost_answer_is_looked_for(learn: Callable[..., Made], server: ElevenLabsServer, name: str) -> None:
    server.script.extend([None, replace(DOUBTS[name], billed=True)])
    made = learn(timeout_s=2.0 if name == "silent" else 20.0)
    (voice,) = server.clones.there
    assert made.facts["voice"] == voice["voice_id"]
    assert len(added(server)) == 1


@pytest.mark.parametrize("fault", [Fault(act="reset_unread"), Fault(act="reset_read"), Fault(504, "<html>")])
def test_what_was_not_made_is_in_doubt_until_the_next_lesson(
    learn: Callable[..., Made], server: ElevenLabsServer, fault: Fault
) -> None:
    server.script.extend([None, fault])
    with pytest.raises(ProviderError, match="not known") as doubt:
        learn()
    assert (doubt.value.code, doubt.value.cost_nothing) == ("voice_in_doubt", False)
    assert "none is made twice" in doubt.value.hint
    assert server.clones.there == []
    learn()
    assert len(server.clones.there) == 1


def test_in_doubt_when_nobody_can_be_asked(learn: Callable[..., Made], server: ElevenLabsServer) -> None:
    server.script.extend([None, Fault(act="reset_read", billed=True), Fault(503, "busy")])
    with pytest.raises(ProviderError, match="not known") as doubt:
        learn()
    assert doubt.value.code == "voice_in_doubt"
    assert learn().facts["found"] is True
    assert len(added(server)) == 1


def test_limits_and_faults_may_be_tried_again(learn: Callable[..., Made], server: ElevenLabsServer) -> None:
    server.script.extend([None, error(429, "rate_limit_exceeded", retry_after="7")])
    with pytest.raises(RateLimited) as limited:
        learn()
    assert limited.value.wait_s == 7
    server.script.extend([None, Fault(500, "oops")])
    with pytest.raises(Unavailable):
        learn()
    assert len(server.asked) == 4


def test_without_a_list_nothing_is_made(learn: Callable[..., Made], server: ElevenLabsServer) -> None:
    server.script.append(Fault(act="truncated", billed=True))
    with pytest.raises(Unavailable):
        learn()
    assert added(server) == []


def test_a_slow_answer_is_an_answer(learn: Callable[..., Made], server: ElevenLabsServer) -> None:
    server.script.extend([None, Fault(act="slow", billed=True)])
    assert learn().facts["found"] is False


def test_what_cannot_work_is_never_sent(learn: Callable[..., Made], server: ElevenLabsServer, tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(10_000_001)
    with pytest.raises(UserError, match=r"10\.0 MB") as refused:
        learn(recordings=(str(large),))
    assert refused.value.hint
    for wrong in ((), (str(large),) * 26):
        with pytest.raises(UserError, match="recordings"):
            learn(recordings=wrong)
    with pytest.raises(SetupError, match="no key"):
        learn(key="")
    assert server.asked == []


def test_a_cancel_before_the_recordings_leave(server: ElevenLabsServer, call: Call, lesson: Lesson) -> None:
    with pytest.raises(Cancelled):
        ElevenLabsCloning(server.url).make(lesson, replace(call, cancelled=lambda: True))
    assert added(server) == []


# --- deleted and renamed ----------------------------------------------------------------------------------------------


def test_a_copy_is_deleted_and_one_that_is_gone_is_no_error(
    learn: Callable[..., Made], server: ElevenLabsServer, call: Call
) -> None:
    voice = learn().facts["voice"]
    removal = ElevenLabsRemoval(server.url)
    assert removal.query({"voice": voice}, call).value == {"deleted": [voice]}
    assert server.clones.there == []
    removal.query({"voice": voice}, call)
    server.script.append(error(400, "voice_not_found"))
    removal.query({"voice": voice}, call)


def test_copies_nobody_heard_of_go_too(learn: Callable[..., Made], server: ElevenLabsServer, call: Call) -> None:
    learn(), learn(version=4), learn(id="voice_11")
    server.voices.append({"voice_id": "hers", "name": "Hers", "category": "cloned"})
    ElevenLabsRemoval(server.url).query({"voice": "", "of": "voice_1"}, call)
    assert [voice["voice_id"] for voice in server.clones.there] == ["clone000000000000003", "hers"]
    ElevenLabsRemoval(server.url).query({"voice": "", "of": ""}, call)
    assert len(server.clones.there) == 2


@pytest.mark.parametrize("fault", [error(401, "missing_permissions"), Fault(500, "oops"), Fault(act="reset_read")])
def test_a_copy_that_was_not_deleted_is_said(server: ElevenLabsServer, call: Call, fault: Fault) -> None:
    server.script.append(fault)
    with pytest.raises(ProviderError):
        ElevenLabsRemoval(server.url).query({"voice": "some"}, call)


@pytest.mark.parametrize("voice", ["../user", "a b", "x/edit"])
def test_an_id_is_no_path(server: ElevenLabsServer, call: Call, voice: str) -> None:
    with pytest.raises(UserError):
        ElevenLabsRemoval(server.url).query({"voice": voice}, call)
    with pytest.raises(UserError):
        ElevenLabsRenaming(server.url).query({"voice": voice, "name": "x", "description": ""}, call)
    assert server.asked == []


def test_renamed_it_keeps_its_labels(learn: Callable[..., Made], server: ElevenLabsServer, call: Call) -> None:
    voice = learn().facts["voice"]
    before = dict(server.clones.there[0]["labels"])
    ElevenLabsRenaming(server.url).query({"voice": voice, "name": "Old man", "description": "x" * 2000}, call)
    (there,) = server.clones.there
    assert (there["name"], there["labels"], there["description"]) == ("Old man", before, "x" * 500)
    assert learn().facts == {"voice": voice, "older": [], "found": True}


def test_the_list_hands_the_mark_on(learn: Callable[..., Made], server: ElevenLabsServer, call: Call) -> None:
    learn()
    rows = ElevenLabsVoices(server.url).query({}, call).value
    assert [row["engine"].get("studio", "").partition(":")[0] for row in rows] == ["", "voice_1"]
