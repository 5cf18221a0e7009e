"""Learning: by one engine or several, again, refused, cut off; and what a crash leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.jobs.service import Jobs
from core.kit.actor import LOCAL
from core.kit.errors import Rejected, UserError
from core.store import jobs, voices
from core.store.jobs import Job
from core.store.voices import VoiceRow
from tests.voice.cloning.conftest import Desk


def row(desk: Desk, voice_id: str) -> VoiceRow:
    return desk.studio.cloning.get(LOCAL, voice_id)[0]


def test_a_voice_is_learned(desk: Desk, listed: Callable[[], list[str]]) -> None:
    """By whatever is on this machine, and no service unasked; voice matching is real, so it also speaks."""
    made = desk.create()
    assert listed() == []
    job = desk.ended(desk.studio.cloning.train(LOCAL, made.id))
    assert job.status == "done", job.error
    assert job.result is not None
    assert job.result["engines"] == ["matching", "parrot"]
    assert desk.cloud.lessons == []
    found = row(desk, made.id)
    assert found.status == "trained"
    assert found.training_started_at is not None
    assert found.training_completed_at is not None
    assert found.training_completed_at >= found.training_started_at
    assert listed() == ["Narrator"]
    assert 120 < found.characteristics["pitch_hz"]["value"] < 300
    assert 0 < (found.quality_score or 0) <= 1
    likeness = found.engines["matching"]["likeness"]
    assert likeness["label"] == "Voice matching, not a clone"
    timbre = next(each for each in likeness["measures"] if each["name"] == "Timbre")
    assert timbre["after"] < timbre["before"]
    spoken = desk.speak(found, "The harbour wakes.")
    assert spoken.status == "done", spoken.error
    assert spoken.provider == "matching"


def test_a_service_learns_it_only_when_named(desk: Desk) -> None:
    made = desk.trained("Narrator", "cockatoo")
    assert made.engines["cockatoo"]["voice"] == "cockatoo-1"
    assert len(desk.cloud.lessons) == 1
    assert desk.local.lessons == []
    assert len(desk.cloud.lessons[0].recordings) == 2


def test_one_engine_fails_and_another_learns(desk: Desk) -> None:
    desk.cloud.fault = Rejected("The service wants a paid plan.", "Choose a plan there.")
    made = desk.trained("Narrator", "parrot", "cockatoo")
    assert made.status == "trained"
    assert list(made.engines) == ["parrot"]
    assert made.error is not None
    assert "paid plan" in made.error["engines"]["cockatoo"]["message"]


def test_all_fail_and_the_voice_says_why(desk: Desk) -> None:
    desk.local.fault = UserError("The recordings are too short.", "Add one.")
    made = desk.create()
    job = desk.ended(desk.studio.cloning.train(LOCAL, made.id, ["parrot"]))
    assert job.status == "failed"
    found = row(desk, made.id)
    assert found.status == "failed"
    assert found.error is not None
    assert "too short" in found.error["message"]
    desk.local.fault = None
    desk.ended(desk.studio.cloning.train(LOCAL, made.id, ["parrot"]))
    assert row(desk, made.id).status == "trained"
    assert row(desk, made.id).error is None


def test_a_failed_second_lesson_takes_nothing_away(desk: Desk) -> None:
    made = desk.trained()
    desk.local.fault = UserError("Not today.", "Try tomorrow.")
    desk.ended(desk.studio.cloning.train(LOCAL, made.id, ["parrot"]))
    after = row(desk, made.id)
    assert after.status == "trained"
    assert after.engines == made.engines
    assert desk.speak(after).status == "done"


def test_learned_again_the_old_profile_goes(desk: Desk) -> None:
    made = desk.trained()
    held = desk.bytes_kept()
    desk.ended(desk.studio.cloning.train(LOCAL, made.id, ["parrot"]))
    after = row(desk, made.id)
    assert after.engines["parrot"]["profile"] != made.engines["parrot"]["profile"]
    assert desk.bytes_kept() == held
    assert after.sample_version == made.sample_version + 1


def test_pressing_twice_trains_once(desk: Desk) -> None:
    made = desk.create()
    desk.studio.jobs.pause(LOCAL)
    first = desk.studio.cloning.train(LOCAL, made.id, ["parrot"])
    assert desk.studio.cloning.train(LOCAL, made.id, ["parrot"]).id == first.id
    desk.studio.jobs.resume(LOCAL)
    desk.ended(first)
    assert len(desk.local.lessons) == 1


def test_two_presses_at_the_same_moment_train_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second comes when the first has looked and not yet written: as on another machine."""
    made, cloning = desk.create(), desk.studio.cloning
    desk.studio.jobs.pause(LOCAL)
    submit, presses = Jobs.submit, []

    def between(jobs: Jobs, *values: Any, **named: Any) -> Job:
        job = submit(jobs, *values, **named)
        if not presses:
            presses.append(job)
            presses.append(cloning.train(LOCAL, made.id, ["parrot"]))
        return job

    monkeypatch.setattr(Jobs, "submit", between)
    told = cloning.train(LOCAL, made.id, ["parrot"])
    late, first = presses
    assert told.id == first.id != late.id
    assert desk.studio.jobs.show(LOCAL, late.id).status == "cancelled"
    desk.studio.jobs.resume(LOCAL)
    assert desk.ended(first).status == "done"
    assert len(desk.local.lessons) == 1


def test_a_job_that_another_overtook_teaches_nothing(desk: Desk) -> None:
    """Whoever submitted it died before he could tell that he was not the first."""
    made = desk.trained()
    overtaken = {"voice_id": made.id, "engines": ["parrot"], "after": None}
    job = desk.ended(desk.studio.jobs.submit(LOCAL, "voice_training", overtaken, title="Voice"))
    assert (job.status, (job.error or {})["code"]) == ("failed", "already_running")
    assert len(desk.local.lessons) == 1
    assert desk.studio.cloning.get(LOCAL, made.id)[0].status == "trained"


@pytest.mark.parametrize(("end", "then"), [("cancelled", "pending"), ("failed", "failed")])
def test_a_training_that_ended_while_no_worker_ran_lets_its_voice_go(desk: Desk, end: str, then: str) -> None:
    made = desk.create()
    desk.studio.jobs.pause(LOCAL)
    job = desk.studio.cloning.train(LOCAL, made.id, ["parrot"])
    with desk.studio.store.db.write() as connection:
        voices.change(connection, made.id, status=voices.TRAINING)  # begun, and the worker died
    assert desk.studio.cloning.get(LOCAL, made.id)[0].status == "training"
    why = {"kind": "StudioError", "message": "It ended.", "hint": "", "code": end}
    with desk.studio.store.db.write() as connection:
        jobs.change(connection, job.id, status=end, error=why)
    (row,) = desk.studio.cloning.listing(LOCAL)
    assert (row.status, (row.error or {})["message"]) == (then, "It ended.")
    desk.studio.jobs.resume(LOCAL)
    assert desk.ended(desk.studio.cloning.train(LOCAL, made.id, ["parrot"])).status == "done"
    assert desk.studio.cloning.get(LOCAL, made.id)[0].status == "trained"


def test_a_voice_deleted_while_its_training_waits(desk: Desk) -> None:
    made = desk.create()
    desk.studio.jobs.pause(LOCAL)
    job = desk.studio.cloning.train(LOCAL, made.id, ["parrot"])
    desk.studio.cloning.delete(LOCAL, made.id)
    desk.studio.jobs.resume(LOCAL)
    assert desk.ended(job).status == "failed"
    assert desk.local.lessons == []
    assert desk.bytes_kept() == 0


def test_engines_that_cannot_be_asked(desk: Desk) -> None:
    made = desk.create()
    with pytest.raises(UserError, match="learns voices"):
        desk.studio.cloning.train(LOCAL, made.id, ["nobody"])
    for file in desk.studio.cloning.get(LOCAL, made.id)[1]:
        desk.studio.cloning.remove_recording(LOCAL, made.id, file.id)
    with pytest.raises(UserError, match="None of the recordings"):
        desk.studio.cloning.train(LOCAL, made.id, ["parrot"])
